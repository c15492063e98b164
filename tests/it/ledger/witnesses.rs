//! What another unit remembers of a register outlives its databases and the memory of its nodes; nobody else can stop it.

use brama::ledger::{SignedHead, Testimony, TreeHead};
use brama::store::Shown;

use super::epochs::{head, node, place, write};
use super::*;
use crate::support::registers::{copy, restore};

on_both_databases! {
    a_testimony_is_kept_once_and_told
    an_older_copy_is_fenced_by_what_a_witness_remembers
    a_register_that_went_on_otherwise_is_fenced_by_what_a_witness_remembers
    what_an_epoch_gave_up_fences_nothing
    strangers_fence_nothing
}

fn newest(tenant: &Arc<Tenant>) -> SignedHead {
    LedgerReader::new(OPS, Arc::clone(&tenant.ledger)).signed_head().expect("read").expect("a head")
}

fn testimony(seconds: i64) -> Testimony {
    let time = chrono::DateTime::from_timestamp(seconds, 0).expect("a time");
    Testimony { unit: "PUP-BUSKO".to_owned(), signature: vec![1], certificate: vec![2], time }
}

fn shows(tenant: &Tenant, head: &SignedHead) -> Shown {
    tenant.recorder.witness(head, &testimony(7)).expect("a database")
}

fn a_testimony_is_kept_once_and_told(engine: Engine) {
    let place = place(engine, "one");
    drop(place.with_tenant(OPS));
    let (stores, tenant) = node(&place, "one");
    write(&tenant, 2).expect("recorded");
    let first = newest(&tenant);
    assert_eq!(shows(&tenant, &first), Shown::Stands(testimony(7)));
    write(&tenant, 2).expect("recorded");
    let again = tenant.recorder.witness(&first, &testimony(9)).expect("a database");
    assert_eq!(again, Shown::Stands(testimony(7)), "the first one counts");
    let other = Testimony { unit: "SR-BUSKO".to_owned(), ..testimony(8) };
    assert_eq!(tenant.recorder.witness(&first, &other).expect("a database"), Shown::Stands(other.clone()));
    let reader = LedgerReader::new(OPS, Arc::clone(&tenant.ledger));
    assert_eq!(reader.testimonies(2).expect("read"), [testimony(7), other]);
    assert_eq!((reader.testimonies(4).expect("read"), reader.witnessed().expect("read")), (Vec::new(), Some(2)));
    write(&tenant, 1).expect("a testimony delays nothing");
    stores.close();
}

fn an_older_copy_is_fenced_by_what_a_witness_remembers(engine: Engine) {
    let place = place(engine, "one");
    drop(place.with_tenant(OPS));
    let (stores, tenant) = node(&place, "one");
    write(&tenant, 3).expect("recorded");
    copy(&tenant);
    write(&tenant, 2).expect("recorded");
    let remembered = newest(&tenant);
    restore(&tenant, 3);
    drop(tenant);
    stores.close();
    drop(stores);

    // A node that was never there: its folder of heads was lost with the database.
    let (stores, tenant) = node(&place, "two");
    write(&tenant, 1).expect("nobody here knows better");
    assert_eq!(shows(&tenant, &remembered), Shown::Lost);
    assert_eq!(write(&tenant, 1), Err(RecordError::Unavailable));
    drop(tenant);
    stores.close();
    drop(stores);
    let (stores, tenant) = node(&place, "three");
    assert_eq!(write(&tenant, 1), Err(RecordError::Unavailable), "also a node to which nobody showed anything");
    assert!(tenant.recorder.check_known().is_err());
    assert_eq!(tenant.recorder.open_epoch("odtworzono z kopii").expect("opened"), 2);
    write(&tenant, 1).expect("recorded");
    let reader = LedgerReader::new(OPS, Arc::clone(&tenant.ledger));
    let opening = String::from_utf8(reader.page(5, 1).expect("read").remove(0).leaf).expect("UTF-8");
    assert!(opening.contains("<r:rozmiar>5</r:rozmiar>"), "the entry names what the witness knew: {opening}");
    stores.close();
}

