//! An extract of a register (`r:Wyciag`): entries with their proofs under one signed head, for anybody to check who has
//! no gateway.

use super::audit::Finding;
use super::entry::EventKind;
use super::head::{SignedHead, TreeHead};
use super::read::{field, parse_entry, read_entry};
use super::tree::{Hash, is_consistent, is_included};
use super::write::leaf_hash;
use super::{Error, Proof};
use crate::xml::{Element, QName, R, Writer};

/// Which entries an extract is about: from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub first: u64,
    pub last: u64,
}

/// A former head and the path by which the newer one is proved to go on from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    pub head: SignedHead,
    pub path: Vec<Hash>,
}

/// What an extract begins with; one entry after the other follows ([`write_proof`]), then [`EXTRACT_END`].
#[must_use]
pub fn begin_extract(span: Span, head: &SignedHead, former: Option<&Former>) -> Vec<u8> {
    let mut out = Writer::new();
    out.open(R.name("Wyciag"));
    out.text_element(R.name("od"), &span.first.to_string());
    out.text_element(R.name("do"), &span.last.to_string());
    write_head(R.name("glowa"), head, &mut out);
    if let Some(former) = former {
        out.element(R.name("wczesniejsza"), |out| {
            write_head(R.name("glowa"), &former.head, out);
            write_path(&former.path, out);
        });
    }
    out.as_bytes().to_vec()
}

/// Closes what [`begin_extract`] opened.
pub const EXTRACT_END: &[u8] = b"</r:Wyciag>\n";

/// A signed head: its bytes, the signature, the certificate.
pub fn write_head(name: QName, head: &SignedHead, out: &mut Writer) {
    out.element(name, |out| {
        out.base64_element(R.name("tresc"), &head.bytes);
        out.base64_element(R.name("podpis"), &head.signature);
        out.base64_element(R.name("certyfikat"), &head.certificate);
    });
}

/// An entry's bytes and its path to the head.
pub fn write_proof(proof: &Proof, out: &mut Writer) {
    out.element(R.name("pozycja"), |out| {
        out.base64_element(R.name("wpis"), &proof.leaf);
        write_path(&proof.path, out);
    });
}

/// The hashes of a path, in the order of RFC 6962 §2.1.1.
pub fn write_path(path: &[Hash], out: &mut Writer) {
    out.element(R.name("sciezka"), |out| {
        for hash in path {
            out.base64_element(R.name("skrot"), hash);
        }
    });
}

/// The children of `r:Wyciag` in their order.
const PARTS: [&str; 5] = ["od", "do", "glowa", "wczesniejsza", "pozycja"];
const ENTRIES: usize = 4;

/// A running check of an extract: its parts go in by their order, findings come out.
#[derive(Default)]
pub struct ExtractAudit {
    first: Option<u64>,
    last: Option<u64>,
    head: Option<TreeHead>,
    next: u64,
    /// Epoch of the entry before, when there was one.
    epoch: Option<u64>,
    /// The first of [`PARTS`] that may come now.
    place: usize,
    findings: Vec<Finding>,
}

impl ExtractAudit {
    /// Checks the next child of `r:Wyciag`; each has its place, and only entries come more than once.
    pub fn part(&mut self, part: Element<'_>) {
        let place = PARTS.iter().position(|name| part.is(R.name(name)));
        let verdict = match place {
            Some(place) if place >= self.place => {
                self.place = if place == ENTRIES { place } else { place + 1 };
                match place {
                    0 => self.begin(part),
                    1 => number(part).map(|last| self.last = Some(last)),
                    2 => self.newest(part),
                    3 => self.former(part),
                    _ => self.proved(part),
                }
            }
            _ => Err("a part that does not belong here".to_owned()),
        };
        if let Err(text) = verdict {
            self.find(text);
        }
    }

    /// The head, the span, and all that does not hold.
    #[must_use]
    pub fn finish(mut self) -> (Option<TreeHead>, Option<Span>, Vec<Finding>) {
        let span = self.first.zip(self.last).map(|(first, last)| Span { first, last });
        let holds =
            |span: Span| 0 < span.first && span.first <= span.last && span.last.checked_add(1) == Some(self.next);
        if !span.is_some_and(holds) {
            self.push(None, "the entries are not those that the extract names".to_owned());
        }
        if self.head.is_none() {
            self.push(None, "there is no head that holds".to_owned());
        }
        (self.head, span, self.findings)
    }

