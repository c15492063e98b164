//! PESEL and document numbers with right check digits, each given once.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};

use super::random::Random;
use crate::documents::exchange::person::{DocumentKind, IdentityDocument, Sex};

/// Gives numbers and remembers them, so that no two persons share one.
#[derive(Default)]
pub struct Identifiers {
    given: HashSet<String>,
}

impl Identifiers {
    /// A PESEL of the nineteenth century: the month has 80 added, so no living person can have it.
    pub fn pesel(&mut self, random: &mut Random, born: NaiveDate, sex: Sex) -> String {
        let last_bit = match sex {
            Sex::Female => 0,
            Sex::Male => 1,
        };
        self.once(|| {
            let serial = random.below(1000);
            let digit = 2 * random.below(5) + last_bit;
            let ten = format!("{:02}{:02}{:02}{serial:03}{digit}", born.year() - 1800, born.month() + 80, born.day());
            let check = (10 - weighted(&ten, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10;
            format!("{ten}{check}")
        })
    }

    /// A document of the kind, its check digit right where the kind has one.
    pub fn document(&mut self, random: &mut Random, kind: DocumentKind) -> IdentityDocument {
        let number = self.once(|| match kind {
            DocumentKind::IdentityCard => {
                checked(&letters(random, 3), &[7, 3, 1], &digits(random, 5), &[7, 3, 1, 7, 3])
            }
            DocumentKind::Passport => checked(&letters(random, 2), &[7, 3], &digits(random, 6), &[1, 7, 3, 1, 7, 3]),
            DocumentKind::ResidenceCard => format!("RR{}", digits(random, 7)),
            DocumentKind::Other => format!("TEST {}/{}", digits(random, 4), digits(random, 2)),
        });
        IdentityDocument { kind, number }
    }

    fn once(&mut self, mut draw: impl FnMut() -> String) -> String {
        loop {
            let number = draw();
            if self.given.insert(number.clone()) {
                return number;
            }
        }
    }

    /// Marks a number as given to somebody.
    pub fn reserve(&mut self, number: &str) {
        self.given.insert(number.to_owned());
    }
}

/// Series, check digit, number: the form of Polish identity cards and passports.
fn checked(series: &str, series_weights: &[u32], number: &str, number_weights: &[u32]) -> String {
    let check = (weighted(series, series_weights) + weighted(number, number_weights)) % 10;
    format!("{series}{check}{number}")
}

/// Sum of weights times values; a letter counts from A = 10.
fn weighted(text: &str, weights: &[u32]) -> u32 {
    text.chars().zip(weights).map(|(sign, weight)| sign.to_digit(36).unwrap_or(0) * weight).sum()
}

/// Letters of document series; O and Q are not used.
fn letters(random: &mut Random, count: usize) -> String {
    (0..count).map(|_| char::from(random.pick(b"ABCDEFGHIJKLMNPRSTUVWXYZ"))).collect()
}

fn digits(random: &mut Random, count: usize) -> String {
    (0..count).map(|_| char::from(random.pick(b"0123456789"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subjects;

    #[test]
    fn check_digits_are_those_of_known_documents() {
        assert_eq!(checked("ABS", &[7, 3, 1], "23456", &[7, 3, 1, 7, 3]), "ABS123456");
        assert_eq!(checked("ZZC", &[7, 3, 1], "10010", &[7, 3, 1, 7, 3]), "ZZC610010");
        assert_eq!(checked("ZS", &[7, 3], "000177", &[1, 7, 3, 1, 7, 3]), "ZS0000177");
    }

    #[test]
    fn a_pesel_says_the_birth_date_and_the_sex() {
        let born = NaiveDate::from_ymd_opt(1885, 3, 15).expect("a day");
        let mut identifiers = Identifiers::default();
        let pesel = identifiers.pesel(&mut Random::of(1, 1), born, Sex::Male);
        let parsed = subjects::Pesel::parse(&pesel).expect("a right check digit");
        assert_eq!((parsed.birth_date(), parsed.sex()), (born, subjects::Sex::Male));
    }

    #[test]
    fn no_number_is_given_twice() {
        let born = NaiveDate::from_ymd_opt(1885, 3, 15).expect("a day");
        let mut identifiers = Identifiers::default();
        let given: HashSet<String> =
            (0..500).map(|person| identifiers.pesel(&mut Random::of(1, person), born, Sex::Female)).collect();
        assert_eq!(given.len(), 500);
    }
}
