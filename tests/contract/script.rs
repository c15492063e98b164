//! `world.toml`: who there is, what they may see, what is fed; done once for every prepared world.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use brama::disclosure::{Grant, LegalBasis, Right, ScopeItem};
use brama::signatures::pki::{self, Authority, NewKey, Usage, Wanted, WantedList};
use brama::signatures::{KeyFamily, SigningKey};
use brama::store::{NewSystem, NewUser, SetRecord, Stores, UnitRecord};
use brama::subjects::SetKind;
use chrono::{TimeDelta, Utc};
use openssl::nid::Nid;
use openssl::x509::X509Crl;
use serde::Deserialize;
use uuid::Uuid;

use crate::case::root;
use crate::gateway::Gateway;
use crate::message;
use crate::postgres::Postgres;
use crate::verdict::Answer;
use crate::world::Engine;

/// A key in a token that nobody has.
const AWAY: &str =
    "pkcs11:token=zabrany;object=pieczec?module-path=/nie/ma/takiej/biblioteki.so&pin-source=file:/nie/ma/pinu";

/// The whole of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    unit: Vec<Unit>,
    set: Vec<Set>,
    system: Vec<System>,
    certificate: Vec<Named>,
    user: Vec<User>,
    basis: Vec<Basis>,
    grant: Vec<Granted>,
    right: Vec<Held>,
    seal: Vec<Seal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unit {
    id: String,
    name: String,
    terc: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    id: String,
    name: String,
    tenant: String,
    kind: String,
    feed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct System {
    id: String,
    unit: String,
    key: String,
    timestamp: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    key: String,
    system: Option<String>,
    #[serde(default)]
    expired: bool,
    #[serde(default)]
    revoked: bool,
    #[serde(default)]
    foreign: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    login: String,
    unit: String,
    groups: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Basis {
    code: String,
    title: String,
    from: String,
    to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    unit: String,
    group: String,
    right: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    unit: String,
    #[serde(default)]
    away: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Granted {
    unit: String,
    group: String,
    set: String,
    items: Vec<String>,
    basis: String,
}

impl Script {
    pub fn read() -> Self {
        let text = fs::read_to_string(root().join("world.toml")).expect("world.toml");
        toml::from_str(&text).expect("world.toml is as described")
    }

    /// Makes the PKI: the gateway's keys, those of the systems and the other certificates.
    pub fn issue(&self, folder: &Path) -> BTreeMap<String, SigningKey> {
        let now = Utc::now();
        pki::init(folder, now).expect("a PKI");
        let (ours, foreign) =
            (Authority::load(folder).expect("its authority"), Authority::new("Obcy urząd", now).expect("another"));
        let systems = self.system.iter().map(|system| (&system.id, &system.key, &ours, false));
        let others = self
            .certificate
            .iter()
            .map(|one| (&one.name, &one.key, if one.foreign { &foreign } else { &ours }, one.expired));
        let issued = systems.chain(others).map(|(name, key, authority, expired)| {
            let family = if key == "rsa" { KeyFamily::Rsa } else { KeyFamily::Ecdsa };
            let days = if expired { -1 } else { 30 };
            let identity = authority.issue_until(name, family, now - TimeDelta::days(9), now + TimeDelta::days(days));
            (name.clone(), identity.expect("a certificate").signing_key().expect("its key"))
        });
        issued.collect()
    }

    /// Makes what documents are believed by, in files of `folder`: an authority, its revocation list, who stamps, seals.
    pub fn issue_for_documents(&self, folder: &Path) {
        let now = Utc::now();
        fs::create_dir_all(folder).expect("a folder");
        let authority = Authority::new("Urząd pieczęci", now).expect("an authority");
        authority.save(folder, "pieczecie").expect("its files");
        let next = now + TimeDelta::days(1);
        let list = authority.list(&WantedList { revoked: &[], from: now, next, keeps_ended_since: None });
        let list = X509Crl::from_der(&list.expect("a list")).and_then(|list| list.to_pem()).expect("a list");
        fs::write(folder.join("pieczecie.crl"), list).expect("a file");
        let seals = self.seal.iter().map(|seal| (seal.unit.as_str(), Usage::Signing));
        for (name, usage) in seals.chain([("tsa", Usage::TimeStamping)]) {
            let subject = [(Nid::ORGANIZATIONNAME, name), (Nid::COMMONNAME, "pieczęć")];
            let wanted = Wanted {
                subject: &subject,
                key: NewKey::Rsa(3072),
                from: now,
                to: now + TimeDelta::days(30),
                usage,
                statements: &[],
                by_sha1: false,
            };
            authority.certify(&wanted).and_then(|identity| identity.save(folder, name)).expect("a certificate");
        }
    }

    /// Registers everything; returns the addresses of the administrators' databases.
    pub fn register(
        &self,
        stores: &Stores,
        signers: &BTreeMap<String, SigningKey>,
        signing: &Path,
        engine: Engine,
    ) -> Vec<String> {
        let is_tenant = |unit: &Unit| self.set.iter().any(|set| set.tenant == unit.id);
        let mut databases = Vec::new();
        for unit in self.unit.iter().filter(|unit| is_tenant(unit)) {
            let url = (engine == Engine::Postgres).then(|| Postgres::shared().address(&unit.id.to_lowercase()));
            stores.add_tenant(&unit.id, &unit.name, url.as_deref()).expect("an administrator");
            databases.extend(url);
        }
        for unit in &self.unit {
            let tenant = is_tenant(unit).then(|| unit.id.clone());
            let (id, name, terc) = (unit.id.clone(), unit.name.clone(), unit.terc.clone());
            stores
                .add_unit(&UnitRecord { id, name, terc, tenant, nip: None, regon: None, address: None })
                .expect("a unit");
        }
        for set in &self.set {
            let kind = SetKind::parse(&set.kind).expect("a kind");
            let record = SetRecord { id: set.id.clone(), tenant: set.tenant.clone(), kind, name: set.name.clone() };
            stores.add_set(&record).expect("a set");
        }
        for system in &self.system {
            let certificates = [signers[&system.id].certificate().clone()];
            let timestamp_optional = system.timestamp.as_deref() == Some("optional");
            let new = NewSystem {
                id: &system.id,
                unit: &system.unit,
                timestamp_optional,
                reply_family: None,
                certificates: &certificates,
            };
            stores.add_system(&new).expect("a system");
        }
        for one in &self.certificate {
            let (Some(system), certificate) = (&one.system, signers[&one.name].certificate()) else { continue };
            stores.add_certificate(system, certificate).expect("a certificate");
            if one.revoked {
                stores.revoke_certificate(system, certificate).expect("a certificate to revoke");
            }
        }
        for user in &self.user {
            let new =
                NewUser { unit: &user.unit, login: &user.login, groups: &user.groups, pesel: None, position: None };
            stores.add_user(&new).expect("a user");
        }
        let day = |text: &String| text.parse().expect("a day");
        for basis in &self.basis {
            let (valid_from, valid_to) = (day(&basis.from), basis.to.as_ref().map(day));
            let basis = LegalBasis { code: basis.code.clone(), title: basis.title.clone(), valid_from, valid_to };
            stores.add_basis(&basis).expect("a legal basis");
        }
        for grant in &self.grant {
            let items = grant.items.iter().map(|item| ScopeItem::parse(item).expect("an item")).collect();
            let (unit, group) = (grant.unit.clone(), grant.group.clone());
            stores
                .add_grant(&Grant { unit, group, set: grant.set.clone(), items, basis: grant.basis.clone() })
                .expect("a grant");
        }
        for held in &self.right {
            let right = Right::parse(&held.right).expect("a right");
            stores.add_right(&held.unit, &held.group, right).expect("a right of a group");
        }
        for seal in &self.seal {
            let (certificate, key) =
                (signing.join(format!("{}.pem", seal.unit)), signing.join(format!("{}.key", seal.unit)));
            let key = if seal.away { AWAY.as_bytes().to_vec() } else { fs::read(key).expect("a key") };
            stores.set_seal_key(&seal.unit, &fs::read(certificate).expect("a certificate"), &key).expect("a seal");
        }
        databases
    }

    /// Feeds the sets through the door, each by a system of its administrator.
    pub fn feed(&self, gateway: &Gateway, signers: &BTreeMap<String, SigningKey>) {
        for (set, file) in self.set.iter().filter_map(|set| Some((set, set.feed.as_ref()?))) {
            let system = self.system.iter().find(|system| system.unit == set.tenant).expect("a system that feeds");
            let text = fs::read_to_string(root().join(file)).expect("a batch");
            let mark = text.split("oznaczenie=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("its mark");
            let ask = |operation: &str, rest: &str| {
                let request = format!(
                    "<z:{operation} xmlns:z=\"urn:brama:zasilanie:1\" xmlns:w=\"urn:brama:wspolne:1\"><z:kontekst><w:idZadania>{}</w:idZadania>\
                     <w:jednostka>{}</w:jednostka></z:kontekst>{rest}</z:{operation}>",
                    Uuid::new_v4(),
                    set.tenant
                );
                let key = &signers[&system.id];
                let message = message::signed(&request, key, None, key.certificate());
                let answer = Answer::read(gateway.post("zasilanie", message.as_bytes()));
                assert!(!answer.is_fault(), "{}\n{}", answer.payload.show(), gateway.log());
                answer
            };
            let content = STANDARD.encode(&text);
            let accepted = ask(
                "PrzekazPaczke",
                &format!("<z:oznaczenie>{mark}</z:oznaczenie><z:zawartosc>{content}</z:zawartosc>"),
            );
            let batch = accepted.payload.word("idPaczki").expect("a batch");
            let deadline = Instant::now() + Duration::from_mins(1);
            loop {
                let status = ask("PobierzStatusPaczki", &format!("<z:idPaczki>{batch}</z:idPaczki>")).payload;
                match status.word("stan") {
                    Some("ZAKONCZONA") => break,
                    Some("PRZYJETA" | "PRZETWARZANA") if Instant::now() < deadline => {
                        thread::sleep(Duration::from_millis(20));
                    }
                    _ => panic!("{file} was not loaded:\n{}\n{}", status.show(), gateway.log()),
                }
            }
        }
    }
}
