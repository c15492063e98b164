//! Promise 2, "only what was granted", over random records, grants and requests: the rules against a slow model.

mod model;
mod shapes;

use std::sync::LazyLock;

use brama::contract::XSD;
use brama::disclosure::{Asked, Caller, Catalogue, Grant, LegalBasis, ScopeItem, View, cut, decide};
use brama::problem::Problem;
use brama::subjects::{Identification, IdentificationFields, Place, SetKind, people};
use brama::xml::{Document, Element, Limits, Method, Schema, Writer, canonical_bytes, rewrite, start};
use chrono::NaiveDate;
use model::{Question, SET, Sought, UNIT};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use shapes::Tree;

const RECORDS: &str = "urn:brama:beneficjent:1";
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::read(XSD).unwrap());
static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    start();
    Schema::compile("beneficjent.xsd", XSD).unwrap()
});

/// Everything that one disclosure depends on.
#[derive(Debug, Clone)]
struct Case {
    kind: SetKind,
    record: Tree,
    sought: Sought,
    grants: Vec<Grant>,
    question: Question,
}

fn case(kind: SetKind) -> impl Strategy<Value = Case> {
    // Now and then the surname is another person's: nobody is found then, or somebody else.
    let surname = prop_oneof![6 => Just(None), 1 => select(shapes::SURNAMES).prop_map(Some)];
    let everything =
        (shapes::record(kind), any::<Index>(), (any::<bool>(), surname), vec(grant(kind), 0..8), question(kind));
    everything.prop_map(move |(record, person, (by_name, surname), grants, question)| {
        let mut sought = Sought::from(person.get::<&Tree>(&persons(&record)));
        sought.surname = surname.unwrap_or(sought.surname);
        if by_name {
            sought.pesel = None;
        }
        Case { kind, record, sought, grants, question }
    })
}

fn persons(record: &Tree) -> Vec<&Tree> {
    let children = record.all("decyzja").flat_map(|decision| decision.all("dziecko"));
    record.inside.iter().filter(|tree| matches!(tree.name, "daneOsobowe" | "podmiot")).chain(children).collect()
}

/// Grants hit the request more often than they miss it.
fn grant(kind: SetKind) -> impl Strategy<Value = Grant> {
    let word = |likely: &'static str, other: &'static str| {
        prop_oneof![9 => Just(likely), 1 => Just(other)].prop_map(str::to_owned)
    };
    let items = vec(prop_oneof![20 => select(shapes::numbers(kind)), 1 => Just("9.99".to_owned())], 1..8);
    (
        word(UNIT, "SR-BUSKO"),
        select(&["a", "b", "c"][..]),
        word(SET, "SR-BUSKO/swiadczenia"),
        items,
        word("UPS-105", "KPA-220"),
    )
        .prop_map(|(unit, group, set, items, basis)| {
            let items = items.iter().filter_map(|item| ScopeItem::parse(item)).collect();
            Grant { unit, group: group.to_owned(), set, items, basis }
        })
}

fn question(kind: SetKind) -> impl Strategy<Value = Question> {
    let groups = btree_set(select(&["a", "b", "c"][..]).prop_map(str::to_owned), 1..=3);
    let narrowed_to =
        prop_oneof![9 => Just(None), 1 => select(&["a", "b", "c"][..]).prop_map(|group| Some(group.to_owned()))];
    let basis = prop_oneof![9 => Just("UPS-105"), 1 => Just("KPA-220")].prop_map(str::to_owned);
    let registered = prop_oneof![18 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    let asked = vec(prop_oneof![40 => select(shapes::numbers(kind)), 1 => Just("9.99".to_owned())], 1..8);
    let trim = prop_oneof![6 => Just(true), 1 => Just(false)];
    (groups, narrowed_to, basis, registered, asked, trim).prop_map(
        |(groups, narrowed_to, basis, registered, asked, trim)| Question {
            groups: groups.into_iter().collect(),
            narrowed_to,
            basis,
            registered,
            asked,
            trim,
        },
    )
}

/// The reply's element as the rules make it, or the code of the refusal; `None` when nobody is found.
fn reply(case: &Case) -> Result<Option<Vec<u8>>, &'static str> {
    let catalogue = CATALOGUE.kind(case.kind);
    let question = &case.question;
    let today = NaiveDate::from_ymd_opt(2025, 11, 20).unwrap();
    let basis = question.registered.map(|in_force| LegalBasis {
        code: question.basis.clone(),
        title: "przepis".to_owned(),
        valid_from: if in_force { today } else { today.succ_opt().unwrap() },
        valid_to: None,
    });
    let caller = Caller {
        unit: UNIT,
        groups: &question.groups,
        narrowed_to: question.narrowed_to.as_deref(),
        set: SET,
        basis: &question.basis,
    };
    let items: Vec<_> = question.asked.iter().filter_map(|item| ScopeItem::parse(item)).collect();
    let asked = Asked::list("/u:UdostepnijDaneOsoby/u:zakres/u:pozycja", &items);
    let decision = decide(catalogue, &case.grants, basis.as_ref(), caller, today, &asked, question.trim)
        .map_err(|refusal| Problem::from(refusal).code.wire())?;

    let mut stored = String::new();
    case.record.inside.iter().for_each(|tree| tree.write(&mut stored));
    let people = people(case.kind, stored.as_bytes()).unwrap();
    let Some((role, _)) = people.seek(&identification(&case.sought)) else { return Ok(None) };
    Ok(Some(cut(catalogue, stored.as_bytes(), &decision.granted, View::of(&role)).unwrap()))
}

