//! Failures: each stays with the administrator it belongs to, and is told by its kind.

use std::collections::BTreeSet;

use crate::support::postgres::name_in;

use super::*;

on_both_databases! {
    one_administrator_that_is_away_leaves_the_others_alone
    too_many_callers_of_one_database_are_told_to_come_again
}

fn one_administrator_that_is_away_leaves_the_others_alone(engine: Engine) {
    let place = Place::new(engine);
    let setup = place.open();
    for id in ["A", "B"] {
        setup.add_tenant(id, "Urząd", place.tenant_url(id).as_deref()).expect("an administrator");
    }
    let address = setup.tenant("A").expect("open").sets.address().clone();
    drop(setup);
    hide(&place, &address);

    let stores = place.open();
    for (id, opened) in stores.open_all().expect("opened") {
        match id.as_str() {
            "A" => assert!(matches!(opened, Err(Error::Unavailable(_))), "{:?}", opened.err()),
            _ => assert!(opened.is_ok(), "{:?}", opened.err()),
        }
    }
    let asked = Instant::now();
    assert!(matches!(stores.tenant("A"), Err(Error::Unavailable(_))));
    assert!(asked.elapsed() < Duration::from_millis(100), "for a while it is refused at once");
    stores.tenant("B").expect("open").reserve_rows(1).expect("rows");
    assert!(stores.migrate_all().expect("migrated").iter().any(|done| done.owner == "B" && done.steps.is_ok()));
}

/// Makes the database of administrator A unusable.
fn hide(place: &Place, address: &Address) {
    match address {
        Address::File(_) => {
            let folder = place.settings.data.join("A");
            fs::remove_dir_all(&folder).expect("removed");
            fs::write(folder, "").expect("written");
        }
        Address::Postgres(url) => Postgres::shared().drop_database(url),
    }
}

fn too_many_callers_of_one_database_are_told_to_come_again(engine: Engine) {
    let mut place = Place::new(engine);
    place.settings.pool_wait = Duration::from_millis(200);
    let stores = place.with_tenant("A");
    let tenant = stores.tenant("A").expect("open");
    let inside = std::sync::Barrier::new(5);
    let leave = std::sync::Barrier::new(5);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                tenant.sets.read(|db| {
                    number(db, "SELECT next_row AS n FROM row_numbers");
                    inside.wait();
                    leave.wait();
                    Ok(())
                })
            });
        }
        inside.wait();
        let asked = Instant::now();
        let refused = tenant.set_state("A/x");
        assert!(matches!(refused, Err(Error::Busy(_))), "{refused:?}");
        assert!(asked.elapsed() < Duration::from_secs(1));
        leave.wait();
    });
    assert!(tenant.set_state("A/x").is_ok());
}

fn url(tenant: &Tenant) -> &str {
    match tenant.sets.address() {
        Address::Postgres(url) => url,
        Address::File(_) => unreachable!("the test runs on PostgreSQL"),
    }
}

#[test]
fn connections_that_died_while_idle_are_replaced_unnoticed() {
    let place = Place::new(Engine::Postgres);
    let stores = place.with_tenant("A");
    let tenant = stores.tenant("A").expect("open");
    fill_the_pool(&tenant);
    Postgres::shared().cut_off(url(&tenant), true);
    tenant.reserve_rows(1).expect("a new connection is made");
    fill_the_pool(&tenant);
    Postgres::shared().cut_off(url(&tenant), true);
    assert_eq!(tenant.set_state("x").expect("a look makes a new connection too"), None);
}

/// Leaves as many idle sessions as the pool of `tenant`'s database holds.
fn fill_the_pool(tenant: &Tenant) {
    let all_inside = std::sync::Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                tenant.sets.read(|_| {
                    all_inside.wait();
                    Ok(())
                })
            });
        }
    });
}

/// Whether an administrator's keys were destroyed is known to the platform alone.
#[test]
fn nobody_is_served_while_the_platform_cannot_say_who_has_keys() {
    let place = Place::new(Engine::Postgres);
    let stores = place.with_tenant("A");
    stores.tenant("A").expect("open");
    let platform = place.settings.platform_url.as_deref().expect("a server");
    Postgres::shared().cut_off(platform, false);
    thread::sleep(Duration::from_millis(1100)); // What is known of the registers is a second old at most.
    assert!(matches!(stores.tenant("A"), Err(Error::Unavailable(_))));
}

