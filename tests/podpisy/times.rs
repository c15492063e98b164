//! Times: stated, stamped, received and now; 20 and more documents.

use super::draft::{Draft, Stamp};
use super::scene::at;
use super::table::{Case, PASSED, case, with};
use super::tokens::Flaw;

const CONSTRAINTS: &str = "INDETERMINATE SIG_CONSTRAINTS_FAILURE";
const ORDER: &str = "INDETERMINATE TIMESTAMP_ORDER_FAILURE";
const NOT_YET: &str = "TOTAL_FAILED NOT_YET_VALID";
const NO_POE: &str = "INDETERMINATE OUT_OF_BOUNDS_NO_POE";
const STAMPS: &str = "ZNACZNIKI_CZASU";

pub fn stamp(by: &'static str, at: &str) -> Stamp {
    Stamp { by, at: at.to_owned(), flaw: Flaw::None, is_own: true }
}

/// A document with one stamp of noon yesterday.
fn stamped(name: &'static str, check: &'static str, by: &'static str, change: fn(&mut Stamp)) -> Case {
    with("anna", name, PASSED, check, move |draft| {
        let mut stamp = stamp(by, "2026-03-02T08:00:00Z");
        change(&mut stamp);
        draft.stamps = vec![stamp];
    })
}

fn stated(name: &'static str, verdict: &'static str, check: &'static str, time: &'static str) -> Case {
    with("anna", name, verdict, check, move |draft| draft.signing_time = Some(time.to_owned()))
}

pub fn cases() -> Vec<Case> {
    vec![
        stamped("a time-stamp", "", "tsa", |_| {}),
        stamped("a time-stamp by RSA", "", "tsa-rsa", |_| {}),
        stamped("a time-stamp of another signature is ignored", STAMPS, "tsa", |stamp| stamp.is_own = false),
        stamped("a time-stamp by SHA-1 is ignored", STAMPS, "tsa", |stamp| stamp.flaw = Flaw::Sha1Imprint),
        stamped("a time-stamp that binds another certificate is ignored", STAMPS, "tsa", |stamp| {
            stamp.flaw = Flaw::Bound;
        }),
        stamped("a time-stamp with a false signature is ignored", STAMPS, "tsa", |stamp| stamp.flaw = Flaw::Signature),
        stamped("a time-stamp without its certificate is ignored", STAMPS, "tsa", |stamp| {
            stamp.flaw = Flaw::NoCertificate;
        }),
        stamped("a time-stamp of two signers is ignored", STAMPS, "tsa", |stamp| stamp.flaw = Flaw::Twice),
        stamped("a time-stamp of a foreign authority is ignored", STAMPS, "tsa-obca", |_| {}),
        stamped("a time-stamp of somebody who makes none is ignored", STAMPS, "tsa-nie-tsa", |_| {}),
        stamped("a time-stamp of an authority revoked since is ignored", STAMPS, "tsa-uniewazniona", |_| {}),
        stamped("a time-stamp of an authority that had ended is ignored", STAMPS, "tsa-dawna", |_| {}),
        stamped("a time-stamp of the future is ignored", STAMPS, "tsa", |stamp| {
            stamp.at = "2026-03-02T13:00:00Z".into();
        }),
        with("anna", "a time-stamp that is no token is ignored", PASSED, STAMPS, |draft| {
            draft.unsigned = "<xades:SignatureTimeStamp><xades:EncapsulatedTimeStamp>AAAA</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>".into();
        }),
        with("anna", "the earlier of two time-stamps counts", PASSED, "", |draft| {
            draft.stamps = vec![stamp("tsa", "2026-03-02T09:00:00Z"), stamp("tsa-rsa", "2026-03-02T08:00:00Z")];
        }),
        with("dawna-na-liscie", "a bad time-stamp does not save an ended certificate", NO_POE, STAMPS, |draft| {
            draft.signing_time = Some("2026-01-20T10:00:00Z".into());
            draft.stamps = vec![Stamp { flaw: Flaw::Signature, ..stamp("tsa", "2026-01-21T10:00:00Z") }];
        }),
        with("anna", "a stated time after the time-stamp", ORDER, STAMPS, |draft| {
            draft.signing_time = Some("2026-03-02T10:00:00Z".into());
            draft.stamps = vec![stamp("tsa", "2026-03-02T08:00:00Z")];
        }),
        with("anna", "a stated time after the time-stamp within the skew", PASSED, "", |draft| {
            draft.signing_time = Some("2026-03-02T08:00:59Z".into());
            draft.stamps = vec![stamp("tsa", "2026-03-02T08:00:00Z")];
        }),
        with("przyszla", "a time-stamp before the certificate", NOT_YET, "CZAS_PODPISU", |draft| {
            draft.signing_time = Some("2026-03-02T08:00:00Z".into());
            draft.stamps = vec![stamp("tsa", "2026-03-02T08:00:00Z")];
        }),
        with("jutrzejsza", "a certificate of tomorrow", NO_POE, "CZAS_PODPISU", |draft| draft.signing_time = None),
        stated("a stated time in the future", CONSTRAINTS, "WLASCIWOSCI", "2026-03-02T12:02:00Z"),
        stated("a stated time in the future within the skew", PASSED, "", "2026-03-02T12:00:30Z"),
        stated("a stated time with a zone", PASSED, "", "2026-03-02T12:30:00+01:00"),
        stated("a stated time without a zone is in UTC", PASSED, "", "2026-03-02T11:30:00.250"),
        stated("a stated time before the certificate", CONSTRAINTS, "WLASCIWOSCI", "2024-01-01T00:00:00Z"),
        stated("a stated time that is none", "TOTAL_FAILED FORMAT_FAILURE", "FORMAT", "wczoraj"),
        with("anna", "no stated time gets a warning", PASSED, "WLASCIWOSCI", |draft| draft.signing_time = None),
        with("anna", "a receipt before the stated time", CONSTRAINTS, "WLASCIWOSCI", |draft| {
            draft.received = Some(at("2026-03-01T09:00:00Z"));
        }),
        case("a receipt while revocation data were fresh", PASSED, "", || Draft {
            received: Some(at("2026-03-02T07:00:00Z")),
            now: at("2026-03-09T00:00:00Z"),
            ..Draft::new("anna")
        }),
    ]
}
