//! Legal bases: the provisions on which an administrator may disclose, and the days on which they are in force.

use chrono::NaiveDate;

/// A provision of law that a grant rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalBasis {
    /// Code on the wire, e.g. `UPS-105`.
    pub code: String,
    /// The provision in words.
    pub title: String,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; `None` while no end is known.
    pub valid_to: Option<NaiveDate>,
}

impl LegalBasis {
    /// Whether the basis is in force on `day`, the date in Europe/Warsaw (rule 9.1); both ends count.
    #[must_use]
    pub fn valid_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(to: Option<&str>, day: &str, expected: bool) {
        let basis = LegalBasis {
            code: "UPS-105".into(),
            title: "art. 105 ustawy o pomocy społecznej".into(),
            valid_from: "2025-01-01".parse().unwrap(),
            valid_to: to.map(|day| day.parse().unwrap()),
        };
        assert_eq!(basis.valid_on(day.parse().unwrap()), expected, "{to:?} on {day}");
    }

    #[test]
    fn both_ends_are_days_in_force() {
        check(Some("2025-12-31"), "2024-12-31", false);
        check(Some("2025-12-31"), "2025-01-01", true);
        check(Some("2025-12-31"), "2025-12-31", true);
        check(Some("2025-12-31"), "2026-01-01", false);
    }

    #[test]
    fn without_an_end_it_stays_in_force() {
        check(None, "2099-01-01", true);
        check(None, "2024-12-31", false);
    }
}
