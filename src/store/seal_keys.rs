//! The keys with which units seal documents: one per unit, sealed under the platform's own key, shown to nobody.

use chrono::Utc;
use diesel::prelude::*;
use zeroize::Zeroizing;

use super::names::require;
use super::schema::{seal_keys, units};
use super::{Error, KeyUse, Label, Stores, is_identifier};
use crate::signatures::lists::Link;
use crate::signatures::{self, SigningKey};

/// Sealed keys differ in length no more than by so many bytes.
const KEY_PAD: usize = 4096;

/// A unit's key as it was handed in.
pub struct SealKey {
    /// PEM: the certificate, and those above it.
    pub certificates: Vec<u8>,
    /// The key as PEM, or its address in a token.
    pub secret: Zeroizing<Vec<u8>>,
}

impl SealKey {
    /// The key, ready to sign, and the certificates that came with it.
    ///
    /// # Errors
    /// Those of [`SigningKey::from_secret`] and [`Link::all_from_pem`].
    pub fn open(&self) -> Result<(SigningKey, Vec<Link>), signatures::Error> {
        Ok((SigningKey::from_secret(&self.secret, &self.certificates)?, Link::all_from_pem(&self.certificates)?))
    }
}

impl Stores {
    /// Gives a unit its key for seals, in the place of the one it had. Whether certificate and key belong together the
    /// caller has made sure of.
    ///
    /// # Errors
    /// `Unknown` when there is no such unit, else as of the database.
    pub fn set_seal_key(&self, unit: &str, certificates: &[u8], secret: &[u8]) -> Result<(), Error> {
        require(is_identifier(unit), "the unit's identifier")?;
        let sealed = self.platform().keys().seal(KeyUse::Data, label(unit), secret, KEY_PAD)?;
        self.platform().change(|db| {
            let units: i64 = units::table.filter(units::id.eq(unit)).count().get_result(db)?;
            if units == 0 {
                return Err(Error::Unknown(format!("there is no unit {unit}")));
            }
            diesel::delete(seal_keys::table.find(unit)).execute(db)?;
            let row = (
                seal_keys::unit_id.eq(unit),
                seal_keys::certificates.eq(certificates),
                seal_keys::key_sealed.eq(sealed),
                seal_keys::added_at.eq(Utc::now().to_rfc3339()),
            );
            diesel::insert_into(seal_keys::table).values(row).execute(db)?;
            Ok(())
        })
    }

    /// The key of a unit.
    ///
    /// # Errors
    /// `Unknown` when it has none, `Sealed` when it does not open.
    pub fn seal_key(&self, unit: &str) -> Result<SealKey, Error> {
        let row: Option<(Vec<u8>, Vec<u8>)> = self.platform().database().read(|db| {
            let columns = (seal_keys::certificates, seal_keys::key_sealed);
            Ok(seal_keys::table.find(unit).select(columns).first(db).optional()?)
        })?;
        let (certificates, sealed) = row.ok_or_else(|| Error::Unknown(format!("unit {unit} has no key for seals")))?;
        Ok(SealKey { certificates, secret: self.platform().keys().open(KeyUse::Data, label(unit), &sealed)? })
    }
}

fn label(unit: &str) -> Label<'_> {
    Label { purpose: "pieczec", set: "", row: unit.as_bytes() }
}
