//! Certificates: chains (20), revocation (25), qualification, identity and claims (20 and more documents).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use brama::signatures::lists::{Files, Lists};

use super::draft::Draft;
use super::scene::{at, scene};
use super::table::{Case, PASSED, case, with};
use super::times::stamp;
use super::tokens::{Says, answer, basic};

const NO_CHAIN: &str = "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND";
const CHAIN: &str = "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE";
const TRY_LATER: &str = "INDETERMINATE TRY_LATER";
const REVOKED: &str = "INDETERMINATE REVOKED_NO_POE";
const REVOKED_CA: &str = "INDETERMINATE REVOKED_CA_NO_POE";
const NOT_REVOKED: &str = "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED";
const NO_POE: &str = "INDETERMINATE OUT_OF_BOUNDS_NO_POE";
const CONSTRAINTS: &str = "INDETERMINATE SIG_CONSTRAINTS_FAILURE";

fn by(signer: &'static str, name: &'static str, verdict: &'static str, check: &'static str) -> Case {
    case(name, verdict, check, move || Draft::new(signer))
}

fn helped(
    signer: &'static str,
    helper: &'static str,
    name: &'static str,
    verdict: &'static str,
    check: &'static str,
) -> Case {
    with(signer, name, verdict, check, move |draft| draft.helpers = vec![helper])
}

pub fn chains() -> Vec<Case> {
    vec![
        by("anna", "straight to the anchor", PASSED, ""),
        by("posrednio", "by an intermediate of the configuration", PASSED, ""),
        helped("posrednio", "posredni", "by an intermediate that is enclosed as well", PASSED, ""),
        helped("anna", "obcy", "a foreign certificate enclosed beside", PASSED, ""),
        helped("anna", "anna", "the signer enclosed twice", PASSED, ""),
        by("osobisty", "to the list of personal signatures", PASSED, ""),
        by("pieczec", "to the list of seals", PASSED, ""),
        by("cyfrowy", "a key for digitalSignature", PASSED, ""),
        by("obcy", "a foreign authority", NO_CHAIN, "LANCUCH"),
        by("tsa", "a time-stamping authority signs no documents", NO_CHAIN, "LANCUCH"),
        by("tsa-nie-tsa", "nor does anybody else of its list", NO_CHAIN, "LANCUCH"),
        by("posrednio-bez-listy", "by an intermediate that is nowhere", NO_CHAIN, "LANCUCH"),
        helped("posrednio-bez-listy", "posredni", "by an intermediate beside the enclosed one", NO_CHAIN, "LANCUCH"),
        helped("posrednio-nie-ca", "posredni-nie-ca", "by somebody who is no authority", CHAIN, "LANCUCH"),
        by("szyfrujacy", "a key for encryption", CHAIN, "PRZEZNACZENIE_KLUCZA"),
        by("wystawca", "a key for certificates", CHAIN, "PRZEZNACZENIE_KLUCZA"),
        helped("posrednio-dawny", "posredni-dawny", "by an intermediate that has ended", NO_POE, "CZAS_PODPISU"),
        helped(
            "posrednio-bez-listy",
            "posredni-bez-listy",
            "by an enclosed intermediate without a list",
            TRY_LATER,
            "UNIEWAZNIENIE",
        ),
        helped(
            "posrednio-uniewazniony",
            "posredni-uniewazniony",
            "by an intermediate that was revoked",
            REVOKED_CA,
            "UNIEWAZNIENIE",
        ),
        case("judged after the end of every authority", NO_POE, "CZAS_PODPISU", || Draft {
            now: at("2033-01-01T00:00:00Z"),
            ..Draft::new("anna")
        }),
    ]
}

/// Revocation values in the document: lists and answers.
fn values(lists: &[Vec<u8>], answers: &[Vec<u8>]) -> String {
    let piece = |name: &str, bytes: &Vec<u8>| format!("<xades:{name}>{}</xades:{name}>", BASE64.encode(bytes));
    let lists: String = lists.iter().map(|list| piece("EncapsulatedCRLValue", list)).collect();
    let answers: String = answers.iter().map(|answer| piece("EncapsulatedOCSPValue", answer)).collect();
    format!(
        "<xades:RevocationValues><xades:CRLValues>{lists}</xades:CRLValues><xades:OCSPValues>{answers}</xades:OCSPValues></xades:RevocationValues>"
    )
}

