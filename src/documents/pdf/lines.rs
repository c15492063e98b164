//! Where the lines of a text end: at spaces, after a hyphen or a slash between letters, and anywhere in a word that is wider than its place.

use super::PdfError;
use super::sheet::Style;

/// Words that Polish typography does not leave at the end of a line.
const CLINGING: [&str; 14] = ["a", "i", "o", "u", "w", "z", "A", "I", "O", "U", "W", "Z", "nr", "art."];

/// A line of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// With the space that ends it, unless the text ends here or a word was divided.
    pub text: String,
    /// Without that space.
    pub width: f32,
}

/// The lines of a text in a place of this width.
///
/// # Errors
/// As [`Style::width`].
pub fn lines(text: &str, style: Style, width: f32) -> Result<Vec<Line>, PdfError> {
    let space = style.width(" ")?;
    let mut lines: Vec<Line> = Vec::new();
    let mut line = Line { text: String::new(), width: 0.0 };
    for word in words(text) {
        for (at, piece) in pieces(word, style, width)?.into_iter().enumerate() {
            let piece_width = style.width(&piece)?;
            // Only the first piece of a word has a space before it.
            let gap = if at == 0 && !line.text.is_empty() { space } else { 0.0 };
            if !line.text.is_empty() && line.width + gap + piece_width > width {
                if at == 0 {
                    line.text.push(' ');
                }
                lines.push(std::mem::replace(&mut line, Line { text: piece, width: piece_width }));
            } else {
                if gap > 0.0 {
                    line.text.push(' ');
                }
                line.text.push_str(&piece);
                line.width += gap + piece_width;
            }
        }
    }
    if !line.text.is_empty() {
        lines.push(line);
    }
    Ok(lines)
}

/// The width of the widest part that is not divided when there is any other way.
///
/// # Errors
/// As [`Style::width`].
pub fn narrowest(text: &str, style: Style) -> Result<f32, PdfError> {
    let parts = words(text).flat_map(divisible);
    parts.map(|part| style.width(part)).try_fold(0.0, |widest: f32, width| Ok(widest.max(width?)))
}

/// The words, small ones together with the next.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_matches(' ');
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.find(' ').unwrap_or(rest.len());
        while end < rest.len() && CLINGING.contains(&rest[..end].rsplit(' ').next().unwrap_or_default()) {
            let next = end + 1;
            end = rest[next..].find(' ').map_or(rest.len(), |at| next + at);
        }
        let word = &rest[..end];
        rest = rest[end..].trim_start_matches(' ');
        Some(word)
    })
}

/// A word as it goes into lines: whole when it fits, else in parts that do.
fn pieces(word: &str, style: Style, width: f32) -> Result<Vec<String>, PdfError> {
    let mut pieces = Vec::new();
    for part in divisible(word) {
        if style.width(part)? <= width {
            pieces.push(part.to_owned());
            continue;
        }
        let mut piece = String::new();
        for character in part.chars() {
            piece.push(character);
            if piece.chars().count() > 1 && style.width(&piece)? > width {
                piece.pop();
                pieces.push(std::mem::replace(&mut piece, character.to_string()));
            }
        }
        pieces.push(piece);
    }
    Ok(pieces)
}

/// The parts of a word between which a line may end: behind a hyphen or a slash between letters.
fn divisible(word: &str) -> Vec<&str> {
    let is_letter = |character: Option<char>| character.is_some_and(char::is_alphabetic);
    let (mut parts, mut from) = (Vec::new(), 0);
    for (at, sign) in word.match_indices(['-', '/']) {
        let end = at + sign.len();
        if is_letter(word[..at].chars().next_back()) && is_letter(word[end..].chars().next()) {
            parts.push(&word[from..end]);
            from = end;
        }
    }
    parts.push(&word[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::super::sheet::BODY;
    use super::*;

    #[track_caller]
    fn check(text: &str, width: f32, expected: &[&str]) {
        let lines = lines(text, BODY, width).unwrap();
        assert_eq!(lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), expected, "{text:?}");
        for line in &lines {
            let measured = BODY.width(line.text.trim_end_matches(' ')).unwrap();
            assert!((measured - line.width).abs() < 0.01, "{line:?}");
            assert!(line.width <= width || line.text.trim_end().chars().count() == 1, "{line:?}");
        }
    }

    #[test]
    fn a_line_ends_at_a_space() {
        check("", 100.0, &[]);
        check("jedno", 100.0, &["jedno"]);
        check("Zaświadcza się, że osoba figuruje", 80.0, &["Zaświadcza się, ", "że osoba figuruje"]);
        check("kwota 1\u{a0}234,56\u{a0}zł", 60.0, &["kwota ", "1\u{a0}234,56\u{a0}zł"]);
    }

    #[test]
    fn small_words_cling_to_the_next() {
        check("pomoc w Busku", 52.0, &["pomoc ", "w Busku"]);
        check("leki i w z domu", 60.0, &["leki ", "i w z domu"]);
        check("na podstawie art. 217", 80.0, &["na podstawie ", "art. 217"]);
        check("razem z", 60.0, &["razem z"]);
    }

    #[test]
    fn a_word_wider_than_its_place_is_divided() {
        check("Żółć-Gęślą-Testowa", 60.0, &["Żółć-Gęślą-", "Testowa"]);
        check("aaaaaaaaaa", 25.0, &["aaaaa", "aaaaa"]);
        check("Od aaaaaaaaaa", 25.0, &["Od ", "aaaaa", "aaaaa"]);
        check("25-100", 10.0, &["2", "5-", "1", "0", "0"]);
        check("ww", 1.0, &["w", "w"]);
    }

    #[test]
    fn a_character_without_a_glyph_is_refused() {
        assert_eq!(lines("日", BODY, 100.0), Err(PdfError::NoGlyph('日')));
        assert_eq!(narrowest("a 🙂", BODY), Err(PdfError::NoGlyph('🙂')));
    }

    #[test]
    fn the_narrowest_place_holds_the_widest_part() {
        assert_eq!(narrowest("a Gęślą-Żółć", BODY), BODY.width("a Gęślą-"));
        assert_eq!(narrowest("", BODY), Ok(0.0));
    }
}
