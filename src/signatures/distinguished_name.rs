//! Names of issuers compared by what they say: RFC 4514 leaves so much freedom that two programs rarely write one alike.

use unicode_normalization::UnicodeNormalization as _;

use super::der::{self, Value};

/// A distinguished name, reduced to what is compared: attribute types as numbers, values without case and runs of spaces.
///
/// RFC 4514 §2.1 writes a name from its end, many programs from its beginning: both directions are the same name here.
/// That is coarser than RFC 5280 §7.1, and enough to look a certificate up; whether it is the right one its key proves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DistinguishedName(Vec<Relative>);

/// One relative name: pairs of attribute type (dotted) and value, sorted.
type Relative = Vec<(String, String)>;

/// Keywords for attribute types in small letters: RFC 4514 §3, and what other programs write.
const KEYWORDS: [(&str, &str); 27] = [
    ("cn", "2.5.4.3"),
    ("c", "2.5.4.6"),
    ("l", "2.5.4.7"),
    ("st", "2.5.4.8"),
    ("s", "2.5.4.8"),
    ("sp", "2.5.4.8"),
    ("street", "2.5.4.9"),
    ("o", "2.5.4.10"),
    ("ou", "2.5.4.11"),
    ("dc", "0.9.2342.19200300.100.1.25"),
    ("uid", "0.9.2342.19200300.100.1.1"),
    ("userid", "0.9.2342.19200300.100.1.1"),
    ("e", "1.2.840.113549.1.9.1"),
    ("email", "1.2.840.113549.1.9.1"),
    ("emailaddress", "1.2.840.113549.1.9.1"),
    ("sn", "2.5.4.4"),
    ("surname", "2.5.4.4"),
    ("serialnumber", "2.5.4.5"),
    ("t", "2.5.4.12"),
    ("title", "2.5.4.12"),
    ("postalcode", "2.5.4.17"),
    ("g", "2.5.4.42"),
    ("gn", "2.5.4.42"),
    ("givenname", "2.5.4.42"),
    ("dnq", "2.5.4.46"),
    ("dnqualifier", "2.5.4.46"),
    ("organizationidentifier", "2.5.4.97"),
];

/// Longer names are not read: a caller chooses the text.
const NAME_BYTES_MAX: usize = 4 << 10;

impl DistinguishedName {
    /// Reads RFC 4514, and what RFC 1779 and 2253 had before it: quoted values, `;` between names, `OID.` before numbers.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > NAME_BYTES_MAX {
            return None;
        }
        let relative = |text: String| pieces(&text, &['+']).into_iter().map(|text| pair(&text)).collect();
        pieces(text, &[',', ';']).into_iter().map(relative).collect::<Option<_>>().map(Self::of)
    }

    /// Reads `Name` of RFC 5280 §4.1.2.4.
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let relative = |set: Value<'_>| -> Option<Relative> {
            let pair = |pair: Value<'_>| {
                let [kind, value] = der::all(pair.content)?[..] else { return None };
                Some((der::dotted(kind)?, encoded(value)))
            };
            der::all(set.content)?.into_iter().map(pair).collect()
        };
        let name = der::all(der::only(der)?.content)?;
        name.into_iter().map(relative).collect::<Option<_>>().map(Self::of)
    }

    fn of(mut forward: Vec<Relative>) -> Self {
        forward.iter_mut().for_each(|relative| relative.sort());
        let backward: Vec<Relative> = forward.iter().rev().cloned().collect();
        Self(forward.min(backward))
    }
}

/// Cuts `text` where a separator stands neither escaped nor quoted. A piece without `=` belongs to the one before it: not
/// every program escapes the commas of a value.
fn pieces(text: &str, separators: &[char]) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars() {
        if separators.contains(&character) && !quoted && !escaped {
            pieces.push(String::new());
            continue;
        }
        quoted ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    let mut joined: Vec<String> = Vec::new();
    for piece in pieces {
        match joined.last_mut() {
            Some(before) if !piece.contains('=') => {
                before.push(separators[0]);
                before.push_str(&piece);
            }
            _ => joined.push(piece),
        }
    }
    joined
}

