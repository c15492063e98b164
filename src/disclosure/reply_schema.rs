//! Makes the reply schema of a record kind from its feed schema: the same names in the same order, every element optional (rule 5.1).

use quick_xml::Reader;
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesStart, Event};

/// Names of the record kinds, as in `<kind>.xsd` (feed) and `<kind>-udostepniona.xsd` (reply).
pub const KINDS: [&str; 3] = ["pup", "ps", "sr"];

/// Why a feed schema has no reply schema.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the feed schema is not well-formed XML: {0}")]
    Xml(#[from] quick_xml::Error),
    #[error("the feed schema has an unreadable attribute: {0}")]
    Attribute(#[from] AttrError),
    #[error("a feed schema may not use {0}")]
    Unsupported(String),
}

/// The reply schema for `feed`, the text of `<kind>.xsd`.
///
/// Types of `osoba.xsd` are used as they stand: each lies wholly inside one scope item, so nothing is cut inside.
///
/// # Errors
/// When `feed` is not well formed or uses a construct beyond the few that records need:
/// one global element `Osoba…`, nested sequences of elements, identity constraints, annotations.
pub fn reply_schema(kind: &str, feed: &str) -> Result<String, Error> {
    let mut page =
        Page { kind, feed, reply: String::with_capacity(feed.len()), done: 0, open: Vec::new(), skipped: None };
    let mut reader = Reader::from_str(feed);
    loop {
        let from = position(&reader);
        let event = reader.read_event()?;
        let to = position(&reader);
        match event {
            Event::Start(tag) => page.start(&tag, from, to)?,
            Event::Empty(tag) => {
                page.start(&tag, from, to)?;
                page.end(to);
            }
            Event::End(_) => page.end(to),
            Event::Eof => break,
            _ => {}
        }
    }
    page.copy_up_to(feed.len());
    Ok(page.reply)
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).expect("a position inside a text in memory fits usize")
}

/// The reply schema while it is written beside the feed schema that is read.
struct Page<'a> {
    kind: &'a str,
    feed: &'a str,
    reply: String,
    /// Up to here `feed` is copied, replaced or left out.
    done: usize,
    /// Names of the open elements.
    open: Vec<String>,
    /// Depth of the element whose content is being left out.
    skipped: Option<usize>,
}

impl Page<'_> {
    fn start(&mut self, tag: &BytesStart<'_>, from: usize, to: usize) -> Result<(), Error> {
        let name = tag.name().0.to_owned();
        if self.skipped.is_none() {
            match (name.as_str(), self.open.len()) {
                ("xs:annotation", 1) => self.replace(from, &schema_annotation(self.kind)),
                ("xs:annotation", 2) if self.is_open("xs:element") => self.replace(from, ROOT_ANNOTATION),
                ("xs:unique" | "xs:key" | "xs:keyref", _) => self.leave_out(from),
                ("xs:element", _) => self.element(tag, from, to)?,
                ("xs:complexType" | "xs:sequence", depth) if depth > 1 && tag.attributes().next().is_none() => {}
                ("xs:schema" | "xs:include" | "xs:import" | "xs:annotation" | "xs:appinfo" | "xs:documentation", _) => {
                }
                _ => return Err(Error::Unsupported(name)),
            }
        }
        self.open.push(name);
        Ok(())
    }

    fn end(&mut self, to: usize) {
        self.open.pop();
        if self.skipped == Some(self.open.len()) {
            self.skipped = None;
            self.done = to;
        }
    }

    fn is_open(&self, name: &str) -> bool {
        self.open.last().is_some_and(|last| last == name)
    }

    fn copy_up_to(&mut self, end: usize) {
        self.reply.push_str(&self.feed[self.done..end]);
        self.done = end;
    }

    fn replace(&mut self, from: usize, text: &str) {
        self.copy_up_to(from);
        self.reply.push_str(text);
        self.skipped = Some(self.open.len());
    }

    /// Leaves out an element together with the white space before it.
    fn leave_out(&mut self, from: usize) {
        let kept = self.feed[..from].trim_end().len();
        self.copy_up_to(kept);
        self.skipped = Some(self.open.len());
    }

    fn element(&mut self, tag: &BytesStart<'_>, from: usize, to: usize) -> Result<(), Error> {
        self.copy_up_to(from);
        self.reply.push_str("<xs:element");
        let is_root = self.open.len() == 1;
        let mut most = None;
        for attribute in tag.attributes() {
            let attribute = attribute?;
            let (key, value) = (attribute.key.0, attribute.value);
            match key {
                "name" if is_root => {
                    let record = value
                        .strip_prefix("Osoba")
                        .ok_or_else(|| Error::Unsupported(format!("the global element {value}")))?;
                    self.attribute("name", &["Udostepniona", record]);
                }
                "name" | "type" => self.attribute(key, &[&value]),
                "minOccurs" => {}
                "maxOccurs" => most = Some(value),
                _ => return Err(Error::Unsupported(format!("xs:element/@{key}"))),
            }
        }
        if !is_root {
            self.attribute("minOccurs", &["0"]);
            if let Some(most) = most {
                self.attribute("maxOccurs", &[&most]);
            }
        }
        self.reply.push_str(if self.feed[from..to].ends_with("/>") { "/>" } else { ">" });
        self.done = to;
        Ok(())
    }

    fn attribute(&mut self, name: &str, value: &[&str]) {
        self.reply.extend([" ", name, "=\""]);
        self.reply.extend(value.iter().copied());
        self.reply.push('"');
    }
}

