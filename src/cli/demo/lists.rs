//! The demo's lists for people and spreadsheets: who is in which set, and who may see what.

use super::population::{PS_SET, PUP_SET, Population, SR_SET};
use super::register;
use crate::documents::exchange::person::PersonalData;

/// `osoby.csv`: every person with their identifiers in the sets.
#[must_use]
pub fn persons(population: &Population) -> String {
    let mut table = Table::new(&[
        "nazwisko",
        "imie",
        "pesel",
        "dataUrodzenia",
        "plec",
        "rodzajDokumentu",
        "numerDokumentu",
        PUP_SET,
        PS_SET,
        SR_SET,
        "dziecko w",
        "uwagi",
    ]);
    let parents = parents(population);
    for (position, resident) in population.residents.iter().enumerate() {
        let PersonalData { surname, given_names, pesel, birth_date, sex, documents, .. } = &resident.data;
        let document = documents.first();
        let id = |known: bool, prefix| if known { Population::source_id(prefix, position) } else { String::new() };
        table.row([
            surname.clone(),
            given_names.clone(),
            pesel.clone().unwrap_or_default(),
            birth_date.to_string(),
            sex.to_string(),
            document.map(|document| document.kind.to_string()).unwrap_or_default(),
            document.map(|document| document.number.clone()).unwrap_or_default(),
            id(resident.in_pup, "PUP"),
            id(resident.in_ps, "PS"),
            id(resident.in_sr, "SR"),
            parents[position].join(" "),
            resident.remark.to_owned(),
        ]);
    }
    table.text
}

/// For each person the records of the family-benefit unit in which they are a child.
fn parents(population: &Population) -> Vec<Vec<String>> {
    let mut parents = vec![Vec::new(); population.residents.len()];
    for (position, resident) in population.residents.iter().enumerate().filter(|(_, resident)| resident.in_sr) {
        for child in &resident.children {
            parents[*child].push(Population::source_id("SR", position));
        }
    }
    parents
}

/// `uprawnienia.csv`: the grants, and the pair of units that has none.
#[must_use]
pub fn rights() -> String {
    let mut table = Table::new(&["jednostka", "grupa", "zbior", "podstawaPrawna", "zakres", "uwagi"]);
    for (unit, set, basis, items) in register::GRANTS {
        table.row([*unit, register::GROUP, *set, *basis, *items, ""].map(str::to_owned));
    }
    let (unit, set) = register::WITHOUT_GRANT;
    table.row([unit, register::GROUP, set, "", "", "celowo bez uprawnień"].map(str::to_owned));
    table.text
}

/// Comma-separated values (RFC 4180) in UTF-8 with a head line.
struct Table {
    text: String,
}

impl Table {
    fn new<const N: usize>(head: &[&str; N]) -> Self {
        let mut table = Self { text: String::new() };
        table.row(head.map(str::to_owned));
        table
    }

    fn row<const N: usize>(&mut self, values: [String; N]) {
        let quoted = values.map(|value| {
            if value.contains([',', '"', '\n']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
        });
        self.text.push_str(&quoted.join(","));
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_of_the_samples_stands_first_and_is_in_all_three_sets() {
        let list = persons(&Population::new());
        let first = list.lines().nth(1).expect("a person");
        assert!(first.starts_with("Lipowa-Testowa,Anna,85831541742,1885-03-15,K,DOWOD,"), "{first}");
        assert!(first.ends_with(",PUP-1001,PS-1001,SR-1001,SR-1003,osoba z przykładów"), "{first}");
    }

    #[test]
    fn scopes_are_quoted_and_the_pair_without_rights_is_named() {
        let list = rights();
        assert!(list.contains("SR-BUSKO,urzednicy,PUP-BUSKO/ewidencja,USR-23B,\"1.1,1.2,1.3,2\",\r\n"), "{list}");
        assert!(list.ends_with("PUP-BUSKO,urzednicy,SR-BUSKO/swiadczenia,,,celowo bez uprawnień\r\n"), "{list}");
    }
}
