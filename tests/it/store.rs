//! The store behaves the same on both databases: keys, registers, records, failures.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use brama::store::{Address, Db, Error, Stores, Tenant, UnitRecord};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use crate::on_both_databases;
use crate::support::postgres::Postgres;
use crate::support::stores::{Engine, Place, files};

mod destroyed;
mod faults;
mod records;
mod registers;
mod seal_keys;

on_both_databases! {
    the_first_opening_makes_keys_and_later_ones_know_them_again
    another_master_key_is_an_error_and_never_a_new_one
    nodes_that_start_together_agree
    a_write_that_fails_leaves_nothing
    a_read_cannot_write
    a_read_sees_one_moment
    administrators_never_share_a_database
    a_database_that_lost_everything_is_not_taken_for_the_old_one
}

fn unit(id: &str) -> UnitRecord {
    UnitRecord {
        id: id.to_owned(),
        name: format!("Urząd {id}"),
        terc: "260101".to_owned(),
        tenant: None,
        nip: None,
        regon: None,
        address: None,
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn number(db: &mut Db, sql: &str) -> i64 {
    sql_query(sql).get_result::<Number>(db).expect("a number").n
}

fn the_first_opening_makes_keys_and_later_ones_know_them_again(engine: Engine) {
    let place = Place::new(engine);
    let sealed = {
        let stores = place.with_tenant("OPS-BUSKO");
        let tenant = stores.tenant("OPS-BUSKO").expect("open");
        tenant.keys.seal_record("OPS-BUSKO/pomoc", 1, b"<x/>").expect("sealed")
    };
    let mode = fs::metadata(&place.settings.master_key).expect("the key file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let again = place.open();
    let tenant = again.tenant("OPS-BUSKO").expect("open");
    assert_eq!(&**tenant.keys.open_record("OPS-BUSKO/pomoc", 1, &sealed).expect("open"), b"<x/>");
}

fn another_master_key_is_an_error_and_never_a_new_one(engine: Engine) {
    let mut place = Place::new(engine);
    drop(place.open());
    let right = place.settings.master_key.clone();

    place.settings.master_key = place.path().join("missing.key");
    assert!(matches!(Stores::open(place.settings.clone()), Err(Error::Refused(_))));
    assert!(!place.settings.master_key.exists(), "rule 4.5: no key is made for a platform that has one");

    let other = Place::new(engine);
    drop(other.open());
    place.settings.master_key = other.settings.master_key.clone();
    assert!(matches!(Stores::open(place.settings.clone()), Err(Error::Refused(_))));

    place.settings.master_key = right;
    drop(place.open());
}

fn nodes_that_start_together_agree(engine: Engine) {
    let place = Place::new(engine);
    let ids = ["A", "B", "C"];
    let setup = place.open();
    for id in ids {
        setup.add_tenant(id, "Urząd", place.tenant_url(id).as_deref()).expect("an administrator");
    }
    thread::scope(|scope| {
        let nodes: Vec<_> = (0..4).map(|_| scope.spawn(|| place.open().open_all().expect("opened"))).collect();
        for node in nodes {
            for (id, tenant) in node.join().expect("no panic") {
                assert!(tenant.is_ok(), "{id}: {:?}", tenant.err());
            }
        }
    });
    assert!(setup.migrate_all().expect("migrated").iter().all(|done| matches!(done.steps, Ok(0))));

    let fresh = Place::new(engine);
    thread::scope(|scope| {
        let nodes: Vec<_> = (0..4).map(|_| scope.spawn(|| drop(fresh.open()))).collect();
        nodes.into_iter().for_each(|node| node.join().expect("every first opening succeeds"));
    });
}

fn a_write_that_fails_leaves_nothing(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("A");
    let tenant = stores.tenant("A").expect("open");
    let before = tenant.reserve_rows(1).expect("a row");
    let failed: Result<(), Error> = tenant.sets.write(|db| {
        db.batch_execute("UPDATE row_numbers SET next_row = 1000")?;
        Err(Error::Unknown("on purpose".to_owned()))
    });
    assert!(matches!(failed, Err(Error::Unknown(_))));
    assert_eq!(tenant.reserve_rows(1).expect("a row"), before + 1);
}

fn a_read_cannot_write(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("A");
    let tenant = stores.tenant("A").expect("open");
    let tried = tenant.sets.read(|db| Ok(db.batch_execute("UPDATE row_numbers SET next_row = 1000")?));
    assert!(tried.is_err());
    assert_eq!(tenant.reserve_rows(1).expect("a row"), 1);
}

fn a_read_sees_one_moment(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("A");
    let tenant = stores.tenant("A").expect("open");
    let next = "SELECT next_row AS n FROM row_numbers";
    tenant
        .sets
        .read(|db| {
            let before = number(db, next);
            thread::scope(|scope| scope.spawn(|| tenant.reserve_rows(10)).join().expect("no panic"))?;
            assert_eq!(number(db, next), before, "a write in between is not seen");
            Ok(())
        })
        .expect("read");
    assert_eq!(tenant.sets.read(|db| Ok(number(db, next))).expect("read"), 11);
}

fn administrators_never_share_a_database(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.open();
    let url = place.tenant_url("A");
    stores.add_tenant("A", "Urząd", url.as_deref()).expect("an administrator");
    assert!(matches!(stores.add_tenant("A", "Urząd", None), Err(Error::Exists(_))));
    match engine {
        Engine::Postgres => {
            let refused = stores.add_tenant("B", "Urząd", url.as_deref());
            assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
            let platform = place.settings.platform_url.as_deref();
            assert!(stores.add_tenant("C", "Urząd", platform).is_err(), "the platform's database is nobody's");
        }
        Engine::Sqlite => {
            stores.add_tenant("B", "Urząd", None).expect("an administrator");
            let data = &place.settings.data;
            fs::copy(data.join("A/zbiory.sqlite"), data.join("B/zbiory.sqlite")).expect("copied");
            for name in ["B/zbiory.sqlite-wal", "B/zbiory.sqlite-shm"] {
                let _ = fs::remove_file(data.join(name));
            }
            assert!(matches!(place.open().tenant("B"), Err(Error::Refused(_))));
        }
    }
}

fn a_database_that_lost_everything_is_not_taken_for_the_old_one(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("A");
    let address = stores.tenant("A").expect("open").sets.address().clone();
    drop(stores);
    match &address {
        Address::File(path) => fs::remove_file(path).expect("removed"),
        Address::Postgres(url) => Postgres::shared().make_anew(url),
    }
    let stores = place.open();
    let opened = stores.tenant("A").map(|tenant| tenant.id.clone());
    assert!(matches!(opened, Err(Error::Refused(_) | Error::Unavailable(_))), "{opened:?}");
    if let Address::File(path) = &address {
        assert!(!path.exists());
    }
}

#[test]
fn commits_to_a_file_are_synced() {
    #[derive(QueryableByName)]
    struct Pragma {
        #[diesel(sql_type = BigInt)]
        synchronous: i64,
    }
    let place = Place::new(Engine::Sqlite);
    let stores = place.with_tenant("A");
    let tenant = stores.tenant("A").expect("open");
    for database in [&tenant.sets, &tenant.ledger, stores.platform().database(), stores.platform_ledger()] {
        let pragma = |db: &mut Db| Ok(sql_query("PRAGMA synchronous").get_result::<Pragma>(db)?.synchronous);
        assert_eq!(
            database.write(pragma).expect("read"),
            2,
            "rule 3.4: FULL, since WAL with NORMAL does not sync at commit"
        );
    }
}

#[test]
fn only_the_gateways_account_reads_the_files() {
    let place = Place::new(Engine::Sqlite);
    let stores = place.with_tenant("OPS-BUSKO");
    stores.tenant("OPS-BUSKO").expect("open").reserve_rows(1).expect("a row");
    let data = &place.settings.data;
    let files = files(data);
    for name in ["platforma.sqlite", "platforma-rejestr.sqlite", "OPS-BUSKO/zbiory.sqlite", "OPS-BUSKO/rejestr.sqlite"]
    {
        assert!(files.contains(&data.join(name)), "{name}");
    }
    for file in files {
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }
    for folder in [data.clone(), data.join("OPS-BUSKO")] {
        assert_eq!(fs::metadata(folder).expect("a folder").permissions().mode() & 0o077, 0);
    }
}
