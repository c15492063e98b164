//! The envelope of a request: header blocks, the one Body, its one child; what SOAP itself refuses.

use crate::problem::{Code, Problem};
use crate::soap::Version;
use crate::soap::addressing::{self, Addressing};
use crate::xml::names::{SOAP12, WSSE, XML};
use crate::xml::{Document, Element};

/// The parts of an envelope, not yet verified.
pub struct Envelope<'d> {
    pub version: Version,
    pub header: Option<Element<'d>>,
    pub body: Element<'d>,
    /// The Body's only child: request of an operation.
    pub payload: Element<'d>,
}

/// Why an envelope is not read any further; all but the last have faults of their own without a detail.
#[derive(Debug)]
pub enum Unread {
    /// SOAP 1.1 §4.4.1, SOAP 1.2 part 1 §5.4.7: the envelope is of another namespace than its media type says.
    VersionMismatch,
    /// SOAP 1.1 §4.2.3, SOAP 1.2 part 1 §5.4.8: header blocks that must be understood and are not.
    MustUnderstand(Vec<BlockName>, Option<Addressing>),
    /// SOAP 1.2 part 1 §5.4.6: the Body's child asks for an encoding.
    EncodingUnknown,
    Problem(Problem),
}

/// The name of a header block: namespace and local name.
pub type BlockName = (String, String);

impl<'d> Envelope<'d> {
    /// The header blocks in order.
    pub fn blocks(&self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        self.header.into_iter().flat_map(Element::children)
    }

    /// The header blocks that are meant for the last receiver.
    pub fn blocks_for_us(&self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let version = self.version;
        self.blocks().filter(move |block| version.is_for_us(*block))
    }
}

/// Reads the envelope of a message of this version.
///
/// # Errors
/// See [`Unread`]; anything but `Envelope(Header?, Body(one child))` is `NIEPOPRAWNY_XML`.
pub fn read(document: &Document, version: Version) -> Result<Envelope<'_>, Unread> {
    let soap = version.namespace();
    let root = document.root();
    if root.local() == "Envelope" && root.namespace() != soap.uri {
        return Err(Unread::VersionMismatch);
    }
    if !root.is(soap.name("Envelope")) {
        if version == Version::Soap12 {
            return Err(Unread::VersionMismatch); // SOAP 1.2 part 1 §5.4.6 table 4
        }
        return Err(malformed("Element główny nie jest kopertą SOAP (soap:Envelope).").into());
    }
    let mut children = root.children().peekable();
    let header = children.next_if(|child| child.is(soap.name("Header")));
    let body = children
        .next()
        .filter(|child| child.is(soap.name("Body")))
        .ok_or_else(|| malformed("Koperta nie ma elementu soap:Body na właściwym miejscu."))?;
    if children.next().is_some() {
        return Err(malformed("Po elemencie soap:Body koperta nie może mieć dalszych elementów.").into());
    }
    let mut requests = body.children();
    let Some(payload) = requests.next() else { return Err(malformed("Element soap:Body jest pusty.").into()) };
    // SOAP 1.1 appendix A, SOAP 1.2 part 1 §5.1–5.3: elements alone.
    let structure = [Some(root), header, Some(body)];
    if structure.into_iter().flatten().any(|part| !part.token().is_empty()) {
        return Err(malformed("W kopercie między elementami stoi tekst.").into());
    }
    let envelope = Envelope { version, header, body, payload };
    let unknown: Vec<_> = envelope.blocks_for_us().filter(|block| not_understood(version, *block)).collect();
    if !unknown.is_empty() {
        return Err(Unread::MustUnderstand(
            names(&unknown),
            Addressing::of(&envelope.blocks_for_us().collect::<Vec<_>>()),
        ));
    }
    if requests.next().is_some() {
        return Err(malformed("Element soap:Body ma więcej niż jeden element potomny.").into());
    }
    if version == Version::Soap12 && payload.attribute_ns(SOAP12.name("encodingStyle")).is_some() {
        return Err(Unread::EncodingUnknown);
    }
    Ok(envelope)
}

/// The names of the blocks, each once, within what a fault should carry; a name that no attribute can hold is left out.
fn names(blocks: &[Element<'_>]) -> Vec<BlockName> {
    const NAMES_MAX: usize = 10;
    const CHARACTERS_MAX: usize = 200;
    let mut names: Vec<BlockName> = Vec::new();
    for block in blocks {
        let (uri, local) = (block.namespace(), block.local());
        let tellable = !uri.is_empty() && uri != XML.uri && uri.len().max(local.len()) <= CHARACTERS_MAX;
        if tellable && !names.iter().any(|known| known.0 == uri && known.1 == local) {
            names.push((uri.to_owned(), local.to_owned()));
        }
        if names.len() == NAMES_MAX {
            break;
        }
    }
    names
}

fn not_understood(version: Version, block: Element<'_>) -> bool {
    let understood = block.is(WSSE.name("Security")) || addressing::understands(block);
    !understood && version.must_be_understood(block)
}

fn malformed(text: &str) -> Problem {
    Problem::new(Code::MalformedXml).explain(text)
}

impl From<Problem> for Unread {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}
