//! How values of the wire are written for people: dates, amounts, yes and no.

mod words;

use chrono::{Datelike, NaiveDate};

use super::exchange::values::{Amount, Day};
use crate::disclosure::ValueKind;

/// The space between digits and before the unit, where no line may end.
const NO_BREAK: char = '\u{a0}';
const MONTHS: [&str; 12] = [
    "stycznia",
    "lutego",
    "marca",
    "kwietnia",
    "maja",
    "czerwca",
    "lipca",
    "sierpnia",
    "września",
    "października",
    "listopada",
    "grudnia",
];

/// A way to write a value; the words are those of templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `03.03.2026`
    Day,
    /// `3 marca 2026 r.`
    DayInWords,
    /// `1 234,56 zł`
    Amount,
    /// `jeden tysiąc dwieście trzydzieści cztery złote 56/100`
    AmountInWords,
    /// `tak`, `nie`
    YesNo,
}

/// The value is not of the kind that the format is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a value is not of the kind that its field has")]
pub struct NotOfKind;

impl Format {
    pub const ALL: [Self; 5] = [Self::Day, Self::DayInWords, Self::Amount, Self::AmountInWords, Self::YesNo];

    /// The word in templates.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Day => "data",
            Self::DayInWords => "dataSlownie",
            Self::Amount => "kwota",
            Self::AmountInWords => "kwotaSlownie",
            Self::YesNo => "takNie",
        }
    }

    #[must_use]
    pub fn parse(wire: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.wire() == wire)
    }

    /// Whether values of this kind can be written so.
    #[must_use]
    pub const fn fits(self, kind: &ValueKind) -> bool {
        matches!(
            (self, kind),
            (Self::Day | Self::DayInWords, ValueKind::Day)
                | (Self::Amount | Self::AmountInWords, ValueKind::Amount)
                | (Self::YesNo, ValueKind::YesNo)
        )
    }

    /// Writes a value of the wire.
    ///
    /// # Errors
    /// [`NotOfKind`] when the text is no such value.
    pub fn write(self, text: &str) -> Result<String, NotOfKind> {
        match self {
            Self::Day => day(text).map(|day| day.format("%d.%m.%Y").to_string()),
            Self::DayInWords => day(text).map(day_in_words),
            Self::Amount => grosze(text).map(amount),
            Self::AmountInWords => grosze(text).map(amount_in_words),
            Self::YesNo => match text {
                "true" => Ok("tak".to_owned()),
                "false" => Ok("nie".to_owned()),
                _ => Err(NotOfKind),
            },
        }
    }
}

/// Writes a value as its kind is written when nothing else is said: a word of a closed list as people say it.
///
/// # Errors
/// [`NotOfKind`] when the text is no value of the kind.
pub fn plain(kind: &ValueKind, text: &str) -> Result<String, NotOfKind> {
    match kind {
        ValueKind::Text => Ok(text.to_owned()),
        ValueKind::Day => Format::Day.write(text),
        ValueKind::Amount => Format::Amount.write(text),
        ValueKind::YesNo => Format::YesNo.write(text),
        ValueKind::Words(words) => {
            words.iter().find(|(word, _)| word == text).map(|(_, shown)| shown.clone()).ok_or(NotOfKind)
        }
    }
}

/// The day that a text of the wire names.
///
/// # Errors
/// [`NotOfKind`] when it names none.
pub fn day(text: &str) -> Result<NaiveDate, NotOfKind> {
    // chrono would take 2026-3-3 as well.
    (text.len() == "RRRR-MM-DD".len()).then(|| text.parse().ok()).flatten().map(|Day(day)| day).ok_or(NotOfKind)
}

/// The amount of a text of the wire.
///
/// # Errors
/// [`NotOfKind`] when it is none.
pub fn grosze(text: &str) -> Result<u64, NotOfKind> {
    text.parse().map(|Amount(grosze)| grosze).map_err(|_| NotOfKind)
}

/// An amount with groups of three digits: `12 345 678,90 zł`.
#[must_use]
pub fn amount(grosze: u64) -> String {
    let digits = (grosze / 100).to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(NO_BREAK);
        }
        text.push(digit);
    }
    text + &format!(",{:02}{NO_BREAK}zł", grosze % 100)
}

fn amount_in_words(grosze: u64) -> String {
    let zloty = grosze / 100;
    format!("{} {} {:02}/100", words::in_words(zloty), words::form(zloty, words::ZLOTY), grosze % 100)
}

fn day_in_words(day: NaiveDate) -> String {
    format!("{} {} {} r.", day.day(), MONTHS[day.month0() as usize], day.year())
}

#[cfg(test)]
mod tests;
