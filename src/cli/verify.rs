//! `brama verify`: judges the signatures of a document and explains the verdict.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use super::{Ask, Failure};
use crate::config::{self, Config};
use crate::signatures::lists::Lists;
use crate::signatures::xades::{
    Indication, Judged, Judgement, Outcome, Policy, Question, Unreadable, identify, judge, report,
};
use crate::xml::Limits;

/// Judge the signatures of a document (XAdES) by the lists in [signatures] and say why.
///
/// The first line is the verdict by EN 319 102-1; the exit code is 0 for TOTAL_PASSED alone.
#[derive(Args)]
pub struct VerifyArgs {
    /// The document, or the signature of content that stands beside it.
    file: PathBuf,
    /// Content beside the document: the URI in the signature, `=`, the file.
    #[arg(long, value_name = "URI=FILE")]
    content: Vec<String>,
    /// The time to judge for, e.g. 2026-03-01T12:00:00Z; now unless given.
    #[arg(long, value_name = "TIME")]
    at: Option<DateTime<Utc>>,
    /// Where to write the report (urn:brama:raport-podpisu:1).
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl VerifyArgs {
    /// # Errors
    /// `Refused` for every verdict but TOTAL_PASSED, `Unreadable` for files.
    pub fn run(&self, config: &Config, ask: Ask) -> Result<(), Failure> {
        let lists = lists(&config.signatures, ask)?;
        let file = read(&self.file)?;
        let contents = self.content.iter().map(|one| content(one)).collect::<Result<Vec<_>, _>>()?;
        let policy = Policy::of(config);
        let now = self.at.unwrap_or_else(Utc::now);
        let limits = Limits { bytes: file.len().max(1), ..Limits::default() };
        let question = Question { file: &file, contents: &contents, now, received: None, limits };
        let judgement = judge(&question, &lists, &policy);
        if let Some(path) = &self.report {
            fs::write(path, report(&judgement, &policy)).map_err(|error| unreadable(path, error))?;
        }
        let text = explained(&judgement);
        std::io::stdout().write_all(text.as_bytes()).map_err(|error| Failure::Unreadable(error.to_string()))?;
        match judgement.verdict.indication() {
            Indication::TotalPassed => Ok(()),
            Indication::Indeterminate | Indication::TotalFailed => {
                Err(Failure::Refused(format!("{}: {}", self.file.display(), judgement.verdict)))
            }
        }
    }
}

/// The lists of `[signatures]`.
pub(super) fn lists(config: &config::Signatures, ask: Ask) -> Result<Lists, Failure> {
    let lists = Lists::read(&config.into()).map_err(|error| Failure::Unreadable(format!("[signatures] {error}")))?;
    let Some(url) = &config.ocsp_url else { return Ok(lists) };
    Ok(lists.asking(ask(url).map_err(|error| Failure::Unavailable(error.to_string()))?))
}

/// The verdict in the first line, then what it rests on, signature by signature.
fn explained(judgement: &Judgement) -> String {
    let mut text = format!("{}\n", judgement.verdict);
    match &judgement.unreadable {
        Some(Unreadable::Xml(error)) => {
            let place = error.position().map(|at| format!(" (wiersz {}, kolumna {})", at.line, at.column));
            text += &format!("{}{}\n", error.sentence(), place.unwrap_or_default());
        }
        Some(Unreadable::NoSignature) => text += "Dokument nie ma podpisu.\n",
        Some(Unreadable::TooMany) => text += "Dokument ma więcej podpisów, niż brama sprawdza.\n",
        None => {}
    }
    judgement.signatures.iter().for_each(|judged| explain(judged, &mut text));
    text
}

fn explain(judged: &Judged, text: &mut String) {
    *text += &format!("\nPodpis {}: {}\n", judged.facts.id, judged.verdict);
    let (identity, declared) = identify(&judged.facts);
    if matches!(judged.facts.chain, Some(Ok(_))) {
        let parts = [&identity.given_name, &identity.surname, &identity.organization, &identity.unit];
        let name: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        *text += &format!("  podpisujący: {}\n", name.join(" "));
    }
    if let Some(declared) = declared {
        *text += &format!("  rola deklarowana, przez nikogo niepotwierdzona: {declared}\n");
    }
    for check in &judged.checks {
        let outcome = match check.outcome {
            Outcome::Ok => "dobrze",
            Outcome::Failed(_) => "BŁĄD",
            Outcome::Warning => "uwaga",
            Outcome::Skipped => continue,
        };
        let note = check.note.as_ref().map(|note| format!(": {note}"));
        *text += &format!("  {} — {outcome}{}\n", check.step.name(), note.unwrap_or_default());
    }
}

fn content(argument: &str) -> Result<(String, Vec<u8>), Failure> {
    let (uri, path) = argument
        .rsplit_once('=')
        .ok_or_else(|| Failure::Unreadable(format!("--content {argument}: URI=FILE is needed")))?;
    Ok((uri.to_owned(), read(Path::new(path))?))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unreadable(path, error))
}

pub(super) fn unreadable(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Unreadable(format!("{}: {error}", path.display()))
}
