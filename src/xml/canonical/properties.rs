//! Our walk against libxml2: on any document, for any part of it, the same bytes.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::super::{Limits, names::Namespace};
use super::*;

const WALKED: [Method; 4] =
    [Method::Exclusive, Method::ExclusiveWithComments, Method::Inclusive10, Method::Inclusive10WithComments];
const PREFIXES: [&str; 4] = ["", "a:", "b:", "c:"];
const URIS: [&str; 4] = ["urn:x", "urn:y", "http://z/#", "urn:x:longer"];
const VALUES: [&str; 10] = [
    "",
    "1",
    "a b",
    " \n\t",
    "&#9;&#10;&#13;",
    "&quot;&apos;",
    "&lt;>&amp;&#38;",
    "ż😀",
    "&#x105;",
    "0123456789abcdef&amp;",
];
const TEXTS: [&str; 12] = [
    "x",
    " \n\t",
    "&amp;&lt;&gt;&quot;&apos;",
    "&#13;\r\n",
    "ż😀",
    "<![CDATA[<&>]]>",
    "<![CDATA[]]>",
    "]] >\"'",
    "0123456789abcdef&amp;",
    "<!---->",
    "<!-- <&> -->",
    "<?p?>",
];
const AROUND: [&str; 4] = ["<?p?>", "<?p  i ?>", "<!-- - -->", "\n"];
const LISTED: [&str; 6] = ["a", "b", "c", "#default", "d", "xml"];

/// Attributes that may stand together: no two are the same whatever their prefixes stand for.
fn attributes() -> impl Strategy<Value = String> {
    const NAMES: [&str; 10] = ["q", "p", "a:r", "b:o", "c:s", "b:n", "xml:lang", "xml:space", "xml:base", "xml:any"];
    (subsequence(NAMES.as_slice(), 0..4).prop_shuffle(), vec(select(VALUES.as_slice()), 4)).prop_map(
        |(names, values)| names.into_iter().zip(values).map(|(name, value)| format!(" {name}=\"{value}\"")).collect(),
    )
}

fn declarations() -> impl Strategy<Value = String> {
    const NAMES: [&str; 4] = ["xmlns", "xmlns:a", "xmlns:b", "xmlns:c"];
    (option::weighted(0.2, Just(" xmlns=\"\"")), subsequence(NAMES.as_slice(), 0..3), vec(select(URIS.as_slice()), 4))
        .prop_map(|(none, names, uris)| {
            let names = names.into_iter().filter(|name| none.is_none() || *name != "xmlns");
            let some: String = names.zip(uris).map(|(name, uri)| format!(" {name}='{uri}'")).collect();
            none.unwrap_or_default().to_owned() + &some
        })
}

fn element() -> impl Strategy<Value = String> {
    let text = select(TEXTS.as_slice()).prop_map(str::to_owned);
    let long = select(TEXTS.as_slice()).prop_map(|text| text.repeat(400));
    let leaf = prop_oneof![8 => text, 1 => long];
    leaf.prop_recursive(6, 40, 6, |inside| {
        (select(PREFIXES.as_slice()), declarations(), attributes(), vec(inside, 0..6)).prop_map(
            |(prefix, declarations, attributes, inside)| {
                format!("<{prefix}e{declarations}{attributes}>{}</{prefix}e>", inside.concat())
            },
        )
    })
}

fn document() -> impl Strategy<Value = String> {
    let around = || vec(select(AROUND.as_slice()), 0..3).prop_map(|pieces| pieces.concat());
    (around(), option::of(select(URIS.as_slice())), attributes(), vec(element(), 0..4), around()).prop_map(
        |(before, default, attributes, inside, behind)| {
            let default = default.map(|uri| format!(" xmlns='{uri}'")).unwrap_or_default();
            let declared = "xmlns:a='urn:a' xmlns:b='urn:b' xmlns:c='urn:c'";
            format!("{before}<e {declared}{default}{attributes}>{}</e>{behind}", inside.concat())
        },
    )
}

fn written(
    by: impl FnOnce(Whole<'_>, Method, &[String], Omitted<'_>, &mut dyn FnMut(&[u8])) -> Result<(), Error>,
    (whole, method): (Whole<'_>, Method),
    prefixes: &[String],
    omitted: Omitted<'_>,
) -> String {
    let mut bytes = Vec::new();
    by(whole, method, prefixes, omitted, &mut |piece| bytes.extend_from_slice(piece)).unwrap();
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_walk_writes_what_libxml2_writes(
        text in document(),
        apex in option::of(any::<Index>()),
        without in option::of(any::<Index>()),
        prefixes in subsequence(LISTED.as_slice(), 0..4),
    ) {
        let prefixes: Vec<String> = prefixes.into_iter().map(str::to_owned).collect();
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let below: Vec<_> = document.root().descendants().collect();
        let pick = |index: Index| if below.is_empty() { None } else { Some(below[index.index(below.len())]) };
        let whole = match apex {
            None => Whole::DocumentAround(document.root()),
            Some(index) => Whole::Subtree(pick(index).unwrap_or(document.root())),
        };
        let every = Namespace { prefix: "a", uri: "urn:a" }.name("e");
        for (method, omitted) in WALKED.into_iter().flat_map(|method| {
            [Omitted::from(without.and_then(pick)), Omitted::Every(every)].map(|omitted| (method, omitted))
        }) {
            let ours = written(stream, (whole, method), &prefixes, omitted);
            let theirs = written(library::canonicalize, (whole, method), &prefixes, omitted);
            prop_assert_eq!(ours, theirs, "{:?} without {:?} of {}", method, omitted, text);
        }
    }
}
