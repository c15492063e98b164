//! The published contract as it stands in `xsd/` and `wsdl/`, embedded; nothing here reads or changes it.

macro_rules! schemas {
    ($($file:literal),+ $(,)?) => { &[$(($file, include_bytes!(concat!("../xsd/", $file)))),+] };
}

macro_rules! services {
    ($($name:literal),+ $(,)?) => { &[$(($name, include_bytes!(concat!("../wsdl/", $name, ".wsdl")))),+] };
}

macro_rules! samples {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../wsdl/przyklady/", $name, ".xml")))),+]
    };
}

/// Every schema under its file name, in the order of names; served as `/xsd/<file name>`.
pub const XSD: &[(&str, &[u8])] = schemas![
    "beneficjent.xsd",
    "crd-adres.xsd",
    "crd-instytucja.xsd",
    "crd-meta.xsd",
    "crd-osoba.xsd",
    "crd-struktura.xsd",
    "osoba.xsd",
    "paczka.xsd",
    "podpis.xsd",
    "ps-udostepniona.xsd",
    "ps.xsd",
    "pup-udostepniona.xsd",
    "pup.xsd",
    "raport-podpisu.xsd",
    "rejestr.xsd",
    "sr-udostepniona.xsd",
    "sr.xsd",
    "szablon.xsd",
    "udostepnianie.xsd",
    "upo.xsd",
    "wspolne.xsd",
    "wzor-czesci.xsd",
    "wzor-odmowa.xsd",
    "wzor-pismo.xsd",
    "wzor-wniosek.xsd",
    "wzor-zaswiadczenie.xsd",
    "zasilanie.xsd",
];

/// Every service's description under the service's name; served as `/ws/<name>?wsdl`.
///
/// The `wsdl:documentation` of an operation holds one line `Kody: A, B, C.` with the fault codes that it may give.
pub const WSDL: &[(&str, &[u8])] = services!["podpis", "rejestr", "udostepnianie", "zasilanie"];

