//! The part of an entry that concerns one person: readable only with that person's key.

use std::borrow::Cow;
use std::fmt;

use super::Error;
use super::read::field;
use crate::subjects::{Identification, IdentificationFields};
use crate::xml::{Document, Element, Limits, QName, R, Writer};

/// A concerned person and what the entry says about them.
#[derive(Clone)]
pub struct PersonPart {
    /// What the person is told apart by ([`crate::subjects::SearchTerm::tag_material`]).
    /// The store keeps only a keyed hash of it.
    pub person: Vec<u8>,
    pub content: PersonContent,
}

/// What is sealed in `r:tresc`; personal data, therefore never logged.
#[derive(Clone)]
pub struct PersonContent {
    /// The identification as the caller gave it, right or wrong.
    pub identification: IdentificationFields,
    /// Reference of the caller's matter (`sprawa`).
    pub matter: Option<String>,
    /// Purpose in words (`przeznaczenie`).
    pub purpose: Option<String>,
    /// Names of the compared fields.
    pub fields: Vec<String>,
    /// The records that were given out or matched.
    pub records: Vec<RecordDigest>,
}

/// One record that stood in the answer.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordDigest {
    /// `idZrodlowe`: how the administrator's domain system names the record.
    pub source_id: String,
    /// `PODMIOT` or `DZIECKO` in family benefits, else nothing.
    pub role: Option<Cow<'static, str>>,
    /// SHA-256 of the `b:Udostepniona…` element in exclusive C14N, which is its bytes as sent (rule 3.2).
    pub digest: [u8; 32],
}

impl PersonContent {
    /// The bytes to seal: `r:CzescOsobowa` in canonical form.
    #[must_use]
    pub fn to_xml(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.apex(r("CzescOsobowa"), &[]);
        out.element(r("osoba"), |out| write_identification(&self.identification, out));
        if let Some(matter) = &self.matter {
            out.text_element(r("sprawa"), matter);
        }
        if let Some(purpose) = &self.purpose {
            out.text_element(r("przeznaczenie"), purpose);
        }
        for field in &self.fields {
            out.text_element(r("pole"), field);
        }
        for record in &self.records {
            out.element(r("rekord"), |out| {
                out.text_element(r("idZrodlowe"), &record.source_id);
                if let Some(role) = &record.role {
                    out.text_element(r("rola"), role);
                }
                out.base64_element(r("skrot"), &record.digest);
            });
        }
        out.close();
        out.into_bytes()
    }
}

impl PersonContent {
    /// What [`PersonContent::to_xml`] wrote.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is not XML, [`Error::Field`] for a record that lacks something.
    pub fn from_xml(bytes: &[u8]) -> Result<Self, Error> {
        let document = Document::parse(bytes, &Limits::default()).map_err(Error::Malformed)?;
        let content = document.root();
        let text = |name| content.child(r(name)).map(Element::text);
        Ok(Self {
            identification: content.child(r("osoba")).map(read_identification).ok_or(Error::Field("osoba"))?,
            matter: text("sprawa"),
            purpose: text("przeznaczenie"),
            fields: content.all(r("pole")).map(Element::text).collect(),
            records: content.all(r("rekord")).map(read_record).collect::<Result<_, _>>()?,
        })
    }
}

fn read_identification(person: Element<'_>) -> IdentificationFields {
    let text = |name| person.child(r(name)).map(Element::text);
    IdentificationFields {
        surname: text("nazwisko"),
        pesel: text("pesel"),
        given_name: text("imie"),
        birth_date: text("dataUrodzenia"),
        document_kind: text("rodzajDokumentu"),
        document_number: text("numerDokumentu"),
    }
}

fn read_record(record: Element<'_>) -> Result<RecordDigest, Error> {
    Ok(RecordDigest {
        source_id: record.child(r("idZrodlowe")).map(Element::text).ok_or(Error::Field("idZrodlowe"))?,
        role: record.child(r("rola")).map(|role| role.token().into()),
        digest: field(record, "skrot", |text| openssl::base64::decode_block(text).ok()?.try_into().ok())?,
    })
}

