//! What errors do to a batch: the checks of the file as a whole and the verdict.

use crate::store::batches::{BatchState, Summary};

use super::finding::{Finding, FindingCode};
use super::header::{Coverage, Header};

/// What is wrong with the file as a whole once all its persons were read (rule 7.3); `persons` is how many there are.
#[must_use]
pub fn check_file(header: &Header, persons: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if header.persons != persons {
        findings.push(Finding::of_file(
            FindingCode::CountDiffers,
            "Liczba elementów Osoba jest inna niż podana w atrybucie liczbaOsob.",
        ));
    }
    match (header.coverage, header.empty, persons) {
        (Coverage::Full, false, 0) => {
            let text =
                "Pełna paczka bez osób usunęłaby cały zbiór; jeśli tak ma być, potrzebny jest atrybut pusta=\"true\".";
            findings.push(Finding::of_file(FindingCode::BatchEmpty, text));
        }
        (_, true, 1..) => {
            findings.push(Finding::of_file(FindingCode::BatchEmpty, "Paczka podaje, że jest pusta, a zawiera osoby."));
        }
        _ => {}
    }
    findings
}

/// The state in which a load ends: an error of the file refuses all, an error of a person refuses all unless
/// the batch is `czesciowo`.
#[must_use]
pub fn verdict(partial: bool, file_is_broken: bool, summary: &Summary) -> BatchState {
    match (file_is_broken, summary.refused, partial) {
        (false, 0, _) => BatchState::Done,
        (false, _, true) => BatchState::DoneWithErrors,
        (true, ..) | (false, _, false) => BatchState::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(coverage: Coverage, persons: u64, empty: bool) -> Header {
        let as_of = chrono::NaiveDate::from_ymd_opt(2025, 11, 20).unwrap();
        Header { mark: "M".into(), set: "A/z".into(), coverage, as_of, persons, partial: true, empty }
    }

    #[track_caller]
    fn check(coverage: Coverage, declared: u64, empty: bool, read: u64, codes: &[&str]) {
        let found: Vec<_> =
            check_file(&header(coverage, declared, empty), read).iter().map(|finding| finding.code.wire()).collect();
        assert_eq!(found, codes, "{coverage:?} declares {declared}, empty={empty}, holds {read}");
    }

    #[test]
    fn the_declared_number_is_the_number_read() {
        check(Coverage::Changes, 2, false, 2, &[]);
        check(Coverage::Changes, 2, false, 3, &["LICZBA_OSOB_NIEZGODNA"]);
        check(Coverage::Full, 1, false, 0, &["LICZBA_OSOB_NIEZGODNA", "PACZKA_PUSTA"]);
    }

    #[test]
    fn only_a_full_batch_of_nobody_must_say_so() {
        check(Coverage::Full, 0, false, 0, &["PACZKA_PUSTA"]);
        check(Coverage::Full, 0, true, 0, &[]);
        check(Coverage::Changes, 0, false, 0, &[]);
        check(Coverage::Changes, 1, true, 1, &["PACZKA_PUSTA"]);
    }

    #[track_caller]
    fn check_verdict(partial: bool, file_is_broken: bool, refused: u64, expected: BatchState) {
        let summary = Summary { persons: 5, refused, ..Summary::default() };
        assert_eq!(verdict(partial, file_is_broken, &summary), expected);
    }

    #[test]
    fn one_error_refuses_all_unless_the_batch_is_partial() {
        check_verdict(false, false, 0, BatchState::Done);
        check_verdict(true, false, 0, BatchState::Done);
        check_verdict(false, false, 1, BatchState::Refused);
        check_verdict(true, false, 1, BatchState::DoneWithErrors);
        check_verdict(true, false, 5, BatchState::DoneWithErrors);
        check_verdict(true, true, 0, BatchState::Refused);
        check_verdict(false, true, 1, BatchState::Refused);
    }
}
