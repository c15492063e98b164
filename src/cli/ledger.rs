//! `brama ledger`: shows the readable part of entries, verifies that a register is whole, writes extracts with proofs; with
//! a right and a reason it reports to a person, destroys a person's key and removes old entries.

mod extract;
mod person;
mod witness;

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use extract::ExportArgs;
use person::{EraseArgs, ReportArgs, RetireArgs};
use witness::WitnessArgs;

use super::{Failure, administration};
use crate::config::Config;
use crate::ledger::{Finding, Head, StoredEntry, parse_entry, read_entry, readable_fields, time_text};
use crate::store::{Error, PLATFORM, Recorder, Stores};
use crate::xml::Schema;

/// The registers of disclosures.
#[derive(Args)]
pub struct LedgerArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Print the readable part of entries; what concerns persons stays sealed.
    Show(ShowArgs),
    /// Check numbers, times, hashes, schema, tree and signed heads of registers, or an extract by itself.
    Verify(VerifyArgs),
    /// Let a register go on after its database was restored or lagged: what was known beyond it is named and lost.
    OpenEpoch(OpenEpochArgs),
    /// Write entries with their proofs under the newest signed head, as `r:Wyciag`.
    Export(ExportArgs),
    /// Counter-sign the heads of another unit's register, each after the proof that it goes on from the last.
    Witness(WitnessArgs),
    /// Tell to whom, when, what and why a person's data were given out or refused; opens the person's sealed parts.
    Report(ReportArgs),
    /// Destroy a person's key for good: the parts about the person cannot be read any more, all proofs still hold.
    Erase(EraseArgs),
    /// Remove the oldest entries by whole segments; their hashes stay, and all proofs of the others hold.
    Retire(RetireArgs),
}

#[derive(Args)]
struct ShowArgs {
    /// Administrator, or `platforma` for the platform's own register.
    #[arg(long)]
    tenant: String,
    /// Number of the first entry.
    #[arg(long, value_name = "N", default_value_t = 1)]
    from: u64,
    /// Entries at most.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u64,
}

#[derive(Args)]
struct VerifyArgs {
    /// Administrator, or `platforma`. Absent: every register.
    #[arg(long)]
    tenant: Option<String>,
    /// An extract to check by itself instead of the registers.
    #[arg(long, value_name = "FILE", conflicts_with = "tenant")]
    file: Option<PathBuf>,
}

impl LedgerArgs {
    /// Runs the verb; an extract is checked, and another's register witnessed, without any configuration.
    ///
    /// # Errors
    /// `Refused` when there is no such administrator or a register does not hold, `Unavailable` when a database is away.
    pub fn run(&self, config: impl FnOnce() -> Result<Config, Failure>) -> Result<(), Failure> {
        match &self.verb {
            Verb::Verify(VerifyArgs { file: Some(file), .. }) => extract::verify(file),
            Verb::Witness(witness) => witness.run(),
            Verb::Show(show) => show.run(&administration::open(&config()?)?),
            Verb::Verify(verify) => verify.run(&administration::open(&config()?)?),
            Verb::OpenEpoch(open) => open.run(&config()?),
            Verb::Export(export) => export.run(&administration::open(&config()?)?),
            Verb::Report(report) => report.run(&config()?),
            Verb::Erase(erase) => erase.run(&config()?),
            Verb::Retire(retire) => retire.run(&config()?),
        }
    }
}

impl ShowArgs {
    fn run(&self, stores: &Stores) -> Result<(), Failure> {
        for entry in stores.register(&self.tenant)?.page(self.from, self.limit)? {
            print!("{}", shown(&entry));
        }
        Ok(())
    }
}

impl VerifyArgs {
    fn run(&self, stores: &Stores) -> Result<(), Failure> {
        let schema = administration::entry_schema()?;
        let tenants = match &self.tenant {
            Some(tenant) => vec![tenant.clone()],
            None => std::iter::once(PLATFORM.to_owned()).chain(stores.platform().tenant_ids()?).collect(),
        };
        let mut broken = Vec::new();
        let mut unread = Vec::new();
        for tenant in tenants {
            match audit(stores, &tenant, &schema) {
                Ok((head, findings)) if findings.is_empty() => {
                    println!("{tenant}: {} entries, epoch {}: whole", head.size, head.epoch);
                }
                Ok((head, findings)) => {
                    println!("{tenant}: {} entries, epoch {}: {} findings", head.size, head.epoch, findings.len());
                    for finding in findings {
                        let place =
                            finding.number.map_or_else(|| "register".to_owned(), |number| format!("entry {number}"));
                        println!("  {place}: {}", finding.text);
                    }
                    broken.push(tenant);
                }
                Err(Failure::Unavailable(cause)) => {
                    println!("{tenant}: not verified: {cause}");
                    unread.push(tenant);
                }
                Err(failure) => return Err(failure),
            }
        }
        match (broken.is_empty(), unread.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => Err(Failure::Unavailable(format!("not verified: {}", unread.join(", ")))),
            (false, _) => Err(Failure::Refused(format!("not whole: {}", broken.join(", ")))),
        }
    }
}

