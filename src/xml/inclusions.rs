//! XOP: binary content that travels beside the document and stands in it as if it were written there in base64.

use std::borrow::Cow;
use std::ffi::CString;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libxml::bindings as lib;
use openssl::rand::rand_bytes;

use super::element::Element;
use super::error::{Error, Position, Reason};
use super::names::XOP;
use super::parse::Document;

/// Binary content outside the document; it may be read any number of times.
pub trait Attachment: Send + Sync {
    /// Its length in bytes.
    fn length(&self) -> u64;

    /// The content in pieces, counted from 0: `None` behind the last.
    ///
    /// # Errors
    /// When it cannot be read back.
    fn piece(&self, number: u64) -> io::Result<Option<Cow<'_, [u8]>>>;
}

impl Attachment for Vec<u8> {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn piece(&self, number: u64) -> io::Result<Option<Cow<'_, [u8]>>> {
        Ok((number == 0).then_some(Cow::Borrowed(self)))
    }
}

/// Reads an attachment from its beginning.
pub struct AttachmentReader<'a> {
    attachment: &'a dyn Attachment,
    /// Number of the next piece.
    next: u64,
    piece: Cow<'a, [u8]>,
    /// Bytes of the piece already given.
    given: usize,
}

impl<'a> AttachmentReader<'a> {
    #[must_use]
    pub fn new(attachment: &'a dyn Attachment) -> Self {
        Self { attachment, next: 0, piece: Cow::Borrowed(&[]), given: 0 }
    }
}

impl BufRead for AttachmentReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.given == self.piece.len() {
            let Some(piece) = self.attachment.piece(self.next)? else { return Ok(&[]) };
            (self.piece, self.given) = (piece, 0);
            self.next += 1;
        }
        Ok(&self.piece[self.given..])
    }

    fn consume(&mut self, amount: usize) {
        self.given += amount;
    }
}

impl Read for AttachmentReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.fill_buf()?.read(out)?;
        self.consume(size);
        Ok(size)
    }
}

/// Attachments up to this size are written into the document.
pub const WRITTEN_BYTES_MAX: usize = 64 << 10;

/// An attachment as it stands in a document.
pub(super) struct Inclusion {
    /// Random base64, so that nobody can write it and a schema takes it for what it stands for.
    stand_in: String,
    attachment: Arc<dyn Attachment>,
}

impl fmt::Debug for Inclusion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Inclusion({} bytes)", self.attachment.length())
    }
}

