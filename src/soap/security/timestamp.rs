//! The time of a message against the gateway's clock (rule 9.1).

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

use crate::config::Security;
use crate::problem::{Code, Problem};
use crate::xml::Element;
use crate::xml::names::WSU;

/// Whether `stamp`, a signed `wsu:Timestamp`, is neither too old nor from the future nor expired.
///
/// # Errors
/// `KOMUNIKAT_PRZETERMINOWANY` with the seconds in question and the gateway's time.
pub(super) fn check(stamp: Element<'_>, policy: &Security, now: DateTime<Utc>) -> Result<(), Problem> {
    let created = instant(stamp, "Created")?.ok_or_else(|| expired("Znacznik czasu nie ma elementu wsu:Created."))?;
    let expires = instant(stamp, "Expires")?;
    let skew = TimeDelta::seconds(policy.clock_skew_seconds.into());
    let age = TimeDelta::seconds(policy.message_age_seconds.into());
    let clock = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let ahead = created - now;
    if ahead > skew {
        return Err(expired(&format!(
            "Czas utworzenia wyprzedza zegar bramy o {} s, a dopuszcza się {} s; na zegarze bramy jest {clock}.",
            ahead.num_seconds(),
            skew.num_seconds()
        )));
    }
    if -ahead > age + skew {
        return Err(expired(&format!(
            "Komunikat powstał {} s temu, a dopuszcza się {} s; na zegarze bramy jest {clock}.",
            -ahead.num_seconds(),
            (age + skew).num_seconds()
        )));
    }
    match expires {
        Some(expires) if expires < created => Err(expired("Koniec ważności komunikatu poprzedza jego utworzenie.")),
        Some(expires) if now - expires > skew => Err(expired(&format!(
            "Koniec ważności komunikatu minął {} s temu; na zegarze bramy jest {clock}.",
            (now - expires).num_seconds()
        ))),
        _ => Ok(()),
    }
}

fn instant(stamp: Element<'_>, name: &'static str) -> Result<Option<DateTime<Utc>>, Problem> {
    let mut elements = stamp.all(WSU.name(name));
    let Some(element) = elements.next() else { return Ok(None) };
    if elements.next().is_some() {
        // BSP 1.1 R3203, R3224.
        return Err(expired(&format!("Znacznik czasu ma więcej niż jeden element wsu:{name}.")));
    }
    let text = element.token();
    let malformed = || expired(&format!("Element wsu:{name} nie jest chwilą w czasie UTC."));
    if !(text.as_bytes().get(4) == Some(&b'-') && text.bytes().take(4).all(|digit| digit.is_ascii_digit())) {
        return Err(malformed()); // years beyond four digits leave the range in which times can be compared
    }
    // A time without a zone is read as UTC, as WS-Security 1.1 §10 wants it to be.
    DateTime::parse_from_rfc3339(&text)
        .map(|time| time.to_utc())
        .or_else(|_| text.parse::<NaiveDateTime>().map(|time| time.and_utc()))
        .map(Some)
        .map_err(|_| malformed())
}

fn expired(text: &str) -> Problem {
    Problem::new(Code::MessageExpired).explain(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    /// What is said of a Timestamp at noon, UTC.
    #[track_caller]
    fn check(inside: &str, expected: Option<&str>) {
        let inside = inside.replace("<C>", "<wsu:Created>").replace("</C>", "</wsu:Created>");
        let inside = inside.replace("<E>", "<wsu:Expires>").replace("</E>", "</wsu:Expires>");
        let text = format!("<wsu:Timestamp xmlns:wsu='{}'>{inside}</wsu:Timestamp>", WSU.uri);
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let noon = "2026-03-02T12:00:00Z".parse().unwrap();
        let outcome = super::check(document.root(), &Security::default(), noon);
        let said = outcome.err().map(|problem| problem.details[0].text.clone());
        assert_eq!(said.as_deref(), expected, "{inside}");
    }

    #[test]
    fn a_message_is_accepted_from_the_forgiven_difference_to_its_end() {
        for time in ["12:00:00Z", "12:01:00Z", "11:54:00Z", "12:00:00.123Z", "12:00:00", "13:00:00+01:00"] {
            check(&format!("<C>2026-03-02T{time}</C>"), None);
        }
        check("<C>2026-03-02T11:59:00Z</C><E>2026-03-02T11:59:00Z</E>", None);
    }

    #[test]
    fn clocks_that_differ_are_told_by_how_much() {
        check(
            "<C>2026-03-02T12:01:01Z</C>",
            Some(
                "Czas utworzenia wyprzedza zegar bramy o 61 s, a dopuszcza się 60 s; na zegarze bramy jest 2026-03-02T12:00:00Z.",
            ),
        );
        check(
            "<C>2026-03-02T11:53:59Z</C>",
            Some("Komunikat powstał 361 s temu, a dopuszcza się 360 s; na zegarze bramy jest 2026-03-02T12:00:00Z."),
        );
        check(
            "<C>2026-03-02T11:58:00Z</C><E>2026-03-02T11:58:59Z</E>",
            Some("Koniec ważności komunikatu minął 61 s temu; na zegarze bramy jest 2026-03-02T12:00:00Z."),
        );
    }

    #[test]
    fn times_that_are_none_are_refused() {
        check("", Some("Znacznik czasu nie ma elementu wsu:Created."));
        check("<C>12:00</C>", Some("Element wsu:Created nie jest chwilą w czasie UTC."));
        check("<C>+2026-03-02T12:00:00Z</C>", Some("Element wsu:Created nie jest chwilą w czasie UTC."));
        check("<C>2026-03-02T12:00:00Z</C><E>x</E>", Some("Element wsu:Expires nie jest chwilą w czasie UTC."));
        let twice = "<C>2026-03-02T12:00:00Z</C>".repeat(2);
        check(&twice, Some("Znacznik czasu ma więcej niż jeden element wsu:Created."));
        let reversed = "<C>2026-03-02T12:00:00Z</C><E>2026-03-02T11:59:59Z</E>";
        check(reversed, Some("Koniec ważności komunikatu poprzedza jego utworzenie."));
    }
}
