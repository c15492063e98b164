//! Canonical forms: what the norms show, what xmllint writes, and what is refused.

use std::io::Write;
use std::process::Command;

use super::super::Limits;
use super::*;

fn canonical(text: &str, method: Method) -> String {
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let mut bytes = Vec::new();
    canonicalize_document(&document, method, &[], None, &mut |piece| bytes.extend_from_slice(piece)).unwrap();
    String::from_utf8(bytes).unwrap()
}

const SAMPLE: &str = "<?pi x?><a xmlns='urn:a' xmlns:n='urn:n' z='1' b=\"&lt;&#9;'\"><!-- c -->\n<n:b n:q='2' p='3'/>\
    <![CDATA[<&>]]>&#13;ż<c xmlns='' xml:lang='pl'></c></a><!-- end -->";

#[test]
fn a_hundred_kilobytes_of_accented_text_survive_at_every_offset() {
    for offset in 0..4 {
        let inside = format!("{}{}", "x".repeat(offset), "é€ą😀".repeat(10_000));
        let text = format!("<a>{inside}</a>");
        assert!(text.len() > 100_000);
        assert_eq!(canonical(&text, Method::Exclusive), text, "offset {offset}");
    }
}

#[test]
fn every_method_agrees_with_xmllint() {
    for (method, option) in [
        (Method::Inclusive10WithComments, "--c14n"),
        (Method::Inclusive11WithComments, "--c14n11"),
        (Method::ExclusiveWithComments, "--exc-c14n"),
    ] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(SAMPLE.as_bytes()).unwrap();
        let output = Command::new("xmllint").arg(option).arg(file.path()).output().expect("xmllint");
        assert_eq!(canonical(SAMPLE, method), String::from_utf8(output.stdout).unwrap(), "{option}");
    }
}

#[test]
fn comments_stay_only_when_asked_for() {
    let with = canonical(SAMPLE, Method::Inclusive10WithComments);
    let without = canonical(SAMPLE, Method::Inclusive10);
    assert!(with.contains("<!-- c -->") && with.contains("<!-- end -->"));
    assert!(!without.contains("<!--") && without.starts_with("<?pi x?>\n<a "));
}

