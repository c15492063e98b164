//! Public vectors of XML Signature and Canonical XML, run through `brama xml`, each with a row in `expected.tsv`; and RSA-PSS by the JDK.

mod keys;
mod octets;
mod pss;
mod table;
mod verdicts;

use std::fs;
use std::path::{Path, PathBuf};

/// Where `tests/vectors/fetch` puts the vectors.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/vectors");
    assert!(folder.join(".fetched").exists(), "the vectors are not there: run .ci/setup");
    folder
}

/// Every XML file that holds a signature, and every file that makes trouble on purpose, as paths below [`folder`].
fn vectors() -> Vec<String> {
    let folder = folder();
    let mut found = Vec::new();
    for part in ["signxml/test", "xmlsec1/tests", "xmlsec1/examples"] {
        gather(&folder.join(part), &mut found);
    }
    let relative = |path: PathBuf| path.strip_prefix(&folder).expect("below").to_str().expect("a text").to_owned();
    let mut found: Vec<String> = found.into_iter().map(relative).collect();
    found.sort();
    found
}

fn gather(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of vectors") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "xml") {
            let text = fs::read(&path).expect("a vector");
            let signed = text.windows(14).any(|window| window == b"SignatureValue");
            if signed || path.components().any(|part| part.as_os_str() == "defusedxml-test-data") {
                found.push(path);
            }
        }
    }
}
