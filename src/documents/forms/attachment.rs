//! Attachments: inside the document up to a bound, else by address with their digest in the signed form (rule 12.4).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::sha256;
use unicode_normalization::is_nfc;
use uuid::Uuid;

use super::error::{Error, Rule};
use super::fields::{digest, digest_text, optional, put_optional, required};
use super::file_kind::FileKind;
use crate::xml::names::{CZ, STR};
use crate::xml::{Attr, Element, Writer, collapse};

/// The most bytes of one attachment inside a document.
pub const INLINE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The most bytes of all attachments inside a document.
pub const INLINE_BYTES_SUM_MAX: usize = 3 * 1024 * 1024;
/// The most characters of a file's name.
pub const FILE_NAME_MAX: usize = 255;
/// What the address of an attachment outside the document begins with; a UUID follows.
pub const FILE_URN: &str = "urn:brama:plik:";

/// An attachment.
///
/// Invariant: its name, its kind and its content agree; what is inside has at most [`INLINE_BYTES_MAX`].
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    name: String,
    kind: FileKind,
    description: Option<String>,
    content: Content,
}

/// Where the bytes of an attachment are.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    Inline(Vec<u8>),
    Stored(StoredFile),
}

/// A file outside the document, as the document tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredFile {
    pub id: Uuid,
    /// Size in bytes.
    pub size: u64,
    pub sha256: [u8; 32],
}

impl Attachment {
    /// A file that travels inside the document.
    ///
    /// # Errors
    /// [`Rule::FileName`], [`Rule::FileTooLarge`], [`Rule::FileKind`].
    pub fn inline(name: &str, content: Vec<u8>, description: Option<String>) -> Result<Self, Rule> {
        if content.len() > INLINE_BYTES_MAX {
            return Err(Rule::FileTooLarge);
        }
        let kind = named_kind(name)?;
        if !kind.fits(&content) {
            return Err(Rule::FileKind);
        }
        Ok(Self { name: name.to_owned(), kind, description, content: Content::Inline(content) })
    }

    /// A file that travels by itself; what it holds is checked where it arrives ([`StoredFile::holds`]).
    ///
    /// # Errors
    /// [`Rule::FileName`], [`Rule::FileKind`].
    pub fn stored(name: &str, file: StoredFile, description: Option<String>) -> Result<Self, Rule> {
        Ok(Self { name: name.to_owned(), kind: named_kind(name)?, description, content: Content::Stored(file) })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub const fn kind(&self) -> FileKind {
        self.kind
    }

    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The bytes, where they are inside the document.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Inline(bytes) => Some(bytes),
            Content::Stored(_) => None,
        }
    }

    /// The file outside the document.
    #[must_use]
    pub const fn file(&self) -> Option<&StoredFile> {
        match &self.content {
            Content::Inline(_) => None,
            Content::Stored(file) => Some(file),
        }
    }
}

impl StoredFile {
    /// What the document must say of a file with this content.
    #[must_use]
    pub fn of(id: Uuid, content: &[u8]) -> Self {
        Self { id, size: content.len() as u64, sha256: sha256(content) }
    }

    /// The address in `DaneZalacznika` and in `cz:SkrotZalacznika`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{FILE_URN}{}", self.id)
    }

    /// Whether a file that arrived is the one that the document tells of.
    ///
    /// # Errors
    /// [`Rule::FileDiffers`].
    pub fn holds(&self, size: u64, sha256: &[u8; 32]) -> Result<(), Rule> {
        if (self.size, &self.sha256) == (size, sha256) { Ok(()) } else { Err(Rule::FileDiffers) }
    }
}

