//! Words that no file may hold: addresses of package registries, paths of one machine, pages outside the repository.

use super::none;
use super::sources::{File, file, files};

/// Where files are looked through.
const FOLDERS: [&str; 9] = ["src", "docs", "tests", "examples", "migrations", "wsdl", "xsd", ".ci", "benches"];
const LONE: [&str; 5] = ["README.md", "Makefile", "Cargo.toml", ".gitignore", ".rustfmt.toml"];

/// Anywhere. Written apart, so that this file does not hold them either.
const WORDS: [&str; 13] = [
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("files.python", "hosted.org"),
    concat!("registry.npm", "js.org"),
    concat!("repo.packa", "gist.org"),
    concat!("repo.maven", ".apache.org"),
    concat!("repo1.maven", ".org"),
    concat!("proxy.go", "lang.org"),
    concat!("RULES", ".md"),
    concat!("CONTRACT", ".md"),
    concat!("DESIGN", ".md"),
    concat!("CRATES", ".md"),
    concat!("DOMAIN", ".md"),
];

/// Folders of one machine; tests may use the system's folder for temporary files.
const MACHINE: [&str; 5] =
    [concat!("/wo", "rk"), concat!("/t", "mp"), concat!("/ho", "me"), concat!("/ro", "ot"), concat!("/Use", "rs")];

#[test]
fn no_file_holds_a_forbidden_word() {
    let folders = FOLDERS.into_iter().filter(|folder| std::fs::exists(folder).unwrap_or(false));
    let all: Vec<File> = folders
        .flat_map(files)
        .chain(LONE.into_iter().filter(|path| std::fs::exists(path).unwrap_or(false)).map(file))
        .collect();
    assert!(all.len() > 200, "the files were not found");
    none(&all.iter().flat_map(forbidden).collect::<Vec<_>>());
}

fn forbidden(file: &File) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        let words = WORDS.iter().filter(|word| line.contains(**word));
        let paths = MACHINE.iter().filter(|folder| !file.path.starts_with("tests/") && holds_path(line, folder));
        findings.extend(words.chain(paths).map(|word| format!("{}:{number}: {word}", file.path)));
    }
    findings
}

/// Whether an absolute path begins with `folder`: not in the middle of another path or address, and the name ends there.
fn holds_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + folder.len()..].chars().next();
        let begins = before.is_none_or(|char| !char.is_alphanumeric() && !"/._-}$*<".contains(char));
        begins && after.is_none_or(|char| !char.is_alphanumeric() && !"-_".contains(char))
    })
}

#[track_caller]
fn check(path: &str, line: &str, findings: usize) {
    let found = forbidden(&File { path: path.to_owned(), text: line.to_owned() });
    assert_eq!(found.len(), findings, "{path}: {line}: {found:?}");
}

#[test]
fn forbidden_words_and_paths_are_found() {
    check("docs/a.md", concat!("see https://crates", ".io/x"), 1);
    check("src/a.rs", concat!("// as RULES", ".md says"), 1);
    check("src/a.rs", concat!("let a = \"/t", "mp/x\";"), 1);
    check("Makefile", concat!("cd /wo", "rk/main"), 1);
    check("tests/it/a.sh", concat!("base=/t", "mp"), 0);
    check("src/a.rs", concat!("// https://example.org/wo", "rk/x"), 0);
    check("src/a.rs", concat!("/wo", "rker"), 0);
    check("docs/rules.md", "rule 3.4", 0);
}