/// The fields of a checked identification, for a caller that kept only that.
#[must_use]
pub fn fields_of(identification: &Identification) -> IdentificationFields {
    match identification {
        Identification::Pesel { surname, pesel } => IdentificationFields {
            surname: Some(surname.clone()),
            pesel: Some(pesel.as_str().to_owned()),
            ..IdentificationFields::default()
        },
        Identification::Name { surname, given_name, birth_date } => IdentificationFields {
            surname: Some(surname.clone()),
            given_name: Some(given_name.clone()),
            birth_date: Some(birth_date.format("%Y-%m-%d").to_string()),
            ..IdentificationFields::default()
        },
        Identification::Document(document) => IdentificationFields {
            document_kind: Some(document.kind().wire().to_owned()),
            document_number: Some(document.number().to_owned()),
            ..IdentificationFields::default()
        },
    }
}

impl fmt::Debug for PersonPart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PersonPart({:?})", self.content)
    }
}

/// Shows that there is a person and nothing about whom.
impl fmt::Debug for PersonContent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PersonContent({} records, …)", self.records.len())
    }
}

pub(super) fn write_identification(fields: &IdentificationFields, out: &mut Writer) {
    let texts = [
        ("nazwisko", &fields.surname),
        ("pesel", &fields.pesel),
        ("imie", &fields.given_name),
        ("dataUrodzenia", &fields.birth_date),
        ("rodzajDokumentu", &fields.document_kind),
        ("numerDokumentu", &fields.document_number),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            out.text_element(r(name), text);
        }
    }
}

const fn r(local: &'static str) -> QName {
    R.name(local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::XSD;
    use crate::xml::{Method, Schema, canonical_bytes};

    #[track_caller]
    fn check(texts: [&str; 6], content: &PersonContent) {
        let [surname, pesel, given_name, birth_date, document_kind, document_number] =
            texts.map(|text| (!text.is_empty()).then(|| text.to_owned()));
        let asked = IdentificationFields { surname, pesel, given_name, birth_date, document_kind, document_number };
        let identification = Identification::parse(&asked).unwrap();
        let content = PersonContent { identification: fields_of(&identification), ..content.clone() };
        let bytes = content.to_xml();
        let document = Document::parse(&bytes, &Limits::default()).unwrap();
        let root = document.root();
        let schema = Schema::compile("rejestr.xsd", XSD).unwrap();
        let violations: Vec<_> =
            schema.validate(root, root).into_iter().map(|found| (found.path, found.text)).collect();
        assert_eq!(violations, [], "{texts:?}");
        assert_eq!(canonical_bytes(root, Method::Exclusive).unwrap(), bytes);
        assert_eq!(PersonContent::from_xml(&bytes).unwrap().to_xml(), bytes);
    }

    #[test]
    fn what_is_sealed_fits_the_schema_whichever_way_the_person_was_named() {
        let nothing = PersonContent {
            identification: IdentificationFields::default(),
            matter: None,
            purpose: None,
            fields: Vec::new(),
            records: Vec::new(),
        };
        let record = RecordDigest { source_id: "SR-<7>".to_owned(), role: Some("DZIECKO".into()), digest: [3; 32] };
        let everything = PersonContent {
            matter: Some("OPS.5020.17.2025".to_owned()),
            purpose: Some("ustalenie prawa do zasiłku & \"inne\"".to_owned()),
            fields: vec!["nazwisko".to_owned(), "kodPocztowy".to_owned()],
            records: vec![record.clone(), RecordDigest { role: None, ..record }],
            ..nothing.clone()
        };
        for content in [&nothing, &everything] {
            check(["Lipowa-Testowa", "85831541742", "", "", "", ""], content);
            check(["Lipowa-Testowa", "", "Anna Ewa", "1885-03-15", "", ""], content);
            check(["", "", "", "", "DOWOD", "ABA 300000"], content);
        }
    }

    #[test]
    fn debug_output_shows_no_person() {
        let identification =
            IdentificationFields { surname: Some("Lipowa-Testowa".to_owned()), ..IdentificationFields::default() };
        let content = PersonContent {
            identification,
            matter: Some("sprawa Lipowej".to_owned()),
            purpose: None,
            fields: Vec::new(),
            records: Vec::new(),
        };
        let part = PersonPart { person: b"Lipowa".to_vec(), content };
        assert!(!format!("{part:?}").contains("Lipow"));
    }
}
