//! Who signed: what the certificate says, or under a trusted-profile list what the signed claim says; nothing else.

use openssl::nid::Nid;

use super::facts::Facts;
use crate::signatures::lists::{Link, List};
use crate::xml::{Element, OSOBA, PODPIS_ZAUFANY, PPZP};

const ROLE_CHARACTERS_MAX: usize = 200;

/// The person or office behind a signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    pub surname: Option<String>,
    pub given_name: Option<String>,
    pub pesel: Option<String>,
    pub organization: Option<String>,
    pub unit: Option<String>,
}

/// One `ClaimedRole`: its text, and the person when it is a trusted profile's claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    pub text: String,
    pub claim: Option<Claim>,
}

/// A trusted profile's claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    Person(Identity),
    /// It has the name of a claim and not its shape.
    Unreadable,
}

impl Role {
    /// Reads `ClaimedRole`.
    #[must_use]
    pub fn read(role: Element<'_>) -> Self {
        let all = std::iter::once(role).chain(role.descendants()).map(Element::token);
        let words: Vec<String> = all.filter(|text| !text.is_empty()).collect();
        let text = words.join(" ").chars().take(ROLE_CHARACTERS_MAX).collect();
        let (older, newer) = (role.child(PPZP.name("PodpisZP")), role.child(PODPIS_ZAUFANY.name("EPSignature")));
        let claim = match (older, newer) {
            (None, None) => None,
            (Some(claim), None) if role.children().count() == 1 => Some(person_of_older(claim)),
            (None, Some(claim)) if role.children().count() == 1 => Some(person_of_newer(claim)),
            _ => Some(None),
        };
        Self { text, claim: claim.map(|person| person.map_or(Claim::Unreadable, Claim::Person)) }
    }
}

/// `PodpisZP/DaneZP/DaneZPOsobyFizycznej` with `os:Nazwisko`, `os:Imie`, `os:PESEL`.
fn person_of_older(claim: Element<'_>) -> Option<Identity> {
    let data = only(only(claim, PPZP.name("DaneZP"))?, PPZP.name("DaneZPOsobyFizycznej"))?;
    let text = |local| only(data, OSOBA.name(local)).map(Element::token);
    person(text("Nazwisko")?, text("Imie")?, text("PESEL")?)
}

/// `EPSignature/NaturalPerson` with `CurrentFamilyName`, `FirstName`, `PersonalIdentifier`.
fn person_of_newer(claim: Element<'_>) -> Option<Identity> {
    let data = only(claim, PODPIS_ZAUFANY.name("NaturalPerson"))?;
    let text = |local| only(data, PODPIS_ZAUFANY.name(local)).map(Element::token);
    person(text("CurrentFamilyName")?, text("FirstName")?, text("PersonalIdentifier")?)
}

fn person(surname: String, given_name: String, pesel: String) -> Option<Identity> {
    let is_whole = !surname.is_empty() && !given_name.is_empty() && is_pesel(&pesel);
    let person =
        Identity { surname: Some(surname), given_name: Some(given_name), pesel: Some(pesel), ..Identity::default() };
    is_whole.then_some(person)
}

