//! The bytes of an entry: a format byte and the canonical XML of `r:Wpis`, written once and never changed (rule 3.1).

use chrono::{DateTime, SecondsFormat, Utc};
use openssl::sha::Sha256;

use super::entry::{BatchSummary, Draft};
use crate::xml::{QName, R, W, Writer};

/// First byte of every entry: which format the rest has.
pub const FORMAT: u8 = 0x01;

/// RFC 6962 §2.1: a leaf is hashed with this byte in front, an inner node with another.
const LEAF: u8 = 0x00;

/// Where an entry stands in its register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1, without gaps.
    pub number: u64,
    /// From 1; the next one begins after a restored database was noticed (rule 3.5).
    pub epoch: u64,
    /// Never earlier than that of the entry before; whole microseconds.
    pub time: DateTime<Utc>,
    /// The entry answers a retry of a request that already has an entry (rule 2.3).
    pub repeat: bool,
}

/// A person's part after sealing: nothing in it tells who the person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPart {
    /// Binds the ciphertext to one key, so that nobody can later show another text under another key (rule 3.6).
    pub commitment: [u8; 32],
    pub sealed: Vec<u8>,
}

/// The entry's bytes as they are stored, hashed and proved.
#[must_use]
pub fn write_entry(draft: &Draft, position: Position, parts: &[SealedPart]) -> Vec<u8> {
    let sealed: usize = parts.iter().map(|part| part.sealed.len() / 3 * 4 + 256).sum();
    let mut out = Writer::with_capacity(2048 + sealed);
    out.apex(r("Wpis"), &[]);
    write_position(draft, position, &mut out);
    write_caller(draft, position.repeat, &mut out);
    write_question(draft, &mut out);
    write_answer(draft, &mut out);
    for part in parts {
        out.element(r("czesc"), |out| {
            out.base64_element(r("zobowiazanieKlucza"), &part.commitment);
            out.base64_element(r("tresc"), &part.sealed);
        });
    }
    out.close();
    formatted(out)
}

/// What was written, behind the format byte.
pub(super) fn formatted(out: Writer) -> Vec<u8> {
    let xml = out.into_bytes();
    let mut bytes = Vec::with_capacity(1 + xml.len());
    bytes.push(FORMAT);
    bytes.extend_from_slice(&xml);
    bytes
}

/// Hash of an entry as a leaf of the register's tree (RFC 6962 §2.1: SHA-256 of a zero byte and the leaf).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(&[LEAF]);
    hash.update(entry);
    hash.finish()
}

/// A time as the register writes it: UTC, always six decimals.
#[must_use]
pub fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

const fn r(local: &'static str) -> QName {
    R.name(local)
}

fn write_position(draft: &Draft, position: Position, out: &mut Writer) {
    out.text_element(r("numer"), &position.number.to_string());
    out.text_element(r("epoka"), &position.epoch.to_string());
    out.text_element(r("czas"), &time_text(position.time));
    out.text_element(r("idZdarzenia"), &draft.event.to_string());
    out.text_element(r("rodzaj"), draft.kind.wire());
    out.text_element(r("administrator"), &draft.tenant);
}

fn write_caller(draft: &Draft, repeat: bool, out: &mut Writer) {
    optional(r("idZadania"), draft.request.as_deref(), out);
    if repeat {
        out.text_element(r("powtorzenie"), "true");
    }
    optional(r("jednostka"), draft.unit.as_deref(), out);
    optional(r("system"), draft.system.as_deref(), out);
    optional(r("uzytkownik"), draft.user.as_deref(), out);
    for group in &draft.groups {
        out.text_element(r("grupa"), group);
    }
    if let Some(certificate) = &draft.certificate {
        out.base64_element(r("skrotCertyfikatu"), certificate);
    }
}

fn write_question(draft: &Draft, out: &mut Writer) {
    optional(r("zbior"), draft.set.as_deref(), out);
    optional(r("podstawaPrawna"), draft.basis.as_deref(), out);
    write_scope(r("zakresZadany"), &draft.asked, out);
    write_scope(r("zakresUdzielony"), &draft.granted, out);
}

