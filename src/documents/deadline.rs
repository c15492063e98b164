//! Deadlines by Polish working days: a pure function of the day on which time began to run (rule 12.7).

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use chrono_tz::Europe::Warsaw;

/// The last day of a term of `days` that began with a delivery at this instant.
///
/// The day of the delivery, in Warsaw, is not counted (KPA 57 § 1); a Saturday, Sunday or holiday moves the end to the
/// next working day (KPA 57 § 4).
#[must_use]
pub fn deadline(delivered: DateTime<Utc>, days: u32) -> NaiveDate {
    deadline_after(delivered.with_timezone(&Warsaw).date_naive(), days)
}

/// The last day of a term of `days` that began with an event of this day.
///
/// # Panics
/// When the term reaches beyond the last day that a calendar knows, in the year 262142.
#[must_use]
pub fn deadline_after(day: NaiveDate, days: u32) -> NaiveDate {
    let mut end = day.checked_add_days(Days::new(days.into())).expect("a term of at most u32::MAX days");
    while !is_working_day(end) {
        end = end.succ_opt().expect("a working day follows every holiday");
    }
    end
}

/// Whether offices work on this day: neither a Saturday, nor a Sunday, nor a holiday.
#[must_use]
pub fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_holiday(day)
}

/// The holidays of the act of 18 January 1951, as it stands in that year.
fn is_holiday(day: NaiveDate) -> bool {
    match (day.month(), day.day()) {
        (1, 1) | (5, 1 | 3) | (8, 15) | (11, 1 | 11) | (12, 25 | 26) => true,
        (1, 6) => day.year() >= 2011,
        (12, 24) => day.year() >= 2025,
        // Easter Monday and Corpus Christi; Easter and Pentecost are Sundays.
        _ => easter(day.year()).is_some_and(|easter| matches!((day - easter).num_days(), 1 | 60)),
    }
}

/// Easter of a year in the Gregorian calendar (Meeus, Jones and Butcher).
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        NaiveDate::parse_from_str(text, "%d.%m.%Y").unwrap()
    }

    #[track_caller]
    fn check(from: &str, end: &str) {
        assert_eq!(deadline_after(day(from), 7), day(end), "{from} + 7");
    }

    #[test]
    fn a_term_of_seven_days_ends_on_the_same_day_of_the_week() {
        check("02.03.2026", "09.03.2026");
        check("03.03.2026", "10.03.2026");
        check("04.03.2026", "11.03.2026");
        check("05.03.2026", "12.03.2026");
        check("06.03.2026", "13.03.2026");
        check("22.02.2024", "29.02.2024");
        check("23.02.2026", "02.03.2026");
        check("22.12.2025", "29.12.2025");
    }

    #[test]
    fn a_saturday_and_a_sunday_move_it_to_monday() {
        check("07.03.2026", "16.03.2026");
        check("08.03.2026", "16.03.2026");
        check("17.02.2024", "26.02.2024");
        check("18.02.2024", "26.02.2024");
    }

    #[test]
    fn holidays_of_a_fixed_day_move_it() {
        check("25.12.2026", "04.01.2027"); // New Year, then a weekend
        check("30.12.2026", "07.01.2027"); // Epiphany
        check("30.12.2025", "07.01.2026");
        check("24.04.2026", "04.05.2026"); // 1 May, a weekend with 3 May in it
        check("24.04.2025", "02.05.2025");
        check("26.04.2027", "04.05.2027"); // 3 May
        check("08.08.2025", "18.08.2025"); // 15 August, a Friday
        check("08.08.2028", "16.08.2028");
        check("25.10.2027", "02.11.2027"); // All Saints
        check("04.11.2026", "12.11.2026"); // Independence Day
        check("04.11.2025", "12.11.2025");
        check("18.12.2026", "28.12.2026"); // both days of Christmas, then a Sunday
        check("18.12.2023", "27.12.2023");
    }

    #[test]
    fn the_day_before_christmas_is_a_holiday_since_2025() {
        check("17.12.2026", "28.12.2026");
        check("17.12.2025", "29.12.2025");
        check("17.12.2024", "24.12.2024");
        check("16.12.2026", "23.12.2026");
    }

    #[test]
    fn holidays_that_hang_on_easter_move_it() {
        check("30.03.2026", "07.04.2026"); // Easter Monday, 6 April
        check("14.04.2025", "22.04.2025");
        check("25.03.2024", "02.04.2024");
        check("28.05.2026", "05.06.2026"); // Corpus Christi, 4 June
        check("20.05.2027", "28.05.2027");
        check("23.05.2024", "31.05.2024");
        check("17.05.2026", "25.05.2026"); // Pentecost is a Sunday; its Monday is a working day
    }

    #[test]
    fn epiphany_is_a_holiday_since_2011() {
        check("30.12.2009", "06.01.2010");
        check("30.12.2010", "07.01.2011");
    }

    #[test]
    fn the_day_of_delivery_is_that_of_warsaw() {
        let ends = |text: &str| deadline(text.parse().unwrap(), 7);
        assert_eq!(ends("2026-03-02T22:59:59Z"), day("09.03.2026"));
        assert_eq!(ends("2026-03-02T23:00:00Z"), day("10.03.2026"));
        assert_eq!(ends("2026-07-01T21:59:59Z"), day("08.07.2026"));
        assert_eq!(ends("2026-07-01T22:00:00Z"), day("09.07.2026"));
    }

    #[test]
    fn other_terms_are_counted_alike() {
        assert_eq!(deadline_after(day("10.12.2026"), 14), day("28.12.2026"));
        assert_eq!(deadline_after(day("06.03.2026"), 0), day("06.03.2026"));
        assert_eq!(deadline_after(day("07.03.2026"), 1), day("09.03.2026"));
        assert_eq!(deadline_after(day("31.01.2024"), 30), day("01.03.2024"));
    }

    #[test]
    fn easter_is_known_for_centuries() {
        for known in [
            "31.03.1850",
            "23.04.1905",
            "25.04.1943",
            "23.04.2000",
            "08.04.2012",
            "20.04.2025",
            "05.04.2026",
            "28.03.2027",
            "16.04.2028",
            "21.04.2030",
            "22.03.2285",
        ] {
            let easter_of = day(known);
            assert_eq!(easter(easter_of.year()), Some(easter_of));
        }
    }
}
