//! HTTPS: versions of the protocol, and certificates of clients.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;

use brama::signatures::{KeyFamily, pki};
use brama::soap::client::Error;
use chrono::Utc;
use openssl::ssl::{SslConnector, SslFiletype, SslMethod, SslVersion};

use crate::batch::Person;
use crate::feeding;
use crate::gateway::Gateway;
use crate::office::{Engine, Offices};
use crate::wire::{self, Answer};

/// A gateway that serves HTTPS too, and where.
fn start(client_certificates: &str) -> (Offices, Gateway, SocketAddr) {
    let mut offices = Offices::new(Engine::Sqlite);
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let text = format!(
        "[listen]\nhttps = '{free}'\n[tls]\ncertificate = 'pki/brama-rsa.pem'\nkey = 'pki/brama-rsa.key'\n\
         client_ca = 'pki/ca.pem'\nclient = '{client_certificates}'"
    );
    offices.settings.overrides = text.parse().expect("TOML");
    let gateway = offices.start();
    (offices, gateway, free)
}

/// How a client connects.
struct Tls {
    folder: PathBuf,
    versions: (SslVersion, SslVersion),
    /// Name of the client's key and certificate in `folder`.
    identity: Option<&'static str>,
}

impl Tls {
    fn new(offices: &Offices) -> Self {
        Self { folder: offices.pki(), versions: (SslVersion::TLS1_2, SslVersion::TLS1_3), identity: None }
    }

    /// Asks for a page or sends a message, and says which version was spoken.
    fn ask(
        &self,
        authority: &Offices,
        to: SocketAddr,
        message: Option<&[u8]>,
    ) -> Result<(Answer, &'static str), String> {
        let mut builder = SslConnector::builder(SslMethod::tls()).expect("a client");
        builder.set_ca_file(authority.pki().join("ca.pem")).expect("the authority");
        builder.set_min_proto_version(Some(self.versions.0)).expect("a version");
        builder.set_max_proto_version(Some(self.versions.1)).expect("a version");
        builder.set_security_level(0);
        if let Some(name) = self.identity {
            let path = |kind| self.folder.join(name).with_extension(kind);
            builder.set_private_key_file(path("key"), SslFiletype::PEM).expect("a key");
            builder.set_certificate_chain_file(path("pem")).expect("a certificate");
        }
        let stream = TcpStream::connect(to).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(wire::PATIENCE)).expect("a time-out");
        let mut stream = builder.build().connect("localhost", stream).map_err(|error| error.to_string())?;
        let version = stream.ssl().version_str();
        let sent = match message {
            None => stream.write_all(b"GET /ws/udostepnianie?wsdl HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            Some(message) => {
                let head = wire::head("udostepnianie", wire::XML, message.len());
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(message))
            }
        };
        // With TLS 1.3 a server's refusal reaches the client only now.
        let answer = sent.and_then(|()| wire::answer(&mut stream)).map_err(|error| error.to_string())?;
        Ok((answer, version))
    }
}

#[test]
fn tls_1_2_and_1_3_are_spoken_and_nothing_older() {
    let (offices, _gateway, https) = start("off");
    for (version, name) in [(SslVersion::TLS1_2, "TLSv1.2"), (SslVersion::TLS1_3, "TLSv1.3")] {
        let (answer, spoken) =
            Tls { versions: (version, version), ..Tls::new(&offices) }.ask(&offices, https, None).expect("an answer");
        assert_eq!((answer.status, spoken), (200, name));
        assert!(answer.text().contains("location=\"https://localhost"), "the WSDL names the address it was asked at");
    }
    for old in [SslVersion::TLS1, SslVersion::TLS1_1] {
        assert!(Tls { versions: (old, old), ..Tls::new(&offices) }.ask(&offices, https, None).is_err());
    }
}

#[test]
fn a_question_may_come_over_https() {
    let (offices, gateway, https) = start("optional");
    offices.feed_persons(&gateway, 5);
    let question = offices.question(&offices.key("pomoc"), &Person::of(2));
    let (answer, _) = Tls::new(&offices).ask(&offices, https, Some(&question)).expect("an answer");
    assert_eq!(answer.element("wynik"), "ZNALEZIONO", "{}", answer.text());
}

