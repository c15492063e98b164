//! Signed parts moved, doubled and hidden (signature wrapping), identifiers twisted, properties taken from elsewhere: 30 and more.

use super::coverage::enveloping;
use super::draft::{DOCUMENT, ENVELOPED, EXCLUSIVE, Over, Reference, XPATH};
use super::table::{Case, case, with};

const FORMAT: &str = "TOTAL_FAILED FORMAT_FAILURE";
const HASH: &str = "TOTAL_FAILED HASH_FAILURE";
const VALUE: &str = "TOTAL_FAILED SIG_CRYPTO_FAILURE";
const CONSTRAINTS: &str = "INDETERMINATE SIG_CONSTRAINTS_FAILURE";
const NOT_FOUND: &str = "INDETERMINATE SIGNED_DATA_NOT_FOUND";
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

/// A document of which only the element `tresc` is signed, wrapped in another by `wrap`.
fn part(name: &'static str, verdict: &'static str, check: &'static str, old: &'static str, new: &'static str) -> Case {
    with("anna", name, verdict, check, move |draft| {
        draft.references = vec![Reference::id("tresc")];
        draft.edits.push((old.into(), new.into()));
    })
}

/// A document signed under the root's identifier, with edits.
fn by_root(
    name: &'static str,
    verdict: &'static str,
    check: &'static str,
    edits: &'static [(&'static str, &'static str)],
) -> Case {
    with("anna", name, verdict, check, move |draft| {
        let transforms = format!("{ENVELOPED}{EXCLUSIVE}");
        draft.references = vec![Reference { uri: "#dok".into(), transforms, over: Over::Own, ..Reference::whole() }];
        draft.edits.extend(edits.iter().map(|(old, new)| ((*old).into(), (*new).into())));
    })
}

const OPEN: &str = "<t:wniosek xmlns:t=\"urn:test\" Id=\"dok\">";
const PART: &str = "<t:tresc Id=\"tresc\">Zażółć gęślą jaźń</t:tresc>";
const SIGNED: &str = "<t:wniosek xmlns:t=\"urn:test\" Id=\"dok\"><t:tresc Id=\"tresc\">Zażółć gęślą jaźń</t:tresc><t:kwota>100</t:kwota>";

