//! The states of a batch and which may follow which; words on the wire included, rows excluded.

/// Where a batch stands, from the first part to its verdict (CONTRACT of `zasilanie`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BatchState {
    /// Parts may come.
    Begun,
    /// Closed and durably stored; it waits for its turn.
    Accepted,
    /// The loader is at work; nothing of it is visible.
    Loading,
    /// Loaded whole and visible.
    Done,
    /// The good records are visible, the broken ones left the former records as they were.
    DoneWithErrors,
    /// Nothing of it entered; the protocol says why.
    Refused,
}

impl BatchState {
    pub const ALL: [Self; 6] =
        [Self::Begun, Self::Accepted, Self::Loading, Self::Done, Self::DoneWithErrors, Self::Refused];

    /// The word on the wire, e.g. `PRZYJETA`.
    #[must_use]
    pub const fn wire(self) -> &'static str {
        match self {
            Self::Begun => "ROZPOCZETA",
            Self::Accepted => "PRZYJETA",
            Self::Loading => "PRZETWARZANA",
            Self::Done => "ZAKONCZONA",
            Self::DoneWithErrors => "ZAKONCZONA_Z_BLEDAMI",
            Self::Refused => "ODRZUCONA",
        }
    }

    /// The state of this name; `None` for any other word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.wire() == text)
    }

    /// Whether the verdict is spoken: nothing follows.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::DoneWithErrors | Self::Refused)
    }

    /// Whether `next` may follow. A loading batch may return to itself: after a kill it is loaded anew.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Begun => matches!(next, Self::Accepted),
            Self::Accepted => matches!(next, Self::Loading),
            Self::Loading => matches!(next, Self::Loading) || next.is_final(),
            Self::Done | Self::DoneWithErrors | Self::Refused => false,
        }
    }

    /// The state told to the one who hands a batch over: accepted, or already final.
    #[must_use]
    pub const fn on_acceptance(self) -> Self {
        match self {
            Self::Loading => Self::Accepted,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BatchState::{self, Accepted, Begun, Done, DoneWithErrors, Loading, Refused};

    #[test]
    fn every_word_reads_back_as_its_state() {
        for state in BatchState::ALL {
            assert_eq!(BatchState::parse(state.wire()), Some(state));
        }
        assert_eq!(BatchState::parse("przyjeta"), None);
    }

    #[test]
    fn a_batch_only_goes_forward_and_a_killed_load_begins_anew() {
        let allowed = [
            (Begun, Accepted),
            (Accepted, Loading),
            (Loading, Loading),
            (Loading, Done),
            (Loading, DoneWithErrors),
            (Loading, Refused),
        ];
        for from in BatchState::ALL {
            for to in BatchState::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from:?} -> {to:?}");
            }
        }
    }

    #[test]
    fn a_sender_never_hears_that_a_batch_is_being_loaded() {
        assert_eq!(Loading.on_acceptance(), Accepted);
        assert_eq!(Refused.on_acceptance(), Refused);
    }
}