#[test]
fn a_domain_system_feeds_over_https_and_only_a_gateway_that_it_can_know() {
    let (offices, _gateway, https) = start("optional");
    let url = format!("https://localhost:{}", https.port());
    let (ours, foreign) = (offices.pki().join("ca.pem"), offices.folder.path().join("foreign"));
    let begun = feeding::begin(&offices.client_at("syriusz", &url, Some(&ours)), "PRZEZ-HTTPS");
    assert_eq!(begun["stan"], "ROZPOCZETA");

    pki::init(&foreign, Utc::now()).expect("a PKI");
    for authority in [None, Some(foreign.join("ca.pem"))] {
        let client = offices.client_at("syriusz", &url, authority.as_deref());
        assert!(matches!(feeding::try_begin(&client, "PRZEZ-HTTPS"), Err(Error::Transport(_))), "{authority:?}");
    }
}

/// Whether clients without a certificate, with one of ours, and with a foreign one are let in, in both versions.
#[track_caller]
fn check(client_certificates: &str, expected: [bool; 3]) {
    let (offices, _gateway, https) = start(client_certificates);
    let foreign = offices.folder.path().join("foreign");
    pki::init(&foreign, Utc::now()).expect("a PKI");
    pki::issue(&foreign, "obcy", KeyFamily::Ecdsa, Utc::now()).expect("a certificate");
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let clients = [
            Tls::new(&offices),
            Tls { identity: Some("pomoc"), ..Tls::new(&offices) },
            Tls { identity: Some("obcy"), folder: foreign.clone(), ..Tls::new(&offices) },
        ];
        let let_in = clients.map(|tls| Tls { versions: (version, version), ..tls }.ask(&offices, https, None).is_ok());
        assert_eq!(let_in, expected, "{client_certificates}, {version:?}");
    }
}

#[test]
fn a_clients_certificate_is_not_asked_for_where_it_is_off() {
    check("off", [true, true, true]);
}

#[test]
fn a_clients_certificate_is_checked_where_it_is_optional() {
    check("optional", [true, true, false]);
}

#[test]
fn a_client_without_a_certificate_is_refused_where_it_is_required() {
    check("required", [false, true, false]);
}

#[test]
fn a_client_certificate_alone_opens_what_touches_no_person() {
    let (offices, gateway, https) = start("optional");
    offices.feed_persons(&gateway, 5);
    let context = |operation: &str, rest: &str| {
        format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><u:{operation} \
             xmlns:u='urn:brama:udostepnianie:1' xmlns:w='urn:brama:wspolne:1'><u:kontekst><w:idZadania>{}</w:idZadania>\
             <w:jednostka>OPS-BUSKO</w:jednostka><w:uzytkownik>urzednik</w:uzytkownik></u:kontekst>{rest}</u:{operation}>\
             </s:Body></s:Envelope>",
            uuid::Uuid::new_v4()
        )
    };
    let sets = context("PobierzZbiory", "");
    let known = Tls { identity: Some("pomoc"), ..Tls::new(&offices) };
    for _ in 0..2 {
        let (answer, _) = known.ask(&offices, https, Some(sets.as_bytes())).expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains("PobierzZbioryOdpowiedz") && answer.text().contains("SignatureValue"));
    }
    let code = |tls: &Tls, message: &str| {
        let (answer, _) = tls.ask(&offices, https, Some(message.as_bytes())).expect("an answer");
        (answer.status, answer.element("kod"))
    };
    let refused = |code: &str| (500, code.to_owned());
    let person = context("UdostepnijDaneOsoby", "");
    assert_eq!(code(&known, &person), refused("BRAK_PODPISU"));
    assert_eq!(code(&Tls::new(&offices), &sets), refused("BRAK_PODPISU"), "without a certificate");
    pki::issue(&offices.pki(), "obcy", KeyFamily::Ecdsa, Utc::now()).expect("a certificate");
    let stranger = Tls { identity: Some("obcy"), ..Tls::new(&offices) };
    assert_eq!(code(&stranger, &sets), refused("CERTYFIKAT_NIEZNANY"), "of the authority, yet of no system");
}