/// An answer about `about`, signed by `by`.
fn answered(about: &str, by: &str, says: Says, this: &str, next: &str) -> Vec<u8> {
    let scene = scene();
    let issuer = &scene.authorities["kwalifikowany"];
    let issuer_x509 = openssl::x509::X509::from_pem(&issuer.certificate_pem().expect("PEM")).expect("a certificate");
    let about = &scene.signers[about].x509;
    if by == "kwalifikowany" {
        return answer((about, &issuer_x509), (issuer.key(), &issuer_x509), says, (at(this), at(next)));
    }
    let signer = &scene.signers[by];
    answer((about, &issuer_x509), (&signer.key, &signer.x509), says, (at(this), at(next)))
}

/// A document without fresh lists in files (judged a week later), with an answer in it.
fn with_answer(
    name: &'static str,
    verdict: &'static str,
    by: &'static str,
    says: Says,
    this: &'static str,
    next: &'static str,
) -> Case {
    let check = if verdict == PASSED { "" } else { "UNIEWAZNIENIE" };
    with("anna", name, verdict, check, move |draft| {
        draft.now = at("2026-03-09T12:00:00Z");
        draft.unsigned = values(&[], &[answered("anna", by, says, this, next)]);
    })
}

/// The same with a list in it.
fn with_list(
    name: &'static str,
    verdict: &'static str,
    by: &'static str,
    from: &'static str,
    next: &'static str,
) -> Case {
    let check = if verdict == PASSED { "" } else { "UNIEWAZNIENIE" };
    with("anna", name, verdict, check, move |draft| {
        draft.now = at("2026-03-09T12:00:00Z");
        draft.unsigned = values(&[scene().list(by, &[], from, next, None)], &[]);
    })
}

/// A certificate that ended in February, signed in January.
fn ended(name: &'static str, verdict: &'static str, signer: &'static str, lists: fn() -> Vec<Vec<u8>>) -> Case {
    let check = if verdict == REVOKED { "UNIEWAZNIENIE" } else { "CZAS_PODPISU" };
    with(signer, name, verdict, check, move |draft| {
        draft.signing_time = Some("2026-01-20T10:00:00Z".into());
        draft.unsigned = values(&lists(), &[]);
    })
}

