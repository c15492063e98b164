//! What is signed: 25 and more documents.

use super::draft::{DOCUMENT, Draft, ENVELOPED, EXCLUSIVE, Over, Reference, XPATH};
use super::table::{Case, PASSED, case, with};

const CONSTRAINTS: &str = "INDETERMINATE SIG_CONSTRAINTS_FAILURE";
const NOT_FOUND: &str = "INDETERMINATE SIGNED_DATA_NOT_FOUND";
const HASH: &str = "TOTAL_FAILED HASH_FAILURE";

fn transforms(name: &'static str, transforms: String, verdict: &'static str) -> Case {
    let check = if verdict == PASSED { "" } else { "ALGORYTMY" };
    with("anna", name, verdict, check, move |draft| draft.references[0].transforms = transforms.clone())
}

fn filter(name: &'static str, path: &str, filter: &str, verdict: &'static str) -> Case {
    let filter = format!(
        "<ds:Transform Algorithm=\"http://www.w3.org/2002/06/xmldsig-filter2\"><f:XPath xmlns:f=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"{filter}\">{path}</f:XPath></ds:Transform>"
    );
    transforms(name, format!("{filter}{EXCLUSIVE}"), verdict)
}

fn xpath(name: &'static str, path: &str, verdict: &'static str) -> Case {
    let changed = XPATH.replace("not(ancestor-or-self::ds:Signature)", path);
    transforms(name, format!("{changed}{EXCLUSIVE}"), verdict)
}

/// An enveloping signature: the content stands in a `ds:Object`.
pub fn enveloping() -> Draft {
    let mut draft = Draft::new("anna");
    draft.document.clear();
    draft.before.clear();
    draft.objects = "<ds:Object Id=\"tresc\">Zażółć gęślą jaźń</ds:Object>".to_owned();
    draft.references = vec![Reference::id("tresc")];
    draft
}

fn decoded() -> Draft {
    let mut draft = enveloping();
    draft.objects =
        "<ds:Object Id=\"tresc\" Encoding=\"http://www.w3.org/2000/09/xmldsig#base64\">Zm9y\nbXVsYXJ6</ds:Object>"
            .to_owned();
    let transforms = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"/>".to_owned();
    draft.references =
        vec![Reference { transforms, over: Over::Octets(b"formularz".to_vec()), ..Reference::id("tresc") }];
    draft
}

/// A signature that stands alone, over content beside it.
pub fn detached(uri: &'static str, bytes: &'static [u8]) -> Draft {
    let mut draft = enveloping();
    draft.objects.clear();
    draft.references = vec![Reference::content(uri, bytes)];
    draft.contents = vec![("pismo 1.pdf".to_owned(), bytes.to_vec())];
    draft
}

fn two() -> Draft {
    Draft::under(Draft::new("anna").text(), "rsa-3072", "s2")
}

