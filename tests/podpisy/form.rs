//! The form of signatures and of their properties: 15 and more documents.

use super::draft::{Draft, SHA256, certificate_v1, certificate_v2};
use super::scene::scene;
use super::table::{Case, PASSED, case, with};

const FORMAT: &str = "TOTAL_FAILED FORMAT_FAILURE";
const CONSTRAINTS: &str = "INDETERMINATE SIG_CONSTRAINTS_FAILURE";
const POLICY: &str = "INDETERMINATE SIGNATURE_POLICY_NOT_AVAILABLE";
const NO_CERTIFICATE: &str = "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND";

fn edited(
    name: &'static str,
    verdict: &'static str,
    check: &'static str,
    old: &'static str,
    new: &'static str,
) -> Case {
    with("anna", name, verdict, check, move |draft| draft.edits.push((old.into(), new.into())))
}

fn signed(name: &'static str, verdict: &'static str, check: &'static str, property: &'static str) -> Case {
    with("anna", name, verdict, check, move |draft| draft.signed = property.into())
}

/// A document with a counter-signature by `by`.
fn countersigned(by: &'static str, reference: &'static str) -> Draft {
    let mut first = Draft::new("anna");
    first.unsigned = "<xades:CounterSignature></xades:CounterSignature>".into();
    let mut second = Draft::under(first.text(), by, "s2");
    second.before = "</xades:CounterSignature>".into();
    second.references = vec![super::draft::Reference {
        attributes: " Type=\"http://uri.etsi.org/01903#CountersignedSignature\"".into(),
        ..super::draft::Reference::id(reference)
    }];
    second
}

pub fn cases() -> Vec<Case> {
    vec![
        case("no signature at all", FORMAT, "", || {
            let mut draft = Draft::new("anna");
            draft.edits.push(("<ds:Signature ".into(), "<ds:Podpis ".into()));
            draft.edits.push(("</ds:Signature>".into(), "</ds:Podpis>".into()));
            draft
        }),
        edited("no XML", FORMAT, "", "<t:wniosek", "wniosek"),
        edited("a document type", FORMAT, "", "<t:wniosek", "<!DOCTYPE wniosek><t:wniosek"),
        edited(
            "another encoding",
            FORMAT,
            "",
            "<t:wniosek",
            "<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?><t:wniosek",
        ),
        edited(
            "a value that is no base64",
            FORMAT,
            "FORMAT",
            "<ds:SignatureValue Id=\"s1-v\">",
            "<ds:SignatureValue Id=\"s1-v\">&amp;",
        ),
        edited("a signature without an identifier", FORMAT, "FORMAT", " Id=\"s1\"", ""),
        with("anna", "no properties", FORMAT, "FORMAT", |draft| {
            draft.edits.push(("<xades:QualifyingProperties ".into(), "<xades:Qualifying ".into()));
            draft.edits.push(("</xades:QualifyingProperties>".into(), "</xades:Qualifying>".into()));
        }),
        edited(
            "properties of an old version",
            FORMAT,
            "FORMAT",
            "http://uri.etsi.org/01903/v1.3.2#",
            "http://uri.etsi.org/01903/v1.1.1#",
        ),
        edited(
            "a certificate that is no base64",
            FORMAT,
            "FORMAT",
            "<ds:X509Certificate>",
            "<ds:X509Certificate>&amp;",
        ),
        edited(
            "a certificate that is none",
            NO_CERTIFICATE,
            "CERTYFIKAT_PODPISUJACY",
            "<ds:X509Certificate>M",
            "<ds:X509Certificate>A",
        ),
        with("anna", "no certificate named", NO_CERTIFICATE, "CERTYFIKAT_PODPISUJACY", |draft| {
            draft.certificate.clear();
        }),
        edited(
            "no certificate enclosed",
            NO_CERTIFICATE,
            "CERTYFIKAT_PODPISUJACY",
            "<ds:X509Data>",
            "<ds:X509Data></ds:X509Data><ds:X509Dane>",
        )
        .replacing("</ds:X509Data></ds:KeyInfo>", "</ds:X509Dane></ds:KeyInfo>"),
        with("anna", "the certificate among the unsigned properties", PASSED, "", |draft| {
            let text = Draft::new("anna").text();
            let der = text
                .split("<ds:X509Certificate>")
                .nth(1)
                .and_then(|rest| rest.split('<').next())
                .expect("a certificate");
            draft.unsigned = format!(
                "<xades:CertificateValues><xades:EncapsulatedX509Certificate>{der}</xades:EncapsulatedX509Certificate></xades:CertificateValues>"
            );
            draft.edits.push((
                format!(
                    "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
                ),
                String::new(),
            ));
        }),
        with("anna", "the certificate by the older property", PASSED, "", |draft| {
            let x509 = &scene().signers["anna"].x509;
            let serial =
                x509.serial_number().to_bn().and_then(|number| number.to_dec_str().map(|text| text.to_string()));
            draft.certificate = certificate_v1(scene(), "anna", "CN=kwalifikowany,O=brama", &serial.expect("a number"));
        }),
        with(
            "anna",
            "the certificate by the older property with another number",
            PASSED,
            "CERTYFIKAT_PODPISUJACY",
            |draft| {
                draft.certificate = certificate_v1(scene(), "anna", "CN=kwalifikowany,O=brama", "7");
            },
        ),
        with(
            "anna",
            "both properties, of which one names another certificate",
            NO_CERTIFICATE,
            "CERTYFIKAT_PODPISUJACY",
            |draft| {
                draft.certificate =
                    certificate_v1(scene(), "p384", "CN=x", "7") + &certificate_v2(scene(), "anna", SHA256);
            },
        ),
        signed(
            "an implied policy",
            PASSED,
            "",
            "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyImplied/></xades:SignaturePolicyIdentifier>",
        ),
        signed(
            "a policy that nobody knows",
            POLICY,
            "POLITYKA_PODPISU",
            "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId><xades:Identifier>urn:test:polityka</xades:Identifier></xades:SigPolicyId></xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>",
        ),
        signed("a property twice", FORMAT, "FORMAT", "<xades:SigningTime>2026-03-01T10:00:00Z</xades:SigningTime>"),
        with("anna", "a format of the reference", PASSED, "", |draft| {
            draft.data = "<xades:DataObjectFormat ObjectReference=\"#r1\"><xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat>".into();
        }),
        with("anna", "a format of a reference that is not there", CONSTRAINTS, "WLASCIWOSCI", |draft| {
            draft.data = "<xades:DataObjectFormat ObjectReference=\"#r7\"><xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat>".into();
        }),
        case("a counter-signature", PASSED, "", || countersigned("rsa-3072", "s1-v")),
        case("a counter-signature of something else changes nothing above it", PASSED, "ZAKRES", || {
            countersigned("rsa-3072", "tresc")
        }),
        case("a foreign counter-signature changes nothing above it", PASSED, "LANCUCH", || {
            countersigned("obcy", "s1-v")
        }),
        with("anna", "more references than are read", FORMAT, "FORMAT", |draft| {
            draft.references = (0..100).map(|_| super::draft::Reference::whole()).collect();
            draft
                .references
                .iter_mut()
                .enumerate()
                .for_each(|(place, one)| one.attributes = format!(" Id=\"r{place}\""));
        }),
    ]
}
