//! The report as a Polish text: a paragraph for each event, times by the clock in Poland.

use std::fmt::{self, Display, Formatter, Write};

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Warsaw;

use super::{Named, Report, ReportItem, ReportedEntry};
use crate::ledger::PersonContent;
use crate::subjects::IdentificationFields;

impl Report {
    /// The text that is handed to the person; lines end with a line feed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "RAPORT O UDOSTĘPNIENIACH DANYCH OSOBY\n")?;
        writeln!(out, "Administrator danych: {}", self.tenant)?;
        writeln!(out, "Osoba: {}", Person(&self.person))?;
        writeln!(out, "Sporządzono: {} (czas polski)", Moment(self.time))?;
        writeln!(out, "Sporządził: {}, pracownik {}", self.unit, self.user)?;
        writeln!(out, "Powód: {}", self.reason)?;
        for (ordinal, entry) in (1..).zip(&self.entries) {
            writeln!(out, "\n{ordinal}. {}: {}", Moment(entry.head.time), entry.title())?;
            entry.write_lines(out)?;
        }
        match self.entries.len() {
            0 => writeln!(out, "\nW rejestrze nie ma wpisów o tej osobie."),
            count => writeln!(out, "\nLiczba zdarzeń: {count}."),
        }
    }
}

impl ReportedEntry {
    /// What happened, in a few words.
    fn title(&self) -> String {
        let words = match self.head.kind.as_str() {
            "UDOSTEPNIENIE" => "pytanie o dane osoby",
            "WERYFIKACJA_WYSTEPOWANIA" => "pytanie, czy osoba jest w zbiorze",
            "WERYFIKACJA_DANYCH" => "porównanie danych z rekordem osoby",
            "ODMOWA" => "odmowa",
            "WGLAD" => "wgląd w rejestr: raport o tej osobie",
            other => other,
        };
        let repeat = if self.head.repeat { " (ponowienie)" } else { "" };
        format!("{words}{repeat}")
    }

    fn write_lines(&self, out: &mut String) -> fmt::Result {
        let facts = &self.facts;
        let named = |id: &Option<String>, name: &Option<String>| {
            id.clone().map(|id| Named { id, name: name.clone() }.to_string())
        };
        let user = facts.user.as_ref().map(|user| format!(", pracownik {user}")).unwrap_or_default();
        let system = facts.system.as_ref().map(|system| format!(", system {system}")).unwrap_or_default();
        let who = named(&facts.unit, &self.unit_name).map(|unit| unit + &user + &system);
        line("Komu", who.as_deref(), out)?;
        let as_of = facts.as_of.as_ref().map(|day| format!(", stan na {}", day_text(day))).unwrap_or_default();
        line("Zbiór", named(&facts.set, &self.set_name).map(|set| set + &as_of).as_deref(), out)?;
        let basis = facts.basis.as_ref().map(|code| match &self.basis_title {
            Some(title) => format!("{title} ({code})"),
            None => code.clone(),
        });
        line("Podstawa prawna", basis.as_deref(), out)?;
        match &self.content {
            Some(content) => write_content(content, out)?,
            None => line("Przeznaczenie", Some("nie można odczytać"), out)?,
        }
        write_scope("Żądany zakres", &self.asked, out)?;
        write_scope("Udzielony zakres", &self.granted, out)?;
        line("Wynik", self.outcome().as_deref(), out)?;
        writeln!(out, "   Wpis: {}, {}", self.head.number, self.head.event)
    }

    fn outcome(&self) -> Option<String> {
        let outcome = self.facts.outcome.as_deref().map(|outcome| match outcome {
            "ZNALEZIONO" => "osoba jest w zbiorze".to_owned(),
            "BRAK_OSOBY" => "nie ma takiej osoby w zbiorze".to_owned(),
            "NIEJEDNOZNACZNE" => "pasuje kilka osób, niczego nie przekazano".to_owned(),
            other => other.to_owned(),
        });
        // A report's own entry says by its outcome what the register held, which the set has nothing to do with.
        let outcome = outcome.filter(|_| self.facts.set.is_some());
        self.facts.code.as_ref().map(|code| format!("odmowa, kod {code}")).or(outcome)
    }
}

fn write_content(content: &PersonContent, out: &mut String) -> fmt::Result {
    line("Przeznaczenie", content.purpose.as_deref(), out)?;
    line("Sprawa", content.matter.as_deref(), out)?;
    let fields = (!content.fields.is_empty()).then(|| content.fields.join(", "));
    line("Porównane dane", fields.as_deref(), out)
}

fn write_scope(label: &str, items: &[ReportItem], out: &mut String) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "   {label}:")?;
    for ReportItem { number, name } in items {
        writeln!(out, "     {number:<6} {}", name.as_deref().unwrap_or_default())?;
    }
    Ok(())
}

fn line(label: &str, value: Option<&str>, out: &mut String) -> fmt::Result {
    value.map_or(Ok(()), |value| writeln!(out, "   {label}: {value}"))
}

impl Display for Named {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(out, "{name} ({})", self.id),
            None => out.write_str(&self.id),
        }
    }
}

/// A person in one line.
struct Person<'p>(&'p IdentificationFields);

impl Display for Person<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let IdentificationFields { surname, pesel, given_name, birth_date, document_kind, document_number } = self.0;
        let birth_date = birth_date.as_deref().map(day_text);
        let parts = [
            surname.clone(),
            given_name.clone(),
            pesel.as_ref().map(|pesel| format!("PESEL {pesel}")),
            birth_date.map(|day| format!("data urodzenia {day}")),
            document_kind.as_ref().zip(document_number.as_ref()).map(|(kind, number)| format!("{kind} {number}")),
        ];
        out.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// An instant by the clock in Poland.
struct Moment(DateTime<Utc>);

impl Display for Moment {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0.with_timezone(&Warsaw).format("%d.%m.%Y %H:%M:%S"))
    }
}

/// `2025-11-20` as `20.11.2025`; anything else as it is.
fn day_text(day: &str) -> String {
    let parts: Vec<&str> = day.split('-').collect();
    match parts[..] {
        [year, month, day] => format!("{day}.{month}.{year}"),
        _ => day.to_owned(),
    }
}
