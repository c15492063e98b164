//! A database that forgot, or holds something else, takes no entry until an epoch is opened; nothing known is contradicted.

use std::fs;
use std::path::PathBuf;

use brama::ledger::{TreeHead, read_entry};

use super::*;
use crate::support::registers::{copy, restore};

on_both_databases! {
    an_older_copy_is_fenced_until_an_epoch_is_opened
    a_copy_that_went_on_elsewhere_is_fenced
    a_register_that_only_grew_elsewhere_is_not
}

/// A place whose nodes keep heads in a folder.
pub(super) fn place(engine: Engine, node: &str) -> Place {
    let mut place = Place::new(engine);
    place.settings.heads = Some(heads(&place, node));
    place
}

fn heads(place: &Place, node: &str) -> PathBuf {
    place.path().join("heads").join(node)
}

/// The administrator's own recorder, as a node has it.
pub(super) fn node(place: &Place, node: &str) -> (Stores, Arc<Tenant>) {
    let mut settings = place.settings.clone();
    settings.heads = Some(heads(place, node));
    let stores = Stores::open(settings).expect("the platform opens");
    let tenant = stores.tenant(OPS).expect("open");
    (stores, tenant)
}

pub(super) fn write(tenant: &Tenant, count: usize) -> Result<(), RecordError> {
    for _ in 0..count {
        let submission = Submission { draft: Some(disclosure("anna")), ..Submission::default() };
        tenant.recorder.submit(submission)?.wait_blocking()?;
    }
    Ok(())
}

pub(super) fn head(tenant: &Arc<Tenant>) -> TreeHead {
    let reader = LedgerReader::new(OPS, Arc::clone(&tenant.ledger));
    reader.signed_head().expect("read").expect("a head").read().expect("a head")
}

fn an_older_copy_is_fenced_until_an_epoch_is_opened(engine: Engine) {
    let place = place(engine, "one");
    drop(place.with_tenant(OPS));
    let (stores, tenant) = node(&place, "one");
    write(&tenant, 3).expect("recorded");
    copy(&tenant);
    write(&tenant, 2).expect("recorded");
    let known = head(&tenant);
    restore(&tenant, 3);
    assert_eq!(write(&tenant, 1), Err(RecordError::Unavailable), "the node that saw more remembers");
    assert!(tenant.recorder.check_known().is_err());
    drop(tenant);
    stores.close();
    drop(stores);

    let (stores, tenant) = node(&place, "one");
    assert_eq!(write(&tenant, 1), Err(RecordError::Unavailable), "also after a restart, by its file");
    assert_eq!(head(&tenant).size, 3, "nothing was written");
    assert_eq!(tenant.recorder.open_epoch("odtworzono z kopii").expect("opened"), 2);
    write(&tenant, 1).expect("recorded");
    tenant.recorder.check_known().expect("nothing is contradicted now");
    let reader = LedgerReader::new(OPS, Arc::clone(&tenant.ledger));
    let opening = reader.page(4, 1).expect("read").remove(0);
    let document = brama::ledger::parse_entry(&opening.leaf).expect("XML");
    assert_eq!(
        read_entry(document.root()).map(|entry| (entry.epoch, entry.kind)).expect("an entry"),
        (2, "OTWARCIE_EPOKI".to_owned())
    );
    let text = String::from_utf8(opening.leaf).expect("UTF-8");
    assert!(
        text.contains("<r:rozmiar>5</r:rozmiar>") && text.contains("<r:powod>odtworzono z kopii</r:powod>"),
        "{text}"
    );
    assert!(text.contains(&openssl::base64::encode_block(&known.root)), "the last head that was known is named");
    let schema = Schema::compile("rejestr.xsd", XSD).expect("the schema");
    assert_eq!(reader.audit(&schema).expect("read").1, []);
    stores.close();
}

fn a_copy_that_went_on_elsewhere_is_fenced(engine: Engine) {
    let place = place(engine, "one");
    drop(place.with_tenant(OPS));
    let (stores, one) = node(&place, "one");
    write(&one, 3).expect("recorded");
    copy(&one);
    write(&one, 2).expect("recorded");
    restore(&one, 3);
    let (others, two) = node(&place, "two");
    write(&two, 4).expect("a node that knew nothing goes on from the copy");
    assert_eq!(write(&one, 1), Err(RecordError::Unavailable), "longer than what is known, and not the same");
    assert_eq!(head(&one).size, 7);
    stores.close();
    others.close();
}

fn a_register_that_only_grew_elsewhere_is_not(engine: Engine) {
    let place = place(engine, "one");
    drop(place.with_tenant(OPS));
    let (stores, one) = node(&place, "one");
    let (others, two) = node(&place, "two");
    for _ in 0..3 {
        write(&one, 2).expect("recorded");
        write(&two, 3).expect("recorded");
    }
    assert_eq!(head(&one).size, 15);
    assert!(fs::read_dir(heads(&place, "one")).expect("a folder").count() >= 1);
    stores.close();
    others.close();
}
