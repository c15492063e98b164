//! Signatures of documents: a corpus made from a table, every verdict with a document, every sound document with a mutant.

mod algorithms;
mod certificates;
mod coverage;
mod draft;
mod form;
mod hostile;
mod scene;
mod table;
mod times;
mod tokens;
mod wrapping;
