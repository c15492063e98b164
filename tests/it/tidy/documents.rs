//! What documents promise about code: every setting with its default, every fault code with its `faultcode`, every rule that is cited, every decision in its form, a signature that holds.

use brama::config::Config;
use brama::problem::{Code, Problem};
use brama::signatures::{Certificate, KeyReference, Signature};
use brama::soap::fault::FaultCode;
use brama::xml::{DS, Document, Limits, ids};
use toml::{Table, Value};

use super::none;
use super::sources::{file, files, names};

#[test]
fn the_operators_guide_explains_every_setting_with_its_default() {
    let guide = file("docs/operatorzy.md").text;
    let defaults = Table::try_from(Config::default()).expect("the configuration as TOML");
    let settings = settings(&file("src/config.rs").text);
    let known = |section: &str, key: &str| settings.iter().any(|(one, other)| one == section && other == key);
    for (section, keys) in &defaults {
        for (key, _) in keys.as_table().expect("a section") {
            assert!(known(section, key), "{section}.{key} was not found in src/config.rs");
        }
    }
    let unexplained = settings.iter().filter_map(|(section, key)| {
        let default = defaults.get(section).and_then(|section| section.get(key));
        explained(&guide, section, key, default).err()
    });
    none(&unexplained.collect::<Vec<_>>());
}

#[test]
fn the_catalogue_of_faults_has_every_code_with_its_faultcode() {
    let catalogue = file("docs/kody-bledow.md").text;
    none(
        &Code::ALL
            .iter()
            .filter_map(|code| {
                let faultcode = FaultCode::of(&Problem::new(*code)).in_soap11();
                catalogued(&catalogue, code.wire(), faultcode).err()
            })
            .collect::<Vec<_>>(),
    );
}

#[test]
fn the_envelope_in_the_integrators_guide_has_a_signature_that_holds() {
    let guide = file("docs/integratorzy.md").text;
    let envelope = guide.split("```xml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let document = Document::parse(envelope.as_bytes(), &Limits::default()).expect("an envelope");
    let ids = ids(&document).expect("identifiers");
    let element = document.root().descendants().find(|one| one.is(DS.name("Signature"))).expect("a signature");
    let signature = Signature::read(element).expect("a signature");
    let Ok(KeyReference::Enclosed { der, .. }) = KeyReference::read(signature.key_info().expect("a key"), &ids) else {
        panic!("the certificate is enclosed")
    };
    let covered = signature.verify(&Certificate::from_der(&der).expect("a certificate"), &ids).expect("it holds");
    assert_eq!(covered.iter().map(|one| one.local()).collect::<Vec<_>>(), ["Body", "Timestamp"]);
}

#[test]
fn every_decision_is_numbered_once_and_has_its_four_parts() {
    let folder = "docs/decisions";
    none(&misnumbered(&names(folder)));
    none(&files(folder).iter().flat_map(|decision| incomplete(&decision.path, &decision.text)).collect::<Vec<_>>());
}

#[test]
fn every_rule_that_is_cited_is_written_down() {
    let rules = file("docs/rules.md").text;
    let cited = ["src", "migrations", "tests"].into_iter().flat_map(files);
    none(&cited.flat_map(|file| unwritten(&file.path, &file.text, &rules)).collect::<Vec<_>>());
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut all = files("docs");
    all.push(file("README.md"));
    let mut findings = Vec::new();
    for document in all {
        let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let exists = |link: &str| std::fs::exists(format!("./{folder}/{link}")).unwrap_or(false);
        findings.extend(
            links(&document.text)
                .into_iter()
                .filter(|link| !exists(link))
                .map(|link| format!("{}: {link}", document.path)),
        );
    }
    none(&findings);
}

/// Every key of the configuration as (section, key): the fields of the types in `src/config.rs`.
fn settings(source: &str) -> Vec<(String, String)> {
    let fields = |name: &str| -> Vec<(String, String)> {
        let body = source.split_once(&format!("pub struct {name} {{")).map_or("", |(_, rest)| rest);
        let body = body.split("\n}").next().unwrap_or_default();
        let fields =
            body.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.trim_end_matches(',').split_once(": "));
        fields.map(|(field, kind)| (field.to_owned(), kind.to_owned())).collect()
    };
    let sections = fields("Config").into_iter();
    sections.flat_map(|(section, kind)| fields(&kind).into_iter().map(move |(key, _)| (section.clone(), key))).collect()
}

/// Whether the guide's table of `[section]` has a row `` | `key` | unit | `default` | meaning | `` with the right default.
fn explained(guide: &str, section: &str, key: &str, default: Option<&Value>) -> Result<(), String> {
    let table = guide.split_once(&format!("### `[{section}]`")).map_or("", |(_, rest)| rest);
    let table = table.split("\n#").next().unwrap_or_default();
    let start = format!("| `{key}` |");
    let row = table
        .lines()
        .find(|line| line.starts_with(&start))
        .ok_or_else(|| format!("{section}.{key} is not explained"))?;
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let [_, unit, stated, meaning] = cells[..] else { return Err(format!("{section}.{key}: not four cells")) };
    if unit.is_empty() || meaning.is_empty() {
        return Err(format!("{section}.{key}: an empty cell"));
    }
    let literal = stated.split('`').nth(1).map(|literal| format!("x = {literal}"));
    let stated = literal.and_then(|line| line.parse::<Table>().ok()).and_then(|table| table.get("x").cloned());
    if stated.as_ref() == default {
        Ok(())
    } else {
        Err(format!("{section}.{key}: its default is {default:?}, not {stated:?}"))
    }
}

