//! Decides what a chunk of examined persons does to the set: hashes and rows in, writes out; no database, no key.

use std::collections::HashMap;

use crate::store::batches::{CurrentRow, Effect, Hash, Item};

use super::finding::FindingCode;

/// What an `Osoba` asks for (`operacja`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `zapis`
    Write,
    /// `usuniecie`
    Remove,
}

/// What the decision has to know of one examined `Osoba`.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub ordinal: u64,
    pub line: u32,
    pub source: Option<Hash>,
    pub source_sealed: Option<Vec<u8>>,
    pub pesel: Option<Hash>,
    pub action: Action,
    /// It has an error of its own.
    pub broken: bool,
    /// Keyed hash of the record to write.
    pub content: Option<Hash>,
}

/// What the database holds that concerns a chunk.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Earlier persons of the batch that share an `idZrodlowe` or a PESEL with the chunk.
    pub items: Vec<Item>,
    /// Visible rows of the persons whom the chunk names.
    pub current: Vec<CurrentRow>,
}

/// One more name in the protocol because two persons of the batch are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repetition {
    pub code: FindingCode,
    /// Who is named.
    pub item: Item,
    /// Ordinal of the other.
    pub other: u64,
}

/// What a chunk does.
#[derive(Debug, Default)]
pub struct Plan {
    /// The chunk's persons, in its order, for the duplicates' table.
    pub items: Vec<Item>,
    /// Earlier persons whose effect or naming changes.
    pub changed: Vec<Item>,
    /// What those did before, to be taken back from the summary.
    pub taken_back: Vec<Effect>,
    /// Sources of earlier persons whose writes are undone.
    pub undo: Vec<Hash>,
    /// Visible rows that end with the new state.
    pub closed: Vec<i64>,
    pub repetitions: Vec<Repetition>,
    /// Ordinals of removals that name nobody.
    pub unknown: Vec<u64>,
}

/// Decides a chunk. Both of two persons with one `idZrodlowe` or one PESEL are refused and named; a repeated
/// `idZrodlowe` with the same PESEL is one mistake, not two.
#[must_use]
pub fn plan(chunk: &[Candidate], known: Known) -> Plan {
    let current: HashMap<Hash, CurrentRow> = known.current.into_iter().map(|row| (row.source, row)).collect();
    let mut desk = Desk::with_earlier(known.items);
    for candidate in chunk {
        desk.take(candidate, &current);
    }
    desk.finish(chunk, &current)
}

/// An item on the desk: of an earlier chunk or of this one.
struct Slot {
    item: Item,
    earlier: bool,
    changed: bool,
}

#[derive(Default)]
struct Desk {
    slots: Vec<Slot>,
    by_source: HashMap<Hash, usize>,
    by_pesel: HashMap<Hash, usize>,
    plan: Plan,
}

impl Desk {
    fn with_earlier(items: Vec<Item>) -> Self {
        let mut desk = Self::default();
        for item in items {
            desk.put(item, true);
        }
        desk
    }

    fn put(&mut self, item: Item, earlier: bool) {
        let at = self.slots.len();
        self.by_source.extend(item.source.map(|hash| (hash, at)));
        self.by_pesel.extend(item.pesel.map(|hash| (hash, at)));
        self.slots.push(Slot { item, earlier, changed: false });
    }

    fn take(&mut self, candidate: &Candidate, current: &HashMap<Hash, CurrentRow>) {
        let mut item = Item {
            ordinal: candidate.ordinal,
            line: candidate.line,
            source: candidate.source,
            pesel: candidate.pesel,
            effect: effect(candidate, current),
            named_for_id: false,
            named_for_pesel: false,
            source_sealed: candidate.source_sealed.clone(),
        };
        let same_id = candidate.source.and_then(|hash| self.by_source.get(&hash).copied());
        if let Some(first) = same_id {
            self.repeated(first, &mut item, FindingCode::IdRepeated);
            item.source = None;
        }
        let same_pesel = candidate.pesel.and_then(|hash| self.by_pesel.get(&hash).copied());
        if let Some(first) = same_pesel {
            if same_pesel != same_id {
                self.repeated(first, &mut item, FindingCode::PeselRepeated);
            }
            item.pesel = None;
        }
        self.put(item, false);
    }

