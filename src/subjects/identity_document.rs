//! Identity documents: their kinds and the check digits of their numbers.

use std::fmt;

use super::Error;
use super::normal::document_number;

/// Kind of an identity document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    IdentityCard,
    Passport,
    ResidenceCard,
    Other,
}

impl DocumentKind {
    pub const ALL: [Self; 4] = [Self::IdentityCard, Self::Passport, Self::ResidenceCard, Self::Other];

    /// The word on the wire, e.g. `DOWOD`.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::IdentityCard => "DOWOD",
            Self::Passport => "PASZPORT",
            Self::ResidenceCard => "KARTA_POBYTU",
            Self::Other => "INNY",
        }
    }

    /// The kind behind a word of the wire.
    #[must_use]
    pub fn parse(wire: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.wire() == wire)
    }
}

/// A document of one kind with a number that is possible for this kind.
///
/// Invariant: the number is normalised (rule 4.2), so equality is equality of documents.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityDocument {
    kind: DocumentKind,
    number: String,
}

impl IdentityDocument {
    /// Reads a number as written by people: case, spaces and hyphens do not count.
    ///
    /// Polish identity cards and passports have a check digit; other documents have none that is common to all countries.
    ///
    /// # Errors
    /// [`Error::DocumentForm`] or [`Error::DocumentCheckDigit`].
    pub fn parse(kind: DocumentKind, number: &str) -> Result<Self, Error> {
        let number = document_number(number);
        match kind {
            DocumentKind::IdentityCard => check(&number, 3)?,
            DocumentKind::Passport => check(&number, 2)?,
            DocumentKind::ResidenceCard | DocumentKind::Other if number.is_empty() => return Err(Error::DocumentForm),
            DocumentKind::ResidenceCard | DocumentKind::Other => (),
        }
        Ok(Self { kind, number })
    }

    #[must_use]
    pub const fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The number in its normalised form.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }
}

/// Nine signs, first `letters` letters (A=10 … Z=35), then digits, the first of which is the check digit.
///
/// Weights 7 3 1 run over the other signs; the check digit has weight 9, so the sum is a multiple of ten.
fn check(number: &str, letters: usize) -> Result<(), Error> {
    let signs: &[u8; 9] = number.as_bytes().try_into().map_err(|_| Error::DocumentForm)?;
    let (front, back) = signs.split_at(letters);
    if !front.iter().all(u8::is_ascii_uppercase) || !back.iter().all(u8::is_ascii_digit) {
        return Err(Error::DocumentForm);
    }
    let mut weights = [7, 3, 1].into_iter().cycle();
    let sum: u32 = signs
        .iter()
        .enumerate()
        .map(|(at, sign)| {
            let value = if sign.is_ascii_digit() { sign - b'0' } else { sign - b'A' + 10 };
            let weight = if at == letters { 9 } else { weights.next().unwrap_or_default() };
            u32::from(value) * weight
        })
        .sum();
    if sum.is_multiple_of(10) { Ok(()) } else { Err(Error::DocumentCheckDigit) }
}

/// Shows the kind alone: numbers of persons do not belong in logs.
impl fmt::Debug for IdentityDocument {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "IdentityDocument({}, …)", self.kind.wire())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: DocumentKind, number: &str, expected: Result<&str, Error>) {
        let read = IdentityDocument::parse(kind, number);
        assert_eq!(read.as_ref().map(IdentityDocument::number).map_err(|error| *error), expected, "{number:?}");
    }

    #[test]
    fn identity_cards_have_their_check_digit_in_the_fourth_place() {
        for number in ["ABA300000", "ABS123456", "ABC523456", "ZZC610010"] {
            check(DocumentKind::IdentityCard, number, Ok(number));
        }
        for number in ["ABA300001", "APP093939"] {
            check(DocumentKind::IdentityCard, number, Err(Error::DocumentCheckDigit));
        }
    }

    #[test]
    fn passports_have_their_check_digit_in_the_third_place() {
        for number in ["ZS0000177", "EP5200000", "EH2000001"] {
            check(DocumentKind::Passport, number, Ok(number));
        }
        check(DocumentKind::Passport, "AB1234567", Err(Error::DocumentCheckDigit));
    }

    #[test]
    fn people_write_spaces_hyphens_and_small_letters() {
        check(DocumentKind::IdentityCard, " aba 300-000 ", Ok("ABA300000"));
        check(DocumentKind::Passport, "ep 5200000", Ok("EP5200000"));
    }

    #[test]
    fn the_form_is_that_of_the_kind() {
        for number in ["", "ABA30000", "ABA3000000", "AB1234567", "ABAX00000", "ĄBA300000", "ABAĆ0000"] {
            check(DocumentKind::IdentityCard, number, Err(Error::DocumentForm));
        }
        check(DocumentKind::Passport, "ABA300000", Err(Error::DocumentForm));
    }

    #[test]
    fn foreign_documents_have_free_numbers() {
        check(DocumentKind::ResidenceCard, "RR 1234567", Ok("RR1234567"));
        check(DocumentKind::Other, "x/17", Ok("X/17"));
        check(DocumentKind::Other, " - ", Err(Error::DocumentForm));
    }

    #[test]
    fn kinds_are_found_by_their_words() {
        for kind in DocumentKind::ALL {
            assert_eq!(DocumentKind::parse(kind.wire()), Some(kind));
        }
        assert_eq!(DocumentKind::parse("dowod"), None);
    }
}
