//! Signatures of documents: a corpus made from a table, every verdict with a document, every sound document with a mutant.

#![allow(clippy::too_many_lines)] // a table of cases is one list

mod algorithms;
mod certificates;
mod command;
mod coverage;
mod draft;
mod foreign;
mod form;
mod hostile;
mod making;
mod scene;
mod sealing;
mod stamping;
mod table;
mod times;
mod token;
mod tokens;
mod wrapping;
