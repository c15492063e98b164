//! What goes to a recorder and what comes back (rules 2.1 to 2.3).

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::orders::NewOrder;
use crate::ledger::Draft;
use crate::problem::{Code, Problem};

/// What a request claims to be: a message not seen before, and perhaps a task not done before.
#[derive(Debug, Clone)]
pub struct Claim {
    pub system: String,
    /// SHA-256 of the canonical `SignedInfo` (rule 2.1).
    pub signed_info: [u8; 32],
    /// `idZadania` in lower case, when the request names one.
    pub task: Option<String>,
    /// Digest of the decoded request, kept keyed: the task is claimed with it (rule 2.2). Without it the message is used
    /// up and the task stays free.
    pub content: Option<[u8; 32]>,
}

/// One unit of work for the register: claim and draft, either or nothing, and what is kept with them.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    pub claim: Option<Claim>,
    pub draft: Option<Draft>,
    /// The Body's child of the answer, kept for retries of the claimed task (rule 2.3). A repeat that brings one is refused
    /// when the first is gone, and else has an entry that says what the first said.
    pub answer: Option<Vec<u8>>,
    /// The order that the claimed request makes; a repeat makes none. Only for the platform's register.
    pub order: Option<NewOrder>,
    /// The answer to a question of an order, kept with the draft's entry.
    pub order_answer: Option<OrderAnswer>,
    /// The entry tells again what another one told, although no task is repeated.
    pub retold: bool,
}

/// An answer to a question of an order; personal data, therefore never shown.
#[derive(Clone)]
pub struct OrderAnswer {
    pub payload: Vec<u8>,
    /// When it goes.
    pub ends_at: DateTime<Utc>,
}

impl fmt::Debug for OrderAnswer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "OrderAnswer(until {})", self.ends_at)
    }
}

/// How a claim stands against what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing like it is known.
    Fresh,
    /// The task was done before, with the same content.
    Repeat,
}

/// What became of a submission; it is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Number of the entry, when there was a draft.
    pub number: Option<u64>,
    /// The event of the first request, when the task had been done before (rule 2.3).
    pub repeats: Option<Uuid>,
}

/// Why a submission was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The very same signed message was acted upon before.
    #[error("the signed message was seen before")]
    Replayed,
    /// The task was done before with another content.
    #[error("the task is known with another content")]
    Differs,
    /// The task was done before; its answer is not kept any more, or holds more than the caller may have now.
    #[error("the task's answer is gone")]
    Expired,
    /// More waits for this register than may wait.
    #[error("the register's queue is full")]
    Busy,
    /// The database stayed away, or whether it committed stayed unknown, for as long as a caller may wait.
    #[error("the register is unavailable")]
    Unavailable,
    /// The database takes no writes.
    #[error("the register cannot be written")]
    Unwritable,
    /// This one submission cannot be recorded; the log says why.
    #[error("the submission cannot be recorded")]
    Rejected,
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        let code = match error {
            RecordError::Replayed => Code::MessageRepeated,
            RecordError::Differs => Code::RepeatDiffers,
            RecordError::Expired => Code::RepeatExpired,
            RecordError::Busy | RecordError::Unwritable => Code::Overloaded,
            RecordError::Unavailable => Code::TenantUnavailable,
            RecordError::Rejected => Code::Internal,
        };
        Self::new(code).caused_by(error)
    }
}

/// Bounds of a recorder.
#[derive(Debug, Clone, Copy)]
pub struct RecorderSettings {
    /// Submissions that may wait; one more is refused.
    pub queue_max: usize,
    /// Submissions written by one transaction at most.
    pub group_max: usize,
    /// How long a submission is tried again before its caller is told that the register is unavailable.
    pub patience: Duration,
    /// Time between two tries.
    pub rest: Duration,
    /// How long answers are kept for retries.
    pub answers_kept: TimeDelta,
    /// Where the time of entries comes from.
    pub clock: fn() -> DateTime<Utc>,
}

impl Default for RecorderSettings {
    fn default() -> Self {
        // What grouping gives is measured beside groups of one.
        let measured = if cfg!(feature = "bench") { std::env::var("BENCH_GROUP_MAX").ok() } else { None };
        Self {
            queue_max: 1024,
            group_max: measured.and_then(|max| max.parse().ok()).unwrap_or(256),
            patience: Duration::from_secs(5),
            rest: Duration::from_millis(200),
            answers_kept: TimeDelta::hours(24),
            clock: Utc::now,
        }
    }
}
