//! The three verbs about signatures of documents: judge, seal, stamp. What is decided about signatures is in `signatures`.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::chancery::unusable;
use super::{Desk, access};
use crate::disclosure::Right;
use crate::ledger::EventKind;
use crate::problem::{Code, Detail, Problem};
use crate::signatures::xades::{
    self, AugmentError, Level, Means, Order, Question, SealError, Sealed, Sealer, StampError, is_xml, media_type,
};
use crate::store::{Standing, Tenant};
use crate::xml::{self, Limits};

/// What is to be judged.
pub struct Presented {
    pub document: Vec<u8>,
    /// Content beside it: the URI by which a reference names it, and its octets.
    pub contents: Vec<(String, Vec<u8>)>,
    /// The time to judge for; now unless given.
    pub at: Option<DateTime<Utc>>,
}

/// What is to be sealed.
pub struct Wanted {
    pub document: Vec<u8>,
    pub file_name: String,
    /// Reached or nothing is sealed; the highest there is unless given.
    pub level: Option<Level>,
}

/// Judges the signatures of a document (`WeryfikujPodpis`): the report, as canonical bytes.
///
/// # Errors
/// `BRAK_UPRAWNIEN` for a foreign unit or official.
pub fn judge(desk: &mut Desk<'_>, presented: &Presented) -> Result<Vec<u8>, Problem> {
    access::admit(desk)?;
    desk.check_standing()?;
    let chancery = &desk.office.chancery;
    let question = Question {
        file: &presented.document,
        contents: &presented.contents,
        now: presented.at.unwrap_or(desk.call.now),
        received: None,
        limits: limits(&presented.document),
    };
    let report = xades::report(&xades::judge(&question, &chancery.lists, &chancery.policy), &chancery.policy);
    desk.claim_look()?;
    Ok(report)
}

/// Seals a document with the key of the caller's unit (`Opieczetuj`). The entry in the register of the unit's own
/// administrator comes first, and the seal bears its name. A retry gets the seal that was made, so nothing is made for it.
///
/// # Errors
/// `BRAK_UPRAWNIEN` without the right to seal, `DANE_NIEPOPRAWNE` for a document that takes no signature,
/// `PODPIS_NARUSZA_INNE`, and `USLUGA_NIEDOSTEPNA` when the key is away or the level cannot be reached.
pub fn seal(desk: &mut Desk<'_>, wanted: &Wanted) -> Result<Option<Sealed>, Problem> {
    let tenant = own_administrator(desk)?;
    access::admit(desk)?;
    let tenant = tenant.map(|tenant| tenant.id.clone()).unwrap_or_default();
    access::require(desk, Right::Seal, &tenant)?;
    let groups = access::groups(desk);
    desk.draft.groups = access::holding(&desk.registry, &desk.call.unit, &groups, Right::Seal, &tenant);
    let sealed = match desk.check_standing()? {
        Standing::Repeat => None,
        Standing::Fresh => Some(sealed(desk, wanted)?),
    };
    // Of a repeat the register tells what the first entry said.
    desk.draft.outcome = sealed.as_ref().map(|sealed| outcome(sealed.level).into());
    desk.record(EventKind::Sealing, None)?;
    Ok(sealed)
}

/// Puts a time-stamp under every signature of a document that has none (`ZnakujCzasem`); nothing for a retry, which gets
/// the document that was stamped.
///
/// # Errors
/// `DANE_NIEPOPRAWNE` for a document without signatures that hold, `PODPIS_NARUSZA_INNE`, and `USLUGA_NIEDOSTEPNA` when no
/// authority is configured or it gives no stamp worth believing.
pub fn stamp(desk: &mut Desk<'_>, document: &[u8]) -> Result<Option<Vec<u8>>, Problem> {
    own_administrator(desk)?;
    access::admit(desk)?;
    let stamped = match desk.check_standing()? {
        Standing::Repeat => None,
        Standing::Fresh => Some(stamped(desk, document)?),
    };
    desk.claim_effect()?;
    Ok(stamped)
}

fn sealed(desk: &Desk<'_>, wanted: &Wanted) -> Result<Sealed, Problem> {
    let chancery = &desk.office.chancery;
    let unit = chancery.key(&desk.office.stores, &desk.registry, &desk.call.unit)?;
    let is_xml = is_xml(&wanted.document);
    let order = Order {
        file: &wanted.document,
        beside: (!is_xml).then_some(&wanted.file_name),
        media_type: if is_xml { "text/xml" } else { media_type(&wanted.file_name) },
        level: wanted.level,
        id: &format!("podpis-{}", desk.event()),
        now: desk.call.now,
        limits: limits(&wanted.document),
    };
    let sealer = Sealer::new(&unit.key, &unit.certificates, &chancery.lists).map_err(Problem::internal)?;
    let sealed = sealer.seal(&order, chancery.authority.as_deref(), &chancery.policy);
    sealed.map_err(|error| not_sealed(desk, error))
}

