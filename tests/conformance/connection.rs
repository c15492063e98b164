//! Checks of connections: what comes after what, how fast, and what happens when one side stops.

use std::thread;
use std::time::{Duration, Instant};

use crate::Scripted;
use crate::check::{Soap, Which};
use crate::partner::Built;
use crate::wire::{Connection, chunked};
use crate::world::World;

macro_rules! checks {
    ($($name:ident, $norm:literal, $says:literal;)*) => {
        pub const CHECKS: &[Scripted] = &[$(Scripted {
            name: concat!("http::connection::", stringify!($name)),
            norm: $norm,
            says: $says,
            play: $name,
        }),*];
    };
}

checks! {
    connection_serves_many_requests, "RFC 9112 §9.3", "A connection persists: the next request may follow on it.";
    requests_may_follow_before_they_are_answered, "RFC 9112 §9.3.2", "Pipelined requests are answered in their order, each with its own answer.";
    fault_does_not_end_a_connection, "RFC 9112 §9.3; SOAP 1.1 §6.2", "After a fault the connection goes on as after a reply.";
    close_is_honoured, "RFC 9112 §9.6", "After `Connection: close` the answer says so and the connection ends.";
    http_1_0_ends_with_its_answer, "RFC 9112 §9.3", "Without keep-alive a client of HTTP/1.0 gets one answer and the end of the connection.";
    head_leaves_no_content_behind, "RFC 9110 §9.3.2; RFC 9112 §6.3", "After an answer to HEAD the next answer follows at once.";
    half_closed_client_gets_its_answer, "RFC 9112 §9.6, §9.5", "A client may close its side when it has said everything; the answer still comes.";
    client_that_waits_for_100_is_told, "RFC 9110 §10.1.1, §15.2.1", "`Expect: 100-continue` is answered with 100, and the message then with its answer.";
    client_that_need_not_send_is_told_so, "RFC 9110 §10.1.1", "A request that is refused by its head gets its final status without its body.";
    client_that_does_not_wait_is_served, "RFC 9110 §10.1.1", "A client may send without waiting for 100.";
    extensions_of_chunks_are_ignored, "RFC 9112 §7.1.1", "Chunk extensions that are not known must be ignored.";
    trailer_fields_are_ignored, "RFC 9112 §7.1.2", "Fields after the last chunk do no harm and change nothing.";
    chunks_of_one_byte_are_read, "RFC 9112 §7.1", "Chunks have any size, and every byte may come by itself.";
    chunk_that_lies_about_its_size_is_refused, "RFC 9112 §7.1, §8", "A chunk that does not end where it says makes the message invalid.";
    body_that_does_not_come_is_given_up, "RFC 9110 §15.5.9; RFC 9112 §9.5", "A body that is not complete in time is answered with 408, and the connection ends.";
    head_that_does_not_come_is_given_up, "RFC 9110 §15.5.9; RFC 9112 §9.5", "A head that is not complete in time ends the connection, with 408 or without.";
    body_that_is_cut_short_is_no_message, "RFC 9112 §8, §6.3", "A message shorter than its Content-Length is incomplete; nothing of it is processed.";
    client_that_goes_away_disturbs_nobody, "RFC 9112 §9.6", "A client that resets its connection leaves the others alone.";
    slow_reader_gets_its_whole_answer, "RFC 9112 §9.5, §6.3", "An answer is not cut because it is read slowly.";
    slow_sender_within_bounds_is_served, "RFC 9112 §9.5", "A message that comes in small pieces, but in time, is answered.";
}

fn post(world: &World, built: &Built, fields: &str) -> Vec<u8> {
    built.over_http(&world.gateway(Which::Usual).http.to_string(), fields)
}

fn connection_serves_many_requests(world: &World) {
    let mut connection = world.connect();
    for soap in [Soap::V11, Soap::V12, Soap::V11] {
        let question = world.question(soap);
        connection.send(&post(world, &question, ""));
        world.assert_answered(&connection.read(), &question);
    }
}

