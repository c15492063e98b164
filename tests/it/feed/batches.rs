//! Batch files of made-up persons of the nineteenth century, whole or broken in one of many ways.

use std::fmt::Write as _;

/// The set that is fed.
pub const SET: &str = "OPS-BUSKO/pomoc";

/// One person of social assistance; `number` makes everything about it its own.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub surname: String,
    pub birth_date: String,
    pub pesel: String,
    pub status: String,
}

impl Person {
    pub fn number(number: u32) -> Self {
        let (year, month, day) = (1800 + number % 100, 1 + number / 100 % 12, 1 + number / 1200 % 28);
        let serial = number / 33_600 * 10 + 1;
        Self {
            id: format!("PS-{number}"),
            surname: format!("{}-Testowy", letters(number)),
            birth_date: format!("{year}-{month:02}-{day:02}"),
            pesel: pesel(&format!("{:02}{:02}{day:02}{serial:04}", year % 100, month + 80)),
            status: "bez zmian".to_owned(),
        }
    }

    /// The `Osoba` that writes this person, on one line.
    pub fn written(&self) -> String {
        format!("<z:Osoba idZrodlowe=\"{}\" operacja=\"zapis\">{}</z:Osoba>\n", self.id, self.record())
    }

    pub fn record(&self) -> String {
        format!(
            "<b:OsobaPS><b:daneOsobowe><b:nazwisko>{}</b:nazwisko><b:imie>Jan</b:imie><b:pesel>{}</b:pesel>\
             <b:dataUrodzenia>{}</b:dataUrodzenia><b:plec>M</b:plec></b:daneOsobowe><b:informacjeOgolne>\
             <b:zarejestrowana>true</b:zarejestrowana><b:status>{}</b:status></b:informacjeOgolne></b:OsobaPS>",
            self.surname, self.pesel, self.birth_date, self.status
        )
    }

    /// The `Osoba` that takes this person out.
    pub fn removed(&self) -> String {
        format!("<z:Osoba idZrodlowe=\"{}\" operacja=\"usuniecie\"/>\n", self.id)
    }
}

/// A batch file; `items` are its `Osoba`, one a line, the first on line 2.
pub fn file(mark: &str, attributes: &str, items: &[String]) -> Vec<u8> {
    let mut text = String::new();
    write!(
        text,
        "<z:Paczka xmlns:z=\"urn:brama:zasilanie:1\" xmlns:b=\"urn:brama:beneficjent:1\" oznaczenie=\"{mark}\" zbior=\"{SET}\" \
         stanNa=\"1899-12-31\" liczbaOsob=\"{}\" {attributes}>\n{}</z:Paczka>\n",
        items.len(),
        items.concat()
    )
    .expect("a text");
    text.into_bytes()
}

/// Persons number `from` to `to - 1`, written.
pub fn written(from: u32, to: u32) -> Vec<String> {
    (from..to).map(|number| Person::number(number).written()).collect()
}

