//! What a group of officials may do beside asking for data: rights over their own administrator's register and its seal.

/// A right that `brama right add` gives to a group of a unit. It reaches no further than that unit's own administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// To read the entries of the register, sealed parts left sealed.
    ReadRegister,
    /// To open sealed parts, for a reason and with an entry of its own (rule 4.6).
    InspectRegister,
    /// To make parts of the register unreadable for good: the key of a person, whole segments (rule 3.6).
    EraseRegister,
    /// To seal documents with the unit's key (rule 11.8).
    Seal,
}

impl Right {
    pub const ALL: [Self; 4] = [Self::ReadRegister, Self::InspectRegister, Self::EraseRegister, Self::Seal];

    /// The word in commands and in the platform database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReadRegister => "REJESTR_PRZEGLADANIE",
            Self::InspectRegister => "REJESTR_WGLAD",
            Self::EraseRegister => "REJESTR_USUWANIE",
            Self::Seal => "PIECZETOWANIE",
        }
    }

    /// The right of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_has_a_word_of_its_own() {
        for right in Right::ALL {
            assert_eq!(Right::parse(right.word()), Some(right));
        }
        assert_eq!(Right::parse("rejestr_wglad"), None);
    }
}
