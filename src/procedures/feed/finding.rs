//! What the loader finds wrong in a batch: closed codes, positions and sentences, never a value of the file.

use crate::problem::Detail;
pub use crate::subjects::{FindingCode, Severity};

/// One line of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: FindingCode,
    /// Ordinal of the `Osoba` in the file, from 1; `None` for the file itself.
    pub ordinal: Option<u64>,
    /// `idZrodlowe` of the `Osoba`, when it could be read.
    pub source_id: Option<String>,
    /// Line and column of the file, path from the record's root, rule and sentence; no value.
    pub detail: Detail,
}

/// A stored finding that cannot be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored finding is not in a known form")]
pub struct Unreadable;

/// The first byte of a stored finding: how the rest is written.
const VERSION: u8 = 1;

impl Finding {
    /// A finding about the whole file.
    #[must_use]
    pub fn of_file(code: FindingCode, text: impl Into<String>) -> Self {
        let detail = Detail { text: text.into(), ..Detail::default() };
        Self { code, ordinal: None, source_id: None, detail }
    }

    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// The bytes that are sealed and stored: a version, then each field with its length; an absent field has none.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let number = |value: Option<u64>| value.map(|value| value.to_string());
        let fields = [
            Some(self.code.wire().to_owned()),
            number(self.ordinal),
            self.source_id.clone(),
            number(self.detail.line.map(u64::from)),
            number(self.detail.column.map(u64::from)),
            self.detail.path.clone(),
            self.detail.rule.clone(),
            Some(self.detail.text.clone()),
        ];
        let mut bytes = vec![VERSION];
        for field in &fields {
            let length = field.as_ref().map_or(u32::MAX, |text| u32::try_from(text.len()).unwrap_or(u32::MAX - 1));
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(field.as_deref().unwrap_or_default().as_bytes());
        }
        bytes
    }

    /// Reads what [`Finding::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Unreadable`] when the bytes are of another version, cut short or hold an unknown code.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let (version, mut rest) = bytes.split_first().ok_or(Unreadable)?;
        if *version != VERSION {
            return Err(Unreadable);
        }
        let mut next = || take_field(&mut rest);
        let code = next()?.as_deref().and_then(FindingCode::parse).ok_or(Unreadable)?;
        let ordinal = number(next()?)?;
        let source_id = next()?;
        let line = number(next()?)?;
        let column = number(next()?)?;
        let path = next()?;
        let rule = next()?;
        let text = next()?.ok_or(Unreadable)?;
        Ok(Self { code, ordinal, source_id, detail: Detail { line, column, path, rule, text } })
    }
}

fn take_field(rest: &mut &[u8]) -> Result<Option<String>, Unreadable> {
    let (length, tail) = rest.split_first_chunk::<4>().ok_or(Unreadable)?;
    let length = u32::from_be_bytes(*length);
    if length == u32::MAX {
        *rest = tail;
        return Ok(None);
    }
    let length = usize::try_from(length).map_err(|_| Unreadable)?;
    let (field, tail) = tail.split_at_checked(length).ok_or(Unreadable)?;
    *rest = tail;
    String::from_utf8(field.to_vec()).map(Some).map_err(|_| Unreadable)
}

fn number<N: std::str::FromStr>(field: Option<String>) -> Result<Option<N>, Unreadable> {
    field.map(|text| text.parse().map_err(|_| Unreadable)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(finding: &Finding) {
        assert_eq!(Finding::from_bytes(&finding.to_bytes()).as_ref(), Ok(finding));
    }

    #[test]
    fn a_finding_reads_back_as_it_was_written() {
        check(&Finding::of_file(FindingCode::MalformedXml, "Plik urywa się przed końcem."));
        check(&Finding {
            code: FindingCode::PeriodInvalid,
            ordinal: Some(10_000),
            source_id: Some("PUP-żółw".into()),
            detail: Detail {
                line: Some(1),
                column: Some(80),
                path: Some("/b:OsobaPUP/b:wizyta[3]".into()),
                rule: Some(String::new()),
                text: "Okres kończy się przed początkiem.".into(),
            },
        });
    }

    #[test]
    fn bytes_of_another_form_are_refused() {
        let good = Finding::of_file(FindingCode::BatchEmpty, "x").to_bytes();
        for length in 0..good.len() {
            assert_eq!(Finding::from_bytes(&good[..length]), Err(Unreadable), "{length} bytes");
        }
        assert_eq!(Finding::from_bytes(&[2]), Err(Unreadable));
    }
}
