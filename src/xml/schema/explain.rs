//! From an error code of libxml2 to the broken rule and a Polish sentence that never quotes a value.

use libxml::bindings as lib;

use super::super::names::Namespace;
use super::kinds::{Kind, Kinds};

/// What a rule concerns; decides which of several reports about one place is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Matter {
    Value,
    Structure,
}

pub(super) struct Explanation {
    pub rule: &'static str,
    pub matter: Matter,
    pub text: String,
}

/// Explains a report: `code` decides, `message` is what follows the name of the place in libxml2's text.
///
/// From the message only words of the schema are taken, and only where no value of the document can stand: names that
/// were expected, and the last quoted word (a type, a pattern, a bound).
pub(super) fn explain(code: u32, message: &str, kinds: &Kinds) -> Explanation {
    let value = |rule, text: &str| Explanation { rule, matter: Matter::Value, text: text.to_owned() };
    let bound = |rule, text: &str, limit: &str| {
        let text = last_quoted(message)
            .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
            .map_or_else(|| format!("{text}."), |number| format!("{text}; {limit}{number}."));
        Explanation { rule, matter: Matter::Value, text }
    };
    let structure = |rule, text: &str| Explanation { rule, matter: Matter::Structure, text: text.to_owned() };
    match code {
        lib::xmlParserErrors_XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1 => {
            value("type", of_kind(last_quoted(message).map_or(Kind::Other, |name| kinds.of_type(name))))
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_2
        | lib::xmlParserErrors_XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3 => value("type", of_kind(Kind::Other)),
        lib::xmlParserErrors_XML_SCHEMAV_CVC_PATTERN_VALID => value("pattern", of_pattern(message, kinds)),
        lib::xmlParserErrors_XML_SCHEMAV_CVC_ENUMERATION_VALID => {
            value("enumeration", "Wartości nie ma na liście dozwolonych.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_LENGTH_VALID => {
            bound("length", "Wartość ma niewłaściwą długość", "wymagana długość: ")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_MINLENGTH_VALID => {
            bound("minLength", "Wartość jest za krótka", "najmniejsza długość: ")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_MAXLENGTH_VALID => {
            bound("maxLength", "Wartość jest za długa", "największa długość: ")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_MININCLUSIVE_VALID => {
            value("minInclusive", "Wartość jest mniejsza niż dopuszczalna.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_MINEXCLUSIVE_VALID => {
            value("minExclusive", "Wartość jest mniejsza niż dopuszczalna.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_MAXINCLUSIVE_VALID => {
            value("maxInclusive", "Wartość jest większa niż dopuszczalna.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_MAXEXCLUSIVE_VALID => {
            value("maxExclusive", "Wartość jest większa niż dopuszczalna.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_TOTALDIGITS_VALID => value("totalDigits", "Liczba ma za dużo cyfr."),
        lib::xmlParserErrors_XML_SCHEMAV_CVC_FRACTIONDIGITS_VALID => {
            value("fractionDigits", "Liczba ma za dużo cyfr po kropce.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_ELEMENT_CONTENT => element(message),
        lib::xmlParserErrors_XML_SCHEMAV_CVC_ELT_1 => {
            structure("element", "Schemat nie zna takiego elementu w tym miejscu.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_ELT_3_1 => {
            structure("nillable", "Element nie może być oznaczony jako pusty (xsi:nil).")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_ELT_4_1
        | lib::xmlParserErrors_XML_SCHEMAV_CVC_ELT_4_2
        | lib::xmlParserErrors_XML_SCHEMAV_CVC_ELT_4_3
        | lib::xmlParserErrors_XML_SCHEMAV_CVC_TYPE_2 => {
            structure("xsi:type", "Wskazanie typu (xsi:type) jest tu niedozwolone.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1
        | lib::xmlParserErrors_XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2
        | lib::xmlParserErrors_XML_SCHEMAV_CVC_TYPE_3_1_1 => {
            structure("attribute", "Ten atrybut jest tu niedozwolony.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_COMPLEX_TYPE_4 => attribute_missing(message),
        lib::xmlParserErrors_XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1 => structure("content", "Ten element musi być pusty."),
        lib::xmlParserErrors_XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2 | lib::xmlParserErrors_XML_SCHEMAV_CVC_TYPE_3_1_2 => {
            structure("content", "Ten element nie może zawierać innych elementów.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3 => {
            structure("content", "Tekst jest tu niedozwolony, dozwolone są tylko elementy.")
        }
        lib::xmlParserErrors_XML_SCHEMAV_CVC_IDC => {
            structure("unique", "Wartość się powtarza, a w tym miejscu musi być niepowtarzalna.")
        }
        _ => structure("schema", "Treść jest niezgodna ze schematem."),
    }
}

/// The explanation when libxml2 refuses without naming a place.
pub(super) fn unexplained(kinds: &Kinds) -> Explanation {
    explain(0, "", kinds)
}

const fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Date => "To nie jest istniejąca data w postaci RRRR-MM-DD.",
        Kind::DateTime => "To nie jest istniejąca chwila w postaci RRRR-MM-DDTgg:mm:ssZ.",
        Kind::Integer => "To nie jest liczba całkowita z dopuszczalnego przedziału.",
        Kind::Decimal => "To nie jest liczba.",
        Kind::Boolean => "To nie jest wartość true ani false.",
        Kind::Base64 => "To nie jest poprawny zapis base64.",
        Kind::Other => "Wartość nie pasuje do typu tego pola.",
    }
}

fn of_pattern(message: &str, kinds: &Kinds) -> &'static str {
    // A pattern may hold an apostrophe, so it is cut by the words before it, and must end the message.
    let pattern = message.rsplit_once(" by the pattern '").and_then(|(_, rest)| rest.strip_suffix("'."));
    match pattern.map_or(Kind::Other, |pattern| kinds.of_pattern(pattern)) {
        kind @ (Kind::Date | Kind::DateTime | Kind::Boolean) => of_kind(kind),
        _ => "Wartość nie ma wymaganej postaci.",
    }
}

/// Both an element out of place and an end that comes too early have one code; their messages hold no value.
fn element(message: &str) -> Explanation {
    let expected = expected(message);
    let (rule, text, hint) = if message.starts_with("Missing child") {
        ("minOccurs", "Brakuje wymaganego elementu", "; oczekiwano: ")
    } else {
        ("element", "Ten element nie jest tu dozwolony", "; oczekiwano: ")
    };
    let text = match expected.as_slice() {
        [] => format!("{text}."),
        names => format!("{text}{hint}{}.", names.join(", ")),
    };
    Explanation { rule, matter: Matter::Structure, text }
}

fn attribute_missing(message: &str) -> Explanation {
    let name = message.strip_prefix("The attribute '").and_then(|rest| rest.split('\'').next());
    let text = name.map_or_else(
        || "Brakuje wymaganego atrybutu.".to_owned(),
        |name| format!("Brakuje wymaganego atrybutu {}.", shown(name).unwrap_or(name.to_owned())),
    );
    Explanation { rule: "use", matter: Matter::Structure, text }
}

/// The names in `Expected is one of ( {urn:x}a, {urn:x}b ).`; wildcards are left out.
fn expected(message: &str) -> Vec<String> {
    const SHOWN: usize = 8;
    let list = message.rsplit_once("( ").and_then(|(_, rest)| rest.strip_suffix(" )."));
    let names = list.into_iter().flat_map(|list| list.split(", "));
    names.filter_map(shown).take(SHOWN).collect()
}

/// `{uri}local` with our prefix.
fn shown(name: &str) -> Option<String> {
    if name.starts_with('*') || name.starts_with("##") {
        return None;
    }
    let Some((uri, local)) = name.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return Some(name.to_owned());
    };
    (local != "*").then(|| match Namespace::of(uri) {
        Some(namespace) => format!("{}:{local}", namespace.prefix),
        None => local.to_owned(),
    })
}

/// The last word in apostrophes, which must end the message; values come before it.
fn last_quoted(message: &str) -> Option<&str> {
    message.strip_suffix("'.")?.rsplit('\'').next()
}
