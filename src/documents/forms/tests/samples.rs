//! One good document of each form; all persons are invented.

use chrono::{DateTime, FixedOffset, NaiveDate};
use uuid::Uuid;

use super::super::*;
use crate::subjects::IdentificationFields;

pub fn text(text: &str) -> String {
    text.to_owned()
}

pub fn moment(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a moment")
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub fn id(last: u8) -> Uuid {
    Uuid::from_bytes([0x52, 0xd7, 0xa9, 0xc0, 0x1b, 0x6e, 0x4f, 0x0d, 0x8e, 0x3a, 0x7c, 0x5f, 0x1e, 0x2d, 0x3b, last])
}

pub fn ops() -> Unit {
    Unit {
        name: text("Ośrodek Pomocy Społecznej w Busku-Zdroju"),
        nip: Some(text("0000000017")),
        regon: Some(text("000000017")),
        id: text("OPS-BUSKO"),
        address: Some(Address::line("ul. Kościuszki 2a, 28-100 Busko-Zdrój")),
    }
}

pub fn pup() -> Unit {
    Unit {
        name: text("Powiatowy Urząd Pracy w Busku-Zdroju"),
        nip: None,
        regon: None,
        id: text("PUP-BUSKO"),
        address: Some(Address {
            postal_code: Some(text("28-100")),
            post_office: Some(text("Busko-Zdrój")),
            place: Some(text("Busko-Zdrój")),
            street: Some(text("Różana")),
            building: Some(text("2")),
            flat: Some(text("3")),
            country: Some(text("Polska")),
            notes: Some(text("wejście od „podwórza” & schodów <A>")),
        }),
    }
}

pub fn desk_person() -> Person {
    Person {
        pesel: Some(text("85831541742")),
        given_name: text("Żaneta"),
        second_name: Some(text("Ćwikła")),
        surname: text("Łąkowa"),
        second_surname: Some(text("Testowa")),
        address: Some(Address::line("ul. Polna 1, 28-100 Busko-Zdrój")),
    }
}

fn header(last: u8, title: &str, sender: Party, addressee: Party) -> Header {
    Header {
        id: id(last),
        created: moment("2026-11-20T10:15:30+01:00"),
        title: text(title),
        description: format!("{title} w sprawie świadczenia"),
        addressee,
        sender,
    }
}

pub fn person() -> IdentificationFields {
    IdentificationFields {
        surname: Some(text("Łąkowa-Testowa")),
        pesel: Some(text("85831541742")),
        ..IdentificationFields::default()
    }
}

pub fn pdf() -> Attachment {
    Attachment::inline("zaswiadczenie.pdf", b"%PDF-1.7\n% \xC4\x85\n%%EOF\n".to_vec(), Some(text("Postać do druku")))
        .expect("a PDF")
}

pub fn far() -> Attachment {
    let file = StoredFile::of(id(0xF1), &vec![b'a'; 3 << 20]);
    Attachment::stored("dowody żółte.txt", file, None).expect("a file outside")
}

pub fn wniosek() -> Wniosek {
    Wniosek {
        header: header(1, "Wniosek o udostępnienie danych", Party::Unit(ops()), Party::Unit(pup())),
        kind: RequestKind::Disclosure,
        legal_basis: text("UPS-105"),
        justification: Some(text("Ustalenie prawa do zasiłku; <pilne> & ważne")),
        purpose: text("wywiad środowiskowy"),
        set: text("PUP-BUSKO/ewidencja"),
        scope: vec![text("1"), text("2.1.1"), text("2.3")],
        person: person(),
        period: Some(Period { from: day("2026-01-01"), to: day("2026-10-31") }),
        template: Some(text("PUP-OKRESY")),
        matter: Some(text("OPS.5010.17.2026")),
        supplements: Some(id(9)),
        attachments: vec![Attachment::inline("zgoda.txt", "zgoda wnioskodawcy\n".into(), None).expect("text"), far()],
    }
}

/// What a person asks for at the desk of the office that answers.
pub fn desk_wniosek() -> Wniosek {
    Wniosek {
        header: header(2, "Wniosek o wydanie zaświadczenia", Party::Person(desk_person()), Party::Unit(pup())),
        kind: RequestKind::Certificate,
        legal_basis: text("KPA-217"),
        justification: None,
        purpose: text("do przedłożenia w banku"),
        set: text("PUP-BUSKO/ewidencja"),
        scope: vec![text("2.1.1")],
        person: person(),
        period: None,
        template: None,
        matter: None,
        supplements: None,
        attachments: vec![],
    }
}

pub const RECORD: &str = "<b:UdostepnionaPUP xmlns:b=\"urn:brama:beneficjent:1\"><b:daneOsobowe><b:nazwisko>Łąkowa-Testowa</b:nazwisko></b:daneOsobowe></b:UdostepnionaPUP>";
pub const RECORD_SR: &str = "<b:UdostepnionaSR xmlns:b=\"urn:brama:beneficjent:1\"><b:podmiot><b:nazwisko>Łąkowa-Testowa</b:nazwisko></b:podmiot></b:UdostepnionaSR>";
const TEXT: &str = "<cz:Tresc xmlns:cz=\"urn:brama:wzor:czesci:1\"><cz:naglowek>Zaświadczenie</cz:naglowek><cz:akapit uklad=\"prawo\">Busko-Zdrój, 20 listopada 2026 r.</cz:akapit><cz:akapit>Zaświadcza się, że „A &amp; B” &lt;c&gt;.</cz:akapit></cz:Tresc>";

pub fn zaswiadczenie() -> Zaswiadczenie {
    Zaswiadczenie {
        header: header(3, "Zaświadczenie", Party::Unit(pup()), Party::Unit(ops())),
        kind: IssueKind::Certificate,
        request: id(1),
        matter: text("PUP.442.3.2026"),
        legal_basis: text("KPA-217"),
        as_of: day("2026-11-19"),
        template: TemplateRef { id: text("PUP-OKRESY"), version: 3, sha256: [7; 32] },
        records: vec![IssuedRecord { role: None, bytes: RECORD.into() }],
        text: TEXT.into(),
        issuer: Issuer { given_name: text("Jan"), surname: text("Urzędowy-Testowy"), position: text("inspektor") },
        attachments: vec![pdf()],
    }
}

pub fn odmowa() -> Odmowa {
    Odmowa {
        header: header(4, "Postanowienie", Party::Unit(pup()), Party::Person(desk_person())),
        kind: RefusalKind::Ruling,
        request: id(2),
        matter: text("PUP.442.4.2026"),
        body: text("Dyrektor Powiatowego Urzędu Pracy w Busku-Zdroju"),
        party: text("Żaneta Łąkowa-Testowa"),
        legal_basis: text("art. 219 Kodeksu postępowania administracyjnego"),
        ruling: text("odmawiam wydania zaświadczenia o żądanej treści"),
        facts: text("Wniosek wpłynął 20 listopada 2026 r.\nW ewidencji brak takich danych."),
        law: text("Organ potwierdza fakty z prowadzonej ewidencji."),
        instruction: text("Na postanowienie służy zażalenie w terminie 7 dni."),
        complaint: Some(Complaint { days: 7, body: text("Wojewoda Świętokrzyski") }),
        attachments: vec![],
    }
}

pub fn pismo() -> Pismo {
    Pismo {
        header: header(5, "Wezwanie", Party::Unit(pup()), Party::Unit(ops())),
        kind: LetterKind::Call,
        request: id(1),
        matter: Some(text("PUP.442.3.2026")),
        legal_basis: Some(text("art. 64 § 2 Kodeksu postępowania administracyjnego")),
        text: text("Proszę wskazać okres,\nktórego dotyczy wniosek."),
        days: Some(7),
        attachments: vec![],
    }
}

pub fn upp() -> Upp {
    let party = |unit: Unit| ReceiptParty::of(&Party::Unit(unit)).expect("a unit");
    Upp {
        number: 17,
        addressee: party(pup()),
        sender: party(ops()),
        delivered: moment("2026-11-20T10:16:02.123456+01:00"),
        issued: moment("2026-11-20T10:16:02.125+01:00"),
        document: id(1).to_string(),
        received: [0xA5; 32],
        mailbox: Upp::own_box("PUP-BUSKO"),
        file_name: text("wniosek  pierwszy.xml"),
    }
}

/// A document of each form, in each of its shapes.
pub fn all() -> Vec<(&'static str, Form)> {
    let informacja = Zaswiadczenie {
        kind: IssueKind::Information,
        records: ["PODMIOT", "DZIECKO"]
            .map(|role| IssuedRecord { role: Some(text(role)), bytes: RECORD_SR.into() })
            .into(),
        attachments: vec![pdf(), far()],
        ..zaswiadczenie()
    };
    let nobody = Zaswiadczenie { records: vec![], ..zaswiadczenie() };
    let letter = Odmowa {
        header: header(6, "Odmowa udostępnienia danych", Party::Unit(pup()), Party::Unit(ops())),
        kind: RefusalKind::Letter,
        request: id(1),
        complaint: None,
        ..odmowa()
    };
    let returned = Pismo { kind: LetterKind::Return, matter: None, legal_basis: None, days: None, ..pismo() };
    vec![
        ("wniosek", Form::Wniosek(wniosek())),
        ("wniosek-osoby", Form::Wniosek(desk_wniosek())),
        ("zaswiadczenie", Form::Zaswiadczenie(zaswiadczenie())),
        ("informacja", Form::Zaswiadczenie(informacja)),
        ("nie-figuruje", Form::Zaswiadczenie(nobody)),
        ("odmowa", Form::Odmowa(odmowa())),
        ("odmowa-pismo", Form::Odmowa(letter)),
        ("wezwanie", Form::Pismo(pismo())),
        ("zwrot", Form::Pismo(returned)),
    ]
}