/// Sample messages of `wsdl/przyklady/` by the name of their root: what stands in the Body. All persons in them are invented.
pub const SAMPLES: &[(&str, &str)] = samples![
    "Opieczetuj",
    "OpieczetujOdpowiedz",
    "Paczka",
    "PobierzDowod",
    "PobierzDowodOdpowiedz",
    "PobierzDowodSpojnosci",
    "PobierzDowodSpojnosciOdpowiedz",
    "PobierzGlowe",
    "PobierzGloweOdpowiedz",
    "PobierzOdpowiedz",
    "PobierzOdpowiedzOdpowiedz",
    "PobierzProtokol",
    "PobierzProtokolOdpowiedz",
    "PobierzStatusPaczki",
    "PobierzStatusPaczkiOdpowiedz",
    "PobierzWpisy",
    "PobierzWpisyOdpowiedz",
    "PobierzZbiory",
    "PobierzZbioryOdpowiedz",
    "PoswiadczGlowe",
    "PoswiadczGloweOdpowiedz",
    "PrzekazCzesc",
    "PrzekazCzescOdpowiedz",
    "PrzekazPaczke",
    "PrzekazPaczkeOdpowiedz",
    "RozpocznijPaczke",
    "RozpocznijPaczkeOdpowiedz",
    "UdostepnijDaneOsoby",
    "UdostepnijDaneOsobyOdpowiedz",
    "WeryfikujDaneOsoby",
    "WeryfikujDaneOsobyOdpowiedz",
    "WeryfikujPodpis",
    "WeryfikujPodpisOdpowiedz",
    "WeryfikujWystepowanieOsoby",
    "WeryfikujWystepowanieOsobyOdpowiedz",
    "Wyjatek",
    "ZamknijPaczke",
    "ZamknijPaczkeOdpowiedz",
    "ZlecUdostepnienie",
    "ZlecUdostepnienieOdpowiedz",
    "ZnakujCzasem",
    "ZnakujCzasemOdpowiedz",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;
    use crate::xml::{Document, Limits, Schema};
    use openssl::sha::sha256;
    use std::fs;

    fn names_on_disk(folder: &str, extension: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(extension).map(str::to_owned))
            .collect();
        names.sort();
        names
    }

    /// Schemas of documents, which people keep for longer than messages.
    fn is_of_documents(file: &str) -> bool {
        ["crd-", "szablon", "upo", "wzor-"].iter().any(|start| file.starts_with(start))
    }

    #[test]
    fn every_file_of_the_contract_is_embedded() {
        let embedded = |list: &[(&str, &[u8])]| {
            list.iter().map(|(name, _)| name.trim_end_matches(".xsd").to_owned()).collect::<Vec<_>>()
        };
        let mut schemas = names_on_disk("xsd", ".xsd");
        schemas.sort_by_key(|name| format!("{name}.xsd"));
        assert_eq!(embedded(XSD), schemas);
        assert_eq!(embedded(WSDL), names_on_disk("wsdl", ".wsdl"));
    }

    #[test]
    fn every_operation_lists_known_codes_each_once() {
        for (service, bytes) in WSDL {
            let text = std::str::from_utf8(bytes).unwrap();
            let (port_type, _) = text.split_once("</wsdl:portType>").unwrap();
            let lists: Vec<&str> = port_type.lines().filter_map(|line| line.trim().strip_prefix("Kody: ")).collect();
            assert_eq!(lists.len(), port_type.matches("<wsdl:operation ").count(), "{service}");
            for list in lists {
                let codes: Vec<&str> = list.strip_suffix('.').unwrap().split(", ").collect();
                for (place, code) in codes.iter().enumerate() {
                    assert!(Code::ALL.iter().any(|known| known.wire() == *code), "{service}: {code}");
                    assert!(!codes[..place].contains(code), "{service}: {code} stands twice");
                }
            }
        }
    }

    #[test]
    fn the_catalogue_for_integrators_explains_every_code() {
        let catalogue = fs::read_to_string("docs/kody-bledow.md").unwrap();
        for code in Code::ALL {
            assert!(catalogue.contains(&format!("`{}` ", code.wire())), "{}", code.wire());
        }
    }

    #[test]
    fn every_schema_compiles_by_itself() {
        for (file, _) in XSD {
            if let Err(error) = Schema::compile(file, XSD) {
                panic!("{error}");
            }
        }
    }

    #[test]
    fn schemas_keep_to_what_can_be_cut_and_written_canonically() {
        // rule 5.2
        let banned = [
            "xs:ID",
            "default=",
            "fixed=",
            "mixed=",
            "<xs:any",
            "<xs:extension",
            "nillable",
            "<xs:complexContent",
            "xs:anyType",
        ];
        // rule 12.1: a document ends with signatures, and some of its texts have attributes.
        let signatures = r#"<xs:any namespace="http://www.w3.org/2000/09/xmldsig#" processContents="skip" minOccurs="0" maxOccurs="unbounded"/>"#;
        for (file, bytes) in XSD {
            let text = std::str::from_utf8(bytes).unwrap();
            assert!(text.contains(r##" elementFormDefault="qualified" blockDefault="#all""##), "{file}");
            let mut text = text.to_owned();
            if is_of_documents(file) {
                assert!(text.matches(signatures).count() <= 1, "{file}");
                text = text.replace(signatures, "");
                let lines: Vec<&str> = text.lines().map(str::trim).collect();
                let simple = |at: usize| at > 0 && lines[at - 1] == "<xs:simpleContent>";
                let kept = (0..lines.len()).filter(|at| !(lines[*at].starts_with("<xs:extension ") && simple(*at)));
                text = kept.map(|at| lines[at].to_owned() + "\n").collect();
            }
            for word in banned {
                assert!(!text.contains(word), "{file}: {word}");
            }
            let is_record = text.contains(r#"targetNamespace="urn:brama:beneficjent:1""#);
            assert!(!(is_record && text.contains("<xs:attribute")), "{file}: an attribute inside a record");
        }
    }

    #[test]
    fn a_published_schema_of_documents_never_changes() {
        let listed = fs::read_to_string("xsd/SHA256SUMS").unwrap();
        let digest = |bytes: &[u8]| sha256(bytes).map(|byte| format!("{byte:02x}")).concat();
        let found = XSD.iter().filter(|(file, _)| is_of_documents(file));
        let found: String = found.map(|(file, bytes)| format!("{}  {file}\n", digest(bytes))).collect();
        assert_eq!(found, listed, "what changes needs a new number beside the old one");
    }

    #[test]
    fn every_declaration_is_explained() {
        for (file, bytes) in XSD {
            let lines: Vec<&str> = std::str::from_utf8(bytes).unwrap().lines().map(str::trim).collect();
            for pair in lines.windows(2) {
                let declares = [
                    "<xs:element name=",
                    "<xs:attribute ",
                    "<xs:simpleType name=",
                    "<xs:complexType name=",
                    "<xs:enumeration ",
                ];
                if declares.iter().any(|start| pair[0].starts_with(start)) {
                    assert_eq!(pair[1], "<xs:annotation>", "{file}: {}", pair[0]);
                }
            }
        }
    }

    #[test]
    fn the_population_of_the_contract_cases_is_valid() {
        let schema = Schema::compile("paczka.xsd", XSD).unwrap();
        for name in names_on_disk("tests/contract/populacja", ".xml") {
            let bytes = fs::read(format!("tests/contract/populacja/{name}.xml")).unwrap();
            let document = Document::parse(&bytes, &Limits::default()).unwrap();
            assert_eq!(schema.validate(document.root(), document.root()), [], "{name}");
        }
    }

    #[test]
    fn every_operation_has_cases_of_a_reply_and_of_a_fault() {
        for (service, bytes) in WSDL {
            let text = std::str::from_utf8(bytes).unwrap();
            let (port_type, _) = text.split_once("</wsdl:portType>").unwrap();
            let mut operations: Vec<&str> = port_type
                .split(r#"<wsdl:operation name=""#)
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            operations.sort_unstable();
            assert_eq!(names_on_disk(&format!("tests/contract/{service}"), ""), operations, "{service}");
            for operation in operations {
                let folder = format!("tests/contract/{service}/{operation}");
                let cases = names_on_disk(&folder, "");
                for outcome in ["reply.xml", "fault.xml"] {
                    let has = |case: &String| fs::exists(format!("{folder}/{case}/{outcome}")).unwrap();
                    assert!(cases.iter().any(has), "{folder}: no case with {outcome}");
                }
            }
        }
    }
}
