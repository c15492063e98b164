//! A byte source that knows its place, keeps what passes and stops at a bound.

use std::io::{self, BufRead, Read};

use super::super::error::Position;

/// Wraps a reader for quick-xml, which consumes exactly the bytes of an event.
pub(super) struct Source<R> {
    inner: R,
    place: Position,
    kept: Vec<u8>,
    max: usize,
    exhausted: bool,
}

impl<R: BufRead> Source<R> {
    /// A source that gives at most `max` bytes from one [`Source::begin`] to the next.
    pub(super) fn new(inner: R, max: usize) -> Self {
        Self { inner, place: Position { line: 1, column: 1 }, kept: Vec::new(), max, exhausted: false }
    }

    /// Forgets what was kept and allows the full bound again.
    pub(super) fn begin(&mut self) {
        self.kept.clear();
    }

    /// What passed since [`Source::begin`].
    pub(super) fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// Where the next byte stands.
    pub(super) const fn place(&self) -> Position {
        self.place
    }

    /// Whether the bound was met.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.exhausted
    }
}

impl<R: BufRead> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let available = self.inner.fill_buf()?;
        let room = self.max.saturating_sub(self.kept.len());
        if room == 0 && !available.is_empty() {
            self.exhausted = true;
            return Err(io::Error::other("more bytes than one item may have"));
        }
        Ok(&available[..available.len().min(room)])
    }

    fn consume(&mut self, count: usize) {
        // The bytes are still in the buffer: nothing is read here.
        if let Ok(available) = self.inner.fill_buf() {
            let passed = &available[..count.min(available.len())];
            self.place = self.place.after(passed);
            self.kept.extend_from_slice(passed);
        }
        self.inner.consume(count);
    }
}
