//! What holds for every document that can be written, and for every text that is no document.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use super::samples::{RECORD, RECORD_SR, day, moment, pdf, zaswiadczenie};
use super::{forms, parse, written};
use crate::documents::forms::*;
use crate::subjects::IdentificationFields;
use crate::xml::{Method, canonical_bytes};

/// A text of one line as `xs:token` leaves it: letters of many kinds and everything that XML escapes.
fn line() -> impl Strategy<Value = String> {
    vec("[a-zA-ZąęłŻ0-9&<>\"'\\]\u{a0}\u{2028}\u{85}\u{10FFFF}\u{fffd}.,/-]{1,9}", 1..5)
        .prop_map(|words| words.join(" "))
}

/// A text whose lines matter.
fn lines() -> impl Strategy<Value = String> {
    vec("[a-zA-ZąŻ&<>\r\n\t\"' ]{0,12}", 1..5).prop_map(|pieces| format!("{}a", pieces.concat()))
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<[u8; 16]>().prop_map(Uuid::from_bytes)
}

fn a_day() -> impl Strategy<Value = chrono::NaiveDate> {
    (0..60_000_u64).prop_map(|days| day("1870-01-01") + chrono::Days::new(days))
}

fn a_moment() -> impl Strategy<Value = chrono::DateTime<chrono::FixedOffset>> {
    (0..4_000_000_000_i64, 0..1_000_000_i64, -14 * 60..14 * 60_i32).prop_map(|(seconds, micros, minutes)| {
        let offset = chrono::FixedOffset::east_opt(minutes * 60).expect("an offset");
        let start = moment("1970-01-01T00:00:00Z") + chrono::Duration::seconds(seconds);
        (start + chrono::Duration::microseconds(micros)).with_timezone(&offset)
    })
}

fn address() -> impl Strategy<Value = Address> {
    let some = || option::of(line());
    (some(), some(), some(), some(), some(), some(), some(), some()).prop_map(
        |(postal_code, post_office, place, street, building, flat, country, notes)| Address {
            postal_code,
            post_office,
            place,
            street,
            building,
            flat,
            country,
            notes,
        },
    )
}

fn unit() -> impl Strategy<Value = Unit> {
    (line(), option::of("[0-9]{10}"), option::of("[0-9]{9}"), "[A-Z0-9-]{1,20}", option::of(address()))
        .prop_map(|(name, nip, regon, id, address)| Unit { name, nip, regon, id, address })
}

fn person() -> impl Strategy<Value = Person> {
    let pesel = option::of(Just("85831541742".to_owned()));
    (pesel, line(), option::of(line()), line(), option::of(line()), option::of(address())).prop_map(
        |(pesel, given_name, second_name, surname, second_surname, address)| Person {
            pesel,
            given_name,
            second_name,
            surname,
            second_surname,
            address,
        },
    )
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![unit().prop_map(Party::Unit), person().prop_map(Party::Person)]
}

fn header(
    sender: impl Strategy<Value = Party>,
    addressee: impl Strategy<Value = Party>,
) -> impl Strategy<Value = Header> {
    (uuid(), a_moment(), line(), line(), addressee, sender).prop_map(
        |(id, created, title, description, addressee, sender)| Header {
            id,
            created,
            title,
            description,
            addressee,
            sender,
        },
    )
}

fn attachments() -> impl Strategy<Value = Vec<Attachment>> {
    let inside = (lines(), option::of(line())).prop_map(|(text, about)| (Some(text.into_bytes()), about));
    let outside = option::of(line()).prop_map(|about| (None, about));
    (vec(prop_oneof![inside, outside], 0..4), any::<[u8; 15]>()).prop_map(|(files, seed)| {
        let named = files.into_iter().zip(0_u8..).map(|((content, about), number)| {
            let name = format!("plik żółty  {number}.txt");
            let mut id = [number; 16];
            id[..15].copy_from_slice(&seed);
            let file = StoredFile { id: Uuid::from_bytes(id), size: u64::from(number), sha256: [number; 32] };
            match content {
                Some(content) => Attachment::inline(&name, content, about),
                None => Attachment::stored(&name, file, about),
            }
        });
        named.map(|one| one.expect("a sound attachment")).collect()
    })
}

