//! The grammar of `Content-Type` (RFC 9110 §8.3.1, §5.6.6), as tolerant as the norm asks a receiver to be.

/// A media type and its parameters; type, subtype and names of parameters in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype`.
    pub essence: String,
    parameters: Vec<(String, String)>,
}

impl ContentType {
    /// Reads the value of a header field or of a parameter; `None` when it is not of the grammar.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (essence, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let essence = essence.trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut parameters = Vec::new();
        while let Some(behind) = rest.strip_prefix(';') {
            let behind = behind.trim_start();
            rest = behind;
            // A semicolon with nothing behind it does no harm.
            if behind.is_empty() || behind.starts_with(';') {
                continue;
            }
            let (name, value) = behind.split_once('=')?;
            let (value, behind) = value_of(value)?;
            let name = name.trim_end().to_ascii_lowercase();
            if !is_token(&name) {
                return None;
            }
            parameters.push((name, value));
            rest = behind.trim_start();
        }
        rest.is_empty().then_some(Self { essence, parameters })
    }

    /// The value of the first parameter of this name, without quotes.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A token or a quoted string, and what stands behind it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        // Values of MIME headers are written without quotes more often than their grammar allows.
        let value = value.trim_end();
        let written = !value.is_empty() && !value.contains([' ', '\t', '"']);
        return written.then(|| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

fn is_token(text: &str) -> bool {
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(of_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &[(&str, &str)])>) {
        let found = ContentType::parse(text);
        let found = found.as_ref().map(|found| {
            let parameters: Vec<_> = found.parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
            (&*found.essence, parameters)
        });
        assert_eq!(found, expected.map(|(essence, parameters)| (essence, parameters.to_vec())), "{text}");
    }

    #[test]
    fn space_quotes_and_case_do_not_matter() {
        check("text/xml", Some(("text/xml", &[])));
        check(" Text/XML ; Charset=\"UTF-8\" ", Some(("text/xml", &[("charset", "UTF-8")])));
        check("a/b;c=d;;e=\"\";", Some(("a/b", &[("c", "d"), ("e", "")])));
        check("a/b; c=\"x; y=\\\"z\\\"\"; d=<e@f>", Some(("a/b", &[("c", "x; y=\"z\""), ("d", "<e@f>")])));
    }

    #[test]
    fn what_is_not_of_the_grammar_is_no_media_type() {
        for text in ["", "text", "text/", "/xml", "a b/c", "a/b; c", "a/b; c=", "a/b; c=\"d", "a/b; c=\"d\" e", "a/b c"]
        {
            check(text, None);
        }
    }
}