pub fn revocation() -> Vec<Case> {
    let (fresh, next) = ("2026-03-09T06:00:00Z", "2026-03-10T06:00:00Z");
    let revoked = |since: &str| Says::Revoked(at(since));
    vec![
        by("anna", "a fresh list in a file", PASSED, ""),
        by("uniewazniona", "revoked by a list", REVOKED, "UNIEWAZNIENIE"),
        with("uniewazniona-jutro", "revoked after the time-stamp", PASSED, "", |draft| {
            draft.signing_time = Some("2026-03-01T08:00:00Z".into());
            draft.stamps = vec![stamp("tsa", "2026-03-01T09:00:00Z")];
            draft.unsigned = tsa_list("2026-03-01T06:00:00Z", "2026-03-02T06:00:00Z");
        }),
        with("uniewazniona-jutro", "revoked before the time-stamp", REVOKED, "UNIEWAZNIENIE", |draft| {
            draft.stamps = vec![stamp("tsa", "2026-03-02T09:00:00Z")];
        }),
        with("uniewazniona-jutro", "revoked after the receipt", PASSED, "", |draft| {
            draft.received = Some(at("2026-03-01T11:00:00Z"));
        }),
        with("anna", "lists that have ended", TRY_LATER, "UNIEWAZNIENIE", |draft| {
            draft.now = at("2026-03-03T07:00:00Z");
        }),
        with("anna", "lists that are to come", TRY_LATER, "UNIEWAZNIENIE", |draft| {
            draft.now = at("2026-03-02T05:00:00Z");
        }),
        with("anna", "lists a little ahead of the clock", PASSED, "", |draft| draft.now = at("2026-03-02T05:59:30Z")),
        with_list("a list in the document", PASSED, "kwalifikowany", fresh, next),
        with_list("a list in the document that is 24 hours old", PASSED, "kwalifikowany", "2026-03-08T12:00:00Z", next),
        with_list("a list in the document that is older", TRY_LATER, "kwalifikowany", "2026-03-08T11:59:59Z", next),
        with_list("a list in the document that has ended", TRY_LATER, "kwalifikowany", fresh, "2026-03-09T11:00:00Z"),
        with_list("a list of another authority", TRY_LATER, "obcy", fresh, next),
        with_answer("an answer of the authority", PASSED, "kwalifikowany", Says::Good, fresh, next),
        with_answer("an answer of whom the authority named", PASSED, "ocsp", Says::Good, fresh, next),
        with_answer("an answer of somebody not named for it", TRY_LATER, "ocsp-nie-ocsp", Says::Good, fresh, next),
        with_answer("an answer of a foreign responder", TRY_LATER, "ocsp-obcy", Says::Good, fresh, next),
        with_answer("an answer that has ended", TRY_LATER, "kwalifikowany", Says::Good, fresh, "2026-03-09T11:00:00Z"),
        with_answer("an answer that is too old", TRY_LATER, "kwalifikowany", Says::Good, "2026-03-07T06:00:00Z", next),
        with_answer("an answer that knows nothing", TRY_LATER, "kwalifikowany", Says::Unknown, fresh, next),
        with_answer(
            "an answer that it was revoked",
            REVOKED,
            "kwalifikowany",
            revoked("2026-03-05T00:00:00Z"),
            fresh,
            next,
        ),
        with("anna", "an answer about somebody else", TRY_LATER, "UNIEWAZNIENIE", move |draft| {
            draft.now = at("2026-03-09T12:00:00Z");
            draft.unsigned = values(&[], &[answered("p384", "kwalifikowany", Says::Good, fresh, next)]);
        }),
        with("anna", "an answer without its envelope", PASSED, "", move |draft| {
            draft.now = at("2026-03-09T12:00:00Z");
            draft.unsigned = values(&[], &[basic(&answered("anna", "ocsp", Says::Good, fresh, next))]);
        }),
        with("anna", "a revocation outweighs a list that does not know of it", REVOKED, "UNIEWAZNIENIE", |draft| {
            let says = Says::Revoked(at("2026-03-02T07:00:00Z"));
            let answer = answered("anna", "ocsp", says, "2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z");
            draft.unsigned = values(&[], &[answer]);
        }),
        ended("ended, and nothing is known of the time", NO_POE, "dawna-na-liscie", Vec::new),
        ended("ended, and not revoked at its end", NOT_REVOKED, "dawna", || {
            vec![scene().list("kwalifikowany", &[], "2026-01-31T12:00:00Z", "2026-02-01T12:00:00Z", None)]
        }),
        ended("ended, and a list that keeps such", NOT_REVOKED, "dawna", || {
            vec![scene().list(
                "kwalifikowany",
                &[],
                "2026-03-02T06:00:00Z",
                "2026-03-03T06:00:00Z",
                Some("2020-01-01T00:00:00Z"),
            )]
        }),
        ended("ended, and a list that keeps others", NO_POE, "dawna", || {
            vec![scene().list(
                "kwalifikowany",
                &[],
                "2026-03-02T06:00:00Z",
                "2026-03-03T06:00:00Z",
                Some("2026-02-15T00:00:00Z"),
            )]
        }),
        ended("ended, and revoked before", REVOKED, "dawna-uniewazniona", Vec::new),
        with("dawna", "ended, stamped and known to be good then", PASSED, "", |draft| {
            draft.signing_time = Some("2026-01-20T10:00:00Z".into());
            draft.stamps = vec![stamp("tsa", "2026-01-20T11:00:00Z")];
            let own = scene().list("kwalifikowany", &[], "2026-01-20T06:00:00Z", "2026-01-21T06:00:00Z", None);
            let tsa = scene().list("tsa", &[], "2026-01-20T06:00:00Z", "2026-01-21T06:00:00Z", None);
            draft.unsigned = values(&[own, tsa], &[]);
        }),
    ]
}

