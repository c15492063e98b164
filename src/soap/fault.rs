//! SOAP faults: one exhaustive mapping from the kind of a problem to the fault's code, written for either version.

use actix_web::http::StatusCode;
use uuid::Uuid;

use crate::problem::{Detail, Kind, Problem};
use crate::soap::addressing::{self, Violation};
use crate::soap::envelope::BlockName;
use crate::soap::{Ending, Version};
use crate::xml::names::{NONE, QName, SOAP12, W, WSA, WSU, XML};
use crate::xml::{Attr, Writer};

/// The faults of SOAP itself; they carry no detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    VersionMismatch,
    MustUnderstand,
    /// SOAP 1.2 alone knows it.
    DataEncodingUnknown,
}

impl Bare {
    /// Local name of its code.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::VersionMismatch => "VersionMismatch",
            Self::MustUnderstand => "MustUnderstand",
            Self::DataEncodingUnknown => "DataEncodingUnknown",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::VersionMismatch => {
                "Koperta nie jest kopertą SOAP w wersji, którą zapowiada Content-Type \
                 (SOAP 1.1: text/xml, SOAP 1.2: application/soap+xml)."
            }
            Self::MustUnderstand => "Komunikat ma nagłówek, którego brama nie obsługuje.",
            Self::DataEncodingUnknown => "Brama nie obsługuje kodowania danych podanego w encodingStyle.",
        }
    }
}

/// What an authenticated caller gets back in every fault (rule 5.8).
#[derive(Debug, Clone, Default)]
pub struct Echo {
    pub task: Option<String>,
    pub unit: Option<String>,
    /// `wsa:Action` of a request that uses WS-Addressing.
    pub action: Option<String>,
}

/// Whose fault it is, and the codes of other norms that say it more closely, the general one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultCode {
    /// `Client` of SOAP 1.1, `Sender` of SOAP 1.2; else `Server` and `Receiver`.
    pub is_senders: bool,
    pub subcodes: &'static [&'static str],
}

impl FaultCode {
    /// The code of a problem. The prefixes of subcodes are declared on the envelope.
    #[must_use]
    pub fn of(problem: &Problem) -> Self {
        let subcodes: &[_] = match problem.kind() {
            // WS-Security 1.1 §12.
            Kind::Unsigned => &["wsse:InvalidSecurity"],
            Kind::Unverified => &["wsse:FailedCheck"],
            Kind::Unauthenticated => &["wsse:FailedAuthentication"],
            // WS-Addressing 1.0 SOAP Binding §6.4.
            Kind::Misaddressed => Violation::of(problem).subcodes(),
            Kind::Malformed
            | Kind::TooLarge
            | Kind::TooMany
            | Kind::Invalid
            | Kind::Forbidden
            | Kind::Unavailable
            | Kind::Internal => &[],
        };
        Self { is_senders: is_senders(problem.kind()), subcodes }
    }

    /// `faultcode` of SOAP 1.1: one code alone can be said, the closest (WS-Addressing 1.0 SOAP Binding §6.2, WS-Security
    /// 1.1 §12).
    #[must_use]
    pub fn in_soap11(self) -> &'static str {
        let general = if self.is_senders { "soap:Client" } else { "soap:Server" };
        self.subcodes.last().unwrap_or(&general)
    }
}

