//! Batches that rewrite everybody with one number: whoever sees two numbers in one state has seen half a batch.

use std::fmt::Write as _;

use crate::batch::{Person, birth_date, sex};
use crate::office::SET;

/// Persons in the set: more than one transaction of the loader takes.
pub const PERSONS: u64 = 300;

/// The mark of a batch.
pub fn mark(wave: u64) -> String {
    format!("FALA-{wave:05}")
}

/// The number of the batch with this mark.
pub fn of_mark(mark: &str) -> Option<u64> {
    mark.strip_prefix("FALA-")?.parse().ok()
}

/// The batch that wrote what an answer tells.
pub fn of_text(text: &str) -> Option<u64> {
    text.strip_prefix("fala ")?.parse().ok()
}

/// The file of a batch; every other one replaces the set.
pub fn file(wave: u64) -> Vec<u8> {
    let (mark, kind) = (mark(wave), if wave.is_multiple_of(2) { "pelna" } else { "przyrostowa" });
    let mut text = format!(
        "<z:Paczka xmlns:z=\"urn:brama:zasilanie:1\" xmlns:b=\"urn:brama:beneficjent:1\" oznaczenie=\"{mark}\" \
         zbior=\"{SET}\" rodzaj=\"{kind}\" stanNa=\"2025-11-20\" liczbaOsob=\"{PERSONS}\">"
    );
    for number in 0..PERSONS {
        let Person { surname, pesel } = Person::of(number);
        let (birth_date, sex) = (birth_date(number), sex(number));
        write!(
            text,
            "<z:Osoba idZrodlowe=\"SYRIUSZ-{number:07}\" operacja=\"zapis\"><b:OsobaPUP><b:daneOsobowe>\
             <b:nazwisko>{surname}</b:nazwisko><b:imie>Próbna</b:imie><b:pesel>{pesel}</b:pesel>\
             <b:dataUrodzenia>{birth_date}</b:dataUrodzenia><b:plec>{sex}</b:plec></b:daneOsobowe><b:ewidencja>\
             <b:przyznaneSwiadczenie><b:nazwa>fala {wave}</b:nazwa><b:dataPoczatkowa>2016-01-01</b:dataPoczatkowa>\
             </b:przyznaneSwiadczenie><b:skreslonaZEwidencji>false</b:skreslonaZEwidencji></b:ewidencja></b:OsobaPUP></z:Osoba>"
        )
        .expect("a string takes everything");
    }
    text.push_str("</z:Paczka>");
    text.into_bytes()
}
