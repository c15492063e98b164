//! Character sets of a message: whatever it came in, behind this door it is UTF-8.

use actix_web::web::Bytes;

use crate::problem::{Code, Problem};
use crate::soap::media::Charset;

/// The message in UTF-8. The byte order mark counts before the character set of the media type, and that before what the
/// document says of itself (RFC 7303 §3); without all of them the first bytes tell (XML 1.0 appendix F).
///
/// # Errors
/// `NIEPOPRAWNY_XML` when the bytes are no text of that set.
pub fn to_utf8(bytes: Bytes, charset: Option<Charset>) -> Result<Bytes, Problem> {
    let (set, mark) = match (bytes.as_ref(), charset) {
        ([0xEF, 0xBB, 0xBF, ..], _) => (Charset::Utf8, 3),
        ([0xFF, 0xFE, ..], _) => (Charset::Utf16Le, 2),
        ([0xFE, 0xFF, ..], _) => (Charset::Utf16Be, 2),
        // RFC 2781 §4.3: without a mark UTF-16 is big-endian; the first character of XML shows when it is not.
        ([b'<', 0, ..], None | Some(Charset::Utf16)) => (Charset::Utf16Le, 0),
        ([0, b'<', ..], None) | (_, Some(Charset::Utf16)) => (Charset::Utf16Be, 0),
        (_, charset) => (charset.unwrap_or(Charset::Utf8), 0),
    };
    let unit = match set {
        Charset::Utf8 if charset.is_none() && mark == 0 => return Ok(bytes),
        Charset::Utf8 => return Ok(without_encoding(bytes.slice(mark..))),
        Charset::Utf16Le => u16::from_le_bytes,
        Charset::Utf16 | Charset::Utf16Be => u16::from_be_bytes,
    };
    let (pairs, rest) = bytes[mark..].as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(without_encoding(text.into())),
        _ => Err(Problem::new(Code::MalformedXml).explain("Treść nie jest poprawnym zapisem UTF-16.")),
    }
}

/// Blanks the encoding in the XML declaration, which is overruled; columns stay as they were.
fn without_encoding(text: Bytes) -> Bytes {
    let behind = text.strip_prefix(b"<?xml").filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace));
    let Some(declaration) = behind.and_then(|rest| rest.split(|byte| *byte == b'>').next()) else { return text };
    let Some(start) = memchr::memmem::find(declaration, b"encoding") else { return text };
    let mut quotes = (start..declaration.len()).filter(|at| matches!(declaration[*at], b'"' | b'\''));
    let Some(end) = quotes.nth(1) else { return text };
    let offset = b"<?xml".len();
    let mut text = text.to_vec();
    text[offset + start..=offset + end].fill(b' ');
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<?xml version='1.0' encoding='UTF-16'?><a>żółć 😀</a>";
    const BLANKED: &str = "<?xml version='1.0'                  ?><a>żółć 😀</a>";

    fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[track_caller]
    fn check(bytes: Vec<u8>, charset: Option<Charset>, expected: Option<&str>) {
        let found = to_utf8(bytes.into(), charset).ok();
        assert_eq!(found.as_deref().map(String::from_utf8_lossy).as_deref(), expected);
    }

    #[test]
    fn utf_16_is_read_with_a_mark_a_charset_or_by_its_first_bytes() {
        let marked = format!("\u{feff}{TEXT}");
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            check(wide(&marked, unit), None, Some(BLANKED));
            check(wide(&marked, unit), Some(Charset::Utf16), Some(BLANKED));
            check(wide(&marked, unit), Some(Charset::Utf8), Some(BLANKED));
            check(wide(TEXT, unit), None, Some(BLANKED));
            check(wide(TEXT, unit), Some(Charset::Utf16), Some(BLANKED));
        }
        check(wide(TEXT, u16::to_le_bytes), Some(Charset::Utf16Le), Some(BLANKED));
    }

    #[test]
    fn the_charset_of_the_media_type_overrules_the_declaration() {
        let text = "<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><a/>";
        check(text.into(), None, Some(text));
        check(text.into(), Some(Charset::Utf8), Some("<?xml version=\"1.0\"                      ?><a/>"));
        check("<a b='encoding'/>".into(), Some(Charset::Utf8), Some("<a b='encoding'/>"));
    }

    #[test]
    fn what_is_no_utf_16_is_refused() {
        check(wide("<a/>", u16::to_le_bytes)[..7].to_vec(), Some(Charset::Utf16Le), None);
        check(vec![0xFF, 0xFE, 0x00, 0xD8], None, None);
    }
}
