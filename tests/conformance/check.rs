//! A check as its table says it: the norm, the request, how it travels, what must come back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

/// One demand of a norm, for one SOAP version and one of its variants.
pub struct Check {
    /// `<area>::<theme>::<sentence>`, then in brackets what tells its variants apart.
    pub name: String,
    pub norm: String,
    pub says: String,
    pub soap: Soap,
    pub told: Told,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Soap {
    V11,
    V12,
}

/// The table of a check; `README.md` explains the keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    norm: String,
    says: String,
    #[serde(rename = "soap")]
    _soap: Option<String>,
    #[serde(rename = "over")]
    _over: Option<Vec<String>>,
    #[serde(default)]
    pub gateway: Which,
    pub message: Option<Table>,
    pub signature: Option<Table>,
    pub after: Option<Value>,
    pub package: Option<Table>,
    pub encoding: Option<Table>,
    #[serde(default)]
    pub http: Http,
    pub expect: Expect,
}

/// Which gateway: the usual one, or the one with small limits.
#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    #[default]
    Usual,
    Tight,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub method: Option<String>,
    pub path: Option<String>,
    pub content_type: Option<String>,
    pub soapaction: Option<String>,
    /// HTTP says no action: an empty SOAPAction, or no parameter.
    #[serde(default)]
    pub actionless: bool,
    #[serde(default)]
    pub fields: Vec<String>,
    #[serde(default)]
    pub chunked: bool,
    /// The same bytes are sent a second time; the second answer counts.
    #[serde(default)]
    pub twice: bool,
    /// The whole head as it is sent.
    pub head: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    #[serde(default, deserialize_with = "one_or_more")]
    pub status: Vec<u16>,
    pub media: Option<String>,
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    pub reply: Option<String>,
    pub fault: Option<String>,
    pub kod: Option<String>,
    #[serde(default)]
    pub signs: Vec<String>,
    #[serde(default)]
    pub xpath: Vec<String>,
    #[serde(default)]
    pub package: bool,
    /// What the answer's package says of itself.
    #[serde(default)]
    pub packaged: BTreeMap<String, String>,
    #[serde(default)]
    pub contains: Vec<String>,
    #[serde(default)]
    pub same_as_plain: bool,
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u16>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMore {
        One(u16),
        More(Vec<u16>),
    }
    Ok(match OneOrMore::deserialize(deserializer)? {
        OneOrMore::One(status) => vec![status],
        OneOrMore::More(statuses) => statuses,
    })
}

impl Soap {
    pub const fn version(self) -> &'static str {
        match self {
            Self::V11 => "1.1",
            Self::V12 => "1.2",
        }
    }

    pub const fn media(self) -> &'static str {
        match self {
            Self::V11 => "text/xml",
            Self::V12 => "application/soap+xml",
        }
    }
}

impl Check {
    /// Every check of every table, once for each of its variants.
    pub fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
        let mut checks = Vec::new();
        for area in entries(&root).into_iter().filter(|path| path.is_dir()) {
            let tables = entries(&area).into_iter().filter(|path| path.extension().is_some_and(|end| end == "toml"));
            for file in tables {
                let theme = format!("{}::{}", stem(&area), stem(&file));
                let text = fs::read_to_string(&file).expect("a table");
                let table: Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                for (sentence, told) in table {
                    checks.extend(variants(&format!("{theme}::{sentence}"), &told));
                }
            }
        }
        checks
    }
}

fn variants(name: &str, told: &Value) -> Vec<Check> {
    let word = |key| told.get(key).and_then(Value::as_str);
    // What is no message of ours has no version.
    let of_http = word("soap") == Some("none");
    let versions = match word("soap") {
        Some("1.1" | "none") => vec![Soap::V11],
        Some("1.2") => vec![Soap::V12],
        None => vec![Soap::V11, Soap::V12],
        Some(other) => panic!("{name}: soap = {other:?}"),
    };
    let over: Vec<Option<&str>> = match told.get("over").and_then(Value::as_array) {
        Some(over) => over.iter().map(Value::as_str).collect(),
        None => vec![None],
    };
    let mut checks = Vec::new();
    for soap in versions {
        for it in &over {
            let filled = it.map_or_else(|| told.clone(), |it| with(told, it));
            let told: Told = filled.try_into().unwrap_or_else(|error| panic!("{name}: {error}"));
            let version = (!of_http).then(|| format!("SOAP {}", soap.version()));
            let variant: Vec<String> = version.into_iter().chain(it.map(str::to_owned)).collect();
            let name = if variant.is_empty() { name.to_owned() } else { format!("{name} [{}]", variant.join(", ")) };
            checks.push(Check { name, norm: told.norm.clone(), says: told.says.clone(), soap, told });
        }
    }
    checks
}

/// The same with `{it}` filled in everywhere.
fn with(value: &Value, it: &str) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("{it}", it)),
        Value::Array(values) => Value::Array(values.iter().map(|value| with(value, it)).collect()),
        Value::Table(table) => Value::Table(table.iter().map(|(key, value)| (key.clone(), with(value, it))).collect()),
        other => other.clone(),
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name")
}