fn tsa_list(from: &str, next: &str) -> String {
    let own = scene().list("kwalifikowany", &[], from, next, None);
    values(&[scene().list("tsa", &[], from, next, None), own], &[])
}

const OLDER: &str = "<xades:SignerRole><xades:ClaimedRoles><xades:ClaimedRole><p:PodpisZP xmlns:p=\"http://crd.gov.pl/xml/schematy/ppzp/\"><p:DaneZP><p:DaneZPOsobyFizycznej><os:Nazwisko xmlns:os=\"http://crd.gov.pl/xml/schematy/osoba/2009/03/06/\" rodzajCzlonu=\"pierwszy\">Nowak-Testowa</os:Nazwisko><os:Imie xmlns:os=\"http://crd.gov.pl/xml/schematy/osoba/2009/03/06/\">Anna</os:Imie><os:PESEL xmlns:os=\"http://crd.gov.pl/xml/schematy/osoba/2009/03/06/\">90870112348</os:PESEL><p:IdKontaUzytkownikaEpuap>anna</p:IdKontaUzytkownikaEpuap></p:DaneZPOsobyFizycznej></p:DaneZP></p:PodpisZP></xades:ClaimedRole></xades:ClaimedRoles></xades:SignerRole>";
const NEWER: &str = "<xades:SignerRole><xades:ClaimedRoles><xades:ClaimedRole><z:EPSignature xmlns:z=\"http://crd.gov.pl/xml/schematy/podpis_zaufany/\"><z:NaturalPerson><z:CurrentFamilyName>Nowak-Testowa</z:CurrentFamilyName><z:FirstName>Anna</z:FirstName><z:PersonalIdentifier>90870112348</z:PersonalIdentifier></z:NaturalPerson></z:EPSignature></xades:ClaimedRole></xades:ClaimedRoles></xades:SignerRole>";
const PLAIN: &str = "<xades:SignerRoleV2><xades:ClaimedRoles><xades:ClaimedRole>Kierownik</xades:ClaimedRole></xades:ClaimedRoles></xades:SignerRoleV2>";

fn claimed(
    signer: &'static str,
    name: &'static str,
    verdict: &'static str,
    check: &'static str,
    claim: impl Into<String>,
) -> Case {
    let claim = claim.into();
    with(signer, name, verdict, check, move |draft| draft.signed = claim.clone())
}

pub fn identities() -> Vec<Case> {
    let twice = format!("{OLDER}{}", NEWER.replace("SignerRole>", "SignerRoleV2>"));
    vec![
        by("anna", "a qualified signature", PASSED, ""),
        by("bez-typu", "a qualified signature without a type", PASSED, ""),
        by("bez-urzadzenia", "no qualified device", PASSED, "KWALIFIKACJA"),
        by("bez-zgodnosci", "no statements", PASSED, "KWALIFIKACJA"),
        by("strona", "a certificate for web sites", PASSED, "KWALIFIKACJA"),
        by("pieczec-kwalifikowana", "a qualified seal", PASSED, ""),
        by("pieczec", "a seal", PASSED, ""),
        by("osobisty", "a personal signature", PASSED, ""),
        by("dawny-zapis", "an older way to write a PESEL", PASSED, ""),
        by("bez-pesel", "no PESEL", PASSED, ""),
        claimed("zaufany", "the older claim of a trusted profile", PASSED, "", OLDER),
        claimed("zaufany", "the newer claim of a trusted profile", PASSED, "", NEWER),
        by("zaufany", "a trusted profile without a claim", CONSTRAINTS, "WLASCIWOSCI"),
        claimed("zaufany", "a trusted profile with a plain role", CONSTRAINTS, "WLASCIWOSCI", PLAIN),
        claimed("zaufany", "a trusted profile with two claims", CONSTRAINTS, "WLASCIWOSCI", twice),
        claimed(
            "zaufany",
            "a claim with half a PESEL",
            CONSTRAINTS,
            "WLASCIWOSCI",
            OLDER.replace("90870112348", "908701"),
        ),
        claimed("zaufany", "a claim without a surname", CONSTRAINTS, "WLASCIWOSCI", NEWER.replace("Nowak-Testowa", "")),
        claimed(
            "zaufany",
            "a claim in another namespace",
            CONSTRAINTS,
            "WLASCIWOSCI",
            OLDER.replace("schematy/ppzp", "schematy/inne"),
        ),
        claimed("anna", "a claim under a qualified certificate is only declared", PASSED, "", OLDER),
        claimed("osobisty", "a claim under a personal certificate is only declared", PASSED, "", NEWER),
        claimed("pieczec", "a claim under a seal is only declared", PASSED, "", OLDER),
        claimed("obcy", "a claim under a foreign certificate", NO_CHAIN, "LANCUCH", OLDER),
        claimed("anna", "a plain role", PASSED, "", PLAIN),
    ]
}

