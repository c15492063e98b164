//! What Rust files may not do outside the places that are named here with a reason.

use super::none;
use super::sources::{Source, is_word, sources};

/// Lines of a file at most, tests included.
const LINES_MAX: usize = 400;

/// Longer files and why each is one thing.
const LONG: [(&str, &str); 0] = [];

/// Files outside `xml` that use a parser of their own, and why none of them reads a message from outside.
const PARSERS: [(&str, &str, &str); 4] = [
    ("quick_xml", "subjects/stored.rs", "reads stored records, which our own writer wrote, without a tree"),
    ("quick_xml", "disclosure/reply_schema.rs", "rewrites our own schemas event by event, texts and all"),
    ("quick_xml", "disclosure/xsd.rs", "reads our own schemas, before any message is there"),
    ("yaserde", "documents/", "binds whole files to types, validated by the xml room in and out"),
];

/// Crates that parse XML; only the xml room uses them freely.
const PARSER_CRATES: [&str; 4] = ["libxml", "quick_xml", "yaserde", "yaserde_derive"];

#[test]
fn only_the_xml_room_touches_parsers_and_is_unsafe() {
    none(&sources().iter().flat_map(|source| [parsers(source), unsafety(source)].concat()).collect::<Vec<_>>());
}

#[test]
fn nothing_outside_tests_unwraps() {
    none(&sources().iter().flat_map(unwraps).collect::<Vec<_>>());
}

#[test]
fn files_are_short_and_begin_with_a_sentence() {
    none(&sources().iter().flat_map(|source| [length(source), heading(source)].concat()).collect::<Vec<_>>());
}

#[test]
fn every_exception_is_still_needed() {
    let sources = sources();
    let mut idle = Vec::new();
    for (name, path, _) in PARSERS {
        let used = sources.iter().any(|source| source.path.starts_with(path) && has_word(&source.code, name));
        if !used {
            idle.push(format!("{path} does not use {name}"));
        }
    }
    for (path, _) in LONG {
        if !sources.iter().any(|source| source.path == path && source.text.lines().count() > LINES_MAX) {
            idle.push(format!("{path} is not long"));
        }
    }
    none(&idle);
}

fn parsers(source: &Source) -> Vec<String> {
    if source.room() == "xml" {
        return Vec::new();
    }
    let allowed = |name: &str| PARSERS.iter().any(|(parser, path, _)| *parser == name && source.path.starts_with(path));
    let used = PARSER_CRATES.into_iter().filter(|name| has_word(&source.code, name) && !allowed(name));
    used.map(|name| format!("src/{}: uses {name}", source.path)).collect()
}

fn unsafety(source: &Source) -> Vec<String> {
    let found = source.room() != "xml" && has_word(&source.code, "unsafe");
    found.then(|| format!("src/{}: unsafe", source.path)).into_iter().collect()
}

fn unwraps(source: &Source) -> Vec<String> {
    let lines = source.code.lines().enumerate().filter(|(_, line)| line.contains(".unwrap()"));
    lines.map(|(at, _)| format!("src/{}:{}: unwrap()", source.path, at + 1)).collect()
}

fn length(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    let long = lines > LINES_MAX && !LONG.iter().any(|(path, _)| *path == source.path);
    long.then(|| format!("src/{}: {lines} lines", source.path)).into_iter().collect()
}

fn heading(source: &Source) -> Vec<String> {
    (!source.text.starts_with("//! "))
        .then(|| format!("src/{}: does not say what it is", source.path))
        .into_iter()
        .collect()
}

fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word)
        .any(|(at, _)| !is_word(code[..at].chars().next_back()) && !is_word(code[at + word.len()..].chars().next()))
}

#[track_caller]
fn check(rule: fn(&Source) -> Vec<String>, path: &str, code: &str, findings: usize) {
    let found = rule(&Source::new(path, code));
    assert_eq!(found.len(), findings, "{path}: {found:?}");
}

#[test]
fn what_is_forbidden_is_found() {
    check(parsers, "xml/a.rs", "use libxml::bindings;", 0);
    check(parsers, "soap/a.rs", "use libxml::bindings; use quick_xml::Reader;", 2);
    check(parsers, "subjects/stored.rs", "quick_xml::escape::unescape(x)", 0);
    check(parsers, "subjects/stored.rs", "libxml::x()", 1);
    check(unsafety, "store/a.rs", "fn f() { unsafe { g() } }", 1);
    check(unsafety, "store/a.rs", "#[allow(unsafe_code)] // unsafe", 0);
    check(unsafety, "xml/a.rs", "unsafe fn f() {}", 0);
    check(unwraps, "store/a.rs", "a().unwrap();\nb()\n    .unwrap()", 2);
    check(
        unwraps,
        "store/a.rs",
        "a().unwrap_or(1) // .unwrap()\n#[cfg(test)]\nmod tests { fn f() { g().unwrap() } }",
        0,
    );
    check(length, "store/a.rs", &"\n".repeat(LINES_MAX), 0);
    check(length, "store/a.rs", &"\n".repeat(LINES_MAX + 1), 1);
    check(heading, "store/a.rs", "//! What this is.", 0);
    check(heading, "store/a.rs", "use a;", 1);
}