fn stamped(desk: &Desk<'_>, document: &[u8]) -> Result<Vec<u8>, Problem> {
    let chancery = &desk.office.chancery;
    let authority = chancery.authority.as_deref().ok_or_else(no_authority)?;
    let means = Means { authority, lists: &chancery.lists, policy: &chancery.policy, now: desk.call.now };
    xades::stamp(document, &means, limits(document)).map_err(|error| not_stamped(desk, error))
}

/// Turns to the administrator of the caller's own unit; of a unit without one the platform's register takes the entry.
fn own_administrator(desk: &mut Desk<'_>) -> Result<Option<Arc<Tenant>>, Problem> {
    let own = desk.registry.unit(&desk.call.unit).and_then(|unit| unit.tenant.clone());
    own.map(|tenant| desk.turn_to(&tenant)).transpose()
}

/// `wynik` of the entry.
const fn outcome(level: Level) -> &'static str {
    match level {
        Level::B => "POZIOM_B",
        Level::T => "POZIOM_T",
        Level::LT => "POZIOM_LT",
    }
}

fn limits(document: &[u8]) -> Limits {
    Limits { bytes: document.len().max(1), ..Limits::default() }
}

fn not_sealed(desk: &Desk<'_>, error: SealError) -> Problem {
    match error {
        SealError::Xml(error) => unreadable(desk, error),
        SealError::IsSignature => invalid(desk, "Dokument sam jest podpisem, nie można do niego nic dodać."),
        SealError::TooMany => invalid(desk, "Dokument ma już tyle podpisów, ile brama sprawdza."),
        SealError::BreaksOthers(_) => Code::BreaksSignatures.into(),
        SealError::Ended { .. } => unavailable("Certyfikat pieczęci jednostki jest nieważny.", error),
        SealError::NoAuthority => no_authority(),
        SealError::Augment(error) => not_raised(error),
        SealError::Key(error) => unusable(error),
    }
}

fn not_stamped(desk: &Desk<'_>, error: StampError) -> Problem {
    match error {
        StampError::Xml(error) => unreadable(desk, error),
        StampError::NoSignature => invalid(desk, "Dokument nie ma podpisu."),
        StampError::TooMany => invalid(desk, "Dokument ma więcej podpisów, niż brama sprawdza."),
        StampError::Broken(_) => invalid(desk, "Dokument ma podpis, który się nie zgadza albo ma niedozwoloną budowę."),
        StampError::NoPlace(_) => invalid(desk, "Dokument ma podpis, w którym nie ma miejsca na znacznik czasu."),
        StampError::BreaksOthers(_) => Code::BreaksSignatures.into(),
        StampError::Augment(error) => not_raised(error),
        StampError::Library(error) => Problem::internal(error),
    }
}

fn not_raised(error: AugmentError) -> Problem {
    let text = match &error {
        AugmentError::Request(_) => "Urząd znakowania czasem nie wydał znacznika.",
        AugmentError::Worthless(_) => "Znacznik wydany przez urząd znakowania czasem niczego nie dowodzi.",
        AugmentError::Clock(_) => "Zegar urzędu znakowania czasem różni się od zegara bramy.",
        AugmentError::Revoked(_) => "Certyfikat potrzebny do poziomu LT został unieważniony.",
        AugmentError::NotKnown(_) => "Nie ma świeżych danych o unieważnieniu certyfikatów, których wymaga poziom LT.",
        AugmentError::NoChain => "Certyfikat pieczęci nie prowadzi do zaufanego wystawcy, czego wymaga poziom LT.",
    };
    unavailable(text, error)
}

fn no_authority() -> Problem {
    Problem::new(Code::ServiceUnavailable).explain("Brama nie ma skonfigurowanego urzędu znakowania czasem.")
}

fn unavailable(text: &str, error: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(Code::ServiceUnavailable).explain(text).caused_by(error)
}

fn unreadable(desk: &Desk<'_>, error: xml::Error) -> Problem {
    let place = error.position().map(|at| format!(" (wiersz {}, kolumna {})", at.line, at.column));
    let text = format!("Dokument nie jest dopuszczalnym XML: {}{}", error.sentence(), place.unwrap_or_default());
    invalid(desk, &text).caused_by(error)
}

fn invalid(desk: &Desk<'_>, text: &str) -> Problem {
    let path = Some(desk.call.path_of("dokument"));
    Problem::new(Code::DataInvalid).detail(Detail { path, text: text.to_owned(), ..Detail::default() })
}
