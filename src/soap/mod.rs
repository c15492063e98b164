//! The SOAP door: HTTP binding, envelope, WS-Security, faults, publishing of the contract; it knows no operation.

pub mod addressing;
pub mod admission;
pub mod client;
pub mod coding;
pub mod content;
mod content_type;
pub mod envelope;
pub mod fault;
pub mod http;
pub mod intake;
pub mod media;
mod multipart;
pub mod package;
pub mod publish;
pub mod reply;
pub mod security;
pub mod text;
mod version;

use std::borrow::Cow;
use std::sync::Arc;

use uuid::Uuid;

use crate::problem::{Code, Problem};
use crate::soap::fault::Bare;
use crate::soap::intake::Message;

pub use version::Version;

/// What stands behind the door: turns the bytes of a request into those of a reply.
pub trait Answer: Send + Sync {
    /// Works on one message. Runs on a thread that may block, from the first byte to the signed reply.
    fn answer(&self, incoming: Incoming<'_>) -> Answered;

    /// The unsigned refusal of a message that could not even be taken in.
    fn refuse(&self, problem: &Problem, version: Version, event: Uuid) -> Answered;
}

/// One POST to `/ws/<service>`.
pub struct Incoming<'a> {
    pub service: &'a str,
    pub message: Message,
    /// DER of the client certificate of the TLS connection.
    pub peer: Option<Arc<[u8]>>,
    /// The request's identity: ledger entry, correlation id.
    pub event: Uuid,
}

/// A finished message, and what has to happen before its first byte may leave.
pub struct Answered {
    pub message: Vec<u8>,
    pub outcome: Outcome,
    /// What the message waits for: its entry in the ledger (rule 1.2); absent when nothing was to be recorded.
    pub release: Option<Release>,
}

/// Says when it is decided whether a message may go; on whichever thread decides it, so what is told must be short.
pub type Release = Box<dyn FnOnce(Box<dyn FnOnce(Verdict) + Send>) + Send>;

/// Let the message go, or make another one and send that instead.
pub type Verdict = Result<(), Work>;

/// The way to an answer.
pub type Work = Box<dyn FnOnce() -> Answered + Send>;

/// How a request ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    #[default]
    Reply,
    /// A fault with our code.
    Fault(Code),
    /// A fault of SOAP itself.
    Bare(Bare),
    /// An HTTP status without SOAP.
    Transport(u16),
}

impl Ending {
    /// One word for logs and metrics, e.g. `OK`, `ZAKRES_NIEDOZWOLONY`, `MustUnderstand`, `415`.
    #[must_use]
    pub fn word(self) -> Cow<'static, str> {
        match self {
            Self::Reply => "OK".into(),
            Self::Fault(code) => code.wire().into(),
            Self::Bare(bare) => bare.word().into(),
            Self::Transport(status) => status.to_string().into(),
        }
    }
}

/// What the door's log line and metrics say of a message.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub operation: Option<&'static str>,
    pub ending: Ending,
    pub system: Option<String>,
    pub tenant: Option<String>,
}
