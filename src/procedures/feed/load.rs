//! Loads one batch: a single pass over its bytes, chunk after chunk under a number that nobody sees, then the verdict.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::call::new_event;
use crate::problem::{Detail, Problem};
use crate::store::batches::{
    Batch, BatchState, Batches, ChunkRows, Effect, Hash, Load, NewFinding, NewRecord, Summary, Verdict,
};
use crate::store::{Error as StoreError, Tenant};
use crate::xml::{self, Item, ItemReader, Limits, Schema};

use super::chunk::{Chunk, Numbers};
use super::examine::{Rules, examine};
use super::finding::{Finding, FindingCode};
use super::header::{Coverage, Header};
use super::patience::patiently;
use super::plan::{Candidate, Known, Plan, Repetition, plan};
use super::spool::Spool;
use super::verdict::{check_file, verdict};

/// Persons that one transaction ends at most when a full batch does not name them (rule 7.2).
const CLOSED_AT_ONCE: i64 = 1000;

/// What loading needs beside the batch.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    pub tenant: &'a Tenant,
    /// The schemas of records.
    pub schema: &'a Schema,
    /// Bounds of one person's XML.
    pub limits: &'a Limits,
    /// Asked between chunks; the load stops where it is when the answer is `false`.
    pub go_on: &'a dyn Fn() -> bool,
}

/// Why a load ended without a verdict; it is swept and begun anew later.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    /// The process is being stopped.
    #[error("the load was stopped")]
    Stopped,
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
}

/// Loads `batch`, whose set `holder` holds, and speaks the verdict. Killed at any point, it can be called again.
///
/// # Errors
/// [`Interrupted`]: then nothing is visible and the batch keeps waiting.
pub fn load(tools: Tools<'_>, batch: Batch, holder: Uuid, now: fn() -> DateTime<Utc>) -> Result<Batch, Interrupted> {
    let batches = tools.tenant.batches();
    let load = batches.start(batch, holder)?;
    let id = load.batch.id;
    let mut work = Work::new(tools, batches, &load);
    let header = work.read_file()?;
    let (state, as_of) = work.conclude(header.as_ref())?;
    let verdict =
        Verdict { state, summary: work.summary, findings: work.findings, as_of, event: new_event(), at: now() };
    patiently(tools.go_on, || batches.finish(&load, &verdict))?;
    batches.sweep(&load.batch.set, holder)?;
    batches.find(id)?.ok_or_else(|| StoreError::internal("a batch vanished").into())
}

/// One pass over one file.
struct Work<'a> {
    tools: Tools<'a>,
    batches: Batches<'a>,
    load: &'a Load,
    numbers: Numbers<'a>,
    summary: Summary,
    /// Findings so far; also the number of the last one.
    findings: u64,
    /// The file as a whole is refused.
    file_is_broken: bool,
    /// Somebody without a readable `idZrodlowe` is broken.
    nameless: bool,
}

impl<'a> Work<'a> {
    fn new(tools: Tools<'a>, batches: Batches<'a>, load: &'a Load) -> Self {
        let numbers = Numbers::new(tools.tenant);
        Self {
            tools,
            batches,
            load,
            numbers,
            summary: Summary::default(),
            findings: 0,
            file_is_broken: false,
            nameless: false,
        }
    }

