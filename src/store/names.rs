//! The forms of names in the registers, as the contract's simple types fix them.

use super::Error;

/// Whether `text` is an `Identyfikator`: a unit, system, login, group or administrator. It is also safe as a folder's name.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= 64
        && bytes.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte))
}

/// Whether `text` is a `Zbior`: two identifiers with a slash between.
#[must_use]
pub fn is_set_id(text: &str) -> bool {
    text.split_once('/').is_some_and(|(owner, name)| is_identifier(owner) && is_identifier(name))
}

/// Whether `text` is a `KodPodstawy`.
#[must_use]
pub fn is_basis_code(text: &str) -> bool {
    let mut bytes = text.bytes();
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.len() <= 40 && bytes.next().is_some_and(plain) && bytes.all(|byte| plain(byte) || byte == b'-')
}

/// Whether `text` may stand as a `Tekst`: 1 to 200 characters, no control characters.
#[must_use]
pub fn is_text(text: &str) -> bool {
    (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control) && text.trim() == text
}

/// `Refused` with the name of the field unless `good`.
pub(super) fn require(good: bool, what: &str) -> Result<(), Error> {
    if good { Ok(()) } else { Err(Error::Refused(format!("{what} is not well formed"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(form(text), "{text:?} is good");
        }
        for text in bad {
            assert!(!form(text), "{text:?} is bad");
        }
    }

    #[test]
    fn names_have_the_forms_of_the_contract() {
        let (long, longer) = ("a".repeat(64), "a".repeat(65));
        check(is_identifier, &["PUP-BUSKO", "a", "j.k@x_y", &long], &["", ".", "..", "-a", "a/b", "ą", "a b", &longer]);
        check(is_set_id, &["OPS-BUSKO/pomoc"], &["pomoc", "/pomoc", "a/", "a/b/c", "../b"]);
        check(is_basis_code, &["UPS-105", "1"], &["", "ups", "-A", "A_B"]);
        check(is_text, &["Urząd"], &["", " a", "a\n"]);
    }
}
