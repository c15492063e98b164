//! Checks over HTTPS with a client's certificate.

use std::net::TcpStream;
use std::time::Duration;

use openssl::ssl::{SslConnector, SslFiletype, SslMethod, SslStream, SslVerifyMode};
use serde_json::json;

use crate::Scripted;
use crate::check::{Soap, Which};
use crate::partner::{Built, Read};
use crate::wire::Connection;
use crate::world::World;

pub const CHECKS: &[Scripted] = &[
    Scripted {
        name: "security::tls::signed_message_over_tls_is_answered",
        norm: "WS-I BP 1.2 R5000, R5001",
        says: "The same message over HTTPS, with a client certificate or without, gets the same kind of answer.",
        play: signed_message_over_tls_is_answered,
    },
    Scripted {
        name: "security::tls::certificate_of_the_connection_is_enough_where_no_person_is_asked_about",
        norm: "WS-I BP 1.2 R5010; RFC 8446 §4.4.2",
        says: "With mutual authentication, operations that touch no person's data need no signature.",
        play: certificate_of_the_connection_is_enough_where_no_person_is_asked_about,
    },
    Scripted {
        name: "security::tls::certificate_of_the_connection_is_not_enough_for_a_persons_data",
        norm: "WS-Security 1.1 §12; WS-I BP 1.2 R5010",
        says: "A person's data are given only to a signed message, however the connection is authenticated.",
        play: certificate_of_the_connection_is_not_enough_for_a_persons_data,
    },
    Scripted {
        name: "security::tls::connection_without_a_certificate_proves_nothing",
        norm: "WS-Security 1.1 §12; RFC 8446 §4.4.2.4",
        says: "Without a client certificate an unsigned message is refused, also over HTTPS.",
        play: connection_without_a_certificate_proves_nothing,
    },
    Scripted {
        name: "security::tls::certificate_that_is_not_registered_proves_nothing",
        norm: "WS-Security 1.1 §12; WS-I BP 1.2 R5010",
        says: "A client certificate of the trusted authority that is registered for no system is nobody's.",
        play: certificate_that_is_not_registered_proves_nothing,
    },
];

const UNSIGNED: &str = "";

fn connect(world: &World, caller: Option<&str>) -> Connection<SslStream<TcpStream>> {
    let mut connector = SslConnector::builder(SslMethod::tls_client()).expect("TLS");
    connector.set_ca_file(world.pki(Which::Usual).join("ca.pem")).expect("the gateway's authority");
    connector.set_verify(SslVerifyMode::PEER);
    if let Some(caller) = caller {
        let pem = |end: &str| world.caller(&format!("{caller}.{end}"));
        connector.set_certificate_file(pem("pem"), SslFiletype::PEM).expect("a certificate");
        connector.set_private_key_file(pem("key"), SslFiletype::PEM).expect("its key");
    }
    let stream = TcpStream::connect(world.https).expect("the gateway listens");
    stream.set_read_timeout(Some(Duration::from_secs(40))).expect("a bound");
    // The name in the certificate is not what is checked here.
    let configured = connector.build().configure().expect("TLS").verify_hostname(false);
    Connection::over(configured.connect("localhost", stream).expect("a handshake"))
}

fn build(world: &World, soap: Soap, request: &str, security: Option<&str>) -> Built {
    let mut message = json!({"request": format!("{{file {request}}}")});
    if let Some(security) = security {
        message["security"] = security.into();
    }
    world
        .partner
        .build(json!({"soap": soap.version(), "message": message, "values": {"host": world.https.to_string()}}))
}

/// Sends over TLS and reads the answer.
fn ask(world: &World, caller: Option<&str>, built: &Built) -> (u16, Read) {
    let mut connection = connect(world, caller);
    connection.send(&built.over_http(&world.https.to_string(), ""));
    let answer = connection.read();
    (answer.status, world.partner.read(&answer, built, &[], &world.pki(Which::Usual)))
}

fn signed_message_over_tls_is_answered(world: &World) {
    for caller in [None, Some("rsa-2048")] {
        let built = build(world, Soap::V11, "PobierzZbiory", None);
        let (status, read) = ask(world, caller, &built);
        assert_eq!((status, read.root.as_deref()), (200, Some("PobierzZbioryOdpowiedz")), "{}", read.text);
        assert_eq!(read.problems, Vec::<String>::new());
    }
}

fn certificate_of_the_connection_is_enough_where_no_person_is_asked_about(world: &World) {
    for soap in [Soap::V11, Soap::V12] {
        let built = build(world, soap, "PobierzZbiory", Some(UNSIGNED));
        let (status, read) = ask(world, Some("rsa-2048"), &built);
        assert_eq!((status, read.root.as_deref()), (200, Some("PobierzZbioryOdpowiedz")), "{}", read.text);
    }
}

fn certificate_of_the_connection_is_not_enough_for_a_persons_data(world: &World) {
    let built = build(world, Soap::V11, "UdostepnijDaneOsoby", Some(UNSIGNED));
    let (status, read) = ask(world, Some("rsa-2048"), &built);
    assert_eq!((status, read.kod.as_str()), (500, "BRAK_PODPISU"), "{}", read.text);
}

fn connection_without_a_certificate_proves_nothing(world: &World) {
    let built = build(world, Soap::V11, "PobierzZbiory", Some(UNSIGNED));
    let (status, read) = ask(world, None, &built);
    assert_eq!((status, read.kod.as_str()), (500, "BRAK_PODPISU"), "{}", read.text);
}

fn certificate_that_is_not_registered_proves_nothing(world: &World) {
    let built = build(world, Soap::V11, "PobierzZbiory", Some(UNSIGNED));
    let (status, read) = ask(world, Some("obcy"), &built);
    assert_eq!(status, 500, "{}", read.text);
    assert!(["BRAK_PODPISU", "CERTYFIKAT_NIEZNANY"].contains(&read.kod.as_str()), "{}", read.text);
}
