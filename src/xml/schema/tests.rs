//! What a schema refuses, and how it says so.

use std::sync::Arc;
use std::thread;

use super::super::{Document, Limits};
use super::*;

const COMMON: &[u8] = br#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:brama:wspolne:1"
  elementFormDefault="qualified">
  <xs:simpleType name="Data"><xs:restriction base="xs:date"><xs:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Pesel"><xs:restriction base="xs:token"><xs:pattern value="[0-9]{11}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Tekst"><xs:restriction base="xs:token"><xs:minLength value="1"/><xs:maxLength value="5"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Plec"><xs:restriction base="xs:token"><xs:enumeration value="K"/><xs:enumeration value="M"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Waski"><xs:restriction base="xs:token"><xs:pattern value="[a-z]"/><xs:enumeration value="k"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Kwota"><xs:restriction base="xs:decimal"><xs:minInclusive value="0"/><xs:pattern value="-?[0-9]+\.[0-9]{2}"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Skrot"><xs:restriction base="xs:base64Binary"><xs:length value="3"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="TakNie"><xs:restriction base="xs:boolean"><xs:pattern value="true|false"/></xs:restriction></xs:simpleType>
</xs:schema>"#;

const MAIN: &[u8] = br#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:brama:udostepnianie:1"
  xmlns:u="urn:brama:udostepnianie:1" xmlns:w="urn:brama:wspolne:1" elementFormDefault="qualified">
  <xs:import namespace="urn:brama:wspolne:1" schemaLocation="wspolne.xsd"/>
  <xs:include schemaLocation="typy.xsd"/>
  <xs:element name="r"><xs:complexType><xs:choice maxOccurs="unbounded">
    <xs:element name="data" type="w:Data"/><xs:element name="pesel" type="w:Pesel"/><xs:element name="tekst" type="w:Tekst"/>
    <xs:element name="plec" type="w:Plec"/><xs:element name="waski" type="w:Waski"/><xs:element name="kwota" type="w:Kwota"/>
    <xs:element name="skrot" type="w:Skrot"/><xs:element name="takNie" type="w:TakNie"/><xs:element name="liczba" type="xs:positiveInteger"/>
    <xs:element name="czas" type="xs:dateTime"/><xs:element name="para" type="u:Para"/>
    <xs:element name="spis"><xs:complexType><xs:sequence><xs:element name="v" maxOccurs="unbounded" type="xs:token"/></xs:sequence></xs:complexType>
      <xs:unique name="v"><xs:selector xpath="u:v"/><xs:field xpath="."/></xs:unique></xs:element>
  </xs:choice></xs:complexType></xs:element>
</xs:schema>"#;

const TYPES: &[u8] = br#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:brama:udostepnianie:1"
  xmlns:w="urn:brama:wspolne:1" elementFormDefault="qualified">
  <xs:import namespace="urn:brama:wspolne:1" schemaLocation="wspolne.xsd"/>
  <xs:complexType name="Para"><xs:sequence>
    <xs:element name="x" type="w:Pesel"/><xs:element name="y" type="w:Pesel" minOccurs="0"/><xs:element name="z" type="w:Pesel"/>
  </xs:sequence><xs:attribute name="od" type="w:Data" use="required"/></xs:complexType>
</xs:schema>"#;

const FILES: [(&str, &[u8]); 3] = [("main.xsd", MAIN), ("typy.xsd", TYPES), ("wspolne.xsd", COMMON)];

fn violations(schema: &Schema, text: &str) -> Vec<(String, String, String)> {
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let found = schema.validate(document.root(), document.root());
    found.into_iter().map(|one| (one.path, one.rule, one.text)).collect()
}

fn within(inside: &str) -> String {
    format!("<u:r xmlns:u='urn:brama:udostepnianie:1'>{inside}</u:r>")
}

#[track_caller]
fn check(inside: &str, expected: &[(&str, &str, &str)]) {
    let schema = Schema::compile("main.xsd", &FILES).unwrap();
    let found = violations(&schema, &within(inside));
    let found: Vec<_> = found.iter().map(|(path, rule, text)| (path.as_str(), rule.as_str(), text.as_str())).collect();
    assert_eq!(found, expected, "{inside}");
}

#[test]
fn a_valid_element_breaks_nothing() {
    check(
        "<u:data> 2025-02-28 </u:data><u:pesel>12345678901</u:pesel><u:kwota>0.00</u:kwota><u:takNie>true</u:takNie>\
         <u:para od='2024-02-29'><u:x>12345678901</u:x><u:z>12345678901</u:z></u:para>",
        &[],
    );
}

