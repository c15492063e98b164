//! What a digest is taken of: how many octets, and their hash.

use crate::signatures::{Digester, Hash};

/// Octets that were hashed.
pub(super) struct Octets {
    pub length: usize,
    pub digest: Vec<u8>,
}

/// Octets that come in pieces.
pub(super) struct Counted {
    length: usize,
    state: Digester,
}

impl Octets {
    pub fn of(hash: Hash, bytes: &[u8]) -> Self {
        Self { length: bytes.len(), digest: hash.of(bytes) }
    }

    pub fn start(hash: Hash) -> Counted {
        Counted { length: 0, state: hash.start() }
    }
}

impl Counted {
    pub fn update(&mut self, chunk: &[u8]) {
        self.length += chunk.len();
        self.state.update(chunk);
    }

    pub fn finish(self) -> Octets {
        Octets { length: self.length, digest: self.state.finish() }
    }
}
