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

fn destroyed_keys_are_gone_and_nothing_else_changes(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant(OPS);
    stores.add_tenant(PUP, "Urząd", place.tenant_url(PUP).as_deref()).expect("another administrator");
    let groups = ["inspektorzy".to_owned()];
    for id in [OPS, PUP] {
        stores.add_unit(&UnitRecord { tenant: Some(id.to_owned()), ..unit(id) }).expect("a unit");
        let user = NewUser { unit: id, login: "inspektor", groups: &groups, pesel: None, position: None };
        stores.add_user(&user).expect("an official");
        stores.add_right(id, "inspektorzy", Right::EraseRegister).expect("a right");
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
    let by = |unit| Official { tenant: OPS, unit, login: "inspektor", reason: "likwidacja jednostki" };
    assert!(matches!(custody::destroy_keys(&stores, by(PUP)), Err(custody::Error::Forbidden(_))), "not their own");
    custody::destroy_keys(&stores, by(OPS)).expect("destroyed");
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