impl Document {
    /// Puts each attachment in the place of the `xop:Include` element that names its Content-ID (XOP 1.0 §3.2, §4.2).
    ///
    /// A small attachment is written in place: stacks put tokens and digests into parts as well as documents. A large one
    /// may stand only where `may_be_large` allows; canonical forms have its content in base64 there, as the signature's
    /// norm wants it (XOP 1.0 §1.3), and [`Element::attachment`] gives it. One that no element names is no part of the
    /// message.
    ///
    /// # Errors
    /// [`Error::Refused`] when an `xop:Include` names no attachment by `cid:`, or the same as another, or a large one in
    /// another place.
    pub fn include(
        &mut self,
        mut attachments: Vec<(String, Arc<dyn Attachment>)>,
        may_be_large: fn(Element<'_>) -> bool,
    ) -> Result<(), Error> {
        let mut inclusions = Vec::new();
        let root = self.root();
        let places = root.descendants().filter(|one| one.is(XOP.name("Include")) && is_inclusion(*one));
        // Gathered before anything changes: none of them lies below another.
        let places: Vec<_> = places.take(attachments.len() + 1).collect();
        for place in places {
            let Some(parent) = place.parent() else { continue };
            let href = place.attribute("href").unwrap_or_default();
            let id = content_id(&href).ok_or_else(|| refused(place))?;
            let at = attachments.iter().position(|(name, _)| *name == id).ok_or_else(|| refused(place))?;
            let (_, attachment) = attachments.swap_remove(at);
            let is_large = attachment.length() > WRITTEN_BYTES_MAX as u64;
            if is_large && !may_be_large(parent) {
                return Err(refused(place));
            }
            let text = if is_large { stand_in()? } else { written(attachment.as_ref()).map_err(Error::Io)? };
            let content = CString::new(text.as_str()).map_err(|_| Error::Library("a text"))?;
            // SAFETY: the document is borrowed mutably, so no view of an element outlives this method; the children of
            // `parent` are freed, and of the places only `place`, which is not used again, is among them.
            unsafe { lib::xmlNodeSetContent(parent.as_ptr(), content.as_ptr().cast()) };
            if parent.text() != text {
                return Err(Error::Library("no memory for a text"));
            }
            if is_large {
                inclusions.push(Inclusion { stand_in: text, attachment });
            }
        }
        self.set_inclusions(inclusions);
        Ok(())
    }
}

/// Whether an `xop:Include` includes anything: beside other content it is an element like any other (XOP 1.0 §3.2), and one
/// inside another says nothing.
fn is_inclusion(place: Element<'_>) -> bool {
    let Some(parent) = place.parent() else { return false };
    let is_alone = parent.children().nth(1).is_none() && parent.token().is_empty();
    let mut above = std::iter::successors(Some(parent), |below| below.parent());
    is_alone && !above.any(|one| one.is(XOP.name("Include")))
}

impl<'d> Element<'d> {
    /// The attachment that stands in this element instead of text.
    #[must_use]
    pub fn attachment(self) -> Option<&'d Arc<dyn Attachment>> {
        let inclusions = self.inclusions();
        if inclusions.is_empty() {
            return None;
        }
        let text = self.text();
        inclusions.iter().find(|one| one.stand_in == text).map(|one| &one.attachment)
    }
}

/// Gives `sink` the canonical bytes with every stand-in replaced by what it stands for.
pub(super) fn expand(canonical: &[u8], inclusions: &[Inclusion], sink: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
    let mut places: Vec<_> = inclusions
        .iter()
        .filter_map(|one| Some((memchr::memmem::find(canonical, one.stand_in.as_bytes())?, one)))
        .collect();
    places.sort_unstable_by_key(|(at, _)| *at);
    let mut done = 0;
    for (at, inclusion) in places {
        sink(&canonical[done..at]);
        base64(inclusion.attachment.as_ref(), sink).map_err(Error::Io)?;
        done = at + inclusion.stand_in.len();
    }
    sink(&canonical[done..]);
    Ok(())
}

/// Gives `sink` the canonical base64 form of an attachment: one line, padded (XOP 1.0 §3.1).
///
/// # Errors
/// When the attachment cannot be read back.
pub fn base64(attachment: &dyn Attachment, sink: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    const STEP: usize = 3 << 14;
    let mut reader = AttachmentReader::new(attachment);
    let mut held = Vec::with_capacity(STEP);
    let mut encoded = vec![0; STEP / 3 * 4];
    loop {
        held.clear();
        reader.by_ref().take(STEP as u64).read_to_end(&mut held)?;
        if held.is_empty() {
            return Ok(());
        }
        let length = STANDARD.encode_slice(&held, &mut encoded).map_err(io::Error::other)?;
        sink(&encoded[..length]);
    }
}

/// The number of characters of that form.
#[must_use]
pub fn base64_length(bytes: u64) -> u64 {
    bytes.div_ceil(3) * 4
}

fn written(attachment: &dyn Attachment) -> io::Result<String> {
    let mut text = Vec::new();
    base64(attachment, &mut |piece| text.extend_from_slice(piece))?;
    String::from_utf8(text).map_err(io::Error::other)
}

fn stand_in() -> Result<String, Error> {
    let mut random = [0; 32];
    rand_bytes(&mut random).map_err(|_| Error::Library("no random bytes"))?;
    Ok(STANDARD.encode(random))
}

