//! The published contract as it stands in `xsd/` and `wsdl/`, embedded; nothing here reads or changes it.

macro_rules! schemas {
    ($($file:literal),+ $(,)?) => { &[$(($file, include_bytes!(concat!("../xsd/", $file)))),+] };
}

macro_rules! services {
    ($($name:literal),+ $(,)?) => { &[$(($name, include_bytes!(concat!("../wsdl/", $name, ".wsdl")))),+] };
}

/// Every schema under its file name, in the order of names; served as `/xsd/<file name>`.
pub const XSD: &[(&str, &[u8])] = schemas![
    "beneficjent.xsd",
    "osoba.xsd",
    "paczka.xsd",
    "ps-udostepniona.xsd",
    "ps.xsd",
    "pup-udostepniona.xsd",
    "pup.xsd",
    "rejestr.xsd",
    "sr-udostepniona.xsd",
    "sr.xsd",
    "udostepnianie.xsd",
    "wspolne.xsd",
    "zasilanie.xsd",
];

/// Every service's description under the service's name; served as `/ws/<name>?wsdl`.
///
/// The `wsdl:documentation` of an operation holds one line `Kody: A, B, C.` with the fault codes that it may give.
pub const WSDL: &[(&str, &[u8])] = services!["udostepnianie", "zasilanie"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;
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

    #[test]
    fn every_file_of_the_contract_is_embedded() {
        let embedded = |list: &[(&str, &[u8])]| list.iter().map(|(name, _)| name.trim_end_matches(".xsd").to_owned()).collect::<Vec<_>>();
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
}
