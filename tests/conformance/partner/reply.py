"""Reads an answer as a strict client does: its form by the norms, its signature, what it says."""

import base64
import gzip
import hashlib
import zlib
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

import pki
import query
from canonical import exclusive, parse
from names import BASE64, DIGESTS, METHODS, NAMESPACES, SOAP11, SOAP12, TRANSFORMS, X509V3, q
from package import unpack

CODES = {"VersionMismatch", "MustUnderstand", "DataEncodingUnknown", "Client", "Server", "Sender", "Receiver"}
#: Faults about the envelope itself; they have no detail.
BARE = {"VersionMismatch", "MustUnderstand", "DataEncodingUnknown"}


def read(content, content_type, coding, xpath, sent, trusted):
    """All that can be said of an answer; `problems` are breaches of a norm, each with its section."""
    content = {"": lambda one: one, "gzip": gzip.decompress, "deflate": zlib.decompress}[coding](content)
    package, inline = None, lambda document: document
    if content_type.startswith("multipart/"):
        content, inline, package = unpack(content, content_type)
    document = inline(parse(content))
    envelope = Envelope(document)
    problems = [*envelope.form(content), *envelope.echo(sent)]
    signed = []
    if envelope.is_to_be_signed():
        try:
            signed = Verifier(document, envelope.soap, trusted, sent["family"]).signed()
            missing = {"soap:Body"} | ({"wsu:Timestamp"} if sent["timestamped"] else set())
            problems += [f"WS-Security 1.1 §8.2: {one} is not signed" for one in sorted(missing - set(signed))]
        except (Untrusted, InvalidSignature) as reason:
            problems.append(f"the signature does not hold: {reason!r}")
    elif document.find(f".//{q('ds', 'Signature')}") is not None:
        problems.append("a fault without w:jednostka is signed")
    body = document.find(f"{{{envelope.soap}}}Body")
    return {
        "soap": "1.1" if envelope.soap == SOAP11 else "1.2",
        "root": None if not len(body) else etree.QName(body[0]).localname,
        "codes": envelope.codes(),
        "kod": document.findtext(f".//{q('w', 'kod')}") or "",
        "detail": envelope.detail() is not None,
        "signed": signed,
        "problems": problems,
        "package": package,
        "payload": hashlib.sha256(b"".join(exclusive(child) for child in body)).hexdigest(),
        "xpath": query.evaluate(document, xpath, sent),
        "text": etree.tostring(document, encoding="unicode"),
    }


class Envelope:
    def __init__(self, document):
        self.document = document
        self.soap = etree.QName(document).namespace
        self.body = document.find(f"{{{self.soap}}}Body")
        self.fault = None if self.body is None else self.body.find(f"{{{self.soap}}}Fault")

    def form(self, content):
        """Breaches of the form of an envelope and of a fault."""
        soap, root = f"{{{self.soap}}}", self.document
        if root.tag not in (f"{{{SOAP11}}}Envelope", f"{{{SOAP12}}}Envelope"):
            yield "SOAP 1.1 §4, SOAP 1.2 part 1 §5.1: the root is no Envelope"
        if [child.tag for child in root if isinstance(child.tag, str)] not in ([soap + "Header", soap + "Body"], [soap + "Body"]):
            yield "SOAP 1.2 part 1 §5.1, BP R1011: not Header? Body"
        if self.body is None or len(self.body) != 1:
            yield "BP R9981: the Body has not one child"
        for element in (root, *root):
            if any(name.startswith(soap) for name in element.attrib):
                yield "BP R1032: an attribute of SOAP on Envelope, Header or Body"
        if any(True for _ in root.iter(etree.ProcessingInstruction)) or root.getroottree().docinfo.doctype:
            yield "BP R1008, R1009: a DTD or a processing instruction"
        if b"xmlns:xml=" in content:
            yield "BP R1033: xmlns:xml is declared"
        if self.fault is not None:
            yield from self.form_of_1_1() if self.soap == SOAP11 else self.form_of_1_2()

    def form_of_1_1(self):
        names = [child.tag for child in self.fault]
        if names not in (["faultcode", "faultstring"], ["faultcode", "faultstring", "detail"]):
            yield f"BP R1000, R1001: children of the Fault are {names}"
        if not self.fault.find("faultstring").get("{http://www.w3.org/XML/1998/namespace}lang"):
            yield "BP R1016: faultstring has no xml:lang"
        if "." in self.fault.findtext("faultcode"):
            yield "BP R1031: dot notation"
        yield from self.about_detail(self.fault.findtext("faultstring"))

    def form_of_1_2(self):
        soap = f"{{{SOAP12}}}"
        names = [etree.QName(child).localname for child in self.fault if child.tag.startswith(soap)]
        if names not in (["Code", "Reason"], ["Code", "Reason", "Detail"]) or len(names) != len(self.fault):
            yield f"SOAP 1.2 part 1 §5.4: children of the Fault are {[child.tag for child in self.fault]}"
        texts = self.fault.findall(f"{soap}Reason/{soap}Text")
        if not texts or not all(one.get("{http://www.w3.org/XML/1998/namespace}lang") for one in texts):
            yield "SOAP 1.2 part 1 §5.4.2.1: Reason without Text that has xml:lang"
        yield from self.about_detail(texts[0].text if texts else "")

    def about_detail(self, said):
        codes = self.codes()
        if not codes or codes[0].split(":")[0] == "?":
            yield f"SOAP 1.1 §4.4.1, SOAP 1.2 part 1 §5.4.1: the code {codes} is no name in scope"
        elif codes[0].startswith("soap:") and codes[0][5:] not in CODES:
            yield f"SOAP 1.1 §4.4.1, SOAP 1.2 part 1 §5.4.6: no such code {codes}"
        detail = self.detail()
        if codes and codes[0][5:] in BARE:
            if detail is not None:
                yield "rule 8.1: a detail with a fault about the envelope"
        elif detail is None or detail.findtext(f"{q('w', 'Wyjatek')}/{q('w', 'komunikat')}") != said:
            yield "rule 8.1: the detail has no w:Wyjatek whose komunikat is the fault's sentence"

    def codes(self):
        """Code and subcodes, by the prefixes of names.py; the SOAP version's own namespace is `soap`."""
        if self.fault is None:
            return []
        if self.soap == SOAP11:
            return [qname(self.fault.find("faultcode"), self.soap)]
        return [qname(one, self.soap) for one in self.fault.find(f"{{{SOAP12}}}Code").iter(f"{{{SOAP12}}}Value")]

    def detail(self):
        return None if self.fault is None else self.fault.find("detail" if self.soap == SOAP11 else f"{{{SOAP12}}}Detail")

    def is_to_be_signed(self):
        """rule 8.2: faults are signed for authenticated callers, whose unit they repeat."""
        return self.fault is None or self.fault.find(f".//{q('w', 'jednostka')}") is not None

    def echo(self, sent):
        """rule 5.8: every answer repeats what it answers."""
        said = self.document.findtext(f".//{q('w', 'idZadania')}")
        if said not in (sent["task"], None) or said is None and self.fault is None:
            yield f"rule 5.8: idZadania is {said}"


