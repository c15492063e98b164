//! Documents by people who mean harm: random bytes turned over, addresses everywhere, more work than is done.

use std::net::TcpListener;

use brama::signatures::xades::Indication;

use super::draft::Draft;
use super::table::PASSED;
use super::times::stamp;

/// A generator good enough to pick places: xorshift, seeded, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below).expect("a number")).expect("a number")
    }
}

#[test]
fn no_byte_turned_over_in_signed_parts_passes() {
    let mut stamped = Draft::new("rsa-3072");
    stamped.stamps = vec![stamp("tsa", "2026-03-02T08:00:00Z")];
    let drafts = [Draft::new("anna"), Draft::new("p384"), stamped, super::coverage::enveloping()];
    let mut random = Random(0x5eed_1e57);
    let mut refused = 0;
    for draft in &drafts {
        let text = draft.text();
        assert_eq!(draft.judge_file(text.as_bytes()).verdict.to_string(), PASSED);
        let parts = signed_parts(&text);
        for _ in 0..500 {
            let (start, end) = parts[random.next(parts.len())];
            let place = start + random.next(end - start);
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1 << random.next(8);
            let verdict = draft.judge_file(&bytes).verdict;
            assert_ne!(
                verdict.indication(),
                Indication::TotalPassed,
                "byte {place}: {}",
                String::from_utf8_lossy(&bytes)
            );
            refused += 1;
        }
    }
    assert_eq!(refused, 2000);
}

/// The texts whose every byte is signed: the content, digests, the signed properties, the value but for its last characters.
fn signed_parts(text: &str) -> Vec<(usize, usize)> {
    let between = |open: &str, close: &str| {
        let start = text.find(open)? + open.len();
        Some((start, start + text[start..].find(close)?))
    };
    let parts = [
        between("<t:tresc Id=\"tresc\">", "</t:kwota>"),
        between("<ds:Object Id=\"tresc\">", "</ds:Object>"),
        between("<xades:SigningTime>", "</xades:SigningTime>"),
        between("<ds:DigestValue>", "=</ds:DigestValue>"),
        between("<ds:SignatureMethod Algorithm=\"", "\""),
        between("<ds:SignatureValue Id=\"s1-v\">", "</ds:SignatureValue>").map(|(start, end)| (start, end - 4)),
    ];
    // The last character of a digest in base64 has bits that mean nothing.
    parts.into_iter().flatten().map(|(start, end)| (start, end.saturating_sub(1).max(start + 1))).collect()
}

#[test]
fn no_address_in_a_document_is_opened() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    listener.set_nonblocking(true).expect("a listener that does not wait");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let policy = format!(
        "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId><xades:Identifier>{address}/polityka</xades:Identifier></xades:SigPolicyId><xades:SigPolicyHash><ds:DigestMethod Algorithm=\"{address}\"/></xades:SigPolicyHash><xades:SigPolicyQualifiers><xades:SigPolicyQualifier><xades:SPURI>{address}</xades:SPURI></xades:SigPolicyQualifier></xades:SigPolicyQualifiers></xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>"
    );
    let edits: [(&str, String); 8] = [
        ("<ds:X509Data>", format!("<ds:RetrievalMethod URI=\"{address}/cert\"/><ds:X509Data>")),
        ("<t:wniosek ", format!("<!DOCTYPE t:wniosek SYSTEM \"{address}/dtd\"><t:wniosek ")),
        ("<t:wniosek ", format!("<!DOCTYPE t:wniosek [<!ENTITY x SYSTEM \"{address}/e\">]><t:wniosek ")),
        ("<t:wniosek ", format!("<?xml-stylesheet href=\"{address}/xsl\"?><t:wniosek ")),
        (
            "<t:wniosek ",
            format!(
                "<t:wniosek xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:test {address}/xsd\" "
            ),
        ),
        (
            "<t:kwota>",
            format!("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"{address}/xi\"/><t:kwota>"),
        ),
        ("<ds:SignedInfo>", format!("<ds:SignedInfo><ds:Manifest URI=\"{address}\"/>")),
        ("URI=\"\"", format!("URI=\"{address}/dokument.xml\"")),
    ];
    let signers = ["anna", "rsa-3072", "obcy", "posrednio"];
    let mut documents = 0;
    for signer in signers {
        for (old, new) in &edits {
            let mut draft = Draft::new(signer);
            draft.edits.push(((*old).to_owned(), new.clone()));
            draft.judge();
            documents += 1;
        }
        let mut with_policy = Draft::new(signer);
        with_policy.signed = policy.clone();
        with_policy.judge();
        let mut elsewhere = Draft::new(signer);
        elsewhere.references[0].uri = format!("{address}/dokument.xml");
        assert_ne!(elsewhere.judge().verdict.to_string(), PASSED);
        documents += 2;
    }
    assert_eq!(documents, 40);
    assert!(listener.accept().is_err(), "somebody called");
}

#[test]
fn seventeen_signatures_are_not_judged() {
    let mut text = Draft::new("anna").text();
    for number in 2..=17 {
        let last = Draft::under(text.clone(), "anna", &format!("s{number}"));
        if number == 17 {
            let judgement = last.judge();
            assert_eq!(judgement.verdict.to_string(), "TOTAL_FAILED FORMAT_FAILURE");
            assert!(judgement.signatures.is_empty());
        }
        text = last.text();
        if number == 16 {
            let judgement = last.judge_file(text.as_bytes());
            assert_eq!(judgement.verdict.to_string(), PASSED);
            assert_eq!(judgement.signatures.len(), 16);
        }
    }
}
