//! Whether an answer keeps what every answer promises: its signature by `xmlsec1`, its schema as the gateway publishes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use brama::contract::XSD;
use brama::signatures::KeyFamily;
use brama::xml::names::{DS, P, R, SOAP11, U, W, WSSE, WSU, Z};
use brama::xml::{Document, Element, Limits, Method, Schema, canonical_bytes};
use tempfile::TempDir;

use crate::content::Node;
use crate::gateway::{Gateway, Response};

/// A SOAP answer; the child of its Body stands apart.
pub struct Answer {
    pub status: u16,
    pub bytes: Vec<u8>,
    pub document: Document,
    pub payload: Node,
}

impl Answer {
    /// # Panics
    /// When it is no SOAP envelope with one child of its Body.
    pub fn read(response: Response) -> Self {
        let (status, bytes) = (response.status, response.body);
        let limits = Limits { bytes: bytes.len(), ..Limits::default() };
        let document = Document::parse(&bytes, &limits)
            .unwrap_or_else(|error| panic!("{error}: HTTP {status} {}", String::from_utf8_lossy(&bytes)));
        let payload = Node::of(payload(&document));
        Self { status, bytes, document, payload }
    }

    pub fn is_fault(&self) -> bool {
        self.payload.local == "Fault" && self.payload.namespace == SOAP11.uri
    }

    /// rule 8.2: faults are signed for authenticated callers, whose unit they repeat.
    fn is_to_be_signed(&self) -> bool {
        !self.is_fault() || self.payload.first("jednostka").is_some()
    }
}

/// The only child of the Body.
pub fn payload(document: &Document) -> Element<'_> {
    let body = document.root().child(SOAP11.name("Body")).expect("a Body");
    let mut children = body.children();
    let payload = children.next().expect("a Body with content");
    assert!(children.next().is_none(), "a Body with one child");
    payload
}

/// Schemas as published, certificates of the gateway, and every document that was found valid.
pub struct Judge {
    schemas: BTreeMap<&'static str, Schema>,
    certificates: [PathBuf; 2],
    folder: TempDir,
    kept: AtomicUsize,
}

/// Namespaces whose documents are judged, with their schemas.
const SCHEMAS: [(&str, &str); 5] = [
    (U.uri, "udostepnianie.xsd"),
    (Z.uri, "zasilanie.xsd"),
    (W.uri, "wspolne.xsd"),
    (R.uri, "rejestr.xsd"),
    (P.uri, "podpis.xsd"),
];