    /// Refuses and names the first and the later one.
    fn repeated(&mut self, first: usize, later: &mut Item, code: FindingCode) {
        let slot = &mut self.slots[first];
        if slot.item.effect != Effect::Refused {
            if slot.earlier {
                self.plan.taken_back.push(slot.item.effect);
                self.plan.undo.extend(slot.item.source.filter(|_| slot.item.effect != Effect::Unchanged));
            }
            slot.item.effect = Effect::Refused;
            slot.changed = true;
        }
        let named = flag(&mut slot.item, code);
        if !*named {
            *named = true;
            slot.changed = true;
            self.plan.repetitions.push(Repetition { code, item: slot.item.clone(), other: later.ordinal });
        }
        let other = slot.item.ordinal;
        later.effect = Effect::Refused;
        *flag(later, code) = true;
        self.plan.repetitions.push(Repetition { code, item: later.clone(), other });
    }

    fn finish(mut self, chunk: &[Candidate], current: &HashMap<Hash, CurrentRow>) -> Plan {
        for Slot { item, earlier, changed } in self.slots {
            match (earlier, changed) {
                (true, true) => self.plan.changed.push(item),
                (true, false) => {}
                (false, _) => self.plan.items.push(item),
            }
        }
        for (candidate, item) in chunk.iter().zip(&self.plan.items) {
            let row = item.source.and_then(|hash| current.get(&hash));
            match (item.effect, row) {
                (Effect::Written | Effect::Removed, Some(row)) => self.plan.closed.push(row.row),
                (Effect::Unchanged, None) if candidate.action == Action::Remove => self.plan.unknown.push(item.ordinal),
                _ => {}
            }
        }
        self.plan
    }
}

fn flag(item: &mut Item, code: FindingCode) -> &mut bool {
    if code == FindingCode::IdRepeated { &mut item.named_for_id } else { &mut item.named_for_pesel }
}

