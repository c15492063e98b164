//! Who may use whom: a room uses only rooms above it, doors look into each other only where it says so here.

use super::none;
use super::sources::{Source, is_word, sources};

/// Rooms and lone files of `src/` in reading order: tools first, doors last. Whoever stands here may use what stands before it.
const ORDER: [&str; 19] = [
    "problem",
    "config",
    "call",
    "contract",
    "workers", // The first five are for everybody.
    "xml",
    "signatures",
    "subjects",
    "disclosure",
    "documents",
    "ledger",
    "store",
    "procedures",
    "soap",
    "services",
    "cli",
    "app",
    "main",
    "lib",
];

/// Where the order allows more than is wanted: a room, another one, and all that it may use of it.
const NARROWER: [(&str, &str, &[&str]); 6] = [
    // The door to SOAP knows no operation.
    ("soap", "procedures", &[]),
    // Commands speak SOAP as a client does: build, sign, send, verify.
    ("cli", "soap", &["client", "reply"]),
    // A client writes `kontekst` with the words with which the service reads it.
    ("cli", "services", &["echo"]),
    // The command that sends a batch reads its head as the feed does, and officials act on their registers by command;
    // everything else goes through the door.
    ("cli", "procedures", &["feed", "custody"]),
    // How a verb fails is said by the commands.
    ("app", "cli", &["Failure"]),
    // The program's first function joins the command line to the composition root.
    ("main", "app", &["serve", "ask", "stamp"]),
];

/// One use of another room.
#[derive(Debug, PartialEq, Eq)]
struct Use {
    room: String,
    /// What of it, as far as the path goes on; `""` for the room itself.
    what: String,
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    none(&sources().iter().flat_map(against_the_order).collect::<Vec<_>>());
}

fn against_the_order(source: &Source) -> Vec<String> {
    let Some(own) = place(source.room()) else { return vec![format!("src/{}: no room of the order", source.path)] };
    let mut findings = Vec::new();
    for Use { room, what } in uses(source) {
        match place(&room) {
            None => findings.push(format!("src/{}: uses {room}, which is no room", source.path)),
            Some(other) if other > own => {
                findings.push(format!("src/{}: uses {room}, which stands below it", source.path));
            }
            Some(_) => {
                let narrower = NARROWER.iter().find(|(from, to, _)| *from == source.room() && *to == room);
                let Some((_, _, allowed)) = narrower else { continue };
                // `use crate::room;` says nothing yet: what counts is what follows the room's name elsewhere.
                let whats = if what.is_empty() { steps_after(&source.code, &room) } else { vec![what] };
                let too_much = whats.iter().filter(|what| !allowed.contains(&what.as_str()));
                findings.extend(too_much.map(|what| format!("src/{}: uses {room}::{what}", source.path)));
            }
        }
    }
    findings
}

fn place(room: &str) -> Option<usize> {
    ORDER.iter().position(|name| *name == room)
}

/// Every path that begins at the crate: `crate::a::b`, `crate::{a, b::c}`, `brama::a` in `main.rs`, and `super::` as often
/// as it takes to get there.
fn uses(source: &Source) -> Vec<Use> {
    let depth = source.path.trim_end_matches(".rs").trim_end_matches("/mod").split('/').count();
    let mut roots = vec!["crate::".to_owned(), "super::".repeat(depth)];
    if source.room() == "main" {
        roots.push("brama::".to_owned());
    }
    let mut found = Vec::new();
    for root in &roots {
        let code = &source.code;
        for (at, _) in code.match_indices(root.as_str()) {
            let before = code[..at].chars().next_back();
            if !is_word(before) && before != Some(':') {
                found.extend(branches(&code[at + root.len()..]));
            }
        }
    }
    // `super::X` names a room only where X is one: a file may have inner modules.
    found.retain(|used| {
        place(&used.room).is_some() || roots[0] == "crate::" && used.room.chars().all(|char| !char.is_uppercase())
    });
    found
}

/// The first two steps of each path of a use tree.
fn branches(tree: &str) -> Vec<Use> {
    let Some(group) = tree.strip_prefix('{') else {
        let (room, rest) = word(tree);
        let Some(rest) = rest.strip_prefix("::") else { return vec![Use { room, what: String::new() }] };
        let Some(group) = rest.strip_prefix('{') else { return vec![Use { room, what: word(rest).0 }] };
        let names = split(group).into_iter().map(|name| word(name.trim()).0);
        return names
            .map(|what| Use { room: room.clone(), what: if what == "self" { String::new() } else { what } })
            .collect();
    };
    split(group).into_iter().flat_map(|branch| branches(branch.trim())).filter(|used| !used.room.is_empty()).collect()
}

/// The words that follow `room::`.
fn steps_after(code: &str, room: &str) -> Vec<String> {
    let path = format!("{room}::");
    let steps = code.match_indices(&path).filter(|(at, _)| !is_word(code[..*at].chars().next_back()));
    steps.map(|(at, _)| word(&code[at + path.len()..]).0).collect()
}

fn word(text: &str) -> (String, &str) {
    let end = text.find(|char| !is_word(Some(char))).unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

/// The parts between commas up to the closing brace.
fn split(group: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&group[from..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts
}

#[track_caller]
fn check(path: &str, code: &str, findings: usize) {
    let found = against_the_order(&Source::new(path, code));
    assert_eq!(found.len(), findings, "{path}: {code}: {found:?}");
}

#[test]
fn a_use_of_a_room_below_is_found_however_it_is_written() {
    check("store/pool.rs", "use crate::xml::{self, Element};", 0);
    check("store/pool.rs", "use crate::procedures::Desk;", 1);
    check("store/pool.rs", "use crate::{config::Limits, soap::{http, client::Client}, cli};", 3);
    check("store/pool.rs", "fn f() { crate::services::context(x) }", 1);
    check("store/pool.rs", "use super::super::app::serve;", 1);
    check("store/seal/ring.rs", "use super::super::pool;", 0);
    check("store/pool.rs", "#[cfg(test)] mod tests { use crate::cli; }\n// crate::cli\nlet a = \"crate::cli\";", 0);
    check("procedures/desk.rs", "use crate::soap::fault;", 1);
    check("config.rs", "use crate::xml::Limits;", 1);
    check("nowhere/file.rs", "", 1);
    check("xml/file.rs", "use crate::nowhere::x;", 1);
    check("main.rs", "brama::cli::main(brama::app::serve)", 0);
    check("main.rs", "brama::app::other()", 1);
}

#[test]
fn a_use_of_more_than_is_allowed_of_a_room_is_found() {
    check("cli/feed.rs", "use crate::soap::client::{Client, Error}; use crate::soap::reply;", 0);
    check("cli/feed.rs", "use crate::soap::{client, security::Judge};", 1);
    check("cli/feed.rs", "use crate::services; fn f() { services::echo(a, b, c) }", 0);
    check("cli/feed.rs", "use crate::services; fn f() { services::context(a) }", 1);
    check("soap/http.rs", "use crate::procedures::Desk;", 1);
}
