//! `multipart/related` as it arrives (RFC 2046 §5.1): heads and contents of parts, piece by piece, nothing buffered for long.

use std::mem;

use memchr::memmem;

/// Bytes of one part's head at most.
const HEAD_BYTES_MAX: usize = 8 << 10;
const FIELDS_MAX: usize = 32;

/// The head of a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartHead {
    pub content_type: String,
    /// Content-ID as written, with its angle brackets.
    pub content_id: String,
    /// Content-Transfer-Encoding in lower case.
    pub transfer_encoding: String,
}

/// What comes next in a multipart body.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    Part(PartHead),
    Data(Vec<u8>),
}

/// Not a multipart body of this boundary.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the multipart body is not well formed")]
pub struct Malformed;

/// A reader that is fed chunks and gives events.
pub struct Multipart {
    /// `CRLF--boundary`.
    delimiter: Vec<u8>,
    state: State,
    buffer: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Preamble,
    /// Just behind a delimiter.
    Delimited,
    Content,
    Epilogue,
}

impl Multipart {
    #[must_use]
    pub fn new(boundary: &str) -> Self {
        // The first delimiter may stand at the very start, without the line end before it.
        Self { delimiter: format!("\r\n--{boundary}").into_bytes(), state: State::Preamble, buffer: b"\r\n".to_vec() }
    }

    /// Takes in a chunk and gives `each` what it completes.
    ///
    /// # Errors
    /// [`Malformed`], and what `each` says.
    pub fn push<E: From<Malformed>>(
        &mut self,
        chunk: &[u8],
        mut each: impl FnMut(Event) -> Result<(), E>,
    ) -> Result<(), E> {
        self.buffer.extend_from_slice(chunk);
        while let Some(event) = self.step()? {
            if let Some(event) = event {
                each(event)?;
            }
        }
        Ok(())
    }

    /// Whether the last delimiter has been seen: a body that ends before it was cut.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.state == State::Epilogue
    }

    /// One step; `None` when more bytes are needed, `Some(None)` when a step gives no event.
    #[expect(clippy::option_option, reason = "no step and a step without an event are different answers")]
    fn step(&mut self) -> Result<Option<Option<Event>>, Malformed> {
        match self.state {
            State::Preamble => Ok(self.content().map(|_| None)),
            State::Content => Ok(self.content().map(Some)),
            State::Delimited => self.head(),
            State::Epilogue => {
                self.buffer.clear();
                Ok(None)
            }
        }
    }

    /// What is certainly before the next delimiter.
    fn content(&mut self) -> Option<Event> {
        let found = memmem::find(&self.buffer, &self.delimiter);
        let end = found.unwrap_or_else(|| (self.buffer.len() + 1).saturating_sub(self.delimiter.len()));
        if found.is_none() && end == 0 {
            return None;
        }
        let rest = self.buffer.split_off(end);
        let data = mem::replace(&mut self.buffer, rest);
        if found.is_some() {
            self.buffer.drain(..self.delimiter.len());
            self.state = State::Delimited;
        }
        Some(Event::Data(data))
    }

    /// The end of a delimiter's line and the head behind it, or the two hyphens that end it all.
    #[expect(clippy::option_option, reason = "as in `step`")]
    fn head(&mut self) -> Result<Option<Option<Event>>, Malformed> {
        if self.buffer.len() < 2 {
            return Ok(None);
        }
        if self.buffer.starts_with(b"--") {
            self.state = State::Epilogue;
            return Ok(Some(None));
        }
        let bounded = &self.buffer[..self.buffer.len().min(HEAD_BYTES_MAX)];
        let Some(end) = memmem::find(bounded, b"\r\n\r\n") else {
            return if bounded.len() == HEAD_BYTES_MAX { Err(Malformed) } else { Ok(None) };
        };
        let line = memmem::find(&self.buffer, b"\r\n").filter(|line| self.buffer[..*line].trim_ascii().is_empty());
        // A part without fields has its empty line at once.
        let fields = &self.buffer[line.ok_or(Malformed)? + 2..end + 4];
        let head = if fields == b"\r\n" { PartHead::default() } else { part_head(fields)? };
        self.buffer.drain(..end + 4);
        self.state = State::Content;
        Ok(Some(Some(Event::Part(head))))
    }
}

