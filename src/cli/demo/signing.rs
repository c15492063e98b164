//! The demo's keys for documents, made like those of a qualified provider, and a letter that an official signed.

use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use openssl::nid::Nid;
use openssl::x509::X509Crl;

use super::register::OFFICES;
use crate::cli::Failure;
use crate::signatures::lists::{Files, Lists};
use crate::signatures::pki::{Authority, Identity, NewKey, Statement, Usage, Wanted, WantedList};
use crate::signatures::xades::{Order, Policy, Sealer};
use crate::signatures::{Error, SigningKey};
use crate::xml::Limits;

/// Names of the authorities' files.
const QUALIFIED: &str = "kwalifikowany-ca";
const TRUSTED_PROFILE: &str = "profil-zaufany";
const TSA: &str = "tsa";

const DAYS: TimeDelta = TimeDelta::days(825);
/// The revocation list is made anew at every start.
const LIST_DAYS: TimeDelta = TimeDelta::days(30);

/// The officials' invented names and PESELs, in the order of the offices.
const OFFICIALS: [(&str, &str, &str); 3] = [
    ("Testowy", "Jan", "PNOPL-61841212342"),
    ("Testowa", "Maria", "PNOPL-72890323468"),
    ("Testowy", "Piotr", "PNOPL-80812545618"),
];

/// A letter of an office; invented like everything else here.
pub const LETTER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<pismo>
  <nadawca>Ośrodek Pomocy Społecznej w Busku-Zdroju</nadawca>
  <adresat>Powiatowy Urząd Pracy w Busku-Zdroju</adresat>
  <tresc>Proszę o potwierdzenie okresu pobierania zasiłku.</tresc>
</pismo>
";

/// The file without its ending in which the seal of a unit lies.
#[must_use]
pub fn seal_of(unit: &str) -> String {
    format!("pieczec-{unit}")
}

/// Makes the keys that are missing in `folder`, and the revocation list anew.
///
/// # Errors
/// [`Error`].
pub fn prepare(folder: &Path, now: DateTime<Utc>) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    let qualified = authority(folder, QUALIFIED, "Kwalifikowany urząd pokazowy", now)?;
    authority(folder, TRUSTED_PROFILE, "Profil zaufany, pokaz", now)?;
    let stamps = [(Nid::ORGANIZATIONNAME, "brama"), (Nid::COMMONNAME, "Urząd znakowania czasem, pokaz")];
    make(folder, TSA, || qualified.certify(&wanted(&stamps, now, Usage::TimeStamping, &[])))?;
    let (person, seal) = (
        [Statement::Compliance, Statement::Device, Statement::TypeSignature],
        [Statement::Compliance, Statement::Device, Statement::TypeSeal],
    );
    for (office, (surname, given_name, number)) in OFFICES.iter().zip(OFFICIALS) {
        let name = format!("{given_name} {surname}");
        let official = [
            (Nid::SURNAME, surname),
            (Nid::GIVENNAME, given_name),
            (Nid::SERIALNUMBER, number),
            (Nid::COMMONNAME, &name),
        ];
        make(folder, office.user, || qualified.certify(&wanted(&official, now, Usage::Signing, &person)))?;
        let unit = [(Nid::ORGANIZATIONNAME, office.id), (Nid::COMMONNAME, "Pieczęć (pokaz)")];
        make(folder, &seal_of(office.id), || qualified.certify(&wanted(&unit, now, Usage::Signing, &seal)))?;
    }
    let list =
        qualified.list(&WantedList { revoked: &[], from: now, next: now + LIST_DAYS, keeps_ended_since: None })?;
    let path = folder.join("kwalifikowany.crl");
    fs::write(&path, X509Crl::from_der(&list)?.to_pem()?).map_err(|source| Error::File { path, source })
}

/// The letter, signed by the official `user`.
///
/// # Errors
/// `Unreadable` when the key cannot be used.
pub fn signed_letter(folder: &Path, user: &str) -> Result<Vec<u8>, Failure> {
    let unusable = |error: &dyn std::fmt::Display| Failure::Unreadable(format!("{}: {error}", folder.display()));
    let file = |ending: &str| folder.join(user).with_extension(ending);
    let key = SigningKey::load(&file("key"), &file("pem")).map_err(|error| unusable(&error))?;
    let lists =
        Lists::read(&Files { qualified: vec![folder.join(QUALIFIED).with_extension("pem")], ..Files::default() });
    let lists = lists.map_err(|error| unusable(&error))?;
    let order = Order {
        file: LETTER.as_bytes(),
        beside: None,
        media_type: "text/xml",
        level: None,
        id: "podpis-pisma",
        now: Utc::now(),
        limits: Limits::default(),
    };
    let sealer = Sealer::new(&key, &[], &lists).map_err(|error| unusable(&error))?;
    Ok(sealer.seal(&order, None, &Policy::default()).map_err(|error| unusable(&error))?.file)
}

fn wanted<'a>(
    subject: &'a [(Nid, &'a str)],
    now: DateTime<Utc>,
    usage: Usage,
    statements: &'a [Statement],
) -> Wanted<'a> {
    Wanted { subject, key: NewKey::P256, from: now, to: now + DAYS, usage, statements, by_sha1: false }
}

/// The authority in `<name>.{key,pem}`, made when it is missing.
fn authority(folder: &Path, name: &str, title: &str, now: DateTime<Utc>) -> Result<Authority, Error> {
    if !folder.join(name).with_extension("pem").exists() {
        Authority::new(title, now)?.save(folder, name)?;
    }
    Authority::load_as(folder, name)
}

fn make(folder: &Path, name: &str, identity: impl FnOnce() -> Result<Identity, Error>) -> Result<(), Error> {
    if folder.join(format!("{name}.pem")).exists() {
        return Ok(());
    }
    identity()?.save(folder, name)
}
