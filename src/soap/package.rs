//! A XOP package on its way in (MTOM 1.0 §3): the root part in memory, other parts in memory while small, else spooled sealed.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::problem::{Code, Problem};
use crate::soap::Version;
use crate::soap::media::{Media, Parts, bare_id};
use crate::soap::multipart::{Event, Malformed, Multipart, PartHead};
use crate::store::spool::Spool;
use crate::xml::{Attachment, WRITTEN_BYTES_MAX};

/// What one package may take.
#[derive(Debug, Clone)]
pub struct Bounds {
    pub root_bytes: usize,
    /// Parts, the root included.
    pub parts: usize,
    /// Sum of all parts but the root.
    pub attachment_bytes: u64,
    /// Where large parts are spooled.
    pub folder: PathBuf,
}

const NOT_BASE64: &str = "Część nie jest poprawnym zapisem base64.";

/// Attachments by Content-ID.
pub type Attachments = Vec<(String, Arc<dyn Attachment>)>;

/// A package under way.
pub struct Package {
    multipart: Multipart,
    contents: Contents,
}

struct Contents {
    bounds: Bounds,
    /// Content-ID of the root; the first part unless given.
    start: Option<String>,
    root: Option<(PartHead, Vec<u8>)>,
    parts: Vec<(String, Part)>,
    attached: u64,
    into_root: bool,
    /// Of a part that comes in base64 (RFC 2045 §6.8).
    base64: Option<Base64>,
}

/// A part that is not the root.
enum Part {
    Small(Vec<u8>),
    Large(Spool),
}

impl Package {
    #[must_use]
    pub fn new(parts: Parts, bounds: Bounds) -> Self {
        let multipart = Multipart::new(&parts.boundary);
        let contents = Contents {
            bounds,
            start: parts.start,
            root: None,
            parts: Vec::new(),
            attached: 0,
            into_root: false,
            base64: None,
        };
        Self { multipart, contents }
    }

    /// Takes in the next bytes of the body.
    ///
    /// # Errors
    /// `NIEPOPRAWNY_XML` for a body that is no package, `KOMUNIKAT_ZA_DUZY` beyond a bound, `BLAD_WEWNETRZNY` when the
    /// disk takes no more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.multipart.push(bytes, |event| match event {
            Event::Part(head) => self.contents.begin(head),
            Event::Data(data) => match self.contents.decoded(data) {
                Some(data) => self.contents.add(&data),
                None => Err(malformed(NOT_BASE64)),
            },
        })
    }

    /// Bytes held in memory and on disk.
    #[must_use]
    pub fn held(&self) -> (usize, u64) {
        let root = self.contents.root.as_ref().map_or(0, |(_, bytes)| bytes.len());
        self.contents.parts.iter().fold((root, 0), |(memory, disk), (_, part)| match part {
            Part::Small(bytes) => (memory + bytes.len(), disk),
            Part::Large(spool) => (memory + Spool::MEMORY_BYTES, disk + spool.length()),
        })
    }

    /// The root part, what its head adds to the media type, and the other parts.
    ///
    /// # Errors
    /// `NIEPOPRAWNY_XML` when the package is cut or has no root of the right kind.
    pub fn finish(self, media: Media) -> Result<(Media, Vec<u8>, Attachments), Problem> {
        if !self.multipart.is_complete() {
            return Err(Malformed.into());
        }
        let Contents { root, parts, base64, .. } = self.contents;
        if base64.is_some_and(|decoder| !decoder.is_complete()) {
            return Err(malformed(NOT_BASE64));
        }
        let (head, root) = root.ok_or_else(|| malformed("Treść wieloczęściowa nie ma części głównej (start)."))?;
        let media = media.with_root(&head.content_type).ok_or_else(|| {
            malformed(
                "Część główna ma mieć Content-Type application/xop+xml z parametrem type \
                 (text/xml albo application/soap+xml) i kodowaniem UTF-8 albo UTF-16.",
            )
        })?;
        let attachments = parts.into_iter().map(|(id, part)| (id, Arc::new(part) as Arc<dyn Attachment>)).collect();
        Ok((media, root, attachments))
    }
}

impl Contents {
    fn begin(&mut self, head: PartHead) -> Result<(), Problem> {
        if self.parts.len() + usize::from(self.root.is_some()) >= self.bounds.parts {
            return Err(too_large(&format!("Komunikat może mieć najwyżej {} części.", self.bounds.parts)));
        }
        if self.base64.as_ref().is_some_and(|decoder| !decoder.is_complete()) {
            return Err(malformed(NOT_BASE64));
        }
        self.base64 = match head.transfer_encoding.as_str() {
            "" | "binary" | "8bit" | "7bit" => None,
            "base64" => Some(Base64::default()),
            _ => return Err(malformed("Część ma Content-Transfer-Encoding inny niż binary, 8bit, 7bit i base64.")),
        };
        let id = bare_id(&head.content_id).to_owned();
        let is_root = match &self.start {
            Some(start) => *start == id,
            None => self.root.is_none() && self.parts.is_empty(),
        };
        self.into_root = is_root && self.root.is_none();
        if self.into_root {
            self.root = Some((head, Vec::new()));
        } else if id.is_empty() || is_root || self.parts.iter().any(|(known, _)| *known == id) {
            return Err(malformed("Części muszą mieć różne nagłówki Content-ID."));
        } else {
            self.parts.push((id, Part::Small(Vec::new())));
        }
        Ok(())
    }

