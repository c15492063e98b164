//! Extracts of registers: written with proofs, and checked by themselves, without any database.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use clap::Args;
use uuid::Uuid;

use super::Failure;
use crate::ledger::{EXTRACT_END, ExtractAudit, Former, Span, begin_extract, read_head, write_proof};
use crate::signatures::Certificate;
use crate::store::{LedgerReader, Stores};
use crate::xml::{ItemReader, Limits, R, Writer};

/// Entries in memory at a time.
const PAGE: u64 = 200;

/// Bytes of one entry with its proof, written or read.
const ITEM_BYTES: usize = 16 << 20;

#[derive(Args)]
pub struct ExportArgs {
    /// Administrator, or `platforma` for the platform's own register.
    #[arg(long)]
    tenant: String,
    /// Number of the first entry. Absent: the first that was not removed.
    #[arg(long, value_name = "N", conflicts_with = "event")]
    from: Option<u64>,
    /// Number of the last entry. Absent: the last that a signed head covers.
    #[arg(long, value_name = "N", conflicts_with = "event")]
    to: Option<u64>,
    /// One entry alone, by its `idZdarzenia` or `idUdostepnienia`.
    #[arg(long, value_name = "UUID")]
    event: Option<Uuid>,
    /// Prove also that the register goes on from the head that was published at this size.
    #[arg(long, value_name = "SIZE")]
    since: Option<u64>,
}

impl ExportArgs {
    /// Writes `r:Wyciag` to the standard output.
    pub fn run(&self, stores: &Stores) -> Result<(), Failure> {
        let reader = stores.register(&self.tenant)?;
        let Some(head) = reader.signed_head()? else {
            return Err(Failure::Refused(format!("the register of {} has no entries", self.tenant)));
        };
        let size = head.read().map_err(|error| Failure::Refused(error.to_string()))?.size;
        let span = self.span(&reader, size)?;
        let former = self.since.map(|former| self.former(&reader, former, size)).transpose()?;
        let mut out = io::stdout().lock();
        let mut send = |bytes: &[u8]| out.write_all(bytes).map_err(|error| Failure::Unavailable(error.to_string()));
        send(&begin_extract(span, &head, former.as_ref()))?;
        let mut next = span.first;
        while next <= span.last {
            let proofs = reader.proofs(next, PAGE.min(span.last - next + 1), size)?;
            let Some(last) = proofs.last() else { break };
            next = last.number + 1;
            for proof in &proofs {
                let mut entry = Writer::new();
                write_proof(proof, &mut entry);
                send(&entry.into_bytes())?;
            }
        }
        send(EXTRACT_END)
    }

    fn span(&self, reader: &LedgerReader, size: u64) -> Result<Span, Failure> {
        let (first, last) = match self.event {
            None => (self.from.map_or_else(|| reader.removed().map(|last| last + 1), Ok)?, self.to.unwrap_or(size)),
            Some(event) => {
                let number = reader.number_of(event)?;
                let number = number.ok_or_else(|| Failure::Refused(format!("{} has no entry {event}", self.tenant)))?;
                (number, number)
            }
        };
        if first == 0 || last < first || last > size {
            return Err(Failure::Refused(format!("the register of {} has entries 1 to {size}", self.tenant)));
        }
        reader.require_kept(first)?;
        Ok(Span { first, last })
    }

    fn former(&self, reader: &LedgerReader, former: u64, size: u64) -> Result<Former, Failure> {
        Ok(Former { head: reader.head_of(former)?, path: reader.consistency(former, size)? })
    }
}

/// Checks an extract by itself and says what it shows.
pub fn verify(path: &Path) -> Result<(), Failure> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::Unreadable(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let limits = Limits { bytes: ITEM_BYTES, ..Limits::default() };
    let mut items = ItemReader::new(BufReader::new(file), limits);
    let root = items.root().map_err(|error| unreadable(&error))?;
    if (root.namespace.as_str(), root.name.as_str()) != (R.uri, "Wyciag") {
        return Err(unreadable(&"not an extract of a register"));
    }
    let mut audit = ExtractAudit::default();
    let mut signer = None;
    while let Some(item) = items.next().map_err(|error| unreadable(&error))? {
        let document = item.parse(&limits).map_err(|error| unreadable(&error))?;
        if document.root().is(R.name("glowa")) {
            signer = read_head(document.root()).ok();
        }
        audit.part(document.root());
    }
    let (head, span, findings) = audit.finish();
    for finding in &findings {
        let place = finding.number.map_or_else(|| "extract".to_owned(), |number| format!("entry {number}"));
        println!("  {place}: {}", finding.text);
    }
    match (head, span, findings.is_empty()) {
        (Some(head), Some(span), true) => {
            println!("{}: entries {} to {} are under the head of {}", head.tenant, span.first, span.last, head.size);
            let signer = signer.and_then(|head| Certificate::from_der(&head.certificate).ok());
            if let Some(signer) = signer {
                println!("signed by {} (SHA-256 {})", signer.subject(), hex(&signer.fingerprint()));
            }
            Ok(())
        }
        _ => Err(Failure::Refused(format!("{} does not hold", path.display()))),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