#[test]
fn a_bad_value_is_told_by_its_meaning() {
    const DATE: &str = "To nie jest istniejąca data w postaci RRRR-MM-DD.";
    check("<u:data>1871-02-30</u:data>", &[("/u:r/u:data", "type", DATE)]);
    check("<u:data>2025-01-01Z</u:data>", &[("/u:r/u:data", "pattern", DATE)]);
    check("<u:data/>", &[("/u:r/u:data", "type", DATE)]);
    check("<u:pesel>1</u:pesel>", &[("/u:r/u:pesel", "pattern", "Wartość nie ma wymaganej postaci.")]);
    check("<u:plec>X</u:plec>", &[("/u:r/u:plec", "enumeration", "Wartości nie ma na liście dozwolonych.")]);
    check("<u:waski>XX</u:waski>", &[("/u:r/u:waski", "enumeration", "Wartości nie ma na liście dozwolonych.")]);
    check(
        "<u:tekst>abcdef</u:tekst>",
        &[("/u:r/u:tekst", "maxLength", "Wartość jest za długa; największa długość: 5.")],
    );
    check("<u:tekst> </u:tekst>", &[("/u:r/u:tekst", "minLength", "Wartość jest za krótka; najmniejsza długość: 1.")]);
    check(
        "<u:skrot>AAAAAAAA</u:skrot>",
        &[("/u:r/u:skrot", "length", "Wartość ma niewłaściwą długość; wymagana długość: 3.")],
    );
    check("<u:kwota>-1.00</u:kwota>", &[("/u:r/u:kwota", "minInclusive", "Wartość jest mniejsza niż dopuszczalna.")]);
    check("<u:kwota>1</u:kwota>", &[("/u:r/u:kwota", "pattern", "Wartość nie ma wymaganej postaci.")]);
    check("<u:kwota>sto</u:kwota>", &[("/u:r/u:kwota", "type", "To nie jest liczba.")]);
    check(
        "<u:liczba>0</u:liczba>",
        &[("/u:r/u:liczba", "type", "To nie jest liczba całkowita z dopuszczalnego przedziału.")],
    );
    check("<u:takNie>1</u:takNie>", &[("/u:r/u:takNie", "pattern", "To nie jest wartość true ani false.")]);
    check(
        "<u:czas>wczoraj</u:czas>",
        &[("/u:r/u:czas", "type", "To nie jest istniejąca chwila w postaci RRRR-MM-DDTgg:mm:ssZ.")],
    );
}

#[test]
fn a_sentence_never_takes_its_words_from_a_value() {
    check(
        "<u:pesel>x' is not accepted by the pattern '[0-9]{4}-[0-9]{2}-[0-9]{2}'.</u:pesel>\
         <u:kwota>x' is not a valid value of the atomic type 'xs:date'.</u:kwota>\
         <u:tekst>aaaaaaaa '9'.</u:tekst><u:para od=\"', attribute 'x': 1\"><u:x>12345678901</u:x><u:z>12345678901</u:z></u:para>",
        &[
            ("/u:r/u:pesel", "pattern", "Wartość nie ma wymaganej postaci."),
            ("/u:r/u:kwota", "type", "To nie jest liczba."),
            ("/u:r/u:tekst", "maxLength", "Wartość jest za długa; największa długość: 5."),
            ("/u:r/u:para/@od", "type", "To nie jest istniejąca data w postaci RRRR-MM-DD."),
        ],
    );
}

#[test]
fn a_wrong_structure_names_what_was_expected() {
    check(
        "<u:para od='2025-01-01'><u:x>12345678901</u:x></u:para>",
        &[("/u:r/u:para", "minOccurs", "Brakuje wymaganego elementu; oczekiwano: u:y, u:z.")],
    );
    check(
        "<u:para od='2025-01-01'><u:z>12345678901</u:z></u:para>",
        &[("/u:r/u:para/u:z", "element", "Ten element nie jest tu dozwolony; oczekiwano: u:x.")],
    );
    check(
        "<u:para><u:x>12345678901</u:x>tekst<u:z>12345678901</u:z></u:para>",
        &[
            ("/u:r/u:para", "use", "Brakuje wymaganego atrybutu od."),
            ("/u:r/u:para", "content", "Tekst jest tu niedozwolony, dozwolone są tylko elementy."),
        ],
    );
    check(
        "<u:pesel a='1'>12345678901</u:pesel>",
        &[("/u:r/u:pesel/@a", "attribute", "Ten atrybut jest tu niedozwolony.")],
    );
    check("<u:pesel><x/></u:pesel>", &[("/u:r/u:pesel", "content", "Ten element nie może zawierać innych elementów.")]);
    check(
        "<u:spis><u:v>a</u:v><u:v>b</u:v><u:v>a</u:v></u:spis>",
        &[("/u:r/u:spis/u:v[3]", "unique", "Wartość się powtarza, a w tym miejscu musi być niepowtarzalna.")],
    );
    check(
        "<u:pesel xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='nic'>12345678901</u:pesel>",
        &[("/u:r/u:pesel/@xsi:type", "xsi:type", "Wskazanie typu (xsi:type) jest tu niedozwolone.")],
    );
}

