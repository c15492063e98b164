//! The threads that load: they serve one administrator at a time each, its batches in the order in which they were accepted.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;
use uuid::Uuid;

use crate::ledger::{BatchSummary, Draft, EventKind};
use crate::problem::Problem;
use crate::procedures::bell::Bell;
use crate::procedures::shift::{Duty, Shift};
use crate::store::batches::Batch;
use crate::store::{Address, Stores, Submission, Tenant};
use crate::xml::{Limits, Schema};

use super::load::{Interrupted, Tools, load};

/// The schema of records, as the contract names it.
const RECORDS: &str = "beneficjent.xsd";

/// Bounds of one person's XML.
const PERSON: Limits =
    Limits { bytes: 4 << 20, depth: 64, attributes: 64, namespaces: 32, elements: 100_000, instructions: true };

/// The running loader of a node.
pub struct Loader(Shift);

/// What all its threads share.
struct Workshop {
    stores: Arc<Stores>,
    schema: Schema,
    bell: Bell,
    /// Who we are to other nodes.
    holder: Uuid,
    /// Administrators at whom nothing of an earlier run is left over.
    tidy: Mutex<HashSet<String>>,
}

impl Loader {
    /// Gives the ledgers what an earlier run still owed them (rule 2.5), then begins to load in threads of its own.
    /// An administrator that is away gets its turn later.
    ///
    /// # Errors
    /// When the schema of records does not compile or the platform database is away.
    pub fn start(stores: &Arc<Stores>, bell: &Bell) -> Result<Self, Problem> {
        let workshop = Workshop {
            stores: Arc::clone(stores),
            schema: Schema::compile(RECORDS, crate::contract::XSD)?,
            bell: bell.clone(),
            holder: Uuid::new_v4(),
            tidy: Mutex::default(),
        };
        for (id, tenant) in stores.open_all()? {
            if let Err(problem) = tenant.map_err(Problem::from).and_then(|tenant| settle(&tenant)) {
                log::warn!("tenant.id" = id.as_str(); "entries of batches are made up for later: {problem}");
            }
            bell.ring(&id);
        }
        Shift::start(bell, workshop).map(Self)
    }

    /// Ends the threads; a load under way stops between two chunks and begins anew at the next start.
    pub fn stop(self) {
        self.0.stop();
    }
}

impl Duty for Workshop {
    const NAME: &'static str = "feed";
    const THREADS: usize = 2;
    const ROUND: Duration = Duration::from_secs(10);

    fn go_round(&self, bell: &Bell) {
        let tenants = self.stores.platform().tenant_ids().unwrap_or_default();
        for id in tenants {
            if self.stores.tenant(&id).is_ok_and(|tenant| has_work(&tenant)) {
                bell.ring(&id);
            }
        }
    }

    /// Loads whatever waits at one administrator, each set's oldest batch first.
    fn serve(&self, id: &str) -> Result<(), Problem> {
        let tenant = self.stores.tenant(id)?;
        // What one batch or one event runs into must not stop the others of this administrator.
        let mut outcome = settle(&tenant);
        self.tidy_up(&tenant)?;
        let mut failed = HashSet::new();
        loop {
            let mut sets = failed.clone();
            let mut loaded = false;
            for batch in tenant.batches().waiting()? {
                if sets.insert(batch.set.clone()) && !self.bell.is_closed() {
                    match self.load(&tenant, &batch) {
                        Ok(done) => loaded |= done,
                        Err(problem) => {
                            failed.insert(batch.set);
                            outcome = outcome.and(Err(problem));
                        }
                    }
                }
            }
            if !loaded {
                return outcome;
            }
        }
    }

    fn failed(&self, tenant: &str) {
        lock(&self.tidy).remove(tenant);
    }
}

impl Workshop {
    /// Once per run: holds and rows of a run that was killed. What a batch still waits for is swept when it loads anew.
    fn tidy_up(&self, tenant: &Tenant) -> Result<(), Problem> {
        if lock(&self.tidy).contains(&tenant.id) {
            return Ok(());
        }
        let batches = tenant.batches();
        if matches!(tenant.sets.address(), Address::File(_)) {
            // One process has the files: whoever held a set is gone.
            batches.release_all()?;
        }
        for set in batches.sets()? {
            if batches.hold(&set, self.holder)? {
                let swept = batches.sweep(&set, self.holder);
                batches.release(&set, self.holder)?;
                swept?;
            }
        }
        lock(&self.tidy).insert(tenant.id.clone());
        Ok(())
    }

    /// Loads one batch unless somebody else has its set in hand; says whether it did.
    fn load(&self, tenant: &Tenant, batch: &Batch) -> Result<bool, Problem> {
        let batches = tenant.batches();
        if !batches.hold(&batch.set, self.holder)? {
            return Ok(false);
        }
        // Another node may have loaded it since it was listed.
        let done = match batches.find(batch.id)? {
            Some(batch) if !batch.state.is_final() => self.load_held(tenant, batch).map(|()| true),
            _ => Ok(false),
        };
        batches.release(&batch.set, self.holder)?;
        done
    }

    fn load_held(&self, tenant: &Tenant, batch: Batch) -> Result<(), Problem> {
        let go_on = || !self.bell.is_closed();
        let tools = Tools { tenant, schema: &self.schema, limits: &PERSON, go_on: &go_on };
        match load(tools, batch, self.holder, Utc::now) {
            Ok(batch) => {
                log::info!(
                    "tenant.id" = tenant.id.as_str(),
                    "batch.id":display = batch.id,
                    state = batch.state.wire(),
                    persons = batch.summary.persons,
                    refused = batch.summary.refused;
                    "batch loaded"
                );
                settle(tenant)
            }
            Err(Interrupted::Stopped) => Ok(()),
            Err(Interrupted::Store(error)) => Err(error.into()),
        }
    }
}

fn has_work(tenant: &Tenant) -> bool {
    let batches = tenant.batches();
    batches.waiting().is_ok_and(|waiting| !waiting.is_empty())
        || batches.outbox().is_ok_and(|events| !events.is_empty())
}

/// Gives the ledger the entries that the outbox still holds; it takes each only once (rule 2.5).
///
/// # Errors
/// When the ledger or the store is away: the events stay in the outbox.
pub fn settle(tenant: &Tenant) -> Result<(), Problem> {
    let batches = tenant.batches();
    for (event, batch) in batches.outbox()? {
        let draft = entry(&tenant.id, event, &batch);
        tenant.recorder.submit(Submission { draft: Some(draft), ..Submission::default() })?.wait_blocking()?;
        batches.settle(event)?;
    }
    Ok(())
}

/// What the ledger says of a finished batch: its numbers, nobody's data.
fn entry(tenant: &str, event: Uuid, batch: &Batch) -> Draft {
    let summary = batch.summary;
    Draft {
        request: Some(batch.sender.request.clone()),
        unit: Some(batch.sender.unit.clone()),
        system: Some(batch.sender.system.clone()),
        certificate: Some(batch.sender.certificate),
        set: Some(batch.set.clone()),
        outcome: Some(batch.state.wire().into()),
        state: batch.set_state,
        as_of: batch.as_of,
        batch: Some(BatchSummary {
            batch: batch.id,
            mark: batch.mark.clone(),
            persons: summary.persons,
            written: summary.written,
            removed: summary.removed,
            unchanged: summary.unchanged,
            refused: summary.refused,
            warnings: summary.warnings,
        }),
        ..Draft::new(event, EventKind::Feed, tenant)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
