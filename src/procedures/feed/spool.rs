//! The bytes of a batch as one stream: its sealed parts, opened one at a time.

use std::io::{self, BufRead, Read};

use zeroize::Zeroizing;

use crate::store::batches::{Batch, Batches};

use super::patience::patiently;

/// Reads the parts of a batch in order; holds one of them in memory.
pub struct Spool<'t> {
    batches: Batches<'t>,
    batch: &'t Batch,
    go_on: &'t dyn Fn() -> bool,
    part: Zeroizing<Vec<u8>>,
    at: usize,
    next: u64,
}

impl<'t> Spool<'t> {
    #[must_use]
    pub fn new(batches: Batches<'t>, batch: &'t Batch, go_on: &'t dyn Fn() -> bool) -> Self {
        Self { batches, batch, go_on, part: Zeroizing::default(), at: 0, next: 1 }
    }
}

impl BufRead for Spool<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.part.len() && self.next <= self.batch.last_part {
            let part =
                patiently(self.go_on, || self.batches.read_part(self.batch, self.next)).map_err(io::Error::other)?;
            self.part = part.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "a part of the batch vanished"))?;
            self.at = 0;
            self.next += 1;
        }
        Ok(&self.part[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.part.len());
    }
}

impl Read for Spool<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let amount = self.fill_buf()?.read(out)?;
        self.consume(amount);
        Ok(amount)
    }
}
