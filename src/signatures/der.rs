//! The little of DER that certificates, revocation data and time-stamps leave to us: one value after another, each with its tag.

use chrono::{DateTime, NaiveDateTime, Utc};

/// One value: its tag and its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    /// Tag, length and content.
    pub whole: &'a [u8],
}

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const OCTET_STRING: u8 = 0x04;
pub const OBJECT_IDENTIFIER: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;
const UTC_TIME: u8 = 0x17;
pub const GENERALIZED_TIME: u8 = 0x18;

/// Takes the first value of `bytes`; gives it and what follows. Nothing for tags of several bytes and indefinite lengths.
#[must_use]
pub fn take(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    const LONG: u8 = 0x80;
    let (&tag, rest) = bytes.split_first().filter(|(tag, _)| **tag & 0x1f != 0x1f)?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < LONG {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first - LONG))?;
        if digits.is_empty() || digits.len() > size_of::<u32>() {
            return None;
        }
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((Value { tag, content, whole: &bytes[..bytes.len() - after.len()] }, after))
}

/// The one value that `bytes` are.
#[must_use]
pub fn only(bytes: &[u8]) -> Option<Value<'_>> {
    take(bytes).filter(|(_, after)| after.is_empty()).map(|(value, _)| value)
}

/// All values of `bytes`, which hold nothing else.
#[must_use]
pub fn all(mut bytes: &[u8]) -> Option<Vec<Value<'_>>> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (value, after) = take(bytes)?;
        values.push(value);
        bytes = after;
    }
    Some(values)
}

/// The text of a value of one of the string types (X.690 §8.23), as X.520 attributes have them.
#[must_use]
pub fn text(value: Value<'_>) -> Option<String> {
    let latin = || value.content.iter().map(|byte| char::from(*byte)).collect();
    match value.tag {
        0x0c => String::from_utf8(value.content.to_vec()).ok(), // UTF8String
        0x12 | 0x13 | 0x16 | 0x1a => value.content.is_ascii().then(latin), // Numeric-, Printable-, IA5-, VisibleString
        0x14 => Some(latin()),                                  // TeletexString, which everybody uses for Latin-1
        0x1e => {
            let (pairs, rest) = value.content.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            String::from_utf16(&units).ok().filter(|_| rest.is_empty()) // BMPString
        }
        _ => None,
    }
}

/// An object identifier as numbers between dots (X.690 §8.19).
#[must_use]
pub fn dotted(value: Value<'_>) -> Option<String> {
    const MORE: u8 = 0x80;
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    for byte in value.content {
        number = number.checked_mul(128)? + u64::from(byte & !MORE);
        if byte & MORE == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    let (first, rest) = numbers.split_first().filter(|_| value.tag == OBJECT_IDENTIFIER)?;
    let root = (first / 40).min(2);
    let numbers = [root, first - 40 * root].into_iter().chain(rest.iter().copied());
    Some(numbers.map(|number| number.to_string()).collect::<Vec<_>>().join("."))
}

/// Writes a value of `tag` around `parts`.
#[must_use]
pub fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let digits = content.len().to_be_bytes();
            let zeros = digits.iter().take_while(|digit| **digit == 0).count();
            let length = &digits[zeros..];
            out.push(0x80 | u8::try_from(length.len()).unwrap_or(u8::MAX));
            out.extend_from_slice(length);
        }
    }
    out.extend_from_slice(&content);
    out
}

/// An object identifier from numbers between dots (X.690 §8.19); the numbers are the program's own.
#[must_use]
pub fn object(dotted: &str) -> Vec<u8> {
    let numbers: Vec<u64> = dotted.split('.').filter_map(|number| number.parse().ok()).collect();
    let first = numbers.first().map_or(0, |root| root * 40) + numbers.get(1).unwrap_or(&0);
    let mut content = Vec::new();
    for number in std::iter::once(&first).chain(numbers.iter().skip(2)) {
        let groups = (64 - (number | 1).leading_zeros()).div_ceil(7);
        content.extend((0..groups).rev().map(|group| {
            let bits = u8::try_from(number >> (7 * group) & 0x7f).unwrap_or(0);
            if group == 0 { bits } else { bits | 0x80 }
        }));
    }
    value(OBJECT_IDENTIFIER, &[&content])
}

