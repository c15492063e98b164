//! One written form for names and numbers, so that equal persons compare equal (rule 4.2).

use unicode_normalization::UnicodeNormalization;

/// Version of the rules in this file; it stands in every search term, so a change never mixes with stored keys.
pub const NORM_VERSION: u8 = 1;

/// NFC, trimmed, single spaces, upper case, one kind of hyphen; diacritics stay (rule 4.2).
#[must_use]
pub fn normalise(text: &str) -> String {
    let upper = if text.is_ascii() {
        text.to_ascii_uppercase()
    } else if is_composed(text) {
        text.chars().map(plain_hyphen).collect::<String>().to_uppercase()
    } else {
        text.nfc().map(plain_hyphen).collect::<String>().to_uppercase()
    };
    let mut spaced = String::with_capacity(upper.len());
    for word in upper.split_whitespace() {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    // Upper case may leave a letter and its accent apart.
    if is_composed(&spaced) { spaced } else { spaced.nfc().collect() }
}

/// Whether the text is NFC for the plain reason that all its characters come before U+0300, the first one that may join
/// with another; Polish is written with such alone.
fn is_composed(text: &str) -> bool {
    const LEAD_OF_U_0300: u8 = 0xCC;
    text.bytes().all(|byte| byte < LEAD_OF_U_0300)
}

/// The first of the given names, normalised: the only one that takes part in a search (rule 4.2).
#[must_use]
pub fn first_given_name(given_names: &str) -> String {
    let mut names = normalise(given_names);
    if let Some(end) = names.find(' ') {
        names.truncate(end);
    }
    names
}

/// A document's number, normalised and without spaces and hyphens (rule 4.2).
#[must_use]
pub fn document_number(number: &str) -> String {
    let mut number = normalise(number);
    number.retain(|sign| !matches!(sign, ' ' | '-'));
    number
}

const fn plain_hyphen(sign: char) -> char {
    match sign {
        '\u{00AD}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn same(left: &str, right: &str) {
        assert_eq!(normalise(left), normalise(right), "{left:?} and {right:?}");
    }

    #[track_caller]
    fn differ(left: &str, right: &str) {
        assert_ne!(normalise(left), normalise(right), "{left:?} and {right:?}");
    }

    #[test]
    fn case_spaces_and_composition_do_not_matter() {
        same("Żółć-Testowa", "żółć-testowa");
        same("  Lipowa\u{a0}  Testowa\n", "Lipowa Testowa");
        same("Z\u{307}o\u{301}łć", "Żółć");
    }

    #[test]
    fn every_hyphen_is_one_hyphen() {
        for hyphen in
            ['\u{AD}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}', '\u{FF0D}']
        {
            same(&format!("Lipowa{hyphen}Testowa"), "Lipowa-Testowa");
        }
    }

    #[test]
    fn diacritics_and_word_borders_matter() {
        differ("Łoś-Testowy", "Los-Testowy");
        differ("Lipowa-Testowa", "Lipowa Testowa");
        differ("LipowaTestowa", "Lipowa Testowa");
    }

    #[test]
    fn only_the_first_given_name_counts() {
        assert_eq!(first_given_name(" Anna  Maria "), "ANNA");
        assert_eq!(first_given_name("Anna-Maria Ewa"), "ANNA-MARIA");
        assert_eq!(first_given_name(""), "");
    }

    #[test]
    fn characters_before_u_0300_are_composed_as_they_stand() {
        for character in '\0'..'\u{300}' {
            assert!(is_composed(&character.to_string()), "{character:?}");
            let pair: String = [character, 'e', character].iter().collect();
            assert_eq!(pair.nfc().collect::<String>(), pair, "{character:?}");
        }
        assert!(!is_composed("e\u{300}"));
    }

    #[test]
    fn documents_lose_spaces_and_hyphens() {
        assert_eq!(document_number("aba 300–000"), "ABA300000");
    }

    /// Rule 4.2 step by step, whatever the text.
    fn whole_way(text: &str) -> String {
        let upper = text.nfc().map(plain_hyphen).collect::<String>().to_uppercase();
        upper.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect()
    }

    /// Mostly plain letters and spaces, now and then a character around U+0300 or one that needs care.
    fn latin() -> impl Strategy<Value = String> {
        let careful = "\u{AD}ßŉǰÿµſ\u{301}\u{327}\u{85}\u{a0}\u{2000}\u{b}\u{2FF}\u{300}\u{37A}\u{390}–"
            .chars()
            .collect::<Vec<_>>();
        let sign = prop_oneof![
            12 => proptest::char::range('\0', '\u{7F}'),
            2 => proptest::char::range('\u{80}', '\u{320}'),
            1 => proptest::sample::select(careful),
        ];
        prop_oneof![
            proptest::collection::vec(sign, 0..12).prop_map(String::from_iter),
            "[ -~\\s]{0,12}",
            "[ -~ąćęłńóśźżĄŻ]{0,12}"
        ]
    }

    proptest! {
        #[test]
        fn twice_is_once(text in "\\PC{0,24}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn no_way_is_shorter_than_the_whole_way(text in latin(), any in any::<String>()) {
            prop_assert_eq!(normalise(&text), whole_way(&text));
            prop_assert_eq!(normalise(&any), whole_way(&any));
        }
    }
}