fn identification(sought: &Sought) -> Identification {
    let text = |text: &str| Some(text.to_owned());
    let by_name = sought.pesel.is_none();
    let fields = IdentificationFields {
        surname: text(sought.surname),
        pesel: sought.pesel.map(str::to_owned),
        given_name: text(sought.given_name).filter(|_| by_name),
        birth_date: text(sought.birth_date).filter(|_| by_name),
        ..IdentificationFields::default()
    };
    Identification::parse(&fields).unwrap()
}

/// The model's reply, written with the root of a reply.
fn expected(case: &Case) -> Result<Option<String>, &'static str> {
    let allowed = model::rights(case.kind, &case.grants, &case.question)?;
    Ok(model::cut(&case.record, &case.sought, &allowed).map(|tree| {
        let root = case.kind.reply_root();
        let mut text = format!("<b:{root} xmlns:b=\"{RECORDS}\">");
        tree.inside.iter().for_each(|inner| inner.write(&mut text));
        text + &format!("</b:{root}>")
    }))
}

fn check(case: &Case) -> Result<(), TestCaseError> {
    let reply = reply(case);
    let text = reply.clone().map(|bytes| bytes.map(|bytes| String::from_utf8(bytes).unwrap()));
    prop_assert_eq!(&text, &expected(case));
    if let Ok(Some(bytes)) = reply {
        seen_from_outside(case, &bytes)?;
    }
    Ok(())
}

/// Reads the reply as a client does: its schema holds, its bytes are canonical, and each leaf stands for an allowed number.
fn seen_from_outside(case: &Case, bytes: &[u8]) -> Result<(), TestCaseError> {
    let document = Document::parse(bytes, &Limits::default()).unwrap();
    let root = document.root();
    prop_assert_eq!(SCHEMA.validate(root, root), vec![]);
    prop_assert_eq!(&canonical_bytes(root, Method::Exclusive).unwrap(), bytes);
    let allowed = model::rights(case.kind, &case.grants, &case.question).unwrap();
    for element in root.descendants() {
        prop_assert_eq!(element.namespace(), RECORDS);
        if element.children().next().is_none() {
            let number = number_of(&case.record, root, element);
            prop_assert!(allowed.contains(&number), "a leaf of {} left", number);
        }
    }
    Ok(())
}

/// The scope number of an element of the reply, looked up in the random record by its names alone.
fn number_of(record: &Tree, root: Element<'_>, element: Element<'_>) -> String {
    let start = vec![record];
    let found =
        names(root, element).iter().fold(start, |trees, name| trees.iter().flat_map(|tree| tree.all(name)).collect());
    found.first().map(|tree| tree.item.clone()).unwrap_or_default()
}

/// The names from below the root down to the element.
fn names<'d>(root: Element<'d>, element: Element<'d>) -> Vec<&'d str> {
    let mut names = vec![element.local()];
    let mut at = element;
    while let Some(parent) = at.parent().filter(|parent| *parent != root) {
        names.insert(0, parent.local());
        at = parent;
    }
    names
}

