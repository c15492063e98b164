//! Reads stored record bytes: canonical elements `<b:name>` with text, nothing else (rule 5.4).

use std::ops::Range;

use memchr::memchr;

use super::Error;

/// One piece of a stored record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'r> {
    /// A start tag; the local name.
    Open(&'r str),
    /// The end tag of the element opened last.
    Close,
    /// Text, still escaped.
    Text(&'r str),
}

/// Tokens of a stored record with their byte ranges; every element is closed in order, or an error ends the stream.
pub struct Tokens<'r> {
    text: &'r str,
    at: usize,
    open: Vec<&'r str>,
}

impl<'r> Tokens<'r> {
    /// # Errors
    /// [`Error::StoredRecord`] when the bytes are not UTF-8.
    pub fn new(record: &'r [u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(record).map_err(|_| Error::StoredRecord("not UTF-8"))?;
        Ok(Self::over(text))
    }

    const fn over(text: &'r str) -> Self {
        Self { text, at: 0, open: Vec::new() }
    }

    /// Passes over the rest of the element opened last, which is checked as ever; the range of its end tag.
    ///
    /// # Errors
    /// [`Error::StoredRecord`] when it does not end.
    pub fn pass_over(&mut self) -> Result<Range<usize>, Error> {
        let outside = self.open.len().saturating_sub(1);
        loop {
            let start = self.at;
            self.step()?;
            if self.open.len() == outside {
                return Ok(start..self.at);
            }
        }
    }

    /// Passes over one piece; an error ends the stream.
    fn step(&mut self) -> Result<Step, Error> {
        let step = self.piece();
        if step.is_err() {
            self.at = self.text.len();
            self.open.clear();
        }
        step
    }

    /// Passes over one piece: a start tag puts its name on the stack, an end tag takes it off.
    fn piece(&mut self) -> Result<Step, Error> {
        let rest = &self.text.as_bytes()[self.at..];
        if let Some(name) = rest.strip_prefix(b"<b:") {
            let length = name.iter().position(|sign| !IN_NAME[usize::from(*sign)]);
            let length = length.ok_or(Error::StoredRecord("a tag has no end"))?;
            if length == 0 || name[length] != b'>' {
                return Err(Error::StoredRecord("a tag that is more than a name"));
            }
            let name = self.at + "<b:".len();
            self.open.push(&self.text[name..name + length]);
            self.at = name + length + 1;
            return Ok(Step::Open);
        }
        if let Some(name) = rest.strip_prefix(b"</b:") {
            let due = self.open.pop().filter(|due| matches!(name.strip_prefix(due.as_bytes()), Some([b'>', ..])));
            self.at += "</b:>".len() + due.ok_or(Error::StoredRecord("an end tag without its start"))?.len();
            return Ok(Step::Close);
        }
        match memchr(b'<', rest).unwrap_or(rest.len()) {
            0 if rest.is_empty() => Err(Error::StoredRecord("an element has no end")),
            0 => Err(Error::StoredRecord("a tag without the record's prefix")),
            length => {
                self.at += length;
                Ok(Step::Text)
            }
        }
    }

    fn token(&mut self) -> Result<(Token<'r>, Range<usize>), Error> {
        let start = self.at;
        let token = match self.step()? {
            Step::Open => Token::Open(self.open.last().copied().unwrap_or_default()),
            Step::Close => Token::Close,
            Step::Text => Token::Text(&self.text[start..self.at]),
        };
        Ok((token, start..self.at))
    }
}

enum Step {
    Open,
    Close,
    Text,
}

/// The signs of which an element's name is made: ASCII letters and digits.
const IN_NAME: [bool; 256] = {
    let mut signs = [false; 256];
    let mut sign = 0_u8;
    while sign < 128 {
        signs[sign as usize] = sign.is_ascii_alphanumeric();
        sign += 1;
    }
    signs
};

impl<'r> Iterator for Tokens<'r> {
    type Item = Result<(Token<'r>, Range<usize>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let is_end = self.at == self.text.len() && self.open.is_empty();
        (!is_end).then(|| self.token())
    }
}

