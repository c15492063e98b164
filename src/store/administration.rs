//! Every change of the registers: checked, written with a new generation, so that a running gateway sees it within a second.

use chrono::{NaiveDate, Utc};
use diesel::prelude::*;

use super::names::{is_basis_code, is_identifier, is_set_id, is_text, require};
use super::platform::PLATFORM;
use super::registry::{SetRecord, UnitRecord};
use super::registry_rows::family_word;
use super::schema::{
    grants, legal_bases, rights, sets, system_certificates, systems, tenants, units, user_groups, users,
};
use super::{Address, Db, Error, KeyRing, Stores};
use crate::disclosure::{Grant, LegalBasis, Right};
use crate::signatures::{Certificate, KeyFamily};

/// A domain system to be registered, with one certificate at least.
#[derive(Debug, Clone)]
pub struct NewSystem<'a> {
    pub id: &'a str,
    pub unit: &'a str,
    pub timestamp_optional: bool,
    pub reply_family: Option<KeyFamily>,
    pub certificates: &'a [Certificate],
}

/// An official to be registered.
#[derive(Debug, Clone)]
pub struct NewUser<'a> {
    pub unit: &'a str,
    pub login: &'a str,
    pub groups: &'a [String],
    /// Kept sealed.
    pub pesel: Option<&'a str>,
    /// Kept sealed.
    pub position: Option<&'a str>,
}

/// Adding to the registers. Every method returns `Refused` for a malformed name, `Unknown` for a name that it relies on
/// and that is not registered, `Exists` for one that is taken.
impl Stores {
    /// Registers an administrator: makes its keys and its databases. `database` is a PostgreSQL address; without it the
    /// databases are files in the data folder.
    ///
    /// # Errors
    /// As above; `Refused` also when the database belongs to somebody else or holds sets already.
    pub fn add_tenant(&self, id: &str, name: &str, database: Option<&str>) -> Result<(), Error> {
        require(is_identifier(id) && id != PLATFORM, "the administrator's identifier")?;
        require(is_text(name), "the name")?;
        let address = database.map(Address::postgres).transpose()?;
        let taken = || format!("administrator {id} exists");
        if self.platform().tenant_ids()?.iter().any(|known| known == id) {
            return Err(Error::Exists(taken()));
        }
        self.prepare(id, address.as_ref())?;
        let ring = KeyRing::generate(id)?;
        let sealed = database.map(|url| self.platform().seal_text("baza", id, url)).transpose()?;
        let added = self.platform().change(|db| {
            let row = (tenants::id.eq(id), tenants::name.eq(name), tenants::database_sealed.eq(sealed));
            diesel::insert_into(tenants::table).values(row).execute(db)?;
            self.platform().keep_keys(db, &ring)
        });
        added.map_err(|error| error.or_exists(taken))
    }

    /// Registers a unit.
    ///
    /// # Errors
    /// As above.
    pub fn add_unit(&self, unit: &UnitRecord) -> Result<(), Error> {
        require(is_identifier(&unit.id), "the unit's identifier")?;
        require(is_text(&unit.name), "the name")?;
        let digits =
            |text: &str| !text.is_empty() && text.len() <= 14 && text.bytes().all(|byte| byte.is_ascii_digit());
        require((2..=7).contains(&unit.terc.len()) && digits(&unit.terc), "the TERC code")?;
        require(unit.nip.as_deref().is_none_or(|nip| nip.len() == 10 && digits(nip)), "the NIP")?;
        require(unit.regon.as_deref().is_none_or(|regon| matches!(regon.len(), 9 | 14) && digits(regon)), "the REGON")?;
        require(unit.address.as_deref().is_none_or(is_text), "the address")?;
        let added = self.platform().change(|db| {
            if let Some(tenant) = &unit.tenant {
                known(db, Named::Tenant, tenant)?;
            }
            let row = (
                units::id.eq(&unit.id),
                units::name.eq(&unit.name),
                units::terc.eq(&unit.terc),
                units::tenant_id.eq(&unit.tenant),
                units::nip.eq(&unit.nip),
                units::regon.eq(&unit.regon),
                units::address.eq(&unit.address),
            );
            diesel::insert_into(units::table).values(row).execute(db)?;
            Ok(())
        });
        added.map_err(|error| error.or_exists(|| format!("unit {} exists", unit.id)))
    }

