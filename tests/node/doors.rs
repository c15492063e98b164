//! The HTTP door towards clients that are slow, too generous, or of another kind; and its end.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::batch::Person;
use crate::gateway::Gateway;
use crate::office::{Engine, Offices};
use crate::wire::{self, Answer, XML};

/// Offices whose gateway has limits that a test can reach.
fn narrow() -> (Offices, Gateway) {
    let mut offices = Offices::new(Engine::Sqlite);
    offices.settings.overrides = "[limits]\nrequest_bytes = 100000\nrequest_seconds = 1".parse().expect("TOML");
    let gateway = offices.start();
    (offices, gateway)
}

fn send(to: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = wire::connect(to).expect("a connection");
    stream.write_all(bytes).expect("sent");
    stream
}

#[track_caller]
fn check_too_large(answer: &Answer) {
    assert_eq!(answer.status, 500, "{}", answer.head);
    assert_eq!(answer.element("kod"), "KOMUNIKAT_ZA_DUZY", "{}", answer.text());
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_sent_and_while_it_is_sent() {
    let (_offices, gateway) = narrow();
    let mut told = send(gateway.http, wire::head("udostepnianie", XML, 100_001).as_bytes());
    check_too_large(&wire::answer(&mut told).expect("an answer before the body"));

    let chunked =
        format!("POST /ws/udostepnianie HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n{XML}\r\n");
    let mut untold = send(gateway.http, chunked.as_bytes());
    for _ in 0..3 {
        let chunk = [b"9c40\r\n".as_slice(), &vec![b' '; 40_000], b"\r\n"].concat();
        untold.write_all(&chunk).expect("sent");
    }
    check_too_large(&wire::answer(&mut untold).expect("an answer before the end"));
}

#[test]
fn a_body_of_another_kind_is_refused() {
    let (_offices, gateway) = narrow();
    for fields in [
        "Content-Type: application/json\r\n",
        "Content-Type: text/xml; charset=iso-8859-2\r\n",
        "Content-Type: text/xml\r\nContent-Encoding: br\r\n",
        "",
    ] {
        let request = wire::head("udostepnianie", fields, 4) + "<a/>";
        let answer = wire::answer(&mut send(gateway.http, request.as_bytes())).expect("an answer");
        assert_eq!(answer.status, 415, "{fields:?}: {}", answer.head);
    }
}

/// The connection ends within a bounded time, with 408 or without a word.
#[track_caller]
fn check_given_up(mut stream: TcpStream) {
    let began = Instant::now();
    let mut text = Vec::new();
    // A connection that is reset has ended too.
    let ended = stream.read_to_end(&mut text);
    assert!(began.elapsed() < Duration::from_secs(10), "{ended:?} after {:?}", began.elapsed());
    assert!(text.is_empty() || text.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&text));
}

#[test]
fn a_client_that_never_finishes_is_given_up() {
    let (offices, gateway) = narrow();
    let message = offices.question(&offices.key("pomoc"), &Person::of(0));
    check_given_up(send(gateway.http, b"POST /ws/udostepnianie HTTP/1.1\r\nHost: loc"));
    let mut half = wire::head("udostepnianie", XML, message.len()).into_bytes();
    half.extend(&message[..message.len() / 2]);
    check_given_up(send(gateway.http, &half));
    assert_eq!(wire::get(gateway.http, "/ws/udostepnianie?wsdl").expect("an answer").status, 200, "others are served");
}

#[test]
fn drops_of_a_body_do_not_buy_time() {
    let (_offices, gateway) = narrow();
    let mut slow = send(gateway.http, wire::head("udostepnianie", XML, 1_000).as_bytes());
    let began = Instant::now();
    while slow.write_all(b" ").is_ok() {
        assert!(began.elapsed() < Duration::from_secs(10), "the gateway still listens");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_client_that_does_not_read_its_answers_is_given_up() {
    let (_offices, gateway) = narrow();
    let page = "GET /xsd/pup.xsd HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // More answers than all buffers between the two hold.
    let mut deaf = send(gateway.http, page.repeat(2_000).as_bytes());
    let began = Instant::now();
    while deaf.write_all(b" ").is_ok() {
        assert!(began.elapsed() < Duration::from_secs(30), "the gateway still waits");
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(wire::get(gateway.http, "/ws/udostepnianie?wsdl").expect("an answer").status, 200, "others are served");
}

#[test]
fn a_request_under_way_is_finished_when_the_gateway_is_told_to_end() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 10);
    let address = gateway.http;
    let message = offices.question(&offices.key("pomoc"), &Person::of(3));
    let (first, rest) = message.split_at(message.len() / 2);
    let mut under_way = send(address, wire::head("udostepnianie", XML, message.len()).as_bytes());
    under_way.write_all(first).expect("sent");
    thread::sleep(Duration::from_millis(300));

    let ending = thread::spawn(move || gateway.stop());
    thread::sleep(Duration::from_millis(500));
    assert!(TcpStream::connect(address).is_err(), "nobody new is let in");
    under_way.write_all(rest).expect("sent");
    let answer = wire::answer(&mut under_way).expect("an answer");
    assert_eq!(answer.element("wynik"), "ZNALEZIONO", "{}", answer.text());
    assert_eq!(ending.join().expect("it ends").code(), Some(0));
    assert!(offices.ledger().contains(&answer.element("idUdostepnienia")));
}

#[test]
fn an_idle_gateway_ends_at_once() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    let mut idle = send(gateway.http, b"GET /ws/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(wire::answer(&mut idle).expect("an answer").status, 200);
    let began = Instant::now();
    assert_eq!(gateway.stop().code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(8), "it took {:?}", began.elapsed());
}
