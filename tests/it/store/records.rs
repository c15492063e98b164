//! Records: found in the current state alone, readable only in their own row.

use super::*;

on_both_databases! {
    a_record_is_found_in_the_current_state_alone
    a_sealed_record_moved_to_another_row_does_not_open
    row_numbers_are_given_out_once
    nothing_at_rest_is_readable
}

const SET: &str = "OPS-BUSKO/pomoc";
const RECORD: &[u8] = "<daneOsobowe>Żółkiewska-Testowa 84810112345</daneOsobowe>".as_bytes();

/// Stores a record as a feed does, visible from one state to another.
fn put(tenant: &Tenant, source: &str, material: &[u8], from: i64, to: Option<i64>) -> i64 {
    let row = tenant.reserve_rows(1).expect("a row");
    let key = tenant.keys.search_key(material).expect("a key");
    let hash = tenant.source_hash(SET, source).expect("a hash");
    let sealed_source = tenant.seal_source(SET, row, source).expect("sealed");
    let sealed = tenant.keys.seal_record(SET, row, RECORD).expect("sealed");
    tenant
        .sets
        .write(|db| {
            let values = match db {
                Db::Sqlite(_) => "VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
                Db::Pg(_) => "VALUES ($1, $2, $3, $4, $5, $6, 1, $7)",
            };
            let columns = "row_id, set_id, source_hash, source_sealed, from_state, to_state, schema_version, sealed";
            sql_query(format!("INSERT INTO records ({columns}) {values}"))
                .bind::<BigInt, _>(row)
                .bind::<Text, _>(SET)
                .bind::<Binary, _>(&hash[..])
                .bind::<Binary, _>(&sealed_source)
                .bind::<BigInt, _>(from)
                .bind::<Nullable<BigInt>, _>(to)
                .bind::<Binary, _>(&sealed)
                .execute(db)?;
            let insert = match db {
                Db::Sqlite(_) => "INSERT INTO search_keys VALUES (?, ?)",
                Db::Pg(_) => "INSERT INTO search_keys VALUES ($1, $2)",
            };
            sql_query(insert).bind::<Binary, _>(&key.0[..]).bind::<BigInt, _>(row).execute(db)?;
            Ok(())
        })
        .expect("written");
    row
}

fn show_state(tenant: &Tenant, state: i64) {
    let sql = format!(
        "INSERT INTO set_states (set_id, current_state, as_of, last_state) VALUES ('{SET}', {state}, '2026-11-01', {state}) \
         ON CONFLICT (set_id) DO UPDATE SET current_state = excluded.current_state, as_of = excluded.as_of"
    );
    tenant.sets.write(|db| Ok(db.batch_execute(&sql)?)).expect("shown");
}

fn sources(tenant: &Tenant, material: &[u8]) -> Vec<String> {
    let key = tenant.keys.search_key(material).expect("a key");
    let found = tenant.find(SET, key).expect("found");
    found.records.into_iter().map(|record| record.source_id).collect()
}

fn a_record_is_found_in_the_current_state_alone(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("OPS-BUSKO");
    let tenant = stores.tenant("OPS-BUSKO").expect("open");
    put(&tenant, "stary", b"k", 1, Some(2));
    put(&tenant, "nowy", b"k", 2, None);
    put(&tenant, "inny", b"m", 1, None);

    assert_eq!(tenant.set_state(SET).expect("a state"), None);
    assert!(sources(&tenant, b"k").is_empty(), "nothing is visible before the first state");
    for (state, visible) in [(1, "stary"), (2, "nowy"), (3, "nowy")] {
        show_state(&tenant, state);
        assert_eq!(sources(&tenant, b"k"), [visible], "state {state}");
        assert_eq!(sources(&tenant, b"m"), ["inny"]);
    }
    assert!(sources(&tenant, b"x").is_empty());

    let key = tenant.keys.search_key(b"k").expect("a key");
    let found = tenant.find(SET, key).expect("found");
    assert_eq!(found.records[0].record, RECORD);
    let state = found.state.expect("a state");
    assert_eq!((state.number, state.as_of.map(|day| day.to_string()).as_deref()), (3, Some("2026-11-01")));
}

fn a_sealed_record_moved_to_another_row_does_not_open(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("OPS-BUSKO");
    let tenant = stores.tenant("OPS-BUSKO").expect("open");
    let (one, other) = (put(&tenant, "a", b"k", 1, None), put(&tenant, "b", b"m", 1, None));
    show_state(&tenant, 1);
    let swap =
        format!("UPDATE records SET sealed = (SELECT sealed FROM records WHERE row_id = {other}) WHERE row_id = {one}");
    tenant.sets.write(|db| Ok(db.batch_execute(&swap)?)).expect("swapped");
    let key = tenant.keys.search_key(b"k").expect("a key");
    assert!(matches!(tenant.find(SET, key), Err(Error::Sealed(_))));
}

fn row_numbers_are_given_out_once(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("OPS-BUSKO");
    let tenant = stores.tenant("OPS-BUSKO").expect("open");
    let mut firsts: Vec<i64> = thread::scope(|scope| {
        let loaders: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..5).map(|_| tenant.reserve_rows(100).expect("rows")).collect::<Vec<_>>()))
            .collect();
        loaders.into_iter().flat_map(|loader| loader.join().expect("no panic")).collect()
    });
    firsts.sort_unstable();
    assert_eq!(firsts, (0..20).map(|block| 1 + block * 100).collect::<Vec<_>>());
}

fn nothing_at_rest_is_readable(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("OPS-BUSKO");
    let tenant = stores.tenant("OPS-BUSKO").expect("open");
    put(&tenant, "SYR-0001", b"Zolkiewska-Testowa|84810112345", 1, None);
    stores.add_unit(&unit("U")).expect("a unit");
    let user = brama::store::NewUser {
        unit: "U",
        login: "ops1",
        groups: &["urzednicy".to_owned()],
        pesel: Some("84810112345"),
        position: Some("Inspektor Testowy"),
    };
    stores.add_user(&user).expect("a user");

    let bytes = place.at_rest(&[tenant.sets.address()]);
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"ops1"), "logins are readable");
    for secret in ["Testow", "84810112345", "SYR-0001", "Inspektor"] {
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!holds(secret.as_bytes()) && !holds(hex.as_bytes()), "{secret}");
    }
}
