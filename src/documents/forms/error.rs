//! Why a document is no form of ours: closed words, each with a sentence that holds no value.

use crate::problem::{Code, Detail, Problem};
use crate::xml::{self, Violation};

/// Why a document was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no XML that we accept, or an identifier stands twice.
    #[error(transparent)]
    Xml(#[from] xml::Error),
    /// The root is not `Dokument` of a form of ours.
    #[error("no form of ours")]
    UnknownForm,
    /// The document breaks the schema of its form.
    #[error("{} violations of the schema", .0.len())]
    Invalid(Vec<Violation>),
    /// The document keeps the schema and says what cannot be.
    #[error("line {line}: {rule:?}")]
    Broken { rule: Rule, line: u32 },
}

macro_rules! rules {
    ($($name:ident, $wire:literal, $code:ident, $sentence:literal;)*) => {
        /// What a document must keep beyond its schema.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Rule { $($name,)* }

        impl Rule {
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];

            /// The word by which a refusal names the rule.
            #[must_use]
            pub const fn wire(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }

            /// The code with which a request fails that brings such a document.
            #[must_use]
            pub const fn code(self) -> Code {
                match self { $(Self::$name => Code::$code,)* }
            }

            /// A Polish sentence for the caller.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

rules! {
    FormName, "WZOR_NIEZGODNY", DataInvalid, "str:CID nie podaje wzoru, według którego zapisano dokument.";
    DocumentId, "IDENTYFIKATOR_NIEPOPRAWNY", DataInvalid, "Identyfikatorem dokumentu (idDokumentu) jest UUID.";
    Created, "CZAS_NIEPOPRAWNY", DataInvalid, "Chwila stworzenia dokumentu nie istnieje, nie ma strefy czasowej albo nie jest oznaczona jako stworzony.";
    Dated, "DATA_NIEZGODNA", DataInvalid, "Data w danych dokumentu nie jest dniem jego stworzenia.";
    Category, "RODZAJ_NIEPOPRAWNY", DataInvalid, "Kategorią dokumentu jest tekst.";
    Language, "JEZYK_NIEPOPRAWNY", DataInvalid, "Językiem dokumentu jest polski (pol).";
    OneParty, "PODMIOT_NIE_JEDEN", DataInvalid, "Dokument ma dokładnie jednego adresata i jednego nadawcę.";
    UnitId, "JEDNOSTKA_NIEOKRESLONA", DataInvalid, "Instytucja ma nazwę i dokładnie jeden identyfikator brama-ID.";
    PartyName, "OSOBA_NIEOKRESLONA", DataInvalid, "Osoba ma imię i nazwisko, a jej numer PESEL, jeśli go podano, jest poprawny.";
    Sender, "NADAWCA_NIEWLASCIWY", DataInvalid, "Osoba może wnosić tylko o zaświadczenie, a pozostałe dokumenty wysyła jednostka.";
    Addressee, "ADRESAT_NIEWLASCIWY", DataInvalid, "Wniosek jest adresowany do jednostki.";
    Person, "OSOBA_NIEPOPRAWNA", DataInvalid, "Dane wskazujące osobę są niepoprawne.";
    Period, "OKRES_ODWROCONY", DataInvalid, "Okres kończy się przed swoim początkiem.";
    Day, "DATA_NIEPOPRAWNA", DataInvalid, "To nie jest istniejąca data.";
    ScopeRepeated, "ZAKRES_POWTORZONY", DataInvalid, "Pozycja zakresu stoi dwa razy.";
    SupplementsItself, "UZUPELNIA_SIEBIE", DataInvalid, "Wniosek nie może uzupełniać samego siebie.";
    Role, "ROLA_NIEZGODNA", DataInvalid, "Rola stoi przy rekordzie świadczeń rodzinnych i tylko przy nim.";
    OneKind, "REKORDY_NIEZGODNE", DataInvalid, "Kilka rekordów może pochodzić tylko ze zbioru świadczeń rodzinnych.";
    Complaint, "ZAZALENIE_NIEZGODNE", DataInvalid, "Zażalenie, w terminie 7 dni, przysługuje na postanowienie i tylko na nie.";
    Blank, "TEKST_PUSTY", DataInvalid, "Tekst składa się z samych białych znaków.";
    ReplyTime, "TERMIN_NIEPOPRAWNY", DataInvalid, "Wezwanie daje co najmniej 7 dni, a zwrot nie ma terminu.";
    OtherRequest, "WNIOSEK_INNY", DataInvalid, "Dokument nie dotyczy tego wniosku.";
    RulingKind, "RODZAJ_NIEDOPUSZCZALNY", DataInvalid, "Postanowieniem odmawia się tylko zaświadczenia, a osobie odmawia się tylko postanowieniem.";
    NoPdf, "BRAK_PDF", AttachmentInvalid, "Pierwszym załącznikiem zaświadczenia jest plik PDF zapisany w dokumencie.";
    FileName, "NAZWA_PLIKU_NIEPOPRAWNA", AttachmentInvalid, "Nazwa pliku ma do 255 znaków, w postaci NFC, bez ukośników i znaków sterujących.";
    FileNameRepeated, "NAZWA_PLIKU_POWTORZONA", AttachmentInvalid, "Dwa załączniki mają tę samą nazwę.";
    FileKind, "TYP_PLIKU_NIEDOZWOLONY", AttachmentInvalid, "Załącznik to pdf, xml, txt, csv, png, jpg, odt albo docx; zgodne są jego treść, typ i rozszerzenie nazwy.";
    FileContent, "TRESC_PLIKU_NIEPOPRAWNA", AttachmentInvalid, "Treść załącznika nie jest zapisana w base64.";
    FileTooLarge, "ZALACZNIK_ZA_DUZY", AttachmentInvalid, "Załącznik w dokumencie ma najwyżej 2 MiB.";
    FilesTooLarge, "ZALACZNIKI_ZA_DUZE", AttachmentInvalid, "Załączniki w dokumencie mają razem najwyżej 3 MiB.";
    FileAddress, "ADRES_PLIKU_NIEPOPRAWNY", AttachmentInvalid, "Adresem załącznika jest urn:brama:plik: i UUID.";
    FileDigestMissing, "BRAK_SKROTU_PLIKU", AttachmentInvalid, "Załącznik spoza dokumentu nie ma skrótu w formularzu.";
    FileDigestStray, "SKROT_BEZ_PLIKU", AttachmentInvalid, "Skrót w formularzu nie ma załącznika albo powtarza inny.";
    FileDiffers, "PLIK_NIEZGODNY", AttachmentInvalid, "Przesłany plik różni się od zapowiedzianego skrótem albo rozmiarem.";
}

impl Rule {
    /// The rule broken at `line`.
    #[must_use]
    pub const fn at(self, line: u32) -> Error {
        Error::Broken { rule: self, line }
    }
}

impl From<Rule> for Problem {
    fn from(rule: Rule) -> Self {
        let rule_name = Some(rule.wire().to_owned());
        Self::new(rule.code()).detail(Detail { rule: rule_name, text: rule.sentence().to_owned(), ..Detail::default() })
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Xml(error) => error.into(),
            Error::UnknownForm => Self::new(Code::SchemaViolation).explain("Dokument nie ma wzoru, który brama zna."),
            Error::Invalid(violations) => {
                violations.into_iter().fold(Self::new(Code::SchemaViolation), |problem, one| {
                    let Violation { line, path, rule, text } = one;
                    problem.detail(Detail { line: Some(line), column: None, path: Some(path), rule: Some(rule), text })
                })
            }
            Error::Broken { rule, line } => {
                let mut problem = Self::from(rule);
                problem.details.iter_mut().for_each(|detail| detail.line = Some(line));
                problem
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_word_of_its_own() {
        for (place, rule) in Rule::ALL.iter().enumerate() {
            assert!(Rule::ALL[..place].iter().all(|other| other.wire() != rule.wire()), "{rule:?}");
            assert!(rule.sentence().ends_with('.'), "{rule:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_rule_and_the_line() {
        let problem = Problem::from(Rule::FileTooLarge.at(12));
        assert_eq!(problem.code, Code::AttachmentInvalid);
        assert_eq!(
            (problem.details[0].line, problem.details[0].rule.as_deref()),
            (Some(12), Some("ZALACZNIK_ZA_DUZY"))
        );
        assert_eq!(Problem::from(Error::UnknownForm).code, Code::SchemaViolation);
    }
}
