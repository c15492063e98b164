//! Carries questions about revocation and about time to the one address that is configured for them, and to no other.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use actix_web::rt;
use awc::http::header::ACCEPT;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::signatures::Responder;
use crate::signatures::timestamps::TimeAuthority;
use crate::workers::waiting;

/// Answers hold one certificate's status or one time-stamp, and a few certificates.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The responder at one address (RFC 6960).
pub struct HttpResponder(Courier);

/// The time-stamping authority at one address (RFC 3161).
pub struct HttpTimeAuthority(Courier);

/// What is carried, under which names.
#[derive(Clone, Copy)]
struct Errand {
    thread: &'static str,
    question: &'static str,
    answer: &'static str,
    /// Within which an answer has come or none will.
    patience: Duration,
}

/// RFC 6960 appendix A.1. Callers wait for the answer.
const STATUS: Errand = Errand {
    thread: "ocsp",
    question: "application/ocsp-request",
    answer: "application/ocsp-response",
    patience: Duration::from_secs(2),
};

/// RFC 3161 §3.4. There is no seal without the stamp, and authorities sign in devices of their own.
const STAMP: Errand = Errand {
    thread: "tsa",
    question: "application/timestamp-query",
    answer: "application/timestamp-reply",
    patience: Duration::from_secs(10),
};

impl HttpResponder {
    /// # Errors
    /// When there are no more threads.
    pub fn start(url: &str) -> std::io::Result<Self> {
        Courier::start(url, STATUS).map(Self)
    }
}

impl Responder for HttpResponder {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, String> {
        self.0.carry(question)
    }
}

impl HttpTimeAuthority {
    /// # Errors
    /// When there are no more threads.
    pub fn start(url: &str) -> std::io::Result<Self> {
        Courier::start(url, STAMP).map(Self)
    }
}

impl TimeAuthority for HttpTimeAuthority {
    fn stamp(&self, request: &[u8]) -> Result<Vec<u8>, String> {
        self.0.carry(request)
    }
}

/// An HTTP client on a thread of its own, since those who ask block.
struct Courier {
    questions: UnboundedSender<Question>,
    patience: Duration,
}

struct Question {
    bytes: Vec<u8>,
    answer: mpsc::Sender<Result<Vec<u8>, String>>,
}

impl Courier {
    fn start(url: &str, errand: Errand) -> std::io::Result<Self> {
        let (sender, questions) = unbounded_channel();
        let url = url.to_owned();
        let run = move || rt::System::new().block_on(serve(url, errand, questions));
        thread::Builder::new().name(errand.thread.into()).spawn(run)?;
        Ok(Self { questions: sender, patience: errand.patience })
    }

    fn carry(&self, question: &[u8]) -> Result<Vec<u8>, String> {
        let (answer, answered) = mpsc::channel();
        let question = Question { bytes: question.to_vec(), answer };
        self.questions.send(question).map_err(|_| "the client has ended".to_owned())?;
        let none = |_| format!("none within {} s", self.patience.as_secs());
        waiting(|| answered.recv_timeout(self.patience)).map_err(none)?
    }
}

async fn serve(url: String, errand: Errand, mut questions: UnboundedReceiver<Question>) {
    // A redirection would lead to an address that nobody configured.
    let client = awc::Client::builder().timeout(errand.patience).disable_redirects().finish();
    while let Some(Question { bytes, answer }) = questions.recv().await {
        let (client, url) = (client.clone(), url.clone());
        rt::spawn(async move {
            // Who asked may have stopped waiting.
            let _ = answer.send(post(&client, &url, errand, bytes).await);
        });
    }
}

async fn post(client: &awc::Client, url: &str, errand: Errand, question: Vec<u8>) -> Result<Vec<u8>, String> {
    let request = client.post(url).content_type(errand.question);
    let request = request.insert_header((ACCEPT, errand.answer));
    let mut response = request.send_body(question).await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(format!("HTTP {}", response.status()));
    }
    let body = response.body().limit(ANSWER_BYTES_MAX).await.map_err(|error| error.to_string())?;
    Ok(body.to_vec())
}
