//! What is wrong with a template, and where.

use std::fmt;

use crate::xml::{self, Position, Reason};

/// One fault of a template; `text` is a Polish sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub at: Position,
    pub code: Code,
    pub text: String,
}

macro_rules! codes {
    ($($(#[$about:meta])* $name:ident, $wire:literal;)*) => {
        /// Closed list of the faults of templates.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$about])* $name,)* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word on the wire.
            #[must_use]
            pub const fn wire(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }
        }
    };
}

codes! {
    /// It is no XML that is accepted, or breaks the schema or a rule about shapes that the schema cannot say.
    NotTheSchema, "NIEZGODNY_ZE_SCHEMATEM";
    /// It is larger than a template may be.
    Limit, "LIMIT_SZABLONU";
    /// No field has this name here.
    FieldUnknown, "POLE_NIEZNANE";
    /// The field stands in a list and is read outside a loop over it.
    FieldOutsideLoop, "POLE_POZA_PETLA";
    /// A loop goes over something that is no list.
    LoopOverNoList, "PETLA_NIE_PO_LISCIE";
    /// A format, a comparison or a sum does not go with the kind of its field.
    FormatMismatch, "FORMAT_NIEZGODNY";
}

impl Finding {
    pub(super) fn new(at: Position, code: Code, text: impl Into<String>) -> Self {
        Self { at, code, text: text.into() }
    }

    /// What the pre-scan or the parser found.
    pub(super) fn of_xml(error: &xml::Error) -> Self {
        let code = match error {
            xml::Error::TooLarge { .. } | xml::Error::Refused { reason: Reason::Elements | Reason::Depth, .. } => {
                Code::Limit
            }
            _ => Code::NotTheSchema,
        };
        let text = match error {
            xml::Error::TooLarge { limit } => format!("Szablon ma więcej niż {limit} bajtów."),
            other => other.sentence().to_owned(),
        };
        Self::new(error.position().unwrap_or(Position { line: 1, column: 1 }), code, text)
    }
}

impl fmt::Display for Finding {
    /// `3:7 POLE_NIEZNANE Nie ma takiego pola.`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{} {} {}", self.at.line, self.at.column, self.code.wire(), self.text)
    }
}
