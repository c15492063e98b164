//! The client half of the door: sign a request, send it, verify the reply and its echo.

use std::path::Path;
use std::time::Duration;

use actix_web::rt::{System, SystemRunner};
use chrono::Utc;
use openssl::ssl::{SslConnector, SslMethod};
use openssl::x509::X509;

use crate::problem::Problem;
use crate::signatures::{SigningKey, Trust};
use crate::soap::envelope::{self, Unread};
use crate::soap::reply::{self, Form};
use crate::soap::{Version, security};
use crate::xml::names::{NONE, SOAP11, W};
use crate::xml::{Document, Element, Limits};

/// Calls one gateway in the name of one domain system.
pub struct Client {
    runner: SystemRunner,
    http: awc::Client,
    /// Address of the gateway without `/ws/…`.
    base: String,
    key: SigningKey,
    trust: Trust,
}

/// Why a call gave no verified reply.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer came; the same request, signed anew, may be sent again.
    #[error("no answer: {0}")]
    Transport(String),
    /// The gateway refused; `code` is the word of the fault catalogue.
    #[error("{code}: {sentence}")]
    Fault { code: String, sentence: String, details: Vec<String> },
    /// The answer is not a message of the trusted gateway to this request.
    #[error("the answer cannot be believed: {0}")]
    Unbelievable(String),
    #[error("cannot set up the client: {0}")]
    Setup(String),
}

impl Error {
    /// Whether sending the request again may help.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Fault { code, .. } => {
                matches!(code.as_str(), "PRZECIAZENIE" | "NIEDOSTEPNY" | "LIMIT_PRZEKROCZONY" | "BLAD_WEWNETRZNY")
            }
            Self::Unbelievable(_) | Self::Setup(_) => false,
        }
    }
}

impl Client {
    /// `tls_ca`: PEM of the authority of the gateway's TLS certificate, for `https`.
    ///
    /// # Errors
    /// When the authority's file cannot be used.
    pub fn new(base: &str, key: SigningKey, trust: Trust, tls_ca: Option<&Path>) -> Result<Self, Error> {
        let runner = System::new();
        let connector = tls_connector(tls_ca).map_err(|error| Error::Setup(error.to_string()))?;
        let http = runner.block_on(async move {
            let connector = awc::Connector::new().openssl(connector).timeout(Duration::from_secs(10));
            awc::Client::builder().connector(connector).timeout(Duration::from_mins(5)).finish()
        });
        Ok(Self { runner, http, base: base.trim_end_matches('/').to_owned(), key, trust })
    }

    /// Signs `request` (the canonical bytes of its element), sends it to `service` and lets `read` have the verified
    /// reply, whose `kontekst` echoes `task`.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn call<T>(
        &self,
        service: &str,
        task: &str,
        request: &[u8],
        read: impl FnOnce(Element<'_>) -> T,
    ) -> Result<T, Error> {
        let form = Form { timestamp: true, ..Form::default() };
        let message = reply::signed(&self.key, Utc::now(), &form, |out| out.raw(request))
            .map_err(|error| Error::Setup(error.to_string()))?;
        let url = format!("{}/ws/{service}", self.base);
        let answer = self.runner.block_on(self.post(&url, message))?;
        let limits = Limits { bytes: answer.len(), ..Limits::default() };
        let document = Document::parse(&answer, &limits).map_err(|error| Error::Unbelievable(error.to_string()))?;
        let envelope = envelope::read(&document, Version::Soap11).map_err(unread)?;
        if envelope.payload.is(SOAP11.name("Fault")) {
            return Err(fault(envelope.payload));
        }
        let reply = security::verify_reply(&document, &envelope, &self.trust, Utc::now()).map_err(unbelievable)?;
        let echoed = reply.children().next().and_then(|context| context.child(W.name("idZadania"))).map(Element::token);
        if echoed.as_deref() != Some(task) {
            return Err(Error::Unbelievable("it echoes another idZadania".to_owned()));
        }
        Ok(read(reply))
    }

    async fn post(&self, url: &str, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        let transport = |error: &dyn std::fmt::Display| Error::Transport(error.to_string());
        let sent = self
            .http
            .post(url)
            .content_type("text/xml; charset=utf-8")
            .insert_header(("SOAPAction", "\"\""))
            .send_body(message);
        let mut response = sent.await.map_err(|error| transport(&error))?;
        let body = response.body().limit(64 << 20).await.map_err(|error| transport(&error))?;
        let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let xml = content_type.is_some_and(|value| value.starts_with("text/xml"));
        if xml { Ok(body.to_vec()) } else { Err(Error::Transport(format!("HTTP {}", response.status()))) }
    }
}

fn tls_connector(authority: Option<&Path>) -> Result<SslConnector, Box<dyn std::error::Error>> {
    let mut builder = SslConnector::builder(SslMethod::tls())?;
    if let Some(path) = authority {
        for certificate in X509::stack_from_pem(&std::fs::read(path)?)? {
            builder.cert_store_mut().add_cert(certificate)?;
        }
    }
    Ok(builder.build())
}

fn fault(fault: Element<'_>) -> Error {
    let exception = fault.child(NONE.name("detail")).and_then(|detail| detail.child(W.name("Wyjatek")));
    let text = |of: Option<Element<'_>>, name| of.and_then(|of| of.child(name)).map(Element::token).unwrap_or_default();
    Error::Fault {
        code: match exception {
            Some(exception) => text(Some(exception), W.name("kod")),
            None => text(Some(fault), NONE.name("faultcode")),
        },
        sentence: text(Some(fault), NONE.name("faultstring")),
        details: exception
            .into_iter()
            .flat_map(|exception| exception.all(W.name("szczegoly")))
            .map(|one| text(Some(one), W.name("opis")))
            .collect(),
    }
}

fn unread(unread: Unread) -> Error {
    match unread {
        Unread::Problem(problem) => unbelievable(problem),
        Unread::VersionMismatch | Unread::MustUnderstand(..) | Unread::EncodingUnknown => {
            Error::Unbelievable("it is not a SOAP 1.1 envelope we understand".to_owned())
        }
    }
}

fn unbelievable(problem: Problem) -> Error {
    let details = problem.details.into_iter().map(|detail| detail.text).collect::<Vec<_>>().join(" ");
    Error::Unbelievable(format!("{} {details}", problem.public))
}
