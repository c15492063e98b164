//! The register seen from outside: its published heads, proofs under them, entries for its auditors, testimonies of others.

use std::sync::Arc;

use uuid::Uuid;

use super::{Desk, access};
use crate::disclosure::Right;
use crate::ledger::{Former, Hash, Proof, SignedHead, Testimony, parse_entry, read_entry};
use crate::problem::{Code, Detail, Problem};
use crate::signatures::Certificate;
use crate::store::{Error, LedgerReader, PLATFORM, Shown};

/// Entries in memory at a time.
const PAGE: u64 = 100;

/// Bytes of the entries in one reply; the first comes whatever its length.
const ENTRY_BYTES_MAX: usize = 4 << 20;

/// A head with what other units signed of it.
pub struct PublishedHead {
    pub head: SignedHead,
    pub testimonies: Vec<Testimony>,
    /// The size of the newest head that anybody else signed.
    pub witnessed: Option<u64>,
}

/// Entries, one or more, proved under one head.
pub struct Proved {
    pub head: SignedHead,
    pub entries: Vec<Proof>,
}

/// Two heads, the later proved to go on from the earlier.
pub struct GoesOn {
    pub former: Former,
    pub head: SignedHead,
}

/// The newest head (`PobierzGlowe`), or that of just this size.
///
/// # Errors
/// `GLOWA_NIEZNANA`.
pub fn head(desk: &mut Desk<'_>, tenant: &str, size: Option<u64>) -> Result<PublishedHead, Problem> {
    let reader = open(desk, tenant)?;
    let (head, size) = published(&reader, size)?;
    let published = PublishedHead { head, testimonies: reader.testimonies(size)?, witnessed: reader.witnessed()? };
    desk.claim_look()?;
    Ok(published)
}

/// The proof of one entry (`PobierzDowod`): for the unit that it names, and for the administrator's auditors.
///
/// # Errors
/// `WPIS_NIEZNANY`, for everybody else as well; `GLOWA_NIEZNANA` when the head does not reach the entry.
pub fn proof(desk: &mut Desk<'_>, tenant: &str, event: Uuid, size: Option<u64>) -> Result<Proved, Problem> {
    let reader = open(desk, tenant)?;
    // The entry first: the head that is read after it covers it.
    let number = reader.number_of(event)?.ok_or(Code::EntryUnknown)?;
    let stored = reader.page(number, 1)?.pop().ok_or(Code::EntryUnknown)?;
    if stored.is_removed() {
        return Err(Problem::new(Code::EntryUnknown).explain("Wpis usunięto z jego segmentem; pozostał jego skrót."));
    }
    let document = parse_entry(&stored.leaf)?;
    let concerned = read_entry(document.root())?.unit.as_ref() == Some(&desk.call.unit);
    if !concerned && access::require(desk, Right::ReadRegister, tenant).is_err() {
        return Err(Code::EntryUnknown.into());
    }
    let (head, size) = published(&reader, size)?;
    // Removed since it was read: unknown as well.
    let entries = reader.proofs(number, 1, size).map_err(|error| unless_unknown(error, Code::EntryUnknown))?;
    if entries.is_empty() {
        return Err(Problem::new(Code::HeadUnknown).explain("Głowa tego rozmiaru nie obejmuje wpisu."));
    }
    desk.claim_look()?;
    Ok(Proved { head, entries })
}

/// The proof that one head goes on from another (`PobierzDowodSpojnosci`).
///
/// # Errors
/// `GLOWA_NIEZNANA` unless both were published, the earlier not after the later.
pub fn consistency(desk: &mut Desk<'_>, tenant: &str, from: u64, to: Option<u64>) -> Result<GoesOn, Problem> {
    let reader = open(desk, tenant)?;
    let (head, size) = published(&reader, to)?;
    let (former, from) = published(&reader, Some(from))?;
    let path: Vec<Hash> = reader.consistency(from, size).map_err(|error| unless_unknown(error, Code::HeadUnknown))?;
    desk.claim_look()?;
    Ok(GoesOn { former: Former { head: former, path }, head })
}

