//! Signatures good and broken, ours here and those of a foreign program in `xmlsec1`.

mod hints;
mod key_info;
mod pss;
mod token;
mod xmlsec1;

use chrono::Utc;

use super::*;
use crate::signatures::pki::{Authority, Identity};
use crate::signatures::{KeyFamily, Signer, SigningKey, VerifyingKey};
use crate::xml::{self, Attr, DS, Document, Limits, Namespace, WSU, Writer};

const T: Namespace = Namespace { prefix: "t", uri: "urn:test" };

fn identity(family: KeyFamily) -> Identity {
    Authority::new("test", Utc::now()).unwrap().issue("test", family, Utc::now()).unwrap()
}

fn key(family: KeyFamily) -> SigningKey {
    identity(family).signing_key().unwrap()
}

fn part(id: &str, text: &str) -> Vec<u8> {
    let mut out = Writer::new();
    out.apex(T.name("czesc"), &[Attr::Named(WSU.name("Id"), id)]);
    out.text_element(T.name("tekst"), text);
    out.close();
    out.into_bytes()
}

/// An envelope with one signature over two of its three parts.
fn signed(key: &SigningKey) -> String {
    let parts = [part("pierwsza", "Zażółć gęślą jaźń & <b>"), part("druga", "2")];
    let mut out = Writer::new();
    out.open(T.name("koperta"));
    sign(
        key,
        &[("pierwsza", &parts[0]), ("druga", &parts[1])],
        |out| {
            out.open(DS.name("X509Data"));
            out.base64_element(DS.name("X509Certificate"), key.certificate().der());
            out.close();
        },
        &mut out,
    )
    .unwrap();
    for one in &parts {
        out.raw(one);
    }
    out.raw(&part("obca", "unsigned"));
    out.close();
    String::from_utf8(out.into_bytes()).unwrap()
}

/// What became of the one signature of a document: the paths it covers, or what stopped it.
#[derive(Debug, PartialEq)]
enum Outcome {
    Holds(Vec<String>),
    NotXml,
    NotUnique,
    Refused(Reason),
    Fails(String),
}

fn judge(document: &[u8], key: &VerifyingKey) -> Outcome {
    judge_by(document, key)
}

fn judge_by(document: &[u8], signer: &dyn Signer) -> Outcome {
    let Ok(document) = Document::parse(document, &Limits::default()) else { return Outcome::NotXml };
    let Ok(ids) = xml::ids(&document) else { return Outcome::NotUnique };
    let Some(element) = document.root().descendants().find(|one| one.is(DS.name("Signature"))) else {
        return Outcome::Refused(Reason::Structure);
    };
    let signature = match Signature::read(element) {
        Ok(signature) => signature,
        Err(error) => return Outcome::Refused(error.reason),
    };
    match signature.verify(signer, &ids) {
        Ok(elements) => Outcome::Holds(elements.into_iter().map(xml::Element::path).collect()),
        Err(failure) => Outcome::Fails(failure.to_string()),
    }
}

fn value_fails() -> Outcome {
    Outcome::Fails("the signature value does not hold".into())
}

#[test]
fn our_signatures_cover_what_was_signed_in_its_order() {
    for family in [KeyFamily::Rsa, KeyFamily::Ecdsa] {
        let key = key(family);
        let outcome = judge(signed(&key).as_bytes(), key.certificate().key());
        let Outcome::Holds(paths) = outcome else { panic!("{outcome:?}") };
        assert_eq!(paths.len(), 2);
        assert!(paths[0].ends_with("czesc[1]") && paths[1].ends_with("czesc[2]"), "{paths:?}");
    }
}

#[test]
fn the_signed_info_is_written_canonical() {
    let key = key(KeyFamily::Ecdsa);
    let text = signed(&key);
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let element = document.root().child(DS.name("Signature")).unwrap();
    let signature = Signature::read(element).unwrap();
    let (start, end) = (text.find("<ds:SignedInfo").unwrap(), text.find("<ds:SignatureValue").unwrap());
    assert_eq!(String::from_utf8_lossy(&signature.signed_info), &text[start..end]);
    assert_eq!(signature.signed_info_digest(), openssl::sha::sha256(&text.as_bytes()[start..end]));
    assert_eq!(signature.references().iter().map(Reference::id).collect::<Vec<_>>(), [Some("pierwsza"), Some("druga")]);
    let enclosed = KeyReference::read(signature.key_info().unwrap(), &xml::ids(&document).unwrap());
    assert_eq!(enclosed, Ok(KeyReference::Enclosed { der: key.certificate().der().to_vec(), token: None }));
}

/// The canonical forms of everything that a signature which holds covers, its own `SignedInfo` first.
fn covered(document: &[u8], key: &VerifyingKey) -> Option<Vec<Vec<u8>>> {
    let document = Document::parse(document, &Limits::default()).ok()?;
    let signature = Signature::read(document.root().child(DS.name("Signature"))?).ok()?;
    let elements = signature.verify(key, &xml::ids(&document).ok()?).ok()?;
    let forms = elements.into_iter().map(|one| xml::canonical_bytes(one, xml::Method::Exclusive).ok());
    std::iter::once(Some(signature.signed_info.clone())).chain(forms).collect()
}

