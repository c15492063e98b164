//! What a signature may be made of: a message's is read by machines of ours, a document's by whatever program an office has.

/// Whose whitelist applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// WS-Security: parts of the message under identifiers.
    Message,
    /// XAdES (rule 11.2): whole documents, content beside them, and transforms that leave signatures out.
    Document,
}

impl Profile {
    /// More references than anybody needs; each costs a pass over what it names.
    #[must_use]
    pub const fn references_max(self) -> usize {
        match self {
            Self::Message => 10,
            Self::Document => 100,
        }
    }

    pub(super) const fn is_document(self) -> bool {
        matches!(self, Self::Document)
    }
}
