//! What is written is read back the same, is canonical and valid to a foreign judge; what is wrong is refused by its rule and line.

mod judges;
mod others;
mod properties;
mod refusals;
mod samples;

use std::sync::OnceLock;

use super::*;
use crate::xml::{Method, canonical_bytes};

/// The compiled forms, for all tests.
fn forms() -> &'static Forms {
    static FORMS: OnceLock<Forms> = OnceLock::new();
    FORMS.get_or_init(|| Forms::compile().expect("the contract compiles"))
}

fn written(form: &Form) -> Vec<u8> {
    forms().write(form).unwrap_or_else(|error| panic!("{form:?}: {error:?}"))
}

#[test]
fn every_document_comes_back_the_same_and_is_canonical() {
    for (name, form) in samples::all() {
        let bytes = written(&form);
        let document = parse(&bytes).expect("XML");
        assert!(forms().read(&document).expect("valid") == form, "{name}");
        assert!(canonical_bytes(document.root(), Method::Exclusive).expect("canonical") == bytes, "{name}");
    }
}
