//! Files as the checks see them: Rust without comments, texts and tests, every other file as it stands.

use std::fs;
use std::path::Path;

/// A file of the repository.
pub struct File {
    /// From the repository's root, with `/`.
    pub path: String,
    pub text: String,
}

/// A Rust file of `src/`.
pub struct Source {
    /// From `src/`, e.g. `store/seal/ring.rs`.
    pub path: String,
    /// As it stands.
    pub text: String,
    /// Comments and the content of texts blanked out, items under `#[cfg(test)]` removed; empty for files of tests.
    pub code: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let in_tests = path.ends_with("/tests.rs") || path.contains("/tests/") || path.ends_with("/properties.rs");
        let code = if in_tests { String::new() } else { without_tests(&without_texts(text)) };
        Self { path: path.to_owned(), text: text.to_owned(), code }
    }

    /// The room it stands in: `store` for `store/seal/ring.rs`, `config` for `config.rs`.
    pub fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }
}

/// Every Rust file of `src/`.
pub fn sources() -> Vec<Source> {
    let files = files("src").into_iter().filter(|file| file.path.strip_suffix(".rs").is_some());
    let sources: Vec<_> = files.map(|file| Source::new(file.path.trim_start_matches("src/"), &file.text)).collect();
    assert!(sources.len() > 100, "the sources were not found");
    sources
}

/// Every file below `folder` that is text, in order of paths; what builds and tools leave behind is passed over.
pub fn files(folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    collect(Path::new(folder), &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// One file.
pub fn file(path: &str) -> File {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    File { path: path.to_owned(), text }
}

/// Names inside a folder, sorted; none when there is no such folder.
pub fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    names
}

fn collect(folder: &Path, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if matches!(name, "target" | ".git" | ".venv" | "__pycache__" | "node_modules" | "build") {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push(File { path: path.display().to_string(), text });
        }
    }
}

/// Rust code with comments and the content of texts and characters replaced by spaces; lines keep their numbers.
fn without_texts(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => find(&chars, at, |rest| rest[0] == '\n'),
            ('/', Some('*')) => (find(&chars, at, |rest| rest.starts_with(&['*', '/'])) + 2).min(chars.len()),
            ('r', Some('"' | '#'))
                if !is_word(at.checked_sub(1).map(|before| chars[before])) || chars[at - 1] == 'b' =>
            {
                raw_end(&chars, at)
            }
            ('"', _) => text_end(&chars, at),
            ('\'', Some('\\')) => find(&chars, at + 3, |rest| rest[0] == '\'') + 1,
            ('\'', Some(_)) if chars.get(at + 2) == Some(&'\'') => at + 3,
            _ => at + 1,
        };
        if end == at + 1 {
            out.push(chars[at]);
        } else {
            out.extend(chars[at..end.min(chars.len())].iter().map(|char| if *char == '\n' { '\n' } else { ' ' }));
        }
        at = end;
    }
    out
}

fn find(chars: &[char], from: usize, is_end: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len()).find(|at| is_end(&chars[*at..])).unwrap_or(chars.len())
}

/// After the closing quotation mark of the text that opens at `at`.
fn text_end(chars: &[char], at: usize) -> usize {
    let mut end = at + 1;
    while end < chars.len() && chars[end] != '"' {
        end += if chars[end] == '\\' { 2 } else { 1 };
    }
    end + 1
}

/// After a raw text; `at + 1` when the `r` begins something else.
fn raw_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|char| **char == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at + 1;
    }
    let mut close = vec!['"'];
    close.resize(hashes + 1, '#');
    find(chars, at + 2 + hashes, |rest| rest.starts_with(&close)) + close.len()
}

pub fn is_word(char: Option<char>) -> bool {
    char.is_some_and(|char| char.is_alphanumeric() || char == '_')
}

/// Blanks every item under `#[cfg(test)]`: up to its closing brace, or to `;` when it has no body.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        let item = at + MARK.len();
        out.push_str(&rest[..at]);
        let end = item + item_end(&rest[item..]);
        out.extend(rest[at..end].chars().filter(|char| *char == '\n'));
        rest = &rest[end..];
    }
    out + rest
}

fn item_end(code: &str) -> usize {
    let mut depth = 0_u32;
    for (at, char) in code.char_indices() {
        match char {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    code.len()
}

#[test]
fn code_is_seen_without_comments_texts_and_tests() {
    let text = "a(\"x \\\" // y\", 'b', '\\'', r#\"z\"w\"#); // c\n/* d */ fn e<'f>() {}\n#[cfg(test)]\nmod t { fn g() {} }\nh";
    let code = Source::new("room/file.rs", text).code;
    let words: Vec<&str> = code.split_whitespace().collect();
    assert_eq!(words, ["a(", ",", ",", ",", ");", "fn", "e<'f>()", "{}", "h"]);
    assert_eq!(code.lines().count(), text.lines().count());
    assert_eq!(Source::new("room/tests.rs", text).code, "");
    assert_eq!(Source::new("room/file.rs", text).room(), "room");
}
