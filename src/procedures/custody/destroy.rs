//! Destroying an administrator's keys: nothing that they sealed can be opened again.

use super::warrant::Warrant;
use super::{Error, Official};
use crate::disclosure::Right;
use crate::ledger::{Draft, EventKind};
use crate::store::{self, PLATFORM, Stores, Submission};

/// Destroys the wrapped keys of the official's own administrator. The entry in the platform's register comes first and is
/// durable; what fails after it can be asked for again. What is told is what kept the platform database's own files from
/// forgetting the keys too.
///
/// The register stays as it is and can be verified without keys; a running gateway stops using them within a second.
///
/// # Errors
/// As [`Error`] says; a missing right is recorded in the administrator's own register.
pub fn destroy_keys(stores: &Stores, official: Official<'_>) -> Result<Option<store::Error>, Error> {
    let registry = stores.platform().registry()?;
    if registry.is_keyless(official.tenant) {
        stores.platform().settle()?;
        return Err(Error::NoKeys);
    }
    let warrant = Warrant::of(stores, official, Right::EraseRegister, None)?;
    let draft = Draft {
        tenant: PLATFORM.to_owned(),
        keys_of: Some(official.tenant.to_owned()),
        ..warrant.draft(EventKind::KeyDestroyed)
    };
    let submission = Submission { draft: Some(draft), ..Submission::default() };
    stores.platform_recorder().submit(submission)?.wait_blocking()?;
    stores.platform().destroy_keys(official.tenant)?;
    Ok(stores.platform().settle().err())
}