/// RFC 2392 §2: the Content-ID of a `cid:` address, with `%hh` as RFC 3986 §2.1 has it.
fn content_id(href: &str) -> Option<String> {
    let (scheme, text) = href.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("cid") || text.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'%' {
            let digits = behind.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).ok()
}

fn refused(place: Element<'_>) -> Error {
    Error::refused(Reason::Inclusion, Position { line: place.line(), column: 1 })
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, Method, canonical_bytes};
    use super::*;

    struct Pieces(Vec<u8>, usize);

    impl Attachment for Pieces {
        fn length(&self) -> u64 {
            self.0.len() as u64
        }

        fn piece(&self, number: u64) -> io::Result<Option<Cow<'_, [u8]>>> {
            let number = usize::try_from(number).unwrap();
            Ok(self.0.chunks(self.1).nth(number).map(Cow::Borrowed))
        }
    }

    fn included(inside: &str, ids: &[&str]) -> Result<Document, Error> {
        let text = format!("<a xmlns:x='{}'>{inside}</a>", XOP.uri);
        let mut document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let attachment = |id: &&str| -> (String, Arc<dyn Attachment>) {
            ((*id).to_owned(), Arc::new(Pieces(id.as_bytes().repeat(20_000), 777)))
        };
        document.include(ids.iter().map(attachment).collect(), |parent| parent.local() != "a")?;
        Ok(document)
    }

    #[test]
    fn the_canonical_form_has_the_content_in_base64() {
        let inside = "<b>\n <x:Include href='cid:dwa%40x'/> </b><c><x:Include href='cid:1'/></c>";
        let document = included(inside, &["1", "dwa@x"]).unwrap();
        let encoded = |id: &str| STANDARD.encode(id.as_bytes().repeat(20_000));
        let expected = format!("<a><b>{}</b><c>{}</c></a>", encoded("dwa@x"), encoded("1"));
        let form = canonical_bytes(document.root(), Method::Exclusive).unwrap();
        assert!(form == expected.as_bytes());
        let first = document.root().children().next().unwrap();
        assert_eq!(first.attachment().map(|one| one.length()), Some(100_000));
        assert_eq!(base64_length(100_000), encoded("dwa@x").len() as u64);
        let second = document.root().children().nth(1).unwrap();
        assert!(second.attachment().is_none() && second.text() == encoded("1"), "a small one is written in place");
    }

    #[test]
    fn what_is_not_exactly_one_part_in_one_place_is_refused() {
        for (inside, ids) in [
            ("<b><x:Include href='cid:2'/></b>", &["1"][..]),
            ("<b><x:Include href='http://1'/></b>", &["1"]),
            ("<b><x:Include href='cid:%4'/></b>", &["1"]),
            ("<b><x:Include/></b>", &["1"]),
            ("<b><x:Include href='cid:%+1'/></b>", &["1"]),
            ("<a><x:Include href='cid:dwa@x'/></a>", &["dwa@x"]),
            ("<b><x:Include href='cid:1'/></b><b><x:Include href='cid:1'/></b>", &["1"]),
        ] {
            let refusal = included(inside, ids).unwrap_err();
            assert!(matches!(refusal, Error::Refused { reason: Reason::Inclusion, .. }), "{inside}");
        }
    }

    #[test]
    fn what_is_not_alone_in_its_element_includes_nothing() {
        for inside in [
            "<b>tekst<x:Include href='cid:1'/></b>",
            "<b><x:Include href='cid:1'/><c/></b>",
            "<b><x:Include href='cid:1'><c><x:Include href='cid:2'/></c></x:Include></b>",
            "<b/>",
        ] {
            let document = included(inside, &["1", "2"]).unwrap();
            let included = document.root().descendants().any(|one| one.text().len() > 20_000);
            assert_eq!(included, inside.contains("</x:Include>"), "{inside}");
        }
    }
}
