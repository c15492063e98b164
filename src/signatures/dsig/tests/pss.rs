//! RSA-PSS, by names without parameters and by parameters that mean the same.

use openssl::base64::encode_block;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};

use super::{Outcome, Reason, judge};
use crate::signatures::VerifyingKey;
use crate::xml::DS;

const MORE: &str = "http://www.w3.org/2007/05/xmldsig-more#";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";

struct Scene(PKey<Private>);

impl Scene {
    fn new() -> Self {
        Self(PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap())
    }

    /// A document signed with `hash` and a salt of `salt` bytes, whose `SignatureMethod` has this name and content.
    fn judge(&self, name: &str, inside: &str, hash: MessageDigest, salt: i32) -> Outcome {
        let signed_info = format!(
            "<ds:SignedInfo xmlns:ds=\"{}\"><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
             </ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"{MORE}{name}\">{inside}</ds:SignatureMethod>\
             <ds:Reference URI=\"#a\"><ds:DigestMethod Algorithm=\"{SHA256}\"></ds:DigestMethod>\
             <ds:DigestValue>{}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
            DS.uri,
            encode_block(&openssl::sha::sha256(b"<a Id=\"a\">1</a>"))
        );
        let mut signer = Signer::new(hash, &self.0).unwrap();
        signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        signer.set_rsa_mgf1_md(hash).unwrap();
        signer.set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt)).unwrap();
        let value = encode_block(&signer.sign_oneshot_to_vec(signed_info.as_bytes()).unwrap());
        let document = format!(
            "<t><a Id=\"a\">1</a><ds:Signature xmlns:ds=\"{}\">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>\
             </ds:Signature></t>",
            DS.uri
        );
        judge(document.as_bytes(), &VerifyingKey::from_pem(&self.0.public_key_to_pem().unwrap()).unwrap())
    }

    #[track_caller]
    fn holds(&self, name: &str, inside: &str, hash: MessageDigest) {
        let salt = i32::try_from(hash.size()).unwrap();
        assert_eq!(self.judge(name, inside, hash, salt), Outcome::Holds(vec!["/t/a".into()]), "{name} {inside}");
    }

    #[track_caller]
    fn refused(&self, name: &str, inside: &str) {
        let outcome = self.judge(name, inside, MessageDigest::sha256(), 32);
        assert_eq!(outcome, Outcome::Refused(Reason::SignatureMethod), "{name} {inside}");
    }
}

fn parameters(inside: &str) -> String {
    format!("<pss:RSAPSSParams xmlns:pss=\"{MORE}\">{inside}</pss:RSAPSSParams>")
}

fn digest(uri: &str) -> String {
    format!("<ds:DigestMethod Algorithm=\"{uri}\"></ds:DigestMethod>")
}

fn mask(inside: &str) -> String {
    format!("<pss:MaskGenerationFunction Algorithm=\"{MORE}MGF1\">{inside}</pss:MaskGenerationFunction>")
}

const SALT_32: &str = "<pss:SaltLength>32</pss:SaltLength>";
const TRAILER: &str = "<pss:TrailerField>1</pss:TrailerField>";

#[test]
fn names_without_parameters_have_one_hash_throughout() {
    let scene = Scene::new();
    scene.holds("sha256-rsa-MGF1", "", MessageDigest::sha256());
    scene.holds("sha384-rsa-MGF1", "", MessageDigest::sha384());
    scene.holds("sha512-rsa-MGF1", "", MessageDigest::sha512());
    scene.refused("sha1-rsa-MGF1", "");
    scene.refused("sha3-256-rsa-MGF1", "");
    scene.refused("sha256-rsa-MGF1", &parameters(""));
    for (hash, salt) in [(MessageDigest::sha384(), 48), (MessageDigest::sha256(), 20), (MessageDigest::sha256(), 0)] {
        assert!(matches!(scene.judge("sha256-rsa-MGF1", "", hash, salt), Outcome::Fails(_)), "{salt}");
    }
}

#[test]
fn parameters_may_say_the_same_at_any_length() {
    let scene = Scene::new();
    scene.holds("rsa-pss", "", MessageDigest::sha256());
    scene.holds("rsa-pss", &parameters(""), MessageDigest::sha256());
    let all = format!("{}{}{SALT_32}{TRAILER}", digest(SHA256), mask(&digest(SHA256)));
    scene.holds("rsa-pss", &parameters(&all), MessageDigest::sha256());
    scene.holds("rsa-pss", &parameters(&format!("{}{}", digest(SHA384), mask(""))), MessageDigest::sha384());
    scene.holds("rsa-pss", &parameters(&digest(SHA512)), MessageDigest::sha512());
}

#[test]
fn parameters_that_say_anything_else_are_refused() {
    let scene = Scene::new();
    for inside in [
        digest("http://www.w3.org/2000/09/xmldsig#sha1"),
        mask(&digest(SHA512)),
        mask(&digest("http://www.w3.org/2000/09/xmldsig#sha1")),
        mask(&digest(SHA256)).replace("MGF1", "MGF2"),
        mask(&format!("{0}{0}", digest(SHA256))),
        SALT_32.replace("32", "20"),
        SALT_32.replace("32", "+32x"),
        TRAILER.replace('1', "2"),
        format!("{TRAILER}{SALT_32}"),
        format!("{0}{0}", digest(SHA256)),
        "<pss:Other></pss:Other>".to_owned(),
    ] {
        scene.refused("rsa-pss", &parameters(&inside));
    }
    scene.refused("rsa-pss", &format!("{0}{0}", parameters("")));
    scene.refused("rsa-pss", &digest(SHA256));
}