/// Without this the other properties would speak of records that no feed can bring.
#[test]
fn random_records_are_records() {
    for kind in SetKind::ALL {
        proptest!(|(record in shapes::record(kind))| {
            let mut text = String::new();
            record.write(&mut text);
            let text = text.replacen('>', &format!(" xmlns:b=\"{RECORDS}\">"), 1);
            let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
            prop_assert_eq!(SCHEMA.validate(document.root(), document.root()), vec![]);
            // They are in the stored form already, so what the rules read here is what a feed writes.
            let mut out = Writer::new();
            rewrite(document.root(), &mut out);
            prop_assert_eq!(String::from_utf8(out.into_bytes()).unwrap(), text);
        });
    }
}

#[test]
fn the_catalogue_and_the_tables_of_the_contract_agree() {
    for kind in SetKind::ALL {
        let mut leaves: Vec<_> = shapes::leaves(kind).iter().filter_map(|leaf| ScopeItem::parse(leaf)).collect();
        leaves.sort();
        assert_eq!(CATALOGUE.kind(kind).leaves().iter().collect::<Vec<_>>(), leaves, "{kind:?}");
    }
}

/// Tags of the kind and of others, text and rubbish, in any order.
fn rubbish() -> impl Strategy<Value = String> {
    let names = [
        "podmiot",
        "decyzja",
        "dziecko",
        "nazwisko",
        "pesel",
        "adres",
        "ulica",
        "przyznaneSwiadczenie",
        "kwota",
        "daneOsobowe",
    ];
    let piece = prop_oneof![
        8 => select(names.to_vec()).prop_map(|name| format!("<b:{name}>")),
        8 => select(names.to_vec()).prop_map(|name| format!("</b:{name}>")),
        4 => select(vec!["1", "ą", "&amp;", " "]).prop_map(str::to_owned),
        1 => select(vec!["<", ">", "<b:>", "<b:x/>", "<!--", "&", "<b:ulica a=\"1\">"]).prop_map(str::to_owned),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Elements in each other in any order, always closed: never a record, yet readable.
fn nonsense() -> impl Strategy<Value = String> {
    let names = ["podmiot", "decyzja", "dziecko", "nazwisko", "pesel", "adres", "ulica", "kwota", "nowe"];
    let leaf = (select(names.to_vec()), select(vec!["", "1", "ą &lt;"]))
        .prop_map(|(name, text)| format!("<b:{name}>{text}</b:{name}>"));
    let element = leaf.prop_recursive(5, 40, 4, move |inner| {
        (select(names.to_vec()), vec(inner, 0..4))
            .prop_map(|(name, inner)| format!("<b:{name}>{}</b:{name}>", inner.concat()))
    });
    vec(element, 0..5).prop_map(|elements| elements.concat())
}

proptest! {
    #[test]
    fn no_stored_bytes_make_the_rules_panic(text in rubbish(), bytes in vec(any::<u8>(), 0..32)) {
        for stored in [text.as_bytes(), &bytes] {
            for kind in SetKind::ALL {
                let catalogue = CATALOGUE.kind(kind);
                let _ = people(kind, stored);
                let _ = cut(catalogue, stored, catalogue.leaves(), View::Whole);
            }
        }
    }

    #[test]
    fn not_even_out_of_nonsense_does_anything_leave_that_is_not_allowed(
        text in nonsense(),
        allowed in vec(select(shapes::leaves(SetKind::Sr)), 0..6),
        places in btree_set((0_usize..3, 0_usize..3).prop_map(|(decision, child)| Place { decision, child }), 0..4),
    ) {
        let catalogue = CATALOGUE.kind(SetKind::Sr);
        let allowed = allowed.iter().filter_map(|item| ScopeItem::parse(item)).collect();
        for view in [View::Whole, View::Child(&places)] {
            let reply = cut(catalogue, text.as_bytes(), &allowed, view).unwrap();
            let document = Document::parse(&reply, &Limits::default()).unwrap();
            let root = document.root();
            for element in root.descendants().filter(|element| element.children().next().is_none()) {
                let item = catalogue.item_at(&names(root, element));
                prop_assert!(item.is_some_and(|item| allowed.contains(item)), "{:?} left", item);
            }
            let texts = root.descendants().filter(|element| element.children().next().is_some() && !element.text().is_empty());
            prop_assert_eq!(texts.count(), 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_labour_office_discloses_what_was_asked_and_granted(case in case(SetKind::Pup)) {
        check(&case)?;
    }

    #[test]
    fn social_assistance_discloses_what_was_asked_and_granted(case in case(SetKind::Ps)) {
        check(&case)?;
    }

    #[test]
    fn family_benefits_disclose_to_a_child_without_siblings_and_parents(case in case(SetKind::Sr)) {
        check(&case)?;
    }
}
