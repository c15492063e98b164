//! Documents that `xmlsec1` and the JDK signed: the judge is no friend of our own writer.

use std::fs;
use std::path::Path;
use std::process::Command;

use brama::xml::Method;

use super::draft::{Draft, ENVELOPED, Reference, SHA256, XPATH, certificate_v1};
use super::scene::scene;
use super::table::PASSED;

const FILTER: &str = r#"<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" Filter="subtract">/descendant::ds:Signature</f:XPath></ds:Transform>"#;

#[test]
fn what_xmlsec1_signs_passes_and_what_is_changed_then_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut documents = 0;
    for signer in ["rsa-3072", "anna", "p384"] {
        fs::write(folder.path().join("key.pem"), scene().signers[signer].identity.key_pem()).expect("a key");
        for leaving_out in [ENVELOPED.to_owned(), format!("{ENVELOPED}{XPATH}"), XPATH.to_owned(), FILTER.to_owned()] {
            for method in [Method::Inclusive10, Method::Inclusive11, Method::Exclusive] {
                let mut draft = Draft::new(signer);
                let form = format!("<ds:Transform Algorithm=\"{}\"/>", method.uri());
                draft.references = vec![Reference { transforms: leaving_out.clone() + &form, ..Reference::whole() }];
                draft.properties_transforms = form;
                draft.c14n = method.uri().to_owned();
                if method == Method::Inclusive11 {
                    draft.certificate = certificate_v1(scene(), signer, "CN=kwalifikowany,O=brama", &number(signer));
                }
                fs::write(folder.path().join("template.xml"), draft.template()).expect("a template");
                let ids = ["--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"];
                let run = Command::new("xmlsec1")
                    .current_dir(folder.path())
                    .arg("--sign")
                    .args(ids)
                    .args(["--privkey-pem", "key.pem", "--output", "signed.xml", "template.xml"])
                    .output()
                    .expect("xmlsec1 is installed by .ci/setup");
                assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
                judged(&draft, &folder.path().join("signed.xml"), &format!("{signer} {leaving_out} {method:?}"));
                documents += 1;
            }
        }
    }
    assert_eq!(documents, 36);
}

#[test]
fn what_the_jdk_signs_passes_and_what_is_changed_then_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lines = String::new();
    let mut drafts = Vec::new();
    let (rsa, ecdsa) =
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384");
    let pss = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1";
    for (signer, method) in [("rsa-3072", rsa), ("rsa-3072", pss), ("p384", ecdsa)] {
        for leaving_out in ["enveloped", "xpath", "filter"] {
            for form in [Method::Inclusive10, Method::Exclusive] {
                let name = format!("{}-{leaving_out}", drafts.len());
                let draft = Draft::new(signer);
                let template = draft.template();
                let between = |open: &str, close: &str| {
                    let start = template.find(open).expect("the beginning");
                    template[start..start + template[start..].find(close).expect("the end") + close.len()].to_owned()
                };
                let properties = between("<xades:QualifyingProperties", "</xades:QualifyingProperties>");
                let properties = properties.replacen(' ', " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" ", 1);
                let write = |kind: &str, bytes: &[u8]| {
                    fs::write(folder.path().join(format!("{name}.{kind}")), bytes).expect("a file");
                };
                write("properties", properties.as_bytes());
                write("document", draft.document.as_bytes());
                let key = &scene().signers[signer].key;
                write("key", &key.private_key_to_pkcs8().expect("a key"));
                write("certificate", &scene().signers[signer].der());
                let family = if signer == "p384" { "EC" } else { "RSA" };
                lines += &format!("{name} {family} {method} {leaving_out} {} {SHA256}\n", form.uri());
                drafts.push((name, draft));
            }
        }
    }
    fs::write(folder.path().join("list"), lines).expect("a list");
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/podpisy/Sign.java");
    let run = Command::new("java").arg(program).arg(folder.path()).output().expect("java is installed by .ci/setup");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(drafts.len(), 18);
    for (name, draft) in &drafts {
        judged(draft, &folder.path().join(format!("{name}.xml")), name);
    }
}

#[track_caller]
fn judged(draft: &Draft, file: &Path, what: &str) {
    let text = fs::read_to_string(file).expect("a signed document");
    let judgement = draft.judge_file(text.as_bytes());
    assert_eq!(judgement.verdict.to_string(), PASSED, "{what}: {:#?}\n{text}", judgement.signatures[0].checks);
    let changed = text.replacen(">100<", ">900<", 1);
    assert_eq!(draft.judge_file(changed.as_bytes()).verdict.to_string(), "TOTAL_FAILED HASH_FAILURE", "{what}");
}

fn number(signer: &str) -> String {
    let number = scene().signers[signer].x509.serial_number().to_bn().expect("a number");
    number.to_dec_str().expect("a text").to_string()
}
