//! The labour office's own system: feeds one batch after another, every other one in parts.

use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::sha256;
use uuid::Uuid;

use crate::caller::{Caller, PATIENCE};
use crate::office::{ADMINISTRATOR, SET};
use crate::wave;

/// Parts of a batch that is not handed over whole.
const PARTS: usize = 3;
/// How often each step of a batch is sent once more after its answer.
const AGAIN: usize = 1;
/// Batches that may wait for the loader.
const WAITING_MAX: usize = 2;

/// A batch that the gateway has acknowledged.
pub struct Fed {
    pub wave: u64,
    pub id: Uuid,
    /// Its last known state.
    pub state: String,
}

pub struct Feeder {
    pub caller: Caller,
    /// In the order in which they were acknowledged, which is that of their numbers.
    pub fed: Vec<Fed>,
}

impl Feeder {
    /// Feeds the next batch; waits first while too many wait for the loader. Says whether it was acknowledged.
    pub fn feed(&mut self) -> bool {
        if let Some(waiting) = self.fed.len().checked_sub(WAITING_MAX) {
            self.await_end(waiting);
        }
        let wave = self.fed.len() as u64;
        let file = wave::file(wave);
        let id = if wave.is_multiple_of(2) { self.hand_over(wave, &file) } else { self.feed_in_parts(wave, &file) };
        self.fed.extend(id.map(|id| Fed { wave, id, state: String::new() }));
        id.is_some()
    }

    /// Waits until every batch has its verdict, or has had long enough.
    pub fn await_all(&mut self) {
        (0..self.fed.len()).for_each(|number| self.await_end(number));
    }

    fn await_end(&mut self, number: usize) {
        let until = Instant::now() + PATIENCE;
        let id = self.fed[number].id;
        while !is_final(&self.fed[number].state) && Instant::now() < until {
            let Some(answer) = self.ask("PobierzStatusPaczki", 0, &named(id)) else { return };
            answer.clone_into(&mut self.fed[number].state);
            sleep(Duration::from_millis(50));
        }
    }

    fn hand_over(&mut self, wave: u64, file: &[u8]) -> Option<Uuid> {
        let (mark, content) = (wave::mark(wave), STANDARD.encode(file));
        let rest = format!("<z:oznaczenie>{mark}</z:oznaczenie><z:zawartosc>{content}</z:zawartosc>");
        self.caller
            .ask(("zasilanie", "PrzekazPaczke"), AGAIN, |task| request("PrzekazPaczke", task, &rest))?
            .id("idPaczki")
    }

    fn feed_in_parts(&mut self, wave: u64, file: &[u8]) -> Option<Uuid> {
        let rest = format!("<z:oznaczenie>{}</z:oznaczenie><z:zbior>{SET}</z:zbior>", wave::mark(wave));
        let begun =
            self.caller.ask(("zasilanie", "RozpocznijPaczke"), AGAIN, |task| request("RozpocznijPaczke", task, &rest));
        let id = begun?.id("idPaczki")?;
        let mut digests = String::new();
        for (number, part) in (1..).zip(file.chunks(file.len().div_ceil(PARTS))) {
            let content = STANDARD.encode(part);
            let rest = format!("{}<z:numer>{number}</z:numer><z:zawartosc>{content}</z:zawartosc>", named(id));
            self.ask("PrzekazCzesc", AGAIN, &rest)?;
            let digest = STANDARD.encode(sha256(part));
            digests += &format!("<z:czesc><z:numer>{number}</z:numer><z:skrot>{digest}</z:skrot></z:czesc>");
        }
        self.ask("ZamknijPaczke", AGAIN, &(named(id) + &digests))?;
        Some(id)
    }

    /// Asks about one batch and answers its state, empty when the reply does not tell.
    fn ask(&mut self, operation: &'static str, again: usize, rest: &str) -> Option<String> {
        let answer = self.caller.ask(("zasilanie", operation), again, |task| request(operation, task, rest))?;
        Some(answer.text("stan").to_owned())
    }
}

/// Whether nothing more will happen to a batch in this state.
fn is_final(state: &str) -> bool {
    ["ZAKONCZONA", "ZAKONCZONA_Z_BLEDAMI", "ODRZUCONA"].contains(&state)
}

fn named(batch: Uuid) -> String {
    format!("<z:idPaczki>{batch}</z:idPaczki>")
}

fn request(operation: &str, task: Uuid, rest: &str) -> String {
    format!(
        "<z:{operation} xmlns:z='urn:brama:zasilanie:1' xmlns:w='urn:brama:wspolne:1'><z:kontekst>\
         <w:idZadania>{task}</w:idZadania><w:jednostka>{ADMINISTRATOR}</w:jednostka></z:kontekst>{rest}</z:{operation}>"
    )
}
