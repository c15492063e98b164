//! What the vectors digest and sign, made by our canonicalization: also of those whose algorithms the gateway refuses.

use std::fs;

use brama::xml::{DS, Document, EC, Element, Ids, Method, canonicalize, canonicalize_around, ids_with};
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Public};
use openssl::sign::Verifier;

use crate::table::rows;
use crate::{folder, keys};

/// References whose digests are not those of their elements, and why.
const FORGED_REFERENCES: [(&str, usize, &str); 7] = [
    ("signxml/test/interop/phaos-xmldsig-three/signature-rsa-enveloped-bad-digest-val.xml", 1, "the digest is bad"),
    ("xmlsec1/tests/phaos-xmldsig-three/signature-rsa-enveloped-bad-digest-val.xml", 1, "the digest is bad"),
    (
        "signxml/test/interop/ws-security/ws.js/test/unit/client/files/invalid wss resp - changed content.xml",
        1,
        "the content was changed",
    ),
    ("signxml/test/xades/valid-xades-policyId-newlines.xml", 2, "indented after it was signed; xmlsec1 says so too"),
    ("xmlsec1/examples/sign1-tmpl.xml", 1, "a template"),
    ("xmlsec1/examples/verify4-tmpl.xml", 1, "a template"),
    ("xmlsec1/tests/keysstore/keysstore.xml", 1, "a template"),
];

/// Signature values that are not those of their `SignedInfo`, and why.
const FORGED_VALUES: [(&str, &str); 8] = [
    (
        "signxml/test/interop/aleksey-xmldsig-01-enveloped/invalid_enveloped_transform.xml",
        "changed after it was signed",
    ),
    ("signxml/test/interop/phaos-xmldsig-three/signature-rsa-enveloped-bad-digest-val.xml", "the digest is signed too"),
    ("xmlsec1/tests/phaos-xmldsig-three/signature-rsa-enveloped-bad-digest-val.xml", "the digest is signed too"),
    ("signxml/test/interop/phaos-xmldsig-three/signature-rsa-enveloped-bad-sig.xml", "the value is bad"),
    ("xmlsec1/tests/phaos-xmldsig-three/signature-rsa-enveloped-bad-sig.xml", "the value is bad"),
    ("signxml/test/xades/dss-signed-altered-signedPropsRemoved.xml", "a reference was removed"),
    ("signxml/test/xades/nonconformant-dss-signed-altered-refRemoved.xml", "a reference was removed"),
    ("signxml/test/xades/valid-xades-policyId-newlines.xml", "indented after it was signed; xmlsec1 says so too"),
];

/// How much was compared, so that nothing drops out unnoticed; of texts also how many are beyond us.
const REFERENCES: usize = 272;
const SIGNED_INFOS: usize = 191;
const TEXTS: (usize, usize) = (15, 48);

const IDS: [&str; 3] = ["ID", "id", "AssertionID"];
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

#[test]
fn our_octets_have_the_digests_of_the_vectors() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for_each_signature(|file, document, ids, signature| {
        let references = signature.child(DS.name("SignedInfo")).expect("SignedInfo").all(DS.name("Reference"));
        for (ordinal, reference) in (1..).zip(references) {
            let Some(octets) = octets(document, ids, signature, reference) else { continue };
            let Some(md) = digest_method(reference) else { continue };
            let Some(stated) = reference.child(DS.name("DigestValue")).map(keys::base64) else { continue };
            compared += 1;
            let holds = hash(md, &octets).expect("a digest")[..] == stated;
            let forged = FORGED_REFERENCES.iter().any(|(name, number, _)| (*name, *number) == (file, ordinal));
            if holds == forged {
                wrong.push(format!("{file}: reference {ordinal}"));
            }
        }
    });
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(compared, REFERENCES);
}

