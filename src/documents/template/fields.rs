//! The fields that a template may name: of the document and of those concerned, written here, and of the record, read from its schema.

use super::Purpose;
use super::facts::{DocumentKind, RequestKind};
use crate::disclosure::{self, Catalogue, ScopeItem, SetKind, ValueKind};

/// Name below which the fields of the record stand.
pub(super) const RECORD: &str = "rekord";

/// A field, a list or a group of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The last step of its name.
    pub name: String,
    /// Whether it is a list, which only a loop reads.
    pub repeats: bool,
    /// What it is about, in Polish.
    pub about: String,
    pub content: FieldContent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldContent {
    /// A value; those of the record belong to a scope item.
    Value(ValueKind, Option<ScopeItem>),
    Group(Vec<Field>),
}

/// One line of the list of known fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<'f> {
    /// The name from its beginning, e.g. `rekord.ewidencja.okresRejestracji.dataPoczatkowa`.
    pub name: String,
    pub field: &'f Field,
}

/// All fields of one purpose and kind.
#[derive(Debug, Clone)]
pub struct Fields {
    pub(super) root: Field,
}

impl Fields {
    /// The fields for a purpose; the record's are there when a template may speak of it.
    #[must_use]
    pub fn of(catalogue: &Catalogue, purpose: Purpose, kind: Option<SetKind>) -> Self {
        let kind = kind.filter(|_| purpose == Purpose::Certificate);
        let record = kind.map(|kind| Field {
            name: RECORD.to_owned(),
            about: "Rekord osoby, przycięty do pozycji zakresu, które czyta szablon.".to_owned(),
            ..of_record(catalogue.kind(kind).root())
        });
        Self { root: group("", "", context(catalogue).into_iter().chain(record).collect()) }
    }

    /// All fields, lists and groups, each before what stands in it.
    #[must_use]
    pub fn list(&self) -> Vec<Listed<'_>> {
        let mut listed = Vec::new();
        self.root.children().iter().for_each(|field| list(field, "", &mut listed));
        listed
    }
}

impl Field {
    /// The fields in a group; none in a value.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        match &self.content {
            FieldContent::Value(..) => &[],
            FieldContent::Group(fields) => fields,
        }
    }

    /// The scope item of a value of the record.
    #[must_use]
    pub const fn item(&self) -> Option<ScopeItem> {
        match &self.content {
            FieldContent::Value(_, item) => *item,
            FieldContent::Group(_) => None,
        }
    }

    /// What it is, in a word of the wire.
    #[must_use]
    pub const fn kind_word(&self) -> &'static str {
        match &self.content {
            FieldContent::Value(ValueKind::Text, _) => "tekst",
            FieldContent::Value(ValueKind::Day, _) => "data",
            FieldContent::Value(ValueKind::Amount, _) => "kwota",
            FieldContent::Value(ValueKind::YesNo, _) => "takNie",
            FieldContent::Value(ValueKind::Words(_), _) => "slowo",
            FieldContent::Group(_) if self.repeats => "lista",
            FieldContent::Group(_) => "grupa",
        }
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children().iter().find(|field| field.name == name)
    }

    /// Whether the end of a period is meant, which is open when there is none.
    #[must_use]
    pub fn is_end(&self) -> bool {
        ENDS.contains(&self.name.as_str()) && matches!(self.content, FieldContent::Value(ValueKind::Day, _))
    }

    /// How a list is put in time, when its items have dates that say so.
    pub(super) fn dates(&self) -> Option<Dates> {
        let days: Vec<&str> =
            self.children().iter().filter(|field| field.is_day()).map(|field| field.name.as_str()).collect();
        let start = BEGINNINGS.into_iter().find(|name| days.contains(name));
        let end = ENDS.into_iter().find(|name| days.contains(name));
        match (start, end, days.as_slice()) {
            (Some(start), Some(end), _) => Some(Dates::Period { start: start.to_owned(), end: end.to_owned() }),
            (_, _, [day]) => Some(Dates::Day((*day).to_owned())),
            _ => None,
        }
    }

    fn is_day(&self) -> bool {
        matches!(self.content, FieldContent::Value(ValueKind::Day, _))
    }
}

/// Names of fields that begin and end a period.
const BEGINNINGS: [&str; 2] = ["dataPoczatkowa", "dataRozpoczecia"];
const ENDS: [&str; 3] = ["dataKoncowa", "dataZakonczenia", "do"];

/// The fields by which an item of a list is put in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dates {
    /// From one to the other, or for good when there is no end.
    Period {
        start: String,
        end: String,
    },
    Day(String),
}

fn list<'f>(field: &'f Field, before: &str, listed: &mut Vec<Listed<'f>>) {
    let name = if before.is_empty() { field.name.clone() } else { format!("{before}.{}", field.name) };
    listed.push(Listed { name: name.clone(), field });
    field.children().iter().for_each(|child| list(child, &name, listed));
}

