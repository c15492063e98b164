"""Makes a ds:Signature for a message as checks want it: every key reference, transform and algorithm, good or bad."""

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509 import SubjectKeyIdentifier
from lxml import etree

import pki
from canonical import exclusive, inclusive, parse, with_default_namespace
from names import BASE64, DIGESTS, METHODS, NAMESPACES, SKI, THUMBPRINT, TRANSFORMS, X509V3, q

#: Stands in the message where the signature will be.
GAP = "<!--podpis-->"
HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}


class Signature:
    """What `[signature]` of a check says, with the defaults filled in."""

    def __init__(self, spec):
        self.spec = {"signer": "rsa-2048", "key": "direct", "digest": "sha256", "transforms": ["exclusive"], "canonicalization": "exclusive"} | spec
        self.key, self.certificate = pki.load(self.spec["signer"])
        family = "rsa" if isinstance(self.key, rsa.RSAPrivateKey) else "ecdsa"
        self.method = self.spec.get("method", f"{family}-sha256")
        self.spec.setdefault("parts", None)

    def into(self, text):
        """The message with the signature in its gap."""
        text = text.replace(GAP, self.skeleton(parts_of(parse(text)) if self.spec["parts"] is None else self.spec["parts"]))
        document = parse(text)
        for reference in next(document.iter(q("ds", "SignedInfo"))).findall(q("ds", "Reference")):
            mark = reference.findtext(q("ds", "DigestValue"))
            text = text.replace(mark, self.digest_of(document, reference), 1)
        document = parse(text)
        signature = next(document.iter(q("ds", "Signature")))
        info = canonical(signature.find(q("ds", "SignedInfo")), self.spec["canonicalization"], self.spec.get("info_prefixes", ""))
        return text.replace("@@", self.spec.get("value", self.lines(self.sign(info))), 1)

    def skeleton(self, parts):
        prefix = self.spec.get("prefix", "ds")
        colon = prefix + ":" if prefix else ""
        references = "".join(self.reference(part, ordinal) for ordinal, part in enumerate(parts))
        text = (
            f'<ds:Signature xmlns:ds="{NAMESPACES["ds"]}"><ds:SignedInfo>'
            f"{algorithm('CanonicalizationMethod', TRANSFORMS[self.spec['canonicalization']], self.spec.get('info_prefixes', ''))}"
            f"<ds:SignatureMethod Algorithm=\"{METHODS[self.method]}\">{self.spec.get('method_content', '')}</ds:SignatureMethod>{references}</ds:SignedInfo>"
            f"<ds:SignatureValue>@@</ds:SignatureValue>{self.key_info()}{self.spec.get('object', '')}</ds:Signature>"
        )
        if self.spec.get("pretty"):
            text = text.replace("><ds:", ">\n  <ds:").replace("></ds:SignedInfo>", ">\n</ds:SignedInfo>")
        return text.replace("<ds:", "<" + colon).replace("</ds:", "</" + colon).replace("xmlns:ds=", f"xmlns:{prefix}=" if prefix else "xmlns=")

    def reference(self, part, ordinal):
        part = {"id": part} if isinstance(part, str) else part
        transforms = "".join(
            algorithm("Transform", TRANSFORMS[name], self.spec.get("prefixes", "") if name in ("exclusive", "token") else "", name == "token")
            for name in part.get("transforms", self.spec["transforms"])
        )
        return (
            f'<ds:Reference URI="{part.get("uri", "#" + part["id"])}"><ds:Transforms>{transforms}</ds:Transforms>'
            f'<ds:DigestMethod Algorithm="{DIGESTS[part.get("digest", self.spec["digest"])]}"/><ds:DigestValue>@@{ordinal}:{part["id"]}@@</ds:DigestValue></ds:Reference>'
        )

    def key_info(self):
        if "key_info" in self.spec:
            return self.spec["key_info"]
        certificate = self.certificate
        identifier = lambda kind, value: f'<wsse:KeyIdentifier EncodingType="{BASE64}" ValueType="{kind}">{base64.b64encode(value).decode()}</wsse:KeyIdentifier>'
        serial = (
            f"<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>{self.spec.get('issuer', certificate.issuer.rfc4514_string())}</ds:X509IssuerName>"
            f"<ds:X509SerialNumber>{certificate.serial_number}</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>"
        )
        references = {
            "direct": lambda: f'<wsse:Reference URI="#Certyfikat" ValueType="{X509V3}"/>',
            "issuer-serial": lambda: serial,
            "subject-key": lambda: identifier(SKI, certificate.extensions.get_extension_for_class(SubjectKeyIdentifier).value.digest),
            "thumbprint": lambda: identifier(THUMBPRINT, hashlib.sha1(pki.der(certificate)).digest()),
        }
        key = self.spec["key"]
        inner = references[key]() if key in references else key
        return f'<ds:KeyInfo><wsse:SecurityTokenReference wsu:Id="Odwolanie">{inner}</wsse:SecurityTokenReference></ds:KeyInfo>'

    def digest_of(self, document, reference):
        wanted = reference.findtext(q("ds", "DigestValue")).split(":", 1)[1].removesuffix("@@")
        element = by_id(document, wanted)
        form = exclusive(element)
        for transform in reference.iter(q("ds", "Transform")):
            name = next(name for name, uri in TRANSFORMS.items() if uri == transform.get("Algorithm"))
            listed = next((one.get("PrefixList") for one in transform.iter(q("ec", "InclusiveNamespaces"))), "")
            if name == "token":
                # WS-Security 1.1 §8.3: the apex of what STR-Transform gives always has a default namespace.
                form = with_default_namespace(exclusive(self.token(document, element), set(listed.split()) | {"#default"}))
            elif name in ("exclusive", "inclusive", "inclusive-1.1"):
                form = canonical(element, name, listed)
        method = next(name for name, uri in DIGESTS.items() if uri == reference.find(q("ds", "DigestMethod")).get("Algorithm"))
        return self.lines(hashlib.new(method, form).digest())

    def token(self, document, reference):
        """WS-Security 1.1 §8.3: the token itself, or one made of a certificate that is only named."""
        direct = reference.find(q("wsse", "Reference"))
        if direct is not None:
            return by_id(document, direct.get("URI")[1:])
        made = etree.Element(q("wsse", "BinarySecurityToken"), nsmap={reference.prefix: NAMESPACES["wsse"]}, ValueType=X509V3)
        made.text = base64.b64encode(pki.der(self.certificate)).decode()
        return made

    def sign(self, info):
        family, digest = (self.method.split("-")[0], self.method.split("-")[-1])
        if self.method.endswith("rsa-pss"):
            hash_ = HASHES.get(self.method.split("-")[0], hashes.SHA256)
            return self.key.sign(info, padding.PSS(padding.MGF1(hash_()), hash_.digest_size), hash_())
        if family == "hmac":
            return hmac.new(pki.der(self.certificate), info, digest).digest()
        hash_ = HASHES.get(digest, hashes.SHA256)()
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(info, padding.PKCS1v15(), hash_)
        # XML Signature wants r and s side by side, each as long as the curve's order.
        r, s = decode_dss_signature(self.key.sign(info, ec.ECDSA(hash_)))
        size = (self.key.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def lines(self, value):
        """Base64, in lines of `wrap` characters when the check says so."""
        text, width = base64.b64encode(value).decode(), self.spec.get("wrap")
        return text if width is None else "\n".join(text[at : at + width] for at in range(0, len(text), width))


def parts_of(document):
    """What is signed unless a check says otherwise: Body, Timestamp and every addressing header that has an id."""
    header, body = document.find("{*}Header"), document.find("{*}Body")
    stamps = [] if header is None else list(header.iter(q("wsu", "Timestamp")))
    blocks = [] if header is None else [one for one in header if one.tag in {q("wsa", name) for name in ADDRESSING}]
    return [one.get(q("wsu", "Id")) for one in (body, *stamps, *blocks) if one is not None and one.get(q("wsu", "Id"))]


ADDRESSING = ("Action", "MessageID", "To", "From", "ReplyTo", "FaultTo", "RelatesTo")


def canonical(element, name, prefixes=""):
    if name.startswith("inclusive"):
        return inclusive(element, "1.1" if name == "inclusive-1.1" else "1.0")
    return exclusive(element, prefixes.split())


def by_id(document, wanted):
    named = (one for one in document.iter("*") if wanted in (value for name, value in one.attrib.items() if etree.QName(name).localname in ("Id", "ID", "id")))
    return next(named)


def algorithm(element, uri, prefixes, parameters=False):
    inner = f'<ec:InclusiveNamespaces xmlns:ec="{NAMESPACES["ec"]}" PrefixList="{prefixes}"/>' if prefixes else ""
    if parameters:
        method = f'<ds:CanonicalizationMethod Algorithm="{NAMESPACES["ec"]}">{inner}</ds:CanonicalizationMethod>'
        inner = f"<wsse:TransformationParameters>{method}</wsse:TransformationParameters>"
    return f'<ds:{element} Algorithm="{uri}">{inner}</ds:{element}>'
