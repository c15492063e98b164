//! The PESEL number: form, check digit, and the birth date and sex written in it.

use std::fmt;

use chrono::NaiveDate;

use super::Error;

/// Sex as the registers record it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    Female,
    Male,
}

impl Sex {
    /// The letter on the wire: `K` or `M`.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Female => "K",
            Self::Male => "M",
        }
    }

    /// The sex behind a letter of the wire.
    #[must_use]
    pub fn parse(wire: &str) -> Option<Self> {
        [Self::Female, Self::Male].into_iter().find(|sex| sex.wire() == wire)
    }
}

/// A PESEL number.
///
/// Invariant: eleven ASCII digits whose check digit holds and whose date exists.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pesel {
    digits: String,
    birth_date: NaiveDate,
}

impl Pesel {
    /// Reads a number; no white space, no separators.
    ///
    /// # Errors
    /// [`Error::PeselForm`], [`Error::PeselCheckDigit`] or [`Error::PeselDate`], in this order.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let digits: [u8; 11] = text.as_bytes().try_into().map_err(|_| Error::PeselForm)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(Error::PeselForm);
        }
        let digits = digits.map(|digit| digit - b'0');
        let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
        if !sum.is_multiple_of(10) {
            return Err(Error::PeselCheckDigit);
        }
        let birth_date = birth_date(&digits).ok_or(Error::PeselDate)?;
        Ok(Self { digits: text.to_owned(), birth_date })
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// The day of birth written in the number.
    #[must_use]
    pub const fn birth_date(&self) -> NaiveDate {
        self.birth_date
    }

    /// The sex written in the number: its tenth digit is even for women.
    #[must_use]
    pub fn sex(&self) -> Sex {
        if (self.digits.as_bytes()[9] - b'0').is_multiple_of(2) { Sex::Female } else { Sex::Male }
    }
}

/// The check digit has weight 1, so the sum over all digits is a multiple of ten.
const WEIGHTS: [u32; 11] = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];

/// The month carries the century: 1800 +80, 1900 +0, 2000 +20, 2100 +40, 2200 +60.
fn birth_date(digits: &[u8; 11]) -> Option<NaiveDate> {
    const CENTURIES: [i32; 5] = [1900, 2000, 2100, 2200, 1800];
    let pair = |at: usize| u32::from(digits[at] * 10 + digits[at + 1]);
    let (year, month, day) = (pair(0), pair(2), pair(4));
    let century = CENTURIES.get((month / 20) as usize)?;
    NaiveDate::from_ymd_opt(century + i32::try_from(year).ok()?, month % 20, day)
}

/// Shows no digit: numbers of persons do not belong in logs.
impl fmt::Debug for Pesel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Pesel(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn holds(text: &str, birth_date: &str, sex: Sex) {
        let pesel = Pesel::parse(text).unwrap();
        assert_eq!(pesel.birth_date().to_string(), birth_date, "{text}");
        assert_eq!(pesel.sex(), sex, "{text}");
        assert_eq!(pesel.as_str(), text);
    }

    #[track_caller]
    fn fails(text: &str, error: Error) {
        assert_eq!(Pesel::parse(text), Err(error), "{text:?}");
    }

    #[test]
    fn published_examples_hold() {
        holds("44051401359", "1944-05-14", Sex::Male);
        holds("44051401458", "1944-05-14", Sex::Male);
        holds("02070803628", "1902-07-08", Sex::Female);
        holds("49040501580", "1949-04-05", Sex::Female);
        holds("90090515836", "1990-09-05", Sex::Male);
        holds("92071314764", "1992-07-13", Sex::Female);
        holds("31121648239", "1931-12-16", Sex::Male);
    }

    #[test]
    fn the_month_carries_the_century() {
        holds("18810100014", "1818-01-01", Sex::Male);
        holds("99123100010", "1999-12-31", Sex::Male);
        holds("00210100011", "2000-01-01", Sex::Male);
        holds("04222900007", "2004-02-29", Sex::Female);
        holds("00410100017", "2100-01-01", Sex::Male);
        holds("00610100013", "2200-01-01", Sex::Male);
        holds("85831541742", "1885-03-15", Sex::Female);
        holds("71822823375", "1871-02-28", Sex::Male);
    }

    #[test]
    fn a_right_check_digit_does_not_make_a_day() {
        for text in ["00000000000", "02222900003", "00400100009", "00600100005", "99203100004"] {
            fails(text, Error::PeselDate);
        }
    }

    #[test]
    fn a_wrong_check_digit_is_refused() {
        for text in ["12345678901", "97082123152", "85031500008"] {
            fails(text, Error::PeselCheckDigit);
        }
    }

    #[test]
    fn only_eleven_ascii_digits_are_a_number() {
        for text in ["", "8583154174", "858315417420", "8583154174X", " 85831541742", "٨٥٨٣١٥٤١٧٤٢", "85831541742\n"]
        {
            fails(text, Error::PeselForm);
        }
    }

    #[test]
    fn debug_output_shows_no_digit() {
        let shown = format!("{:?}", Pesel::parse("85831541742"));
        assert!(!shown.contains(|c: char| c.is_ascii_digit()), "{shown}");
    }
}