fn write_answer(draft: &Draft, out: &mut Writer) {
    optional(r("wynik"), draft.outcome.as_deref(), out);
    optional(r("kod"), draft.code, out);
    optional(r("numerStanu"), draft.state.map(|state| state.to_string()).as_deref(), out);
    optional(r("stanNa"), draft.as_of.map(|day| day.format("%Y-%m-%d").to_string()).as_deref(), out);
    optional(r("generacjaUprawnien"), draft.rights_generation.map(|generation| generation.to_string()).as_deref(), out);
    if let Some(batch) = &draft.batch {
        write_batch(batch, out);
    }
    optional(r("powod"), draft.reason.as_deref(), out);
    if let Some(former) = &draft.former {
        out.element(r("poprzedniaGlowa"), |out| {
            out.text_element(r("epoka"), &former.epoch.to_string());
            out.text_element(r("rozmiar"), &former.size.to_string());
            out.base64_element(r("korzen"), &former.root);
        });
    }
    if let Some(removed) = &draft.removed {
        out.element(r("usunieteWpisy"), |out| {
            out.text_element(r("od"), &removed.first.to_string());
            out.text_element(r("do"), &removed.last.to_string());
        });
    }
    optional(r("kluczeAdministratora"), draft.keys_of.as_deref(), out);
}

fn write_scope(name: QName, leaves: &[String], out: &mut Writer) {
    if leaves.is_empty() {
        return;
    }
    out.element(name, |out| {
        for leaf in leaves {
            out.text_element(W.name("pozycja"), leaf);
        }
    });
}

fn write_batch(batch: &BatchSummary, out: &mut Writer) {
    out.element(r("paczka"), |out| {
        out.text_element(r("idPaczki"), &batch.batch.to_string());
        out.text_element(r("oznaczenie"), &batch.mark);
        let counts = [
            ("liczbaOsob", batch.persons),
            ("zapisano", batch.written),
            ("usunieto", batch.removed),
            ("bezZmian", batch.unchanged),
            ("odrzucono", batch.refused),
            ("ostrzezen", batch.warnings),
        ];
        for (name, count) in counts {
            out.text_element(r(name), &count.to_string());
        }
    });
}

