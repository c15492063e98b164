//! Tells how a batch fares: its state, its numbers and its protocol, page by page.

use uuid::Uuid;

use crate::problem::Problem;
use crate::store::batches::{Batch, Batches};

use super::finding::Finding;
use super::receive;

/// A page of the protocol.
#[derive(Debug)]
pub struct Protocol {
    pub batch: Batch,
    /// Findings of the whole batch, also those of other pages.
    pub findings_total: u64,
    pub page: Vec<Finding>,
}

/// Reads the findings number `from` (from 1) to `from + most - 1`; those of the file come first, then those of persons
/// in the file's order. Until the verdict the list still grows.
///
/// # Errors
/// `BatchUnknown`, else as of the store.
pub fn protocol(batches: Batches<'_>, id: Uuid, from: u64, most: u64) -> Result<Protocol, Problem> {
    let batch = receive::find(batches, id)?;
    let findings_total = if batch.state.is_final() { batch.findings } else { batches.count_findings(&batch)? };
    let stored = batches.findings(&batch, from, most)?;
    let page =
        stored.iter().map(|bytes| Finding::from_bytes(bytes)).collect::<Result<_, _>>().map_err(Problem::internal)?;
    Ok(Protocol { batch, findings_total, page })
}
