//! The registers of the platform as one immutable picture: who is who, which sets there are, who was granted what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::disclosure::{Grant, LegalBasis, Right};
use crate::signatures::{CertificateId, KeyFamily};
use crate::subjects::SetKind;

/// A registered certificate and the system that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemRecord {
    pub id: String,
    pub unit: String,
    /// Whether the system may leave out the signed Timestamp (rule 9.2).
    pub timestamp_optional: bool,
    /// Key family of replies; `None` means that of the caller's certificate (rule 6.2).
    pub reply_family: Option<KeyFamily>,
    /// Whether this certificate was revoked in our register.
    pub revoked: bool,
    /// The certificate's DER form.
    pub der: Vec<u8>,
}

/// A unit that asks, feeds or administers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRecord {
    pub id: String,
    pub name: String,
    pub terc: String,
    /// The administrator that this unit is, if any.
    pub tenant: Option<String>,
    pub nip: Option<String>,
    pub regon: Option<String>,
    pub address: Option<String>,
}

/// A set of one administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRecord {
    pub id: String,
    pub tenant: String,
    pub kind: SetKind,
    pub name: String,
}

/// One generation of the registers (rule 9.3).
#[derive(Debug, Default)]
pub struct Registry {
    pub(super) generation: i64,
    pub(super) tenants: BTreeMap<String, String>,
    /// Administrators whose keys were destroyed.
    pub(super) keyless: BTreeSet<String>,
    pub(super) certificates: HashMap<[u8; 32], SystemRecord>,
    /// Fingerprints by everything else that names a certificate.
    pub(super) names: HashMap<CertificateId, Vec<[u8; 32]>>,
    pub(super) units: HashMap<String, UnitRecord>,
    pub(super) users: HashMap<String, HashMap<String, BTreeSet<String>>>,
    pub(super) sets: BTreeMap<String, SetRecord>,
    pub(super) bases: HashMap<String, LegalBasis>,
    pub(super) grants: HashMap<String, HashMap<String, Vec<Grant>>>,
    /// Unit, group and right.
    pub(super) rights: BTreeSet<(String, String, Right)>,
}

impl Registry {
    /// The number that every change of the registers bumps.
    #[must_use]
    pub const fn generation(&self) -> i64 {
        self.generation
    }

    /// The system that holds the certificate with this SHA-256; also when the certificate was revoked.
    #[must_use]
    pub fn certificate(&self, fingerprint: &[u8; 32]) -> Option<&SystemRecord> {
        self.certificates.get(fingerprint)
    }

    /// The system that holds the certificate named so; none when several are.
    ///
    /// A renewed certificate often keeps its key, hence its identifier: one that was revoked does not stand in its way.
    #[must_use]
    pub fn certificate_named(&self, id: &CertificateId) -> Option<&SystemRecord> {
        let named: Vec<_> = self.names.get(id)?.iter().filter_map(|print| self.certificates.get(print)).collect();
        let valid: Vec<_> = named.iter().filter(|system| !system.revoked).copied().collect();
        match (&valid[..], &named[..]) {
            ([one], _) | ([], [one]) => Some(one),
            _ => None,
        }
    }

    #[must_use]
    pub fn unit(&self, id: &str) -> Option<&UnitRecord> {
        self.units.get(id)
    }

    /// The groups of an official of `unit`; `None` when the unit has no such official.
    #[must_use]
    pub fn user(&self, unit: &str, login: &str) -> Option<&BTreeSet<String>> {
        self.users.get(unit)?.get(login)
    }

    #[must_use]
    pub fn set(&self, id: &str) -> Option<&SetRecord> {
        self.sets.get(id)
    }

    /// All sets, ordered by identifier.
    pub fn sets(&self) -> impl Iterator<Item = &SetRecord> {
        self.sets.values()
    }

    /// Identifiers and names of the administrators, in order.
    pub fn tenants(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tenants.iter().map(|(id, name)| (id.as_str(), name.as_str()))
    }

    /// Whether the administrator's keys were destroyed: nothing of it can be opened any more.
    #[must_use]
    pub fn is_keyless(&self, tenant: &str) -> bool {
        self.keyless.contains(tenant)
    }

    /// What the groups of `unit` were granted in `set`.
    #[must_use]
    pub fn grants(&self, unit: &str, set: &str) -> &[Grant] {
        self.grants.get(unit).and_then(|sets| sets.get(set)).map_or(&[], Vec::as_slice)
    }

    /// Whether one of these groups of `unit` has the right.
    #[must_use]
    pub fn has_right<'g>(&self, unit: &str, mut groups: impl Iterator<Item = &'g String>, right: Right) -> bool {
        groups.any(|group| self.rights.contains(&(unit.to_owned(), group.clone(), right)))
    }

    #[must_use]
    pub fn basis(&self, code: &str) -> Option<&LegalBasis> {
        self.bases.get(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(id: &str, revoked: bool) -> SystemRecord {
        let (unit, der) = ("jednostka".to_owned(), Vec::new());
        SystemRecord { id: id.to_owned(), unit, timestamp_optional: false, reply_family: None, revoked, der }
    }

    #[track_caller]
    fn named(holders: &[(&str, bool)], expected: Option<&str>) {
        let id = CertificateId::KeyIdentifier(vec![7]);
        let mut registry = Registry::default();
        for (print, (system, revoked)) in (0_u8..).zip(holders) {
            registry.certificates.insert([print; 32], self::system(system, *revoked));
            registry.names.entry(id.clone()).or_default().push([print; 32]);
        }
        let found = registry.certificate_named(&id).map(|system| system.id.as_str());
        assert_eq!(found, expected, "{holders:?}");
    }

    #[test]
    fn a_name_finds_one_certificate_or_none() {
        named(&[], None);
        named(&[("a", false)], Some("a"));
        named(&[("a", true)], Some("a"));
        named(&[("a", true), ("b", false)], Some("b"));
        named(&[("a", false), ("a", false)], None);
        named(&[("a", true), ("a", true)], None);
    }
}