impl Judge {
    /// Fetches the schemas that `gateway` publishes.
    pub fn new(gateway: &Gateway, pki: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files = Vec::new();
        for (name, _) in XSD {
            let response = gateway.get(&format!("/xsd/{name}"));
            assert_eq!(response.status, 200, "{name}");
            fs::write(folder.path().join(name), &response.body).expect("a schema");
            files.push((*name, response.body));
        }
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_slice())).collect();
        let compile = |name| Schema::compile(name, &files).unwrap_or_else(|error| panic!("{name}: {error}"));
        let schemas = SCHEMAS.iter().map(|(namespace, name)| {
            fs::create_dir(folder.path().join(name).with_extension("d")).expect("a folder");
            (*namespace, compile(name))
        });
        let schemas = schemas.collect();
        Self {
            schemas,
            certificates: [pki.join("brama.pem"), pki.join("brama-rsa.pem")],
            folder,
            kept: AtomicUsize::new(0),
        }
    }

    /// What is wrong with an answer to a caller with a key of this family; `timestamped`: the request had a signed Timestamp.
    pub fn answer(&self, answer: &Answer, caller: Option<KeyFamily>, timestamped: bool) -> Vec<String> {
        let mut complaints = Vec::new();
        // SOAP 1.1 §6.2
        let status = if answer.is_fault() { 500 } else { 200 };
        if answer.status != status {
            complaints.push(format!("HTTP {} instead of {status}", answer.status));
        }
        let payload = payload(&answer.document);
        if answer.is_fault() {
            complaints.extend(faultcode(payload));
            complaints.extend(
                payload.descendants().find(|one| one.is(W.name("Wyjatek"))).and_then(|detail| self.schema(detail)),
            );
        } else {
            complaints.extend(self.schema(payload));
        }
        let signature = answer.document.root().descendants().find(|element| element.is(DS.name("Signature")));
        match (signature, caller) {
            (None, _) if !answer.is_to_be_signed() => {}
            (Some(_), _) if !answer.is_to_be_signed() => {
                complaints.push("a fault without w:jednostka is signed".to_owned());
            }
            (Some(signature), Some(caller)) => {
                complaints.extend(coverage(&answer.document, signature, timestamped));
                complaints.extend(self.xmlsec1(&answer.bytes, caller));
            }
            (None, _) => complaints.push("the answer is not signed".to_owned()),
            (Some(_), None) => complaints.push("the answer to nobody is signed".to_owned()),
        }
        complaints
    }

    /// What breaks the schema of the element's namespace; what breaks nothing is kept for [`Judge::xmllint`].
    pub fn schema(&self, element: Element<'_>) -> Option<String> {
        let Some(schema) = self.schemas.get(element.namespace()) else {
            return Some(format!("no schema for {}", element.namespace()));
        };
        let violations = schema.validate(element, element);
        if violations.is_empty() {
            let (_, name) =
                SCHEMAS.iter().find(|(namespace, _)| *namespace == element.namespace()).expect("found above");
            let file = self.folder.path().join(name).with_extension("d");
            let file = file.join(format!("{}.xml", self.kept.fetch_add(1, Ordering::Relaxed)));
            fs::write(file, canonical_bytes(element, Method::Exclusive).expect("a canonical form")).expect("a file");
            return None;
        }
        let lines = violations.iter().map(|one| format!("  {}: {} ({})", one.path, one.text, one.rule));
        Some(format!("it breaks its schema:\n{}", lines.collect::<Vec<_>>().join("\n")))
    }

    /// The second opinion of `xmllint` on everything that was found valid.
    pub fn xmllint(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for (_, name) in SCHEMAS {
            let folder = self.folder.path().join(name).with_extension("d");
            let files: Vec<PathBuf> =
                fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
            if files.is_empty() {
                continue;
            }
            let mut command = Command::new("xmllint");
            command.args(["--noout", "--nonet", "--schema"]).arg(self.folder.path().join(name)).args(files);
            let output = command.output().expect("xmllint is installed by the set-up script");
            if !output.status.success() {
                let report = String::from_utf8_lossy(&output.stderr);
                let bad = report.lines().filter(|line| !line.ends_with(" validates"));
                failures.push(format!("== xmllint, {name}\n{}", bad.collect::<Vec<_>>().join("\n")));
            }
        }
        failures
    }

    /// rule 6.2: the gateway signs with its key of the caller's family.
    fn xmlsec1(&self, message: &[u8], caller: KeyFamily) -> Option<String> {
        let file = self.folder.path().join("answer.xml");
        fs::write(&file, message).expect("a file");
        let [ecdsa, rsa] = &self.certificates;
        let mut command = Command::new("xmlsec1");
        command.args(["--verify", "--enabled-key-data", "rsa,ecdsa", "--pubkey-cert-pem"]);
        command.arg(if caller == KeyFamily::Rsa { rsa } else { ecdsa });
        for (namespace, local) in [(SOAP11.uri, "Body"), (WSU.uri, "Timestamp")] {
            command.args(["--id-attr:Id", &format!("{namespace}:{local}")]);
        }
        let output = command.arg(file).output().expect("xmlsec1 is installed by the set-up script");
        let report = || format!("xmlsec1 does not verify the answer:\n{}", String::from_utf8_lossy(&output.stderr));
        (!output.status.success()).then(report)
    }
}

/// The prefix in a faultcode must mean what it seems to.
fn faultcode(fault: Element<'_>) -> Option<String> {
    let code = fault.children().find(|child| child.local() == "faultcode")?;
    let text = code.token();
    let bound = match text.split_once(':') {
        Some(("soap", _)) => code.prefix("soap") == Some(SOAP11.uri),
        Some(("wsse", _)) => code.prefix("wsse") == Some(WSSE.uri),
        _ => false,
    };
    (!bound).then(|| format!("the prefix of faultcode {text} is not bound as it should"))
}

/// The signature covers the Body, and the Timestamp when there has to be one, and nothing else.
fn coverage(document: &Document, signature: Element<'_>, timestamped: bool) -> Option<String> {
    let named = |element: Element<'_>| element.attribute_ns(WSU.name("Id")).map(|id| format!("#{id}"));
    let body = document.root().child(SOAP11.name("Body")).and_then(named);
    let stamp = document.root().descendants().find(|element| element.is(WSU.name("Timestamp")));
    if stamp.is_some() != timestamped {
        return Some(format!("the answer has {} Timestamp", if timestamped { "no" } else { "a" }));
    }
    let mut wanted: Vec<Option<String>> = [Some(body), stamp.map(named)].into_iter().flatten().collect();
    let references = signature.descendants().filter(|element| element.is(DS.name("Reference")));
    let mut covered: Vec<Option<String>> = references.map(|reference| reference.attribute("URI")).collect();
    wanted.sort();
    covered.sort();
    (wanted != covered).then(|| format!("the signature covers {covered:?} instead of {wanted:?}"))
}