const ROOT_ANNOTATION: &str = "<xs:annotation>
      <xs:documentation>Rekord osoby przycięty do udzielonego zakresu; może być pusty.</xs:documentation>
    </xs:annotation>";

fn schema_annotation(kind: &str) -> String {
    format!(
        "<xs:annotation>
    <xs:documentation>
      Rekord udostępniany ze zbioru rodzaju {}: te same nazwy i ta sama kolejność co w {kind}.xsd,
      żaden element nie jest obowiązkowy i nie ma więzów między elementami.
      Liczba w xs:appinfo o źródle urn:brama:zakres:1 jest pozycją zakresu.

      Plik wytwarza polecenie „make xsd”; poprawia się plik {kind}.xsd.
    </xs:documentation>
  </xs:annotation>",
        kind.to_uppercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    fn schema(file: &str) -> &'static str {
        let (_, bytes) = contract::XSD.iter().find(|(name, _)| *name == file).unwrap();
        std::str::from_utf8(bytes).unwrap()
    }

    /// Elements and scope items of a schema in document order, without what the two schemas may differ in.
    fn shape(schema: &str) -> Vec<String> {
        let mut reader = Reader::from_str(schema);
        let (mut shape, mut depth) = (Vec::new(), 0);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) if tag.name().0 == "xs:element" => {
                    let same = tag
                        .attributes()
                        .flatten()
                        .filter(|a| a.key.0 != "minOccurs")
                        .map(|a| format!(" {}={}", a.key.0, a.value));
                    shape.push(format!("{depth}{}", same.collect::<String>()).replace("Udostepniona", "Osoba"));
                    depth += 1;
                }
                Event::Start(tag) if tag.name().0 == "xs:appinfo" => {
                    shape.push(reader.read_text(tag.name()).unwrap().to_string());
                }
                Event::End(tag) if tag.name().0 == "xs:element" => depth -= 1,
                Event::Eof => return shape,
                _ => {}
            }
        }
    }

    #[test]
    fn the_checked_in_reply_schemas_are_those_that_the_feed_schemas_give() {
        for kind in KINDS {
            let made = reply_schema(kind, schema(&format!("{kind}.xsd"))).unwrap();
            assert!(
                made == schema(&format!("{kind}-udostepniona.xsd")),
                "{kind}: `make xsd` has not been run since {kind}.xsd changed"
            );
        }
    }

    #[test]
    fn a_reply_has_the_elements_types_and_scope_items_of_its_feed() {
        for kind in KINDS {
            assert_eq!(
                shape(schema(&format!("{kind}.xsd"))),
                shape(schema(&format!("{kind}-udostepniona.xsd"))),
                "{kind}"
            );
        }
    }

    #[test]
    fn every_element_of_a_reply_is_optional_and_nothing_binds_elements_together() {
        for kind in KINDS {
            let reply = schema(&format!("{kind}-udostepniona.xsd"));
            let elements = reply.matches("<xs:element ").count();
            assert_eq!(reply.matches(r#" minOccurs="0""#).count(), elements - 1, "{kind}: all but the root");
            for constraint in ["<xs:unique", "<xs:key", "<xs:choice", "<xs:all"] {
                assert!(!reply.contains(constraint), "{kind}: {constraint}");
            }
        }
    }

    #[track_caller]
    fn refused(inside: &str, because: &str) {
        let feed = format!(r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{inside}</xs:schema>"#);
        assert_eq!(reply_schema("pup", &feed).unwrap_err().to_string(), format!("a feed schema may not use {because}"));
    }

    #[test]
    fn constructs_that_records_do_not_need_are_refused() {
        refused(r#"<xs:element name="Inna"/>"#, "the global element Inna");
        refused(r#"<xs:complexType name="T"/>"#, "xs:complexType");
        refused(
            r#"<xs:element name="OsobaPUP"><xs:complexType><xs:choice/></xs:complexType></xs:element>"#,
            "xs:choice",
        );
        refused(r#"<xs:element name="OsobaPUP"><xs:complexType mixed="true"/></xs:element>"#, "xs:complexType");
        refused(r#"<xs:element name="OsobaPUP" nillable="true"/>"#, "xs:element/@nillable");
        refused(r#"<xs:simpleType name="T"/>"#, "xs:simpleType");
    }
}
