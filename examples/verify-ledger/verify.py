#!/usr/bin/env python3
"""Checks an extract of a register of disclosures without the gateway.

    verify.py WYCIAG.xml [--ca CA.pem] [--signer BRAMA.pem] [--earlier DAWNY.xml]

The extract (r:Wyciag) holds entries, the path of each through the register's tree (RFC 6962) and one signed head. It holds
when the head is signed, every entry leads to the head's root at the place of its number, no number between the first and the
last is missing, and the head goes on from an earlier one that stands beside it. Exit code 0: it holds; 1: it does not;
2: it cannot be read. Needs Python 3.9 and the package "cryptography", 42 or later.
"""
import argparse
import base64
import hashlib
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timezone

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

R = "{urn:brama:rejestr:1}"
FORMAT = b"\x01"


class Broken(Exception):
    """Something does not hold; the text says what."""


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("extract", help="file with r:Wyciag")
    arguments.add_argument("--ca", help="PEM file of the authority that issued the gateway's certificate")
    arguments.add_argument("--signer", help="PEM file of the gateway's own certificate: nobody else may have signed")
    arguments.add_argument("--earlier", help="an extract that was kept: the new one must go on from its head")
    options = arguments.parse_args()
    try:
        extract = ElementTree.parse(options.extract).getroot()
        earlier = ElementTree.parse(options.earlier).getroot() if options.earlier else None
        trust = tuple(certificate(name) if name else None for name in (options.ca, options.signer))
    except (OSError, ValueError, ElementTree.ParseError) as error:
        print(f"unreadable: {error}", file=sys.stderr)
        return 2
    try:
        print(verify(extract, trust, earlier))
        return 0
    except Broken as error:
        print(f"does not hold: {error}")
        return 1


def certificate(name):
    with open(name, "rb") as file:
        return x509.load_pem_x509_certificate(file.read())


def verify(extract, trust, earlier):
    """Checks everything and says in one line what the extract shows."""
    if extract.tag != R + "Wyciag":
        raise Broken("the root is not r:Wyciag")
    known = {R + name for name in ("od", "do", "glowa", "wczesniejsza", "pozycja")}
    if any(part.tag not in known for part in extract):
        raise Broken("an unknown part")
    head = read_head(only(extract, "glowa"), trust)
    formers = extract.findall(R + "wczesniejsza")
    for former in formers:
        check_former(read_head(only(former, "glowa"), trust), head, read_path(former))
    if earlier is not None:
        kept = read_head(only(earlier, "glowa"), trust)
        if not (same(kept, head) or any(same(kept, read_head(only(one, "glowa"), trust)) for one in formers)):
            raise Broken("nothing proves that the head goes on from the one that was kept")
    first, last = number(only(extract, "od").text), number(only(extract, "do").text)
    entries = extract.findall(R + "pozycja")
    if not 1 <= first <= last or len(entries) != last - first + 1:
        raise Broken("the entries are not those that the extract names")
    checked = [check_entry(entry, at, head) for at, entry in enumerate(entries, first)]
    for (_, before, _), (_, epoch, kind) in zip(checked, checked[1:]):
        if epoch < before or (epoch > before) != (kind == "OTWARCIE_EPOKI"):
            raise Broken("an epoch does not follow the one before")
    leaves = [leaf for leaf, _, _ in checked]
    if (first, last) == (1, head["size"]) and tree_hash(leaves) != head["root"]:
        raise Broken("the root is not that of the entries")
    return (f"{head['tenant']}: entries {first} to {last} of {head['size']}, epoch {head['epoch']}, until {head['time']}; "
            f"signed by {head['signer']}" + ("" if any(trust) else " (not judged: neither --ca nor --signer)"))


def check_entry(entry, at, head):
    """Checks one entry and gives the hash of its leaf, its epoch and its kind."""
    leaf = binary(only(entry, "wpis"))
    content = xml(leaf, "Wpis")
    if number(text(content, "numer")) != at:
        raise Broken(f"entry {text(content, 'numer')} stands where entry {at} should")
    if text(content, "administrator") != head["tenant"]:
        raise Broken(f"entry {at} belongs to another register")
    if number(text(content, "epoka")) > head["epoch"] or instant(text(content, "czas")) > instant(head["time"]):
        raise Broken(f"entry {at} is later than the head")
    digest = leaf_hash(leaf)
    if not is_included(digest, at - 1, head["size"], read_path(entry), head["root"]):
        raise Broken(f"the proof of entry {at} does not lead to the head")
    return digest, number(text(content, "epoka")), text(content, "rodzaj")


