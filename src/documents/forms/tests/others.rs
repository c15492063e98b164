//! What is fixed to the byte, what is read of foreign documents, and what a derived binding would have lost.

use yaserde::{YaDeserialize, YaSerialize};

use super::{forms, parse, samples, written};
use crate::documents::forms::{Form, Metadata, MetadataParty};

#[test]
fn a_receipt_has_the_elements_of_the_upo_in_their_order() {
    let bytes = forms().write_receipt(&samples::upp()).expect("a receipt");
    let expected = "<pos:Dokument xmlns:pos=\"http://crd.gov.pl/xml/schematy/UPO/2008/05/09/\"><pos:UPP>\
        <pos:IdentyfikatorPoswiadczenia>BRAMA-UPP17</pos:IdentyfikatorPoswiadczenia>\
        <pos:Adresat><pos:Nazwa>Powiatowy Urząd Pracy w Busku-Zdroju</pos:Nazwa>\
        <pos:IdentyfikatorPodmiotu TypIdentyfikatora=\"brama-ID\">PUP-BUSKO</pos:IdentyfikatorPodmiotu></pos:Adresat>\
        <pos:Nadawca><pos:Nazwa>Ośrodek Pomocy Społecznej w Busku-Zdroju</pos:Nazwa>\
        <pos:IdentyfikatorPodmiotu TypIdentyfikatora=\"brama-ID\">OPS-BUSKO</pos:IdentyfikatorPodmiotu></pos:Nadawca>\
        <pos:DataDoreczenia>2026-11-20T10:16:02.123456+01:00</pos:DataDoreczenia>\
        <pos:DataWytworzeniaPoswiadczenia>2026-11-20T10:16:02.125+01:00</pos:DataWytworzeniaPoswiadczenia>\
        <pos:IdentyfikatorDokumentu>52d7a9c0-1b6e-4f0d-8e3a-7c5f1e2d3b01</pos:IdentyfikatorDokumentu>\
        <pos:InformacjaUzupelniajaca TypInformacjiUzupelniajacej=\"SkrotDokumentu\">paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=</pos:InformacjaUzupelniajaca>\
        <pos:InformacjaUzupelniajaca TypInformacjiUzupelniajacej=\"AlgorytmSkrotu\">http://www.w3.org/2001/04/xmlenc#sha256</pos:InformacjaUzupelniajaca>\
        <pos:InformacjaUzupelniajaca TypInformacjiUzupelniajacej=\"AdresSkrytki\">/PUP-BUSKO/domyslna</pos:InformacjaUzupelniajaca>\
        <pos:InformacjaUzupelniajaca TypInformacjiUzupelniajacej=\"NazwaPliku\">wniosek  pierwszy.xml</pos:InformacjaUzupelniajaca>\
        </pos:UPP></pos:Dokument>";
    assert_eq!(String::from_utf8(bytes).expect("UTF-8"), expected);
}

#[test]
fn white_space_around_values_is_written_as_it_is_read() {
    let mut form = samples::wniosek();
    form.purpose = " wywiad\n środowiskowy ".to_owned();
    let bytes = written(&Form::Wniosek(form));
    let Ok(Form::Wniosek(back)) = forms().read(&parse(&bytes).expect("XML")) else { panic!("a wniosek") };
    assert_eq!(back.purpose, "wywiad środowiskowy");
}

#[test]
fn debug_output_tells_nothing_of_a_person() {
    for (_, form) in samples::all() {
        let told = format!("{form:?} {:?} {:?}", form.header(), form.attachments());
        for secret in ["Testow", "85831541742", "Polna", "zgoda", "świadczenia"] {
            assert!(!told.contains(secret), "{secret}: {told}");
        }
    }
}

