//! Sends one file: begin, parts, close, wait, protocol. Every step may be repeated, so whatever passes is tried again.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::sha256;

use super::messages::{Report, Standing, page};
use crate::cli::Failure;
use crate::cli::caller::{Caller, failure};
use crate::procedures::feed::Header;
use crate::soap::client::Client;
use crate::xml::names::Z;
use crate::xml::{Element, ItemReader, Limits, Writer};

/// How long a step is tried again while the gateway is away or overloaded.
const PATIENCE: Duration = Duration::from_mins(2);

/// Findings on one page of the protocol.
const PAGE: u64 = 1000;

/// How far the sending is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Bytes of the file that the gateway has.
    Sending { bytes: u64, of: u64 },
    /// Another batch of the set is being loaded.
    Waiting,
    /// Persons that the gateway has read.
    Loading { persons: u64, of: u64 },
}

/// Sends the batch in `file`, waits for its verdict and brings the whole protocol.
///
/// `unit` is the sending unit; by default the administrator that the set's name begins with.
///
/// # Errors
/// `Unreadable` when the file is no batch, `Refused` when the gateway refuses a message, `Unavailable` when it gives no
/// answer for two minutes: the same call goes on where this one ended.
pub fn send(
    client: &Client,
    unit: Option<&str>,
    file: &Path,
    show: &mut dyn FnMut(Progress),
) -> Result<Report, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::Unreadable(format!("{}: {error}", file.display()));
    let header = header(file)?;
    let length = file.metadata().map_err(|error| unreadable(&error))?.len();
    let unit = unit.unwrap_or_else(|| header.set.split('/').next().unwrap_or_default());
    let desk = Caller { client, service: "zasilanie", unit, user: None, patience: PATIENCE };

    let begun = ask(&desk, "RozpocznijPaczke", Standing::read, |out| {
        out.text_element(Z.name("oznaczenie"), &header.mark);
        out.text_element(Z.name("zbior"), &header.set);
    })?;
    let mut bytes = File::open(file).map_err(|error| unreadable(&error))?;
    let mut digests = Vec::new();
    let mut sent = 0;
    while let Some(part) = next_part(&mut bytes, begun.part_bytes).map_err(|error| unreadable(&error))? {
        digests.push(sha256(&part));
        let number = digests.len() as u64;
        if begun.state == "ROZPOCZETA" && number > begun.last_part {
            ask(
                &desk,
                "PrzekazCzesc",
                |_| (),
                |out| {
                    out.text_element(Z.name("idPaczki"), &begun.batch);
                    out.text_element(Z.name("numer"), &number.to_string());
                    out.base64_element(Z.name("zawartosc"), &part);
                },
            )?;
        }
        sent += part.len() as u64;
        show(Progress::Sending { bytes: sent, of: length });
    }
    // Also for a batch that is closed already: the list proves that it was this very file.
    ask(
        &desk,
        "ZamknijPaczke",
        |_| (),
        |out| {
            out.text_element(Z.name("idPaczki"), &begun.batch);
            for (number, digest) in (1..).zip(&digests) {
                part_digest(number, digest, out);
            }
        },
    )?;
    wait(&desk, &begun.batch, header.persons, show)?;
    protocol(&desk, &begun.batch)
}

fn ask<T>(
    desk: &Caller<'_>,
    operation: &'static str,
    read: fn(Element<'_>) -> T,
    inside: impl FnOnce(&mut Writer),
) -> Result<T, Failure> {
    desk.ask(Z.name(operation), read, inside).map_err(|error| failure(operation, error))
}

fn wait(desk: &Caller<'_>, batch: &str, persons: u64, show: &mut dyn FnMut(Progress)) -> Result<(), Failure> {
    let mut rest = Duration::from_millis(100);
    loop {
        let standing =
            ask(desk, "PobierzStatusPaczki", Standing::read, |out| out.text_element(Z.name("idPaczki"), batch))?;
        if standing.is_final() {
            return Ok(());
        }
        show(match standing.state.as_str() {
            "PRZETWARZANA" => Progress::Loading { persons: standing.processed, of: persons },
            _ => Progress::Waiting,
        });
        thread::sleep(rest);
        rest = (rest * 2).min(Duration::from_secs(2));
    }
}

fn protocol(desk: &Caller<'_>, batch: &str) -> Result<Report, Failure> {
    let mut report: Option<Report> = None;
    loop {
        let from = report.as_ref().map_or(0, |report| report.findings.len() as u64) + 1;
        let next = ask(desk, "PobierzProtokol", page, |out| {
            out.text_element(Z.name("idPaczki"), batch);
            out.text_element(Z.name("od"), &from.to_string());
            out.text_element(Z.name("ile"), &PAGE.to_string());
        })?;
        let is_last = next.findings.is_empty() || from - 1 + next.findings.len() as u64 >= next.findings_total;
        match &mut report {
            Some(report) => report.findings.extend(next.findings),
            None => report = Some(next),
        }
        if let (true, Some(report)) = (is_last, report.take_if(|_| is_last)) {
            return Ok(report);
        }
    }
}

fn part_digest(number: u64, digest: &[u8; 32], out: &mut Writer) {
    out.element(Z.name("czesc"), |out| {
        out.text_element(Z.name("numer"), &number.to_string());
        out.text_element(Z.name("skrot"), &STANDARD.encode(digest));
    });
}

/// The next piece of the file, `None` at its end.
fn next_part(file: &mut File, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut part = Vec::new();
    file.by_ref().take(most.max(1)).read_to_end(&mut part)?;
    Ok((!part.is_empty()).then_some(part))
}

/// The file's own head: mark and set are told to the gateway before the first part.
fn header(file: &Path) -> Result<Header, Failure> {
    let unreadable = |text: String| Failure::Unreadable(format!("{}: {text}", file.display()));
    let bytes = File::open(file).map_err(|error| unreadable(error.to_string()))?;
    let mut reader = ItemReader::new(BufReader::new(bytes), Limits::default());
    let root = reader.root().map_err(|error| unreadable(error.to_string()))?;
    Header::of(&root).map_err(|faults| {
        let texts: Vec<_> =
            faults.into_iter().map(|fault| format!("{} {}", fault.path.unwrap_or_default(), fault.text)).collect();
        unreadable(texts.join("; "))
    })
}