fn pair(text: &str) -> Option<(String, String)> {
    let (kind, value) = text.split_once('=')?;
    let kind = kind.trim().to_ascii_lowercase();
    let dotted = KEYWORDS.iter().find(|(keyword, _)| *keyword == kind).map(|(_, dotted)| *dotted);
    let dotted = dotted.unwrap_or_else(|| kind.strip_prefix("oid.").unwrap_or(&kind)).to_owned();
    let value = value.trim();
    let value = if let Some(digits) = value.strip_prefix('#') {
        encoded(der::only(&hexadecimal(digits)?)?)
    } else {
        folded(&unescaped(value)?)
    };
    Some((dotted, value))
}

/// RFC 4514 §2.4: a backslash before a character, or before two digits that are a byte of UTF-8.
fn unescaped(value: &str) -> Option<String> {
    let value = value.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')).unwrap_or(value);
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, after) = match (first, after) {
            (b'\\', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hexadecimal(std::str::from_utf8(&[*high, *low]).ok()?)?[0], after)
            }
            (b'\\', [escaped, after @ ..]) => (*escaped, after),
            (plain, after) => (*plain, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

fn encoded(value: Value<'_>) -> String {
    match der::text(value) {
        Some(text) => folded(&text),
        None => value.whole.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn folded(value: &str) -> String {
    let value: String = value.nfkc().collect::<String>().to_lowercase();
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use openssl::nid::Nid;
    use openssl::x509::X509NameBuilder;

    use super::*;

    fn certified(entries: &[(Nid, &str)]) -> DistinguishedName {
        let mut name = X509NameBuilder::new().unwrap();
        for (kind, value) in entries {
            name.append_entry_by_nid(*kind, value).unwrap();
        }
        DistinguishedName::from_der(&name.build().to_der().unwrap()).unwrap()
    }

    fn office() -> DistinguishedName {
        certified(&[
            (Nid::COUNTRYNAME, "PL"),
            (Nid::ORGANIZATIONNAME, "Urząd Miasta, \"Busko\" + Zdrój"),
            (Nid::SERIALNUMBER, "VATPL-1234"),
            (Nid::COMMONNAME, "Urząd certyfikacji #1"),
        ])
    }

    #[track_caller]
    fn same(text: &str, expected: bool) {
        assert_eq!(DistinguishedName::parse(text) == Some(office()), expected, "{text}");
    }

    #[test]
    fn one_name_is_written_in_many_ways() {
        for text in [
            r#"CN=Urząd certyfikacji #1,serialNumber=VATPL-1234,O=Urząd Miasta\, \"Busko\" \+ Zdrój,C=PL"#,
            r#"C=PL, O="Urząd Miasta, \"Busko\" + Zdrój", SERIALNUMBER=VATPL-1234, CN=Urząd certyfikacji #1"#,
            r#"c = pl ; o = urząd  miasta\, \"busko\" \+ zdrój ; oid.2.5.4.5 = vatpl-1234 ; 2.5.4.3=Urząd certyfikacji #1"#,
            r"CN=Urz\C4\85d certyfikacji \231,2.5.4.5=#130a564154504c2d31323334,O=Urz\c4\85d Miasta\2c \22Busko\22 \2B Zdr\C3\B3j,C=PL",
            r#"CN=Urząd certyfikacji #1,SERIALNUMBER=VATPL-1234,O=Urząd Miasta, "Busko" + Zdrój,C=PL"#,
        ] {
            same(text, true);
        }
    }

    #[test]
    fn another_value_another_type_or_another_order_is_another_name() {
        for text in [
            "",
            "CN",
            "C=PL",
            r#"CN=Urząd certyfikacji #2,serialNumber=VATPL-1234,O=Urząd Miasta\, \"Busko\" \+ Zdrój,C=PL"#,
            r#"OU=Urząd certyfikacji #1,serialNumber=VATPL-1234,O=Urząd Miasta\, \"Busko\" \+ Zdrój,C=PL"#,
            r#"serialNumber=VATPL-1234,CN=Urząd certyfikacji #1,O=Urząd Miasta\, \"Busko\" \+ Zdrój,C=PL"#,
            r"CN=\C4,C=PL",
            "CN=#13,C=PL",
            "CN=#zz,C=PL",
            &format!("CN={}", ",".repeat(5000)),
        ] {
            same(text, false);
        }
    }

    #[test]
    fn several_values_in_one_relative_name_have_no_order() {
        assert_eq!(DistinguishedName::parse("CN=a+OU=b,C=PL"), DistinguishedName::parse("C=pl, ou=b + cn=A"));
        assert_ne!(DistinguishedName::parse("CN=a+OU=b,C=PL"), DistinguishedName::parse("CN=a,OU=b,C=PL"));
    }
}