/// What a person would do were it alone in the batch.
fn effect(candidate: &Candidate, current: &HashMap<Hash, CurrentRow>) -> Effect {
    let row = candidate.source.and_then(|hash| current.get(&hash));
    match (candidate.action, row) {
        _ if candidate.broken => Effect::Refused,
        (Action::Write, Some(row)) if row.content.is_some() && row.content == candidate.content => Effect::Unchanged,
        (Action::Write, _) => Effect::Written,
        (Action::Remove, Some(_)) => Effect::Removed,
        (Action::Remove, None) => Effect::Unchanged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FindingCode::{IdRepeated, PeselRepeated};

    fn hash(number: u8) -> Option<Hash> {
        (number > 0).then_some([number; 32])
    }

    /// A good person of the file: ordinal, `idZrodlowe`, PESEL, content (0 = none).
    fn person(ordinal: u64, source: u8, pesel: u8, content: u8) -> Candidate {
        Candidate {
            ordinal,
            line: 1,
            source: hash(source),
            source_sealed: None,
            pesel: hash(pesel),
            action: Action::Write,
            broken: false,
            content: hash(content),
        }
    }

    fn removal(ordinal: u64, source: u8) -> Candidate {
        Candidate { action: Action::Remove, ..person(ordinal, source, 0, 0) }
    }

    fn visible(row: i64, source: u8, content: u8) -> CurrentRow {
        CurrentRow { row, source: [source; 32], content: hash(content) }
    }

    fn effects(plan: &Plan) -> Vec<Effect> {
        plan.items.iter().map(|item| item.effect).collect()
    }

    fn named(plan: &Plan) -> Vec<(FindingCode, u64, u64)> {
        plan.repetitions.iter().map(|named| (named.code, named.item.ordinal, named.other)).collect()
    }

    #[test]
    fn a_person_is_written_left_or_removed_by_what_the_set_holds() {
        let known = Known { current: vec![visible(10, 1, 7), visible(20, 2, 7), visible(30, 3, 7)], items: vec![] };
        let chunk = [person(1, 1, 0, 7), person(2, 2, 0, 8), removal(3, 3), removal(4, 4), person(5, 5, 0, 9)];
        let plan = plan(&chunk, known);
        assert_eq!(
            effects(&plan),
            [Effect::Unchanged, Effect::Written, Effect::Removed, Effect::Unchanged, Effect::Written]
        );
        assert_eq!(plan.closed, [20, 30]);
        assert_eq!(plan.unknown, [4]);
    }

    #[test]
    fn a_broken_person_closes_nothing() {
        let known = Known { current: vec![visible(10, 1, 7)], items: vec![] };
        let plan = plan(&[Candidate { broken: true, ..person(1, 1, 0, 8) }], known);
        assert_eq!(effects(&plan), [Effect::Refused]);
        assert!(plan.closed.is_empty());
    }

    #[test]
    fn two_with_one_id_are_both_refused_and_named() {
        let known = Known { current: vec![visible(10, 1, 7)], items: vec![] };
        let plan = plan(&[person(1, 1, 1, 8), person(2, 2, 2, 8), person(3, 1, 3, 8), person(4, 1, 4, 8)], known);
        assert_eq!(effects(&plan), [Effect::Refused, Effect::Written, Effect::Refused, Effect::Refused]);
        assert_eq!(named(&plan), [(IdRepeated, 1, 3), (IdRepeated, 3, 1), (IdRepeated, 4, 1)]);
        assert!(plan.closed.is_empty());
    }

    #[test]
    fn two_with_one_pesel_are_both_refused_and_a_doubled_person_is_one_mistake() {
        let plan =
            plan(&[person(1, 1, 9, 8), person(2, 2, 9, 8), person(3, 3, 5, 8), person(4, 3, 5, 8)], Known::default());
        assert_eq!(effects(&plan), [Effect::Refused; 4]);
        assert_eq!(
            named(&plan),
            [(PeselRepeated, 1, 2), (PeselRepeated, 2, 1), (IdRepeated, 3, 4), (IdRepeated, 4, 3)]
        );
    }

    #[test]
    fn what_an_earlier_chunk_wrote_is_taken_back_once() {
        let first = plan(&[person(1, 1, 9, 8)], Known::default()).items;
        let second = plan(&[person(2, 2, 9, 8)], Known { items: first, current: vec![] });
        assert_eq!(second.undo, [[1; 32]]);
        assert_eq!(second.taken_back, [Effect::Written]);
        assert_eq!(named(&second), [(PeselRepeated, 1, 2), (PeselRepeated, 2, 1)]);
        let third = plan(&[person(3, 3, 9, 8)], Known { items: second.changed, current: vec![] });
        assert!(third.undo.is_empty() && third.taken_back.is_empty() && third.changed.is_empty());
        assert_eq!(named(&third), [(PeselRepeated, 3, 1)]);
    }

    #[test]
    fn each_hash_stands_only_with_the_first_that_brought_it() {
        let plan = plan(&[person(1, 1, 5, 8), person(2, 1, 6, 8), person(3, 3, 6, 8)], Known::default());
        let held: Vec<_> = plan.items.iter().map(|item| (item.source.is_some(), item.pesel.is_some())).collect();
        assert_eq!(held, [(true, true), (false, true), (true, false)]);
        assert_eq!(
            named(&plan),
            [(IdRepeated, 1, 2), (IdRepeated, 2, 1), (PeselRepeated, 2, 3), (PeselRepeated, 3, 2)]
        );
    }
}
