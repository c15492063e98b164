//! Verdicts by the names of EN 319 102-1: closed lists; an indication has the URI of TS 119 102-2 too.

use std::fmt;

/// The status indication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indication {
    TotalPassed,
    Indeterminate,
    TotalFailed,
}

impl Indication {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TotalPassed => "TOTAL_PASSED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalFailed => "TOTAL_FAILED",
        }
    }

    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::TotalPassed => "urn:etsi:019102:mainindication:total-passed",
            Self::Indeterminate => "urn:etsi:019102:mainindication:indeterminate",
            Self::TotalFailed => "urn:etsi:019102:mainindication:total-failed",
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $wire:literal, $indication:ident;)*) => {
        /// Why a signature did not pass: the sub-indication. Each belongs to one indication here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SubIndication { $($(#[$doc])* $name,)* }

        impl SubIndication {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }

            #[must_use]
            pub const fn indication(self) -> Indication {
                match self { $(Self::$name => Indication::$indication,)* }
            }
        }
    };
}

// REVOKED and EXPIRED of the norm need content time-stamps, which are not judged: they do not exist here.
reasons! {
    FormatFailure = "FORMAT_FAILURE", TotalFailed;
    HashFailure = "HASH_FAILURE", TotalFailed;
    SigCryptoFailure = "SIG_CRYPTO_FAILURE", TotalFailed;
    /// A valid time-stamp is older than the certificate.
    NotYetValid = "NOT_YET_VALID", TotalFailed;
    NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND", Indeterminate;
    SignaturePolicyNotAvailable = "SIGNATURE_POLICY_NOT_AVAILABLE", Indeterminate;
    SignedDataNotFound = "SIGNED_DATA_NOT_FOUND", Indeterminate;
    NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND", Indeterminate;
    ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE", Indeterminate;
    /// Nothing fresh says whether a certificate was revoked.
    TryLater = "TRY_LATER", Indeterminate;
    RevokedNoPoe = "REVOKED_NO_POE", Indeterminate;
    RevokedCaNoPoe = "REVOKED_CA_NO_POE", Indeterminate;
    OutOfBoundsNotRevoked = "OUT_OF_BOUNDS_NOT_REVOKED", Indeterminate;
    OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE", Indeterminate;
    CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE", Indeterminate;
    /// A signed property, a transform, or a document that is not covered whole.
    SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE", Indeterminate;
    /// The signature says to be younger than its time-stamp.
    TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE", Indeterminate;
}

/// What became of a signature or of a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    Passed,
    /// Everything else has a reason, and the reason says whether the signature failed.
    NotPassed(SubIndication),
}

impl Verdict {
    #[must_use]
    pub const fn indication(self) -> Indication {
        match self {
            Self::Passed => Indication::TotalPassed,
            Self::NotPassed(reason) => reason.indication(),
        }
    }

    #[must_use]
    pub const fn reason(self) -> Option<SubIndication> {
        match self {
            Self::Passed => None,
            Self::NotPassed(reason) => Some(reason),
        }
    }

    /// The worst of all, and of equally bad ones the first; none at all is no pass either.
    #[must_use]
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        let worse = |worst: Self, one: Self| if one.indication() > worst.indication() { one } else { worst };
        all.into_iter().reduce(worse).unwrap_or(Self::NotPassed(SubIndication::FormatFailure))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.indication().name())?;
        self.reason().map_or(Ok(()), |reason| write!(out, " {}", reason.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_equals_is_the_first() {
        use SubIndication::{FormatFailure, HashFailure, TryLater};
        let not = Verdict::NotPassed;
        for (all, expected) in [
            (vec![], not(FormatFailure)),
            (vec![Verdict::Passed], Verdict::Passed),
            (vec![Verdict::Passed, not(TryLater)], not(TryLater)),
            (vec![not(TryLater), not(HashFailure), not(FormatFailure)], not(HashFailure)),
        ] {
            assert_eq!(Verdict::worst(all.clone()), expected, "{all:?}");
        }
    }

    #[test]
    fn names_are_those_of_the_norm() {
        assert_eq!(Verdict::NotPassed(SubIndication::RevokedCaNoPoe).to_string(), "INDETERMINATE REVOKED_CA_NO_POE");
        assert_eq!(Verdict::Passed.to_string(), "TOTAL_PASSED");
        for reason in SubIndication::ALL {
            assert_ne!(reason.indication(), Indication::TotalPassed);
        }
    }
}
