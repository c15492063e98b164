//! SOAP 1.1 faults: one exhaustive mapping from the kind of a problem to the fault's code.

use uuid::Uuid;

use crate::problem::{Detail, Kind, Problem};
use crate::xml::names::{NONE, QName, SOAP11, W, XML};
use crate::xml::{Attr, Writer};

/// The two faults of SOAP itself; they carry no detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    VersionMismatch,
    MustUnderstand,
}

impl Bare {
    /// Local name of its `faultcode`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::VersionMismatch => "VersionMismatch",
            Self::MustUnderstand => "MustUnderstand",
        }
    }
}

/// What an authenticated caller gets back in every fault (rule 5.8).
#[derive(Debug, Clone, Default)]
pub struct Echo {
    pub task: Option<String>,
    pub unit: Option<String>,
}

/// `faultcode` of a kind; the prefixes are declared on the envelope.
#[must_use]
pub const fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Malformed | Kind::TooLarge | Kind::TooMany | Kind::Invalid | Kind::Forbidden => "soap:Client",
        // WS-Security 1.1 §12.
        Kind::Unsigned => "wsse:InvalidSecurity",
        Kind::Unverified => "wsse:FailedCheck",
        Kind::Unauthenticated => "wsse:FailedAuthentication",
        Kind::Unavailable | Kind::Internal => "soap:Server",
    }
}

/// Writes `soap:Fault` with `w:Wyjatek` inside.
pub fn write(problem: &Problem, event: Uuid, echo: &Echo, out: &mut Writer) {
    frame(code(problem.kind()), &problem.public, out, |out| {
        out.element(plain("detail"), |out| out.element(W.name("Wyjatek"), |out| exception(problem, event, echo, out)));
    });
}

/// Writes a fault of SOAP itself.
pub fn write_bare(bare: Bare, out: &mut Writer) {
    let (code, sentence) = match bare {
        Bare::VersionMismatch => ("soap:VersionMismatch", "Koperta nie jest kopertą SOAP 1.1."),
        Bare::MustUnderstand => ("soap:MustUnderstand", "Komunikat ma nagłówek, którego brama nie obsługuje."),
    };
    frame(code, sentence, out, |_| {});
}

fn frame(code: &str, sentence: &str, out: &mut Writer, detail: impl FnOnce(&mut Writer)) {
    out.element(SOAP11.name("Fault"), |out| {
        out.text_element(plain("faultcode"), code);
        out.open_with(plain("faultstring"), &[Attr::Named(XML.name("lang"), "pl")]);
        out.text(sentence);
        out.close();
        detail(out);
    });
}

fn exception(problem: &Problem, event: Uuid, echo: &Echo, out: &mut Writer) {
    out.text_element(W.name("kod"), problem.code.wire());
    out.text_element(W.name("komunikat"), &problem.public);
    for one in &problem.details {
        out.element(W.name("szczegoly"), |out| detail(one, out));
    }
    out.text_element(W.name("idZdarzenia"), &event.to_string());
    optional(W.name("idZadania"), echo.task.as_deref(), out);
    optional(W.name("jednostka"), echo.unit.as_deref(), out);
}

fn detail(detail: &Detail, out: &mut Writer) {
    optional(W.name("linia"), detail.line.map(|line| line.to_string()).as_deref(), out);
    optional(W.name("kolumna"), detail.column.map(|column| column.to_string()).as_deref(), out);
    optional(W.name("sciezka"), detail.path.as_deref(), out);
    optional(W.name("regula"), detail.rule.as_deref(), out);
    out.text_element(W.name("opis"), &detail.text);
}

fn optional(name: QName, text: Option<&str>, out: &mut Writer) {
    if let Some(text) = text {
        out.text_element(name, text);
    }
}

/// SOAP 1.1 §4.4: the children of Fault are in no namespace.
const fn plain(local: &'static str) -> QName {
    NONE.name(local)
}
