//! Octets that a URI cannot hold as they are (RFC 3986 §2.1).

/// `octets` with everything escaped but letters, digits and `-._~`.
pub(super) fn escaped(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text += &format!("%{byte:02X}");
        }
        text
    })
}

/// The octets that `text` means; what is no escape stays as it is.
pub(super) fn unescaped(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let pair = after.get(..2).filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        if let Some(byte) = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            octets.push(byte);
            rest = &after[2..];
        } else {
            octets.push(*first);
            rest = after;
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_comes_back() {
        for (octets, text) in [
            ("pismo 1.pdf", "pismo%201.pdf"),
            ("ż", "%C5%BC"),
            ("a/b;c=%", "a%2Fb%3Bc%3D%25"),
            ("", ""),
            ("~-._", "~-._"),
        ] {
            assert_eq!(escaped(octets.as_bytes()), text);
            assert_eq!(unescaped(text), octets.as_bytes());
        }
        assert_eq!(unescaped("100%"), b"100%");
        assert_eq!(unescaped("%zz"), b"%zz");
    }
}
