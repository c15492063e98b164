//! `brama xml verify` ends on every vector as its row says, for the reason that its row says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use tempfile::NamedTempFile;

use crate::table::{Row, Tier, rows};
use crate::{folder, keys, vectors};

#[test]
fn every_vector_has_a_row_and_every_row_a_vector() {
    let listed: BTreeSet<String> = rows().into_keys().map(str::to_owned).collect();
    let found: BTreeSet<String> = vectors().into_iter().collect();
    let missing: Vec<_> = found.difference(&listed).collect();
    let idle: Vec<_> = listed.difference(&found).collect();
    assert!(missing.is_empty() && idle.is_empty(), "without a row: {missing:#?}\nwithout a vector: {idle:#?}");
}

#[test]
fn every_vector_ends_as_its_row_says() {
    let rows = rows();
    let wrong: Vec<String> = rows.values().filter_map(|row| judge(row).err()).collect();
    assert!(wrong.is_empty(), "{} of {} vectors:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    let mut tiers: BTreeMap<u8, usize> = BTreeMap::new();
    for row in rows.values() {
        *tiers.entry(row.tier as u8 + 1).or_default() += 1;
    }
    println!("vectors by tier: {tiers:?}");
}

#[test]
fn every_reason_is_explained() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/divergences.md")).expect("the page");
    let reasons: BTreeSet<&str> = rows().values().map(|row| row.why).filter(|why| *why != "-").collect();
    let unexplained: Vec<_> = reasons.iter().filter(|why| !page.contains(&format!("| `{why}` |"))).collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
}

fn judge(row: &Row) -> Result<(), String> {
    let file = folder().join(row.file);
    let mut command = Command::new(env!("CARGO_BIN_EXE_brama"));
    command.args(["xml", "verify"]).arg(&file);
    command.args(row.id_attribute.into_iter().flat_map(|name| ["--id-attribute", name]));
    let key = row.key.map(|key| {
        let file = NamedTempFile::new().expect("a file");
        fs::write(file.path(), pem(row, key)).expect("a key");
        file
    });
    if let Some(key) = &key {
        command.arg("--key").arg(key.path());
    }
    let output = command.output().expect("brama");
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    let holds = output.status.success();
    if holds == (row.tier == Tier::Holds) && printed.contains(row.expected) {
        return Ok(());
    }
    Err(format!("{}: {} ({})\n  expected: {}", row.file, printed.trim(), output.status, row.expected))
}

fn pem(row: &Row, key: &str) -> Vec<u8> {
    let read = |file: &str| fs::read(folder().join(file)).expect("a vector");
    let document = || keys::parse(&read(row.file)).expect("a document");
    match key {
        "value" => keys::value(document().root()).expect("a key").public_key_to_pem().expect("PEM"),
        "x509" => keys::certificate(document().root()).expect("a certificate").to_pem().expect("PEM"),
        file => keys::pem(&read(file)),
    }
}
