//! Reads the registers from the platform database into one [`Registry`].

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::registry::{Registry, SetRecord, SystemRecord, UnitRecord};
use super::schema::{
    generation, grants, legal_bases, rights, sets, system_certificates, systems, tenants, units, user_groups, users,
    wrapped_keys,
};
use super::{Db, Error};
use crate::disclosure::{Grant, LegalBasis, Right, ScopeItem};
use crate::signatures::{CertificateId, KeyFamily};
use crate::subjects::SetKind;

/// The number that every change bumps.
pub(super) fn generation_number(db: &mut Db) -> Result<i64, Error> {
    Ok(generation::table.select(generation::number).get_result(db)?)
}

/// Reads everything; the caller holds one snapshot.
pub(super) fn load(db: &mut Db) -> Result<Registry, Error> {
    let mut registry = Registry { generation: generation_number(db)?, ..Registry::default() };
    registry.tenants = tenants::table.select((tenants::id, tenants::name)).load(db)?.into_iter().collect();
    let owners: HashSet<String> = wrapped_keys::table.select(wrapped_keys::owner).load(db)?.into_iter().collect();
    registry.keyless = registry.tenants.keys().filter(|id| !owners.contains(*id)).cloned().collect();
    load_systems(db, &mut registry)?;
    load_units(db, &mut registry)?;
    load_users(db, &mut registry)?;
    load_sets(db, &mut registry)?;
    load_rights(db, &mut registry)?;
    Ok(registry)
}

fn load_systems(db: &mut Db, registry: &mut Registry) -> Result<(), Error> {
    type Row = (Vec<u8>, Vec<u8>, Option<String>, String, String, bool, Option<String>);
    let rows: Vec<Row> = system_certificates::table
        .inner_join(systems::table)
        .select((
            system_certificates::fingerprint,
            system_certificates::der,
            system_certificates::revoked_at,
            systems::id,
            systems::unit_id,
            systems::timestamp_optional,
            systems::reply_family,
        ))
        .load(db)?;
    for (fingerprint, der, revoked_at, id, unit, timestamp_optional, family) in rows {
        let fingerprint: [u8; 32] =
            fingerprint.try_into().map_err(|_| Error::internal("a fingerprint is not 32 bytes long"))?;
        let reply_family = family.as_deref().map(parse_family).transpose()?;
        for name in CertificateId::all_of(&der).map_err(Error::internal)? {
            registry.names.entry(name).or_default().push(fingerprint);
        }
        let system = SystemRecord { id, unit, timestamp_optional, reply_family, revoked: revoked_at.is_some(), der };
        registry.certificates.insert(fingerprint, system);
    }
    Ok(())
}

fn load_units(db: &mut Db, registry: &mut Registry) -> Result<(), Error> {
    type Row = (String, String, String, Option<String>, Option<String>, Option<String>, Option<String>);
    for (id, name, terc, tenant, nip, regon, address) in units::table.load::<Row>(db)? {
        registry.units.insert(id.clone(), UnitRecord { id, name, terc, tenant, nip, regon, address });
    }
    Ok(())
}

fn load_users(db: &mut Db, registry: &mut Registry) -> Result<(), Error> {
    for (unit, login) in users::table.select((users::unit_id, users::login)).load::<(String, String)>(db)? {
        registry.users.entry(unit).or_default().entry(login).or_default();
    }
    for (unit, login, group) in user_groups::table.load::<(String, String, String)>(db)? {
        registry.users.entry(unit).or_default().entry(login).or_default().insert(group);
    }
    Ok(())
}

fn load_sets(db: &mut Db, registry: &mut Registry) -> Result<(), Error> {
    for (id, tenant, kind, name) in sets::table.load::<(String, String, String, String)>(db)? {
        let kind = SetKind::parse(&kind).ok_or_else(|| Error::internal(format!("set {id} is of no known kind")))?;
        registry.sets.insert(id.clone(), SetRecord { id, tenant, kind, name });
    }
    Ok(())
}

fn load_rights(db: &mut Db, registry: &mut Registry) -> Result<(), Error> {
    for (code, title, from, to) in legal_bases::table.load::<(String, String, String, Option<String>)>(db)? {
        let (valid_from, valid_to) = (parse_date(&from)?, to.as_deref().map(parse_date).transpose()?);
        registry.bases.insert(code.clone(), LegalBasis { code, title, valid_from, valid_to });
    }
    let mut rows: Vec<(String, String, String, String, String)> = grants::table.load(db)?;
    rows.sort_unstable(); // by bytes: the databases sort text each in its own way
    for (unit, group, set, basis, items) in rows {
        let items = items.split(',').map(ScopeItem::parse).collect::<Option<_>>();
        let items = items.ok_or_else(|| Error::internal(format!("a grant in {set} has an unknown item")))?;
        let grant = Grant { unit, group, set, items, basis };
        registry.grants.entry(grant.unit.clone()).or_default().entry(grant.set.clone()).or_default().push(grant);
    }
    // A right that only a newer program knows is none here.
    let rows: Vec<(String, String, String)> = rights::table.load(db)?;
    let known = rows.into_iter().filter_map(|(unit, group, word)| Some((unit, group, Right::parse(&word)?)));
    registry.rights = known.collect();
    Ok(())
}

/// A date as the databases keep it.
pub(super) fn parse_date(text: &str) -> Result<NaiveDate, Error> {
    text.parse().map_err(Error::internal)
}

/// The word in the database for a key family.
pub(super) const fn family_word(family: KeyFamily) -> &'static str {
    match family {
        KeyFamily::Rsa => "rsa",
        KeyFamily::Ecdsa => "ecdsa",
    }
}

fn parse_family(word: &str) -> Result<KeyFamily, Error> {
    [KeyFamily::Rsa, KeyFamily::Ecdsa]
        .into_iter()
        .find(|family| family_word(*family) == word)
        .ok_or_else(|| Error::internal(format!("unknown key family {word}")))
}
