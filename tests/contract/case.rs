//! A case folder as it is read: who signs, what is sent before, what goes wrong on the way, what must come back.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use brama::signatures::SigningKey;
use openssl::sha::sha256;
use serde::Deserialize;
use toml::Table;
use uuid::Uuid;

use crate::content::Node;

/// One behaviour that anybody can observe.
pub struct Case {
    /// `<service>/<Operation>/<sentence>`.
    pub name: String,
    pub service: String,
    pub given: Given,
    /// Sections of `brama.toml` for this case's gateway.
    pub overrides: Table,
    pub folder: PathBuf,
}

/// `given.toml` without the overrides.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub signer: Option<String>,
    pub alter: Option<Alter>,
    #[serde(default)]
    pub raw: bool,
    pub until: Option<String>,
    pub away: Option<String>,
    #[serde(default)]
    pub before: Vec<Step>,
}

/// A request that is sent before the case's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub request: String,
    pub signer: Option<String>,
    pub until: Option<String>,
    #[serde(default = "once")]
    pub times: usize,
}

fn once() -> usize {
    1
}

/// What is wrong with the message; the table in `README.md` explains each.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Alter {
    Unsigned,
    UnsignedBody,
    UnsignedTimestamp,
    NoTimestamp,
    Stale,
    Future,
    Body,
    WrappedBody,
    DuplicateId,
    Token,
    MustUnderstand,
    Replay,
}

const OURS: [&str; 6] = ["signer", "alter", "raw", "until", "away", "before"];

impl Case {
    /// The cases of a service, by name; `CASE` narrows them.
    pub fn wanted(service: &str) -> Vec<Self> {
        let wanted = std::env::var("CASE").unwrap_or_default();
        let operations = folders(&root().join(service));
        let all = operations.iter().flat_map(|operation| folders(operation)).map(|folder| Self::read(service, folder));
        all.filter(|case| case.name.contains(&wanted)).collect()
    }

    fn read(service: &str, folder: PathBuf) -> Self {
        let name = folder.strip_prefix(root()).expect("below the root").to_str().expect("a plain name").to_owned();
        let text =
            fs::read_to_string(folder.join("given.toml")).unwrap_or_else(|error| panic!("{name}/given.toml: {error}"));
        let table: Table = text.parse().unwrap_or_else(|error| panic!("{name}/given.toml: {error}"));
        let (ours, overrides): (Table, Table) = table.into_iter().partition(|(key, _)| OURS.contains(&key.as_str()));
        let given: Given = ours.try_into().unwrap_or_else(|error| panic!("{name}/given.toml: {error}"));
        assert!(given.away.is_none() || given.before.is_empty(), "{name}/given.toml: no steps before one who is away");
        assert!(given.raw != given.signer.is_some(), "{name}/given.toml: either a signer or raw");
        Self { name, service: service.to_owned(), given, overrides, folder }
    }

    /// A file that is sent, its placeholders filled in.
    pub fn outgoing(&self, file: &str, last_reply: Option<&Node>, signer: Option<&SigningKey>) -> String {
        let mut text = self.text(file).unwrap_or_else(|| panic!("{}/{file} is missing", self.name));
        while let Some((start, end)) = placeholder(&text) {
            let value = match text[start + 1..end - 1].split_once(' ') {
                None if text[start..end] == *"{certificate}" => {
                    STANDARD.encode(signer.expect("a signer").certificate().der())
                }
                None => Uuid::new_v4().to_string(),
                Some(("signed", name)) => {
                    let bytes = STANDARD.decode(replied(last_reply, name)).expect("base64");
                    STANDARD.encode(signer.expect("a signer").sign(&bytes).expect("a signature"))
                }
                Some(("base64", file)) => STANDARD.encode(self.bytes(file)),
                Some(("sha256", file)) => STANDARD.encode(sha256(&self.bytes(file))),
                Some((_, name)) => replied(last_reply, name),
            };
            text.replace_range(start..end, &value);
        }
        text
    }

    /// The text of a file, if there is one.
    pub fn text(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(file)).ok()
    }

    fn bytes(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.join(file)).unwrap_or_else(|error| panic!("{}/{file}: {error}", self.name))
    }
}

/// An expectation with the placeholders `{reply NAME}` filled in.
pub fn expected(text: &str, last_reply: Option<&Node>) -> String {
    let mut text = text.to_owned();
    while let Some((start, end)) = placeholder(&text) {
        let name = text[start + 1..end - 1].strip_prefix("reply ").expect("only {reply NAME} stands in expectations");
        text.replace_range(start..end, &replied(last_reply, name));
    }
    text
}

/// Where the first placeholder begins and ends.
fn placeholder(text: &str) -> Option<(usize, usize)> {
    let words = ["{uuid}", "{base64 ", "{sha256 ", "{reply ", "{signed ", "{certificate}"];
    let start = words.iter().filter_map(|word| text.find(word)).min()?;
    Some((start, start + text[start..].find('}').expect("a placeholder ends") + 1))
}

fn replied(reply: Option<&Node>, name: &str) -> String {
    let reply = reply.expect("a step before whose reply is quoted");
    reply.first(name).unwrap_or_else(|| panic!("the reply before has no {name}")).text.clone()
}

/// The folder of all cases.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract")
}

/// The folders in a folder, by name.
fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap_or_else(|error| panic!("{}: {error}", of.display()));
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