fn only(parent: Element<'_>, name: crate::xml::QName) -> Option<Element<'_>> {
    let mut all = parent.all(name);
    all.next().filter(|_| all.next().is_none())
}

impl Identity {
    /// What a certificate says of its holder.
    #[must_use]
    pub fn of(certificate: &Link) -> Self {
        let entry = |kind| certificate.subject_entry(kind);
        Self {
            surname: entry(Nid::SURNAME),
            given_name: entry(Nid::GIVENNAME),
            pesel: entry(Nid::SERIALNUMBER).as_deref().and_then(pesel_of),
            organization: entry(Nid::ORGANIZATIONNAME),
            unit: entry(Nid::ORGANIZATIONALUNITNAME),
        }
    }
}

/// Who signed, and what else was claimed; claims are an identity under a trusted-profile list alone.
#[must_use]
pub fn identify(facts: &Facts) -> (Identity, Option<String>) {
    let is_trusted_profile = matches!(facts.chain, Some(Ok((List::TrustedProfile, _))));
    let is_identity = |role: &Role| is_trusted_profile && matches!(role.claim, Some(Claim::Person(_)));
    let declared: Vec<&str> =
        facts.roles.iter().filter(|role| !is_identity(role)).map(|role| role.text.as_str()).collect();
    let declared = Some(declared.join("; ")).filter(|text| !text.is_empty());
    let identity = if is_trusted_profile { claimed(&facts.roles) } else { facts.signer.as_ref().map(Identity::of) };
    (identity.unwrap_or_default(), declared)
}

/// The person of the one claim; two claims are none.
#[must_use]
pub fn claimed(roles: &[Role]) -> Option<Identity> {
    let mut claims = roles.iter().filter_map(|role| role.claim.as_ref());
    match (claims.next(), claims.next()) {
        (Some(Claim::Person(person)), None) => Some(person.clone()),
        _ => None,
    }
}

/// EN 319 412-1 §5.1.3 (`PNOPL-…`), and what Polish authorities wrote before it.
fn pesel_of(serial: &str) -> Option<String> {
    let digits = ["PNOPL-", "PESEL:", "PESEL-", "PESEL "].iter().find_map(|start| serial.strip_prefix(start))?.trim();
    is_pesel(digits).then(|| digits.to_owned())
}

fn is_pesel(text: &str) -> bool {
    text.len() == 11 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    #[test]
    fn a_serial_number_holds_a_pesel_only_in_known_ways() {
        for (serial, expected) in [
            ("PNOPL-00810112345", Some("00810112345")),
            ("PESEL:00810112345", Some("00810112345")),
            ("PESEL: 00810112345", Some("00810112345")),
            ("PNODE-00810112345", None),
            ("PNOPL-0081011234", None),
            ("PNOPL-0081011234x", None),
            ("IDCPL-00810112345", None),
            ("00810112345", None),
            ("NIP: 0081011234", None),
        ] {
            assert_eq!(pesel_of(serial).as_deref(), expected, "{serial}");
        }
    }

    #[track_caller]
    fn check(inside: &str, expected: &str) {
        let text =
            format!("<r xmlns:p='{}' xmlns:os='{}' xmlns:z='{}'>{inside}</r>", PPZP.uri, OSOBA.uri, PODPIS_ZAUFANY.uri);
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let found = match Role::read(document.root()).claim {
            Some(Claim::Person(person)) => person.pesel.unwrap_or_default(),
            Some(Claim::Unreadable) => "unreadable".to_owned(),
            None => "none".to_owned(),
        };
        assert_eq!(found, expected, "{inside}");
    }

    #[test]
    fn claims_have_two_shapes() {
        let older = "<p:PodpisZP><p:DaneZP><p:DaneZPOsobyFizycznej><os:Nazwisko rodzajCzlonu='pierwszy'>Jan-Testowy</os:Nazwisko><os:Imie>Jan</os:Imie><os:PESEL>00810112345</os:PESEL><p:IdKontaUzytkownikaEpuap>jan</p:IdKontaUzytkownikaEpuap></p:DaneZPOsobyFizycznej></p:DaneZP></p:PodpisZP>";
        let newer = "<z:EPSignature><z:NaturalPerson><z:CurrentFamilyName>Testowy</z:CurrentFamilyName><z:FirstName>Jan</z:FirstName><z:PersonalIdentifier>00810112345</z:PersonalIdentifier></z:NaturalPerson></z:EPSignature>";
        check(older, "00810112345");
        check(newer, "00810112345");
        check("Kierownik", "none");
        check("<x/>", "none");
        check(&format!("{older}{newer}"), "unreadable");
        check(&older.replace("<os:Imie>Jan</os:Imie>", ""), "unreadable");
        check(&older.replace("<os:Imie>Jan</os:Imie>", "<os:Imie>Jan</os:Imie><os:Imie>Ewa</os:Imie>"), "unreadable");
        check(&newer.replace("00810112345", "0081"), "unreadable");
    }
}
