//! Every setting and every limit, with unit and default; read from `brama.toml`, overridden by `BRAMA_<SECTION>_<KEY>`.

mod defaults;
mod variables;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use variables::{setting_named, value_like};

/// The whole configuration. Relative paths are taken from the folder of the file they stand in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub listen: Listen,
    pub store: Store,
    pub keys: Keys,
    pub trust: Trust,
    pub signatures: Signatures,
    pub tls: Tls,
    pub reply: Reply,
    pub security: Security,
    pub limits: Limits,
}

/// `[listen]`: addresses as `host:port`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// Plain HTTP; empty = off. Default `127.0.0.1:8080`.
    pub http: String,
    /// HTTPS, opened when `[tls] certificate` is set; empty = off. Default `127.0.0.1:8443`.
    pub https: String,
    /// Health and metrics, for operators only; empty = off. Default `127.0.0.1:8081`.
    pub operator: String,
    /// Address under which clients reach the gateway, e.g. `https://brama.example.pl`; it stands in served WSDLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Host names believed from the Host header when `public_url` is not set. Default: loopback names.
    pub hosts: Vec<String>,
}

/// `[store]`: where the databases are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// Folder of the `SQLite` databases, one folder per administrator inside. Default `data`.
    pub data: PathBuf,
    /// Folder for the newest signed head of every register, outside `data` and its backups. Default `heads`.
    pub heads: PathBuf,
    /// `postgres://…` of the platform database; absent = `SQLite` in `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Connections per node and `PostgreSQL` server, over all administrators. Default 40.
    pub pg_connections_max: u32,
    /// Hours for which a retry gets the answer of the first request, 1 to 720. Default 24.
    pub answer_hours: u32,
    /// Days for which an order and its answers are kept, 1 to 90. Default 25.
    pub order_days: u32,
    /// Questions of orders of one system that may wait, at most 100000; while so many do, it can order nothing more. Default 1000.
    pub order_questions_max: u32,
}

/// `[keys]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// File of the master key (32 bytes, Base64), outside the data folder, mode 0600. Default `master.key`.
    pub master: PathBuf,
}

/// `[trust]`: whose certificates are believed; PEM files, and one responder. No address in a certificate is ever opened.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trust {
    pub anchors: Vec<PathBuf>,
    pub intermediates: Vec<PathBuf>,
    pub crls: Vec<PathBuf>,
    /// Refuse certificates of issuers for which no fresh CRL is configured. Default false.
    pub crl_required: bool,
    /// Responder that is asked about the certificate of every caller (RFC 6960), e.g. `http://ocsp.example.pl`; absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ocsp_url: Option<String>,
}

/// `[signatures]`: whose signatures of documents are believed, apart from `[trust]`; PEM files (rule 11.1).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signatures {
    /// Authorities of qualified certificates.
    pub qualified: Vec<PathBuf>,
    /// Authorities of personal signatures (identity cards).
    pub personal: Vec<PathBuf>,
    /// Authorities of the trusted profile's servers.
    pub trusted_profile: Vec<PathBuf>,
    /// Authorities of seals.
    pub seals: Vec<PathBuf>,
    /// Time-stamping authorities.
    pub tsa: Vec<PathBuf>,
    pub intermediates: Vec<PathBuf>,
    pub crls: Vec<PathBuf>,
    /// Responder that is asked about certificates under documents (RFC 6960); absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ocsp_url: Option<String>,
    /// Time-stamping authority that stamps what the gateway signs (RFC 3161); absent = seals carry no time-stamp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tsa_url: Option<String>,
    /// Hours by which revocation data may be older than the signature, at least 1. Default 24.
    pub revocation_max_age_hours: u32,
    /// Accept that the signer's certificate is named by SHA-1, as some old programs do. Default false.
    pub sha1_cert_digest: bool,
}

/// `[tls]`: the HTTPS listener.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// PEM of the server's certificate and chain; absent = no HTTPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// PEM of the authorities whose client certificates are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<PathBuf>,
    pub client: ClientCertificates,
}

/// Whether a TLS client shows a certificate; the signature of the message is asked for in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificates {
    #[default]
    Off,
    Optional,
    Required,
}

/// `[reply]`: the gateway's own signing keys; at least the first pair is needed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reply {
    /// ECDSA P-256 key, PEM. Default `pki/brama.key`.
    pub key: PathBuf,
    /// Its certificate. Default `pki/brama.pem`.
    pub certificate: PathBuf,
    /// RSA key for callers with RSA certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rsa_key: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rsa_certificate: Option<PathBuf>,
}

/// `[security]`: time in messages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Security {
    /// Difference of clocks that is forgiven, seconds, at most 300. Default 60.
    pub clock_skew_seconds: u32,
    /// Age at which a message is too old, seconds. Default 300.
    pub message_age_seconds: u32,
    /// Whether a signed Timestamp is asked of every system. Default required.
    pub timestamp: TimestampPolicy,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimestampPolicy {
    #[default]
    Required,
    /// A system may leave it out; when present it is checked.
    Optional,
}

