//! Carries questions about revocation to `trust.ocsp_url`, and to no other address.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use actix_web::rt;
use awc::http::header::ACCEPT;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::signatures::Responder;
use crate::workers::waiting;

/// Within which an answer has come or none will.
const PATIENCE: Duration = Duration::from_secs(2);
/// Answers hold one certificate's status and a certificate or two.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The responder at one address. Its client lives on a thread of its own, since those who ask block.
pub struct HttpResponder(UnboundedSender<Question>);

struct Question {
    bytes: Vec<u8>,
    answer: mpsc::Sender<Result<Vec<u8>, String>>,
}

impl HttpResponder {
    /// # Errors
    /// When there are no more threads.
    pub fn start(url: &str) -> std::io::Result<Self> {
        let (sender, questions) = unbounded_channel();
        let url = url.to_owned();
        thread::Builder::new().name("ocsp".into()).spawn(move || rt::System::new().block_on(carry(url, questions)))?;
        Ok(Self(sender))
    }
}

impl Responder for HttpResponder {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, String> {
        let (answer, answered) = mpsc::channel();
        let question = Question { bytes: question.to_vec(), answer };
        self.0.send(question).map_err(|_| "the client has ended".to_owned())?;
        waiting(|| answered.recv_timeout(PATIENCE)).map_err(|_| format!("none within {} s", PATIENCE.as_secs()))?
    }
}

async fn carry(url: String, mut questions: UnboundedReceiver<Question>) {
    // A redirection would lead to an address that nobody configured.
    let client = awc::Client::builder().timeout(PATIENCE).disable_redirects().finish();
    while let Some(Question { bytes, answer }) = questions.recv().await {
        let (client, url) = (client.clone(), url.clone());
        rt::spawn(async move {
            // Who asked may have stopped waiting.
            let _ = answer.send(post(&client, &url, bytes).await);
        });
    }
}

/// RFC 6960 appendix A.1.
async fn post(client: &awc::Client, url: &str, question: Vec<u8>) -> Result<Vec<u8>, String> {
    let request = client.post(url).content_type("application/ocsp-request");
    let request = request.insert_header((ACCEPT, "application/ocsp-response"));
    let mut response = request.send_body(question).await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(format!("HTTP {}", response.status()));
    }
    let body = response.body().limit(ANSWER_BYTES_MAX).await.map_err(|error| error.to_string())?;
    Ok(body.to_vec())
}
