//! Tests of rights and their narrowing.

use super::super::catalogue::tests::catalogue;
use super::*;
use crate::problem::{Code, Problem};
use crate::subjects::SetKind;

const PATH: &str = "/u:UdostepnijDaneOsoby/u:zakres/u:pozycja";

fn items(text: &str) -> Vec<ScopeItem> {
    text.split_whitespace().map(|number| ScopeItem::parse(number).unwrap()).collect()
}

fn grant(group: &str, numbers: &str, basis: &str) -> Grant {
    let (unit, set) = ("OPS-BUSKO".to_owned(), "PUP-BUSKO/ewidencja".to_owned());
    Grant { unit, group: group.to_owned(), set, items: items(numbers), basis: basis.to_owned() }
}

/// One request against the grants of this table; the user is in `urzednicy` and `kierownicy`.
struct Case {
    grants: Vec<Grant>,
    unit: &'static str,
    narrowed_to: Option<&'static str>,
    basis: &'static str,
    today: &'static str,
    trim: bool,
}

impl Default for Case {
    fn default() -> Self {
        let grants = vec![
            grant("urzednicy", "1.1 2.1", "UPS-105"),
            grant("kierownicy", "1 9.1", "UPS-105"),
            grant("urzednicy", "3", "KPA-220"),
        ];
        Self { grants, unit: "OPS-BUSKO", narrowed_to: None, basis: "UPS-105", today: "2025-11-20", trim: false }
    }
}

impl Case {
    fn decide(&self, asked: &str) -> Result<Decision, Refusal> {
        let groups = ["urzednicy".to_owned(), "kierownicy".to_owned()];
        let basis = |code: &str, to: Option<&str>| LegalBasis {
            code: code.to_owned(),
            title: String::new(),
            valid_from: "2025-01-01".parse().unwrap(),
            valid_to: to.map(|day| day.parse().unwrap()),
        };
        let bases = [basis("UPS-105", None), basis("KPA-220", Some("2025-06-30")), basis("USR-23B", None)];
        let caller = Caller {
            unit: self.unit,
            groups: &groups,
            narrowed_to: self.narrowed_to,
            set: "PUP-BUSKO/ewidencja",
            basis: self.basis,
        };
        let known = bases.iter().find(|basis| basis.code == self.basis);
        let catalogue = catalogue();
        let today = self.today.parse().unwrap();
        decide(
            catalogue.kind(SetKind::Pup),
            &self.grants,
            known,
            caller,
            today,
            &Asked::list(PATH, &items(asked)),
            self.trim,
        )
    }

    #[track_caller]
    fn gives(&self, asked: &str, granted: &str, omitted: &str, groups: &str) {
        let decision = self.decide(asked).unwrap();
        let numbers = |scope: &Scope| scope.numbers().join(" ");
        assert_eq!(numbers(&decision.granted), granted, "granted of {asked}");
        assert_eq!(numbers(&decision.omitted), omitted, "omitted of {asked}");
        assert_eq!(decision.groups.join(" "), groups, "groups used for {asked}");
    }

    #[track_caller]
    fn refuses(&self, asked: &str, code: Code, details: &[(&str, &str)]) {
        let problem = Problem::from(self.decide(asked).unwrap_err());
        assert_eq!(problem.code, code);
        let found: Vec<_> =
            problem.details.iter().map(|detail| (detail.path.as_deref().unwrap_or(""), detail.text.as_str())).collect();
        assert_eq!(found, details);
    }
}

#[test]
fn rights_are_the_union_over_the_users_groups() {
    Case::default().gives("2.1 1.1 9.1", "1.1 2.1.1 2.1.2 9.1", "", "kierownicy urzednicy");
}

#[test]
fn only_groups_whose_rights_were_used_are_named() {
    Case::default().gives("1.2", "1.2", "", "kierownicy");
    Case::default().gives("2.1.1", "2.1.1", "", "urzednicy");
}

#[test]
fn a_heading_means_its_leaves_and_repetitions_do_no_harm() {
    Case::default().gives("1 1.1 1", "1.1 1.2 1.3 1.4 1.5 1.6 1.7", "", "kierownicy urzednicy");
}

#[test]
fn the_group_of_the_request_only_narrows() {
    let narrowed = Case { narrowed_to: Some("urzednicy"), ..Case::default() };
    narrowed.gives("1.1", "1.1", "", "urzednicy");
    narrowed.refuses("1.2", Code::ScopeNotGranted, &[(PATH, "Pozycji 1.2 nie nadano.")]);
    let foreign = Case { narrowed_to: Some("obcy"), ..Case::default() };
    foreign.refuses("1.1", Code::Forbidden, &[("", "Użytkownik nie należy do wskazanej grupy.")]);
}

