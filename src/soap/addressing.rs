//! WS-Addressing 1.0 of a request and of its answer: where it stands it is judged, nothing is routed by it.

use uuid::Uuid;

use crate::problem::{Code, Detail, Kind, Problem};
use crate::xml::names::{Namespace, WSA, WSU};
use crate::xml::{Attr, Element, Writer};

/// Action of the faults that this norm defines (SOAP Binding §6).
const FAULT_ACTION: &str = "http://www.w3.org/2005/08/addressing/fault";
/// Action of the faults of SOAP itself (the same; WS-I BP 2.0 R1035).
pub const SOAP_FAULT_ACTION: &str = "http://www.w3.org/2005/08/addressing/soap/fault";
const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";
/// Core §3.1: the blocks of a message.
const BLOCKS: [&str; 7] = ["To", "From", "ReplyTo", "FaultTo", "Action", "MessageID", "RelatesTo"];
const IDENTIFIER_CHARS_MAX: usize = 2000;

/// What a message says of itself, when it uses WS-Addressing (SOAP Binding §3: when it has an Action).
#[derive(Debug, Clone)]
pub struct Addressing {
    action: String,
    message_id: Option<String>,
}

/// Why addressing headers are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// Another action than the operation's.
    ActionNotSupported,
    /// SOAPAction, or the `action` parameter, says something else.
    ActionMismatch,
    /// A header stands twice.
    InvalidCardinality,
    /// An address for the answer that is not the connection itself.
    OnlyAnonymousAddressSupported,
    MissingAddressInEPR,
    MessageAddressingHeaderRequired,
    InvalidAddressingHeader,
}

impl Violation {
    const ALL: [Self; 7] = [
        Self::ActionNotSupported,
        Self::ActionMismatch,
        Self::InvalidCardinality,
        Self::OnlyAnonymousAddressSupported,
        Self::MissingAddressInEPR,
        Self::MessageAddressingHeaderRequired,
        Self::InvalidAddressingHeader,
    ];

    /// The violation that a problem of kind `Misaddressed` names as its rule.
    #[must_use]
    pub fn of(problem: &Problem) -> Self {
        let rule = problem.details.first().and_then(|detail| detail.rule.as_deref());
        Self::ALL.into_iter().find(|one| Some(one.word()) == rule).unwrap_or(Self::InvalidAddressingHeader)
    }

    /// Subcode and, where there is one, its subcode (SOAP Binding §6.4).
    #[must_use]
    pub const fn subcodes(self) -> &'static [&'static str] {
        match self {
            Self::ActionNotSupported => &["wsa:ActionNotSupported"],
            Self::ActionMismatch => &["wsa:InvalidAddressingHeader", "wsa:ActionMismatch"],
            Self::InvalidCardinality => &["wsa:InvalidAddressingHeader", "wsa:InvalidCardinality"],
            Self::OnlyAnonymousAddressSupported => {
                &["wsa:InvalidAddressingHeader", "wsa:OnlyAnonymousAddressSupported"]
            }
            Self::MissingAddressInEPR => &["wsa:InvalidAddressingHeader", "wsa:MissingAddressInEPR"],
            Self::MessageAddressingHeaderRequired => &["wsa:MessageAddressingHeaderRequired"],
            Self::InvalidAddressingHeader => &["wsa:InvalidAddressingHeader"],
        }
    }

    fn word(self) -> &'static str {
        self.subcodes().last().unwrap_or(&"")
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::ActionNotSupported => "Nagłówek wsa:Action nie jest akcją wywołanej operacji.",
            Self::ActionMismatch => "SOAPAction (SOAP 1.2: parametr action) różni się od nagłówka wsa:Action.",
            Self::InvalidCardinality => "Nagłówek WS-Addressing powtarza się.",
            Self::OnlyAnonymousAddressSupported => {
                "Odpowiedź wraca tylko tym samym połączeniem: adresem w ReplyTo i FaultTo może być tylko anonymous."
            }
            Self::MissingAddressInEPR => "Nagłówek ReplyTo albo FaultTo nie ma elementu wsa:Address.",
            Self::MessageAddressingHeaderRequired => "Komunikat z wsa:Action musi mieć też wsa:MessageID.",
            Self::InvalidAddressingHeader => "Nagłówek WS-Addressing jest pusty albo zbyt długi.",
        }
    }
}

