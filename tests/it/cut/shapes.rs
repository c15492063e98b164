//! Random records, written down from the contract's tables and not from the schemas: an independent second source.

use std::ops::RangeInclusive;

use brama::subjects::SetKind;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// An element of a record: a leaf with text, or a container with elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    pub name: &'static str,
    /// Scope number of a leaf; of a container empty.
    pub item: String,
    pub text: &'static str,
    pub inside: Vec<Tree>,
}

impl Tree {
    /// Canonical bytes: nothing between the tags but text and elements.
    pub fn write(&self, out: &mut String) {
        let text = self.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        out.extend(["<b:", self.name, ">", &text]);
        for tree in &self.inside {
            tree.write(out);
        }
        out.extend(["</b:", self.name, ">"]);
    }

    pub fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Self> {
        self.inside.iter().filter(move |tree| tree.name == name)
    }

    /// Text of the leaf `name`, if it is there.
    pub fn value(&self, name: &str) -> Option<&'static str> {
        self.inside.iter().find(|tree| tree.name == name).map(|tree| tree.text)
    }
}

/// What an element may look like, and how often it may stand.
struct Shape {
    name: &'static str,
    item: String,
    many: RangeInclusive<usize>,
    values: &'static [&'static str],
    inside: Vec<Shape>,
}

const ONE: RangeInclusive<usize> = 1..=1;
const MAYBE: RangeInclusive<usize> = 0..=1;
const SOME: RangeInclusive<usize> = 0..=2;

pub const SURNAMES: &[&str] = &["Lipowa-Testowa", "Żółć-Testowa", "Polny-Testowy"];
const NAMES: &[&str] = &["Anna", "Anna Maria", "Żaneta", "Jan"];
/// Few, so that children recur in several decisions.
const PESELS: &[&str] = &["85831541742", "71822823375", "18810100014"];
const DAYS: &[&str] = &["1885-03-15", "1871-02-28", "2025-02-03", "2025-11-20"];
const TEXTS: &[&str] = &["zasiłek okresowy", "R&D <kurs> \"A\"", "obsługa wózka", "]]> już"];
const YES_NO: &[&str] = &["true", "false"];
const AMOUNTS: &[&str] = &["418.00", "0.00", "1200.50"];

fn leaf(name: &'static str, item: &str, many: RangeInclusive<usize>, values: &'static [&'static str]) -> Shape {
    Shape { name, item: item.to_owned(), many, values, inside: Vec::new() }
}

fn group(name: &'static str, many: RangeInclusive<usize>, inside: Vec<Shape>) -> Shape {
    Shape { name, item: String::new(), many, values: &[""], inside }
}

/// Section 1 under the numbers that begin with `prefix`.
fn person(name: &'static str, many: RangeInclusive<usize>, prefix: &str) -> Shape {
    let at = |number: u8| format!("{prefix}.{number}");
    let address = |kind: &'static [&'static str]| {
        let item = at(7);
        let inside = vec![
            leaf("rodzaj", &item, ONE, kind),
            leaf("kodPocztowy", &item, MAYBE, &["28-100"]),
            leaf("miejscowosc", &item, ONE, &["Busko-Zdrój", "Pacanów"]),
            leaf("ulica", &item, MAYBE, &["Leśna"]),
            leaf("nrDomu", &item, ONE, &["7a", "9"]),
            leaf("nrLokalu", &item, MAYBE, &["1"]),
        ];
        group("adres", MAYBE, inside)
    };
    let document =
        vec![leaf("rodzaj", &at(4), ONE, &["DOWOD"]), leaf("numer", &at(4), ONE, &["ABA300000", "ABS123456"])];
    group(
        name,
        many,
        vec![
            leaf("nazwisko", &at(1), ONE, SURNAMES),
            leaf("imie", &at(1), ONE, NAMES),
            leaf("pesel", &at(2), MAYBE, PESELS),
            leaf("dataUrodzenia", &at(3), ONE, DAYS),
            group("dokumentTozsamosci", SOME, document),
            leaf("plec", &at(5), ONE, &["K", "M"]),
            leaf("stanCywilny", &at(6), MAYBE, &["WDOWIEC_WDOWA"]),
            address(&["ZAMIESZKANIA"]),
            address(&["KORESPONDENCYJNY"]),
        ],
    )
}