pub fn cases() -> Vec<Case> {
    vec![
        case("the whole document", PASSED, "", || Draft::new("anna")),
        transforms("white space in the XPath", format!("{}{EXCLUSIVE}", XPATH.replace("not(", "\n not( ")), PASSED),
        xpath(
            "an XPath that leaves more out",
            "not(ancestor-or-self::ds:Signature or ancestor-or-self::kwota)",
            CONSTRAINTS,
        ),
        xpath(
            "an XPath with another prefix for another namespace",
            "not(ancestor-or-self::xades:Signature)",
            CONSTRAINTS,
        ),
        xpath("an XPath that selects everything", "true()", CONSTRAINTS),
        filter("a filter that subtracts signatures", "/descendant::ds:Signature", "subtract", PASSED),
        filter("a filter relative to the document", " descendant::ds:Signature ", "subtract", PASSED),
        filter("a filter that subtracts something else", "/descendant::t:kwota", "subtract", CONSTRAINTS),
        filter("a filter that intersects", "/descendant::ds:Signature", "intersect", CONSTRAINTS),
        transforms(
            "XSLT",
            format!("<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>{EXCLUSIVE}"),
            CONSTRAINTS,
        ),
        transforms("two canonical forms", format!("{ENVELOPED}{EXCLUSIVE}{EXCLUSIVE}"), CONSTRAINTS),
        transforms(
            "base64 of the whole document",
            "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"/>".to_owned(),
            CONSTRAINTS,
        )
        .failing("SKROTY"),
        with("anna", "the root by its identifier", PASSED, "", |draft| {
            let transforms = format!("{ENVELOPED}{EXCLUSIVE}");
            draft.references =
                vec![Reference { uri: "#dok".into(), transforms, over: Over::Own, ..Reference::whole() }];
        }),
        with("anna", "a part of the document", CONSTRAINTS, "ZAKRES", |draft| {
            draft.references = vec![Reference::id("tresc")];
        }),
        with("anna", "all parts and not the whole", CONSTRAINTS, "ZAKRES", |draft| {
            draft.document = DOCUMENT.replace("<t:kwota>", "<t:kwota Id=\"kwota\">");
            draft.references = vec![Reference::id("tresc"), Reference::id("kwota")];
        }),
        with("anna", "the signed properties alone", CONSTRAINTS, "ZAKRES", |draft| draft.references.clear()),
        with("anna", "the whole and a part again", PASSED, "", |draft| draft.references.push(Reference::id("tresc"))),
        with("anna", "something that is not there", NOT_FOUND, "SKROTY", |draft| {
            draft.references.push(Reference { uri: "#nie-ma".into(), ..Reference::id("tresc") });
        }),
        with("anna", "an XPointer", NOT_FOUND, "SKROTY", |draft| {
            draft.references.push(Reference { uri: "#xpointer(id('tresc'))".into(), ..Reference::id("tresc") });
        }),
        with("anna", "an object that is not signed", CONSTRAINTS, "ZAKRES", |draft| {
            draft.objects = "<ds:Object>dopisek</ds:Object>".into();
        }),
        with("anna", "a document changed afterwards", HASH, "SKROTY", |draft| {
            draft.edits.push((">100<".into(), ">900<".into()));
        }),
        with("anna", "an attribute changed afterwards", HASH, "SKROTY", |draft| {
            draft.edits.push(("Id=\"tresc\"".into(), "Id=\"inna\"".into()));
        }),
        case("an enveloping signature", PASSED, "", enveloping),
        case("an enveloping signature of base64", PASSED, "", decoded),
        case("an enveloping signature changed afterwards", HASH, "SKROTY", || {
            let mut draft = enveloping();
            draft.edits.push(("gęślą".into(), "gesla".into()));
            draft
        }),
        case("an enveloping signature with one object too many", CONSTRAINTS, "ZAKRES", || {
            let mut draft = enveloping();
            draft.objects += "<ds:Object Id=\"dopisek\">dopisek</ds:Object>";
            draft
        }),
        case("content beside the signature", PASSED, "", || detached("pismo%201.pdf", b"%PDF")),
        case("content beside the signature that was changed", HASH, "SKROTY", || {
            let mut draft = detached("pismo%201.pdf", b"%PDF");
            draft.contents[0].1.push(b' ');
            draft
        }),
        case("content beside the signature that was not given", NOT_FOUND, "SKROTY", || {
            let mut draft = detached("pismo%201.pdf", b"%PDF");
            draft.contents.clear();
            draft
        }),
        case("content under another name", NOT_FOUND, "SKROTY", || {
            let mut draft = detached("pismo%201.pdf", b"%PDF");
            draft.contents[0].0 = "pismo.pdf".into();
            draft
        }),
        case("more content than is signed", CONSTRAINTS, "ZAKRES", || {
            let mut draft = detached("pismo%201.pdf", b"%PDF");
            draft.contents.push(("inne.pdf".into(), b"%PDF-".to_vec()));
            draft
        }),
        case("content in XML by its canonical form", PASSED, "", || {
            let mut draft = detached("pismo.xml", b"<a></a>");
            draft.references[0].transforms = EXCLUSIVE.into();
            draft.contents = vec![("pismo.xml".into(), b"<a/>".to_vec())];
            draft
        }),
        case("two signers", PASSED, "", two),
        case("two signers and a document changed afterwards", HASH, "SKROTY", || {
            let mut draft = two();
            draft.edits.push((">100<".into(), ">900<".into()));
            draft
        }),
        case("two signers, the first of whom signed only without the second", HASH, "SKROTY", || {
            let mut first = Draft::new("anna");
            let transforms = format!("{ENVELOPED}{EXCLUSIVE}");
            first.references = vec![Reference { transforms, over: Over::Own, ..Reference::whole() }];
            Draft::under(first.text(), "rsa-3072", "s2")
        }),
    ]
}
