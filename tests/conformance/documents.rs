//! Checks that follow a description from document to document.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::Scripted;
use crate::check::{Soap, Which};
use crate::world::World;

pub const CHECKS: &[Scripted] = &[
    Scripted {
        name: "wsdl::imports::everything_that_is_imported_is_there",
        norm: "WS-I BP 1.2 R2001, R2002, R2004, R2007; WSDL 1.1 §2.1.1",
        says: "Every import and include, from the WSDL on, leads to a document of the gateway whose root is a schema.",
        play: everything_that_is_imported_is_there,
    },
    Scripted {
        name: "wsdl::imports::schemas_are_valid_for_another_processor",
        norm: "WS-I BP 1.2 R2801; XML Schema part 1 §4.2",
        says: "The schemas of each service, as served, form a whole that another processor reads.",
        play: schemas_are_valid_for_another_processor,
    },
    Scripted {
        name: "security::answers::answer_verifies_with_xmlsec1",
        norm: "XML Signature §3.2; WS-Security 1.1 §8.4",
        says: "A second foreign program, the C library's, finds the signature of an answer good.",
        play: answer_verifies_with_xmlsec1,
    },
];

const IMPORTS: &str = "//wsdl:import/@location | //xs:import/@schemaLocation | //xs:include/@schemaLocation | //xs:redefine/@schemaLocation";

/// The documents that are reached from a WSDL, by their path.
fn reached(world: &World, service: &str) -> Vec<(String, Vec<u8>)> {
    let gateway = world.gateway(Which::Usual);
    let mut waiting = vec![format!("/ws/{service}?wsdl")];
    let mut seen = BTreeSet::new();
    let mut documents = Vec::new();
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let response = gateway.get(&path);
        assert_eq!(response.status, 200, "{path}");
        let said = world.partner.query(&response.body, &[IMPORTS.to_owned()]);
        let imports: Vec<String> = serde_json::from_value(said[0].clone()).expect("addresses");
        waiting.extend(imports.iter().map(|import| resolved(&path, import)));
        documents.push((path, response.body));
    }
    documents
}

/// RFC 3986 §5.2, as far as relative paths go.
fn resolved(base: &str, reference: &str) -> String {
    if reference.starts_with('/') {
        return reference.to_owned();
    }
    assert!(!reference.contains(':'), "{reference} leads away from the gateway");
    let folder = base.split('?').next().and_then(|path| path.rsplit_once('/')).map_or("", |(folder, _)| folder);
    let mut segments: Vec<&str> = folder.split('/').collect();
    for segment in reference.split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}

fn everything_that_is_imported_is_there(world: &World) {
    for service in ["udostepnianie", "zasilanie"] {
        let documents = reached(world, service);
        assert!(documents.len() > 2, "{service} imports nothing");
        for (path, document) in documents.iter().skip(1) {
            let said = world.partner.query(document, &["boolean(/xs:schema)".to_owned()]);
            assert_eq!(said, [Value::Bool(true)], "{path} is no schema");
        }
    }
}

fn schemas_are_valid_for_another_processor(world: &World) {
    for service in ["udostepnianie", "zasilanie"] {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, document) in reached(world, service) {
            let name = path.rsplit('/').next().expect("a name");
            if path.starts_with("/xsd/") {
                fs::write(folder.path().join(name), document).expect("a file");
            }
        }
        let nothing = folder.path().join("nic.xml");
        fs::write(&nothing, "<nic/>").expect("a file");
        let schema = folder.path().join(format!("{service}.xsd"));
        let command =
            Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(schema).arg(nothing).output();
        let said = String::from_utf8_lossy(&command.expect("xmllint is installed").stderr).into_owned();
        assert!(said.contains("fails to validate") && !said.contains("parser error"), "{said}");
    }
}

fn answer_verifies_with_xmlsec1(world: &World) {
    for soap in [Soap::V11, Soap::V12] {
        let question = world.question(soap);
        let answer = world.ask(&question);
        world.assert_answered(&answer, &question);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("odpowiedz.xml");
        fs::write(&file, &answer.body).expect("a file");
        let namespace = match soap {
            Soap::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Soap::V12 => "http://www.w3.org/2003/05/soap-envelope",
        };
        let wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
        let output = Command::new("xmlsec1")
            .args(["--verify", "--enabled-key-data", "rsa", "--pubkey-cert-pem"])
            .arg(world.pki(Which::Usual).join("brama-rsa.pem"))
            .args(["--id-attr:Id", &format!("{namespace}:Body"), "--id-attr:Id", &format!("{wsu}:Timestamp")])
            .arg(file)
            .output()
            .expect("xmlsec1 is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
