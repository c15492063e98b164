//! A node that is told to stop takes nothing new and finishes what it has begun: nobody loses an answer to an update.

use std::io::Write as _;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::batch::Person;
use crate::office::{Engine, Offices};
use crate::wire::{self, connect, head};

const CALLERS: usize = 8;
/// Bytes of each question that are still to come when the node is told to stop.
const REST: usize = 200;

#[test]
fn requests_under_way_are_answered_after_a_node_was_told_to_stop() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 3);
    let address = gateway.http;
    let key = offices.key("pomoc");
    let mut begun: Vec<(TcpStream, Vec<u8>)> = (0..CALLERS)
        .map(|_| {
            let question = offices.question(&key, &Person::of(1));
            let (first, rest) = question.split_at(question.len() - REST);
            let mut stream = connect(address).expect("a connection");
            stream.write_all(head("udostepnianie", wire::XML, question.len()).as_bytes()).expect("sent");
            stream.write_all(first).expect("sent");
            (stream, rest.to_vec())
        })
        .collect();
    // The node has read what came so far once it answers somebody who came later.
    assert_eq!(offices.ask(&gateway, 1).element("wynik"), "ZNALEZIONO");

    let stopping = thread::spawn(move || gateway.stop());
    let deadline = Instant::now() + wire::PATIENCE;
    while TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "a node that is told to stop takes no more connections");
        thread::sleep(Duration::from_millis(20));
    }
    let answers: Vec<String> = begun
        .iter_mut()
        .map(|(stream, rest)| {
            stream.write_all(rest).expect("the connection stands");
            wire::answer(stream).expect("a whole answer").element("idUdostepnienia")
        })
        .collect();
    drop(begun);
    assert!(stopping.join().expect("no panic").success(), "the node ends by itself, without an error");

    let ledger = offices.ledger();
    for id in &answers {
        assert_eq!((id.len(), ledger.matches(id.as_str()).count()), (36, 1), "every answer has its entry");
    }
}
