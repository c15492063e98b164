//! What the operator sees of a node: its health, its figures, and one line of its log per request.

use std::collections::BTreeSet;
use std::io::Write as _;

use serde_json::Value;
use uuid::Uuid;

use crate::batch::Person;
use crate::gateway::Gateway;
use crate::office::{Engine, Offices};
use crate::postgres::Postgres;
use crate::wire;

fn status(gateway: &Gateway, path: &str) -> u16 {
    wire::get(gateway.operator, path).expect("an answer").status
}

#[test]
fn a_node_without_its_platform_is_alive_and_not_ready() {
    let offices = Offices::new(Engine::Postgres);
    let gateway = offices.start();
    let platform = offices.settings.platform.as_deref().expect("an address");
    assert_eq!((status(&gateway, "/health/live"), status(&gateway, "/health/ready")), (200, 200));

    Postgres::shared().cut_off(platform, false);
    // What was read of the platform may be used for a second (rule 9.3).
    wait_for(|| status(&gateway, "/health/ready") == 503);
    assert_eq!(status(&gateway, "/health/live"), 200);

    Postgres::shared().cut_off(platform, true);
    wait_for(|| status(&gateway, "/health/ready") == 200);
}

#[track_caller]
fn wait_for(mut happens: impl FnMut() -> bool) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !happens() {
        assert!(std::time::Instant::now() < until, "it does not happen");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn the_two_doors_do_not_show_what_is_the_others() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    for path in ["/metrics", "/health/live", "/health/ready"] {
        assert_eq!(wire::get(gateway.http, path).expect("an answer").status, 404, "{path}");
    }
    for path in ["/ws/", "/ws/udostepnianie?wsdl", "/xsd/wspolne.xsd"] {
        assert_eq!(status(&gateway, path), 404, "{path}");
    }
}

/// Asks for two persons who are there, one who is not, and twice in a way that is refused; tells the events' identifiers.
fn ask(offices: &Offices, gateway: &Gateway) -> BTreeSet<String> {
    let key = offices.key("pomoc");
    let mut messages: Vec<_> = [0, 1, 9_999].map(|number| offices.question(&key, &Person::of(number))).into();
    messages.push(messages[0].clone());
    messages.push(b"<nobody/>".to_vec());
    let answers = messages.iter().map(|message| wire::post(gateway.http, "udostepnianie", message).expect("an answer"));
    let event =
        |answer: wire::Answer| answer.element(if answer.status == 200 { "idUdostepnienia" } else { "idZdarzenia" });
    answers.map(event).collect()
}

/// The samples of a metric whose labels hold all of `labels`, added up.
pub fn sum(metrics: &str, name: &str, labels: &[&str]) -> u64 {
    let samples = metrics.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
    let wanted = samples.filter(|line| labels.iter().all(|label| line.contains(label)));
    wanted.map(|line| line.rsplit(' ').next().and_then(|value| value.parse::<u64>().ok()).expect("a number")).sum()
}

#[test]
fn every_request_is_counted() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 10);
    ask(&offices, &gateway);
    let unlike = wire::head("udostepnianie", "Content-Type: image/png\r\n", 0);
    let mut stream = wire::connect(gateway.http).expect("a connection");
    stream.write_all(unlike.as_bytes()).expect("sent");
    assert_eq!(wire::answer(&mut stream).expect("an answer").status, 415);
    let answer = wire::get(gateway.operator, "/metrics").expect("an answer");
    assert!(answer.head.contains("text/plain; version=0.0.4"), "{}", answer.head);
    let text = answer.text();
    for line in text.lines().filter(|line| !line.starts_with("# HELP ") && !line.starts_with("# TYPE ")) {
        let value = line.rsplit_once(' ').and_then(|(_, value)| value.parse::<f64>().ok());
        assert!(line.starts_with("brama_") && value.is_some(), "{line}");
    }
    let counted = |labels: &[&str]| sum(&text, "brama_requests_total", labels);
    assert_eq!(counted(&["service=\"udostepnianie\""]), 6, "{text}");
    assert_eq!(counted(&["operation=\"UdostepnijDaneOsoby\"", "code=\"OK\""]), 3, "{text}");
    assert_eq!(counted(&["code=\"KOMUNIKAT_POWTORZONY\""]), 1, "{text}");
    assert_eq!(counted(&["code=\"415\""]), 1, "{text}");
    assert_eq!(sum(&text, "brama_request_seconds_count", &["service=\"udostepnianie\""]), 6, "{text}");
    assert_eq!(sum(&text, "brama_requests_in_flight", &[]), 0, "{text}");
}

#[test]
fn every_request_has_one_line_in_the_log_under_its_events_identifier() {
    let offices = Offices::new(Engine::Sqlite);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 10);
    let events = ask(&offices, &gateway);
    assert_eq!(events.len(), 5, "{events:?}");
    let log = gateway.log();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let requests = lines.iter().filter(|line| line["target"] == "brama::request" && line["service"] == "udostepnianie");
    let requests: Vec<_> = requests.collect();
    assert_eq!(requests.len(), 5, "{log}");
    let logged: BTreeSet<_> =
        requests.iter().map(|line| line["event.id"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(logged, events);
    assert!(logged.iter().all(|event| Uuid::parse_str(event).is_ok()), "{logged:?}");
    let found = requests.iter().find(|line| line["code"] == "OK").expect("an answered request");
    assert_eq!(found["system.id"], "pomoc");
    assert_eq!(found["tenant.id"], "PUP-BUSKO");
    assert!(found["duration_ms"].as_f64() > Some(0.0) && found["reply_bytes"].as_u64() > Some(1_000), "{found}");
}