    fn begin(&mut self, part: Element<'_>) -> Result<(), String> {
        let first = number(part)?;
        (self.first, self.next) = (Some(first), first);
        Ok(())
    }

    fn newest(&mut self, part: Element<'_>) -> Result<(), String> {
        self.head = Some(verified(part)?);
        Ok(())
    }

    fn former(&mut self, part: Element<'_>) -> Result<(), String> {
        let newest = self.head.as_ref().ok_or("a former head without a newer one")?;
        let former = verified(part.child(R.name("glowa")).ok_or("a former head without its bytes")?)?;
        let goes_on = former.tenant == newest.tenant
            && former.epoch <= newest.epoch
            && is_consistent(former.size, &former.root, newest.size, &newest.root, &read_path(part)?);
        if goes_on { Ok(()) } else { Err(format!("the head does not go on from that of size {}", former.size)) }
    }

    fn proved(&mut self, part: Element<'_>) -> Result<(), String> {
        let expected = self.next;
        self.next = self.next.saturating_add(1);
        let head = self.head.as_ref().ok_or("an entry without a head")?;
        let leaf = bytes(part, "wpis")?;
        let entry = parse_entry(&leaf).and_then(|document| read_entry(document.root())).map_err(|e| e.to_string())?;
        if entry.number != expected {
            return Err(format!("entry {} stands where entry {expected} should", entry.number));
        }
        if entry.tenant != head.tenant {
            return Err("the entry belongs to another register".to_owned());
        }
        let follows = self.epoch.is_none_or(|before| {
            entry.epoch == before || entry.epoch > before && entry.kind == EventKind::EpochOpened.wire()
        });
        self.epoch = Some(entry.epoch);
        if !follows || entry.epoch > head.epoch {
            return Err("the entry's epoch does not follow".to_owned());
        }
        let index = entry.number.checked_sub(1).ok_or("an entry without a number")?;
        if is_included(leaf_hash(&leaf), index, head.size, &read_path(part)?, &head.root) {
            Ok(())
        } else {
            Err("the proof does not lead to the head".to_owned())
        }
    }

    fn find(&mut self, text: String) {
        let number = self.next.checked_sub(1).filter(|number| self.first.is_some_and(|first| *number >= first));
        self.push(number, text);
    }

    fn push(&mut self, number: Option<u64>, text: String) {
        self.findings.push(Finding { number, text });
    }
}

fn verified(part: Element<'_>) -> Result<TreeHead, String> {
    let head = read_head(part)?;
    if head.is_signed() {
        head.read().map_err(|error| error.to_string())
    } else {
        Err("the signature of a head does not hold".to_owned())
    }
}

/// A signed head as [`write_head`] wrote it.
///
/// # Errors
/// What is missing.
pub fn read_head(part: Element<'_>) -> Result<SignedHead, String> {
    Ok(SignedHead {
        bytes: bytes(part, "tresc")?,
        signature: bytes(part, "podpis")?,
        certificate: bytes(part, "certyfikat")?,
    })
}

/// The path in a part, as [`write_path`] wrote it.
///
/// # Errors
/// What is missing.
pub fn read_path(part: Element<'_>) -> Result<Vec<Hash>, String> {
    let path = part.child(R.name("sciezka")).ok_or("a part without a path")?;
    let hash = |step: Element<'_>| base64(&step.token())?.try_into().map_err(|_| "a hash of another length".to_owned());
    path.all(R.name("skrot")).map(hash).collect()
}

fn bytes(part: Element<'_>, name: &'static str) -> Result<Vec<u8>, String> {
    base64(&field(part, name, |text| Some(text.to_owned())).map_err(|error: Error| error.to_string())?)
}

fn base64(text: &str) -> Result<Vec<u8>, String> {
    openssl::base64::decode_block(text).map_err(|_| "what should be base64 is not".to_owned())
}

fn number(part: Element<'_>) -> Result<u64, String> {
    part.token().parse().map_err(|_| "a number that is none".to_owned())
}
