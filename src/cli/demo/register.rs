//! The demo's registers: three administrators, their units, sets, systems, officials, legal bases and grants.

use std::path::Path;

use chrono::NaiveDate;
use zeroize::Zeroizing;

use super::population::{PS_SET, PUP_SET, SR_SET};
use super::signing::seal_of;
use crate::cli::Failure;
use crate::disclosure::{Grant, LegalBasis, Right, ScopeItem};
use crate::signatures::{Certificate, KeyFamily};
use crate::store::{Error, NewSystem, NewUser, SetRecord, Stores, UnitRecord};
use crate::subjects::SetKind;

/// The only group of officials in the demo.
pub const GROUP: &str = "urzednicy";

/// One administrator, which is a unit as well, with its set, its domain system and its official.
pub struct Office {
    pub id: &'static str,
    name: &'static str,
    terc: &'static str,
    address: &'static str,
    pub set: &'static str,
    set_name: &'static str,
    kind: SetKind,
    pub system: &'static str,
    /// Both families occur, so that both are seen to work.
    pub family: KeyFamily,
    pub user: &'static str,
    position: &'static str,
}

pub static OFFICES: [Office; 3] = [
    Office {
        id: "PUP-BUSKO",
        name: "Powiatowy Urząd Pracy w Busku-Zdroju",
        terc: "2601",
        address: "28-100 Busko-Zdrój (dane pokazowe)",
        set: PUP_SET,
        set_name: "Ewidencja osób zarejestrowanych",
        kind: SetKind::Pup,
        system: "syriusz",
        family: KeyFamily::Ecdsa,
        user: "pup1",
        position: "pośrednik pracy",
    },
    Office {
        id: "OPS-BUSKO",
        name: "Ośrodek Pomocy Społecznej w Busku-Zdroju",
        terc: "2601013",
        address: "28-100 Busko-Zdrój (dane pokazowe)",
        set: PS_SET,
        set_name: "Osoby korzystające z pomocy społecznej",
        kind: SetKind::Ps,
        system: "pomoc",
        family: KeyFamily::Rsa,
        user: "ops1",
        position: "pracownik socjalny",
    },
    Office {
        id: "SR-BUSKO",
        name: "Dział Świadczeń Rodzinnych w Busku-Zdroju",
        terc: "2601013",
        address: "28-100 Busko-Zdrój (dane pokazowe)",
        set: SR_SET,
        set_name: "Decyzje o świadczeniach rodzinnych",
        kind: SetKind::Sr,
        system: "rodzinne",
        family: KeyFamily::Rsa,
        user: "sr1",
        position: "inspektor",
    },
];

/// The office whose system asks the sample requests.
#[must_use]
pub const fn asking() -> &'static Office {
    &OFFICES[1]
}

/// Code, title and first day.
const BASES: [(&str, &str, (i32, u32, u32)); 4] = [
    ("UPS-105", "ustawa z dnia 12 marca 2004 r. o pomocy społecznej, art. 105", (2004, 5, 1)),
    ("USR-23B", "ustawa z dnia 28 listopada 2003 r. o świadczeniach rodzinnych, art. 23b", (2004, 5, 1)),
    ("RPSZ-2025", "ustawa z dnia 20 marca 2025 r. o rynku pracy i służbach zatrudnienia", (2025, 6, 1)),
    ("KPA-220", "Kodeks postępowania administracyjnego, art. 220 § 1 pkt 2", (1961, 1, 1)),
];

/// Unit, set, legal basis and scope items, separated by commas.
pub const GRANTS: &[(&str, &str, &str, &str)] = &[
    ("OPS-BUSKO", PUP_SET, "UPS-105", "1,2,3.1,3.2,3.4,4,5.1,5.2,5.4,6,7,8"),
    ("OPS-BUSKO", PUP_SET, "KPA-220", "1.1,1.2,2.1"),
    ("OPS-BUSKO", SR_SET, "UPS-105", "1.1,1.2.1,1.2.2,1.2.3,2,3"),
    ("SR-BUSKO", PUP_SET, "USR-23B", "1.1,1.2,1.3,2"),
    ("SR-BUSKO", PS_SET, "USR-23B", "1.1,1.2,1.3,2.1,3"),
    ("PUP-BUSKO", PS_SET, "RPSZ-2025", "1.1,1.2,1.3,2,3.1,3.2"),
];