#[test]
fn any_flipped_bit_is_refused_or_changes_nothing_that_is_signed() {
    for (family, bit) in [(KeyFamily::Rsa, 0x01), (KeyFamily::Ecdsa, 0x20)] {
        let key = key(family);
        let text = signed(&key);
        let good = covered(text.as_bytes(), key.certificate().key()).unwrap();
        let key_info = text.find("<ds:KeyInfo").unwrap()..text.find("</ds:Signature>").unwrap();
        let signed = text.find("<ds:SignedInfo").unwrap()..text.rfind("<t:czesc").unwrap();
        let mut unchanged = 0;
        for place in signed.filter(|place| !key_info.contains(place)) {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= bit;
            if let Some(forms) = covered(&bytes, key.certificate().key()) {
                assert_eq!(forms, good, "byte {place}: {}", String::from_utf8_lossy(&bytes));
                unchanged += 1;
            }
        }
        // A prefix that is declared again inside the envelope may be declared under another name.
        assert!(unchanged < 10, "{unchanged}");
    }
}

#[test]
fn what_is_not_signed_may_change() {
    let key = key(KeyFamily::Ecdsa);
    let text = signed(&key).replace("unsigned", "changed").replace("t:koperta", "t:inna");
    assert!(matches!(judge(text.as_bytes(), key.certificate().key()), Outcome::Holds(_)));
}

#[test]
fn another_key_or_another_family_of_keys_is_refused() {
    let signer = key(KeyFamily::Ecdsa);
    let text = signed(&signer);
    let mismatch = |key| Outcome::Fails(Failure::KeyMismatch { key }.to_string());
    assert_eq!(judge(text.as_bytes(), key(KeyFamily::Ecdsa).certificate().key()), value_fails());
    assert_eq!(judge(text.as_bytes(), key(KeyFamily::Rsa).certificate().key()), mismatch(KeyFamily::Rsa));
    let renamed = text.replace("#ecdsa-sha256", "#rsa-sha256");
    assert_eq!(judge(renamed.as_bytes(), signer.certificate().key()), mismatch(KeyFamily::Ecdsa));
}

#[test]
fn a_comment_in_signed_text_changes_neither_the_signature_nor_the_text() {
    let key = key(KeyFamily::Ecdsa);
    let text = signed(&key).replace("gęślą", "gę<!-- ukryte -->ślą");
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let signature = Signature::read(document.root().child(DS.name("Signature")).unwrap()).unwrap();
    let elements = signature.verify(key.certificate(), &xml::ids(&document).unwrap()).unwrap();
    assert_eq!(elements[0].child(T.name("tekst")).unwrap().text(), "Zażółć gęślą jaźń & <b>");
}

#[test]
fn an_identifier_used_twice_is_refused() {
    let key = key(KeyFamily::Ecdsa);
    let text = signed(&key).replace("\"obca\"", "\"druga\"");
    assert_eq!(judge(text.as_bytes(), key.certificate().key()), Outcome::NotUnique);
}

#[test]
fn a_reference_that_resolves_to_nothing_is_refused() {
    let key = key(KeyFamily::Ecdsa);
    let text = signed(&key).replace("wsu:Id=\"druga\"", "wsu:id=\"druga\"");
    assert_eq!(
        judge(text.as_bytes(), key.certificate().key()),
        Outcome::Fails("reference 2 resolves to nothing".into())
    );
}

#[test]
fn a_signed_element_that_was_moved_is_returned_where_it_lies() {
    let key = key(KeyFamily::Ecdsa);
    let text = signed(&key);
    let start = text.find("<t:czesc").unwrap();
    let end = start + text[start..].find("</t:czesc>").unwrap() + "</t:czesc>".len();
    let moved = format!("{}<t:kosz>{}</t:kosz>{}", &text[..start], &text[start..end], &text[end..]);
    let Outcome::Holds(paths) = judge(moved.as_bytes(), key.certificate().key()) else { panic!("{moved}") };
    assert!(paths[0].contains("kosz"), "{paths:?}");
}

#[test]
fn the_caller_is_told_which_reference_fails_and_what_we_computed() {
    let key = key(KeyFamily::Ecdsa);
    let text = signed(&key).replace("<t:tekst>2</t:tekst>", "<t:tekst>3</t:tekst>");
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let signature = Signature::read(document.root().child(DS.name("Signature")).unwrap()).unwrap();
    let failure = signature.verify(key.certificate(), &xml::ids(&document).unwrap()).unwrap_err();
    let bytes = part("druga", "3");
    let digest = openssl::base64::encode_block(&openssl::sha::sha256(&bytes));
    assert_eq!(
        failure.explain(),
        format!(
            "Skrót (DigestValue) w odwołaniu (Reference) nr 2 nie odpowiada wskazanemu elementowi: \
             po przekształceniach ma on {} B, a jego skrót to {digest}.",
            bytes.len()
        )
    );
}

