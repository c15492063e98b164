//! The foreign partner in Python, one process for the whole run: it signs requests and reads answers.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The process and its two ends.
pub struct Partner(Mutex<(Child, ChildStdin, BufReader<ChildStdout>)>);

/// A request ready to be sent, and what its answer will be held against.
#[derive(Deserialize, Clone)]
pub struct Built {
    #[serde(deserialize_with = "bytes")]
    pub body: Vec<u8>,
    pub content_type: String,
    pub path: String,
    pub action: String,
    pub task: String,
    pub message_id: String,
    pub timestamped: bool,
    pub family: String,
}

/// What the partner read in an answer.
#[derive(Deserialize)]
pub struct Read {
    pub soap: String,
    pub root: Option<String>,
    pub codes: Vec<String>,
    pub kod: String,
    pub signed: Vec<String>,
    pub problems: Vec<String>,
    pub package: Option<Value>,
    /// Digest of the canonical child of the Body.
    pub payload: String,
    pub xpath: Vec<Value>,
    pub text: String,
}

fn bytes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    STANDARD.decode(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

impl Built {
    /// The bytes of an ordinary request with these additional fields.
    pub fn over_http(&self, host: &str, fields: &str) -> Vec<u8> {
        let Self { path, content_type, action, body, .. } = self;
        let length = body.len();
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\nSOAPAction: \"{action}\"\r\n\
             Content-Length: {length}\r\n{fields}\r\n"
        )
        .into_bytes();
        request.extend_from_slice(body);
        request
    }
}

impl Partner {
    pub fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join(".venv/bin/python");
        assert!(python.exists(), "`make setup` makes .venv, which the checks need");
        let mut child = Command::new(python)
            .arg("-B")
            .arg(root.join("tests/conformance/partner/partner.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let (input, output) = (child.stdin.take().expect("its input"), child.stdout.take().expect("its output"));
        Self(Mutex::new((child, input, BufReader::new(output))))
    }

    /// Makes the callers' keys and certificates in a folder that does not exist yet.
    pub fn issue(&self, folder: &Path) {
        let _: Value = self.ask(&json!({"do": "issue", "folder": folder}));
    }

    /// `request` has the keys `soap`, `message`, `signature`, `after`, `package`, `encoding`, `values`.
    pub fn build(&self, mut request: Value) -> Built {
        request["do"] = "build".into();
        self.ask(&request)
    }

    /// Reads an answer to `sent`; `pki` has the gateway's certificates.
    pub fn read(&self, answer: &crate::wire::Answer, sent: &Built, xpath: &[String], pki: &Path) -> Read {
        let sent = json!({"task": sent.task, "message_id": sent.message_id, "timestamped": sent.timestamped, "family": sent.family});
        self.ask(&json!({
            "do": "read",
            "content": STANDARD.encode(&answer.body),
            "content_type": answer.field("content-type").unwrap_or_default(),
            "coding": answer.field("content-encoding").unwrap_or_default(),
            "xpath": xpath,
            "sent": sent,
            "trusted": {"rsa": pki.join("brama-rsa.pem"), "ecdsa": pki.join("brama.pem")},
        }))
    }

    /// What a document answers to XPath expressions.
    pub fn query(&self, document: &[u8], xpath: &[String]) -> Vec<Value> {
        let mut said: Value = self.ask(&json!({"do": "query", "content": STANDARD.encode(document), "xpath": xpath}));
        serde_json::from_value(said["xpath"].take()).expect("a list")
    }

    fn ask<T: DeserializeOwned>(&self, request: &Value) -> T {
        let mut line = String::new();
        {
            let mut ends = self.0.lock().expect("whoever asked before got an answer");
            writeln!(ends.1, "{request}").and_then(|()| ends.1.flush()).expect("the partner listens");
            ends.2.read_line(&mut line).expect("the partner answers");
        }
        let mut said: Value = serde_json::from_str(&line).expect("JSON");
        if let Some(error) = said["error"].as_str() {
            panic!("the partner could not do it:\n{error}");
        }
        serde_json::from_value(said.take()).expect("what was asked for")
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        let (child, ..) = self.0.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        // It has nothing to lose, and may be gone.
        let _ = child.kill();
        let _ = child.wait();
    }
}