    /// Reads the file to its end, or to where it stops being XML; answers its header when that is sound.
    fn read_file(&mut self) -> Result<Option<Header>, Interrupted> {
        let mut reader =
            ItemReader::new(Spool::new(self.batches, &self.load.batch, self.tools.go_on), *self.tools.limits);
        let header = match self.header(&mut reader) {
            Ok(Ok(header)) => header,
            Ok(Err(faults)) => {
                let faults = faults.into_iter().map(|detail| file_finding(FindingCode::SchemaViolation, detail));
                self.refuse_file(&faults.collect::<Vec<_>>())?;
                return Ok(None);
            }
            Err(error) => {
                self.unreadable(error)?;
                return Ok(None);
            }
        };
        let mut chunk = Chunk::default();
        let broken = loop {
            match reader.next() {
                Ok(Some(item)) => match self.take(&header, &item, &mut chunk) {
                    Ok(()) => {}
                    Err(Trouble::File(error)) => break Some(error),
                    Err(Trouble::Load(interrupted)) => return Err(interrupted),
                },
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        self.write(&header, &mut chunk)?;
        if let Some(error) = broken {
            self.unreadable(error)?;
        } else {
            self.refuse_file(&check_file(&header, self.summary.persons))?;
        }
        Ok(Some(header))
    }

    fn header(&self, reader: &mut ItemReader<Spool<'_>>) -> Result<Result<Header, Vec<Detail>>, xml::Error> {
        let root = reader.root()?;
        let line = root.line;
        Ok(Header::of(&root).and_then(|header| {
            let faults = header.contradictions(&self.load.batch.mark, &self.load.batch.set, line);
            if faults.is_empty() { Ok(header) } else { Err(faults) }
        }))
    }

    fn take(&mut self, header: &Header, item: &Item, chunk: &mut Chunk) -> Result<(), Trouble> {
        let rules = Rules {
            schema: self.tools.schema,
            set: &self.load.batch.set,
            kind: self.load.batch.kind,
            coverage: header.coverage,
            limits: self.tools.limits,
        };
        let ordinal = self.summary.persons + chunk.len() + 1;
        let Some(examined) = examine(rules, item, ordinal).map_err(Trouble::File)? else {
            let detail = Detail {
                line: Some(item.line),
                path: Some("/z:Paczka".into()),
                text: "Paczka może zawierać tylko elementy Osoba.".into(),
                ..Detail::default()
            };
            return Ok(self.refuse_file(&[file_finding(FindingCode::SchemaViolation, detail)])?);
        };
        if !chunk.has_room_for(&examined) {
            self.write(header, chunk)?;
        }
        chunk.push(examined);
        Ok(())
    }

    fn patiently<T>(&self, work: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
        patiently(self.tools.go_on, work)
    }

    /// Whether anything of the batch may still become visible.
    const fn is_hopeful(&self, header: &Header) -> bool {
        !self.file_is_broken && (header.partial || self.summary.refused == 0)
    }

    /// Writes what the chunk does and empties it.
    fn write(&mut self, header: &Header, chunk: &mut Chunk) -> Result<(), Interrupted> {
        if !(self.tools.go_on)() {
            return Err(Interrupted::Stopped);
        }
        let candidates = chunk.candidates(self.batches, self.load)?;
        let known = self.known(&candidates)?;
        let plan = plan(&candidates, known);
        for former in &plan.taken_back {
            self.summary.refuse(*former);
        }
        for (examined, item) in chunk.persons.iter().zip(&plan.items) {
            self.summary.count(item.effect);
            self.nameless |= examined.is_nameless();
        }
        let mut rows = ChunkRows { processed: self.summary.persons, ..ChunkRows::default() };
        let mut findings: Vec<Finding> =
            chunk.persons.iter_mut().flat_map(|person| std::mem::take(&mut person.findings)).collect();
        for repetition in &plan.repetitions {
            findings.push(self.repetition(repetition)?);
        }
        findings.extend(chunk.unknown(&plan.unknown));
        rows.findings = self.seal(&findings)?;
        if self.is_hopeful(header) {
            rows.records = self.records(chunk, &plan)?;
            rows.closed = plan.closed;
            rows.undo = plan.undo;
        }
        rows.items = plan.items;
        rows.changed = plan.changed;
        self.patiently(|| self.batches.write_chunk(self.load, &rows))?;
        chunk.clear();
        Ok(())
    }

    fn known(&self, candidates: &[Candidate]) -> Result<Known, Interrupted> {
        let sources: Vec<Hash> = candidates.iter().filter_map(|candidate| candidate.source).collect();
        let pesels: Vec<Hash> = candidates.iter().filter_map(|candidate| candidate.pesel).collect();
        let (items, current) = self.patiently(|| self.batches.known(self.load, &sources, &pesels))?;
        Ok(Known { items, current })
    }

    fn records(&mut self, chunk: &Chunk, plan: &Plan) -> Result<Vec<NewRecord>, Interrupted> {
        let mut records = Vec::new();
        for (examined, item) in chunk.persons.iter().zip(&plan.items) {
            if let (Effect::Written, Some(record), Some(source_id)) =
                (item.effect, &examined.record, &examined.source_id)
            {
                let row = self.numbers.next(self.tools.go_on)?;
                records.push(self.batches.seal_record(self.load, row, source_id, &record.bytes, &record.terms)?);
            }
        }
        Ok(records)
    }

    fn repetition(&self, repetition: &Repetition) -> Result<Finding, Interrupted> {
        let item = &repetition.item;
        let source_id = match &item.source_sealed {
            Some(sealed) => Some(self.batches.open_item_source(&self.load.batch, item.ordinal, sealed)?),
            None => None,
        };
        let kind = self.load.batch.kind;
        let (path, what) = match repetition.code {
            FindingCode::IdRepeated => ("/z:Osoba/@idZrodlowe".to_owned(), "idZrodlowe"),
            _ => (format!("/b:{}/b:{}/b:pesel", kind.feed_root(), kind.subject_element()), "PESEL"),
        };
        let text = format!("Ten sam {what} ma w tej paczce osoba numer {}.", repetition.other);
        let detail = Detail { line: Some(item.line), path: Some(path), text, ..Detail::default() };
        Ok(Finding { code: repetition.code, ordinal: Some(item.ordinal), source_id, detail })
    }

    fn seal(&mut self, findings: &[Finding]) -> Result<Vec<NewFinding>, Interrupted> {
        let mut sealed = Vec::with_capacity(findings.len());
        for finding in findings {
            self.findings += 1;
            self.summary.warnings += u64::from(!finding.is_error());
            sealed.push(self.batches.seal_finding(
                self.load,
                finding.ordinal.unwrap_or(0),
                self.findings,
                &finding.to_bytes(),
            )?);
        }
        Ok(sealed)
    }

    /// Notes down what is wrong with the file as a whole; nothing when the list is empty.
    fn refuse_file(&mut self, findings: &[Finding]) -> Result<(), Interrupted> {
        self.file_is_broken |= findings.iter().any(Finding::is_error);
        let rows =
            ChunkRows { findings: self.seal(findings)?, processed: self.summary.persons, ..ChunkRows::default() };
        Ok(self.patiently(|| self.batches.write_chunk(self.load, &rows))?)
    }

    /// The file stops being XML.
    fn unreadable(&mut self, error: xml::Error) -> Result<(), Interrupted> {
        let mut problem = Problem::from(own_failure(error)?);
        let detail =
            problem.details.pop().unwrap_or_else(|| Detail { text: problem.public.into_owned(), ..Detail::default() });
        self.refuse_file(&[file_finding(FindingCode::MalformedXml, detail)])
    }

    /// Ends the rows of whoever a full batch does not name, and judges.
    fn conclude(&mut self, header: Option<&Header>) -> Result<(BatchState, Option<NaiveDate>), Interrupted> {
        let Some(header) = header else {
            self.summary.refuse_all();
            return Ok((BatchState::Refused, None));
        };
        let state = verdict(header.partial, self.file_is_broken, &self.summary);
        if state == BatchState::Refused {
            self.summary.refuse_all();
        } else if header.coverage == Coverage::Full && !self.nameless {
            self.close_unnamed()?;
        }
        Ok((state, Some(header.as_of)))
    }

    fn close_unnamed(&mut self) -> Result<(), Interrupted> {
        let mut last = Some(0);
        while let Some(after) = last {
            if !(self.tools.go_on)() {
                return Err(Interrupted::Stopped);
            }
            let (closed, end) = self.patiently(|| self.batches.close_unnamed(self.load, after, CLOSED_AT_ONCE))?;
            self.summary.removed += closed;
            last = end;
        }
        Ok(())
    }
}

/// Why a person could not be taken.
enum Trouble {
    File(xml::Error),
    Load(Interrupted),
}

impl From<Interrupted> for Trouble {
    fn from(interrupted: Interrupted) -> Self {
        Self::Load(interrupted)
    }
}

fn file_finding(code: FindingCode, detail: Detail) -> Finding {
    Finding { code, ordinal: None, source_id: None, detail }
}

/// A failure that is not the file's: the store's behind a failed read, or our own. The load is tried again.
fn own_failure(error: xml::Error) -> Result<xml::Error, Interrupted> {
    match error {
        xml::Error::Io(cause) => {
            let text = cause.to_string();
            let store = cause.into_inner().and_then(|inner| inner.downcast::<StoreError>().ok());
            Err(Interrupted::Store(store.map_or_else(|| StoreError::internal(text), |inner| *inner)))
        }
        xml::Error::Library(_) | xml::Error::Schema { .. } => Err(Interrupted::Store(StoreError::internal(error))),
        fault => Ok(fault),
    }
}
