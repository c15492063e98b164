//! Algorithms and keys: 25 and more documents.

use brama::xml::Method;

use super::draft::{Draft, ENVELOPED, EXCLUSIVE, Over, Reference, SHA1, XPATH, certificate_v2};
use super::scene::scene;
use super::table::{Case, PASSED, case, with};

const WEAK: &str = "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE";
const CONSTRAINTS: &str = "INDETERMINATE SIG_CONSTRAINTS_FAILURE";
const STEP: &str = "ALGORYTMY";
const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
const MORE_2007: &str = "http://www.w3.org/2007/05/xmldsig-more#";

fn method(signer: &'static str, name: &'static str, uri: String, verdict: &'static str, check: &'static str) -> Case {
    with(signer, name, verdict, check, move |draft| draft.method = uri.clone())
}

fn digest(name: &'static str, uri: &'static str, verdict: &'static str, check: &'static str) -> Case {
    with("anna", name, verdict, check, move |draft| draft.references[0].digest = uri.to_owned())
}

fn form(name: &'static str, method: Method) -> Case {
    with("anna", name, PASSED, "", move |draft| {
        let transform = format!("<ds:Transform Algorithm=\"{}\"/>", method.uri());
        let transforms = format!("{ENVELOPED}{XPATH}{transform}");
        draft.references = vec![Reference { transforms, c14n: method, ..Reference::whole() }];
        draft.c14n = method.uri().to_owned();
    })
}

pub fn cases() -> Vec<Case> {
    vec![
        method("anna", "ECDSA P-256 with SHA-256", format!("{MORE}ecdsa-sha256"), PASSED, ""),
        method("anna", "ECDSA P-256 with SHA-512", format!("{MORE}ecdsa-sha512"), PASSED, ""),
        method("p384", "ECDSA P-384 with SHA-384", format!("{MORE}ecdsa-sha384"), PASSED, ""),
        method("p521", "ECDSA P-521 with SHA-512", format!("{MORE}ecdsa-sha512"), PASSED, ""),
        method("rsa", "RSA 2048 with SHA-256 gets a warning", format!("{MORE}rsa-sha256"), PASSED, STEP),
        method("rsa-3072", "RSA 3072 with SHA-512", format!("{MORE}rsa-sha512"), PASSED, ""),
        method("rsa-3072", "RSA-PSS with SHA-256", format!("{MORE_2007}sha256-rsa-MGF1"), PASSED, ""),
        method("rsa-3072", "RSA-PSS with SHA-384", format!("{MORE_2007}sha384-rsa-MGF1"), PASSED, ""),
        digest("a digest by SHA-384", "http://www.w3.org/2001/04/xmldsig-more#sha384", PASSED, ""),
        digest("a digest by SHA-512", "http://www.w3.org/2001/04/xmlenc#sha512", PASSED, ""),
        form("canonical XML 1.0", Method::Inclusive10),
        form("canonical XML 1.1", Method::Inclusive11),
        method("rsa", "RSA with SHA-1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1".to_owned(), WEAK, STEP),
        method("anna", "ECDSA with SHA-1", format!("{MORE}ecdsa-sha1"), WEAK, STEP),
        method("rsa", "HMAC instead of a signature", format!("{MORE}hmac-sha256"), WEAK, STEP),
        method("rsa", "RSA with MD5", format!("{MORE}rsa-md5"), WEAK, STEP),
        method("anna", "an ECDSA key under an RSA method", format!("{MORE}rsa-sha256"), WEAK, STEP),
        digest("a digest by SHA-1", SHA1, WEAK, STEP),
        digest("a digest by MD5", "http://www.w3.org/2001/04/xmldsig-more#md5", WEAK, STEP),
        digest("a digest by nothing known", "urn:test:skrot", WEAK, STEP),
        case("RSA of 1024 bits", WEAK, STEP, || Draft::new("rsa-1024")),
        case("a curve that nobody accepts", WEAK, STEP, || Draft::new("secp256k1")),
        case("a certificate signed with SHA-1", WEAK, STEP, || Draft::new("sha1")),
        with("anna", "the certificate named by SHA-1", WEAK, STEP, |draft| {
            draft.certificate = certificate_v2(scene(), "anna", SHA1);
        }),
        with("anna", "the certificate named by SHA-1, where that is allowed", PASSED, STEP, |draft| {
            draft.certificate = certificate_v2(scene(), "anna", SHA1);
            draft.policy.sha1_cert_digest = true;
        }),
        with("anna", "the certificate named by an unknown hash", WEAK, STEP, |draft| {
            draft.certificate = certificate_v2(scene(), "anna", "urn:test:skrot");
        }),
        with("anna", "SignedInfo canonicalized with comments", CONSTRAINTS, STEP, |draft| {
            draft.c14n = Method::ExclusiveWithComments.uri().to_owned();
        }),
        with("anna", "only the enveloped-signature transform", PASSED, "", |draft| {
            let transforms = format!("{ENVELOPED}{EXCLUSIVE}");
            draft.references = vec![Reference { transforms, over: Over::Own, ..Reference::whole() }];
        }),
    ]
}