#[test]
fn our_octets_of_signed_info_are_what_the_vectors_sign() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for_each_signature(|file, _, ids, signature| {
        let Some(octets) = signed_info(signature) else { return };
        let Some((md, value)) = signature_value(signature) else { return };
        let Some(key) = key(file, ids, signature) else { return };
        let Some(value) = as_library_wants_it(&key, value) else { return };
        compared += 1;
        let mut verifier = Verifier::new(md, &key).expect("a verifier");
        let holds = verifier.verify_oneshot(&value, &octets).unwrap_or(false);
        if holds == FORGED_VALUES.iter().any(|(name, _)| *name == file) {
            wrong.push(file.to_owned());
        }
    });
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(compared, SIGNED_INFOS);
}

/// Merlin Hughes's vectors bring octets: of references that are canonicalized, and of `SignedInfo` last. Some are beyond
/// us on purpose: those under an XPath and those of documents with a document type.
#[test]
fn our_octets_are_those_that_vectors_bring() {
    let (mut compared, mut refused, mut wrong) = (0, 0, Vec::new());
    for row in rows().values() {
        let made = made(row.file);
        for text in texts(row.file) {
            let octets = fs::read(folder().join(&text)).expect("a text");
            match &made {
                Some((all, _)) if all.contains(&octets) => compared += 1,
                Some((_, false)) => wrong.push(text),
                Some((_, true)) | None => refused += 1,
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((compared, refused), TEXTS);
}

/// All octets that we can make of a vector, and whether there are references of which we cannot.
fn made(file: &str) -> Option<(Vec<Vec<u8>>, bool)> {
    let document = keys::parse(&fs::read(folder().join(file)).expect("a vector"))?;
    let ids = ids_with(&document, &IDS).ok()?;
    let root = document.root();
    let (mut made, mut beyond) = (Vec::new(), false);
    for signature in std::iter::once(root).chain(root.descendants()).filter(|one| one.is(DS.name("Signature"))) {
        let references = signature.child(DS.name("SignedInfo"))?.all(DS.name("Reference"));
        for octets in references.map(|reference| octets(&document, &ids, signature, reference)) {
            beyond |= octets.is_none();
            made.extend(octets);
        }
        made.extend(signed_info(signature));
    }
    Some((made, beyond))
}

/// The texts that belong to a vector: `<vector>-c14n-<number>.txt`, or `c14n-<number>.txt` beside a lone `signature.xml`.
fn texts(file: &str) -> Vec<String> {
    let stem = file.trim_end_matches(".xml");
    let own = |number: usize| format!("{stem}-c14n-{number}.txt");
    let lone = |number: usize| stem.strip_suffix("signature").map(|folder| format!("{folder}c14n-{number}.txt"));
    let names = (0..100).flat_map(|number| [Some(own(number)), lone(number)]).flatten();
    names.filter(|name| folder().join(name).exists()).collect()
}

fn for_each_signature(mut work: impl for<'d> FnMut(&str, &'d Document, &Ids<'d>, Element<'d>)) {
    for row in rows().values() {
        let bytes = fs::read(folder().join(row.file)).expect("a vector");
        let Some(document) = keys::parse(&bytes) else { continue };
        let Ok(ids) = ids_with(&document, &IDS) else { continue };
        let root = document.root();
        for signature in std::iter::once(root).chain(root.descendants()).filter(|one| one.is(DS.name("Signature"))) {
            if signature.child(DS.name("SignedInfo")).is_some() {
                work(row.file, &document, &ids, signature);
            }
        }
    }
}

/// What a reference digests, as far as whole elements and whole documents go.
fn octets(document: &Document, ids: &Ids<'_>, signature: Element<'_>, reference: Element<'_>) -> Option<Vec<u8>> {
    let uri = reference.attribute("URI")?;
    let transforms = reference.child(DS.name("Transforms"));
    let mut transforms = transforms.into_iter().flat_map(|all| all.all(DS.name("Transform"))).peekable();
    let enveloped = transforms.next_if(|one| one.attribute("Algorithm").as_deref() == Some(ENVELOPED));
    // XML Signature §4.4.3.2; §4.4.3.3: references by a bare name, and to the whole document, have no comments.
    let (method, prefixes) = match transforms.next() {
        Some(transform) => canonicalization(transform, true)?,
        None => (Method::Inclusive10, Vec::new()),
    };
    if transforms.next().is_some() {
        return None;
    }
    let mut bytes = Vec::new();
    let mut sink = |chunk: &[u8]| bytes.extend_from_slice(chunk);
    let without = enveloped.map(|_| signature);
    if uri.is_empty() {
        let around = document.root();
        canonicalize_around(around, method, &prefixes, without, &mut sink).ok()?;
    } else {
        canonicalize(ids.get(uri.strip_prefix('#')?)?, method, &prefixes, without, &mut sink).ok()?;
    }
    Some(bytes)
}

fn signed_info(signature: Element<'_>) -> Option<Vec<u8>> {
    let signed_info = signature.child(DS.name("SignedInfo"))?;
    let (method, prefixes) = canonicalization(signed_info.child(DS.name("CanonicalizationMethod"))?, false)?;
    let mut bytes = Vec::new();
    canonicalize(signed_info, method, &prefixes, None, &mut |chunk| bytes.extend_from_slice(chunk)).ok()?;
    Some(bytes)
}

fn canonicalization(element: Element<'_>, without_comments: bool) -> Option<(Method, Vec<String>)> {
    let uri = element.attribute("Algorithm")?;
    let uri = if without_comments { uri.trim_end_matches("WithComments") } else { &uri };
    let method = Method::from_uri(uri).or_else(|| Method::from_uri(uri.trim_end_matches('#')))?;
    let prefixes = element.child(EC.name("InclusiveNamespaces")).and_then(|list| list.attribute("PrefixList"));
    Some((method, prefixes.unwrap_or_default().split_whitespace().map(str::to_owned).collect()))
}

fn digest_method(reference: Element<'_>) -> Option<MessageDigest> {
    let uri = reference.child(DS.name("DigestMethod"))?.attribute("Algorithm")?;
    by_name(uri.rsplit_once('#')?.1)
}

fn by_name(name: &str) -> Option<MessageDigest> {
    Some(match name {
        "md5" => MessageDigest::md5(),
        "sha1" => MessageDigest::sha1(),
        "sha224" => MessageDigest::sha224(),
        "sha256" => MessageDigest::sha256(),
        "sha384" => MessageDigest::sha384(),
        "sha512" => MessageDigest::sha512(),
        _ => return None,
    })
}

/// The hash of a signature method with a public key, and the value.
fn signature_value(signature: Element<'_>) -> Option<(MessageDigest, Vec<u8>)> {
    let method = signature.child(DS.name("SignedInfo"))?.child(DS.name("SignatureMethod"))?.attribute("Algorithm")?;
    let (family, hash) = method.rsplit_once('#')?.1.split_once('-')?;
    let value = keys::base64(signature.child(DS.name("SignatureValue"))?);
    ["rsa", "dsa", "ecdsa"].contains(&family).then_some((by_name(hash)?, value))
}

/// The key that comes with a signature, or that its row names.
fn key<'d>(file: &str, ids: &Ids<'d>, signature: Element<'d>) -> Option<PKey<Public>> {
    let row = &rows()[file];
    if let Some(name) = row.key.filter(|key| !["value", "x509"].contains(key)) {
        let pem = keys::pem(&fs::read(folder().join(name)).expect("a key"));
        return openssl::x509::X509::from_pem(&pem).ok()?.public_key().ok();
    }
    keys::of(signature, ids)
}

/// DSA and ECDSA values are two numbers side by side in XML, DER for the library.
fn as_library_wants_it(key: &PKey<Public>, value: Vec<u8>) -> Option<Vec<u8>> {
    if key.rsa().is_ok() {
        return Some(value);
    }
    let (r, s) = value.split_at(value.len() / 2);
    let number = |bytes| openssl::bn::BigNum::from_slice(bytes).ok();
    openssl::ecdsa::EcdsaSig::from_private_components(number(r)?, number(s)?).ok()?.to_der().ok()
}