/// What the report says of who signed.
#[track_caller]
fn identified(
    signer: &'static str,
    claim: &str,
    kind: &str,
    surname: Option<&str>,
    pesel: Option<&str>,
    declared: bool,
) {
    let mut draft = Draft::new(signer);
    draft.signed = claim.into();
    let judgement = draft.judge();
    let report = String::from_utf8(brama::signatures::xades::report(&judgement, &draft.policy)).expect("UTF-8");
    let text = |name: &str| report.split(&format!("<rp:{name}>")).nth(1).and_then(|rest| rest.split('<').next());
    assert_eq!(text("rodzaj"), Some(kind).filter(|kind| !kind.is_empty()), "{signer}");
    assert_eq!(text("nazwisko"), surname, "{signer}");
    assert_eq!(text("pesel"), pesel, "{signer}");
    assert_eq!(text("rolaDeklarowana").is_some(), declared, "{signer}");
}

#[test]
fn who_signed_is_told_by_the_certificate_or_by_a_claim_under_a_trusted_profile_alone() {
    let anna = (Some("Nowak-Testowa"), Some("90870112348"));
    identified("anna", "", "KWALIFIKOWANY", anna.0, anna.1, false);
    identified("anna", OLDER, "KWALIFIKOWANY", anna.0, anna.1, true);
    identified("bez-urzadzenia", "", "ZAAWANSOWANY", anna.0, anna.1, false);
    identified("pieczec-kwalifikowana", NEWER, "PIECZEC_KWALIFIKOWANA", None, None, true);
    identified("pieczec", OLDER, "PIECZEC", None, None, true);
    identified("osobisty", "", "OSOBISTY", anna.0, anna.1, false);
    identified("zaufany", OLDER, "ZAUFANY", anna.0, anna.1, false);
    identified("zaufany", NEWER, "ZAUFANY", anna.0, anna.1, false);
    identified("zaufany", PLAIN, "ZAUFANY", None, None, true);
    identified("obcy", OLDER, "", None, None, true);
    identified("dawny-zapis", "", "KWALIFIKOWANY", None, anna.1, false);
    identified("bez-pesel", "", "KWALIFIKOWANY", None, None, false);
}

/// The lists are apart from each other and from those of messages.
#[test]
fn a_certificate_is_believed_for_what_its_list_is_for_alone() {
    let scene = scene();
    let draft = Draft::new("anna");
    let only = |files: Files| {
        let lists = Lists::read(&files).expect("lists");
        let text = draft.text();
        let question = brama::signatures::xades::Question {
            file: text.as_bytes(),
            contents: &[],
            now: draft.now,
            received: None,
            limits: brama::xml::Limits::default(),
        };
        brama::signatures::xades::judge(&question, &lists, &draft.policy).verdict.to_string()
    };
    let crls = || scene.files.crls.clone();
    assert_eq!(only(Files { qualified: scene.files.qualified.clone(), crls: crls(), ..Files::default() }), PASSED);
    assert_eq!(only(Files { tsa: scene.files.qualified.clone(), crls: crls(), ..Files::default() }), NO_CHAIN);
    assert_eq!(
        only(Files { intermediates: scene.files.qualified.clone(), crls: crls(), ..Files::default() }),
        NO_CHAIN
    );
    assert_eq!(only(Files { personal: scene.files.personal.clone(), crls: crls(), ..Files::default() }), NO_CHAIN);
    assert_eq!(only(Files::default()), NO_CHAIN);
}