def check_former(former, head, path):
    """Checks that the register under `head` begins with all that the register under `former` held."""
    if former["tenant"] != head["tenant"] or former["epoch"] > head["epoch"]:
        raise Broken("the earlier head is of another register or of a later epoch")
    if not is_consistent(former["size"], former["root"], head["size"], head["root"], path):
        raise Broken(f"the head does not go on from that of {former['size']} entries")


def read_head(part, trust):
    """What a signed head says, once its signature and, where it can be judged, its signer hold."""
    authority, signer = trust
    content = binary(only(part, "tresc"))
    try:
        certificate = x509.load_der_x509_certificate(binary(only(part, "certyfikat")))
    except ValueError as error:
        raise Broken("the certificate of a head cannot be read") from error
    check_signature(certificate.public_key(), binary(only(part, "podpis")), content)
    glowa = xml(content, "Glowa")
    head = {
        "tenant": text(glowa, "administrator"),
        "epoch": number(text(glowa, "epoka")),
        "size": number(text(glowa, "rozmiar")),
        "time": text(glowa, "czas"),
        "root": digest_of(only(glowa, "korzen")),
        "signer": certificate.subject.rfc4514_string(),
    }
    if signer is not None and certificate.public_key() != signer.public_key():
        raise Broken("somebody else than the gateway signed the head")
    if authority is not None:
        check_certificate(certificate, authority, instant(head["time"]))
    return head


def check_signature(key, signature, content):
    """One method for each kind of key: RSA-SHA256, ECDSA-SHA256 on P-256, ECDSA-SHA384 on P-384."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey) and key.key_size in (256, 384):
            half = key.key_size // 8
            if len(signature) != 2 * half:
                raise Broken("the signature of a head has another length")
            pair = (int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
            method = ec.ECDSA(hashes.SHA256() if half == 32 else hashes.SHA384())
            key.verify(encode_dss_signature(*pair), content, method)
        else:
            raise Broken("the key of a head is of another kind")
    except InvalidSignature as error:
        raise Broken("the signature of a head does not hold") from error


def check_certificate(certificate, authority, time):
    """The certificate is the authority's and was valid when the head was signed."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise Broken("the authority did not issue the certificate") from error
    if not certificate.not_valid_before_utc <= time <= certificate.not_valid_after_utc:
        raise Broken("the certificate was not valid at the time of the head")


# The tree: RFC 6962 section 2.1 defines it, RFC 9162 sections 2.1.3.2 and 2.1.4.2 say how proofs are checked.

def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_hash(leaves):
    """The root over the hashes of all leaves."""
    if len(leaves) == 1:
        return leaves[0]
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(tree_hash(leaves[:middle]), tree_hash(leaves[middle:]))


def is_included(leaf, index, size, path, root):
    if index >= size:
        return False
    place, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            digest = node_hash(sibling, digest)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and digest == root


def is_consistent(former, former_root, size, root, path):
    if former == size:
        return not path and former_root == root
    if not 0 < former < size or not path:
        return False
    steps = ([former_root] if former & (former - 1) == 0 else []) + path
    place, last = former - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == former_root and new == root


# Reading.

def only(part, name):
    found = part.findall(R + name)
    if len(found) != 1:
        raise Broken(f"{len(found)} times r:{name}")
    return found[0]


def text(part, name):
    return (only(part, name).text or "").strip()


def number(value):
    if not (value or "").strip().isdecimal():
        raise Broken("a number that is none")
    return int(value)


def instant(value):
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise Broken("a time that is none") from error


def binary(part):
    try:
        return base64.b64decode("".join((part.text or "").split()), validate=True)
    except ValueError as error:
        raise Broken("what should be base64 is not") from error


def digest_of(part):
    digest = binary(part)
    if len(digest) != 32:
        raise Broken("a hash of another length")
    return digest


def read_path(part):
    return [digest_of(step) for step in only(part, "sciezka").findall(R + "skrot")]


def xml(content, name):
    """The XML behind the format byte."""
    if content[:1] != FORMAT:
        raise Broken("an unknown format")
    try:
        root = ElementTree.fromstring(content[1:])
    except ElementTree.ParseError as error:
        raise Broken("what should be XML is not") from error
    if root.tag != R + name:
        raise Broken(f"the root is not r:{name}")
    return root


def same(one, other):
    return all(one[name] == other[name] for name in ("tenant", "epoch", "size", "root"))


if __name__ == "__main__":
    sys.exit(main())