#[test]
fn an_element_without_a_declaration_is_refused() {
    let schema = Schema::compile("main.xsd", &FILES).unwrap();
    assert_eq!(violations(&schema, "<u:q xmlns:u='urn:brama:udostepnianie:1'/>")[0].1, "element");
    assert_eq!(violations(&schema, "<r/>")[0].1, "element");
}

#[test]
fn an_element_inside_its_envelope_keeps_line_and_path() {
    let text = "<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'>\n<soap:Body>\n\
                <r xmlns='urn:brama:udostepnianie:1'>\n<plec>K</plec>\n<plec>X</plec></r></soap:Body></soap:Envelope>";
    let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
    let message = document.root().descendants().nth(1).unwrap();
    let schema = Schema::compile("main.xsd", &FILES).unwrap();
    let found = schema.validate(message, document.root());
    assert_eq!((found.len(), found[0].line), (1, 5));
    assert_eq!(found[0].path, "/soap:Envelope/soap:Body/u:r/u:plec[2]");
    assert_eq!(schema.validate(message, message)[0].path, "/u:r/u:plec[2]");
}

#[test]
fn violations_are_bounded() {
    let schema = Schema::compile("main.xsd", &FILES).unwrap();
    assert_eq!(violations(&schema, &within(&"<u:plec>X</u:plec>".repeat(500))).len(), Violation::MAX);
}

#[test]
fn a_schema_location_in_a_message_loads_nothing() {
    let schema = Schema::compile("main.xsd", &FILES).unwrap();
    let text = within(
        "<u:plec xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
        xsi:schemaLocation='urn:x http://127.0.0.1:1/x.xsd urn:brama:wspolne:1 file:///etc/passwd'>K</u:plec>",
    );
    assert_eq!(violations(&schema, &text), []);
}

#[track_caller]
fn refused(files: &[(&str, &[u8])]) {
    match Schema::compile("main.xsd", files) {
        Err(Error::Schema { .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_schema_that_is_not_complete_does_not_compile() {
    refused(&FILES[..2]);
    refused(&FILES[1..]);
    let replaced = |from: &str, to: &str| String::from_utf8_lossy(MAIN).replace(from, to).into_bytes();
    for (from, to) in [
        ("schemaLocation=\"wspolne.xsd\"", "schemaLocation=\"http://127.0.0.1:1/wspolne.xsd\""),
        ("schemaLocation=\"wspolne.xsd\"", "schemaLocation=\"/etc/passwd\""),
        ("w:Kwota", "w:Nieznany"),
        ("</xs:schema>", ""),
    ] {
        let main = replaced(from, to);
        refused(&[("main.xsd", &main), FILES[1], FILES[2]]);
    }
    // An import that nothing needs is only a warning to libxml2.
    let main = replaced("<xs:include", "<xs:import namespace=\"urn:zbedna\" schemaLocation=\"brak.xsd\"/><xs:include");
    refused(&[("main.xsd", &main), FILES[1], FILES[2]]);
}

#[test]
fn threads_share_one_schema() {
    let schema = Arc::new(Schema::compile("main.xsd", &FILES).unwrap());
    let good = within("<u:data>2025-02-28</u:data><u:pesel>12345678901</u:pesel>");
    let bad = within("<u:data>2025-02-30</u:data><u:pesel>1</u:pesel><u:plec>X</u:plec>");
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (schema, good, bad) = (Arc::clone(&schema), good.clone(), bad.clone());
            thread::spawn(move || {
                for _ in 0..200 {
                    assert_eq!(violations(&schema, &good).len(), 0);
                    assert_eq!(violations(&schema, &bad).len(), 3);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
}
