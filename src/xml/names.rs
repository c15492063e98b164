//! The namespaces of the gateway, each with the one prefix under which it is written and shown in paths.

/// A namespace with its fixed prefix (rule 6.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Namespace {
    pub prefix: &'static str,
    pub uri: &'static str,
}

/// A name in a namespace, known when the program is compiled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct QName {
    pub namespace: Namespace,
    pub local: &'static str,
}

impl Namespace {
    /// The name `local` of this namespace.
    #[must_use]
    pub const fn name(self, local: &'static str) -> QName {
        QName { namespace: self, local }
    }

    /// The namespace with this URI, when it is one of ours.
    #[must_use]
    pub fn of(uri: &str) -> Option<Self> {
        ALL.iter().find(|namespace| namespace.uri == uri).copied()
    }
}

const fn namespace(prefix: &'static str, uri: &'static str) -> Namespace {
    Namespace { prefix, uri }
}

/// No namespace: an element of it has no prefix, and nothing around it declares a default.
pub const NONE: Namespace = namespace("", "");
/// `xml:lang` and `xml:id`; its prefix is bound by definition and never declared.
pub const XML: Namespace = namespace("xml", "http://www.w3.org/XML/1998/namespace");
/// SOAP 1.1 envelope.
pub const SOAP11: Namespace = namespace("soap", "http://schemas.xmlsoap.org/soap/envelope/");
/// SOAP 1.2 envelope.
pub const SOAP12: Namespace = namespace("env", "http://www.w3.org/2003/05/soap-envelope");
/// WS-Security 1.0 extensions.
pub const WSSE: Namespace =
    namespace("wsse", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd");
/// WS-Security 1.0 utility: `wsu:Id`, `wsu:Timestamp`.
pub const WSU: Namespace =
    namespace("wsu", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd");
/// XML Signature.
pub const DS: Namespace = namespace("ds", "http://www.w3.org/2000/09/xmldsig#");
/// Exclusive canonicalization: `ec:InclusiveNamespaces`.
pub const EC: Namespace = namespace("ec", "http://www.w3.org/2001/10/xml-exc-c14n#");
/// XML-Signature XPath Filter 2.0.
pub const FILTER2: Namespace = namespace("dsig-xpath", "http://www.w3.org/2002/06/xmldsig-filter2");
/// XAdES 1.3.2: the properties of a signature.
pub const XADES: Namespace = namespace("xades", "http://uri.etsi.org/01903/v1.3.2#");
/// XAdES 1.4.1: what was added later.
pub const XADES141: Namespace = namespace("xades141", "http://uri.etsi.org/01903/v1.4.1#");
/// Claim of a trusted profile, the older shape: `PodpisZP`.
pub const PPZP: Namespace = namespace("ppzp", "http://crd.gov.pl/xml/schematy/ppzp/");
/// Persons inside the older shape.
pub const OSOBA: Namespace = namespace("os", "http://crd.gov.pl/xml/schematy/osoba/2009/03/06/");
/// Claim of a trusted profile, the newer shape: `EPSignature`.
pub const PODPIS_ZAUFANY: Namespace = namespace("pz", "http://crd.gov.pl/xml/schematy/podpis_zaufany/");
/// Parameters of algorithms (RFC 6931): `RSAPSSParams`.
pub const DSIG_MORE: Namespace = namespace("dsig-more", "http://www.w3.org/2007/05/xmldsig-more#");
/// XML Schema.
pub const XS: Namespace = namespace("xs", "http://www.w3.org/2001/XMLSchema");
/// XML Schema instance: `xsi:type`, `xsi:nil`.
pub const XSI: Namespace = namespace("xsi", "http://www.w3.org/2001/XMLSchema-instance");
/// WSDL 1.1.
pub const WSDL: Namespace = namespace("wsdl", "http://schemas.xmlsoap.org/wsdl/");
/// WSDL 1.1 binding for SOAP 1.1.
pub const WSDL_SOAP: Namespace = namespace("wsoap", "http://schemas.xmlsoap.org/wsdl/soap/");
/// XML-binary Optimized Packaging: `xop:Include`.
pub const XOP: Namespace = namespace("xop", "http://www.w3.org/2004/08/xop/include");
/// WS-Addressing 1.0.
pub const WSA: Namespace = namespace("wsa", "http://www.w3.org/2005/08/addressing");
/// Types common to our services.
pub const W: Namespace = namespace("w", "urn:brama:wspolne:1");
/// Records.
pub const B: Namespace = namespace("b", "urn:brama:beneficjent:1");
/// Service `udostepnianie`.
pub const U: Namespace = namespace("u", "urn:brama:udostepnianie:1");
/// Service `zasilanie`.
pub const Z: Namespace = namespace("z", "urn:brama:zasilanie:1");
/// Ledger entries.
pub const R: Namespace = namespace("r", "urn:brama:rejestr:1");
/// Service `podpis`.
pub const P: Namespace = namespace("p", "urn:brama:podpis:1");
/// Reports about the signatures of a document.
pub const RP: Namespace = namespace("rp", "urn:brama:raport-podpisu:1");
/// Templates of documents.
pub const S: Namespace = namespace("s", "urn:brama:szablon:1");
/// Parts that our documents share.
pub const CZ: Namespace = namespace("cz", "urn:brama:wzor:czesci:1");
/// Form `wniosek`.
pub const WNIO: Namespace = namespace("wnio", "urn:brama:wzor:wniosek:1");
/// Form `zaswiadczenie`.
pub const ZAS: Namespace = namespace("zas", "urn:brama:wzor:zaswiadczenie:1");
/// Form `odmowa`.
pub const ODM: Namespace = namespace("odm", "urn:brama:wzor:odmowa:1");
/// Form `pismo`.
pub const PIS: Namespace = namespace("pis", "urn:brama:wzor:pismo:1");
/// CRD: structure of a document.
pub const STR: Namespace = namespace("str", "http://crd.gov.pl/xml/schematy/struktura/2009/11/16/");
/// CRD: metadata of a document.
pub const META: Namespace = namespace("meta", "http://crd.gov.pl/xml/schematy/meta/2009/11/16/");
/// CRD: persons.
pub const OSO: Namespace = namespace("oso", "http://crd.gov.pl/xml/schematy/osoba/2009/11/16/");
/// CRD: institutions.
pub const INST: Namespace = namespace("inst", "http://crd.gov.pl/xml/schematy/instytucja/2009/11/16/");
/// CRD: addresses.
pub const ADR: Namespace = namespace("adr", "http://crd.gov.pl/xml/schematy/adres/2009/11/09/");
/// Official receipts: UPP and UPD.
pub const POS: Namespace = namespace("pos", "http://crd.gov.pl/xml/schematy/UPO/2008/05/09/");

const ALL: [Namespace; 39] = [
    XML,
    SOAP11,
    SOAP12,
    WSSE,
    WSU,
    DS,
    EC,
    FILTER2,
    XADES,
    XADES141,
    PPZP,
    OSOBA,
    PODPIS_ZAUFANY,
    DSIG_MORE,
    XS,
    XSI,
    WSDL,
    WSDL_SOAP,
    XOP,
    WSA,
    W,
    B,
    U,
    Z,
    R,
    P,
    RP,
    S,
    CZ,
    WNIO,
    ZAS,
    ODM,
    PIS,
    STR,
    META,
    OSO,
    INST,
    ADR,
    POS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_namespace_has_a_prefix_of_its_own() {
        for (index, one) in ALL.iter().enumerate() {
            for other in &ALL[index + 1..] {
                assert_ne!(one.prefix, other.prefix);
                assert_ne!(one.uri, other.uri);
            }
        }
    }

    #[test]
    fn a_namespace_is_found_by_its_uri() {
        assert_eq!(Namespace::of("urn:brama:rejestr:1"), Some(R));
        assert_eq!(Namespace::of("urn:brama:rejestr:2"), None);
        assert_eq!(Namespace::of(""), None);
    }
}
