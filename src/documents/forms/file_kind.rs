//! Which kinds of files may be attached, told by their content.

use memchr::memmem::find;

use crate::xml::{Document, Limits};

macro_rules! kinds {
    ($($(#[$about:meta])* $name:ident, $media:literal, [$($extension:literal),+];)*) => {
        /// A kind of file that may be attached.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FileKind { $($(#[$about])* $name,)* }

        impl FileKind {
            pub const ALL: &'static [FileKind] = &[$(FileKind::$name,)*];

            /// The MIME type in `format`.
            #[must_use]
            pub const fn media(self) -> &'static str {
                match self { $(Self::$name => $media,)* }
            }

            /// How the names of such files end, in lower case; the usual one first.
            #[must_use]
            pub const fn extensions(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($extension),+],)* }
            }
        }
    };
}

kinds! {
    Pdf, "application/pdf", ["pdf"];
    Xml, "text/xml", ["xml"];
    Txt, "text/plain", ["txt"];
    Csv, "text/csv", ["csv"];
    Png, "image/png", ["png"];
    Jpg, "image/jpeg", ["jpg", "jpeg"];
    Odt, "application/vnd.oasis.opendocument.text", ["odt"];
    Docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["docx"];
}

impl FileKind {
    /// The kind with this MIME type.
    #[must_use]
    pub fn from_media(media: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.media() == media)
    }

    /// The kind that a file's name promises.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        Self::ALL.iter().copied().find(|kind| kind.extensions().contains(&extension.as_str()))
    }

    /// Whether the first bytes of a file, or all of them, are of this kind.
    ///
    /// Lines of text and tables look alike, so both are only text. An XML file is one that the gateway would parse.
    #[must_use]
    pub fn fits(self, content: &[u8]) -> bool {
        match self {
            Self::Pdf => content.starts_with(b"%PDF-"),
            Self::Png => content.starts_with(b"\x89PNG\r\n\x1A\n"),
            Self::Jpg => content.starts_with(b"\xFF\xD8\xFF"),
            // ODF 1.2 part 3 §3.3: the first member is `mimetype`, stored as it is, without an extra field.
            Self::Odt => content.starts_with(ZIP) && content.get(30..).is_some_and(|rest| rest.starts_with(ODT)),
            // ECMA-376 part 2: the package lists its parts in this member.
            Self::Docx => {
                let has = |name: &str| find(content, name.as_bytes()).is_some();
                content.starts_with(ZIP) && has("[Content_Types].xml") && has("word/document.xml")
            }
            Self::Xml => {
                let limits = Limits { bytes: content.len(), ..Limits::default() };
                Document::parse(content, &limits).is_ok()
            }
            Self::Txt | Self::Csv => is_text(content),
        }
    }
}

const ZIP: &[u8] = b"PK\x03\x04";
const ODT: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.text";

/// UTF-8 without controls other than tab and line ends.
fn is_text(content: &[u8]) -> bool {
    let is_plain = |sign: char| !sign.is_control() || matches!(sign, '\t' | '\n' | '\r');
    std::str::from_utf8(content).is_ok_and(|text| text.chars().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &[u8], kinds: &[FileKind]) {
        let fitting: Vec<_> = FileKind::ALL.iter().copied().filter(|kind| kind.fits(content)).collect();
        assert_eq!(fitting, kinds, "{:?}", String::from_utf8_lossy(content));
    }

    #[test]
    fn a_file_is_told_by_its_content() {
        let header = [b"PK\x03\x04".as_slice(), &[0; 26]].concat();
        check(b"%PDF-1.7\n\xE2\xE3", &[FileKind::Pdf]);
        check(b"\x89PNG\r\n\x1A\n\0", &[FileKind::Png]);
        check(b"\xFF\xD8\xFF\xE0", &[FileKind::Jpg]);
        check("ż;1\r\n".as_bytes(), &[FileKind::Txt, FileKind::Csv]);
        check("<a>ż</a>".as_bytes(), &[FileKind::Xml, FileKind::Txt, FileKind::Csv]);
        check(&[&header, ODT, b"\0PK"].concat(), &[FileKind::Odt]);
        check(&[&header, b"[Content_Types].xml\0word/document.xml".as_slice()].concat(), &[FileKind::Docx]);
    }

    #[test]
    fn what_only_resembles_a_kind_is_none() {
        check(b"MZ\x90\0", &[]);
        check(b" %PDF-1.7\0", &[]);
        check(b"PK\x03\x04\0", &[]);
        check(&[b"PK\x03\x04".as_slice(), &[0; 26], b"mimetypeapplication/epub+zip"].concat(), &[]);
        check(b"\xFF\xFE", &[]);
        check(b"<!DOCTYPE a><a/>", &[FileKind::Txt, FileKind::Csv]);
        check(b"a\x1B[2J", &[]);
    }

    #[test]
    fn a_name_promises_a_kind_by_its_last_dot() {
        for (name, kind) in [
            ("a.pdf", Some(FileKind::Pdf)),
            ("A.JPEG", Some(FileKind::Jpg)),
            ("a.pdf.exe", None),
            ("a.exe.pdf", Some(FileKind::Pdf)),
            ("pdf", None),
            ("", None),
        ] {
            assert_eq!(FileKind::from_name(name), kind, "{name}");
        }
    }
}