#[test]
fn a_set_without_any_grant_is_unknown() {
    Case { grants: Vec::new(), ..Case::default() }.refuses("1.1", Code::SetUnknown, &[]);
    Case { unit: "SR-BUSKO", ..Case::default() }.refuses("1.1", Code::SetUnknown, &[]);
    let other_group = vec![grant("obcy", "1", "UPS-105")];
    Case { grants: other_group, ..Case::default() }.refuses("1.1", Code::SetUnknown, &[]);
    let other_set = vec![Grant { set: "SR-BUSKO/swiadczenia".to_owned(), ..grant("urzednicy", "1", "UPS-105") }];
    Case { grants: other_set, ..Case::default() }.refuses("1.1", Code::SetUnknown, &[]);
    let narrowed_away = vec![grant("kierownicy", "1", "UPS-105")];
    Case { grants: narrowed_away, narrowed_to: Some("urzednicy"), ..Case::default() }.refuses(
        "1.1",
        Code::SetUnknown,
        &[],
    );
}

#[test]
fn a_legal_basis_must_be_known_in_force_and_granted() {
    let on = |basis, today| Case { basis, today, ..Case::default() };
    on("XYZ-1", "2025-11-20").refuses("1.1", Code::BasisInvalid, &[("", "Nie ma takiej podstawy prawnej.")]);
    on("UPS-105", "2024-12-31").refuses(
        "1.1",
        Code::BasisInvalid,
        &[("", "Podstawa prawna nie obowiązuje w dniu żądania.")],
    );
    on("KPA-220", "2025-07-01").refuses(
        "3",
        Code::BasisInvalid,
        &[("", "Podstawa prawna nie obowiązuje w dniu żądania.")],
    );
    let text = "Żadne uprawnienie wywołującego do tego zbioru nie opiera się na tej podstawie prawnej.";
    on("USR-23B", "2025-11-20").refuses("1.1", Code::BasisInvalid, &[("", text)]);
}

#[test]
fn rights_on_one_basis_do_not_serve_another() {
    let case = Case { basis: "KPA-220", today: "2025-06-30", ..Case::default() };
    case.gives("3.1", "3.1", "", "urzednicy");
    case.refuses("1.1", Code::ScopeNotGranted, &[(PATH, "Pozycji 1.1 nie nadano.")]);
}

#[test]
fn an_item_that_the_kind_does_not_have_is_named() {
    let path = format!("{PATH}[2]");
    for trim in [false, true] {
        Case { trim, ..Case::default() }.refuses(
            "1.1 2.6",
            Code::ScopeUnknown,
            &[(&path, "Zbiór tego rodzaju nie ma pozycji 2.6.")],
        );
    }
    Case::default().refuses("1.1.1", Code::ScopeUnknown, &[(PATH, "Zbiór tego rodzaju nie ma pozycji 1.1.1.")]);
}

#[test]
fn asking_beyond_the_grant_names_the_position_and_its_leaves() {
    let grants = vec![grant("urzednicy", "1.1 2.1", "UPS-105")];
    let path = format!("{PATH}[3]");
    Case { grants, ..Case::default() }.refuses(
        "1.1 2.1 9",
        Code::ScopeNotGranted,
        &[(&path, "Pozycji 9.1 i 9.2 nie nadano.")],
    );
}

#[test]
fn every_position_beyond_the_grant_is_named() {
    let (first, third) = (format!("{PATH}[1]"), format!("{PATH}[3]"));
    let details: &[(&str, &str)] = &[(&first, "Pozycji 8.1 nie nadano."), (&third, "Pozycji 9.2 nie nadano.")];
    Case::default().refuses("8.1 1.1 9", Code::ScopeNotGranted, details);
}

#[test]
fn a_cut_names_what_was_left_out() {
    let case = Case { trim: true, ..Case::default() };
    case.gives("9 8.5 8.4 1.1", "1.1 9.1", "8.4 8.5 9.2", "kierownicy urzednicy");
    case.gives("1.1", "1.1", "", "kierownicy urzednicy");
}

#[test]
fn a_cut_that_leaves_nothing_is_refused() {
    let details: &[(&str, &str)] = &[(PATH, "Pozycji 8.1, 8.2, 8.3, 8.4 i 8.5 nie nadano.")];
    Case { trim: true, ..Case::default() }.refuses("8", Code::ScopeNotGranted, details);
}

#[test]
fn granted_items_that_the_kind_lacks_grant_nothing() {
    let grants = vec![grant("urzednicy", "1.1.4 2.6", "UPS-105")];
    Case { grants, trim: true, ..Case::default() }.refuses(
        "1.1",
        Code::ScopeNotGranted,
        &[(PATH, "Pozycji 1.1 nie nadano.")],
    );
}