#[test]
fn an_administrator_comes_back_when_its_database_does() {
    let place = Place::new(Engine::Postgres);
    let stores = place.with_tenant("A");
    let tenant = stores.tenant("A").expect("open");
    Postgres::shared().cut_off(url(&tenant), false);
    for _ in 0..6 {
        assert!(matches!(tenant.set_state("x"), Err(Error::Unavailable(_))));
    }
    let asked = Instant::now();
    assert!(matches!(tenant.set_state("x"), Err(Error::Unavailable(_))));
    assert!(asked.elapsed() < Duration::from_millis(100), "rule 1.4: nobody waits for a database known to be away");

    Postgres::shared().cut_off(url(&tenant), true);
    let back = Instant::now();
    while tenant.set_state("x").is_err() {
        assert!(back.elapsed() < Duration::from_secs(8), "it comes back within seconds");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_connection_that_dies_at_work_is_an_outage() {
    let place = Place::new(Engine::Postgres);
    let stores = place.with_tenant("A");
    let tenant = stores.tenant("A").expect("open");
    let cut: Result<(), Error> = tenant.sets.write(|db| {
        let own = number(db, "SELECT pg_backend_pid()::bigint AS n");
        Postgres::shared().run(&format!("SELECT pg_terminate_backend({own})"));
        thread::sleep(Duration::from_millis(200));
        Ok(db.batch_execute("UPDATE row_numbers SET next_row = 1000")?)
    });
    assert!(matches!(cut, Err(Error::Unavailable(_))), "{cut:?}");
    assert_eq!(tenant.reserve_rows(1).expect("rows"), 1);
}

#[test]
fn a_server_never_sees_more_connections_than_configured() {
    let mut place = Place::new(Engine::Postgres);
    place.settings.pg_connections_max = 3;
    let stores = place.open();
    let ids: Vec<String> = (0..6).map(|number| format!("T{number}")).collect();
    for id in &ids {
        stores.add_tenant(id, "Urząd", place.tenant_url("bounded").as_deref()).expect("an administrator");
    }
    stores.open_all().expect("opened");
    let mut most = 0;
    thread::scope(|scope| {
        let workers: Vec<_> = ids
            .iter()
            .map(|id| scope.spawn(|| (0..50).for_each(|_| drop(stores.tenant(id).expect("open").set_state("x")))))
            .collect();
        loop {
            most = most.max(lasting_connections());
            if workers.iter().all(thread::ScopedJoinHandle::is_finished) {
                break;
            }
        }
    });
    assert!((1..=3).contains(&most), "{most} connections");
}

/// The server still counts a session that was closed a moment ago: only those count that are there a moment later, too.
fn lasting_connections() -> usize {
    let before = bounded_connections();
    if before.len() <= 3 {
        return before.len();
    }
    thread::sleep(Duration::from_millis(30));
    before.intersection(&bounded_connections()).count()
}

/// The sessions at the databases of this test, by the server's number.
fn bounded_connections() -> BTreeSet<i64> {
    let mut server = Postgres::shared().connect("postgres");
    let sessions = sql_query("SELECT pid::bigint AS n FROM pg_stat_activity WHERE datname LIKE 'bounded%'");
    let sessions: Vec<Number> = sessions.load(&mut server).expect("numbers");
    sessions.into_iter().map(|Number { n }| n).collect()
}

#[test]
fn a_database_cannot_weaken_what_a_commit_means() {
    let url = Postgres::shared().database("reckless");
    // fsync belongs to the whole server; synchronous_commit is what a database may try to weaken, and it does not prevail.
    Postgres::shared().run(&format!("ALTER DATABASE \"{}\" SET synchronous_commit = off", name_in(&url)));
    let mut place = Place::new(Engine::Postgres);
    place.settings.platform_url = Some(url);
    let stores = place.open();
    let on = stores
        .platform()
        .database()
        .write(|db| Ok(number(db, "SELECT (current_setting('synchronous_commit') = 'on')::int::bigint AS n")));
    assert_eq!(on.expect("read"), 1);
}
