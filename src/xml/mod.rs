//! XML in and out: pre-scan, parse, element view, schemas, canonical form, canonical writer; no word of the domain's rules.

mod append;
mod canonical;
mod element;
mod error;
mod ids;
mod inclusions;
mod library;
mod limits;
pub mod names;
mod parse;
mod path;
mod places;
mod prescan;
mod records;
mod rewrite;
mod schema;
pub mod write;

pub use append::{append, insert};
pub use canonical::{
    Method, Omitted, canonical_bytes, canonicalize, canonicalize_around, canonicalize_document, canonicalize_omitting,
};
pub(crate) use element::collapse;
pub use element::{Attribute, Element};
pub use error::{Error, Position, Reason};
pub use ids::{Ids, ids, ids_with};
pub use inclusions::{Attachment, AttachmentReader, WRITTEN_BYTES_MAX, base64, base64_length};
pub use library::start;
pub use limits::Limits;
pub use names::*;
pub use parse::Document;
pub use places::Places;
pub use prescan::prescan;
pub use records::{Item, ItemReader, RootInfo};
pub use rewrite::rewrite;
pub use schema::{Schema, Violation};
pub use write::{Attr, Writer};

#[cfg(test)]
mod properties;