fn period(item: &str) -> [Shape; 2] {
    [leaf("dataPoczatkowa", item, ONE, DAYS), leaf("dataKoncowa", item, MAYBE, DAYS)]
}

fn amounts(item: &str, many: RangeInclusive<usize>) -> [Shape; 2] {
    [leaf("kwotaBrutto", item, many.clone(), AMOUNTS), leaf("kwotaNetto", item, many, AMOUNTS)]
}

fn joined<const A: usize, const B: usize>(one: [Shape; A], other: [Shape; B]) -> Vec<Shape> {
    one.into_iter().chain(other).collect()
}

fn labour_office() -> Vec<Shape> {
    let register = vec![
        group(
            "okresRejestracji",
            SOME,
            joined(period("2.1.1"), [leaf("statusNaRynkuPracy", "2.1.2", ONE, &["BEZROBOTNY"])]),
        ),
        group("przyznaneSwiadczenie", SOME, joined([leaf("nazwa", "2.2.1", ONE, TEXTS)], period("2.2.2"))),
        group("pobieranyZasilek", SOME, joined(period("2.3.1"), amounts("2.3.2", ONE))),
        group("pobieraneInneSwiadczenie", SOME, joined(period("2.4.1"), amounts("2.4.2", ONE))),
        leaf("skreslonaZEwidencji", "2.5", ONE, YES_NO),
    ];
    let training = vec![
        leaf("dataPropozycji", "3.1", ONE, DAYS),
        leaf("propozycjaPrzyjeta", "3.2", MAYBE, YES_NO),
        leaf("odmowaUzasadniona", "3.3", MAYBE, YES_NO),
        leaf("szkolenie", "3.4", ONE, TEXTS),
    ];
    let trained = vec![
        leaf("dataSkierowania", "4.1", ONE, DAYS),
        leaf("zakresTematyczny", "4.2", ONE, TEXTS),
        leaf("sposobZakonczenia", "4.3", ONE, &["UKONCZONE", "W_TRAKCIE"]),
        leaf("dataRozpoczecia", "4.4", ONE, DAYS),
        leaf("dataZakonczenia", "4.4", MAYBE, DAYS),
    ];
    let work = vec![
        leaf("dataPropozycji", "5.1", ONE, DAYS),
        leaf("propozycjaPrzyjeta", "5.2", MAYBE, YES_NO),
        leaf("odmowaUzasadniona", "5.3", MAYBE, YES_NO),
        leaf("stanowisko", "5.4", ONE, TEXTS),
        leaf("rodzajPropozycji", "5.5", MAYBE, TEXTS),
    ];
    let level = |name| leaf(name, "6.4.2", MAYBE, TEXTS);
    let language = vec![
        leaf("nazwa", "6.4.1", ONE, TEXTS),
        level("stopienWMowie"),
        level("stopienWPismie"),
        level("stopienWCzytaniu"),
    ];
    let trade = vec![leaf("nazwa", "6.2.1", ONE, TEXTS), leaf("charakter", "6.2.2", ONE, &["WYUCZONY", "WYKONYWANY"])];
    let skills = vec![
        group("wyksztalcenie", SOME, vec![leaf("rodzaj", "6.1.1", ONE, TEXTS)]),
        group("zawod", SOME, trade),
        group("uprawnienie", SOME, vec![leaf("nazwa", "6.3.1", ONE, TEXTS)]),
        group("jezykObcy", SOME, language),
        group("umiejetnosc", SOME, vec![leaf("nazwa", "6.5.1", ONE, TEXTS)]),
    ];
    let visit = vec![
        leaf("rodzaj", "7.1", ONE, TEXTS),
        leaf("miejsce", "7.2", MAYBE, TEXTS),
        leaf("dataPlanowana", "7.3", MAYBE, DAYS),
        leaf("dataOdbycia", "7.3", MAYBE, DAYS),
    ];
    let job = vec![
        leaf("rodzaj", "8.1", ONE, TEXTS),
        leaf("dataPoczatkowa", "8.2", ONE, DAYS),
        leaf("dataKoncowa", "8.2", MAYBE, DAYS),
        leaf("pracodawca", "8.3", ONE, TEXTS),
        leaf("zawod", "8.4", MAYBE, TEXTS),
        leaf("stanowisko", "8.5", MAYBE, TEXTS),
    ];
    let status = vec![
        leaf("dataZmiany", "9.1", ONE, DAYS),
        leaf("rodzaj", "9.2", ONE, TEXTS),
        leaf("typ", "9.2", MAYBE, TEXTS),
        leaf("opis", "9.2", MAYBE, TEXTS),
    ];
    vec![
        person("daneOsobowe", ONE, "1"),
        group("ewidencja", ONE, register),
        group("proponowaneSzkolenie", SOME, training),
        group("odbyteSzkolenie", SOME, trained),
        group("proponowanaPraca", SOME, work),
        group("kwalifikacje", MAYBE, skills),
        group("wizyta", SOME, visit),
        group("zatrudnienie", SOME, job),
        group("zmianaStatusu", SOME, status),
    ]
}