pub fn cases() -> Vec<Case> {
    let doubled: &'static str = Box::leak(format!("{PART}{PART}").into_boxed_str());
    let forged_beside: &'static str =
        Box::leak(format!("<t:tresc>Przelać</t:tresc><t:stare>{PART}</t:stare>").into_boxed_str());
    let renamed: &'static str =
        Box::leak(format!("<t:tresc Id=\"nowa\">Przelać</t:tresc><t:stare>{PART}</t:stare>").into_boxed_str());
    let in_root: &'static str = Box::leak(
        format!("<t:wniosek xmlns:t=\"urn:test\" Id=\"falsz\"><t:tresc>Przelać</t:tresc><t:stare>{DOCUMENT}</t:stare>")
            .into_boxed_str(),
    );
    vec![
        part("the signed part moved into a wrapper", CONSTRAINTS, "ZAKRES", PART, forged_beside),
        part("another part in the place of the signed one", CONSTRAINTS, "ZAKRES", PART, renamed),
        part("the signed part twice", FORMAT, "", PART, doubled),
        part(
            "the identifier on another element",
            HASH,
            "SKROTY",
            "<t:tresc Id=\"tresc\">Zażółć gęślą jaźń</t:tresc>",
            "<t:tresc Id=\"tresc\">Przelać</t:tresc>",
        ),
        part("the signed part gone", NOT_FOUND, "SKROTY", PART, ""),
        part("the identifier as xml:id beside", FORMAT, "", "<t:kwota>", "<t:kwota xml:id=\"tresc\">"),
        part(
            "the identifier as wsu:Id beside",
            FORMAT,
            "",
            "<t:kwota>",
            "<t:kwota xmlns:u=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" u:Id=\"tresc\">",
        ),
        part("the identifier in small letters beside", CONSTRAINTS, "ZAKRES", "<t:kwota>", "<t:kwota id=\"tresc\">"),
        by_root(
            "the signed root inside another",
            CONSTRAINTS,
            "ZAKRES",
            &[
                (
                    SIGNED,
                    "<t:x xmlns:t=\"urn:test\"><t:wniosek Id=\"dok\"><t:tresc Id=\"tresc\">Zażółć gęślą jaźń</t:tresc><t:kwota>100</t:kwota></t:wniosek>",
                ),
                ("</t:wniosek>$", "</t:x>"),
            ],
        ),
        by_root(
            "the root's identifier on a child",
            HASH,
            "SKROTY",
            &[(OPEN, "<t:wniosek xmlns:t=\"urn:test\">"), ("<t:kwota>", "<t:kwota Id=\"dok\">")],
        ),
        by_root("the root's identifier twice", FORMAT, "", &[("<t:kwota>", "<t:kwota Id=\"dok\">")]),
        by_root("the root renamed", NOT_FOUND, "SKROTY", &[(OPEN, "<t:wniosek xmlns:t=\"urn:test\" Id=\"inny\">")]),
        edited("a copy of the signed document inside", FORMAT, "", OPEN, in_root),
        edited(
            "content before the signature",
            HASH,
            "SKROTY",
            "<ds:Signature ",
            "<t:dopisek>1</t:dopisek><ds:Signature ",
        ),
        edited(
            "content behind the signature",
            HASH,
            "SKROTY",
            "</ds:Signature>",
            "</ds:Signature><t:dopisek>1</t:dopisek>",
        ),
        edited("text behind the signature", HASH, "SKROTY", "</ds:Signature>", "</ds:Signature>dopisek"),
        edited(
            "content hidden in the signature's object",
            CONSTRAINTS,
            "ZAKRES",
            "<ds:Object>",
            "<ds:Object><t:tresc>Przelać</t:tresc></ds:Object><ds:Object>",
        ),
        edited(
            "content hidden beside the properties",
            CONSTRAINTS,
            "ZAKRES",
            "<ds:Object>",
            "<ds:Object><t:tresc>Przelać</t:tresc>",
        ),
        edited(
            "content hidden in a false signature",
            FORMAT,
            "FORMAT",
            "<t:kwota>",
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><t:tresc>Przelać</t:tresc></ds:Signature><t:kwota>",
        ),
        edited(
            "content hidden in a false signature deep inside",
            FORMAT,
            "FORMAT",
            "Zażółć",
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">Przelać</ds:Signature>Zażółć",
        ),
        edited("an element in front of SignedInfo", FORMAT, "FORMAT", "<ds:SignedInfo>", "<ds:Object/><ds:SignedInfo>"),
        edited(
            "a second SignedInfo",
            FORMAT,
            "FORMAT",
            "<ds:SignedInfo>",
            "<ds:SignedInfo></ds:SignedInfo><ds:SignedInfo>",
        ),
        edited(
            "a second SignatureValue",
            FORMAT,
            "FORMAT",
            "<ds:KeyInfo>",
            "<ds:SignatureValue>AAAA</ds:SignatureValue><ds:KeyInfo>",
        ),
        edited(
            "the properties twice",
            FORMAT,
            "FORMAT",
            "<ds:Object>",
            "<ds:Object><xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#s1\"/></ds:Object><ds:Object>",
        ),
        edited("the properties of another signature", FORMAT, "FORMAT", "Target=\"#s1\"", "Target=\"#s2\""),
        edited("the properties' identifier twice", FORMAT, "", "<t:kwota>", "<t:kwota Id=\"s1-p\">"),
        edited("the reference to the properties leads elsewhere", FORMAT, "FORMAT", "URI=\"#s1-p\"", "URI=\"#tresc\""),
        edited(
            "the type of the reference to the properties taken away",
            FORMAT,
            "FORMAT",
            " Type=\"http://uri.etsi.org/01903#SignedProperties\"",
            "",
        ),
        edited(
            "a second reference with the type of properties",
            FORMAT,
            "FORMAT",
            " Id=\"r1\"",
            " Id=\"r1\" Type=\"http://uri.etsi.org/01903#SignedProperties\"",
        ),
        edited("the properties changed afterwards", HASH, "SKROTY", "2026-03-01T10:00:00Z", "2026-02-01T10:00:00Z"),
        edited("a reference changed afterwards", VALUE, "WARTOSC_PODPISU", " Id=\"r1\"", " Id=\"r9\""),
        edited(
            "a reference added afterwards",
            VALUE,
            "WARTOSC_PODPISU",
            "</ds:SignedInfo>",
            "<ds:Reference URI=\"#tresc\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        ),
        edited("a comment in the signed text changes nothing", "TOTAL_PASSED", "", "gęślą", "gę<!-- -->ślą"),
        with("anna", "the certificate of another in its place", NO_CERTIFICATE, "CERTYFIKAT_PODPISUJACY", |draft| {
            draft.certificate = super::draft::certificate_v2(super::scene::scene(), "rsa-3072", super::draft::SHA256);
        }),
        with("anna", "a signature in the place of another signer's", VALUE, "WARTOSC_PODPISU", |draft| {
            draft.helpers = vec!["p384"];
            draft.certificate = super::draft::certificate_v2(super::scene::scene(), "p384", super::draft::SHA256);
        }),
        case("an enveloping signature put into a document", CONSTRAINTS, "ZAKRES", || {
            let mut draft = enveloping();
            draft.document = "<t:wniosek xmlns:t=\"urn:test\"><t:tresc>Przelać</t:tresc></t:wniosek>".into();
            draft.before = "</t:wniosek>".into();
            draft
        }),
        with("anna", "an XPath bound to another namespace", CONSTRAINTS, "ALGORYTMY", |draft| {
            let xpath = XPATH.replace("<ds:XPath>", "<ds:XPath xmlns:d=\"urn:test\">").replace("::ds:", "::d:");
            draft.references[0].transforms = format!("{xpath}{EXCLUSIVE}");
        }),
    ]
}