/// The HTTP status of an ending.
#[must_use]
pub fn status(version: Version, ending: Ending) -> StatusCode {
    match (version, ending) {
        (_, Ending::Reply) => StatusCode::OK,
        // SOAP 1.2 part 2 §7.5.2.2 table 20.
        (Version::Soap12, Ending::Fault(code)) if is_senders(code.kind()) => StatusCode::BAD_REQUEST,
        // SOAP 1.1 §6.2, WS-I BP 1.1 R1126: a fault always travels with HTTP 500.
        (_, Ending::Fault(_) | Ending::Bare(_) | Ending::Transport(_)) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Whether the same request would fail again.
const fn is_senders(kind: Kind) -> bool {
    !matches!(kind, Kind::Unavailable | Kind::Internal)
}

/// Writes the Fault with `w:Wyjatek` inside.
pub fn write(version: Version, problem: &Problem, event: Uuid, echo: &Echo, out: &mut Writer) {
    frame(version, FaultCode::of(problem), &problem.public, out, |out| {
        out.element(W.name("Wyjatek"), |out| exception(problem, event, echo, out));
        // WS-Addressing 1.0 SOAP Binding §6.1; in SOAP 1.1 it is a header block (§6.2).
        if version == Version::Soap12 && problem.kind() == Kind::Misaddressed {
            addressing::fault_detail(problem, echo.action.as_deref().unwrap_or_default(), out);
        }
    });
}

/// The header block with the details of an addressing fault in SOAP 1.1, and the identifier under which it is signed.
#[must_use]
pub fn detail_block(version: Version, problem: &Problem, echo: &Echo) -> Option<(&'static str, Vec<u8>)> {
    const ID: &str = "Szczegoly";
    if version != Version::Soap11 || problem.kind() != Kind::Misaddressed {
        return None;
    }
    let mut out = Writer::new();
    out.apex(WSA.name("FaultDetail"), &[Attr::Named(WSU.name("Id"), ID)]);
    addressing::fault_detail(problem, echo.action.as_deref().unwrap_or_default(), &mut out);
    out.close();
    Some((ID, out.into_bytes()))
}

/// Writes a fault of SOAP itself.
pub fn write_bare(version: Version, bare: Bare, out: &mut Writer) {
    let soap = version.namespace();
    let code = format!("{}:{}", soap.prefix, bare.word());
    out.element(soap.name("Fault"), |out| match version {
        Version::Soap11 => said11(&code, bare.sentence(), out),
        Version::Soap12 => said12(&code, &[], bare.sentence(), out),
    });
}

/// Writes the header block that says which versions are spoken (SOAP 1.2 part 1 §5.4.7).
pub fn upgrade(out: &mut Writer) {
    out.element(SOAP12.name("Upgrade"), |out| {
        for spoken in [Version::Soap12, Version::Soap11] {
            supported(spoken, out);
        }
    });
}

/// Writes the header blocks that name what was not understood (SOAP 1.2 part 1 §5.4.8); SOAP 1.1 has none.
pub fn not_understood(version: Version, blocks: &[BlockName], out: &mut Writer) {
    if version == Version::Soap11 {
        return;
    }
    for (uri, local) in blocks {
        let name = format!("blok:{local}");
        out.open_binding(SOAP12.name("NotUnderstood"), ("blok", uri), &[Attr::Plain("qname", &name)]);
        out.close();
    }
}

fn supported(spoken: Version, out: &mut Writer) {
    let soap = spoken.namespace();
    let name = format!("{}:Envelope", soap.prefix);
    let attributes = [Attr::Plain("qname", &name)];
    out.open_binding(SOAP12.name("SupportedEnvelope"), (soap.prefix, soap.uri), &attributes);
    out.close();
}

fn frame(version: Version, code: FaultCode, sentence: &str, out: &mut Writer, detail: impl FnOnce(&mut Writer)) {
    let soap = version.namespace();
    out.element(soap.name("Fault"), |out| match version {
        Version::Soap11 => {
            said11(code.in_soap11(), sentence, out);
            out.element(plain("detail"), detail);
        }
        Version::Soap12 => {
            let general = if code.is_senders { "env:Sender" } else { "env:Receiver" };
            said12(general, code.subcodes, sentence, out);
            out.element(soap.name("Detail"), detail);
        }
    });
}

/// SOAP 1.1 §4.4: the children of Fault are in no namespace.
fn said11(code: &str, sentence: &str, out: &mut Writer) {
    out.text_element(plain("faultcode"), code);
    out.open_with(plain("faultstring"), &[Attr::Named(XML.name("lang"), "pl")]);
    out.text(sentence);
    out.close();
}

/// SOAP 1.2 part 1 §5.4.1, §5.4.2.
fn said12(code: &str, subcodes: &[&str], sentence: &str, out: &mut Writer) {
    out.element(SOAP12.name("Code"), |out| {
        out.text_element(SOAP12.name("Value"), code);
        nested(subcodes, out);
    });
    out.element(SOAP12.name("Reason"), |out| {
        out.open_with(SOAP12.name("Text"), &[Attr::Named(XML.name("lang"), "pl")]);
        out.text(sentence);
        out.close();
    });
}

fn nested(subcodes: &[&str], out: &mut Writer) {
    if let Some((first, rest)) = subcodes.split_first() {
        out.element(SOAP12.name("Subcode"), |out| {
            out.text_element(SOAP12.name("Value"), first);
            nested(rest, out);
        });
    }
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

const fn plain(local: &'static str) -> QName {
    NONE.name(local)
}