fn social_assistance() -> Vec<Shape> {
    let benefit =
        [leaf("nazwa", "3.1", ONE, TEXTS)].into_iter().chain(period("3.2")).chain(amounts("3.3", MAYBE)).collect();
    vec![
        person("daneOsobowe", ONE, "1"),
        group(
            "informacjeOgolne",
            ONE,
            vec![leaf("zarejestrowana", "2.1", ONE, YES_NO), leaf("status", "2.2", MAYBE, TEXTS)],
        ),
        group("swiadczenie", SOME, benefit),
    ]
}

fn family_benefits() -> Vec<Shape> {
    let granted = [leaf("rodzaj", "2.1", ONE, TEXTS)]
        .into_iter()
        .chain(period("2.2"))
        .chain([leaf("kwota", "2.3", ONE, AMOUNTS)])
        .collect();
    let paid = vec![
        leaf("rodzaj", "3.1", ONE, TEXTS),
        leaf("dataWyplaty", "3.2", ONE, DAYS),
        leaf("kwota", "3.3", ONE, AMOUNTS),
    ];
    let decision = vec![
        person("dziecko", 0..=3, "1.2"),
        group("przyznaneSwiadczenie", SOME, granted),
        group("wyplaconeSwiadczenie", SOME, paid),
    ];
    vec![person("podmiot", ONE, "1.1"), group("decyzja", 1..=4, decision)]
}

fn shapes(kind: SetKind) -> Vec<Shape> {
    match kind {
        SetKind::Pup => labour_office(),
        SetKind::Ps => social_assistance(),
        SetKind::Sr => family_benefits(),
    }
}

/// A record's root with random elements in it, valid by the schema of its kind.
pub fn record(kind: SetKind) -> BoxedStrategy<Tree> {
    inside(&shapes(kind))
        .prop_map(move |inside| Tree { name: kind.feed_root(), item: String::new(), text: "", inside })
        .boxed()
}

fn inside(shapes: &[Shape]) -> BoxedStrategy<Vec<Tree>> {
    let each: Vec<_> = shapes.iter().map(|shape| vec(element(shape), shape.many.clone())).collect();
    each.prop_map(|elements| elements.into_iter().flatten().collect()).boxed()
}

fn element(shape: &Shape) -> BoxedStrategy<Tree> {
    let (name, item) = (shape.name, shape.item.clone());
    (select(shape.values), inside(&shape.inside))
        .prop_map(move |(text, inside)| Tree { name, item: item.clone(), text, inside })
        .boxed()
}

/// All scope numbers of a kind, leaves in table order.
pub fn leaves(kind: SetKind) -> Vec<String> {
    fn collect(shapes: &[Shape], found: &mut Vec<String>) {
        for shape in shapes {
            if shape.inside.is_empty() && !found.contains(&shape.item) {
                found.push(shape.item.clone());
            }
            collect(&shape.inside, found);
        }
    }
    let mut found = Vec::new();
    collect(&shapes(kind), &mut found);
    found
}

/// Leaves and the headings above them.
pub fn numbers(kind: SetKind) -> Vec<String> {
    let mut numbers = leaves(kind);
    for leaf in leaves(kind) {
        let mut number = leaf.as_str();
        while let Some((heading, _)) = number.rsplit_once('.') {
            number = heading;
            if !numbers.iter().any(|known| known == heading) {
                numbers.push(heading.to_owned());
            }
        }
    }
    numbers
}
