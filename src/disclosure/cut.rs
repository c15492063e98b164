//! The cut: what is left of a stored record when only asked and granted leaves may leave (rules 5.3, 5.5).

use std::collections::BTreeSet;
use std::ops::Range;

use super::catalogue::{Content, Field};
use super::{Error, KindCatalogue, Scope};
use crate::subjects::{Place, Role, Token, Tokens};

/// How much of a record the person asked for may bring along.
#[derive(Debug, Clone, Copy)]
pub enum View<'p> {
    /// The record is about this person.
    Whole,
    /// The person is a child at these places: only the decisions that name it, and in them no other child (rule 5.5).
    Child(&'p BTreeSet<Place>),
}

impl<'p> View<'p> {
    /// The view that a role in the record gives.
    #[must_use]
    pub const fn of(role: &'p Role) -> Self {
        match role {
            Role::Subject => Self::Whole,
            Role::Child(places) => Self::Child(places),
        }
    }
}

/// Writes the reply element, e.g. `<b:UdostepnionaPUP xmlns:b="…">…</b:UdostepnionaPUP>`: the record without every leaf
/// outside `allowed`, and without every container in which no leaf is left.
///
/// `record` is the stored form: the canonical children of the root. Whole subtrees are left out and nothing else changes,
/// so the result is canonical as well (rule 6.1). An element unknown to the catalogue belongs to no item and is left out.
///
/// # Errors
/// [`Error::Record`] when the bytes are no stored record.
pub fn cut(catalogue: &KindCatalogue, record: &[u8], allowed: &Scope, view: View<'_>) -> Result<Vec<u8>, Error> {
    let root = catalogue.kind().reply_root();
    let (start, end) = (format!("<b:{root} xmlns:b=\"urn:brama:beneficjent:1\">"), format!("</b:{root}>"));
    let mut out = Vec::with_capacity(start.len() + record.len() + end.len());
    out.extend_from_slice(start.as_bytes());
    let places = Places::new(view);
    let mut cutter = Cutter { record, allowed, places, root: catalogue.root(), open: Vec::new(), from: 0, out };
    let mut tokens = Tokens::new(record)?;
    while let Some(token) = tokens.next() {
        let (token, range) = token?;
        match token {
            Token::Open(name) if cutter.open(name, range.start) => {}
            Token::Open(_) => cutter.leave_out(range.start..tokens.pass_over()?.end),
            Token::Text(_) if cutter.is_in_leaf() => {}
            // Text outside a leaf that is kept belongs to no item.
            Token::Text(_) => cutter.leave_out(range),
            Token::Close => cutter.close(range.end),
        }
    }
    cutter.copy_until(record.len());
    cutter.out.extend_from_slice(end.as_bytes());
    Ok(cutter.out)
}

/// The way through a record: what is kept is copied in runs, as long as nothing between is left out.
struct Cutter<'c> {
    record: &'c [u8],
    allowed: &'c Scope,
    places: Places<'c>,
    root: &'c Field,
    open: Vec<Open<'c>>,
    /// Where the run begins that is kept so far and not yet copied.
    from: usize,
    out: Vec<u8>,
}

/// An element whose start tag is kept so far.
struct Open<'c> {
    field: &'c Field,
    /// Where its start tag begins in the output; the output falls back to here when nothing is kept.
    start: usize,
    keep: bool,
}

impl Cutter<'_> {
    /// Whether the element that begins at `at` is kept, for the time being if it is a container.
    fn open(&mut self, name: &str, at: usize) -> bool {
        let parent = self.open.last().map_or(self.root, |open| open.field);
        // Places are counted before anything is left out, as they were when the record was searched.
        let seen = self.places.enter(self.open.len(), parent, name);
        let keep = match parent.child(name).map(|field| (field, &field.content)) {
            Some((field, Content::Container(_))) if seen => Some((field, false)),
            Some((field, Content::Leaf(item))) if seen && self.allowed.contains(*item) => Some((field, true)),
            _ => None,
        };
        if let Some((field, keep)) = keep {
            self.open.push(Open { field, start: self.out.len() + (at - self.from), keep });
        }
        keep.is_some()
    }

    fn is_in_leaf(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.field.content, Content::Leaf(_)))
    }

    /// The element opened last ends before `at`.
    fn close(&mut self, at: usize) {
        let Some(closed) = self.open.pop() else { return };
        if !closed.keep {
            self.fall_back(closed.start);
            self.from = at;
        } else if let Some(parent) = self.open.last_mut() {
            parent.keep = true;
        }
    }

    fn leave_out(&mut self, range: Range<usize>) {
        self.copy_until(range.start);
        self.from = range.end;
    }

    /// Copies the run, which ends before `at`.
    fn copy_until(&mut self, at: usize) {
        self.out.extend_from_slice(&self.record[self.from..at]);
    }

    /// Makes the output end at `length`, which may lie in the run not yet copied.
    fn fall_back(&mut self, length: usize) {
        match length.checked_sub(self.out.len()) {
            Some(more) => self.copy_until(self.from + more),
            None => self.out.truncate(length),
        }
    }
}

