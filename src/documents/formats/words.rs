//! Whole numbers in Polish words.

const ONES: [&str; 20] = [
    "zero",
    "jeden",
    "dwa",
    "trzy",
    "cztery",
    "pięć",
    "sześć",
    "siedem",
    "osiem",
    "dziewięć",
    "dziesięć",
    "jedenaście",
    "dwanaście",
    "trzynaście",
    "czternaście",
    "piętnaście",
    "szesnaście",
    "siedemnaście",
    "osiemnaście",
    "dziewiętnaście",
];
const TENS: [&str; 10] = [
    "",
    "",
    "dwadzieścia",
    "trzydzieści",
    "czterdzieści",
    "pięćdziesiąt",
    "sześćdziesiąt",
    "siedemdziesiąt",
    "osiemdziesiąt",
    "dziewięćdziesiąt",
];
const HUNDREDS: [&str; 10] =
    ["", "sto", "dwieście", "trzysta", "czterysta", "pięćset", "sześćset", "siedemset", "osiemset", "dziewięćset"];

/// A noun as it stands after one, after two and after five.
pub type Forms = [&'static str; 3];

pub const ZLOTY: Forms = ["złoty", "złote", "złotych"];

/// From the largest; a `u64` has no more.
const THOUSANDS: [(u64, Forms); 6] = [
    (1_000_000_000_000_000_000, ["trylion", "tryliony", "trylionów"]),
    (1_000_000_000_000_000, ["biliard", "biliardy", "biliardów"]),
    (1_000_000_000_000, ["bilion", "biliony", "bilionów"]),
    (1_000_000_000, ["miliard", "miliardy", "miliardów"]),
    (1_000_000, ["milion", "miliony", "milionów"]),
    (1_000, ["tysiąc", "tysiące", "tysięcy"]),
];

/// The number in words, e.g. `jeden tysiąc dwieście trzydzieści cztery`.
#[must_use]
pub fn in_words(number: u64) -> String {
    if number == 0 {
        return ONES[0].to_owned();
    }
    let (mut words, mut rest) = (Vec::new(), number);
    for (size, forms) in THOUSANDS {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            below_a_thousand(count, &mut words);
            words.push(form(count, forms));
        }
    }
    below_a_thousand(rest, &mut words);
    words.join(" ")
}

/// The form of a noun that stands after the number: 1 złoty, 2 złote, 5 złotych, 12 złotych, 22 złote.
#[must_use]
pub const fn form(number: u64, forms: Forms) -> &'static str {
    match (number, number % 10, number % 100) {
        (1, ..) => forms[0],
        (_, 2..=4, 0..=11 | 15..) => forms[1],
        _ => forms[2],
    }
}

fn below_a_thousand(number: u64, words: &mut Vec<&'static str>) {
    let digit = |number: u64| usize::try_from(number).unwrap_or_default();
    let (hundreds, rest) = (digit(number / 100), digit(number % 100));
    let (tens, ones) = if rest < ONES.len() { (0, rest) } else { (rest / 10, rest % 10) };
    let parts = [HUNDREDS[hundreds], TENS[tens], if ones > 0 { ONES[ones] } else { "" }];
    words.extend(parts.into_iter().filter(|part| !part.is_empty()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: u64, words: &str) {
        assert_eq!(format!("{} {}", in_words(number), form(number, ZLOTY)), words, "{number}");
    }

    #[test]
    fn a_number_takes_the_right_form_of_its_noun() {
        check(0, "zero złotych");
        check(1, "jeden złoty");
        check(2, "dwa złote");
        check(4, "cztery złote");
        check(5, "pięć złotych");
        check(11, "jedenaście złotych");
        check(12, "dwanaście złotych");
        check(14, "czternaście złotych");
        check(19, "dziewiętnaście złotych");
        check(20, "dwadzieścia złotych");
        check(21, "dwadzieścia jeden złotych");
        check(22, "dwadzieścia dwa złote");
        check(25, "dwadzieścia pięć złotych");
        check(100, "sto złotych");
        check(101, "sto jeden złotych");
        check(112, "sto dwanaście złotych");
        check(122, "sto dwadzieścia dwa złote");
        check(999, "dziewięćset dziewięćdziesiąt dziewięć złotych");
    }

    #[test]
    fn thousands_are_counted_like_nouns() {
        check(1_000, "jeden tysiąc złotych");
        check(1_001, "jeden tysiąc jeden złotych");
        check(2_000, "dwa tysiące złotych");
        check(5_000, "pięć tysięcy złotych");
        check(12_000, "dwanaście tysięcy złotych");
        check(13_014, "trzynaście tysięcy czternaście złotych");
        check(21_000, "dwadzieścia jeden tysięcy złotych");
        check(22_003, "dwadzieścia dwa tysiące trzy złote");
        check(100_000, "sto tysięcy złotych");
        check(112_112, "sto dwanaście tysięcy sto dwanaście złotych");
        check(1_000_000, "jeden milion złotych");
        check(1_000_002, "jeden milion dwa złote");
        check(3_400_050, "trzy miliony czterysta tysięcy pięćdziesiąt złotych");
        check(5_000_000, "pięć milionów złotych");
        check(12_345_678, "dwanaście milionów trzysta czterdzieści pięć tysięcy sześćset siedemdziesiąt osiem złotych");
        check(22_000_001, "dwadzieścia dwa miliony jeden złotych");
        check(
            99_999_999,
            "dziewięćdziesiąt dziewięć milionów dziewięćset dziewięćdziesiąt dziewięć tysięcy dziewięćset dziewięćdziesiąt dziewięć złotych",
        );
        check(2_000_000_000, "dwa miliardy złotych");
        check(u64::MAX / 1_000_000_000_000_000_000 * 1_000_000_000_000_000_000, "osiemnaście trylionów złotych");
    }
}
