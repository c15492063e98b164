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

    fn token(&mut self) -> Result<(Token<'r>, Range<usize>), Error> {
        let start = self.at;
        let rest = &self.text[start..];
        let Some(tag) = rest.strip_prefix('<') else {
            let length = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            self.at = start + length;
            return Ok((Token::Text(&rest[..length]), start..self.at));
        };
        let length = memchr(b'>', tag.as_bytes()).ok_or(Error::StoredRecord("a tag has no end"))?;
        let tag = &tag[..length];
        self.at = start + length + 2;
        if let Some(name) = tag.strip_prefix("/b:") {
            if self.open.pop() != Some(name) {
                return Err(Error::StoredRecord("an end tag without its start"));
            }
            return Ok((Token::Close, start..self.at));
        }
        let name = tag.strip_prefix("b:").ok_or(Error::StoredRecord("a tag without the record's prefix"))?;
        if name.is_empty() || !name.bytes().all(|sign| sign.is_ascii_alphanumeric()) {
            return Err(Error::StoredRecord("a tag that is more than a name"));
        }
        self.open.push(name);
        Ok((Token::Open(name), start..self.at))
    }
}

impl<'r> Iterator for Tokens<'r> {
    type Item = Result<(Token<'r>, Range<usize>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.text.len() {
            let unclosed = self.open.pop().is_some();
            self.open.clear();
            return unclosed.then_some(Err(Error::StoredRecord("an element has no end")));
        }
        let token = self.token();
        if token.is_err() {
            self.at = self.text.len();
            self.open.clear();
        }
        Some(token)
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
        if self.inner.contains('<') {
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
        let (Token::Open(name), start) = token? else { return Err(Error::StoredRecord("text between elements")) };
        let mut depth = 1_usize;
        let mut end = start.end;
        while depth > 0 {
            let (token, range) = self.tokens.next().unwrap_or(Err(Error::StoredRecord("an element has no end")))?;
            end = range.start;
            match token {
                Token::Open(_) => depth += 1,
                Token::Close => depth -= 1,
                Token::Text(_) => {}
            }
        }
        Ok(Part { name, inner: &self.inner[start.end..end] })
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
