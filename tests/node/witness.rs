//! Another unit witnesses a register through the door: it goes on as long as the register only grows, finds one that does
//! not, and what it remembers stops the gateway. And whoever asked has the proof of it right after the reply.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use brama::ledger::{Hash, SignedHead, is_included, leaf_hash, read_head, read_path};
use brama::xml::names::R;
use brama::xml::{Document, Element, Limits};
use openssl::base64::decode_block;
use uuid::Uuid;

use crate::gateway::Gateway;
use crate::office::{ADMINISTRATOR, Engine, Offices, signed};
use crate::registers::{copy, restore};
use crate::wire::{self, Answer};

struct Witness<'o> {
    offices: &'o Offices,
    state: PathBuf,
}

impl Witness<'_> {
    fn round(&self, gateway: &Gateway, more: &[&str]) -> Output {
        let pki = self.offices.pki();
        let path = |name: &str| pki.join(name).display().to_string();
        let (key, certificate, trust) = (path("pomoc.key"), path("pomoc.pem"), path("ca.pem"));
        let (url, state) = (format!("http://{}", gateway.http), self.state.display().to_string());
        let arguments = [
            "ledger",
            "witness",
            "--tenant",
            ADMINISTRATOR,
            "--unit",
            "OPS-BUSKO",
            "--user",
            "urzednik",
            "--url",
            &url,
            "--key",
            &key,
            "--certificate",
            &certificate,
            "--trust",
            &trust,
            "--state",
            &state,
        ];
        self.offices.brama(&[&arguments[..], more].concat())
    }

    /// One round that must end well, and what it says.
    #[track_caller]
    fn signs(&self, gateway: &Gateway, text: &str) {
        let round = self.round(gateway, &[]);
        let said = String::from_utf8_lossy(&round.stdout).into_owned();
        assert!(round.status.success() && said.contains(text), "{round:?}");
    }

    /// One round that must be refused, and what it says.
    #[track_caller]
    fn refuses(&self, gateway: &Gateway, more: &[&str], texts: &[&str]) {
        let round = self.round(gateway, more);
        let said = String::from_utf8_lossy(&round.stderr).into_owned();
        assert_eq!(round.status.code(), Some(1), "{round:?}");
        assert!(texts.iter().all(|text| said.contains(text)), "{said}");
    }

    fn remembers(&self) -> String {
        fs::read_to_string(&self.state).expect("a state")
    }
}

/// A question to `rejestr` by the social-assistance unit.
fn ask(gateway: &Gateway, offices: &Offices, operation: &str, rest: &str) -> Answer {
    let task = Uuid::new_v4();
    let request = format!(
        "<r:{operation} xmlns:r='urn:brama:rejestr:1' xmlns:w='urn:brama:wspolne:1'><r:kontekst>\
         <w:idZadania>{task}</w:idZadania><w:jednostka>OPS-BUSKO</w:jednostka><w:uzytkownik>urzednik</w:uzytkownik>\
         </r:kontekst><r:administrator>{ADMINISTRATOR}</r:administrator>{rest}</r:{operation}>"
    );
    wire::post(gateway.http, "rejestr", &signed(&offices.key("pomoc"), &request)).expect("an answer")
}

#[track_caller]
fn check(engine: Engine) {
    let offices = Offices::new(engine);
    let witness = Witness { offices: &offices, state: offices.folder.path().join("swiadek.xml") };
    let gateway = offices.start();
    offices.feed_persons(&gateway, 3);
    offices.ask(&gateway, 1);
    witness.signs(&gateway, "signed the head at entry 2 ");
    witness.signs(&gateway, "still at entry 2 ");
    let published = ask(&gateway, &offices, "PobierzGlowe", "");
    assert_eq!(published.element("rozmiarPoswiadczony"), "2", "{}", published.text());
    drop(gateway);
    let stores = offices.stores();
    copy(&stores.tenant(ADMINISTRATOR).expect("open"));
    stores.close();

    let gateway = offices.start();
    let disclosed = offices.ask(&gateway, 2).element("idUdostepnienia");
    is_proved(&ask(&gateway, &offices, "PobierzDowod", &format!("<r:idZdarzenia>{disclosed}</r:idZdarzenia>")), 3);
    offices.ask(&gateway, 3);
    witness.signs(&gateway, "signed the head at entry 4 ");
    let remembered = witness.remembers();
    let others = offices.pki().join("pomoc.pem").display().to_string();
    witness.refuses(&gateway, &["--signer", &others], &["another certificate", "--signer"]);
    assert_eq!(witness.remembers(), remembered);
    drop(gateway);

    // An older copy of the database, and nobody but the witness remembers.
    let stores = offices.stores();
    restore(&stores.tenant(ADMINISTRATOR).expect("open"), 2);
    stores.close();
    fs::remove_dir_all(offices.folder.path().join("heads")).expect("the heads were kept there");
    let gateway = offices.start();
    assert_eq!(offices.ask(&gateway, 1).element("wynik"), "ZNALEZIONO", "the gateway knows no better");
    witness.refuses(&gateway, &[], &["ends before", "entry 4 of epoch 1", "fenced it", "evidence"]);
    assert_eq!(witness.remembers(), remembered, "nothing of it was signed");
    let evidence = fs::read_to_string(offices.folder.path().join("swiadek.xml.evidence-1-4.xml")).expect("evidence");
    assert!(evidence.contains("<r:wczesniejsza>") && evidence.contains("<r:glowa>"), "{evidence}");
    assert_eq!(offices.ask(&gateway, 1).element("kod"), "NIEDOSTEPNY");
    drop(gateway);
    let gateway = offices.start();
    assert_eq!(offices.ask(&gateway, 1).element("kod"), "NIEDOSTEPNY", "also after a restart");
}

/// The answer's own proof holds for entry `number`.
#[track_caller]
fn is_proved(answer: &Answer, number: u64) {
    let text = answer.text();
    let start = text.find("<r:PobierzDowodOdpowiedz").unwrap_or_else(|| panic!("{text}"));
    let end = text.find("</r:PobierzDowodOdpowiedz>").expect("its end") + "</r:PobierzDowodOdpowiedz>".len();
    let document = Document::parse(&text.as_bytes()[start..end], &Limits::default()).expect("XML");
    let proof = document.root();
    let word = |name| proof.child(R.name(name)).map(Element::token).expect("a part");
    let signed: SignedHead = read_head(proof.child(R.name("glowa")).expect("a head")).expect("a head");
    let head = signed.read().expect("a head");
    let path: Vec<Hash> = read_path(proof).expect("a path");
    let leaf = decode_block(&word("wpis")).expect("an entry");
    assert!(signed.is_signed());
    assert_eq!(word("numer"), number.to_string());
    assert!(is_included(leaf_hash(&leaf), number - 1, head.size, &path, &head.root));
}

#[test]
fn a_witness_goes_on_over_growth_and_fences_an_older_copy_on_sqlite() {
    check(Engine::Sqlite);
}

#[test]
fn a_witness_goes_on_over_growth_and_fences_an_older_copy_on_postgres() {
    check(Engine::Postgres);
}