/// A moment of type `UTCTime` or `GeneralizedTime` as RFC 5280 §4.1.2.5 and RFC 3161 §2.4.2 write it, whole seconds kept.
#[must_use]
pub fn moment(value: Value<'_>) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(value.content).ok()?.strip_suffix('Z')?;
    let text = text.split('.').next().unwrap_or(text);
    if text.len() != if value.tag == UTC_TIME { 12 } else { 14 } {
        return None;
    }
    let parse = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok().map(|time| time.and_utc());
    match value.tag {
        UTC_TIME => {
            let century = if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" };
            parse(&format!("{century}{text}"))
        }
        GENERALIZED_TIME => parse(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Option<(u8, usize, usize)>) {
        let taken = take(bytes).map(|(value, after)| (value.tag, value.content.len(), after.len()));
        assert_eq!(taken, expected, "{bytes:02x?}");
    }

    #[test]
    fn values_are_taken_by_their_length() {
        check(&[0x0c, 2, b'a', b'b', 9], Some((0x0c, 2, 1)));
        check(&[0x30, 0], Some((0x30, 0, 0)));
        check(&[0x30, 0x81, 1, 7], Some((0x30, 1, 0)));
        check(&[0x30, 0x82, 0, 1, 7], Some((0x30, 1, 0)));
        for broken in
            [&[][..], &[0x0c], &[0x0c, 2, 1], &[0x30, 0x80, 0, 0], &[0x1f, 0x81, 0], &[0x30, 0x85, 0, 0, 0, 0, 0]]
        {
            check(broken, None);
        }
        check(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1], None);
    }

    #[test]
    fn strings_of_every_type_are_texts() {
        for (bytes, expected) in [
            (&[0x0c, 2, 0xc5, 0xbc][..], Some("ż")),
            (&[0x13, 1, b'a'], Some("a")),
            (&[0x14, 1, 0xf3], Some("ó")),
            (&[0x1e, 2, 0x01, 0x7c], Some("ż")),
            (&[0x1e, 1, 0x01], None),
            (&[0x13, 1, 0xf3], None),
            (&[0x02, 1, 1], None),
        ] {
            assert_eq!(only(bytes).and_then(text).as_deref(), expected, "{bytes:02x?}");
        }
        assert_eq!(only(&[0x0c, 0, 0]), None);
        assert_eq!(all(&[0x0c, 0, 0x0c, 0]).map(|all| all.len()), Some(2));
        assert_eq!(all(&[0x0c, 0, 0x0c]), None);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let bytes = value(OCTET_STRING, &[&vec![7; length]]);
            assert_eq!(only(&bytes).map(|value| (value.tag, value.content.len())), Some((OCTET_STRING, length)));
        }
        for dotted in ["1.2.840.113549.1.9.16.1.4", "2.5.29.60", "0.4.0.1862.1.6.1", "2.999", "2.5.4.0"] {
            assert_eq!(only(&object(dotted)).and_then(super::dotted).as_deref(), Some(dotted));
        }
    }

    #[test]
    fn times_are_in_utc_and_whole() {
        for (tag, text, expected) in [
            (UTC_TIME, "260302120000Z", Some("2026-03-02T12:00:00Z")),
            (UTC_TIME, "500101000000Z", Some("1950-01-01T00:00:00Z")),
            (GENERALIZED_TIME, "20260302120000Z", Some("2026-03-02T12:00:00Z")),
            (GENERALIZED_TIME, "20260302120000.25Z", Some("2026-03-02T12:00:00Z")),
            (GENERALIZED_TIME, "20260302120000", None),
            (GENERALIZED_TIME, "20260302120000+0100", None),
            (GENERALIZED_TIME, "202603021200Z", None),
            (UTC_TIME, "20260302120000Z", None),
            (0x0c, "260302120000Z", None),
        ] {
            let found = moment(Value { tag, content: text.as_bytes(), whole: &[] });
            assert_eq!(found, expected.map(|text| text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn object_identifiers_have_dots() {
        for (bytes, expected) in [
            (&[6, 3, 0x55, 4, 3][..], Some("2.5.4.3")),
            (&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1], Some("1.2.840.113549.1.9.1")),
            (&[6, 2, 0x88, 0x37], Some("2.999")),
            (&[6, 0], None),
            (&[5, 1, 0x55], None),
        ] {
            assert_eq!(only(bytes).and_then(dotted).as_deref(), expected, "{bytes:02x?}");
        }
    }
}