/// `[limits]`: what one message and one node may take.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of one request. Default 10 MiB.
    pub request_bytes: usize,
    /// Nesting of elements. Default 64.
    pub depth: usize,
    /// Attributes of one element. Default 64.
    pub attributes: usize,
    /// Namespace declarations in scope at once. Default 32.
    pub namespaces: usize,
    /// Elements of one message. Default 100,000.
    pub elements: usize,
    /// Seconds within which a request's head and then its body must have come. Default 30.
    pub request_seconds: u64,
    /// Requests per second of one domain system. Default 200.
    pub requests_per_second: u32,
    /// Requests worked on at once, whole node. Default 256.
    pub requests_in_flight: usize,
    /// Requests worked on at once for one administrator. Default 64.
    pub tenant_requests_in_flight: usize,
    /// Bytes of bodies held at once, whole node. Default 256 MiB.
    pub body_bytes_in_flight: usize,
    /// Verifications of one person by one user within an hour. Default 20.
    pub verification_tries: u32,
    /// Bytes of a compressed request when inflated. Default 10 MiB.
    pub inflated_bytes: usize,
    /// Parts of a multipart request, the root included. Default 16.
    pub parts: usize,
    /// Sum of the parts of a multipart request beside its root, bytes. Default 1 GiB.
    pub attachment_bytes: u64,
    /// Bytes of parts held on disk at once, whole node. Default 4 GiB.
    pub attachment_bytes_in_flight: u64,
    /// Bytes of a request's HTTP head. Default 32 KiB.
    pub header_bytes: usize,
}

/// Why a configuration was refused; the sentence names the file and the key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}: {message}")]
    Syntax { path: PathBuf, message: String },
    #[error("{variable}: {message}")]
    Variable { variable: String, message: String },
    #[error("{0}")]
    Value(String),
}

impl Config {
    /// Reads `path`, lays the process's `BRAMA_…` variables over it and makes its paths absolute or relative to the
    /// working directory.
    ///
    /// # Errors
    /// When the file cannot be read, has an unknown key or a value that cannot be.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.into(), source })?;
        let syntax = |message: String| Error::Syntax { path: path.into(), message };
        let file: Table = text.parse().map_err(|error: toml::de::Error| syntax(error.to_string()))?;
        let mut config = Self::layered(file, std::env::vars()).map_err(|error| match error {
            Error::Value(message) => syntax(message),
            other => other,
        })?;
        config.anchor(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    fn layered(mut table: Table, variables: impl Iterator<Item = (String, String)>) -> Result<Self, Error> {
        let known = Table::try_from(Self::default()).map_err(|error| Error::Value(error.to_string()))?;
        for (variable, text) in variables {
            let Some((section, key)) = setting_named(&known, &variable) else { continue };
            let default = known.get(&section).and_then(|section| section.get(&key));
            let value = value_like(default, &text)
                .map_err(|message| Error::Variable { variable: variable.clone(), message })?;
            let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                section.insert(key, value);
            }
        }
        let config: Self = table.try_into().map_err(|error| Error::Value(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        // rule 9.1
        if !(1..=720).contains(&self.store.answer_hours) {
            return Err(Error::Value("store.answer_hours: 1 to 720".into()));
        }
        if !(1..=90).contains(&self.store.order_days) {
            return Err(Error::Value("store.order_days: 1 to 90".into()));
        }
        if self.store.order_questions_max > 100_000 {
            return Err(Error::Value("store.order_questions_max: at most 100000".into()));
        }
        if self.security.clock_skew_seconds > 300 {
            return Err(Error::Value("security.clock_skew_seconds: at most 300".into()));
        }
        let urls = [
            ("trust.ocsp_url", &self.trust.ocsp_url),
            ("signatures.ocsp_url", &self.signatures.ocsp_url),
            ("signatures.tsa_url", &self.signatures.tsa_url),
        ];
        for (key, url) in urls {
            if url.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
                return Err(Error::Value(format!("{key}: an address that begins with http:// or https://")));
            }
        }
        if self.signatures.revocation_max_age_hours == 0 {
            return Err(Error::Value("signatures.revocation_max_age_hours: at least 1".into()));
        }
        let limits = &self.limits;
        let counts = [
            ("request_bytes", limits.request_bytes),
            ("depth", limits.depth),
            ("attributes", limits.attributes),
            ("namespaces", limits.namespaces),
            ("elements", limits.elements),
            ("requests_in_flight", limits.requests_in_flight),
            ("tenant_requests_in_flight", limits.tenant_requests_in_flight),
            ("body_bytes_in_flight", limits.body_bytes_in_flight),
            ("inflated_bytes", limits.inflated_bytes),
            ("parts", limits.parts),
            ("header_bytes", limits.header_bytes),
        ];
        if let Some((key, _)) = counts.iter().find(|(_, most)| *most == 0) {
            return Err(Error::Value(format!("limits.{key}: at least 1")));
        }
        if self.tls.certificate.is_some() != self.tls.key.is_some() {
            return Err(Error::Value("tls: certificate and key belong together".into()));
        }
        if self.reply.rsa_key.is_some() != self.reply.rsa_certificate.is_some() {
            return Err(Error::Value("reply: rsa_key and rsa_certificate belong together".into()));
        }
        if self.tls.client != ClientCertificates::Off && self.tls.client_ca.is_none() {
            return Err(Error::Value("tls.client: needs tls.client_ca".into()));
        }
        Ok(())
    }

    fn anchor(&mut self, folder: &Path) {
        let single = [
            &mut self.store.data,
            &mut self.store.heads,
            &mut self.keys.master,
            &mut self.reply.key,
            &mut self.reply.certificate,
        ];
        let optional = [
            &mut self.reply.rsa_key,
            &mut self.reply.rsa_certificate,
            &mut self.tls.certificate,
            &mut self.tls.key,
            &mut self.tls.client_ca,
        ];
        let Signatures { qualified, personal, trusted_profile, seals, tsa, intermediates, crls, .. } =
            &mut self.signatures;
        let documents = [qualified, personal, trusted_profile, seals, tsa, intermediates, crls];
        let lists = [&mut self.trust.anchors, &mut self.trust.intermediates, &mut self.trust.crls];
        let lists = lists.into_iter().chain(documents);
        let all = single.into_iter().chain(optional.into_iter().flatten()).chain(lists.flatten());
        for path in all {
            *path = folder.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests;