/// A name that can be shown and stored anywhere: it cannot leave a folder, hide its end or have two forms.
///
/// # Errors
/// [`Rule::FileName`].
pub fn check_file_name(name: &str) -> Result<(), Rule> {
    let turns =
        |sign: char| matches!(sign, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let forbidden =
        |sign: char| sign.is_control() || turns(sign) || matches!(sign, '/' | '\\' | '\u{2028}' | '\u{2029}');
    let sound = !name.is_empty()
        && name.chars().count() <= FILE_NAME_MAX
        && name.trim() == name
        && !name.starts_with('.')
        && !name.chars().any(forbidden)
        && is_nfc(name);
    if sound { Ok(()) } else { Err(Rule::FileName) }
}

fn named_kind(name: &str) -> Result<FileKind, Rule> {
    check_file_name(name)?;
    FileKind::from_name(name).ok_or(Rule::FileKind)
}

/// The attachments of `content` (`TrescDokumentu`), with the digests that its `form` tells.
///
/// # Errors
/// A [`Rule`] about attachments, with its line.
pub(super) fn read(content: Element<'_>, form: Element<'_>) -> Result<Vec<Attachment>, Error> {
    let mut told = digests(form)?;
    let mut attachments: Vec<Attachment> = Vec::new();
    let mut inside = 0;
    for element in content.child(STR.name("Zalaczniki")).iter().flat_map(|list| list.all(STR.name("Zalacznik"))) {
        let attachment = one(element, &mut told)?;
        if attachments.iter().any(|other| other.name == attachment.name) {
            return Err(Rule::FileNameRepeated.at(element.line()));
        }
        inside += attachment.bytes().map_or(0, <[u8]>::len);
        if inside > INLINE_BYTES_SUM_MAX {
            return Err(Rule::FilesTooLarge.at(element.line()));
        }
        attachments.push(attachment);
    }
    match told.first() {
        Some((element, _)) => Err(Rule::FileDigestStray.at(element.line())),
        None => Ok(attachments),
    }
}

/// What the form says of files outside: each address once.
fn digests(form: Element<'_>) -> Result<Vec<(Element<'_>, StoredFile)>, Error> {
    let mut told: Vec<(Element<'_>, StoredFile)> = Vec::new();
    for element in form.all(CZ.name("SkrotZalacznika")) {
        let size = element.attribute("rozmiar").and_then(|size| size.trim().parse().ok());
        let (Some(id), Some(size), Some(sha256)) =
            (file_id(&element.attribute("uri").unwrap_or_default()), size, digest(&element.text()))
        else {
            return Err(Rule::FileAddress.at(element.line()));
        };
        if told.iter().any(|(_, other)| other.id == id) {
            return Err(Rule::FileDigestStray.at(element.line()));
        }
        told.push((element, StoredFile { id, size, sha256 }));
    }
    Ok(told)
}

/// One attachment; a digest that was told for it is taken out of `told`.
fn one(element: Element<'_>, told: &mut Vec<(Element<'_>, StoredFile)>) -> Result<Attachment, Error> {
    let broken = |rule: Rule| rule.at(element.line());
    let name = element.attribute("nazwaPliku").unwrap_or_default();
    let description = optional(element, STR.name("OpisZalacznika"));
    let data = required(element, STR.name("DaneZalacznika"))?;
    let attachment = if element.attribute("kodowanie").as_deref().map(str::trim) == Some("URI") {
        let id = file_id(&data.token()).ok_or_else(|| broken(Rule::FileAddress))?;
        let place = told.iter().position(|(_, file)| file.id == id).ok_or_else(|| broken(Rule::FileDigestMissing))?;
        Attachment::stored(&name, told.swap_remove(place).1, description)
    } else {
        let encoded: Vec<u8> = data.text().bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let content = STANDARD.decode(encoded).map_err(|_| broken(Rule::FileContent))?;
        Attachment::inline(&name, content, description)
    };
    let attachment = attachment.map_err(broken)?;
    let media = element.attribute("format").map(|media| collapse(&media)).unwrap_or_default();
    if FileKind::from_media(&media) == Some(attachment.kind) { Ok(attachment) } else { Err(broken(Rule::FileKind)) }
}

fn file_id(address: &str) -> Option<Uuid> {
    // One spelling: an address is compared as text by others.
    let text = address.trim().strip_prefix(FILE_URN)?;
    Uuid::parse_str(text).ok().filter(|id| id.to_string() == text)
}

/// The digests of files outside, as the last children of the form.
pub(super) fn write_digests(attachments: &[Attachment], out: &mut Writer) {
    for file in attachments.iter().filter_map(Attachment::file) {
        let attributes = [Attr::Plain("uri", &file.address()), Attr::Plain("rozmiar", &file.size.to_string())];
        out.open_with(CZ.name("SkrotZalacznika"), &attributes);
        out.text(&digest_text(&file.sha256));
        out.close();
    }
}

/// `str:Zalaczniki`, unless there are none.
pub(super) fn write(attachments: &[Attachment], out: &mut Writer) {
    if attachments.is_empty() {
        return;
    }
    out.element(STR.name("Zalaczniki"), |out| {
        for attachment in attachments {
            let encoding = if attachment.bytes().is_some() { "base64" } else { "URI" };
            let attributes = [
                Attr::Plain("format", attachment.kind.media()),
                Attr::Plain("kodowanie", encoding),
                Attr::Plain("nazwaPliku", &attachment.name),
            ];
            out.open_with(STR.name("Zalacznik"), &attributes);
            match &attachment.content {
                Content::Inline(bytes) => out.base64_element(STR.name("DaneZalacznika"), bytes),
                Content::Stored(file) => out.text_element(STR.name("DaneZalacznika"), &file.address()),
            }
            put_optional(out, STR.name("OpisZalacznika"), attachment.description());
            out.close();
        }
    });
}

/// Neither name nor content, which may tell of a person.
impl fmt::Debug for Attachment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Attachment({:?}, …)", self.kind)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inline(bytes) => write!(out, "Inline({} bytes)", bytes.len()),
            Self::Stored(file) => file.fmt(out),
        }
    }
}