fn requests_may_follow_before_they_are_answered(world: &World) {
    let questions: Vec<Built> = (0..4).map(|_| world.question(Soap::V11)).collect();
    let all: Vec<u8> = questions.iter().flat_map(|question| post(world, question, "")).collect();
    let mut connection = world.connect();
    connection.send(&all);
    for question in &questions {
        // The echo of its own idZadania tells which question an answer answers.
        world.assert_answered(&connection.read(), question);
    }
}

fn fault_does_not_end_a_connection(world: &World) {
    let mut connection = world.connect();
    let mut broken = world.question(Soap::V11);
    broken.body.truncate(broken.body.len() - 2);
    connection.send(&post(world, &broken, ""));
    assert_eq!(connection.read().status, 500);
    let question = world.question(Soap::V11);
    connection.send(&post(world, &question, ""));
    world.assert_answered(&connection.read(), &question);
}

fn close_is_honoured(world: &World) {
    let mut connection = world.connect();
    let question = world.question(Soap::V11);
    connection.send(&post(world, &question, "Connection: close\r\n"));
    let answer = connection.read();
    assert_eq!(answer.field("connection").as_deref(), Some("close"));
    world.assert_answered(&answer, &question);
    assert!(connection.is_closed(), "the connection is still open");
}

fn http_1_0_ends_with_its_answer(world: &World) {
    let mut connection = world.connect();
    let question = world.question(Soap::V11);
    let request = String::from_utf8(post(world, &question, "")).expect("a text").replacen("HTTP/1.1", "HTTP/1.0", 1);
    connection.send(request.as_bytes());
    world.assert_answered(&connection.read(), &question);
    assert!(connection.is_closed(), "the connection is still open");
}