#[test]
fn a_foreign_document_tells_what_it_says_of_itself() {
    let foreign = "<w:Dokument xmlns:w='http://crd.gov.pl/wzor/2013/12/12/1410/' xmlns:s='http://crd.gov.pl/xml/schematy/struktura/2008/05/09/' xmlns:m='http://crd.gov.pl/xml/schematy/meta/2008/05/09/' xmlns:o='http://crd.gov.pl/xml/schematy/osoba/2009/03/06/' xmlns:i='http://crd.gov.pl/xml/schematy/instytucja/2008/05/09/'>
        <w:OpisDokumentu><m:Data typDaty='stworzony'><m:Czas>2026-05-04</m:Czas></m:Data><m:Jezyk kodJezyka='pol'/></w:OpisDokumentu>
        <w:DaneDokumentu><s:Naglowek><s:NazwaDokumentu>Pismo ogólne</s:NazwaDokumentu><m:Identyfikator typIdentyfikatora='x'><m:Wartosc>A/1</m:Wartosc></m:Identyfikator></s:Naglowek>
        <s:Adresaci><m:Podmiot><i:Instytucja><i:NazwaInstytucji>Urząd</i:NazwaInstytucji></i:Instytucja></m:Podmiot></s:Adresaci>
        <s:Nadawcy><m:Podmiot><o:Osoba><o:Imie>Anna</o:Imie><o:Nazwisko>Lipowa</o:Nazwisko><o:Nazwisko>Testowa</o:Nazwisko></o:Osoba></m:Podmiot></s:Nadawcy></w:DaneDokumentu></w:Dokument>";
    let document = parse(foreign.as_bytes()).expect("XML");
    let unit = MetadataParty { name: Some("Urząd".to_owned()), ..MetadataParty::default() };
    let person = MetadataParty { name: Some("Anna Lipowa-Testowa".to_owned()), unit: None, is_person: true };
    let expected = Metadata {
        form: "http://crd.gov.pl/wzor/2013/12/12/1410/".to_owned(),
        id: None,
        created: Some("2026-05-04".to_owned()),
        title: Some("Pismo ogólne".to_owned()),
        language: Some("pol".to_owned()),
        addressees: vec![unit],
        senders: vec![person],
    };
    assert_eq!(Metadata::read(document.root()), expected);
    assert_eq!(Metadata::read(parse(b"<a/>").expect("XML").root()), Metadata::default());
}

#[test]
fn metadata_of_ours_are_those_of_the_head() {
    for (name, form) in samples::all() {
        let bytes = written(&form);
        let document = parse(&bytes).expect("XML");
        let (told, header) = (Metadata::read(document.root()), form.header());
        assert_eq!(told.id, Some(header.id.to_string()), "{name}");
        assert_eq!(told.form, form.kind().namespace().uri, "{name}");
        assert_eq!(told.title.as_deref(), Some(header.title.as_str()), "{name}");
        let parties = [(&told.senders, &header.sender), (&told.addressees, &header.addressee)];
        for (told, party) in parties {
            assert_eq!(told.len(), 1, "{name}");
            assert_eq!(told[0].unit.as_deref(), party.unit_id(), "{name}");
            assert_eq!(told[0].is_person, party.unit_id().is_none(), "{name}");
        }
    }
}

/// A party of a document as yaserde would bind it: a choice is a flattened enum.
#[derive(Debug, Default, PartialEq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "Podmiot", prefix = "m", namespaces = { "m" = "urn:m" })]
struct Party {
    #[yaserde(flatten = true)]
    party: Choice,
}

#[derive(Debug, Default, PartialEq, YaDeserialize, YaSerialize)]
#[yaserde(prefix = "m", namespaces = { "m" = "urn:m" })]
enum Choice {
    #[default]
    Nobody,
    #[yaserde(rename = "Nazwisko", prefix = "m")]
    Surname(Surname),
}

#[derive(Debug, Default, PartialEq, YaDeserialize, YaSerialize)]
#[yaserde(rename = "Nazwisko", prefix = "m", namespaces = { "m" = "urn:m" })]
struct Surname {
    #[yaserde(attribute = true, rename = "rodzajCzlonu")]
    part: String,
    #[yaserde(text = true)]
    text: String,
}

// Decision 38 rests on this: should it fail, yaserde has become better and the decision is to be revisited.
#[test]
fn yaserde_loses_what_documents_consist_of() {
    let surname = Surname { part: "drugi".to_owned(), text: "Testowa".to_owned() };
    let party = Party { party: Choice::Surname(surname) };
    let text = yaserde::ser::to_string(&party).expect("written");
    assert!(text.contains("Testowa") && !text.contains("rodzajCzlonu"), "the attribute is lost: {text}");

    let verbatim = "<m:Podmiot xmlns:m='urn:m'><m:Tresc>tekst</m:Tresc></m:Podmiot>";
    let read: Party = yaserde::de::from_str(verbatim).expect("read");
    assert_eq!(read, Party::default(), "an element kept verbatim is skipped without a word");
}