/// A name: more than white space, also where white space is not only what XML takes for it.
fn name() -> impl Strategy<Value = String> {
    line().prop_map(|text| format!("Ż{text}"))
}

fn asked_person() -> impl Strategy<Value = IdentificationFields> {
    let pesel = name().prop_map(|surname| IdentificationFields {
        surname: Some(surname),
        pesel: Some("85831541742".to_owned()),
        ..IdentificationFields::default()
    });
    let name = (name(), name(), a_day()).prop_map(|(surname, given_name, born)| IdentificationFields {
        surname: Some(surname),
        given_name: Some(given_name),
        birth_date: Some(born.to_string()),
        ..IdentificationFields::default()
    });
    let document = Just(IdentificationFields {
        document_kind: Some("DOWOD".to_owned()),
        document_number: Some("ABA300000".to_owned()),
        ..IdentificationFields::default()
    });
    prop_oneof![pesel, name, document]
}

fn wniosek() -> impl Strategy<Value = Form> {
    let scope = prop::sample::subsequence(vec!["1", "1.2", "2.1.1", "2.1.2", "3", "4.1"], 1..6);
    let period =
        option::of((a_day(), 0..1000_u64).prop_map(|(from, days)| Period { from, to: from + chrono::Days::new(days) }));
    let some = || option::of(line());
    let texts =
        (some(), line(), some(), option::of(uuid()), option::of("[A-Z0-9-]{3,9}".prop_map(|id| format!("A{id}"))));
    (any::<bool>(), header(party(), unit().prop_map(Party::Unit)), texts, scope, asked_person(), period, attachments())
        .prop_map(
            |(
                wants_data,
                header,
                (justification, purpose, matter, supplements, template),
                scope,
                person,
                period,
                attachments,
            )| {
                let may_have_data = header.sender.unit_id().is_some();
                let kind = if wants_data && may_have_data { RequestKind::Disclosure } else { RequestKind::Certificate };
                Form::Wniosek(Wniosek {
                    header,
                    kind,
                    legal_basis: "UPS-105".to_owned(),
                    justification,
                    purpose,
                    set: "PUP-BUSKO/ewidencja".to_owned(),
                    scope: scope.into_iter().map(str::to_owned).collect(),
                    person,
                    period,
                    template,
                    matter,
                    supplements,
                    attachments,
                })
            },
        )
}

fn issued() -> impl Strategy<Value = Form> {
    let one = Just(vec![IssuedRecord { role: None, bytes: RECORD.into() }]);
    let several = vec(prop::sample::select(vec!["PODMIOT", "DZIECKO"]), 0..3).prop_map(|roles| {
        let record = |role: &str| IssuedRecord { role: Some(role.to_owned()), bytes: RECORD_SR.into() };
        roles.into_iter().map(record).collect::<Vec<_>>()
    });
    let head = header(unit().prop_map(Party::Unit), party());
    let more = (1..9_u32, any::<[u8; 32]>(), line(), line(), line());
    (any::<bool>(), head, uuid(), line(), a_day(), prop_oneof![one, several], more, attachments()).prop_map(
        |(
            certifies,
            header,
            request,
            matter,
            as_of,
            records,
            (version, sha256, given_name, surname, position),
            others,
        )| {
            let template = TemplateRef { id: "PUP-OKRESY".to_owned(), version, sha256 };
            Form::Zaswiadczenie(Zaswiadczenie {
                header,
                kind: if certifies { IssueKind::Certificate } else { IssueKind::Information },
                request,
                matter,
                as_of,
                template,
                records,
                issuer: Issuer { given_name, surname, position },
                attachments: std::iter::once(pdf()).chain(others).collect(),
                ..zaswiadczenie()
            })
        },
    )
}

fn refused() -> impl Strategy<Value = Form> {
    let head = header(unit().prop_map(Party::Unit), party());
    let complaint = option::of(line().prop_map(|body| Complaint { days: 7, body }));
    (head, uuid(), (line(), line(), line(), line(), line()), (lines(), lines(), lines()), complaint, attachments())
        .prop_map(
            |(
                header,
                request,
                (matter, body, party, legal_basis, ruling),
                (facts, law, instruction),
                complaint,
                attachments,
            )| {
                Form::Odmowa(Odmowa {
                    header,
                    kind: if complaint.is_some() { RefusalKind::Ruling } else { RefusalKind::Letter },
                    request,
                    matter,
                    body,
                    party,
                    legal_basis,
                    ruling,
                    facts,
                    law,
                    instruction,
                    complaint,
                    attachments,
                })
            },
        )
}

