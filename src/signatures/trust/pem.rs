//! The PEM files that trust stands on.

use std::fs;
use std::path::{Path, PathBuf};

use openssl::error::ErrorStack;
use openssl::x509::{X509, X509Crl};

use super::Error;

/// The certificates of all files, one at least in each.
pub(in crate::signatures) fn certificates(paths: &[PathBuf]) -> Result<Vec<X509>, Error> {
    let mut all = Vec::new();
    for path in paths {
        let found = X509::stack_from_pem(&read(path)?).map_err(Error::Certificate)?;
        if found.is_empty() {
            return Err(Error::NoPem("CERTIFICATE"));
        }
        all.extend(found);
    }
    Ok(all)
}

/// Of certificates with one name and one key (a renewed authority) keeps the one that ends last.
pub(in crate::signatures) fn latest(all: Vec<X509>) -> Result<Vec<X509>, ErrorStack> {
    let mut kept: Vec<X509> = Vec::new();
    for one in all {
        let same = |other: &X509| -> Result<bool, ErrorStack> {
            Ok(one.subject_name().try_cmp(other.subject_name())?.is_eq()
                && one.public_key()?.public_eq(&*other.public_key()?))
        };
        let mut twin = None;
        for (place, other) in kept.iter().enumerate() {
            if same(other)? {
                twin = Some(place);
            }
        }
        match twin {
            Some(place) if one.not_after() > kept[place].not_after() => kept[place] = one,
            Some(_) => {}
            None => kept.push(one),
        }
    }
    Ok(kept)
}

/// The revocation lists of all files, one at least in each.
pub(in crate::signatures) fn revocation_lists(paths: &[PathBuf]) -> Result<Vec<X509Crl>, Error> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(revocation_lists_in(&read(path)?)?);
    }
    Ok(all)
}

/// Every list of a PEM file; the library's own reader stops after the first.
fn revocation_lists_in(pem: &[u8]) -> Result<Vec<X509Crl>, Error> {
    const BEGIN: &str = "-----BEGIN X509 CRL-----";
    let text = String::from_utf8_lossy(pem);
    let blocks = text.match_indices(BEGIN).map(|(start, _)| &text[start..]);
    let lists = blocks.map(|block| X509Crl::from_pem(block.as_bytes())).collect::<Result<Vec<_>, _>>();
    let lists = lists.map_err(Error::Certificate)?;
    if lists.is_empty() { Err(Error::NoPem("X509 CRL")) } else { Ok(lists) }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::File { path: path.to_owned(), source };
    // The library takes paths as C strings of UTF-8 and panics over others.
    if path.to_str().is_none_or(|text| text.contains('\0')) {
        return Err(unreadable(std::io::ErrorKind::InvalidFilename.into()));
    }
    fs::read(path).map_err(unreadable)
}
