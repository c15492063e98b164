//! Keys for seals: one per unit, the newest, and each opens for its own unit alone.

use super::*;

on_both_databases! {
    a_unit_has_the_key_that_it_was_given_last
    a_sealed_key_does_not_open_for_another_unit
}

#[derive(QueryableByName)]
struct Sealed {
    #[diesel(sql_type = Binary)]
    key_sealed: Vec<u8>,
}

fn a_unit_has_the_key_that_it_was_given_last(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("OPS-BUSKO");
    stores.add_unit(&unit("OPS-BUSKO")).expect("a unit");
    assert!(matches!(stores.seal_key("OPS-BUSKO"), Err(Error::Unknown(_))));
    assert!(matches!(stores.set_seal_key("PUP-BUSKO", b"certyfikat", b"klucz"), Err(Error::Unknown(_))));
    for secret in [&b"klucz tajny"[..], b"pkcs11:token=inny"] {
        stores.set_seal_key("OPS-BUSKO", b"certyfikat", secret).expect("a key");
        let found = place.open().seal_key("OPS-BUSKO").expect("a key");
        assert_eq!((&found.certificates[..], &found.secret[..]), (&b"certyfikat"[..], secret));
    }
    assert!(matches!(stores.seal_key("PUP-BUSKO"), Err(Error::Unknown(_))));
}

fn a_sealed_key_does_not_open_for_another_unit(engine: Engine) {
    let place = Place::new(engine);
    let stores = place.with_tenant("OPS-BUSKO");
    for (id, secret) in [("OPS-BUSKO", b"klucz opieki"), ("PUP-BUSKO", b"klucz zatrud")] {
        stores.add_unit(&unit(id)).expect("a unit");
        stores.set_seal_key(id, b"certyfikat", secret).expect("a key");
    }
    let database = stores.platform().database();
    let rows: Vec<Sealed> =
        database.read(|db| Ok(sql_query("SELECT key_sealed FROM seal_keys").get_results(db)?)).expect("rows");
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| !row.key_sealed.windows(6).any(|window| window == b"klucz ")));
    let moved = "UPDATE seal_keys SET key_sealed = (SELECT key_sealed FROM seal_keys WHERE unit_id = 'PUP-BUSKO')";
    database.write(|db| Ok(db.batch_execute(moved)?)).expect("rows that somebody moved");
    assert!(matches!(stores.seal_key("OPS-BUSKO"), Err(Error::Sealed(_))));
    assert_eq!(&stores.seal_key("PUP-BUSKO").expect("its own key").secret[..], b"klucz zatrud");
}
