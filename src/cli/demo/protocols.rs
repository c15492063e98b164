//! Protocols of the demo's feeds, kept as files beside the batches.

use crate::cli::Failure;
use crate::cli::feed::{self, Report};
use crate::documents::exchange;
use crate::documents::exchange::protocol::{Finding, Protocol, Summary};

/// The report of a feed as a `Protokol` file.
///
/// # Errors
/// `Refused` when the gateway's words or numbers are none of the contract's.
pub fn file(report: &Report) -> Result<Vec<u8>, Failure> {
    let strange = |error: &dyn std::fmt::Display| Failure::Refused(format!("protocol of {}: {error}", report.mark));
    let schema = exchange::schema().map_err(|error| strange(&error))?;
    let feed::Summary { persons, written, removed, unchanged, refused, warnings } = report.summary;
    let mut findings = Vec::new();
    for one in &report.findings {
        findings.push(Finding {
            item: number(&one.ordinal),
            source_id: text(&one.source_id),
            severity: one.severity.parse().map_err(|error| strange(&error))?,
            code: one.code.clone(),
            line: number(&one.line),
            column: number(&one.column),
            path: text(&one.path),
            rule: None,
            text: one.text.clone(),
        });
    }
    let protocol = Protocol {
        batch: report.batch.clone(),
        mark: report.mark.clone(),
        set: report.set.clone(),
        state: report.state.parse().map_err(|error| strange(&error))?,
        summary: Summary { persons, written, removed, unchanged, rejected: refused, warnings },
        findings_in_all: report.findings_total,
        findings,
    };
    exchange::write(&protocol, &schema).map_err(|error| strange(&error))
}

/// Empty texts of a report stand for absent ones.
fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    fn report(state: &str) -> Report {
        Report {
            batch: "52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3b4a".into(),
            mark: "OPS-1".into(),
            set: "OPS-BUSKO/pomoc".into(),
            state: state.into(),
            findings_total: 1,
            findings: vec![feed::Finding {
                ordinal: "2".into(),
                severity: "OSTRZEZENIE".into(),
                code: "PESEL_NIEZGODNY_Z_DATA".into(),
                text: "Numer PESEL nie zgadza się z datą urodzenia.".into(),
                ..feed::Finding::default()
            }],
            ..Report::default()
        }
    }

    #[test]
    fn a_report_becomes_a_valid_file_and_what_it_lacks_is_left_out() {
        xml::start();
        let bytes = file(&report("ZAKONCZONA")).expect("valid");
        let text = String::from_utf8(bytes).expect("UTF-8");
        assert!(text.contains("<z:lp>2</z:lp>") && !text.contains("z:linia"), "{text}");
        assert!(file(&report("DONE")).is_err());
    }
}