/// The unit that sees nothing of a set, on purpose.
pub const WITHOUT_GRANT: (&str, &str) = ("PUP-BUSKO", SR_SET);

/// Registers everything that is not registered yet; `pki` has the systems' certificates.
///
/// # Errors
/// `Unavailable` when the databases cannot be used, `Unreadable` for a certificate.
pub fn fill(stores: &Stores, pki: &Path) -> Result<(), Failure> {
    for office in &OFFICES {
        once(stores.add_tenant(office.id, office.name, None))?;
        once(stores.add_unit(&UnitRecord {
            id: office.id.to_owned(),
            name: office.name.to_owned(),
            terc: office.terc.to_owned(),
            tenant: Some(office.id.to_owned()),
            nip: None,
            regon: None,
            address: Some(office.address.to_owned()),
        }))?;
        once(stores.add_set(&SetRecord {
            id: office.set.to_owned(),
            tenant: office.id.to_owned(),
            kind: office.kind,
            name: office.set_name.to_owned(),
        }))?;
        let groups = [GROUP.to_owned()];
        let user = NewUser {
            unit: office.id,
            login: office.user,
            groups: &groups,
            pesel: None,
            position: Some(office.position),
        };
        once(stores.add_user(&user))?;
        for right in [Right::ReadRegister, Right::InspectRegister, Right::Seal] {
            once(stores.add_right(office.id, GROUP, right))?;
        }
        add_system(stores, office, pki)?;
        add_seal(stores, office, &pki.join("podpis"))?;
    }
    for (code, title, (year, month, day)) in BASES {
        let valid_from = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
        once(stores.add_basis(&LegalBasis {
            code: code.to_owned(),
            title: title.to_owned(),
            valid_from,
            valid_to: None,
        }))?;
    }
    for (unit, set, basis, items) in GRANTS {
        let grant = Grant {
            unit: (*unit).to_owned(),
            group: GROUP.to_owned(),
            set: (*set).to_owned(),
            items: items.split(',').filter_map(ScopeItem::parse).collect(),
            basis: (*basis).to_owned(),
        };
        once(stores.add_grant(&grant))?;
    }
    Ok(())
}

/// A system that exists gets the certificate in the folder beside those it has: the folder may have been made anew.
fn add_system(stores: &Stores, office: &Office, pki: &Path) -> Result<(), Failure> {
    let path = pki.join(format!("{}.pem", office.system));
    let unreadable = |error: &dyn std::fmt::Display| Failure::Unreadable(format!("{}: {error}", path.display()));
    let pem = std::fs::read(&path).map_err(|error| unreadable(&error))?;
    let certificate = Certificate::from_pem(&pem).map_err(|error| unreadable(&error))?;
    let system = NewSystem {
        id: office.system,
        unit: office.id,
        timestamp_optional: false,
        reply_family: None,
        certificates: std::slice::from_ref(&certificate),
    };
    once(stores.add_system(&system))?;
    once(stores.add_certificate(office.system, &certificate))
}

/// The unit's seal as it lies in the folder, which may have been made anew.
fn add_seal(stores: &Stores, office: &Office, folder: &Path) -> Result<(), Failure> {
    let read = |ending: &str| {
        let path = folder.join(format!("{}.{ending}", seal_of(office.id)));
        std::fs::read(&path).map_err(|error| Failure::Unreadable(format!("{}: {error}", path.display())))
    };
    let certificate = read("pem")?;
    match stores.seal_key(office.id) {
        Ok(known) if known.certificates == certificate => Ok(()),
        Ok(_) | Err(Error::Unknown(_)) => {
            Ok(stores.set_seal_key(office.id, &certificate, &Zeroizing::new(read("key")?))?)
        }
        Err(error) => Err(error.into()),
    }
}

/// What is registered already stays as it is.
fn once(added: Result<(), Error>) -> Result<(), Failure> {
    match added {
        Ok(()) | Err(Error::Exists(_)) => Ok(()),
        Err(error) => Err(Failure::Unavailable(error.to_string())),
    }
}