#[test]
fn a_subtree_takes_the_namespaces_that_its_method_says() {
    let text = "<p:a xmlns:p='urn:p' xmlns:q='urn:q' xmlns:r='urn:r'><p:b><q:c/></p:b></p:a>";
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let apex = document.root().children().next().unwrap();
    let form = |method, prefixes: &[&str]| {
        let prefixes: Vec<String> = prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
        let mut bytes = Vec::new();
        canonicalize(apex, method, &prefixes, None, &mut |piece| bytes.extend_from_slice(piece)).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(form(Method::Exclusive, &[]), "<p:b xmlns:p=\"urn:p\"><q:c xmlns:q=\"urn:q\"></q:c></p:b>");
    assert_eq!(
        form(Method::Exclusive, &["r", "#default"]),
        "<p:b xmlns:p=\"urn:p\" xmlns:r=\"urn:r\"><q:c xmlns:q=\"urn:q\"></q:c></p:b>"
    );
    assert_eq!(
        form(Method::Inclusive10, &[]),
        "<p:b xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" xmlns:r=\"urn:r\"><q:c></q:c></p:b>"
    );
}

#[test]
fn the_enveloped_signature_is_left_out() {
    let text = "<a>1<s><t>2</t></s>3<s/></a>";
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let signature = document.root().children().next();
    let mut bytes = Vec::new();
    let mut sink = |piece: &[u8]| bytes.extend_from_slice(piece);
    canonicalize(document.root(), Method::Exclusive, &[], signature, &mut sink).unwrap();
    assert_eq!(bytes, b"<a>13<s></s></a>");
}

/// The subtree under the first element `local`.
fn subtree(text: &str, local: &str, method: Method, prefixes: &[&str]) -> String {
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let prefixes: Vec<String> = prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
    let apex = document.root().descendants().find(|one| one.local() == local).unwrap();
    let mut bytes = Vec::new();
    canonicalize(apex, method, &prefixes, None, &mut |piece| bytes.extend_from_slice(piece)).unwrap();
    String::from_utf8(bytes).unwrap()
}

// Exclusive XML Canonicalization 1.0 §2.2: one element in two envelopes.
const IN_LOCAL: &str = "<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\">
  <n1:elem2 xmlns:n1=\"http://example.net\"
            xml:lang=\"en\">
    <n3:stuff xmlns:n3=\"ftp://example.org\"/>
  </n1:elem2>
</n0:local>";
const IN_PDU: &str =
    "<n2:pdu xmlns:n1=\"http://example.com\" xmlns:n2=\"http://foo.example\" xml:lang=\"fr\" xml:space=\"retain\">
  <n1:elem2 xmlns:n1=\"http://example.net\"
            xml:lang=\"en\">
    <n3:stuff xmlns:n3=\"ftp://example.org\"/>
  </n1:elem2>
</n2:pdu>";

#[test]
fn canonical_xml_takes_the_envelope_along() {
    // Exclusive XML Canonicalization 1.0 §2.2.
    assert_eq!(
        subtree(IN_LOCAL, "elem2", Method::Inclusive10, &[]),
        "<n1:elem2 xmlns:n0=\"foo:bar\" xmlns:n1=\"http://example.net\" xmlns:n3=\"ftp://example.org\" xml:lang=\"en\">
    <n3:stuff></n3:stuff>
  </n1:elem2>"
    );
    assert_eq!(
        subtree(IN_PDU, "elem2", Method::Inclusive10, &[]),
        "<n1:elem2 xmlns:n1=\"http://example.net\" xmlns:n2=\"http://foo.example\" xml:lang=\"en\" xml:space=\"retain\">
    <n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>
  </n1:elem2>"
    );
}

#[test]
fn the_exclusive_form_is_the_same_in_every_envelope() {
    // Exclusive XML Canonicalization 1.0 §2.3.
    let expected = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">
    <n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>
  </n1:elem2>";
    assert_eq!(subtree(IN_LOCAL, "elem2", Method::Exclusive, &[]), expected);
    assert_eq!(subtree(IN_PDU, "elem2", Method::Exclusive, &[]), expected);
}

#[test]
fn a_listed_prefix_is_treated_as_canonical_xml_treats_it() {
    // Exclusive XML Canonicalization 1.0 §3, `InclusiveNamespaces`.
    assert_eq!(
        subtree(IN_LOCAL, "elem2", Method::Exclusive, &["n3", "n0", "n9"]),
        "<n1:elem2 xmlns:n0=\"foo:bar\" xmlns:n1=\"http://example.net\" xmlns:n3=\"ftp://example.org\" xml:lang=\"en\">
    <n3:stuff></n3:stuff>
  </n1:elem2>"
    );
    let text =
        "<a xmlns='urn:x' xmlns:p='urn:p'><p:b><p:c xmlns=''><p:d xmlns='urn:y' xmlns:p='urn:q'/></p:c></p:b></a>";
    assert_eq!(
        subtree(text, "b", Method::Exclusive, &[]),
        "<p:b xmlns:p=\"urn:p\"><p:c><p:d xmlns:p=\"urn:q\"></p:d></p:c></p:b>"
    );
    assert_eq!(
        subtree(text, "b", Method::Exclusive, &["#default"]),
        "<p:b xmlns=\"urn:x\" xmlns:p=\"urn:p\"><p:c xmlns=\"\"><p:d xmlns=\"urn:y\" xmlns:p=\"urn:q\"></p:d></p:c></p:b>"
    );
    assert_eq!(
        subtree(text, "c", Method::Exclusive, &["#default"]),
        "<p:c xmlns:p=\"urn:p\"><p:d xmlns=\"urn:y\" xmlns:p=\"urn:q\"></p:d></p:c>"
    );
}

#[test]
fn the_default_is_undone_only_where_that_shows() {
    // Exclusive XML Canonicalization 1.0 §3: `xmlns=""` needs an element without prefix and a default written above it.
    check("<a xmlns='urn:x'><b xmlns=''/></a>", "<a xmlns=\"urn:x\"><b xmlns=\"\"></b></a>");
    check(
        "<a xmlns='urn:x' xmlns:p='urn:p'><p:b xmlns=''><c q='1'/><p:d p:q='1'/></p:b></a>",
        "<a xmlns=\"urn:x\"><p:b xmlns:p=\"urn:p\"><c xmlns=\"\" q=\"1\"></c><p:d p:q=\"1\"></p:d></p:b></a>",
    );
    check("<p:a xmlns:p='urn:p' xmlns='urn:x'><b xmlns=''/></p:a>", "<p:a xmlns:p=\"urn:p\"><b></b></p:a>");
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(canonical(text, Method::Exclusive), expected, "{text}");
}

#[test]
fn the_examples_of_canonical_xml_without_a_document_type_hold() {
    // Canonical XML 1.0 §3.1.
    let text = "<?xml version=\"1.0\"?>\n\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\n\
        <doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n<!-- Comment 2 -->\n\n<!-- Comment 3 -->\n";
    let start = "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!";
    for (method, rest) in [
        (Method::Inclusive10, "</doc>\n<?pi-without-data?>"),
        (
            Method::Inclusive10WithComments,
            "<!-- Comment 1 --></doc>\n<?pi-without-data?>\n<!-- Comment 2 -->\n<!-- Comment 3 -->",
        ),
    ] {
        assert_eq!(canonical(text, method), format!("{start}{rest}"));
    }
    // Canonical XML 1.0 §3.3.
    let text = "<doc><e1   /><e2   ></e2><e3   name = \"elem3\"   id=\"elem3\"   /><e5 a:attr=\"out\" b:attr=\"sorted\" \
        attr2=\"all\" attr=\"I'm\"\n      xmlns:b=\"http://www.ietf.org\"\n      xmlns:a=\"http://www.w3.org\"\n      \
        xmlns=\"http://example.org\"/><e6 xmlns=\"\" xmlns:a=\"http://www.w3.org\"><e7 xmlns=\"http://www.ietf.org\">\
        <e8 xmlns=\"\" xmlns:a=\"http://www.w3.org\"><e9 xmlns=\"\" xmlns:a=\"http://www.ietf.org\"/></e8></e7></e6></doc>";
    let expected = "<doc><e1></e1><e2></e2><e3 id=\"elem3\" name=\"elem3\"></e3><e5 xmlns=\"http://example.org\" \
        xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\" b:attr=\"sorted\" \
        a:attr=\"out\"></e5><e6 xmlns:a=\"http://www.w3.org\"><e7 xmlns=\"http://www.ietf.org\"><e8 xmlns=\"\">\
        <e9 xmlns:a=\"http://www.ietf.org\"></e9></e8></e7></e6></doc>";
    assert_eq!(canonical(text, Method::Inclusive10), expected);
    // Canonical XML 1.0 §3.4.
    check(
        "<doc><text>First line&#x0d;&#10;Second line</text><value>&#x32;</value>\
        <compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute>\
        <compute expr='value>\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"'>valid</compute>\
        <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/></doc>",
        "<doc><text>First line&#xD;\nSecond line</text><value>2</value>\
        <compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute>\
        <compute expr=\"value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;\">valid</compute>\
        <norm attr=\" '    &#xD;&#xA;&#x9;   ' \"></norm></doc>",
    );
}

#[test]
fn an_ampersand_in_the_name_of_a_namespace_is_written_as_in_any_attribute() {
    // Canonical XML 1.0 §2.3, namespace nodes.
    let text = "<p:a xmlns:p='http://x/?a&amp;b'/>";
    check(text, "<p:a xmlns:p=\"http://x/?a&amp;b\"></p:a>");
}

#[test]
fn what_follows_a_root_that_is_left_out_still_follows_it() {
    // Canonical XML 1.0 §2.3: the place beside the document element counts, seen or not.
    let document = Document::parse(b"<?p?><a/><?q?>", &Limits::default()).unwrap();
    let mut bytes = Vec::new();
    let mut sink = |piece: &[u8]| bytes.extend_from_slice(piece);
    canonicalize_document(&document, Method::Exclusive, &[], Some(document.root()), &mut sink).unwrap();
    assert_eq!(bytes, b"<?p?>\n\n<?q?>");
}

#[test]
fn no_depth_exhausts_the_stack() {
    // libxml2 itself stops at 256.
    let text = format!("{}{}", "<a>".repeat(250), "</a>".repeat(250));
    let limits = Limits { depth: 1000, ..Limits::default() };
    let document = Document::parse(text.as_bytes(), &limits).unwrap();
    assert_eq!(canonical_bytes(document.root(), Method::Exclusive).unwrap(), text.as_bytes());
}

#[test]
fn a_relative_namespace_name_has_no_canonical_form() {
    for text in [
        "<a xmlns='relative'/>",
        "<a xmlns:p='#relative'/>",
        "<a xmlns='relative' xmlns:p='also'/>",
        "<a><b><p:c xmlns:p='a/b:c'/></b></a>",
    ] {
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let nobody = &mut |_: &[u8]| ();
        assert!(
            library::canonicalize(Whole::Subtree(document.root()), Method::Exclusive, &[], Omitted::Nothing, nobody)
                .is_err()
        );
        for method in Method::ALL {
            assert!(matches!(canonical_bytes(document.root(), method), Err(Error::Canonical(_))), "{text}");
        }
    }
    for text in ["<a xmlns=''/>", "<a xmlns='x:'/>", "<a xmlns:p='http:///'/>", "<a xmlns='x+1:#%20'/>"] {
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        assert!(canonical_bytes(document.root(), Method::Exclusive).is_ok(), "{text}");
    }
}

#[test]
fn a_method_is_found_by_its_uri() {
    for method in Method::ALL {
        assert_eq!(Method::from_uri(method.uri()), Some(method));
    }
    assert_eq!(Method::from_uri("http://www.w3.org/2001/10/xml-exc-c14n"), None);
}
