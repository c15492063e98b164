"""Builds a request out of pieces of text: what a check writes stands in the place of the piece of that name."""

import base64
import datetime
import gzip
import re
import uuid
import zlib
from pathlib import Path

import pki
from names import ANONYMOUS, BASE64, NAMESPACES, SOAP, X509V3
from package import pack
from signature import GAP, Signature

REQUESTS = Path(__file__).resolve().parent.parent / "requests"
MEDIA = {"1.1": "text/xml", "1.2": "application/soap+xml"}

#: Pieces refer to each other as {name}; a check may give any of them another text.
PIECES = {
    "declaration": "",
    "envelope": '{declaration}<soap:Envelope xmlns:soap="{soap}" xmlns:wsse="{wsse}" xmlns:wsu="{wsu}" xmlns:wsa="{wsa}">{header}{body}</soap:Envelope>',
    "header": "<soap:Header>{security}{addressing}{blocks}</soap:Header>",
    "security": '<wsse:Security soap:mustUnderstand="1">{token}{timestamp}{signature}</wsse:Security>',
    "token": '<wsse:BinarySecurityToken EncodingType="{base64}" ValueType="{x509v3}" wsu:Id="Certyfikat">{certificate}</wsse:BinarySecurityToken>',
    "timestamp": '<wsu:Timestamp wsu:Id="Czas"><wsu:Created>{now}</wsu:Created><wsu:Expires>{now +300}</wsu:Expires></wsu:Timestamp>',
    "signature": GAP,
    "body": '<soap:Body wsu:Id="Tresc">{request}</soap:Body>',
    "addressing": "",
    "addressed": "{action}{message_id}{to}{reply_to}",
    "action": '<wsa:Action wsu:Id="Akcja">{action_uri}</wsa:Action>',
    "message_id": '<wsa:MessageID wsu:Id="Identyfikator">urn:uuid:{uuid message}</wsa:MessageID>',
    "to": '<wsa:To wsu:Id="Adresat">http://{host}{path}</wsa:To>',
    "reply_to": "",
    "blocks": "",
    "request": "{file PobierzZbiory}",
    # Of the request files.
    "context": "<w:idZadania>{uuid task}</w:idZadania><w:jednostka>{unit}</w:jednostka>{user}",
    "user": "<w:uzytkownik>ops1</w:uzytkownik>",
    "unit": "OPS-BUSKO",
    "batch": "{file Paczka}",
    "filling": "",
}
CODERS = {"gzip": gzip.compress, "deflate": zlib.compress}
#: What happens to the bytes on their way; the last eight of gzip are its check sum and length.
DAMAGE = {
    "none": lambda body: body,
    "cut": lambda body: body[:-9],
    "flip": lambda body: body[:-6] + bytes([body[-6] ^ 1]) + body[-5:],
}
CONSTANTS = NAMESPACES | {"base64": BASE64, "x509v3": X509V3, "anonymous": ANONYMOUS}


class Text:
    """Pieces and values of one message; the same value is the same wherever it is asked for."""

    def __init__(self, soap, pieces, signature, values):
        self.pieces = PIECES | pieces
        self.now = datetime.datetime.now(datetime.timezone.utc)
        self.values = {"uuid task": str(uuid.uuid4())} | values
        self.constants = CONSTANTS | {"soap": SOAP[soap], "other_soap": SOAP["1.2" if soap == "1.1" else "1.1"]}
        certificate = signature.certificate
        self.constants |= {
            "certificate": base64.b64encode(pki.der(certificate)).decode(),
            "issuer": certificate.issuer.rfc4514_string(),
            "serial": str(certificate.serial_number),
        }

    def fill(self, text):
        return re.sub(r"\{([a-z_0-9]+)( [^{}]*)?\}", lambda found: self.fill(self.value(found[1], (found[2] or "").strip())), text)

    def value(self, name, argument):
        if name == "now":
            then = self.now + datetime.timedelta(seconds=int(argument or 0))
            return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if name == "uuid":
            return self.values.setdefault(f"uuid {argument}", str(uuid.uuid4()))
        if name == "time":
            return self.now.strftime("%Y-%m-%d" + argument)
        if name == "certificate_of":
            return base64.b64encode(pki.der(pki.load(argument)[1])).decode()
        if name == "spaces":
            return " " * int(argument)
        if name == "file":
            return (REQUESTS / f"{argument}.xml").read_text().strip()
        if name == "attachment":
            return self.values.setdefault("attachment", base64.b64encode(self.fill("{batch}").encode()).decode())
        if name in ("service", "operation", "path", "action_uri"):
            return self.about(name)
        for known in (self.values, self.constants, self.pieces):
            if name in known:
                return known[name]
        raise KeyError(f"no piece {name}")

    def about(self, name):
        """What the request asks for, read off its first tag."""
        request = re.sub(r"\{file (\w+)\}", lambda found: self.value("file", found[1]), self.pieces["request"])
        service = re.search(r"urn:brama:(udostepnianie|zasilanie):1", request)
        service = service[1] if service else "udostepnianie"
        operation = re.search(r"<(?:\w+:)?(\w+)", request)
        operation = operation[1] if operation else "PobierzZbiory"
        return {"service": service, "operation": operation, "path": f"/ws/{service}", "action_uri": f"urn:brama:{service}:1/{operation}"}[name]


def build(request):
    """The bytes of a message and how HTTP is to label them."""
    soap = request["soap"]
    pieces = dict(request.get("message", {}))
    spec = dict(request.get("signature", {}))
    signature = Signature(spec)
    text = Text(soap, pieces, signature, request.get("values", {}))
    whole = text.fill("{envelope}")
    if GAP in whole:
        for name in ("key", "key_info"):
            if name in spec:
                signature.spec[name] = text.fill(spec[name])
        whole = signature.into(whole)
    for change in request.get("after", []):
        old, new = text.fill(change["replace"]), text.fill(change["with"])
        assert old in whole, f"there is nothing to replace: {old}"
        whole = whole.replace(old, new, 1)
    encoding, media = request.get("encoding", {}), MEDIA[soap]
    charset = encoding.get("charset", "utf-8")

    def encode(one):
        return (("\ufeff" if encoding.get("bom") else "") + one).encode(charset)

    label = encoding.get("label", "utf-16" if charset.startswith("utf-16") else charset)
    action = text.fill("{action_uri}")
    if "package" in request:
        values = {"attachment": text.values.get("attachment"), "certificate": text.constants["certificate"]}
        body, content_type = pack(whole, values, request["package"], media, encode)
    else:
        body, content_type = encode(whole), media + (f"; charset={label}" if label else "")
    content_type += f'; action="{action}"' if soap == "1.2" else ""
    if "hex" in encoding:
        old = bytes.fromhex(encoding["hex"]["replace"])
        assert old in body, "there are no such bytes to replace"
        body = body.replace(old, bytes.fromhex(encoding["hex"]["with"]), 1)
    for coding in encoding.get("codings", []):
        body = CODERS[coding](body)
    body = DAMAGE[encoding.get("damage", "none")](body)
    return {
        "body": base64.b64encode(body).decode(),
        "content_type": content_type,
        "path": text.fill("{path}"),
        "action": action,
        "task": text.values["uuid task"],
        "message_id": "urn:uuid:" + text.values["uuid message"] if "uuid message" in text.values else "",
        "timestamped": "<wsu:Timestamp" in whole,
        "family": "rsa" if signature.spec["signer"].startswith("rsa") else "ecdsa",
    }