    /// Registers a set of an administrator.
    ///
    /// # Errors
    /// As above.
    pub fn add_set(&self, set: &SetRecord) -> Result<(), Error> {
        require(is_set_id(&set.id), "the set's identifier")?;
        require(is_text(&set.name), "the name")?;
        let added = self.platform().change(|db| {
            known(db, Named::Tenant, &set.tenant)?;
            let row = (
                sets::id.eq(&set.id),
                sets::tenant_id.eq(&set.tenant),
                sets::kind.eq(set.kind.wire()),
                sets::name.eq(&set.name),
            );
            diesel::insert_into(sets::table).values(row).execute(db)?;
            Ok(())
        });
        added.map_err(|error| error.or_exists(|| format!("set {} exists", set.id)))
    }

    /// Registers a domain system with its certificates.
    ///
    /// # Errors
    /// As above; `Exists` also when a certificate is registered already, for whichever system.
    pub fn add_system(&self, system: &NewSystem<'_>) -> Result<(), Error> {
        require(is_identifier(system.id), "the system's identifier")?;
        let added = self.platform().change(|db| {
            known(db, Named::Unit, system.unit)?;
            let row = (
                systems::id.eq(system.id),
                systems::unit_id.eq(system.unit),
                systems::timestamp_optional.eq(system.timestamp_optional),
                systems::reply_family.eq(system.reply_family.map(family_word)),
            );
            diesel::insert_into(systems::table).values(row).execute(db)?;
            system.certificates.iter().try_for_each(|certificate| insert_certificate(db, system.id, certificate))
        });
        added.map_err(|error| error.or_exists(|| format!("system {} or its certificate exists", system.id)))
    }

    /// Gives a system one more certificate.
    ///
    /// # Errors
    /// As above.
    pub fn add_certificate(&self, system: &str, certificate: &Certificate) -> Result<(), Error> {
        let added = self.platform().change(|db| {
            known(db, Named::System, system)?;
            insert_certificate(db, system, certificate)
        });
        added.map_err(|error| error.or_exists(|| "the certificate is registered already".to_owned()))
    }

    /// Revokes a certificate of a system; it stays in the register, so that it can never come back under another name.
    ///
    /// # Errors
    /// As above; `Exists` when it was revoked before.
    pub fn revoke_certificate(&self, system: &str, certificate: &Certificate) -> Result<(), Error> {
        self.platform().change(|db| {
            known(db, Named::System, system)?;
            let fingerprint = certificate.fingerprint();
            let own = system_certificates::table
                .filter(system_certificates::fingerprint.eq(fingerprint.as_slice()))
                .filter(system_certificates::system_id.eq(system));
            let revoked: Option<Option<String>> = own.select(system_certificates::revoked_at).first(db).optional()?;
            match revoked {
                None => return Err(Error::Unknown(format!("system {system} has no such certificate"))),
                Some(Some(_)) => return Err(Error::Exists("the certificate was revoked before".to_owned())),
                Some(None) => {}
            }
            diesel::update(system_certificates::table.find(fingerprint.as_slice()))
                .set(system_certificates::revoked_at.eq(Utc::now().to_rfc3339()))
                .execute(db)?;
            Ok(())
        })
    }

    /// Registers an official of a unit.
    ///
    /// # Errors
    /// As above.
    pub fn add_user(&self, user: &NewUser<'_>) -> Result<(), Error> {
        require(is_identifier(user.login), "the login")?;
        require(!user.groups.is_empty() && user.groups.iter().all(|group| is_identifier(group)), "the group")?;
        require(user.position.is_none_or(is_text), "the position")?;
        let row = format!("{}/{}", user.unit, user.login);
        let seal =
            |purpose, text: Option<&str>| text.map(|text| self.platform().seal_text(purpose, &row, text)).transpose();
        let (pesel, position) = (seal("uzytkownik-pesel", user.pesel)?, seal("uzytkownik-stanowisko", user.position)?);
        let added = self.platform().change(|db| {
            known(db, Named::Unit, user.unit)?;
            let row = (
                users::unit_id.eq(user.unit),
                users::login.eq(user.login),
                users::pesel_sealed.eq(pesel),
                users::position_sealed.eq(position),
            );
            diesel::insert_into(users::table).values(row).execute(db)?;
            let mut groups: Vec<&String> = user.groups.iter().collect();
            groups.sort();
            groups.dedup();
            for group in groups {
                let row = (
                    user_groups::unit_id.eq(user.unit),
                    user_groups::login.eq(user.login),
                    user_groups::group_id.eq(group),
                );
                diesel::insert_into(user_groups::table).values(row).execute(db)?;
            }
            Ok(())
        });
        added.map_err(|error| error.or_exists(|| format!("user {} of unit {} exists", user.login, user.unit)))
    }

