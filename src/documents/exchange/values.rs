//! Simple values of exchange files, kept in the lexical form that the schemas demand.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use yaserde::DefaultYaSerde;

/// A calendar day written `YYYY-MM-DD`, without a time zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, DefaultYaSerde)]
pub struct Day(pub NaiveDate);

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl FromStr for Day {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map(Self)
    }
}

/// An amount of money in grosze, written in złoty with exactly two decimals.
///
/// A number of grosze, because a binary fraction would write 4547.10 as 4547.1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, DefaultYaSerde)]
pub struct Amount(pub u64);

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// The text is no amount with exactly two decimals.
#[derive(Debug, thiserror::Error)]
#[error("an amount has digits, a point and two digits")]
pub struct NotAnAmount;

impl FromStr for Amount {
    type Err = NotAnAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = text.trim().split_once('.').ok_or(NotAnAmount)?;
        if whole.is_empty() || fraction.len() != 2 || !digits(whole) || !digits(fraction) {
            return Err(NotAnAmount);
        }
        format!("{whole}{fraction}").parse().map(Self).map_err(|_| NotAnAmount)
    }
}

/// The text is no word of the closed list.
#[derive(Debug, thiserror::Error)]
#[error("unknown word of {0}")]
pub struct UnknownWord(pub &'static str);

/// Closed lists of words: each becomes an enum that yaserde writes and reads as its word.
macro_rules! words {
    ($($(#[$about:meta])* $name:ident { $($variant:ident = $word:literal,)* })*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, yaserde::DefaultYaSerde)]
        pub enum $name { #[default] $($variant,)* }

        impl $name {
            /// The word on the wire.
            #[must_use]
            pub const fn wire(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.wire())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::documents::exchange::values::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text.trim() {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::documents::exchange::values::UnknownWord(stringify!($name))),
                }
            }
        }
    )*};
}
pub(super) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, grosze: Option<u64>) {
        assert_eq!(text.parse().ok().map(|Amount(grosze)| grosze), grosze, "{text:?}");
    }

    #[test]
    fn an_amount_has_exactly_two_decimals() {
        check("4547.10", Some(454_710));
        check("0.05", Some(5));
        check(" 1.00\n", Some(100));
        for wrong in ["", "1", "1.0", "1.000", ".50", "-1.00", "+1.00", "1,00", "1.-1", "99999999999999999999.00"] {
            check(wrong, None);
        }
    }

    #[test]
    fn an_amount_keeps_its_last_zero() {
        assert_eq!(Amount(454_710).to_string(), "4547.10");
    }

    #[test]
    fn a_day_has_no_zone_and_exists() {
        assert_eq!("1885-03-15".parse::<Day>().expect("a day").to_string(), "1885-03-15");
        for wrong in ["1871-02-30", "1885-03-15Z", "1885-03-15+01:00", "15.03.1885"] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong:?}");
        }
    }
}
