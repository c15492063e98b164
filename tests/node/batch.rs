//! Batches of any size, the same every time: invented persons of a labour office, written person by person.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::{Path, PathBuf};

use crate::office::SET;

/// A full batch that replaces the set.
pub struct Batch {
    /// Its mark; editions of one mark would be one batch.
    pub mark: &'static str,
    /// The day the data are of, e.g. `2025-11-20`.
    pub as_of: &'static str,
    pub persons: u64,
}

/// About what one person takes in the file.
pub const PERSON_BYTES: u64 = 4_200;

impl Batch {
    /// Writes the file into `folder` with flat memory.
    pub fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join(format!("{}.xml", self.mark));
        let mut out = BufWriter::new(File::create(&path).expect("a file"));
        self.write_to(&mut out).and_then(|()| out.flush()).expect("room on the disk");
        path
    }

    fn write_to(&self, out: &mut impl Write) -> Result<()> {
        let Self { mark, as_of, persons } = self;
        write!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<z:Paczka xmlns:z=\"urn:brama:zasilanie:1\" \
             xmlns:b=\"urn:brama:beneficjent:1\" oznaczenie=\"{mark}\" zbior=\"{SET}\" rodzaj=\"pelna\" \
             stanNa=\"{as_of}\" liczbaOsob=\"{persons}\">"
        )?;
        for number in 0..*persons {
            write!(out, "\n<z:Osoba idZrodlowe=\"SYRIUSZ-{number:07}\" operacja=\"zapis\">")?;
            self.write_record(number, out)?;
            out.write_all(b"</z:Osoba>")?;
        }
        writeln!(out, "\n</z:Paczka>")
    }

    /// The mark stands in the record, so that another batch changes everybody.
    fn write_record(&self, number: u64, out: &mut impl Write) -> Result<()> {
        let Person { surname, pesel } = Person::of(number);
        let (birth_date, document, sex) = (birth_date(number), identity_card(number), sex(number));
        write!(
            out,
            "<b:OsobaPUP><b:daneOsobowe><b:nazwisko>{surname}</b:nazwisko><b:imie>Próbna</b:imie><b:pesel>{pesel}</b:pesel>\
             <b:dataUrodzenia>{birth_date}</b:dataUrodzenia><b:dokumentTozsamosci><b:rodzaj>DOWOD</b:rodzaj>\
             <b:numer>{document}</b:numer></b:dokumentTozsamosci><b:plec>{sex}</b:plec><b:adres><b:rodzaj>ZAMIESZKANIA</b:rodzaj>\
             <b:kodPocztowy>28-100</b:kodPocztowy><b:miejscowosc>Busko-Zdrój</b:miejscowosc><b:ulica>Źródlana</b:ulica>\
             <b:nrDomu>{}</b:nrDomu></b:adres></b:daneOsobowe><b:ewidencja>",
            number % 61
        )?;
        for year in [2010, 2013, 2016] {
            write!(
                out,
                "<b:okresRejestracji><b:dataPoczatkowa>{year}-01-09</b:dataPoczatkowa><b:dataKoncowa>{year}-10-31</b:dataKoncowa>\
                 <b:statusNaRynkuPracy>BEZROBOTNY</b:statusNaRynkuPracy></b:okresRejestracji>"
            )?;
        }
        for month in 1..=6 {
            let gross = 1_000 + (number * 7919 + month) % 1_000;
            write!(
                out,
                "<b:pobieranyZasilek><b:dataPoczatkowa>2016-0{month}-01</b:dataPoczatkowa>\
                 <b:dataKoncowa>2016-0{month}-28</b:dataKoncowa><b:kwotaBrutto>{gross}.50</b:kwotaBrutto>\
                 <b:kwotaNetto>900.00</b:kwotaNetto></b:pobieranyZasilek>"
            )?;
        }
        out.write_all(b"<b:skreslonaZEwidencji>true</b:skreslonaZEwidencji></b:ewidencja>")?;
        for month in 1..=9 {
            write!(
                out,
                "<b:wizyta><b:rodzaj>potwierdzenie gotowości do pracy</b:rodzaj><b:miejsce>pokój 7, {}</b:miejsce>\
                 <b:dataPlanowana>2016-0{month}-11</b:dataPlanowana><b:dataOdbycia>2016-0{month}-12</b:dataOdbycia></b:wizyta>",
                self.mark
            )?;
        }
        out.write_all(b"</b:OsobaPUP>")
    }
}

/// How an invented person is known, the same for the same number.
pub struct Person {
    pub surname: String,
    pub pesel: String,
}

impl Person {
    pub fn of(number: u64) -> Self {
        // Month + 80 stands for 1800-1899: no living person can have such a PESEL.
        let (year, month, day) = birthday(number);
        let pesel = with_check_digit(&format!("{year:02}{:02}{day:02}{:04}", month + 80, serial(number)));
        let root = ["Lipow", "Brzozow", "Klonow", "Olchow", "Wierzbow", "Źródlan", "Łąkow"][(number % 7) as usize];
        let surname = if sex(number) == 'K' { format!("{root}a-Testowa") } else { format!("{root}y-Testowy") };
        Self { surname, pesel }
    }
}

/// Year of the century, month and day; every 33,600 persons they come again.
const fn birthday(number: u64) -> (u64, u64, u64) {
    (number / 336 % 100, 1 + number / 28 % 12, 1 + number % 28)
}

pub fn birth_date(number: u64) -> String {
    let (year, month, day) = birthday(number);
    format!("18{year:02}-{month:02}-{day:02}")
}

/// What tells persons of one birthday apart.
const fn serial(number: u64) -> u64 {
    number / 33_600 * 10 + number % 10
}

pub const fn sex(number: u64) -> char {
    if serial(number).is_multiple_of(2) { 'K' } else { 'M' }
}

fn with_check_digit(ten: &str) -> String {
    let sum: u32 =
        ten.bytes().zip([1, 3, 7, 9, 1, 3, 7, 9, 1, 3]).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{ten}{}", (10 - sum % 10) % 10)
}

/// Three letters, a check digit, five digits.
fn identity_card(number: u64) -> String {
    let letters = [number / 2_600_000, number / 100_000, 19].map(|letter| b'A' + (letter % 26) as u8);
    let digits = format!("{:05}", number % 100_000);
    let value = |sign: u8| u32::from(if sign.is_ascii_digit() { sign - b'0' } else { sign - b'A' + 10 });
    let signs = letters.iter().copied().chain(digits.bytes());
    let sum: u32 = signs.zip([7, 3, 1].into_iter().cycle()).map(|(sign, weight)| value(sign) * weight).sum();
    format!("{}{}{digits}", String::from_utf8_lossy(&letters), sum % 10)
}