/// A violation and the header it is about; as a problem they are its rule and its path.
impl From<(Violation, &'static str)> for Problem {
    fn from((violation, header): (Violation, &'static str)) -> Self {
        Self::new(Code::AddressingInvalid).detail(Detail {
            path: Some(format!("{}:{header}", WSA.prefix)),
            rule: Some(violation.word().to_owned()),
            text: violation.sentence().to_owned(),
            ..Detail::default()
        })
    }
}

/// Writes what the norm wants beside the code: the action not supported, or the header that is wrong (SOAP Binding §6.4).
pub fn fault_detail(problem: &Problem, action: &str, out: &mut Writer) {
    if Violation::of(problem) == Violation::ActionNotSupported {
        out.element(WSA.name("ProblemAction"), |out| out.text_element(WSA.name("Action"), action));
        return;
    }
    let header = problem.details.first().and_then(|detail| detail.path.as_deref()).unwrap_or_default();
    out.open_binding(WSA.name("ProblemHeaderQName"), (WSA.prefix, WSA.uri), &[]);
    out.text(header);
    out.close();
}

/// The action of an answer: `outcome` is the reply's element or what was wrong.
#[must_use]
pub fn answer_action(service: Namespace, outcome: Result<&str, &Problem>) -> String {
    match outcome {
        Ok(reply) => format!("{}/{reply}", service.uri),
        Err(problem) if problem.kind() == Kind::Misaddressed => FAULT_ACTION.to_owned(),
        Err(_) => format!("{}/Wyjatek", service.uri),
    }
}

/// Whether the block is one of those judged here.
#[must_use]
pub fn understands(block: Element<'_>) -> bool {
    block.namespace() == WSA.uri && BLOCKS.contains(&block.local())
}

impl Addressing {
    /// What these header blocks say; without an Action among them a message does not use WS-Addressing.
    #[must_use]
    pub fn of(blocks: &[Element<'_>]) -> Option<Self> {
        let text = |name| named(blocks, name).next().map(Element::token);
        let message_id = text("MessageID").filter(|text| is_identifier(text));
        Some(Self { action: text("Action")?, message_id })
    }

    /// Judges the addressing headers of the request that calls the operation with the action `expected`.
    ///
    /// `transport_action`: SOAPAction or the `action` parameter, without quotes, when it is not empty.
    ///
    /// # Errors
    /// See [`Violation`].
    pub fn check(&self, blocks: &[Element<'_>], expected: &str, transport_action: Option<&str>) -> Result<(), Problem> {
        for name in ["Action", "To", "From", "ReplyTo", "FaultTo", "MessageID"] {
            if named(blocks, name).nth(1).is_some() {
                return Err((Violation::InvalidCardinality, name).into());
            }
        }
        if transport_action.is_some_and(|other| other != self.action) {
            return Err((Violation::ActionMismatch, "Action").into());
        }
        // Metadata §4.4: the action is `wsam:Action` of our WSDLs.
        if self.action != expected {
            return Err((Violation::ActionNotSupported, "Action").into());
        }
        for name in ["ReplyTo", "FaultTo"] {
            let Some(endpoint) = named(blocks, name).next() else { continue };
            let address = endpoint.child(WSA.name("Address")).ok_or((Violation::MissingAddressInEPR, name))?;
            if address.token() != ANONYMOUS {
                return Err((Violation::OnlyAnonymousAddressSupported, name).into());
            }
        }
        match (&self.message_id, named(blocks, "MessageID").next()) {
            (Some(_), _) => Ok(()),
            (None, Some(_)) => Err((Violation::InvalidAddressingHeader, "MessageID").into()),
            (None, None) => Err((Violation::MessageAddressingHeaderRequired, "MessageID").into()),
        }
    }

    /// What the message calls its action.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// The blocks of the answer (Core §3.4), each with the identifier under which it is to be signed.
    #[must_use]
    pub fn answer(&self, event: Uuid, action: &str) -> Vec<(&'static str, Vec<u8>)> {
        let message_id = format!("urn:uuid:{event}");
        let mut blocks = vec![
            written("Akcja", "Action", action),
            written("Komunikat", "MessageID", &message_id),
            written("Adresat", "To", ANONYMOUS),
        ];
        blocks.extend(self.message_id.as_deref().map(|id| written("Dotyczy", "RelatesTo", id)));
        blocks
    }
}

fn named<'b, 'd>(blocks: &'b [Element<'d>], name: &'static str) -> impl Iterator<Item = Element<'d>> + use<'b, 'd> {
    blocks.iter().copied().filter(move |block| block.is(WSA.name(name)))
}

fn written(id: &'static str, name: &'static str, text: &str) -> (&'static str, Vec<u8>) {
    let mut out = Writer::new();
    out.apex(WSA.name(name), &[Attr::Named(WSU.name("Id"), id)]);
    out.text(text);
    out.close();
    (id, out.into_bytes())
}

fn is_identifier(text: &str) -> bool {
    (1..=IDENTIFIER_CHARS_MAX).contains(&text.chars().count())
}
