//! A retry gets the first answer, byte for byte: after a feed changed the data, after a restart, and never more of it than
//! its caller may have by then.

use crate::batch::{Batch, Person};
use crate::gateway::Gateway;
use crate::office::{Engine, Offices, signed};
use crate::wire::{self, Answer};

/// The Body's child.
pub fn payload(answer: &Answer) -> String {
    let text = answer.text();
    let body = text.split_once("<soap:Body").and_then(|(_, rest)| rest.split_once('>')).expect("a Body").1;
    body.split_once("</soap:Body>").expect("its end").0.to_owned()
}

fn send(gateway: &Gateway, offices: &Offices, service: &str, system: &str, request: &str) -> Answer {
    wire::post(gateway.http, service, &signed(&offices.key(system), request)).expect("an answer")
}

#[track_caller]
fn check(engine: Engine) {
    let offices = Offices::new(engine);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 3);
    let question = String::from_utf8(offices.question(&offices.key("pomoc"), &Person::of(2))).expect("UTF-8");
    let question = question.split_once("<soap:Body").and_then(|(_, rest)| rest.split_once('>')).expect("a Body").1;
    let question = question.split_once("</soap:Body>").expect("its end").0;
    let ask = |gateway: &Gateway| send(gateway, &offices, "udostepnianie", "pomoc", question);
    let first = ask(&gateway);
    assert_eq!(first.element("wynik"), "ZNALEZIONO", "{}", first.text());
    assert_eq!(payload(&ask(&gateway)), payload(&first));

    // The person is gone; whoever asks anew hears so, whoever asks again hears what they heard.
    let batch = Batch { mark: "ZASILENIE-2", as_of: "2025-11-21", persons: 1 };
    offices.feed(&gateway, "syriusz", &batch.write(offices.folder.path()));
    assert_eq!(offices.ask(&gateway, 2).element("wynik"), "BRAK_OSOBY");
    assert_eq!(payload(&ask(&gateway)), payload(&first));
    drop(gateway);
    let gateway = offices.start();
    assert_eq!(payload(&ask(&gateway)), payload(&first));

    let other = question.replace("zasiłku okresowego", "zasiłku stałego");
    assert_eq!(
        send(&gateway, &offices, "udostepnianie", "pomoc", &other).element("kod"),
        "POWTORZENIE_NIEZGODNE",
        "the task is taken"
    );
    let ledger = offices.ledger();
    let id = first.element("idUdostepnienia");
    assert_eq!(ledger.matches(&id).count(), 1, "the first answer has one entry");
    assert_eq!(ledger.matches("powtorzenie: true").count(), 3, "and every retry one of its own");
    assert_eq!(ledger.matches("stanNa: 2025-11-20").count(), 1 + 1 + 3, "about the data that were given out");
}

#[test]
fn a_retry_gets_the_first_answer_on_sqlite() {
    check(Engine::Sqlite);
}

#[test]
fn a_retry_gets_the_first_answer_on_postgresql() {
    check(Engine::Postgres);
}

#[test]
fn a_message_of_a_feeder_sent_again_has_the_first_answer_and_a_look_is_taken_afresh() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    let context = |task: u8| {
        format!(
            "<z:kontekst><w:idZadania>6f1c2a54-0d3e-4b7a-9a51-2c8f6e0b7d{task:02}</w:idZadania>\
             <w:jednostka>PUP-BUSKO</w:jednostka></z:kontekst>"
        )
    };
    let ask = |operation: &str, task, content: &str| {
        let names = "xmlns:z='urn:brama:zasilanie:1' xmlns:w='urn:brama:wspolne:1'";
        let request = format!("<z:{operation} {names}>{}{content}</z:{operation}>", context(task));
        let answer = send(&gateway, &offices, "zasilanie", "syriusz", &request);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    };
    let begin = "<z:oznaczenie>P-1</z:oznaczenie><z:zbior>PUP-BUSKO/ewidencja</z:zbior>";
    let begun = ask("RozpocznijPaczke", 1, begin);
    let id = format!("<z:idPaczki>{}</z:idPaczki>", begun.element("idPaczki"));
    let part = format!("{id}<z:numer>1</z:numer><z:zawartosc>PGE+PC9hPg==</z:zawartosc>");
    let stored = ask("PrzekazCzesc", 2, &part);
    assert_eq!(payload(&ask("PrzekazCzesc", 2, &part)), payload(&stored));
    assert_eq!(payload(&ask("RozpocznijPaczke", 1, begin)), payload(&begun), "though a part is there by now");
    assert_ne!(payload(&ask("RozpocznijPaczke", 3, begin)), payload(&begun));

    let before = ask("PobierzStatusPaczki", 4, &id);
    let digest = "<z:czesc><z:numer>1</z:numer><z:skrot>";
    let close = format!("{id}{digest}{}</z:skrot></z:czesc>", sha256_base64(b"<a></a>"));
    ask("ZamknijPaczke", 5, &close);
    assert_ne!(payload(&ask("PobierzStatusPaczki", 4, &id)), payload(&before), "how it stands now");
}

fn sha256_base64(bytes: &[u8]) -> String {
    openssl::base64::encode_block(&openssl::sha::sha256(bytes))
}
