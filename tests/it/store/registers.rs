//! The registers: what is refused, and how soon a change is seen.

use brama::disclosure::{Grant, LegalBasis, ScopeItem};
use brama::store::{NewSystem, NewUser, SetRecord};
use brama::subjects::SetKind;

use super::*;

on_both_databases! {
    a_running_gateway_sees_a_change_within_a_second
    what_relies_on_the_unknown_is_refused
    a_name_is_taken_once
    names_are_checked
}

/// Registers a unit with a set, an official and a right.
fn fill(stores: &Stores) {
    stores.add_unit(&UnitRecord { tenant: Some("OPS-BUSKO".to_owned()), ..unit("OPS-BUSKO") }).expect("a unit");
    stores.add_set(&set("OPS-BUSKO/pomoc")).expect("a set");
    stores.add_user(&user("ops1", &["urzednicy".to_owned(), "kierownicy".to_owned()])).expect("a user");
    stores.add_basis(&basis("UPS-105")).expect("a basis");
    stores.add_grant(&grant()).expect("a grant");
}

fn set(id: &str) -> SetRecord {
    SetRecord {
        id: id.to_owned(),
        tenant: "OPS-BUSKO".to_owned(),
        kind: SetKind::Ps,
        name: "Pomoc społeczna".to_owned(),
    }
}

fn user<'a>(login: &'a str, groups: &'a [String]) -> NewUser<'a> {
    NewUser { unit: "OPS-BUSKO", login, groups, pesel: None, position: None }
}

fn basis(code: &str) -> LegalBasis {
    let day = |text: &str| text.parse().expect("a date");
    LegalBasis {
        code: code.to_owned(),
        title: "Art. 105 ustawy o pomocy społecznej".to_owned(),
        valid_from: day("2020-01-01"),
        valid_to: Some(day("2030-12-31")),
    }
}

fn grant() -> Grant {
    let text = str::to_owned;
    let items = ["1.1", "2"].map(|item| ScopeItem::parse(item).expect("an item")).to_vec();
    Grant {
        unit: text("OPS-BUSKO"),
        group: text("urzednicy"),
        set: text("OPS-BUSKO/pomoc"),
        items,
        basis: text("UPS-105"),
    }
}

fn a_running_gateway_sees_a_change_within_a_second(engine: Engine) {
    let place = Place::new(engine);
    let gateway = place.with_tenant("OPS-BUSKO");
    let before = gateway.platform().registry().expect("a registry");
    assert!(before.set("OPS-BUSKO/pomoc").is_none());

    let command = place.open();
    fill(&command);
    let changed = Instant::now();
    thread::sleep(Duration::from_secs(1));
    let after = gateway.platform().registry().expect("a registry");
    assert!(changed.elapsed() < Duration::from_millis(1500));

    assert!(after.generation() > before.generation());
    assert_eq!(after.set("OPS-BUSKO/pomoc"), Some(&set("OPS-BUSKO/pomoc")));
    assert_eq!(after.unit("OPS-BUSKO").and_then(|unit| unit.tenant.as_deref()), Some("OPS-BUSKO"));
    assert_eq!(after.grants("OPS-BUSKO", "OPS-BUSKO/pomoc"), [grant()]);
    assert!(after.grants("PUP-BUSKO", "OPS-BUSKO/pomoc").is_empty());
    assert!(after.grants("OPS-BUSKO", "OPS-BUSKO/inny").is_empty());
    assert_eq!(after.basis("UPS-105"), Some(&basis("UPS-105")));
    let groups: Vec<_> = after.user("OPS-BUSKO", "ops1").expect("a user").iter().collect();
    assert_eq!(groups, ["kierownicy", "urzednicy"]);
    assert!(after.user("OPS-BUSKO", "ops2").is_none());

    let same = gateway.platform().registry().expect("a registry");
    assert!(Arc::ptr_eq(&after, &same), "an unchanged picture is shared");
}

fn what_relies_on_the_unknown_is_refused(engine: Engine) {
    let stores = Place::new(engine).with_tenant("OPS-BUSKO");
    fill(&stores);
    let elsewhere = |result: Result<(), Error>, what: &str| {
        assert!(matches!(result, Err(Error::Unknown(_))), "{what}: {result:?}");
    };
    elsewhere(
        stores.add_unit(&UnitRecord { tenant: Some("X".to_owned()), ..unit("X") }),
        "unit of an unknown administrator",
    );
    elsewhere(stores.add_set(&SetRecord { tenant: "X".to_owned(), ..set("X/y") }), "set of an unknown administrator");
    elsewhere(stores.add_user(&NewUser { unit: "X", ..user("a", &["g".to_owned()]) }), "user of an unknown unit");
    let system = NewSystem { id: "s", unit: "X", timestamp_optional: false, reply_family: None, certificates: &[] };
    elsewhere(stores.add_system(&system), "system of an unknown unit");
    let x = || "X".to_owned();
    elsewhere(stores.add_grant(&Grant { unit: x(), ..grant() }), "grant to an unknown unit");
    elsewhere(stores.add_grant(&Grant { set: x(), ..grant() }), "grant in an unknown set");
    elsewhere(stores.add_grant(&Grant { basis: x(), ..grant() }), "grant on an unknown basis");
    assert!(matches!(stores.tenant("X"), Err(Error::Unknown(_))));
}

fn a_name_is_taken_once(engine: Engine) {
    let stores = Place::new(engine).with_tenant("OPS-BUSKO");
    fill(&stores);
    let taken =
        |result: Result<(), Error>, what: &str| assert!(matches!(result, Err(Error::Exists(_))), "{what}: {result:?}");
    let before = stores.platform().registry().expect("a registry").generation();
    taken(stores.add_unit(&unit("OPS-BUSKO")), "unit");
    taken(stores.add_set(&set("OPS-BUSKO/pomoc")), "set");
    taken(stores.add_user(&user("ops1", &["g".to_owned()])), "user");
    taken(stores.add_basis(&basis("UPS-105")), "basis");
    taken(stores.add_grant(&grant()), "grant");
    thread::sleep(Duration::from_secs(1));
    let after = stores.platform().registry().expect("a registry").generation();
    assert_eq!(before, after, "a refused change leaves the generation alone");
}

fn names_are_checked(engine: Engine) {
    let stores = Place::new(engine).with_tenant("OPS-BUSKO");
    let refused =
        |result: Result<(), Error>, what: &str| assert!(matches!(result, Err(Error::Refused(_))), "{what}: {result:?}");
    for id in ["", "..", "a/b", "platforma", "ą"] {
        refused(stores.add_tenant(id, "Urząd", None), id);
    }
    refused(stores.add_unit(&unit("a b")), "unit");
    refused(stores.add_unit(&UnitRecord { terc: "x".to_owned(), ..unit("A") }), "terc");
    refused(stores.add_unit(&UnitRecord { nip: Some("1".to_owned()), ..unit("A") }), "nip");
    refused(stores.add_set(&set("pomoc")), "set");
    refused(stores.add_user(&user("ops1", &[])), "user without a group");
    refused(stores.add_basis(&basis("ups")), "basis");
    let ended = LegalBasis { valid_to: Some("2019-12-31".parse().expect("a date")), ..basis("UPS-105") };
    refused(stores.add_basis(&ended), "a basis that ends before it begins");
    refused(stores.add_grant(&Grant { items: Vec::new(), ..grant() }), "a grant of nothing");
}