/// Replaces the first `from` of a good document and expects that reading stops for `reason`.
#[track_caller]
fn refused(text: &str, from: &str, to: &str, reason: Reason) {
    assert!(text.contains(from), "{from}");
    let key = VerifyingKey::from_pem(identity(KeyFamily::Ecdsa).certificate_pem()).unwrap();
    assert_eq!(judge(text.replacen(from, to, 1).as_bytes(), &key), Outcome::Refused(reason), "{from} -> {to}");
}

#[test]
fn algorithms_outside_the_whitelist_are_refused() {
    let text = signed(&key(KeyFamily::Ecdsa));
    let method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    for weak in [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "",
    ] {
        refused(&text, method, weak, Reason::SignatureMethod);
    }
    let parameter = format!("{method}\"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>");
    refused(&text, &format!("{method}\"></ds:SignatureMethod>"), &parameter, Reason::SignatureMethod);
    for weak in ["http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5"] {
        refused(&text, "http://www.w3.org/2001/04/xmlenc#sha256", weak, Reason::DigestMethod);
    }
    let canonicalization = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"";
    for other in ["http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "http://www.w3.org/TR/1999/REC-xslt-19991116"]
    {
        let to = format!("<ds:CanonicalizationMethod Algorithm=\"{other}\"");
        refused(&text, canonicalization, &to, Reason::Canonicalization);
    }
}

#[test]
fn transforms_outside_the_whitelist_are_refused() {
    let text = signed(&key(KeyFamily::Ecdsa));
    let transform = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
    let one = |uri: &str| format!("<ds:Transform Algorithm=\"{uri}\"></ds:Transform>");
    let enveloped = one("http://www.w3.org/2000/09/xmldsig#enveloped-signature");
    for to in [
        one("http://www.w3.org/TR/1999/REC-xslt-19991116"),
        one("http://www.w3.org/TR/1999/REC-xpath-19991116"),
        one("http://www.w3.org/2002/06/xmldsig-filter2"),
        one("http://www.w3.org/2000/09/xmldsig#base64"),
        one("http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
        "<ds:Transform></ds:Transform>".to_owned(),
        format!("{transform}{transform}"),
        format!("{transform}{enveloped}"),
        format!("{enveloped}{enveloped}{transform}"),
        transform.replace("></", "><ds:XPath>1</ds:XPath></"),
    ] {
        refused(&text, transform, &to, Reason::Transform);
    }
    refused(&text, transform, "", Reason::Structure);
}

#[test]
fn references_lead_to_an_identifier_of_the_document_or_to_all_of_it() {
    let text = signed(&key(KeyFamily::Ecdsa));
    for to in ["URI=\"#\"", "URI=\"#xpointer(/)\"", "URI=\"http://localhost/\"", "URI=\"file.xml\"", "Id=\"x\""] {
        refused(&text, "URI=\"#pierwsza\"", to, Reason::Uri);
    }
    let key = VerifyingKey::from_pem(identity(KeyFamily::Ecdsa).certificate_pem()).unwrap();
    let whole = text.replace("URI=\"#pierwsza\"", "URI=\"\"");
    assert_eq!(judge(whole.as_bytes(), &key), value_fails());
}

#[test]
fn a_signature_has_one_to_ten_references() {
    let text = signed(&key(KeyFamily::Ecdsa));
    let start = text.find("<ds:Reference").unwrap();
    let end = text.find("</ds:SignedInfo>").unwrap();
    let references = &text[start..end];
    refused(&text, references, "", Reason::References);
    refused(&text, references, &references.repeat(6), Reason::References);
    let key = VerifyingKey::from_pem(identity(KeyFamily::Ecdsa).certificate_pem()).unwrap();
    let ten = text.replacen(references, &references.repeat(5), 1);
    assert_eq!(judge(ten.as_bytes(), &key), value_fails());
}

#[test]
fn elements_out_of_place_are_refused() {
    let text = signed(&key(KeyFamily::Ecdsa));
    refused(&text, "<ds:SignatureValue>", "<ds:Object></ds:Object><ds:SignatureValue>", Reason::Structure);
    refused(&text, "</ds:SignedInfo>", "<ds:Manifest></ds:Manifest></ds:SignedInfo>", Reason::Structure);
    refused(&text, "</ds:Signature>", "<ds:SignedInfo></ds:SignedInfo></ds:Signature>", Reason::Structure);
    refused(&text, "<ds:SignatureValue>", "<ds:SignatureValue>!", Reason::Base64);
    refused(&text, "<ds:DigestValue>", "<ds:DigestValue><ds:x></ds:x>", Reason::Base64);
}
