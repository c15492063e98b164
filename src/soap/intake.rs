//! From the bytes of an HTTP body to a message: content coding, parts, character set; bounded at every step.

use std::path::PathBuf;

use actix_web::web::Bytes;

use crate::config::Limits;
use crate::problem::{Code, Problem};
use crate::soap::Version;
use crate::soap::coding::{Corrupt, Inflater};
use crate::soap::media::{Charset, Media};
use crate::soap::package::{Attachments, Bounds, Package};
use crate::soap::text;

/// A message as the door hands it on.
pub struct Message {
    pub version: Version,
    /// The envelope as it came; [`Message::text`] gives it in UTF-8.
    pub bytes: Bytes,
    pub charset: Option<Charset>,
    /// SOAPAction or the `action` parameter; `None` when empty.
    pub action: Option<String>,
    /// Present when the message came as a XOP package, also without further parts.
    pub attachments: Option<Attachments>,
}

impl Message {
    /// The envelope in UTF-8.
    ///
    /// # Errors
    /// `NIEPOPRAWNY_XML` when the bytes are no text of their character set.
    pub fn text(&self) -> Result<Bytes, Problem> {
        text::to_utf8(self.bytes.clone(), self.charset)
    }
}

/// A body under way.
pub struct Intake {
    media: Media,
    inflater: Inflater,
    inflated: usize,
    inflated_max: usize,
    content: Content,
}

enum Content {
    Whole(Vec<u8>),
    Package(Box<Package>),
}

impl Intake {
    /// `spool`: the folder for parts too large for memory.
    #[must_use]
    pub fn new(mut media: Media, inflater: Inflater, limits: &Limits, spool: PathBuf) -> Self {
        let content = match media.parts.take() {
            None => Content::Whole(Vec::new()),
            Some(parts) => {
                let bounds = Bounds {
                    root_bytes: limits.request_bytes,
                    parts: limits.parts,
                    attachment_bytes: limits.attachment_bytes,
                    folder: spool,
                };
                Content::Package(Box::new(Package::new(parts, bounds)))
            }
        };
        Self { media, inflater, inflated: 0, inflated_max: limits.inflated_bytes, content }
    }

    /// Takes in the next bytes.
    ///
    /// # Errors
    /// `KOMUNIKAT_ZA_DUZY`, `NIEPOPRAWNY_XML`, as of [`Package::push`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let coded = !self.inflater.is_identity();
        let (content, inflated, most) = (&mut self.content, &mut self.inflated, self.inflated_max);
        self.inflater.push(bytes, |piece| {
            if coded {
                *inflated += piece.len();
                if *inflated > most {
                    return Err(Problem::new(Code::MessageTooLarge)
                        .explain(format!("Rozpakowana treść może mieć najwyżej {most} bajtów.")));
                }
            }
            content.push(piece)
        })
    }

    /// What is held by now: bytes in memory and bytes on disk.
    #[must_use]
    pub fn held(&self) -> (usize, u64) {
        match &self.content {
            Content::Whole(bytes) => (bytes.len(), 0),
            Content::Package(package) => package.held(),
        }
    }

    /// The whole message.
    ///
    /// # Errors
    /// `NIEPOPRAWNY_XML` when the body is cut.
    pub fn finish(self) -> Result<Message, Problem> {
        let mut content = self.content;
        content.push(&self.inflater.finish()?)?;
        let (media, bytes, attachments) = match content {
            Content::Whole(bytes) => (self.media, bytes, None),
            Content::Package(package) => {
                let (media, root, attachments) = package.finish(self.media)?;
                (media, root, Some(attachments))
            }
        };
        let version = media.version.unwrap_or_default();
        Ok(Message { version, bytes: bytes.into(), charset: media.charset, action: media.action, attachments })
    }
}

impl Content {
    fn push(&mut self, piece: &[u8]) -> Result<(), Problem> {
        match self {
            Self::Whole(bytes) => {
                bytes.extend_from_slice(piece);
                Ok(())
            }
            Self::Package(package) => package.push(piece),
        }
    }
}

impl From<Corrupt> for Problem {
    fn from(corrupt: Corrupt) -> Self {
        Self::new(Code::MalformedXml)
            .explain("Treści nie da się rozpakować według nagłówka Content-Encoding.")
            .caused_by(corrupt)
    }
}
