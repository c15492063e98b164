//! The messages of `zasilanie` as a sender writes and reads them.

use std::fmt;

use crate::xml::Element;
use crate::xml::names::Z;

/// The numbers of a batch, as the protocol sums them up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub persons: u64,
    pub written: u64,
    pub removed: u64,
    pub unchanged: u64,
    pub refused: u64,
    pub warnings: u64,
}

/// One line of the protocol; empty texts stand for absent ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    pub ordinal: String,
    pub source_id: String,
    pub severity: String,
    pub code: String,
    pub line: String,
    pub column: String,
    pub path: String,
    pub text: String,
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub batch: String,
    pub mark: String,
    pub set: String,
    /// The final state, a word of the contract.
    pub state: String,
    pub summary: Summary,
    pub findings_total: u64,
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing of the batch entered.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.state == "ODRZUCONA"
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { persons, written, removed, unchanged, refused, warnings } = self.summary;
        writeln!(out, "Paczka {} zbioru {} ({}): {}", self.mark, self.set, self.batch, self.state)?;
        writeln!(
            out,
            "osób: {persons}, zapisano: {written}, usunięto: {removed}, bez zmian: {unchanged}, odrzucono: {refused}, \
             ostrzeżeń: {warnings}, usterek: {}",
            self.findings_total
        )?;
        for finding in &self.findings {
            writeln!(out, "{finding}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.severity, self.code)?;
        let places = [
            (" osoba ", &self.ordinal),
            (" id ", &self.source_id),
            (" wiersz ", &self.line),
            (" kolumna ", &self.column),
            (" ", &self.path),
        ];
        for (name, value) in places {
            if !value.is_empty() {
                write!(out, "{name}{value}")?;
            }
        }
        write!(out, ": {}", self.text)
    }
}

/// Where an accepted or begun batch stands.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    pub batch: String,
    pub state: String,
    /// Number of the last stored part.
    pub last_part: u64,
    /// Bytes of a part at most.
    pub part_bytes: u64,
    /// Persons read by the loader so far.
    pub processed: u64,
}

impl Standing {
    /// Whether the verdict is spoken.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.state.as_str(), "ZAKONCZONA" | "ZAKONCZONA_Z_BLEDAMI" | "ODRZUCONA")
    }

    pub fn read(reply: Element<'_>) -> Self {
        Self {
            batch: text(reply, "idPaczki"),
            state: text(reply, "stan"),
            last_part: count(reply, "ostatniaCzesc"),
            part_bytes: count(reply, "rozmiarCzesci"),
            processed: count(reply, "przetworzono"),
        }
    }
}

/// One page of the protocol.
pub fn page(reply: Element<'_>) -> Report {
    let Some(protocol) = reply.child(Z.name("protokol")) else { return Report::default() };
    let sums = protocol.child(Z.name("podsumowanie"));
    let sum = |name| sums.map_or(0, |sums| count(sums, name));
    Report {
        batch: text(protocol, "idPaczki"),
        mark: text(protocol, "oznaczenie"),
        set: text(protocol, "zbior"),
        state: text(protocol, "stan"),
        summary: Summary {
            persons: sum("liczbaOsob"),
            written: sum("zapisano"),
            removed: sum("usunieto"),
            unchanged: sum("bezZmian"),
            refused: sum("odrzucono"),
            warnings: sum("ostrzezen"),
        },
        findings_total: count(protocol, "liczbaUsterek"),
        findings: protocol.all(Z.name("usterka")).map(finding).collect(),
    }
}

fn finding(one: Element<'_>) -> Finding {
    Finding {
        ordinal: text(one, "lp"),
        source_id: text(one, "idZrodlowe"),
        severity: text(one, "waga"),
        code: text(one, "kod"),
        line: text(one, "linia"),
        column: text(one, "kolumna"),
        path: text(one, "sciezka"),
        text: text(one, "opis"),
    }
}

fn text(of: Element<'_>, name: &'static str) -> String {
    of.child(Z.name(name)).map(Element::token).unwrap_or_default()
}

fn count(of: Element<'_>, name: &'static str) -> u64 {
    text(of, name).parse().unwrap_or(0)
}
