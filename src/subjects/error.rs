//! What can be wrong with data that name a person; no error ever holds the value itself.

use crate::problem::{Code, Detail, Problem};

/// Why a value does not identify anybody, or a stored record cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("a PESEL has eleven digits")]
    PeselForm,
    #[error("the check digit of the PESEL does not hold")]
    PeselCheckDigit,
    #[error("the PESEL names a day that does not exist")]
    PeselDate,
    #[error("the number has not the form of this kind of document")]
    DocumentForm,
    #[error("the check digit of the document number does not hold")]
    DocumentCheckDigit,
    #[error("the word is not in its dictionary")]
    Word,
    #[error("the day does not exist or is not written YYYY-MM-DD")]
    Date,
    #[error("the name holds nothing but white space")]
    NameEmpty,
    #[error("the fields are not exactly one identification set")]
    NotOneSet,
    #[error("there is nothing to compare")]
    NothingToCompare,
    #[error("the stored record is not in its canonical form: {0}")]
    StoredRecord(&'static str),
}

impl Error {
    /// A Polish sentence for the caller.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::PeselForm => "Numer PESEL ma jedenaście cyfr.",
            Self::PeselCheckDigit => "Cyfra kontrolna numeru PESEL jest niepoprawna.",
            Self::PeselDate => "Numer PESEL wskazuje datę, która nie istnieje.",
            Self::DocumentForm => "Numer nie ma postaci właściwej dla tego rodzaju dokumentu.",
            Self::DocumentCheckDigit => "Cyfra kontrolna numeru dokumentu jest niepoprawna.",
            Self::Word => "Słownik nie zna takiej wartości.",
            Self::Date => "To nie jest istniejąca data w postaci RRRR-MM-DD.",
            Self::NameEmpty => "Nazwisko i imię nie mogą być puste.",
            Self::NotOneSet => {
                "Osobę wskazuje dokładnie jeden zestaw: nazwisko i PESEL; nazwisko, imię i data urodzenia; albo rodzaj i numer dokumentu."
            }
            Self::NothingToCompare => "Nie podano żadnej wartości do porównania.",
            Self::StoredRecord(_) => "Zapisany rekord jest nieczytelny.",
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::StoredRecord(_) => Self::internal(error),
            _ => Self::new(Code::DataInvalid).explain(error.explain()),
        }
    }
}

/// An [`Error`] together with the field of the request that caused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {error}")]
pub struct FieldError {
    /// Local name of the element below the group, e.g. `pesel`; empty when the whole group is meant.
    pub field: &'static str,
    pub error: Error,
}

impl FieldError {
    /// The problem, pointing at the field below `group`, e.g. `/u:UdostepnijDaneOsoby/u:osoba`.
    #[must_use]
    pub fn below(self, group: &str) -> Problem {
        let mut path = group.to_owned();
        for step in self.field.split('/').filter(|step| !step.is_empty()) {
            path.push_str("/u:");
            path.push_str(step);
        }
        let text = self.error.explain().to_owned();
        Problem::new(Code::DataInvalid).detail(Detail { path: Some(path), text, ..Detail::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_is_named_by_its_path_and_not_by_its_value() {
        let problem =
            FieldError { field: "pesel", error: Error::PeselCheckDigit }.below("/u:UdostepnijDaneOsoby/u:osoba");
        assert_eq!(problem.code, Code::DataInvalid);
        assert_eq!(problem.details[0].path.as_deref(), Some("/u:UdostepnijDaneOsoby/u:osoba/u:pesel"));
        assert_eq!(problem.details[0].text, "Cyfra kontrolna numeru PESEL jest niepoprawna.");
    }

    #[test]
    fn a_fault_of_the_group_points_at_the_group() {
        let problem = FieldError { field: "", error: Error::NotOneSet }.below("/u:X/u:osoba");
        assert_eq!(problem.details[0].path.as_deref(), Some("/u:X/u:osoba"));
    }

    #[test]
    fn an_unreadable_record_is_our_own_fault() {
        assert_eq!(Problem::from(Error::StoredRecord("text between elements")).code, Code::Internal);
    }
}