fn a_register_that_went_on_otherwise_is_fenced_by_what_a_witness_remembers(engine: Engine) {
    let place = place(engine, "one");
    drop(place.with_tenant(OPS));
    let (stores, tenant) = node(&place, "one");
    write(&tenant, 3).expect("recorded");
    copy(&tenant);
    write(&tenant, 2).expect("recorded");
    let remembered = newest(&tenant);
    restore(&tenant, 3);
    stores.close();

    let (stores, tenant) = node(&place, "two");
    write(&tenant, 6).expect("nobody here knows better");
    assert_eq!(shows(&tenant, &newest(&tenant)), Shown::Stands(testimony(7)));
    assert_eq!(shows(&tenant, &remembered), Shown::Lost, "longer by now, and another history");
    assert_eq!(write(&tenant, 1), Err(RecordError::Unavailable));
    assert!(tenant.recorder.check_known().is_err());
    assert_eq!(head(&tenant).size, 9, "nothing was written");
    stores.close();
}

fn what_an_epoch_gave_up_fences_nothing(engine: Engine) {
    let place = place(engine, "one");
    drop(place.with_tenant(OPS));
    let (stores, tenant) = node(&place, "one");
    write(&tenant, 3).expect("recorded");
    let early = newest(&tenant);
    copy(&tenant);
    write(&tenant, 2).expect("recorded");
    let lost = newest(&tenant);
    restore(&tenant, 3);
    assert_eq!(tenant.recorder.open_epoch("odtworzono z kopii").expect("opened"), 2);
    write(&tenant, 3).expect("recorded");
    assert_eq!(shows(&tenant, &lost), Shown::Foreign);
    assert_eq!(shows(&tenant, &early), Shown::Stands(testimony(7)), "what the database still holds can be signed");
    write(&tenant, 1).expect("recorded");
    stores.close();
}

fn strangers_fence_nothing(engine: Engine) {
    let place = place(engine, "one");
    drop(place.with_tenant(OPS));
    let (stores, tenant) = node(&place, "one");
    write(&tenant, 3).expect("recorded");
    let own = newest(&tenant);
    let (read, seal) = (head(&tenant), seal());
    let further = TreeHead { size: 50, ..read.clone() };
    let later = TreeHead { epoch: 9, ..further.clone() };
    let absurd = TreeHead { epoch: u64::MAX >> 1, ..further.clone() };
    let others = TreeHead { tenant: "PUP-BUSKO".to_owned(), ..further.clone() };
    let stranger = {
        use brama::signatures::KeyFamily;
        use brama::signatures::pki::Authority;
        let now = chrono::Utc::now();
        let authority = Authority::new("Urząd próbny", now).expect("an authority");
        authority.issue("brama", KeyFamily::Ecdsa, now).and_then(|one| one.signing_key()).expect("a key")
    };
    let signed = |head: &TreeHead| head.sign(&stranger).expect("signed");
    let forged = SignedHead { certificate: seal.certificate().der().to_vec(), ..signed(&further) };
    let moved = SignedHead { bytes: signed(&further).bytes, ..own.clone() };
    let theirs = others.sign(&seal).expect("signed");
    let absurd = absurd.sign(&seal).expect("signed");
    for head in [signed(&further), signed(&later), signed(&read), forged, moved, theirs, absurd] {
        assert_eq!(shows(&tenant, &head), Shown::Foreign, "{head:?}");
        write(&tenant, 1).expect("the register goes on");
    }
    let garbage = SignedHead { bytes: vec![0], signature: Vec::new(), certificate: Vec::new() };
    assert_eq!(shows(&tenant, &garbage), Shown::Foreign);
    assert_eq!(shows(&tenant, &further.sign(&seal).expect("signed")), Shown::Lost, "only the seal itself says so");
    stores.close();
}