fn optional(name: QName, value: Option<&str>, out: &mut Writer) {
    if let Some(value) = value {
        out.text_element(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::XSD;
    use crate::ledger::{EventKind, FormerHead, Span, parse_entry, read_entry, readable_fields};
    use crate::xml::{Method, Schema, canonical_bytes};
    use uuid::Uuid;

    fn position() -> Position {
        let time = DateTime::from_timestamp_micros(1_763_640_000_000_007).unwrap();
        Position { number: 7, epoch: 1, time, repeat: true }
    }

    fn full() -> (Draft, Vec<SealedPart>) {
        let draft = Draft {
            request: Some("6F1C2A54-0d3e-4b7a-9a51-2c8f6e0b7d10".to_owned()),
            unit: Some("OPS-BUSKO".to_owned()),
            system: Some("pomoc".to_owned()),
            user: Some("ops1".to_owned()),
            groups: vec!["urzednicy".to_owned(), "kierownicy".to_owned()],
            certificate: Some([5; 32]),
            set: Some("PUP-BUSKO/ewidencja".to_owned()),
            basis: Some("UPS-105".to_owned()),
            asked: vec!["1.1".to_owned(), "2.1.1".to_owned()],
            granted: vec!["1.1".to_owned()],
            outcome: Some("ZNALEZIONO".into()),
            state: Some(3),
            as_of: "2025-11-20".parse().ok(),
            rights_generation: Some(12),
            ..Draft::new(Uuid::from_u128(1), EventKind::Disclosure, "PUP-BUSKO")
        };
        let part = SealedPart { commitment: [1; 32], sealed: vec![2; 600] };
        (draft, vec![part.clone(), part])
    }

    fn minimal() -> Draft {
        Draft::new(Uuid::from_u128(2), EventKind::Refusal, "platforma")
    }

    fn epoch() -> Draft {
        Draft {
            reason: Some("odtworzono z kopii".to_owned()),
            former: Some(FormerHead { epoch: 1, size: 9, root: [4; 32] }),
            ..Draft::new(Uuid::from_u128(4), EventKind::EpochOpened, "OPS-BUSKO")
        }
    }

    fn removal() -> Draft {
        Draft {
            reason: Some("upłynął okres przechowywania".to_owned()),
            removed: Some(Span { first: 1, last: 6 }),
            keys_of: Some("OPS-BUSKO".to_owned()),
            ..Draft::new(Uuid::from_u128(5), EventKind::EntriesRemoved, "PUP-BUSKO")
        }
    }

    fn feed() -> Draft {
        let batch = BatchSummary {
            batch: Uuid::from_u128(9),
            mark: "OPS-2025-11-20-01".to_owned(),
            persons: 2,
            written: 1,
            refused: 1,
            ..BatchSummary::default()
        };
        Draft { batch: Some(batch), ..Draft::new(Uuid::from_u128(3), EventKind::Feed, "OPS-BUSKO") }
    }

    #[track_caller]
    fn check(draft: &Draft, parts: &[SealedPart]) {
        let bytes = write_entry(draft, position(), parts);
        let document = parse_entry(&bytes).unwrap();
        let entry = document.root();
        let schema = Schema::compile("rejestr.xsd", XSD).unwrap();
        let violations: Vec<_> =
            schema.validate(entry, entry).into_iter().map(|found| (found.path, found.text)).collect();
        assert_eq!(violations, []);
        assert_eq!(
            canonical_bytes(entry, Method::Exclusive).unwrap(),
            bytes[1..],
            "the bytes are their own canonical form"
        );
        let head = read_entry(entry).unwrap();
        assert_eq!((head.number, head.epoch, head.time, head.repeat), (7, 1, position().time, true));
        assert_eq!(
            (head.event, head.kind.as_str(), head.tenant),
            (draft.event, draft.kind.wire(), draft.tenant.clone())
        );
        assert_eq!((head.parts, head.removed), (parts.len(), draft.removed));
    }

    #[test]
    fn every_entry_is_canonical_fits_the_schema_and_reads_back() {
        let (draft, parts) = full();
        check(&draft, &parts);
        check(&minimal(), &[]);
        check(&feed(), &[]);
        check(&epoch(), &[]);
        check(&removal(), &[]);
        for kind in EventKind::ALL {
            check(&Draft { kind: *kind, ..minimal() }, &[]);
        }
    }

    #[test]
    fn the_bytes_of_an_entry_are_fixed() {
        let bytes = write_entry(&minimal(), position(), &[]);
        let text = "\u{1}<r:Wpis xmlns:r=\"urn:brama:rejestr:1\"><r:numer>7</r:numer><r:epoka>1</r:epoka>\
            <r:czas>2025-11-20T12:00:00.000007Z</r:czas><r:idZdarzenia>00000000-0000-0000-0000-000000000002</r:idZdarzenia>\
            <r:rodzaj>ODMOWA</r:rodzaj><r:administrator>platforma</r:administrator><r:powtorzenie>true</r:powtorzenie></r:Wpis>";
        assert_eq!(String::from_utf8(bytes).unwrap(), text);
    }

    #[test]
    fn a_leaf_is_hashed_as_rfc_6962_says() {
        // RFC 6962's test vector for a leaf without bytes.
        let expected = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        let hash: String = leaf_hash(b"").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, expected);
    }

    #[test]
    fn what_is_shown_of_an_entry_is_its_readable_part() {
        let (draft, parts) = full();
        let document = parse_entry(&write_entry(&draft, position(), &parts)).unwrap();
        let fields = readable_fields(document.root());
        let value = |name: &str| {
            fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(value("grupa"), ["urzednicy", "kierownicy"]);
        assert_eq!(value("zakresZadany/pozycja"), ["1.1", "2.1.1"]);
        assert!(fields.iter().all(|(field, _)| !field.contains("czesc") && !field.contains("tresc")));
    }

    #[test]
    fn another_format_or_a_broken_entry_is_an_error() {
        let mut bytes = write_entry(&minimal(), position(), &[]);
        assert!(parse_entry(&bytes[1..]).is_err());
        assert!(parse_entry(&bytes[..bytes.len() - 1]).is_err());
        assert!(parse_entry(&[]).is_err());
        bytes[0] = 2;
        assert!(parse_entry(&bytes).is_err());
    }
}
