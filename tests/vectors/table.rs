//! The expected verdicts: one row per vector, tabs between its cells.

use std::collections::BTreeMap;

const TABLE: &str = include_str!("expected.tsv");

/// What a vector is for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Its signatures hold.
    Holds,
    /// Refused on purpose: it asks for what the gateway does not do.
    Refused,
    /// Forged, broken or not signed at all.
    Bad,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    pub tier: Tier,
    /// Why the vector is refused, a word that `docs/divergences.md` explains; `-` when it holds.
    pub why: &'static str,
    pub file: &'static str,
    /// An attribute that is an identifier in this vector.
    pub id_attribute: Option<&'static str>,
    /// `value`: that of its `KeyValue`; `x509`: its first certificate; else a file.
    pub key: Option<&'static str>,
    /// A part of what is printed.
    pub expected: &'static str,
}

/// All rows by file.
pub fn rows() -> BTreeMap<&'static str, Row> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<Row> = lines.map(row).collect();
    let count = rows.len();
    let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row.file, row)).collect();
    assert_eq!(rows.len(), count, "a vector has two rows");
    rows
}

fn row(line: &'static str) -> Row {
    let cells: Vec<&str> = line.split('\t').collect();
    let [tier, why, file, options, expected] = cells[..] else { panic!("not five cells: {line}") };
    let option = |name: &str| options.split(';').find_map(|option| option.strip_prefix(name));
    let tier = match tier {
        "1" => Tier::Holds,
        "2" => Tier::Refused,
        "3" => Tier::Bad,
        _ => panic!("no such tier: {line}"),
    };
    assert_eq!(tier == Tier::Holds, why == "-", "{line}");
    Row { tier, why, file, id_attribute: option("id="), key: option("key="), expected }
}