/// Thirty-seven ways to be broken, with the codes that name them; each is one line of a file.
pub fn broken(number: u32, way: u32) -> (String, &'static [&'static str]) {
    let person = Person::number(number);
    let good = person.written();
    let swap = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    let schema: &[&str] = &["NIEZGODNY_ZE_SCHEMATEM"];
    let birth = format!("<b:dataUrodzenia>{}</b:dataUrodzenia>", person.birth_date);
    let sex = "<b:plec>M</b:plec>";
    let end = "</b:OsobaPS>";
    let benefit =
        |inside: &str| swap(end, &format!("<b:swiadczenie><b:nazwa>zasiłek</b:nazwa>{inside}</b:swiadczenie>{end}"));
    let document = |kind: &str, number: &str| {
        let text = format!(
            "<b:dokumentTozsamosci><b:rodzaj>{kind}</b:rodzaj><b:numer>{number}</b:numer></b:dokumentTozsamosci>{sex}"
        );
        swap(sex, &text)
    };
    let address = |inside: &str| swap("</b:daneOsobowe>", &format!("<b:adres>{inside}</b:adres></b:daneOsobowe>"));
    match way {
        0 => (swap("<b:imie>Jan</b:imie>", ""), schema),
        1 => (swap("<b:imie>Jan</b:imie>", "<b:imie></b:imie>"), schema),
        2 => (swap(&birth, ""), schema),
        3 => (swap(&birth, "<b:dataUrodzenia>1871-02-30</b:dataUrodzenia>"), schema),
        4 => (swap(&birth, "<b:dataUrodzenia>1871-02-03Z</b:dataUrodzenia>"), schema),
        5 => (swap(&person.pesel, "123"), schema),
        6 => (swap(&person.pesel, &wrong_check_digit(&person.pesel)), &["PESEL_NIEPOPRAWNY"]),
        7 => (swap(sex, "<b:plec>X</b:plec>"), schema),
        8 => (swap(sex, "<b:plec xml:id=\"a\">M</b:plec>"), schema),
        9 => (swap(sex, "<b:plec>M</b:plec><b:stanCywilny>NIEZNANY</b:stanCywilny>"), schema),
        10 => (swap("<b:zarejestrowana>true</b:zarejestrowana>", "<b:zarejestrowana>1</b:zarejestrowana>"), schema),
        11 => (swap("<b:zarejestrowana>true</b:zarejestrowana>", ""), schema),
        12 => (swap("<b:daneOsobowe>", "<b:daneOsobowe>tekst"), schema),
        13 => (swap(end, &format!("<b:nieznany>1</b:nieznany>{end}")), schema),
        14 => (swap(end, &format!("<x:obcy xmlns:x=\"urn:obce\"/>{end}")), schema),
        15 => (benefit(""), schema),
        16 => (benefit("<b:dataPoczatkowa>1899-05-01</b:dataPoczatkowa><b:kwotaBrutto>1,00</b:kwotaBrutto>"), schema),
        17 => (benefit("<b:dataPoczatkowa>1899-05-01</b:dataPoczatkowa><b:kwotaBrutto>-1.00</b:kwotaBrutto>"), schema),
        18 => (
            benefit("<b:dataPoczatkowa>1899-05-01</b:dataPoczatkowa><b:dataKoncowa>1899-04-30</b:dataKoncowa>"),
            &["OKRES_NIEPOPRAWNY"],
        ),
        19 => (document("DOWOD", "ABC000000"), &["NUMER_DOKUMENTU_NIEPOPRAWNY"]),
        20 => (document("LEGITYMACJA", "ABC000000"), schema),
        21 => (document("DOWOD", ""), schema),
        22 => (address("<b:rodzaj>ZAMIESZKANIA</b:rodzaj><b:miejscowosc>Busko</b:miejscowosc>"), schema),
        23 => (
            address(
                "<b:rodzaj>ZAMIESZKANIA</b:rodzaj><b:kodPocztowy>28100</b:kodPocztowy><b:miejscowosc>Busko</b:miejscowosc><b:nrDomu>1</b:nrDomu>",
            ),
            schema,
        ),
        24 => {
            (address("<b:rodzaj>DOMOWY</b:rodzaj><b:miejscowosc>Busko</b:miejscowosc><b:nrDomu>1</b:nrDomu>"), schema)
        }
        25 => {
            let home = "<b:rodzaj>ZAMIESZKANIA</b:rodzaj><b:miejscowosc>Busko</b:miejscowosc><b:nrDomu>1</b:nrDomu>";
            (address(&format!("{home}</b:adres><b:adres>{home}")), schema)
        }
        26 => (format!("<z:Osoba idZrodlowe=\"{}\" operacja=\"zapis\"/>\n", person.id), &["BRAK_REKORDU"]),
        27 => (swap("zapis", "usuniecie"), &["REKORD_ZBEDNY"]),
        28 => (swap("zapis", "zmiana"), schema),
        29 => (swap("operacja=\"zapis\"", "operacja=\"zapis\" uwagi=\"x\""), schema),
        30 => (swap(&format!("idZrodlowe=\"{}\"", person.id), "idZrodlowe=\" \""), schema),
        31 => (good.replace("OsobaPS", "OsobaPUP"), &["RODZAJ_NIEZGODNY"]),
        32 => (swap("</z:Osoba>", &format!("{}</z:Osoba>", person.record())), schema),
        33 => (swap("<b:OsobaPS>", "tekst<b:OsobaPS>"), schema),
        34 => (good.replace("b:OsobaPS", "z:OsobaPS"), schema),
        35 => (
            swap(
                "<b:nazwisko>",
                "<b:nazwisko xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\">",
            ),
            schema,
        ),
        36 => (swap(&person.surname, &"N".repeat(101)), schema),
        _ => unreachable!("there are 37 ways"),
    }
}

fn letters(number: u32) -> String {
    let mut left = number;
    let mut name = String::from("Ż");
    loop {
        name.push(char::from(b'a' + u8::try_from(left % 26).expect("a letter")));
        left /= 26;
        if left == 0 {
            return name;
        }
    }
}

/// The eleven digits that begin with these ten.
fn pesel(ten: &str) -> String {
    let weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];
    let sum: u32 = ten.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{ten}{}", (10 - sum % 10) % 10)
}

fn wrong_check_digit(pesel: &str) -> String {
    let (ten, last) = pesel.split_at(10);
    format!("{ten}{}", (last.parse::<u32>().expect("a digit") + 1) % 10)
}