/// Whether the catalogue gives `code`, and the right `faultcode` as the next word in the same line.
fn catalogued(catalogue: &str, code: &str, faultcode: &str) -> Result<(), String> {
    let named = format!("`{code}` ");
    let next = |line: &str| line.split_once(&named).and_then(|(_, rest)| rest.split('`').nth(1).map(str::to_owned));
    let is_faultcode = |word: &String| ["soap:", "wsse:", "wsa:"].iter().any(|prefix| word.starts_with(prefix));
    let found = catalogue.lines().filter_map(next).find(is_faultcode);
    match found {
        None => Err(format!("{code} is not in the catalogue")),
        Some(found) if found == faultcode => Ok(()),
        Some(found) => Err(format!("{code}: {found} instead of {faultcode}")),
    }
}

/// Names like `0003-a-few-words.md`, numbered from 1 without gaps.
fn misnumbered(names: &[String]) -> Vec<String> {
    let right =
        |number: usize, name: &str| name.starts_with(&format!("{number:04}-")) && name.strip_suffix(".md").is_some();
    (1..)
        .zip(names)
        .filter(|(number, name)| !right(*number, name))
        .map(|(number, name)| format!("{name} is not number {number}"))
        .collect()
}

fn incomplete(path: &str, text: &str) -> Vec<String> {
    let parts = ["**Context.**", "**Decision.**", "**Consequences.**", "**To be revisited**"];
    let lacking = parts.iter().filter(|part| !text.contains(**part)).map(|part| format!("{path}: no {part}"));
    let long = (text.lines().count() > 60).then(|| format!("{path}: more than a page"));
    lacking.chain(long).collect()
}

/// Citations like `rule 3.4` and `rules 2.1, 2.2` of rules that the page lacks.
fn unwritten(path: &str, text: &str, rules: &str) -> Vec<String> {
    let lists = text.split("rule ").skip(1).chain(text.split("rules ").skip(1));
    let numbers = lists.flat_map(|list| {
        let list = list.split(|char: char| !char.is_ascii_digit() && !"., ".contains(char)).next().unwrap_or_default();
        list.split([',', ' ']).map(|number| number.trim_end_matches('.')).filter(|number| number.contains('.'))
    });
    numbers
        .filter(|number| !written(rules, number))
        .map(|number| format!("{path}: rule {number} is not in docs/rules.md"))
        .collect()
}

fn written(rules: &str, number: &str) -> bool {
    let starts = |line: &str| {
        line.strip_prefix("**")
            .and_then(|rest| rest.strip_prefix(number))
            .is_some_and(|rest| rest.starts_with([' ', '*']))
    };
    rules.lines().any(starts)
}

/// Targets of Markdown links that are files of the repository.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
    local.filter_map(|target| target.split('#').next()).map(str::to_owned).collect()
}

#[test]
fn a_setting_without_a_row_or_with_another_default_is_found() {
    let source = "pub struct Config {\n    pub store: Store,\n}\npub struct Store {\n    /// D\n    pub data: PathBuf,\n    pub platform: Option<String>,\n}";
    let pair = |section: &str, key: &str| (section.to_owned(), key.to_owned());
    assert_eq!(settings(source), [pair("store", "data"), pair("store", "platform")]);

    let guide = "### `[store]`\n| `data` | folder | `\"data\"` | where |\n| `most` | number | `40` (forty) | how many |\n| `url` | address | brak | which |\n## Next\n| `late` | x | `1` | y |";
    let text = Value::from("data");
    assert!(explained(guide, "store", "data", Some(&text)).is_ok());
    assert!(explained(guide, "store", "most", Some(&Value::from(40))).is_ok());
    assert!(explained(guide, "store", "url", None).is_ok());
    assert!(explained(guide, "store", "url", Some(&text)).is_err());
    assert!(explained(guide, "store", "most", Some(&Value::from(41))).is_err());
    assert!(explained(guide, "store", "late", Some(&Value::from(1))).is_err());
    assert!(explained(guide, "other", "data", Some(&text)).is_err());
}

#[test]
fn a_code_without_a_row_or_with_another_faultcode_is_found() {
    let catalogue = "Kod `A` stoi w wyjątku.\n| `A` | `soap:Client` | x |\n`B` (`soap:Server`: y)";
    assert!(catalogued(catalogue, "A", "soap:Client").is_ok());
    assert!(catalogued(catalogue, "B", "soap:Server").is_ok());
    assert!(catalogued(catalogue, "A", "soap:Server").is_err());
    assert!(catalogued(catalogue, "C", "soap:Client").is_err());
}

#[test]
fn a_decision_out_of_order_or_without_a_part_is_found() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(misnumbered(&names(&["0001-a.md", "0002-b.md"])), Vec::<String>::new());
    assert_eq!(misnumbered(&names(&["0001-a.md", "0003-b.md"])).len(), 1);
    assert_eq!(misnumbered(&names(&["0001-a.md", "0001-b.md"])).len(), 1);
    assert_eq!(incomplete("a", "**Context.** **Decision.** **Consequences.** **To be revisited** when").len(), 0);
    assert_eq!(incomplete("a", "**Context.** **Decision.**").len(), 2);
    let rules = "**1.1 Order.** …\n**1.2** …";
    assert_eq!(unwritten("a", "// rule 1.1, and rules 1.1, 1.2: see rule 1.", rules).len(), 0);
    assert_eq!(unwritten("a", concat!("(rule", " 1.3) (rules", " 1.1, 2.2)"), rules).len(), 2);
    assert_eq!(links("[a](b.md#c) [d](https://e) [f](#g) [h](../i)"), ["b.md", "../i"]);
}
