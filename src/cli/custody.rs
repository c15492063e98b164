//! What commands of officials share: who acts and why, whom it is about, how they fail.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use crate::procedures::custody::{Error, Official};
use crate::store;
use crate::subjects::IdentificationFields;

/// An official of the administrator's own unit, and why they act.
#[derive(Args)]
pub(super) struct OfficialArgs {
    /// The official's unit, which is the administrator's own.
    #[arg(long)]
    unit: String,
    /// Login of the official.
    #[arg(long, value_name = "LOGIN")]
    user: String,
    /// Why, in at most 200 characters; it stands readable in the entry, so it must not tell who a person is.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl OfficialArgs {
    pub(super) fn of<'a>(&'a self, tenant: &'a str) -> Official<'a> {
        Official { tenant, unit: &self.unit, login: &self.user, reason: &self.reason }
    }
}

/// A person by one identification set. Whoever lists processes, and the shell's history, sees arguments; a file or the
/// standard input tells neither.
#[derive(Args)]
pub(super) struct PersonArgs {
    /// With --pesel, or with --given-name and --birth-date.
    #[arg(long)]
    surname: Option<String>,
    #[arg(long)]
    pesel: Option<String>,
    #[arg(long)]
    given_name: Option<String>,
    /// YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    birth_date: Option<String>,
    /// DOWOD, PASZPORT, KARTA_POBYTU or INNY, with --document-number.
    #[arg(long, value_name = "KIND")]
    document_kind: Option<String>,
    #[arg(long, value_name = "NUMBER")]
    document_number: Option<String>,
    /// Instead of all of these: a file with lines like `pesel = "..."`, or - for the standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = FIELDS)]
    person_from: Option<PathBuf>,
}

/// The names of the fields, as arguments and in a file.
const FIELDS: [&str; 6] = ["surname", "pesel", "given_name", "birth_date", "document_kind", "document_number"];

/// Bytes of a file that names a person.
const FILE_MAX: u64 = 64 << 10;

impl PersonArgs {
    /// The fields as they were given; whether they name a person is judged elsewhere.
    pub(super) fn fields(&self) -> Result<IdentificationFields, Failure> {
        if let Some(path) = &self.person_from {
            return read_person(path);
        }
        Ok(IdentificationFields {
            surname: self.surname.clone(),
            pesel: self.pesel.clone(),
            given_name: self.given_name.clone(),
            birth_date: self.birth_date.clone(),
            document_kind: self.document_kind.clone(),
            document_number: self.document_number.clone(),
        })
    }
}

fn read_person(path: &Path) -> Result<IdentificationFields, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(FILE_MAX).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(FILE_MAX).read_to_string(&mut text))
    };
    read.map_err(|error| Failure::Unreadable(format!("{}: {error}", path.display())))?;
    person_of(&text).map_err(|what| Failure::Unreadable(format!("{}: {what}", path.display())))
}

/// Reads the fields of a person from TOML. What is told of a fault is its place, never a value.
fn person_of(text: &str) -> Result<IdentificationFields, String> {
    let line = |error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        format!("line {} is not like pesel = \"...\"", 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count())
    };
    let mut table: toml::Table = text.parse().map_err(line)?;
    let [surname, pesel, given_name, birth_date, document_kind, document_number] =
        FIELDS.map(|name| match table.remove(name) {
            None => Ok(None),
            Some(toml::Value::String(value)) => Ok(Some(value)),
            Some(_) => Err(format!("{name} is not a text between quotation marks")),
        });
    let fields = IdentificationFields {
        surname: surname?,
        pesel: pesel?,
        given_name: given_name?,
        birth_date: birth_date?,
        document_kind: document_kind?,
        document_number: document_number?,
    };
    if table.is_empty() { Ok(fields) } else { Err(format!("only {} may stand there", FIELDS.join(", "))) }
}

/// What was done is done; old copies of it are left in the database's own files.
pub(super) fn forgotten(remains: Option<store::Error>) -> Result<(), Failure> {
    match remains {
        None => Ok(()),
        Some(error) => Err(Failure::Unavailable(format!(
            "done and recorded, but the database's own files still hold old copies; run it again later: {error}"
        ))),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => error.into(),
            Error::Record(_) => Self::Unavailable(error.to_string()),
            Error::Unreadable(cause) => Self::Refused(format!("a record or an entry cannot be read: {cause}")),
            _ => Self::Refused(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_a_person_as_the_arguments_do() {
        let fields = person_of("surname = \"Lipowa-Testowa\"\npesel = \"85831541742\"\n").unwrap();
        assert_eq!((fields.surname.as_deref(), fields.pesel.as_deref()), (Some("Lipowa-Testowa"), Some("85831541742")));
        assert_eq!((fields.given_name, fields.birth_date), (None, None));
        let fields =
            person_of("document_kind='DOWOD'\ndocument_number='ABA300000'\nbirth_date='1885-03-15'\ngiven_name='Anna'");
        assert_eq!(fields.unwrap().document_number.as_deref(), Some("ABA300000"));
    }

    #[test]
    fn a_fault_of_a_file_is_told_without_its_values() {
        for (text, told) in [
            ("surname = \"A\"\npesel = 85831541742 x", "line 2 is not like pesel = \"...\""),
            ("pesel = 85831541742", "pesel is not a text between quotation marks"),
            ("85831541742", "line 1 is not like pesel = \"...\""),
            (
                "numer = \"85831541742\"",
                "only surname, pesel, given_name, birth_date, document_kind, document_number may stand there",
            ),
        ] {
            assert_eq!(person_of(text).err().as_deref(), Some(told), "{text}");
        }
    }
}
