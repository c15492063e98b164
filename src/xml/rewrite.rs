//! A record rewritten into its one stored form: elements and leaf text alone (rule 5.4).

use super::element::{Element, collapse};
use super::names::Namespace;
use super::write::Writer;

/// Writes `element` with fixed prefixes and without attributes, comments and processing instructions.
///
/// White space in text is collapsed, and between elements it goes. Text that has no place beside elements stays, and so
/// does a foreign element, so that the schema still refuses what it would have refused before.
pub fn rewrite(element: Element<'_>, out: &mut Writer) {
    open(element, out);
    let mut children = element.children().peekable();
    if children.peek().is_none() {
        out.text(&collapse(&element.text()));
    } else {
        let stray = collapse(&element.text());
        children.for_each(|child| rewrite(child, out));
        out.text(&stray);
    }
    out.close();
}

fn open(element: Element<'_>, out: &mut Writer) {
    let uri = element.namespace();
    let prefix = match Namespace::of(uri) {
        Some(namespace) => namespace.prefix,
        None if uri.is_empty() => "",
        // One name for every foreign namespace: the writer declares it again when the URI changes.
        None => "obcy",
    };
    out.open_foreign(prefix, uri, element.local());
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Limits, Method, canonical_bytes};
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let mut out = Writer::new();
        rewrite(document.root(), &mut out);
        let bytes = out.into_bytes();
        assert_eq!(String::from_utf8_lossy(&bytes), expected, "{text:?}");
        let again = Document::parse(&bytes, &Limits::default()).unwrap();
        assert_eq!(canonical_bytes(again.root(), Method::Exclusive).unwrap(), bytes);
    }

    #[test]
    fn a_record_has_one_form() {
        let form = "<b:a xmlns:b=\"urn:brama:beneficjent:1\"><b:c>ż &amp; x</b:c><b:d></b:d></b:a>";
        check("<b:a xmlns:b='urn:brama:beneficjent:1'><b:c>ż &amp; x</b:c><b:d/></b:a>", form);
        check(
            "<?p i?><a xmlns='urn:brama:beneficjent:1' xmlns:x='urn:x' x:y='1'>\n <!-- c -->\n <c>\n ż <![CDATA[&]]>\tx </c>\n\
             <?p i?><d> <!-- --> </d></a>",
            form,
        );
    }

    #[test]
    fn what_the_schema_must_refuse_is_still_there() {
        check("<a>1<b/> 2 3</a>", "<a><b></b>1 2 3</a>");
        check(
            "<a xmlns='urn:x'><b xmlns='urn:y'><c xmlns='urn:y'/></b></a>",
            "<obcy:a xmlns:obcy=\"urn:x\"><obcy:b xmlns:obcy=\"urn:y\"><obcy:c></obcy:c></obcy:b></obcy:a>",
        );
    }
}