    /// Registers a legal basis.
    ///
    /// # Errors
    /// As above.
    pub fn add_basis(&self, basis: &LegalBasis) -> Result<(), Error> {
        require(is_basis_code(&basis.code), "the code of the legal basis")?;
        require(is_text(&basis.title), "the title")?;
        require(basis.valid_to.is_none_or(|to: NaiveDate| to >= basis.valid_from), "the period of validity")?;
        let added = self.platform().change(|db| {
            let row = (
                legal_bases::code.eq(&basis.code),
                legal_bases::title.eq(&basis.title),
                legal_bases::valid_from.eq(basis.valid_from.to_string()),
                legal_bases::valid_to.eq(basis.valid_to.map(|to| to.to_string())),
            );
            diesel::insert_into(legal_bases::table).values(row).execute(db)?;
            Ok(())
        });
        added.map_err(|error| error.or_exists(|| format!("legal basis {} exists", basis.code)))
    }

    /// Grants a group of a unit items of a set on a legal basis.
    ///
    /// # Errors
    /// As above.
    pub fn add_grant(&self, grant: &Grant) -> Result<(), Error> {
        require(is_identifier(&grant.group), "the group")?;
        require(!grant.items.is_empty(), "the scope items")?;
        let items: Vec<String> = grant.items.iter().map(ToString::to_string).collect();
        let added = self.platform().change(|db| {
            known(db, Named::Unit, &grant.unit)?;
            known(db, Named::Set, &grant.set)?;
            known(db, Named::Basis, &grant.basis)?;
            let row = (
                grants::unit_id.eq(&grant.unit),
                grants::group_id.eq(&grant.group),
                grants::set_id.eq(&grant.set),
                grants::basis_code.eq(&grant.basis),
                grants::items.eq(items.join(",")),
            );
            diesel::insert_into(grants::table).values(row).execute(db)?;
            Ok(())
        });
        added.map_err(|error| {
            error.or_exists(|| {
                format!("group {} of {} has a grant in {} on {}", grant.group, grant.unit, grant.set, grant.basis)
            })
        })
    }

    /// Gives a group of a unit a right over the unit's own administrator.
    ///
    /// # Errors
    /// As above.
    pub fn add_right(&self, unit: &str, group: &str, right: Right) -> Result<(), Error> {
        require(is_identifier(group), "the group")?;
        let added = self.platform().change(|db| {
            known(db, Named::Unit, unit)?;
            let row = (rights::unit_id.eq(unit), rights::group_id.eq(group), rights::right_name.eq(right.word()));
            diesel::insert_into(rights::table).values(row).execute(db)?;
            Ok(())
        });
        added.map_err(|error| error.or_exists(|| format!("group {group} of {unit} has the right {}", right.word())))
    }
}

fn insert_certificate(db: &mut Db, system: &str, certificate: &Certificate) -> Result<(), Error> {
    let fingerprint = certificate.fingerprint();
    let row = (
        system_certificates::fingerprint.eq(fingerprint.as_slice()),
        system_certificates::system_id.eq(system),
        system_certificates::der.eq(certificate.der()),
    );
    diesel::insert_into(system_certificates::table).values(row).execute(db)?;
    Ok(())
}

/// What a register is asked for by its identifier.
#[derive(Clone, Copy)]
enum Named {
    Tenant,
    Unit,
    System,
    Set,
    Basis,
}

fn known(db: &mut Db, what: Named, id: &str) -> Result<(), Error> {
    let (noun, count): (_, i64) = match what {
        Named::Tenant => ("administrator", tenants::table.filter(tenants::id.eq(id)).count().get_result(db)?),
        Named::Unit => ("unit", units::table.filter(units::id.eq(id)).count().get_result(db)?),
        Named::System => ("system", systems::table.filter(systems::id.eq(id)).count().get_result(db)?),
        Named::Set => ("set", sets::table.filter(sets::id.eq(id)).count().get_result(db)?),
        Named::Basis => ("legal basis", legal_bases::table.filter(legal_bases::code.eq(id)).count().get_result(db)?),
    };
    if count == 1 { Ok(()) } else { Err(Error::Unknown(format!("there is no {noun} {id}"))) }
}