#[derive(Args)]
struct OpenEpochArgs {
    /// Administrator, or `platforma`.
    #[arg(long)]
    tenant: String,
    /// Why; it stands readable in the entry that opens the epoch.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl OpenEpochArgs {
    fn run(&self, config: &Config) -> Result<(), Failure> {
        let stores = administration::open_to_write(config)?;
        let epoch = recorder(&stores, &self.tenant)?.open_epoch(&self.reason)?;
        println!("{}: epoch {epoch} is open", self.tenant);
        Ok(())
    }
}

/// What does not hold in a register, in itself and beside what this node knows of it.
fn audit(stores: &Stores, tenant: &str, schema: &Schema) -> Result<(Head, Vec<Finding>), Failure> {
    let (head, mut findings) = stores.register(tenant)?.audit(schema)?;
    match stores.check_known(tenant) {
        Err(Error::Refused(text)) => findings.push(Finding { number: None, text }),
        other => other?,
    }
    Ok((head, findings))
}

fn recorder(stores: &Stores, tenant: &str) -> Result<Recorder, Failure> {
    Ok(match tenant {
        PLATFORM => stores.platform_recorder().clone(),
        tenant => stores.tenant(tenant)?.recorder.clone(),
    })
}

/// An entry as text: its place in one line, then a line per field; of sealed parts only how many there are.
fn shown(stored: &StoredEntry) -> String {
    let mut text = format!("{} {} {} {}\n", stored.number, time_text(stored.time), stored.kind, stored.event);
    if stored.is_removed() {
        return text + "  removed: only the hash is left\n";
    }
    let read = parse_entry(&stored.leaf).and_then(|document| {
        let entry = document.root();
        Ok((readable_fields(entry), read_entry(entry)?.parts))
    });
    // Writing to a string cannot fail.
    let _ = match read {
        Ok((fields, parts)) => {
            for (name, value) in fields.iter().filter(|(name, _)| !IN_FIRST_LINE.contains(&name.as_str())) {
                let _ = writeln!(text, "  {name}: {value}");
            }
            writeln!(text, "  czesc: {parts}")
        }
        Err(error) => writeln!(text, "  unreadable: {error}"),
    };
    text
}

/// Fields that the first line of an entry shows already.
const IN_FIRST_LINE: &[&str] = &["numer", "czas", "idZdarzenia", "rodzaj"];

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::ledger::{Draft, EventKind, Position, SealedPart, leaf_hash, write_entry};

    fn stored() -> StoredEntry {
        let draft = Draft {
            unit: Some("OPS-BUSKO".to_owned()),
            asked: vec!["1.1".to_owned()],
            ..Draft::new(Uuid::from_u128(1), EventKind::Disclosure, "PUP-BUSKO")
        };
        let time = DateTime::from_timestamp_micros(1_763_640_000_000_007).expect("a time");
        let part = SealedPart { commitment: [1; 32], sealed: vec![2; 9] };
        let leaf = write_entry(&draft, Position { number: 7, epoch: 1, time, repeat: false }, &[part]);
        let kind = draft.kind.wire().to_owned();
        let leaf_hash = leaf_hash(&leaf).to_vec();
        let subtrees = Vec::new();
        StoredEntry { number: 7, epoch: 1, time, event: draft.event, kind, repeat: false, leaf, leaf_hash, subtrees }
    }

    #[test]
    fn an_entry_is_shown_without_what_is_sealed() {
        assert_eq!(
            shown(&stored()),
            "7 2025-11-20T12:00:00.000007Z UDOSTEPNIENIE 00000000-0000-0000-0000-000000000001\n  epoka: 1\n  \
             administrator: PUP-BUSKO\n  jednostka: OPS-BUSKO\n  zakresZadany/pozycja: 1.1\n  czesc: 1\n"
        );
    }

    #[test]
    fn an_entry_that_was_removed_is_still_named() {
        let text = shown(&StoredEntry { leaf: Vec::new(), ..stored() });
        assert!(text.starts_with("7 2025") && text.contains("removed"), "{text}");
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_still_named() {
        let text = shown(&StoredEntry { leaf: vec![9], ..stored() });
        assert!(text.starts_with("7 2025") && text.contains("unreadable"), "{text}");
    }
}
