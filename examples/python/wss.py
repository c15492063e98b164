"""WS-Security for SOAP 1.1 and 1.2: signs Timestamp and Body with an X.509 key, verifies signed replies.

One way of what brama accepts is here: exclusive C14N, SHA-256, RSA (PKCS #1 v1.5) or ECDSA, the certificate as a
BinarySecurityToken. The class has the two methods that zeep asks of a `wsse` object, `apply` and `verify`.
"""

import base64
import datetime
import hashlib
import uuid

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from lxml import etree

ADDRESSING = "http://www.w3.org/2005/08/addressing"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = OASIS + "wssecurity-secext-1.0.xsd"
WSU = OASIS + "wssecurity-utility-1.0.xsd"
X509_TOKEN = OASIS + "x509-token-profile-1.0#X509v3"
BASE64 = OASIS + "soap-message-security-1.0#Base64Binary"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"

ID = f"{{{WSU}}}Id"
NAMESPACES = {"wsse": WSSE, "wsu": WSU, "ds": DS}


class NotTrusted(Exception):
    """The reply is not a fresh message signed by the gateway."""


class X509Signature:
    """Signs as one domain system and believes only the gateway's own certificates."""

    def __init__(self, key_pem, certificate_pem, gateway_pems, lifetime_seconds=300, skew_seconds=60):
        self.key = serialization.load_pem_private_key(key_pem, password=None)
        self.certificate = x509.load_pem_x509_certificate(certificate_pem)
        # The certificates that the gateway's operator gave us; whatever else a reply brings is not believed.
        self.trusted = {der(x509.load_pem_x509_certificate(pem)) for pem in gateway_pems}
        self.lifetime = datetime.timedelta(seconds=lifetime_seconds)
        self.skew = datetime.timedelta(seconds=skew_seconds)
        #: Whether the last reply was signed; an unsigned one can only be a fault.
        self.last_reply_signed = False

    # Requests

    def apply(self, envelope, headers):
        """Puts a Security header with token, Timestamp and Signature into the envelope.

        What WS-Addressing has put into the Header before is signed too.
        """
        body = envelope.find(soap(envelope, "Body"))
        header = envelope.find(soap(envelope, "Header"))
        if header is None:
            header = etree.Element(soap(envelope, "Header"))
            envelope.insert(0, header)
        signed = [body, *header.findall(f"{{{ADDRESSING}}}*")]
        for part in signed:
            part.set(ID, "part-" + uuid.uuid4().hex)
        security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE, "wsu": WSU})
        security.set(soap(envelope, "mustUnderstand"), "1")

        token = etree.SubElement(security, f"{{{WSSE}}}BinarySecurityToken", ValueType=X509_TOKEN, EncodingType=BASE64)
        token.set(ID, "token-" + uuid.uuid4().hex)
        token.text = base64.b64encode(der(self.certificate)).decode()

        timestamp = etree.SubElement(security, f"{{{WSU}}}Timestamp")
        timestamp.set(ID, "time-" + uuid.uuid4().hex)
        now = datetime.datetime.now(datetime.timezone.utc)
        for name, moment in (("Created", now), ("Expires", now + self.lifetime)):
            etree.SubElement(timestamp, f"{{{WSU}}}{name}").text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")

        security.append(self._signature([timestamp, *signed], token.get(ID)))
        return envelope, headers

    def _signature(self, parts, token_id):
        signature = etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS})
        info = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
        etree.SubElement(info, f"{{{DS}}}CanonicalizationMethod", Algorithm=EXCLUSIVE)
        method = RSA_SHA256 if isinstance(self.key, rsa.RSAPrivateKey) else ECDSA_SHA256
        etree.SubElement(info, f"{{{DS}}}SignatureMethod", Algorithm=method)
        for part in parts:
            reference = etree.SubElement(info, f"{{{DS}}}Reference", URI="#" + part.get(ID))
            transforms = etree.SubElement(reference, f"{{{DS}}}Transforms")
            etree.SubElement(transforms, f"{{{DS}}}Transform", Algorithm=EXCLUSIVE)
            etree.SubElement(reference, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
            etree.SubElement(reference, f"{{{DS}}}DigestValue").text = digest(part)
        value = etree.SubElement(signature, f"{{{DS}}}SignatureValue")
        value.text = base64.b64encode(self.sign_bytes(canonical(info))).decode()
        key_info = etree.SubElement(signature, f"{{{DS}}}KeyInfo")
        reference = etree.SubElement(key_info, f"{{{WSSE}}}SecurityTokenReference", nsmap={"wsse": WSSE})
        etree.SubElement(reference, f"{{{WSSE}}}Reference", URI="#" + token_id, ValueType=X509_TOKEN)
        return signature

    def certificate_bytes(self):
        """The system's certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def sign_bytes(self, message):
        """The key's signature of some bytes, as it stands in SignatureValue before base64."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        # XML Signature wants r and s side by side, each as long as the curve's order.
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        size = (self.key.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    # Replies

    def verify(self, envelope):
        """Raises NotTrusted unless the gateway signed exactly this Body and a fresh Timestamp.

        Faults before authentication are unsigned: they pass, marked by `last_reply_signed`.
        """
        self.last_reply_signed = False
        body = envelope.find(soap(envelope, "Body"))
        signature = envelope.find(soap(envelope, "Header") + "/wsse:Security/ds:Signature", NAMESPACES)
        if signature is None:
            if body is not None and body.find(soap(envelope, "Fault")) is not None:
                return
            raise NotTrusted("the reply is not signed")
        timestamp = envelope.find(soap(envelope, "Header") + "/wsse:Security/wsu:Timestamp", NAMESPACES)
        if body is None or timestamp is None:
            raise NotTrusted("the reply has no Body or no Timestamp")

        info = signature.find("ds:SignedInfo", NAMESPACES)
        if algorithm(info, "ds:CanonicalizationMethod") != EXCLUSIVE:
            raise NotTrusted("canonicalization method refused")
        certificate = self._certificate(envelope, signature)
        value = base64.b64decode(signature.findtext("ds:SignatureValue", namespaces=NAMESPACES))
        try:
            check_value(certificate.public_key(), algorithm(info, "ds:SignatureMethod"), value, canonical(info))
        except InvalidSignature:
            raise NotTrusted("the signature does not hold") from None

        signed = [self._signed_element(envelope, reference) for reference in info.findall("ds:Reference", NAMESPACES)]
        # Identity of nodes, not equality of ids: a signed copy elsewhere in the message proves nothing about this Body.
        for part in (body, timestamp):
            if not any(element is part for element in signed):
                raise NotTrusted(f"{etree.QName(part).localname} is not signed")
        self._check_time(timestamp)
        self.last_reply_signed = True

    def _certificate(self, envelope, signature):
        reference = signature.find("ds:KeyInfo/wsse:SecurityTokenReference/wsse:Reference", NAMESPACES)
        token = by_id(envelope, reference.get("URI", "") if reference is not None else "")
        certificate = x509.load_der_x509_certificate(base64.b64decode(token.text))
        if der(certificate) not in self.trusted:
            raise NotTrusted("the reply is signed by somebody else than the gateway")
        return certificate

    @staticmethod
    def _signed_element(envelope, reference):
        transforms = [one.get("Algorithm") for one in reference.findall("ds:Transforms/ds:Transform", NAMESPACES)]
        if transforms != [EXCLUSIVE] or algorithm(reference, "ds:DigestMethod") != SHA256:
            raise NotTrusted("transform or digest method refused")
        element = by_id(envelope, reference.get("URI", ""))
        if reference.findtext("ds:DigestValue", namespaces=NAMESPACES) != digest(element):
            raise NotTrusted(f"{etree.QName(element).localname} was changed after signing")
        return element

    def _check_time(self, timestamp):
        now = datetime.datetime.now(datetime.timezone.utc)
        created, expires = (moment(timestamp.findtext(f"wsu:{name}", namespaces=NAMESPACES)) for name in ("Created", "Expires"))
        if created - self.skew > now or now > expires + self.skew:
            raise NotTrusted("the reply is too old or from the future")


def check_value(key, method, value, message):
    """Raises InvalidSignature unless `value` is the key's signature of `message`."""
    if method == RSA_SHA256 and isinstance(key, rsa.RSAPublicKey):
        key.verify(value, message, padding.PKCS1v15(), hashes.SHA256())
    elif method == ECDSA_SHA256 and isinstance(key, ec.EllipticCurvePublicKey):
        half = len(value) // 2
        r, s = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    else:
        raise NotTrusted("signature method refused")


def soap(envelope, name):
    """The name in the namespace of the envelope's version of SOAP."""
    return f"{{{etree.QName(envelope).namespace}}}{name}"


def by_id(envelope, uri):
    """The only element with the id that the same-document URI names."""
    found = [element for element in envelope.iter("*") if uri.startswith("#") and element.get(ID) == uri[1:]]
    if len(found) != 1:
        raise NotTrusted("a reference does not name exactly one element")
    return found[0]


def algorithm(parent, name):
    element = parent.find(name, NAMESPACES)
    return None if element is None else element.get("Algorithm")


def canonical(element):
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def digest(element):
    return base64.b64encode(hashlib.sha256(canonical(element)).digest()).decode()


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def moment(text):
    return datetime.datetime.fromisoformat((text or "").replace("Z", "+00:00"))
