//! The three kinds of sets and how their records are laid out.

/// Kind of a set; it decides which record a person has there (rule 5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetKind {
    /// Labour office.
    Pup,
    /// Social assistance.
    Ps,
    /// Family benefits.
    Sr,
}

impl SetKind {
    pub const ALL: [Self; 3] = [Self::Pup, Self::Ps, Self::Sr];

    /// The word on the wire, e.g. `PUP`.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Pup => "PUP",
            Self::Ps => "PS",
            Self::Sr => "SR",
        }
    }

    /// The kind behind a word of the wire.
    #[must_use]
    pub fn parse(wire: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.wire() == wire)
    }

    /// Local name of the record's root in a feed (rule 5.1).
    #[must_use]
    pub const fn feed_root(self) -> &'static str {
        match self {
            Self::Pup => "OsobaPUP",
            Self::Ps => "OsobaPS",
            Self::Sr => "OsobaSR",
        }
    }

    /// Local name of the record's root in a reply (rule 5.1).
    #[must_use]
    pub const fn reply_root(self) -> &'static str {
        match self {
            Self::Pup => "UdostepnionaPUP",
            Self::Ps => "UdostepnionaPS",
            Self::Sr => "UdostepnionaSR",
        }
    }

    /// The element with the personal data of the record's own person.
    #[must_use]
    pub const fn subject_element(self) -> &'static str {
        match self {
            Self::Pup | Self::Ps => "daneOsobowe",
            Self::Sr => "podmiot",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_word_and_by_nothing_else() {
        for kind in SetKind::ALL {
            assert_eq!(SetKind::parse(kind.wire()), Some(kind));
        }
        assert_eq!(SetKind::parse("pup"), None);
        assert_eq!(SetKind::parse(""), None);
    }
}
