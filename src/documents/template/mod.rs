//! Templates: a closed grammar without expressions (`urn:brama:szablon:1`), checked before anything is filled in (rule 12.8).
//!
//! A [`Template`] comes from [`Checker::check`] alone, with every name resolved, so filling one can neither miss a field nor
//! read one outside the template's scope.

pub mod defaults;
mod facts;
mod fields;
mod fill;
mod finding;
mod read;
mod resolve;
mod shape;

pub use facts::{DocumentFacts, DocumentKind, Facts, Party, Period, RequestFacts, RequestKind, Signer};
pub use fields::{Field, FieldContent, Fields, Listed};
pub use fill::FillError;
pub use finding::{Code, Finding};

use crate::contract::XSD;
use crate::disclosure::{Catalogue, Scope, SetKind};
use crate::xml::{self, Document, Limits, Places, S, Schema};
use read::Reader;
use shape::Block;

/// Size of a template in bytes, at most.
pub const BYTES_MAX: usize = 256 * 1024;
/// Elements of a template, at most.
pub const ELEMENTS_MAX: usize = 2000;
/// Loops, conditions, tables and lists inside each other, at most.
pub const NESTING_MAX: usize = 5;
/// Rows and repetitions of one filled template, at most.
pub const ROWS_MAX: usize = 10_000;
/// Text of one filled template in bytes, at most: a document of 5 MiB has room for it beside its attachments.
pub const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A request; it knows no record.
    Request,
    /// A certificate or information about a person who is in the set.
    Certificate,
    /// A certificate or information that the person is not in the set; it knows no record.
    NotInSet,
}

impl Purpose {
    pub const ALL: [Self; 3] = [Self::Request, Self::Certificate, Self::NotInSet];

    /// The word on the wire.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Request => "WNIOSEK",
            Self::Certificate => "ZASWIADCZENIE",
            Self::NotInSet => "BRAK_OSOBY",
        }
    }

    /// The purpose behind a word of the wire.
    #[must_use]
    pub fn parse(wire: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.wire() == wire)
    }
}

/// A template in which nothing is wrong.
#[derive(Debug, Clone)]
pub struct Template {
    identifier: String,
    version: u64,
    purpose: Purpose,
    kind: Option<SetKind>,
    scope: Scope,
    blocks: Vec<Block>,
}

impl Template {
    /// Its name with the office that has it, e.g. `PUP-STATUS`.
    #[must_use]
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// Counted from 1.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The kind of set that it is about; none for a request that goes to every kind.
    #[must_use]
    pub const fn kind(&self) -> Option<SetKind> {
        self.kind
    }

    /// The leaves of the record that it reads, those of conditions and of the dates of periods among them.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Checks templates against the schema and the known fields.
#[derive(Debug)]
pub struct Checker {
    schema: Schema,
}

impl Checker {
    /// # Errors
    /// [`xml::Error::Schema`] when the embedded contract is broken.
    pub fn new() -> Result<Self, xml::Error> {
        Schema::compile("szablon.xsd", XSD).map(|schema| Self { schema })
    }

    /// Reads a template.
    ///
    /// # Errors
    /// Everything that is wrong with it in the order of the file, never nothing. A file that breaks the schema is judged
    /// by the schema alone.
    pub fn check(&self, bytes: &[u8], catalogue: &Catalogue) -> Result<Template, Vec<Finding>> {
        let document = Document::parse(bytes, &limits()).map_err(|error| vec![Finding::of_xml(&error)])?;
        let root = document.root();
        let places = Places::of(bytes, root);
        if !root.is(S.name("Szablon")) {
            let text = "Elementem głównym nie jest s:Szablon z przestrzeni urn:brama:szablon:1.";
            return Err(vec![Finding::new(places.at(root), Code::NotTheSchema, text)]);
        }
        let violations = self.schema.validate(root, root);
        if !violations.is_empty() {
            let finding = |violation: &xml::Violation| {
                let at = places.of_path(&violation.path).unwrap_or(xml::Position { line: violation.line, column: 1 });
                Finding::new(at, Code::NotTheSchema, violation.text.clone())
            };
            return Err(violations.iter().map(finding).collect());
        }
        Reader::new(&places, catalogue, root)?.template(root)
    }
}

/// What the pre-scan lets through: no DOCTYPE in any case, no processing instruction, bounded size.
fn limits() -> Limits {
    // Each nested block has at most two elements around it (`s:Jezeli`, `s:Inaczej`); more is refused with its place later.
    Limits { bytes: BYTES_MAX, depth: 32, elements: ELEMENTS_MAX, instructions: false, ..Limits::default() }
}

#[cfg(test)]
mod tests;
