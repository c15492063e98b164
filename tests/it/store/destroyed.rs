//! An administrator whose keys were destroyed is lost alone: the others do not change by a byte, and its register still holds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use brama::contract::XSD;
use brama::disclosure::Right;
use brama::ledger::{Draft, EventKind};
use brama::procedures::custody::{self, Official};
use brama::store::{NewUser, PLATFORM, Submission};
use brama::xml::Schema;

use super::*;
use crate::support::postgres::name_in;

on_both_databases! {
    destroyed_keys_are_gone_and_nothing_else_changes
}

const OPS: &str = "OPS-BUSKO";
const PUP: &str = "PUP-BUSKO";

#[derive(QueryableByName)]
struct Wrapped {
    #[diesel(sql_type = Binary)]
    wrapped: Vec<u8>,
}

fn wrapped(stores: &Stores, owner: &str) -> Vec<Vec<u8>> {
    let sql = format!("SELECT wrapped FROM wrapped_keys WHERE owner = '{owner}'");
    let rows: Vec<Wrapped> =
        stores.platform().database().read(|db| Ok(sql_query(sql).get_results(db)?)).expect("the keys");
    rows.into_iter().map(|row| row.wrapped).collect()
}

/// All that the other administrator has: its files, or what its database holds.
fn kept(place: &Place, address: &Address) -> BTreeMap<PathBuf, Vec<u8>> {
    match address {
        Address::File(_) => {
            let folder = place.settings.data.join(PUP);
            files(&folder).into_iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
        }
        Address::Postgres(url) => {
            // pg_dump marks every dump with a word of its own.
            let dump = Postgres::shared().dump(url);
            let lines =
                dump.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
            BTreeMap::from([(PathBuf::new(), lines.collect::<Vec<_>>().join("\n").into_bytes())])
        }
    }
}

/// Registers an administrator's own unit with an official who may destroy its keys.
fn appoint(stores: &Stores, id: &str) {
    stores.add_unit(&UnitRecord { tenant: Some(id.to_owned()), ..unit(id) }).expect("a unit");
    let groups = ["inspektorzy".to_owned()];
    let user = NewUser { unit: id, login: "inspektor", groups: &groups, pesel: None, position: None };
    stores.add_user(&user).expect("an official");
    stores.add_right(id, "inspektorzy", Right::EraseRegister).expect("a right");
}

fn by(unit: &str) -> Official<'_> {
    Official { tenant: OPS, unit, login: "inspektor", reason: "likwidacja jednostki" }
}

fn destroyed_keys_are_gone_and_nothing_else_changes(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant(OPS);
    stores.add_tenant(PUP, "Urząd", place.tenant_url(PUP).as_deref()).expect("another administrator");
    for id in [OPS, PUP] {
        appoint(&stores, id);
        let entry = Draft::new(brama::call::new_event(), EventKind::Refusal, id);
        let submission = Submission { draft: Some(entry), ..Submission::default() };
        let receipt = stores.tenant(id).expect("open").recorder.submit(submission).expect("queued");
        receipt.wait_blocking().expect("recorded");
    }
    let address = stores.tenant(PUP).expect("open").ledger.address().clone();
    let others = wrapped(&stores, PUP);
    stores.close();
    drop(stores);

    let before = kept(&place, &address);
    let stores = place.open();
    let secrets = wrapped(&stores, OPS);
    assert_eq!((secrets.len(), others.len()), (3, 3));
    let holds = |secret: &[u8]| {
        let file = |path: PathBuf| fs::read(path).unwrap_or_default();
        files(&place.settings.data).into_iter().any(|path| file(path).windows(secret.len()).any(|part| part == secret))
    };
    assert!(engine == Engine::Postgres || secrets.iter().chain(&others).all(|secret| holds(secret)));
    assert!(matches!(custody::destroy_keys(&stores, by(PUP)), Err(custody::Error::Forbidden(_))), "not their own");
    assert!(matches!(custody::destroy_keys(&stores, by(OPS)), Ok(None)), "and no copy is left");
    assert!(matches!(custody::destroy_keys(&stores, by(OPS)), Err(custody::Error::NoKeys)));
    assert!(matches!(stores.tenant(OPS), Err(Error::Refused(_))));
    stores.close();
    drop(stores);

    assert!(kept(&place, &address) == before, "the other administrator is the same, byte for byte");
    let stores = place.open();
    assert_eq!((wrapped(&stores, OPS).len(), wrapped(&stores, PUP)), (0, others.clone()));
    assert!(secrets.iter().all(|secret| !holds(secret)), "no file holds the keys");
    assert!(engine == Engine::Postgres || others.iter().all(|secret| holds(secret)));
    assert!(matches!(stores.tenant(OPS), Err(Error::Refused(_))), "nothing of it opens");
    stores.tenant(PUP).expect("the other one does");
    let schema = Schema::compile("rejestr.xsd", XSD).expect("the schema");
    for (register, size) in [(OPS, 2), (PUP, 1), (PLATFORM, 1)] {
        let (head, findings) = stores.register(register).expect("a register").audit(&schema).expect("read");
        assert_eq!((head.size, findings), (size, Vec::new()), "{register}");
    }
    assert_eq!(stores.migrate_all().expect("migrated").iter().filter(|done| done.steps.is_ok()).count(), 2);
}

#[test]
fn keys_that_an_older_snapshot_holds_are_destroyed_but_not_said_to_be_gone() {
    let place = Place::new(Engine::Postgres);
    let stores = place.with_tenant(OPS);
    appoint(&stores, OPS);
    let platform = place.settings.platform_url.as_deref().expect("a server");
    let mut reader = Postgres::shared().connect(name_in(platform));
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").expect("a snapshot");
    let destroy = || custody::destroy_keys(&stores, by(OPS));
    assert!(matches!(destroy(), Ok(Some(Error::Busy(_)))), "destroyed, with a copy left");
    assert!(wrapped(&stores, OPS).is_empty());
    assert!(matches!(destroy(), Err(custody::Error::Store(Error::Busy(_)))), "the copy is still there");
    reader.batch_execute("ROLLBACK").expect("over");
    assert!(matches!(destroy(), Err(custody::Error::NoKeys)), "and gone");
}