/// Entries for the administrator's own auditors (`PobierzWpisy`), sealed parts left sealed: at most `most`, fewer when
/// they are long, from the first on that was not removed.
///
/// # Errors
/// `BRAK_UPRAWNIEN`, `GLOWA_NIEZNANA` of a register without entries.
pub fn entries(desk: &mut Desk<'_>, tenant: &str, first: u64, most: u64) -> Result<Proved, Problem> {
    let reader = open(desk, tenant)?;
    access::require(desk, Right::ReadRegister, tenant)?;
    let (head, size) = published(&reader, None)?;
    // Of what was removed only the hashes are left (rule 3.7).
    let mut first = first.max(reader.removed()?.saturating_add(1));
    let mut entries: Vec<Proof> = Vec::new();
    let mut bytes = 0;
    'pages: while (entries.len() as u64) < most {
        let done = entries.len() as u64;
        let page = match reader.proofs(first.saturating_add(done), PAGE.min(most - done), size) {
            // Removed meanwhile: what came before is gone too, or was read before it went.
            Err(Error::Unknown(_)) if done == 0 => {
                first = first.max(reader.removed()?).saturating_add(1);
                continue;
            }
            Err(Error::Unknown(_)) => break,
            page => page?,
        };
        if page.is_empty() {
            break;
        }
        for entry in page {
            bytes += entry.leaf.len();
            if bytes > ENTRY_BYTES_MAX && !entries.is_empty() {
                break 'pages;
            }
            entries.push(entry);
        }
    }
    desk.claim_look()?;
    Ok(Proved { head, entries })
}

/// Takes what the caller's unit signed of a head of another's register (`PoswiadczGlowe`); answers the head's size and
/// the testimony as it is kept.
///
/// # Errors
/// `BRAK_UPRAWNIEN` for the administrator's own unit, or for a certificate that is not of the calling system;
/// `DANE_NIEPOPRAWNE` when the signature does not hold; `GLOWA_NIEZNANA` for a head that this gateway did not publish;
/// `NIEDOSTEPNY` when it did and the register lost it, which fences the register (rule 3.5).
pub fn witness(
    desk: &mut Desk<'_>,
    tenant: &str,
    head: &SignedHead,
    signature: Vec<u8>,
    certificate: Vec<u8>,
) -> Result<(u64, Testimony), Problem> {
    open(desk, tenant)?;
    let unit = desk.registry.unit(&desk.call.unit);
    if unit.is_some_and(|unit| unit.tenant.as_deref() == Some(tenant)) {
        return Err(Problem::new(Code::Forbidden).explain("Jednostka nie poświadcza rejestru własnego administratora."));
    }
    check_certificate(desk, &certificate)?;
    let signed = SignedHead { bytes: head.bytes.clone(), signature, certificate };
    if !signed.is_signed() {
        return Err(at(desk, Code::DataInvalid, "podpis", "Podpis nie zgadza się z treścią głowy."));
    }
    let (unit, time) = (desk.call.unit.clone(), desk.call.now);
    let testimony = Testimony { unit, signature: signed.signature, certificate: signed.certificate, time };
    match desk.recorder().witness(head, &testimony)? {
        Shown::Stands(kept) => {
            desk.claim_effect()?;
            Ok((head.read()?.size, kept))
        }
        Shown::Foreign => Err(Code::HeadUnknown.into()),
        Shown::Lost => Err(Code::TenantUnavailable.into()),
    }
}

/// Turns to the register and checks who asks; the register itself takes a refusal.
fn open(desk: &mut Desk<'_>, tenant: &str) -> Result<LedgerReader, Problem> {
    let is_known = desk.registry.tenants().any(|(id, _)| id == tenant);
    let ledger = match tenant {
        PLATFORM => Some(Arc::clone(desk.office.stores.platform_ledger())),
        _ if is_known => Some(Arc::clone(&desk.turn_to(tenant)?.ledger)),
        _ => None,
    };
    access::admit(desk)?;
    let ledger = ledger.ok_or(Code::HeadUnknown)?;
    desk.check_standing()?;
    Ok(LedgerReader::new(tenant, ledger))
}

/// The newest head, or that of just this size, and its size.
fn published(reader: &LedgerReader, size: Option<u64>) -> Result<(SignedHead, u64), Problem> {
    let head = match size {
        None => reader.signed_head()?.ok_or(Code::HeadUnknown)?,
        Some(size) => reader.head_of(size).map_err(|error| unless_unknown(error, Code::HeadUnknown))?,
    };
    let size = head.read()?.size;
    Ok((head, size))
}

fn unless_unknown(error: Error, code: Code) -> Problem {
    if matches!(error, Error::Unknown(_)) { code.into() } else { error.into() }
}

/// A witness signs with a key that its system is registered with, so that its signature is somebody's.
fn check_certificate(desk: &Desk<'_>, der: &[u8]) -> Result<(), Problem> {
    let certificate = Certificate::from_der(der).ok();
    let holder = certificate.and_then(|certificate| desk.registry.certificate(&certificate.fingerprint()));
    if holder.is_some_and(|holder| holder.id == desk.call.system && !holder.revoked) {
        return Ok(());
    }
    Err(at(desk, Code::Forbidden, "certyfikat", "Certyfikat nie jest zarejestrowany dla tego systemu."))
}

fn at(desk: &Desk<'_>, code: Code, field: &str, text: &str) -> Problem {
    let path = Some(desk.call.path_of(field));
    Problem::new(code).detail(Detail { path, text: text.to_owned(), ..Detail::default() })
}