    /// The data as they are behind their transfer encoding; `None` when they are not of it.
    fn decoded(&mut self, data: Vec<u8>) -> Option<Vec<u8>> {
        match &mut self.base64 {
            None => Some(data),
            Some(decoder) => decoder.decode(&data),
        }
    }

    fn add(&mut self, data: &[u8]) -> Result<(), Problem> {
        if self.into_root {
            let Some((_, root)) = &mut self.root else { return Ok(()) };
            if root.len() + data.len() > self.bounds.root_bytes {
                return Err(Code::MessageTooLarge.into());
            }
            root.extend_from_slice(data);
            return Ok(());
        }
        let Some((_, part)) = self.parts.last_mut() else { return Ok(()) };
        self.attached += data.len() as u64;
        if self.attached > self.bounds.attachment_bytes {
            let most = self.bounds.attachment_bytes;
            return Err(too_large(&format!("Części komunikatu mogą mieć razem najwyżej {most} bajtów.")));
        }
        part.add(data, &self.bounds).map_err(Problem::internal)
    }
}

/// Base64 on its way; white space in it says nothing.
#[derive(Default)]
struct Base64 {
    /// Characters that are no whole group yet.
    held: Vec<u8>,
    /// Padding was seen: nothing may follow it.
    padded: bool,
}

impl Base64 {
    fn decode(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        self.held.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
        if self.padded && !self.held.is_empty() {
            return None;
        }
        let rest = self.held.split_off(self.held.len() / 4 * 4);
        let whole = std::mem::replace(&mut self.held, rest);
        self.padded |= whole.ends_with(b"=");
        STANDARD.decode(whole).ok()
    }

    fn is_complete(&self) -> bool {
        self.held.is_empty()
    }
}

impl Part {
    fn add(&mut self, data: &[u8], bounds: &Bounds) -> io::Result<()> {
        if let Self::Small(bytes) = self {
            if bytes.len() + data.len() <= WRITTEN_BYTES_MAX {
                bytes.extend_from_slice(data);
                return Ok(());
            }
            let mut spool = Spool::create(&bounds.folder)?;
            spool.write(bytes)?;
            *self = Self::Large(spool);
        }
        if let Self::Large(spool) = self { spool.write(data) } else { Ok(()) }
    }
}

impl Attachment for Part {
    fn length(&self) -> u64 {
        match self {
            Self::Small(bytes) => bytes.len() as u64,
            Self::Large(spool) => spool.length(),
        }
    }

    fn piece(&self, number: u64) -> io::Result<Option<Cow<'_, [u8]>>> {
        match self {
            Self::Small(bytes) => bytes.piece(number),
            Self::Large(spool) => spool.piece(number),
        }
    }
}

/// A reply as a XOP package of its root part alone, and the value of its `Content-Type` (MTOM 1.0 §3.2).
#[must_use]
pub fn packaged(version: Version, message: &[u8]) -> (String, Vec<u8>) {
    // Our messages are canonical, hence hold no carriage return, so this line never stands in one.
    const BOUNDARY: &str = "brama-5f0e6a3c9d21";
    const ROOT: &str = "koperta@brama";
    let inner = version.media_type();
    let content_type = format!(
        "multipart/related; type=\"application/xop+xml\"; boundary=\"{BOUNDARY}\"; start=\"<{ROOT}>\"; start-info=\"{inner}\""
    );
    let head = format!(
        "--{BOUNDARY}\r\nContent-Type: application/xop+xml; charset=utf-8; type=\"{inner}\"\r\n\
         Content-Transfer-Encoding: 8bit\r\nContent-ID: <{ROOT}>\r\n\r\n"
    );
    let tail = format!("\r\n--{BOUNDARY}--\r\n");
    (content_type, [head.as_bytes(), message, tail.as_bytes()].concat())
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        self::malformed("Treść wieloczęściowa (multipart/related) jest niekompletna albo źle zbudowana.")
            .caused_by(malformed)
    }
}

fn malformed(text: &str) -> Problem {
    Problem::new(Code::MalformedXml).explain(text)
}

fn too_large(text: &str) -> Problem {
    Problem::new(Code::MessageTooLarge).explain(text)
}