fn of_record(field: &disclosure::Field) -> Field {
    let content = match field.leaf() {
        Some((item, kind)) => FieldContent::Value(kind.clone(), Some(item)),
        None => FieldContent::Group(field.children().iter().map(of_record).collect()),
    };
    Field { name: field.name().to_owned(), repeats: field.repeats(), about: field.about().to_owned(), content }
}

/// Whatever is known besides the record. The names are those of `Facts::tree`.
fn context(catalogue: &Catalogue) -> Vec<Field> {
    vec![
        group(
            "dokument",
            "Ten dokument.",
            vec![
                text("identyfikator", "Identyfikator (UUID)."),
                text("znakSprawy", "Znak sprawy w urzędzie, który pisze."),
                value(
                    "rodzaj",
                    ValueKind::Words(document_kinds()),
                    "ZASWIADCZENIE albo INFORMACJA; wniosek go nie ma.",
                ),
                text("podstawaPrawna", "Podstawa prawna, na której wydaje się dokument."),
                text("miejscowosc", "Miejscowość."),
                day("data", "Data sporządzenia."),
                day("stanNa", "Dzień, na który dane są aktualne."),
            ],
        ),
        group("organ", "Kto pisze.", party()),
        group("odbiorca", "Do kogo.", party()),
        group(
            "wniosek",
            "Wniosek, od którego zaczęła się sprawa; w szablonie wniosku on sam.",
            vec![
                text("identyfikator", "Identyfikator (UUID)."),
                day("data", "Data złożenia."),
                value("rodzaj", ValueKind::Words(request_kinds()), "UDOSTEPNIENIE albo ZASWIADCZENIE."),
                text("znakSprawy", "Znak sprawy wnioskodawcy."),
                text("podstawaPrawna", "Podstawa prawna."),
                text("uzasadnieniePotrzeby", "Uzasadnienie potrzeby."),
                text("przeznaczenie", "Przeznaczenie danych albo zaświadczenia."),
                text("zbior", "Nazwa zbioru."),
                group(
                    "zakres",
                    "Zakres, o który wniesiono.",
                    vec![Field {
                        repeats: true,
                        ..group(
                            "pozycja",
                            "Pozycja zakresu.",
                            vec![text("numer", "Numer pozycji, np. 2.1.1."), text("nazwa", "Nazwa pozycji.")],
                        )
                    }],
                ),
                group(
                    "osoba",
                    "Osoba, której dotyczy wniosek, tak jak ją w nim oznaczono.",
                    vec![
                        text("nazwisko", "Nazwisko."),
                        text("pesel", "Numer PESEL."),
                        text("imie", "Imię."),
                        day("dataUrodzenia", "Data urodzenia."),
                        value(
                            "rodzajDokumentu",
                            catalogue.value_kind("RodzajDokumentu"),
                            "Rodzaj dokumentu tożsamości.",
                        ),
                        text("numerDokumentu", "Seria i numer dokumentu tożsamości."),
                    ],
                ),
                group(
                    "okres",
                    "Okres, którego dotyczy wniosek.",
                    vec![day("od", "Początek okresu."), day("do", "Koniec okresu.")],
                ),
            ],
        ),
        group(
            "podpisujacy",
            "Kto podpisuje.",
            vec![text("imie", "Imię."), text("nazwisko", "Nazwisko."), text("stanowisko", "Stanowisko.")],
        ),
    ]
}

fn party() -> Vec<Field> {
    vec![
        text("nazwa", "Nazwa, a osoby imię i nazwisko."),
        text("nip", "NIP."),
        text("regon", "REGON."),
        group(
            "adres",
            "Adres.",
            vec![
                text("ulica", "Ulica z numerem domu i lokalu."),
                text("kodPocztowy", "Kod pocztowy."),
                text("miejscowosc", "Miejscowość."),
            ],
        ),
    ]
}

fn document_kinds() -> Vec<(String, String)> {
    let word = |kind: DocumentKind| (kind.wire().to_owned(), kind.shown().to_owned());
    DocumentKind::ALL.map(word).to_vec()
}

fn request_kinds() -> Vec<(String, String)> {
    let word = |kind: RequestKind| (kind.wire().to_owned(), kind.shown().to_owned());
    RequestKind::ALL.map(word).to_vec()
}

fn group(name: &str, about: &str, fields: Vec<Field>) -> Field {
    Field { name: name.to_owned(), repeats: false, about: about.to_owned(), content: FieldContent::Group(fields) }
}

fn value(name: &str, kind: ValueKind, about: &str) -> Field {
    let content = FieldContent::Value(kind, None);
    Field { name: name.to_owned(), repeats: false, about: about.to_owned(), content }
}

fn text(name: &str, about: &str) -> Field {
    value(name, ValueKind::Text, about)
}

fn day(name: &str, about: &str) -> Field {
    value(name, ValueKind::Day, about)
}