def qname(element, soap):
    prefix, _, local = element.text.strip().rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    known = next((name for name, uri in (("soap", soap), *NAMESPACES.items()) if uri == namespace), "?")
    return f"{known}:{local}"


class Untrusted(Exception):
    pass


class Verifier:
    """WS-Security of an answer, to the Basic Security Profile 1.1 as far as it says more than the norms do."""

    def __init__(self, document, soap, trusted, family):
        self.document, self.soap = document, soap
        self.certificate = x509.load_pem_x509_certificate(Path(trusted[family]).read_bytes())
        self.security = only(document.findall(f"{{{soap}}}Header/{q('wsse', 'Security')}"), "one Security header")

    def signed(self):
        """Names of the signed elements."""
        signature = only(self.security.findall(q("ds", "Signature")), "one Signature")
        info = signature.find(q("ds", "SignedInfo"))
        expect(info.find(q("ds", "CanonicalizationMethod")).get("Algorithm") == TRANSFORMS["exclusive"], "BSP R5404: exclusive C14N")
        self.check_token(signature)
        self.check_value(info, base64.b64decode(signature.findtext(q("ds", "SignatureValue"))))
        return [self.check_reference(reference) for reference in info.findall(q("ds", "Reference"))]

    def check_token(self, signature):
        key_info = only(list(signature.find(q("ds", "KeyInfo"))), "BSP R5402: one child of KeyInfo")
        reference = only(list(key_info), "BSP R3061: one reference")
        expect(key_info.tag == q("wsse", "SecurityTokenReference"), "BSP R5417: a SecurityTokenReference")
        expect(reference.get("ValueType") == X509V3, "BSP R3059: ValueType of the reference")
        token = self.by_id(reference.get("URI"))
        expect(token.get("ValueType") == X509V3 and token.get("EncodingType") == BASE64, "BSP R3029, R3031: types of the token")
        expect(base64.b64decode(token.text) == pki.der(self.certificate), "rule 6.2: the gateway's certificate of the caller's family")
        following = [one for one in self.document.iter() if one is token or one is key_info]
        expect(following[0] is token, "BSP R5205: the token precedes its reference")

    def check_value(self, info, value):
        method = info.find(q("ds", "SignatureMethod")).get("Algorithm")
        key, message = self.certificate.public_key(), exclusive(info)
        if isinstance(key, rsa.RSAPublicKey) and method == METHODS["rsa-sha256"]:
            key.verify(value, message, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey) and method == METHODS["ecdsa-sha256"]:
            half = len(value) // 2
            expect(half == (key.curve.key_size + 7) // 8, "RFC 6931 §2.3.6: r and s side by side")
            r, s = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        else:
            raise Untrusted(f"signature method {method}")

    def check_reference(self, reference):
        transforms = [one.get("Algorithm") for one in reference.iter(q("ds", "Transform"))]
        expect(transforms == [TRANSFORMS["exclusive"]], "BSP R5416, R5411, R5412: one transform, exclusive C14N")
        expect(reference.find(q("ds", "DigestMethod")).get("Algorithm") == DIGESTS["sha256"], "digest method")
        element = self.by_id(reference.get("URI"))
        digest = base64.b64encode(hashlib.sha256(exclusive(element)).digest()).decode()
        expect(digest == reference.findtext(q("ds", "DigestValue")), f"digest of {element.tag}")
        names = ((name, uri) for name, uri in (("soap", self.soap), *NAMESPACES.items()))
        prefix = next(name for name, uri in names if uri == etree.QName(element).namespace)
        return f"{prefix}:{etree.QName(element).localname}"

    def by_id(self, uri):
        expect(uri.startswith("#"), "BSP R3001: a shorthand pointer")
        return only([one for one in self.document.iter("*") if one.get(q("wsu", "Id")) == uri[1:]], f"one element {uri}")


def only(found, what):
    expect(len(found) == 1, what)
    return found[0]


def expect(holds, what):
    if not holds:
        raise Untrusted(what)
