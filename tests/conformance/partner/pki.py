"""Keys and certificates of the systems that call: made anew for every run by an authority of their own."""

import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

KEYS = {
    "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
    "rsa-4096": lambda: rsa.generate_private_key(65537, 4096),
    "p-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "zasila": lambda: ec.generate_private_key(ec.SECP256R1()),
    "bez-czasu": lambda: ec.generate_private_key(ec.SECP256R1()),
    "obcy": lambda: ec.generate_private_key(ec.SECP256R1()),
}

#: The folder of the run; `issue` sets it.
folder = None


def issue(into):
    """Writes `ca.pem` and a key and a certificate for each of KEYS."""
    global folder
    folder = into
    into.mkdir(parents=True)
    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = name("Urząd testowy")
    certificate = make(issuer, authority, issuer, authority, 1, authority=True)
    write("ca", None, certificate)
    for serial, (caller, generate) in enumerate(KEYS.items(), start=0x7FFFFFFFFFFFFF00):
        key = generate()
        write(caller, key, make(name(caller), key, issuer, authority, serial))
    return {"certificates": sorted(KEYS)}


def name(common):
    parts = ((NameOID.COUNTRY_NAME, "PL"), (NameOID.ORGANIZATION_NAME, "Gmina, powiat i reszta"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(*part) for part in parts])


def make(subject, key, issuer, authority_key, serial, authority=False):
    now = datetime.datetime.now(datetime.timezone.utc)
    usage = {use: False for use in ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")}
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, **usage), critical=True
        )
    )
    return builder.sign(authority_key, hashes.SHA256())


def write(caller, key, certificate):
    (folder / f"{caller}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    if key is not None:
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (folder / f"{caller}.key").write_bytes(key.private_bytes(*form))


@functools.lru_cache
def load(caller):
    """Key and certificate of a caller."""
    key = serialization.load_pem_private_key((folder / f"{caller}.key").read_bytes(), None)
    return key, x509.load_pem_x509_certificate((folder / f"{caller}.pem").read_bytes())


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)