/// Counts decisions and children in the order in which the record's persons were read.
struct Places<'p> {
    view: View<'p>,
    decisions: usize,
    children: usize,
}

impl<'p> Places<'p> {
    const fn new(view: View<'p>) -> Self {
        Self { view, decisions: 0, children: 0 }
    }

    /// Whether the view shows the element `name` that starts below `parent`.
    fn enter(&mut self, depth: usize, parent: &Field, name: &str) -> bool {
        let View::Child(places) = self.view else { return true };
        match (depth, parent.name.as_str(), name) {
            (0, _, "decyzja") => {
                let decision = self.decisions;
                self.decisions += 1;
                self.children = 0;
                places.iter().any(|place| place.decision == decision)
            }
            (1, "decyzja", "dziecko") => {
                let child = self.children;
                self.children += 1;
                places.contains(&Place { decision: self.decisions - 1, child })
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ScopeItem;
    use super::super::catalogue::tests::catalogue;
    use super::*;
    use crate::subjects::SetKind;

    /// A record written with short tags: `[a …]` stands for `<b:a>…</b:a>`.
    fn record(short: &str) -> String {
        let (mut text, mut open) = (String::new(), Vec::new());
        let mut rest = short;
        while let Some(at) = rest.find(['[', ']']) {
            text.push_str(&rest[..at]);
            let name = if rest[at..].starts_with('[') { Some(&rest[at + 1..]) } else { None };
            if let Some(inner) = name {
                let end = inner.find([' ', '[', ']']).unwrap();
                open.push(&inner[..end]);
                text.push_str(&format!("<b:{}>", &inner[..end]));
                rest = inner[end..].strip_prefix(' ').unwrap_or(&inner[end..]);
            } else {
                text.push_str(&format!("</b:{}>", open.pop().unwrap()));
                rest = &rest[at + 1..];
            }
        }
        text
    }

    #[track_caller]
    fn check(kind: SetKind, stored: &str, allowed: &str, view: View<'_>, left: &str) {
        let catalogue = catalogue();
        let allowed = allowed.split_whitespace().filter_map(ScopeItem::parse).collect();
        let bytes = cut(catalogue.kind(kind), record(stored).as_bytes(), &allowed, view).unwrap();
        let root = kind.reply_root();
        let expected = format!("<b:{root} xmlns:b=\"urn:brama:beneficjent:1\">{}</b:{root}>", record(left));
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    const PUP: &str = "[daneOsobowe[nazwisko Lipowa-Testowa][imie Anna][pesel 85831541742]\
        [adres[rodzaj ZAMIESZKANIA][miejscowosc Busko &amp; Zdrój]]]\
        [ewidencja[okresRejestracji[dataPoczatkowa 2025-02-03][statusNaRynkuPracy BEZROBOTNY]]\
        [okresRejestracji[dataPoczatkowa 2024-02-03][dataKoncowa 2024-03-03]][skreslonaZEwidencji false]]\
        [zmianaStatusu[dataZmiany 2025-02-03][rodzaj R][typ T]]";

    #[test]
    fn leaves_of_allowed_items_stay_with_their_containers() {
        check(
            SetKind::Pup,
            PUP,
            "1.1 2.1.1 2.1.2",
            View::Whole,
            "[daneOsobowe[nazwisko Lipowa-Testowa][imie Anna]]\
             [ewidencja[okresRejestracji[dataPoczatkowa 2025-02-03][statusNaRynkuPracy BEZROBOTNY]]\
             [okresRejestracji[dataPoczatkowa 2024-02-03][dataKoncowa 2024-03-03]]]",
        );
    }

    #[test]
    fn a_container_goes_with_its_last_leaf() {
        check(SetKind::Pup, PUP, "2.1.2", View::Whole, "[ewidencja[okresRejestracji[statusNaRynkuPracy BEZROBOTNY]]]");
        check(SetKind::Pup, PUP, "9.1 3", View::Whole, "[zmianaStatusu[dataZmiany 2025-02-03]]");
    }

    #[test]
    fn an_address_stays_whole_or_goes_whole() {
        check(
            SetKind::Pup,
            PUP,
            "1.7",
            View::Whole,
            "[daneOsobowe[adres[rodzaj ZAMIESZKANIA][miejscowosc Busko &amp; Zdrój]]]",
        );
    }

    #[test]
    fn nothing_allowed_leaves_an_empty_root() {
        check(SetKind::Pup, PUP, "", View::Whole, "");
        check(SetKind::Pup, PUP, "8.1 1.6", View::Whole, "");
        check(SetKind::Ps, "", "1.1", View::Whole, "");
    }

    #[test]
    fn everything_allowed_leaves_the_record_as_it_is() {
        let all = catalogue().kind(SetKind::Pup).leaves().numbers().join(" ");
        check(SetKind::Pup, PUP, &all, View::Whole, PUP);
    }

    #[test]
    fn elements_unknown_to_the_catalogue_never_leave() {
        let all = catalogue().kind(SetKind::Ps).leaves().numbers().join(" ");
        let stored = "[daneOsobowe[nazwisko A[imie X]][nowe[nazwisko B]]][nowe[daneOsobowe[nazwisko C]]][nazwisko D]";
        check(SetKind::Ps, stored, &all, View::Whole, "[daneOsobowe[nazwisko A]]");
    }

    const SR: &str = "[podmiot[nazwisko Polna-Testowa][pesel 1]]\
        [decyzja[dziecko[nazwisko A][pesel 2]][dziecko[nazwisko B][pesel 3]][przyznaneSwiadczenie[rodzaj R][kwota 1.00]]]\
        [decyzja[dziecko[nazwisko A][pesel 2]][wyplaconeSwiadczenie[kwota 2.00]]]\
        [decyzja[przyznaneSwiadczenie[rodzaj bez dzieci]]]\
        [decyzja[dziecko[nazwisko B][pesel 3]]]";

    fn places(pairs: &[(usize, usize)]) -> BTreeSet<Place> {
        pairs.iter().map(|(decision, child)| Place { decision: *decision, child: *child }).collect()
    }

    #[test]
    fn a_child_brings_its_own_decisions_and_no_sibling() {
        let all = catalogue().kind(SetKind::Sr).leaves().numbers().join(" ");
        let without_parent = all.replace("1.1.", "9.1.");
        check(
            SetKind::Sr,
            SR,
            &without_parent,
            View::Child(&places(&[(0, 1), (3, 0)])),
            "[decyzja[dziecko[nazwisko B][pesel 3]][przyznaneSwiadczenie[rodzaj R][kwota 1.00]]][decyzja[dziecko[nazwisko B][pesel 3]]]",
        );
    }

    #[test]
    fn the_parent_comes_only_when_it_is_asked_for_and_granted() {
        check(
            SetKind::Sr,
            SR,
            "1.1.1 3.3",
            View::Child(&places(&[(0, 0), (1, 0)])),
            "[podmiot[nazwisko Polna-Testowa]][decyzja[wyplaconeSwiadczenie[kwota 2.00]]]",
        );
    }

    #[test]
    fn the_subject_sees_all_decisions_and_children_as_granted() {
        check(
            SetKind::Sr,
            SR,
            "1.2.1",
            View::Whole,
            "[decyzja[dziecko[nazwisko A]][dziecko[nazwisko B]]][decyzja[dziecko[nazwisko A]]][decyzja[dziecko[nazwisko B]]]",
        );
    }

    #[test]
    fn bytes_that_are_no_record_are_refused() {
        let catalogue = catalogue();
        for bytes in [&b"<b:daneOsobowe>"[..], b"<b:daneOsobowe/>", b"<c:daneOsobowe></c:daneOsobowe>", b"\xff"] {
            assert!(cut(catalogue.kind(SetKind::Pup), bytes, &Scope::default(), View::Whole).is_err(), "{bytes:?}");
        }
    }
}
