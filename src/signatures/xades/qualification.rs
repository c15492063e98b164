//! What kind of signature it is: by the list in which the chain ends, and the certificate's own statements (EN 319 412-5).

use crate::signatures::der;
use crate::signatures::lists::{Link, List};

const STATEMENTS: &str = "1.3.6.1.5.5.7.1.3";
const COMPLIANCE: &str = "0.4.0.1862.1.1";
const DEVICE: &str = "0.4.0.1862.1.4";
const TYPE: &str = "0.4.0.1862.1.6";
const TYPE_SIGNATURE: &str = "0.4.0.1862.1.6.1";
const TYPE_SEAL: &str = "0.4.0.1862.1.6.2";

/// `QcStatements` of a certificate; without the extension nothing is stated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statements {
    /// It is a qualified certificate.
    pub compliance: bool,
    /// Its key lives in a qualified device.
    pub device: bool,
    /// `esign`, `eseal` or another identifier; empty when no type is stated.
    pub types: Vec<String>,
}

/// The kind of a signature, from strongest to weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureKind {
    Qualified,
    QualifiedSeal,
    Advanced,
    Personal,
    TrustedProfile,
    Seal,
}

impl Statements {
    #[must_use]
    pub fn of(certificate: &Link) -> Self {
        certificate.extension(STATEMENTS).and_then(Self::read).unwrap_or_default()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut statements = Self::default();
        for statement in der::all(der::only(bytes)?.content)? {
            let parts = der::all(statement.content)?;
            match der::dotted(*parts.first()?)?.as_str() {
                COMPLIANCE => statements.compliance = true,
                DEVICE => statements.device = true,
                TYPE => {
                    let named = der::all(parts.get(1)?.content)?.into_iter().map(der::dotted);
                    let short = |dotted: String| match dotted.as_str() {
                        TYPE_SIGNATURE => "esign".to_owned(),
                        TYPE_SEAL => "eseal".to_owned(),
                        _ => dotted,
                    };
                    statements.types = named.map(|dotted| dotted.map(short)).collect::<Option<_>>()?;
                }
                _ => {}
            }
        }
        Some(statements)
    }
}

impl SignatureKind {
    #[must_use]
    pub fn of(list: List, statements: &Statements) -> Self {
        let is_qualified = statements.compliance && statements.device;
        let is = |kind: &str| statements.types.iter().any(|one| one == kind);
        match list {
            List::Qualified if is_qualified && (statements.types.is_empty() || is("esign")) => Self::Qualified,
            List::Qualified if is_qualified && is("eseal") => Self::QualifiedSeal,
            List::Qualified => Self::Advanced,
            List::Personal => Self::Personal,
            List::TrustedProfile => Self::TrustedProfile,
            List::Seals => Self::Seal,
        }
    }

    /// The word in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qualified => "KWALIFIKOWANY",
            Self::QualifiedSeal => "PIECZEC_KWALIFIKOWANA",
            Self::Advanced => "ZAAWANSOWANY",
            Self::Personal => "OSOBISTY",
            Self::TrustedProfile => "ZAUFANY",
            Self::Seal => "PIECZEC",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: List, compliance: bool, device: bool, types: &[&str], expected: SignatureKind) {
        let types = types.iter().map(|kind| (*kind).to_owned()).collect();
        let statements = Statements { compliance, device, types };
        assert_eq!(SignatureKind::of(list, &statements), expected, "{list:?} {statements:?}");
    }

    #[test]
    fn the_list_decides_and_then_the_statements() {
        use SignatureKind::{Advanced, Personal, Qualified, QualifiedSeal, Seal, TrustedProfile};
        check(List::Qualified, true, true, &[], Qualified);
        check(List::Qualified, true, true, &["esign"], Qualified);
        check(List::Qualified, true, true, &["eseal"], QualifiedSeal);
        check(List::Qualified, true, true, &["0.4.0.1862.1.6.3"], Advanced);
        check(List::Qualified, true, false, &["esign"], Advanced);
        check(List::Qualified, false, true, &["eseal"], Advanced);
        check(List::Personal, true, true, &["esign"], Personal);
        check(List::TrustedProfile, true, true, &["esign"], TrustedProfile);
        check(List::Seals, true, true, &["eseal"], Seal);
    }
}
