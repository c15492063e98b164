//! Foreign SOAP clients against a running demo, started as their READMEs say: `examples/<stack>/run VERB`.
//!
//! Each test is named by verb and stack, e.g. `every::java`. A client whose tools are missing fails.

#[path = "../support/demo.rs"]
#[allow(dead_code, reason = "other test programs use the rest")]
mod demo;
mod meddler;
mod stack;

use std::process::Command;

use brama::contract::WSDL;

use demo::{BRAMA, Demo};
use meddler::Meddler;
use stack::{Output, run};

macro_rules! clients {
    ($($verb:ident: $($stack:ident)+;)+) => {
        $(mod $verb {
            $(#[test]
            fn $stack() {
                if std::env::var_os("RUN_SLOW_TESTS").is_some() {
                    super::$verb(stringify!($stack));
                }
            })+
        })+
    };
}

clients! {
    import: cpp java node perl php python suds;
    ask: cpp curl java node perl php python;
    feed: cpp curl java node perl php python;
    fault: cpp curl java node perl php python;
    every: cpp curl java node perl php python suds;
    fault_in_soap_1_2: curl java node perl php python;
    every_in_soap_1_2: curl java node perl php python;
    a_changed_reply_is_refused: cpp curl java node perl php python;
    a_reply_to_another_question_is_refused: cpp curl java node perl php python;
}

/// The client loads every published WSDL and finds the operations that stand in it.
fn import(stack: &str) {
    let imported = run(stack, &["import"], &gateway().address);
    imported.succeeded();
    for (service, operations) in services() {
        imported.line(&format!("IMPORTED {service} {}", operations.len()));
    }
}

/// The client asks, and the disclosure that it names stands in the ledger.
fn ask(stack: &str) {
    let answer = run(stack, &["ask"], &gateway().address);
    answer.succeeded().contains("Lipowa-Testowa");
    let line = answer.line("OK UdostepnijDaneOsoby");
    let disclosure = line.split_whitespace().last().unwrap_or_default();
    let ledger = Command::new(BRAMA)
        .args(["--config", "demo/brama.toml", "ledger", "show", "--tenant", "PUP-BUSKO", "--limit", "100000"])
        .current_dir(&gateway().home)
        .output()
        .expect("the gateway's program");
    let entry = format!("UDOSTEPNIENIE {disclosure}");
    assert!(String::from_utf8_lossy(&ledger.stdout).contains(&entry), "the ledger has no {entry}");
}

/// The client feeds a batch with one broken person and shows the protocol.
fn feed(stack: &str) {
    let fed = run(stack, &["feed"], &gateway().address);
    fed.succeeded().line("OK PrzekazPaczke");
    fed.contains("ZAKONCZONA_Z_BLEDAMI");
}

/// The client tells a fault by its code, in the gateway's words and details.
fn fault(stack: &str) {
    check_fault(&run(stack, &["fault"], &gateway().address));
}

/// The client calls every operation of the WSDLs.
fn every(stack: &str) {
    check_every(&run(stack, &["every"], &gateway().address));
}

fn fault_in_soap_1_2(stack: &str) {
    check_fault(&run_in_soap_1_2(stack, "fault"));
}

fn every_in_soap_1_2(stack: &str) {
    check_every(&run_in_soap_1_2(stack, "every"));
}

fn check_fault(output: &Output) {
    output.succeeded().line("FAULT ZAKRES_NIEDOZWOLONY");
    output.contains("Zakres wykracza poza nadane uprawnienia.");
    output.contains("nie nadano");
}

fn check_every(output: &Output) {
    output.succeeded();
    for operation in services().into_iter().flat_map(|(_, operations)| operations) {
        output.line(&format!("OK {operation}"));
    }
}

/// Somebody on the way sees that the client speaks no other version.
fn run_in_soap_1_2(stack: &str, verb: &str) -> Output {
    let watcher = Meddler::start(&gateway().address, |_, answer| answer);
    let output = run(stack, &[verb, "--soap", "1.2"], &watcher.address);
    for head in watcher.posts() {
        assert!(head.to_lowercase().contains("\ncontent-type: application/soap+xml"), "{stack}: {head}");
    }
    output
}

/// Somebody on the way says that the person was not found.
fn a_changed_reply_is_refused(stack: &str) {
    refuses(stack, |_, mut answer| {
        let (found, not_found) = (b"wynik>ZNALEZIONO<", b"wynik>BRAK_OSOBY<");
        if let Some(at) = answer.windows(found.len()).position(|window| window == found) {
            answer[at..at + found.len()].copy_from_slice(not_found);
        }
        answer
    });
}

/// Somebody on the way gives an earlier reply, freshly signed as it is, to the next question.
fn a_reply_to_another_question_is_refused(stack: &str) {
    refuses(stack, |earlier, _| earlier.to_vec());
}

/// The client believes what passes the meddler unchanged, and nothing else.
fn refuses(stack: &str, meddle: fn(&[u8], Vec<u8>) -> Vec<u8>) {
    let meddler = Meddler::start(&gateway().address, meddle);
    run(stack, &["ask"], &meddler.address).succeeded().line("OK UdostepnijDaneOsoby");
    meddler.begin();
    run(stack, &["ask"], &meddler.address).failed().without_line("OK");
}

fn gateway() -> &'static Demo {
    // All clients verify the same person.
    Demo::shared(&[("BRAMA_LIMITS_VERIFICATION_TRIES", "1000")])
}

/// The services of the WSDLs with their operations.
fn services() -> Vec<(&'static str, Vec<&'static str>)> {
    let operations = |wsdl: &'static [u8]| {
        let text = std::str::from_utf8(wsdl).expect("a WSDL is UTF-8");
        let port_type = text.split("</wsdl:portType>").next().unwrap_or_default();
        port_type.split("<wsdl:operation name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
    };
    WSDL.iter().map(|&(service, wsdl)| (service, operations(wsdl))).collect()
}
