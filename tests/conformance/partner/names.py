"""Namespaces and algorithms by the short names that checks use."""

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP = {"1.1": SOAP11, "1.2": SOAP12}
WSS10 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSS11 = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1"

NAMESPACES = {
    "e11": SOAP11,
    "e12": SOAP12,
    "wsse": WSS10 + "wssecurity-secext-1.0.xsd",
    "wsu": WSS10 + "wssecurity-utility-1.0.xsd",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "ec": "http://www.w3.org/2001/10/xml-exc-c14n#",
    "wsa": "http://www.w3.org/2005/08/addressing",
    "xop": "http://www.w3.org/2004/08/xop/include",
    "w": "urn:brama:wspolne:1",
    "u": "urn:brama:udostepnianie:1",
    "z": "urn:brama:zasilanie:1",
    "wsdl": "http://schemas.xmlsoap.org/wsdl/",
    "b11": "http://schemas.xmlsoap.org/wsdl/soap/",
    "b12": "http://schemas.xmlsoap.org/wsdl/soap12/",
    "xs": "http://www.w3.org/2001/XMLSchema",
    "wsp": "http://www.w3.org/ns/ws-policy",
    "wsam": "http://www.w3.org/2007/05/addressing/metadata",
    "sp": "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702",
}

ANONYMOUS = NAMESPACES["wsa"] + "/anonymous"
BASE64 = WSS10 + "soap-message-security-1.0#Base64Binary"
X509V3 = WSS10 + "x509-token-profile-1.0#X509v3"
SKI = WSS10 + "x509-token-profile-1.0#X509SubjectKeyIdentifier"
THUMBPRINT = WSS11 + "#ThumbprintSHA1"

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
PSS = "http://www.w3.org/2007/05/xmldsig-more#"
DIGESTS = {
    "sha1": NAMESPACES["ds"] + "sha1",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": MORE + "sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
    "md5": MORE + "md5",
}
METHODS = {
    "rsa-sha1": NAMESPACES["ds"] + "rsa-sha1",
    "dsa-sha1": NAMESPACES["ds"] + "dsa-sha1",
    "hmac-sha256": MORE + "hmac-sha256",
    "rsa-pss": PSS + "rsa-pss",
    "unknown": "urn:test:nieznany-algorytm",
} | {
    f"{family}-{digest}": f"{MORE}{family}-{digest}" for family in ("rsa", "ecdsa") for digest in ("sha256", "sha384", "sha512")
} | {f"{digest}-rsa-pss": f"{PSS}{digest}-rsa-MGF1" for digest in ("sha256", "sha384", "sha512")}
TRANSFORMS = {
    "exclusive": NAMESPACES["ec"],
    "inclusive": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "inclusive-1.1": "http://www.w3.org/2006/12/xml-c14n11",
    "enveloped": NAMESPACES["ds"] + "enveloped-signature",
    "token": WSS10 + "soap-message-security-1.0#STR-Transform",
    "xpath": "http://www.w3.org/TR/1999/REC-xpath-19991116",
    "xslt": "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "unknown": "urn:test:nieznane-przeksztalcenie",
}


def q(prefix, local):
    return f"{{{NAMESPACES[prefix]}}}{local}"
