//! Exchange files bound by yaserde on xml-rs: batches, the records in them, and protocols.

pub mod batch;
pub mod person;
pub mod protocol;
pub mod ps;
pub mod pup;
pub mod sr;
pub mod values;

#[cfg(test)]
mod probe {
    use super::*;
    #[test]
    fn probe() {
        let b = batch::Batch { mark: "A&\"<ż".into(), items: vec![batch::Item { ps: Some(ps::RecordPs { personal: person::PersonalData { surname: "Łąkowa-Testowa & <x>".into(), ..Default::default() }, benefits: vec![ps::Benefit{name:"a".into(),gross:Some(values::Amount(10)),..Default::default()}], ..Default::default() }), ..Default::default() }, Default::default()], partial: Some(true), ..Default::default() };
        let text = yaserde::ser::to_string(&b).unwrap();
        println!("{text}");
        let back: batch::Batch = yaserde::de::from_str(&text).unwrap();
        assert_eq!(back, b);
        for inner in ["foo<!-- c -->bar", "foo<![CDATA[ & ]]>bar", " foo\n  bar ", "foo<?pi x?>bar", "foo&#10;&amp;bar", "  "] {
            let text = format!("<b:zawod xmlns:b='urn:brama:beneficjent:1'><b:nazwa>{inner}</b:nazwa><b:charakter> WYUCZONY<!--c--> </b:charakter></b:zawod>");
            println!("{inner:?} -> {:?}", yaserde::de::from_str::<pup::Occupation>(&text));
        }
        for t in ["<b:zawod xmlns:b='urn:x'><b:nazwa>a</b:nazwa><b:charakter>WYUCZONY</b:charakter></b:zawod>",
          "<b:zawod xmlns:b='urn:brama:beneficjent:1'><b:nazwa>a</b:nazwa><b:charakter>X</b:charakter></b:zawod>",
          "<b:zawod xmlns:b='urn:brama:beneficjent:1'><b:nazwa>a</b:nazwa><b:nowy>X</b:nowy></b:zawod>",
          "<b:zawod xmlns:b='urn:brama:beneficjent:1'><b:nazwa>a</b:nazwa><x:charakter xmlns:x='urn:x'>WYUCZONY</x:charakter></b:zawod>",
          "<zawod xmlns='urn:brama:beneficjent:1'><nazwa>a</nazwa><charakter>WYKONYWANY</charakter></zawod>"] {
            println!("{:?}", yaserde::de::from_str::<pup::Occupation>(t));
        }
    }
}