fn part_head(fields: &[u8]) -> Result<PartHead, Malformed> {
    let unfolded = unfolded(fields);
    let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let Ok(httparse::Status::Complete((_, headers))) = httparse::parse_headers(&unfolded, &mut headers) else {
        return Err(Malformed);
    };
    let field = |name: &str| -> Result<String, Malformed> {
        let value =
            headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map_or(&b""[..], |one| one.value);
        String::from_utf8(value.to_vec()).map_err(|_| Malformed)
    };
    Ok(PartHead {
        content_type: field("content-type")?,
        content_id: field("content-id")?,
        transfer_encoding: field("content-transfer-encoding")?.trim().to_ascii_lowercase(),
    })
}

/// RFC 5322 §2.2.3: a field may go on in a line that begins with white space.
fn unfolded(fields: &[u8]) -> Vec<u8> {
    let mut unfolded = fields.to_vec();
    for at in memmem::find_iter(fields, b"\r\n") {
        if matches!(fields.get(at + 2), Some(b' ' | b'\t')) {
            unfolded[at..at + 2].fill(b' ');
        }
    }
    unfolded
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "before\r\n--b\r\nContent-Type: text/plain;\r\n charset=utf-8\r\nContent-ID: <1>\r\n\r\none\r\n-- b\r\n--b  \r\n\r\n\r\n--b\r\ncontent-id: 3\r\n\r\nthree\r\n--b--\r\nbehind\r\n--b\r\n";

    fn read(body: &[u8], chunk: usize) -> Result<Vec<(PartHead, String)>, Malformed> {
        let mut multipart = Multipart::new("b");
        let mut parts: Vec<(PartHead, String)> = Vec::new();
        for chunk in body.chunks(chunk) {
            multipart.push(chunk, |event| -> Result<(), Malformed> {
                match event {
                    Event::Part(head) => parts.push((head, String::new())),
                    Event::Data(bytes) => {
                        parts.last_mut().unwrap().1.push_str(std::str::from_utf8(&bytes).unwrap());
                    }
                }
                Ok(())
            })?;
        }
        if multipart.is_complete() { Ok(parts) } else { Err(Malformed) }
    }

    #[test]
    fn parts_are_the_same_however_they_arrive() {
        for chunk in 1..BODY.len() {
            let parts = read(BODY.as_bytes(), chunk).unwrap();
            let texts: Vec<_> = parts.iter().map(|(_, text)| text.as_str()).collect();
            assert_eq!(texts, ["one\r\n-- b", "", "three"], "in chunks of {chunk}");
            assert_eq!(parts[0].0.content_type, "text/plain;   charset=utf-8");
            assert_eq!(parts[0].0.content_id, "<1>");
            assert_eq!(parts[1].0, PartHead::default());
        }
    }

    #[test]
    fn what_is_cut_or_misshapen_is_refused() {
        for body in
            ["", "--b", "--b\r\n\r\ntext", "--b\r\n\r\ntext\r\n--b", "--c--", "--b\r\nno colon\r\n\r\nx\r\n--b--"]
        {
            assert_eq!(read(body.as_bytes(), 100), Err(Malformed), "{body:?}");
        }
        for long in
            ["x".repeat(HEAD_BYTES_MAX + 1), format!("a: b{}\r\n\r\n\r\n--b--", "\r\n c".repeat(HEAD_BYTES_MAX))]
        {
            let long = format!("--b\r\n{long}");
            for chunk in [100, long.len()] {
                assert_eq!(read(long.as_bytes(), chunk), Err(Malformed));
            }
        }
    }
}
