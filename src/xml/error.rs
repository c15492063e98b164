//! What can go wrong with a document, told in sentences that hold no value from it.

use crate::problem::{Code, Detail, Problem};

/// A place in a document; both numbers count from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Position {
    /// Where `offset` lies in `bytes`.
    #[must_use]
    pub fn in_bytes(bytes: &[u8], offset: usize) -> Self {
        Self { line: 1, column: 1 }.after(&bytes[..offset.min(bytes.len())])
    }

    /// The place behind `passed`, which begins here.
    #[must_use]
    pub fn after(self, passed: &[u8]) -> Self {
        passed.split(|&byte| byte == b'\n').enumerate().fold(self, |at, (index, line)| {
            // A character is counted at its first byte: UTF-8 continuation bytes are 10xxxxxx.
            let columns = number(line.iter().filter(|&&byte| byte & 0xC0 != 0x80).count());
            if index == 0 {
                Self { line: at.line, column: at.column.saturating_add(columns) }
            } else {
                Self { line: at.line.saturating_add(1), column: columns.saturating_add(1) }
            }
        })
    }
}

/// A count as it is reported: saturating, because a wrong place must not become a failure.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Why a document is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    NotUtf8,
    OtherEncoding,
    OtherVersion,
    Doctype,
    Depth,
    Attributes,
    Namespaces,
    Elements,
    NoRoot,
    Unclosed,
    UnmatchedTag,
    OutsideRoot,
    UnexpectedText,
    UndeclaredPrefix,
    RepeatedAttribute,
    UnknownEntity,
    ForbiddenCharacter,
    ItemTooLarge,
    Instruction,
    Inclusion,
    SignaturePlace,
    Syntax,
}

impl Reason {
    /// The sentence for the caller.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotUtf8 => "Dokument nie jest zapisany w UTF-8.",
            Self::OtherEncoding => "Deklaracja XML podaje inne kodowanie niż UTF-8.",
            Self::OtherVersion => "Dokument nie jest w wersji XML 1.0.",
            Self::Doctype => "Deklaracja DOCTYPE jest niedozwolona.",
            Self::Depth => "Elementy są zagnieżdżone zbyt głęboko.",
            Self::Attributes => "Element ma zbyt wiele atrybutów.",
            Self::Namespaces => "Zadeklarowano zbyt wiele przestrzeni nazw.",
            Self::Elements => "Dokument ma zbyt wiele elementów.",
            Self::NoRoot => "Dokument nie ma elementu głównego.",
            Self::Unclosed => "Dokument kończy się przed zamknięciem elementu.",
            Self::UnmatchedTag => "Znacznik końcowy nie odpowiada początkowemu.",
            Self::OutsideRoot => "Poza elementem głównym jest niedozwolona treść.",
            Self::UnexpectedText => "W tym miejscu tekst jest niedozwolony.",
            Self::UndeclaredPrefix => "Użyto niezadeklarowanego prefiksu przestrzeni nazw.",
            Self::RepeatedAttribute => "Element ma dwa atrybuty o tej samej nazwie.",
            Self::UnknownEntity => "Użyto niezdefiniowanej encji.",
            Self::ForbiddenCharacter => "Dokument zawiera znak niedozwolony w XML.",
            Self::ItemTooLarge => "Element przekracza dopuszczalny rozmiar.",
            Self::Instruction => "Instrukcje przetwarzania są w komunikacie niedozwolone.",
            Self::Inclusion => "Element xop:Include musi wskazywać (href=\"cid:…\") część tego komunikatu, każdy inną.",
            Self::SignaturePlace => "Podpis stoi w miejscu, którego wzór dokumentu nie przewiduje.",
            Self::Syntax => "Dokument nie jest poprawnie zbudowany.",
        }
    }
}

/// The errors of this room.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The document is not acceptable XML.
    #[error("document refused: {reason:?} at line {}, column {}", at.line, at.column)]
    Refused { reason: Reason, at: Position },
    /// The document has more bytes than `limit`.
    #[error("document larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// Two elements bear the same identifier; the second stands at `line`.
    #[error("identifier used twice, again at line {line}")]
    DuplicateId { line: u32 },
    /// The canonical form of this document is not defined, e.g. a namespace name is relative.
    #[error("no canonical form: {0}")]
    Canonical(String),
    /// A schema of ours does not compile or is not complete.
    #[error("schema {file}: {reason}")]
    Schema { file: String, reason: String },
    /// The bytes could not be read.
    #[error("cannot read the document")]
    Io(#[source] std::io::Error),
    /// libxml2 gave nothing, which happens only without memory.
    #[error("libxml2 failed: {0}")]
    Library(&'static str),
}

impl Error {
    pub(super) const fn refused(reason: Reason, at: Position) -> Self {
        Self::Refused { reason, at }
    }

    /// Where the document is wrong, when that is known.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        match self {
            Self::Refused { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// The sentence for the caller.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Refused { reason, .. } => reason.sentence(),
            Self::TooLarge { .. } => Code::MessageTooLarge.sentence(),
            Self::DuplicateId { .. } => "Dwa elementy mają ten sam identyfikator.",
            Self::Canonical(_) => "Dokument nie ma postaci kanonicznej.",
            Self::Schema { .. } | Self::Io(_) | Self::Library(_) => Code::Internal.sentence(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.sentence().to_owned();
        match &error {
            Error::Refused { at, .. } => Self::new(Code::MalformedXml).detail(Detail {
                line: Some(at.line),
                column: Some(at.column),
                text,
                ..Detail::default()
            }),
            Error::DuplicateId { line } => {
                Self::new(Code::MalformedXml).detail(Detail { line: Some(*line), text, ..Detail::default() })
            }
            Error::Canonical(_) => Self::new(Code::MalformedXml).explain(text),
            Error::TooLarge { .. } => Self::new(Code::MessageTooLarge),
            Error::Schema { .. } | Error::Io(_) | Error::Library(_) => return Self::internal(error),
        }
        .caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, offset: usize, line: u32, column: u32) {
        assert_eq!(Position::in_bytes(text.as_bytes(), offset), Position { line, column }, "{text:?} at {offset}");
    }

    #[test]
    fn a_position_counts_lines_and_characters_from_one() {
        check("", 0, 1, 1);
        check("ab", 1, 1, 2);
        check("a\nb", 2, 2, 1);
        check("ąę<", "ąę".len(), 1, 3);
        check("a\n\nść", 99, 3, 3);
    }

    #[test]
    fn a_refusal_tells_the_caller_where_and_why() {
        let at = Position { line: 3, column: 7 };
        let problem = Problem::from(Error::refused(Reason::Doctype, at));
        assert_eq!(problem.code, Code::MalformedXml);
        assert_eq!(problem.details[0].line, Some(3));
        assert_eq!(problem.details[0].text, "Deklaracja DOCTYPE jest niedozwolona.");
        assert_eq!(Problem::from(Error::TooLarge { limit: 1 }).code, Code::MessageTooLarge);
        assert_eq!(Problem::from(Error::Library("x")).code, Code::Internal);
    }
}
