//! One written form for names and numbers, so that equal persons compare equal (rule 4.2).

use unicode_normalization::UnicodeNormalization;

/// Version of the rules in this file; it stands in every search term, so a change never mixes with stored keys.
pub const NORM_VERSION: u8 = 1;

/// NFC, trimmed, single spaces, upper case, one kind of hyphen; diacritics stay (rule 4.2).
#[must_use]
pub fn normalise(text: &str) -> String {
    let upper = text.nfc().map(plain_hyphen).collect::<String>().to_uppercase();
    let mut spaced = String::with_capacity(upper.len());
    for word in upper.split_whitespace() {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    // Upper case may leave a letter and its accent apart.
    spaced.nfc().collect()
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
    normalise(number).chars().filter(|sign| !matches!(sign, ' ' | '-')).collect()
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
    fn documents_lose_spaces_and_hyphens() {
        assert_eq!(document_number("aba 300–000"), "ABA300000");
    }

    proptest! {
        #[test]
        fn twice_is_once(text in "\\PC{0,24}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }
    }
}
