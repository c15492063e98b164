//! Data about persons enter only by a feed: nothing but its files writes the tables of records.

use super::none;
use super::sources::{Source, is_word, sources};

/// Tables that hold records, the keys under which they are found, and which state of a set is visible.
const TABLES: [&str; 3] = ["records", "search_keys", "set_states"];

/// Where the feed writes.
const FEED: &str = "store/batches/";

/// Calls that write, followed by the table.
const WRITES: [&str; 6] =
    ["insert_into(", "insert_or_ignore_into(", "replace_into(", "update(", "delete(", "insert_all!(db, "];

/// Statements that write, followed by the table.
const STATEMENTS: [&str; 5] = ["insert into ", "insert or replace into ", "update ", "delete from ", "truncate "];

#[test]
fn only_the_feed_writes_records() {
    none(&sources().iter().flat_map(strays).collect::<Vec<_>>());
}

fn strays(source: &Source) -> Vec<String> {
    if source.path.starts_with(FEED) || source.code.is_empty() {
        return Vec::new();
    }
    // A target kept in a variable first: `let row = records::table.filter(…); diesel::update(row)`.
    let kept: Vec<&str> = source.code.split("let ").skip(1).filter_map(kept_target).collect();
    let targets = TABLES
        .iter()
        .map(|table| ((*table).to_owned(), true))
        .chain(kept.iter().map(|name| ((*name).to_owned(), false)));
    let mut findings = Vec::new();
    for (target, is_table) in targets {
        for write in WRITES {
            if follows(&source.code, write, &target) {
                findings.push(format!("src/{}: {write}{target}", source.path));
            }
        }
        // Statements stand inside texts, which the code seen here lacks.
        let text = source.text.to_lowercase();
        for statement in STATEMENTS.iter().filter(|_| is_table) {
            if follows(&text, statement, &target)
                && !source.path.ends_with("tests.rs")
                && before_tests(&text, statement, &target)
            {
                findings.push(format!("src/{}: {statement}{target}", source.path));
            }
        }
    }
    findings
}

/// The name of a variable that is bound to rows of one of the tables.
fn kept_target(statement: &str) -> Option<&str> {
    let (name, value) = statement.split(';').next()?.split_once(" = ")?;
    let value = value.trim_start_matches("diesel::");
    let is_target =
        TABLES.iter().any(|table| value.strip_prefix(table).is_some_and(|rest| rest.starts_with("::table")));
    is_target.then_some(name.trim())
}

fn follows(code: &str, verb: &str, target: &str) -> bool {
    code.match_indices(verb).any(|(at, _)| {
        let begins = !is_word(code[..at].chars().next_back());
        let rest = &code[at + verb.len()..];
        let rest = rest.trim_start_matches(['&', '"', ' ', '\n']).trim_start_matches("schema::");
        begins && rest.strip_prefix(target).is_some_and(|after| !is_word(after.chars().next()))
    })
}

/// Whether the statement stands before the tests of its file, which may write what they like.
fn before_tests(text: &str, statement: &str, target: &str) -> bool {
    follows(text.split("#[cfg(test)]").next().unwrap_or_default(), statement, target)
}

#[track_caller]
fn check(path: &str, code: &str, findings: usize) {
    let found = strays(&Source::new(path, code));
    assert_eq!(found.len(), findings, "{path}: {found:?}");
}

#[test]
fn a_write_outside_the_feed_is_found_however_it_is_written() {
    check("store/sets.rs", "diesel::insert_into(records::table).values(x)", 1);
    check("store/sets.rs", "diesel::update(search_keys::table.filter(x))", 1);
    check("store/sets.rs", "diesel::delete(schema::set_states::table)", 1);
    check("store/sets.rs", "let rows = records::table.filter(x);\ndiesel::delete(rows).execute(db)", 1);
    check("cli/x.rs", "diesel::sql_query(\"DELETE FROM records WHERE 1\")", 1);
    check("store/sets.rs", "records::table.filter(x).load(db); diesel::update(row_numbers::table)", 0);
    check("store/sets.rs", "#[cfg(test)]\nmod tests { const A: &str = \"INSERT INTO records\"; }", 0);
    check("store/batches/load.rs", "diesel::insert_into(records::table).values(x)", 0);
}
