"""Verifies one XAdES signature with signxml: FILE, the Id of the signature, the time, PEM of the signer.

Other signatures are taken out first: signxml does not know the XPath transform that leaves them out. The certificate is
given, since signxml follows no chain of a certificate for nonRepudiation alone, as qualified ones are.
"""

import sys
from datetime import datetime

from lxml import etree
from signxml.xades import XAdESSignatureConfiguration, XAdESVerifier

name, meant, time, signer = sys.argv[1:]
with open(signer, encoding="ascii") as file:
    certificate = file.read()
root = etree.parse(name).getroot()
for signature in root.findall("{http://www.w3.org/2000/09/xmldsig#}Signature"):
    if signature.get("Id") != meant:
        # The text behind a signature belongs to the document.
        previous, parent = signature.getprevious(), signature.getparent()
        if signature.tail and previous is not None:
            previous.tail = (previous.tail or "") + signature.tail
        elif signature.tail:
            parent.text = (parent.text or "") + signature.tail
        parent.remove(signature)
expected = XAdESSignatureConfiguration(expect_references=2, verification_time=datetime.fromisoformat(time))
results = XAdESVerifier().verify(etree.tostring(root), x509_cert=certificate, expect_config=expected)
signed = [result.signed_xml.tag for result in results]
if signed != [root.tag, "{http://uri.etsi.org/01903/v1.3.2#}SignedProperties"]:
    sys.exit(f"signed is {signed}")
