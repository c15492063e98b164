//! What commands of officials share: who acts and why, whom it is about, how they fail.

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

/// A person by one identification set.
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
}

impl PersonArgs {
    pub(super) fn fields(&self) -> IdentificationFields {
        IdentificationFields {
            surname: self.surname.clone(),
            pesel: self.pesel.clone(),
            given_name: self.given_name.clone(),
            birth_date: self.birth_date.clone(),
            document_kind: self.document_kind.clone(),
            document_number: self.document_number.clone(),
        }
    }
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
