//! How much of a document is accepted before anything is built from it.

/// Bounds of one document; each is the largest value still accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Size of the document in bytes.
    pub bytes: usize,
    /// Nesting of elements; the root has depth 1.
    pub depth: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes: usize,
    /// Namespace declarations in scope at once.
    pub namespaces: usize,
    /// Elements in the whole document.
    pub elements: usize,
    /// Whether processing instructions are accepted; SOAP knows none.
    pub instructions: bool,
}

impl Default for Limits {
    /// The limits of a request unless configured otherwise.
    fn default() -> Self {
        Self {
            bytes: 10 * 1024 * 1024,
            depth: 64,
            attributes: 64,
            namespaces: 32,
            elements: 100_000,
            instructions: true,
        }
    }
}
