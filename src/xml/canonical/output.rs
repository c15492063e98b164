//! Where canonical bytes go: one buffer before the sink, and the references that stand for some characters.

/// Bytes gathered before the sink sees them.
const HELD: usize = 4 << 10;
/// Bytes looked at in one step.
const STEP: usize = 16;

/// What stands for a byte.
type Reference = (u8, &'static [u8]);

// Canonical XML 1.0 §2.3.
const IN_TEXT: [Reference; 4] = [(b'&', b"&amp;"), (b'<', b"&lt;"), (b'>', b"&gt;"), (b'\r', b"&#xD;")];
const IN_ATTRIBUTE: [Reference; 6] =
    [(b'&', b"&amp;"), (b'<', b"&lt;"), (b'"', b"&quot;"), (b'\t', b"&#x9;"), (b'\n', b"&#xA;"), (b'\r', b"&#xD;")];

pub(super) struct Output<'s> {
    held: Vec<u8>,
    sink: &'s mut dyn FnMut(&[u8]),
}

impl<'s> Output<'s> {
    pub fn new(sink: &'s mut dyn FnMut(&[u8])) -> Self {
        Self { held: Vec::with_capacity(HELD), sink }
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        if bytes.len() > HELD - self.held.len() {
            self.flush();
            if bytes.len() > HELD {
                return (self.sink)(bytes);
            }
        }
        self.held.extend_from_slice(bytes);
    }

    /// The text of an element.
    pub fn text(&mut self, text: &[u8]) {
        self.escaped(text, &IN_TEXT);
    }

    /// The value of an attribute, without the quotes.
    pub fn value(&mut self, value: &[u8]) {
        self.escaped(value, &IN_ATTRIBUTE);
    }

    /// Gives the sink what is left.
    pub fn flush(&mut self) {
        if !self.held.is_empty() {
            (self.sink)(&self.held);
            self.held.clear();
        }
    }

    fn escaped<const N: usize>(&mut self, mut bytes: &[u8], references: &[Reference; N]) {
        loop {
            let (plain, rest) = bytes.split_at(plain(bytes, references));
            self.raw(plain);
            let Some((first, behind)) = rest.split_first() else { return };
            for (byte, reference) in references {
                if byte == first {
                    self.raw(reference);
                }
            }
            bytes = behind;
        }
    }
}

/// How many bytes at the beginning stand for themselves.
fn plain<const N: usize>(bytes: &[u8], references: &[Reference; N]) -> usize {
    let special = |byte: &u8| references.iter().fold(0, |found, (special, _)| found | u8::from(byte == special));
    // A step has no branch inside, so that it becomes a few vector instructions.
    let (steps, _) = bytes.as_chunks::<STEP>();
    let clear = steps.iter().take_while(|step| step.iter().fold(0, |found, byte| found | special(byte)) == 0);
    let start = clear.count() * STEP;
    bytes[start..].iter().position(|byte| special(byte) != 0).map_or(bytes.len(), |at| start + at)
}