/// One element of a stored record: its local name and the bytes between its tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'r> {
    pub name: &'r str,
    pub inner: &'r str,
}

impl Part<'_> {
    /// The text of a leaf, as the register wrote it.
    ///
    /// # Errors
    /// [`Error::StoredRecord`] when it holds elements or an unknown reference.
    pub fn text(&self) -> Result<String, Error> {
        if memchr(b'<', self.inner.as_bytes()).is_some() {
            return Err(Error::StoredRecord("elements where text belongs"));
        }
        let text = quick_xml::escape::unescape(self.inner).map_err(|_| Error::StoredRecord("an unknown reference"))?;
        Ok(text.into_owned())
    }
}

/// The elements that stand next to each other in `inner`; an error ends them when it is not a sequence of elements.
#[must_use]
pub fn parts(inner: &str) -> Parts<'_> {
    Parts { inner, tokens: Tokens::over(inner) }
}

/// See [`parts`].
pub struct Parts<'r> {
    inner: &'r str,
    tokens: Tokens<'r>,
}

impl<'r> Parts<'r> {
    fn part(&mut self, token: Result<(Token<'r>, Range<usize>), Error>) -> Result<Part<'r>, Error> {
        let (Token::Open(name), tag) = token? else { return Err(Error::StoredRecord("text between elements")) };
        let end = self.tokens.pass_over()?;
        Ok(Part { name, inner: &self.inner[tag.end..end.start] })
    }
}

impl<'r> Iterator for Parts<'r> {
    type Item = Result<Part<'r>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let token = self.tokens.next()?;
        Some(self.part(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cover_every_byte_in_order() {
        let record = "<b:daneOsobowe><b:imie>Anna &amp; Żaneta</b:imie></b:daneOsobowe><b:swiadczenie></b:swiadczenie>";
        let mut covered = String::new();
        for token in Tokens::new(record.as_bytes()).unwrap() {
            covered.push_str(&record[token.unwrap().1]);
        }
        assert_eq!(covered, record);
    }

    #[test]
    fn what_is_passed_over_is_checked_too() {
        let mut tokens = Tokens::new(b"<b:a>1<b:c><b:a>2</b:a></b:c></b:a><b:d></b:d>").unwrap();
        assert_eq!(tokens.next(), Some(Ok((Token::Open("a"), 0..5))));
        assert_eq!(tokens.pass_over(), Ok(29..35));
        assert_eq!(tokens.next(), Some(Ok((Token::Open("d"), 35..40))));
        for record in ["<b:a>", "<b:a><b:c></b:a>", "<b:a><b:c/></b:a>", "<b:a></b:c>"] {
            let mut tokens = Tokens::new(record.as_bytes()).unwrap();
            assert!(tokens.next().is_some_and(|token| token.is_ok()), "{record}");
            assert!(tokens.pass_over().is_err() && tokens.next().is_none(), "{record}");
        }
    }

    #[test]
    fn parts_are_the_outermost_elements() {
        let found = parts("<b:a><b:c>1</b:c></b:a><b:a>2 &lt; 3</b:a>").collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(
            found.iter().map(|part| (part.name, part.inner)).collect::<Vec<_>>(),
            [("a", "<b:c>1</b:c>"), ("a", "2 &lt; 3")]
        );
        assert_eq!(found[1].text().as_deref(), Ok("2 < 3"));
        assert!(found[0].text().is_err());
    }

    #[track_caller]
    fn fails(record: &str) {
        assert!(parts(record).any(|part| part.is_err()), "{record:?}");
    }

    #[test]
    fn whatever_is_not_canonical_is_refused() {
        for record in [
            "<b:a>",
            "</b:a>",
            "<b:a></b:c>",
            "<b:a",
            "<b:a/>",
            "<b:>x</b:>",
            "<a></a>",
            "<b:a x=\"1\"></b:a>",
            "text",
            "<b:a></b:a> ",
            "<!--x-->",
            "<?x?>",
            "<b:a><![CDATA[x]]></b:a>",
            "<b:a><b:c></b:a></b:c>",
        ] {
            fails(record);
        }
        assert!(Tokens::new(b"\xff").is_err());
    }
}