fn head_leaves_no_content_behind(world: &World) {
    let mut connection = world.connect();
    connection.send(b"HEAD /ws/udostepnianie?wsdl HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(connection.read_answer_to("HEAD").status, 200);
    let question = world.question(Soap::V11);
    connection.send(&post(world, &question, ""));
    world.assert_answered(&connection.read(), &question);
}

fn half_closed_client_gets_its_answer(world: &World) {
    let mut connection = world.connect();
    let question = world.question(Soap::V11);
    connection.send(&post(world, &question, ""));
    connection.finish();
    world.assert_answered(&connection.read(), &question);
}

/// Head and body of a request, to be sent apart.
fn apart(request: &[u8]) -> (&[u8], &[u8]) {
    let end = request.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    request.split_at(end + 4)
}

fn client_that_waits_for_100_is_told(world: &World) {
    for soap in [Soap::V11, Soap::V12] {
        let mut connection = world.connect();
        let question = world.question(soap);
        let request = post(world, &question, "Expect: 100-continue\r\n");
        let (head, body) = apart(&request);
        connection.send(head);
        assert_eq!(connection.read_interim(), 100);
        connection.send(body);
        world.assert_answered(&connection.read(), &question);
    }
}

fn client_that_need_not_send_is_told_so(world: &World) {
    let mut connection = world.connect();
    let question = world.question(Soap::V11);
    let request = post(world, &question, "Expect: 100-continue\r\n");
    let text = String::from_utf8_lossy(apart(&request).0).replace("text/xml", "text/plain");
    connection.send(text.as_bytes());
    assert_eq!(connection.read().status, 415);
}

fn client_that_does_not_wait_is_served(world: &World) {
    let mut connection = world.connect();
    let question = world.question(Soap::V11);
    connection.send(&post(world, &question, "Expect: 100-continue\r\n"));
    world.assert_answered(&connection.read(), &question);
}

/// Sends a question with this body in the chunked coding and expects its answer.
fn answered_in_chunks(world: &World, question: &Built, chunks: &[u8]) {
    let mut connection = world.connect();
    connection.send(&chunked_head(world, question));
    connection.send(chunks);
    world.assert_answered(&connection.read(), question);
}

fn chunked_head(world: &World, question: &Built) -> Vec<u8> {
    let request = post(world, question, "Transfer-Encoding: chunked\r\n");
    let head = String::from_utf8_lossy(apart(&request).0).into_owned();
    head.replace(&format!("Content-Length: {}\r\n", question.body.len()), "").into_bytes()
}

fn extensions_of_chunks_are_ignored(world: &World) {
    let question = world.question(Soap::V11);
    let mut chunks = format!("{:X};nazwa=wartosc;druga=\"a b\"\r\n", question.body.len()).into_bytes();
    chunks.extend_from_slice(&question.body);
    chunks.extend_from_slice(b"\r\n0\r\n\r\n");
    answered_in_chunks(world, &question, &chunks);
}

fn trailer_fields_are_ignored(world: &World) {
    let question = world.question(Soap::V11);
    let mut chunks = chunked(&question.body, &[question.body.len()]);
    chunks.truncate(chunks.len() - 2);
    chunks.extend_from_slice(b"X-Suma: 123\r\nContent-Length: 5\r\n\r\n");
    answered_in_chunks(world, &question, &chunks);
}

fn chunks_of_one_byte_are_read(world: &World) {
    let question = world.question(Soap::V11);
    answered_in_chunks(world, &question, &chunked(&question.body, &[1]));
}

fn chunk_that_lies_about_its_size_is_refused(world: &World) {
    let question = world.question(Soap::V11);
    let mut connection = world.connect();
    connection.send(&chunked_head(world, &question));
    connection.send(b"5\r\n<soap:Envelope\r\n0\r\n\r\n");
    let answer = connection.read();
    assert_eq!(answer.status, 400, "{}", answer.text());
}

fn tight(world: &World) -> Connection {
    Connection::open(world.gateway(Which::Tight).http)
}

fn body_that_does_not_come_is_given_up(world: &World) {
    let question = world.question(Soap::V11);
    let request = post(world, &question, "");
    let mut connection = tight(world);
    connection.send(&request[..request.len() - 10]);
    let started = Instant::now();
    let answer = connection.read();
    assert_eq!(answer.status, 408, "{}", answer.text());
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
    assert!(connection.is_closed(), "the connection is still open");
}

fn head_that_does_not_come_is_given_up(world: &World) {
    let mut connection = tight(world);
    connection.send(b"POST /ws/udostepnianie HTTP/1.1\r\nHost: localhost\r\nContent-Ty");
    let started = Instant::now();
    assert!(connection.is_closed() || connection.read().status == 408, "another answer");
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
}

fn body_that_is_cut_short_is_no_message(world: &World) {
    let question = world.question(Soap::V11);
    let request = post(world, &question, "");
    let mut connection = world.connect();
    connection.send(&request[..request.len() - 1]);
    connection.finish();
    let ended = connection.is_closed() || connection.read().status == 400;
    assert!(ended, "a cut message was answered");
}

fn client_that_goes_away_disturbs_nobody(world: &World) {
    for _ in 0..8 {
        let question = world.question(Soap::V11);
        let request = post(world, &question, "");
        let mut connection = world.connect();
        connection.send(&request[..request.len() / 2]);
        drop(connection);
        let mut connection = world.connect();
        connection.send(&request);
        drop(connection);
    }
    let question = world.question(Soap::V11);
    world.assert_answered(&world.ask(&question), &question);
}

fn slow_reader_gets_its_whole_answer(world: &World) {
    let mut connection = world.connect();
    for _ in 0..60 {
        connection.send(b"GET /ws/udostepnianie?wsdl HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    thread::sleep(Duration::from_secs(3));
    let first = connection.read();
    for _ in 1..60 {
        let next = connection.read();
        assert!(next.status == 200 && next.body == first.body, "answers differ");
    }
}

fn slow_sender_within_bounds_is_served(world: &World) {
    let question = world.question(Soap::V11);
    let mut connection = world.connect();
    for piece in post(world, &question, "").chunks(400) {
        connection.send(piece);
        thread::sleep(Duration::from_millis(40));
    }
    world.assert_answered(&connection.read(), &question);
}