fn letter() -> impl Strategy<Value = Form> {
    let head = header(unit().prop_map(Party::Unit), party());
    (head, uuid(), option::of(line()), option::of(line()), lines(), option::of(7..365_u32), attachments()).prop_map(
        |(header, request, matter, legal_basis, text, days, attachments)| {
            let kind = if days.is_some() { LetterKind::Call } else { LetterKind::Return };
            Form::Pismo(Pismo { header, kind, request, matter, legal_basis, text, days, attachments })
        },
    )
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![wniosek(), issued(), refused(), letter()]
}

const SIGNATURE: &str = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo/></ds:Signature>";

proptest! {
    #[test]
    fn what_is_written_is_read_back_the_same_and_written_the_same(form in form()) {
        let bytes = written(&form);
        let document = parse(&bytes).expect("XML");
        let back = forms().read(&document).expect("valid");
        prop_assert!(back == form, "{}", String::from_utf8_lossy(&bytes));
        prop_assert!(canonical_bytes(document.root(), Method::Exclusive).expect("canonical") == bytes);
        prop_assert!(written(&back) == bytes);
    }

    #[test]
    fn signatures_are_all_that_the_digest_does_not_see(form in form(), count in 1..3_usize, place in any::<prop::sample::Index>()) {
        let bytes = written(&form);
        let digest = |bytes: &[u8]| parse(bytes).ok().and_then(|document| content_digest(&document).ok());
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        let (start, end) = text.rsplit_once("</").expect("an end");
        let signed = format!("{start}{}</{end}", SIGNATURE.repeat(count));
        prop_assert!(digest(&bytes).is_some());
        prop_assert_eq!(digest(signed.as_bytes()), digest(&bytes));
        let mut changed = bytes.clone();
        // One letter or digit becomes another: whatever it belongs to, nothing else has this digest.
        let plain: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphanumeric()).collect();
        let at = plain[place.index(plain.len())];
        changed[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        prop_assert_ne!(digest(&changed), digest(&bytes));
    }

    #[test]
    fn a_document_broken_at_random_is_read_or_refused(form in form(), place in any::<prop::sample::Index>(), length in 0..40_usize, piece in "[<>&/\"' a-z0-9:=]{0,6}") {
        let text = String::from_utf8(written(&form)).expect("UTF-8");
        let mut signs: Vec<char> = text.chars().collect();
        let start = place.index(signs.len());
        let end = (start + length).min(signs.len());
        signs.splice(start..end, piece.chars());
        let broken: String = signs.into_iter().collect();
        if let Ok(document) = parse(broken.as_bytes()) {
            let _ = Metadata::read(document.root());
            if let Ok(read) = forms().read(&document) {
                // Whatever was taken can be written, and is the same again.
                prop_assert!(forms().read(&parse(&written(&read)).expect("XML")).expect("valid") == read);
            }
        }
    }

    #[test]
    fn a_receipt_comes_back_the_same(
        number in 1..u64::MAX, parties in (line(), line()), times in (a_moment(), a_moment()), document in uuid(), received in any::<[u8; 32]>(), number_of_file in 0..9_u8,
    ) {
        let party = |name: &str, unit: &str| ReceiptParty { name: name.to_owned(), unit: unit.to_owned() };
        let receipt = Upp {
            number,
            addressee: party(&parties.0, "PUP-BUSKO"),
            sender: party(&parties.1, "OPS-BUSKO"),
            delivered: times.0,
            issued: times.1,
            document: document.to_string(),
            received,
            mailbox: Upp::own_box("PUP-BUSKO"),
            file_name: format!("wniosek  {number_of_file}.xml"),
        };
        let bytes = forms().write_receipt(&receipt).expect("a receipt");
        prop_assert_eq!(forms().read_receipt(&parse(&bytes).expect("XML")).expect("valid"), receipt);
    }
}
