//! The SOAP 1.1 envelope of a request: header blocks, the one Body, its one child.

use crate::problem::{Code, Problem};
use crate::xml::names::{SOAP11, WSSE};
use crate::xml::{Document, Element};

/// The parts of an envelope, not yet verified.
pub struct Envelope<'d> {
    pub header: Option<Element<'d>>,
    pub body: Element<'d>,
    /// The Body's only child: request of an operation.
    pub payload: Element<'d>,
}

/// Why an envelope is not read any further; the first two have faults of their own without a detail.
#[derive(Debug)]
pub enum Unread {
    /// SOAP 1.1 §4.4.1: the envelope is of another namespace.
    VersionMismatch,
    /// SOAP 1.1 §4.2.3: a header block must be understood and is not.
    MustUnderstand,
    Problem(Problem),
}

const ACTOR_NEXT: &str = "http://schemas.xmlsoap.org/soap/actor/next";

/// Reads the envelope.
///
/// # Errors
/// See [`Unread`]; anything but `Envelope(Header?, Body(one child))` is `NIEPOPRAWNY_XML`.
pub fn read(document: &Document) -> Result<Envelope<'_>, Unread> {
    let root = document.root();
    if root.local() == "Envelope" && root.namespace() != SOAP11.uri {
        return Err(Unread::VersionMismatch);
    }
    if !root.is(SOAP11.name("Envelope")) {
        return Err(malformed("Element główny nie jest kopertą SOAP (soap:Envelope).").into());
    }
    let mut children = root.children().peekable();
    let header = children.next_if(|child| child.is(SOAP11.name("Header")));
    let body = children
        .next()
        .filter(|child| child.is(SOAP11.name("Body")))
        .ok_or_else(|| malformed("Koperta nie ma elementu soap:Body na właściwym miejscu."))?;
    if children.next().is_some() {
        return Err(malformed("Po elemencie soap:Body koperta nie może mieć dalszych elementów.").into());
    }
    if header.into_iter().flat_map(Element::children).any(not_understood) {
        return Err(Unread::MustUnderstand);
    }
    let mut requests = body.children();
    let payload = requests.next().ok_or_else(|| malformed("Element soap:Body jest pusty."))?;
    if requests.next().is_some() {
        return Err(malformed("Element soap:Body ma więcej niż jeden element potomny.").into());
    }
    Ok(Envelope { header, body, payload })
}

fn not_understood(block: Element<'_>) -> bool {
    let must = block.attribute_ns(SOAP11.name("mustUnderstand")).is_some_and(|value| value.trim() == "1");
    must && for_us(block) && !block.is(WSSE.name("Security"))
}

/// SOAP 1.1 §4.2.2: no actor means the last receiver, `next` everybody on the way.
#[must_use]
pub fn for_us(block: Element<'_>) -> bool {
    block.attribute_ns(SOAP11.name("actor")).is_none_or(|actor| actor.is_empty() || actor == ACTOR_NEXT)
}

fn malformed(text: &str) -> Problem {
    Problem::new(Code::MalformedXml).explain(text)
}

impl From<Problem> for Unread {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}
