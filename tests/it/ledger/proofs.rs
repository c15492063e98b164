//! Every entry is proved under every later head, every head goes on from every former one, and whoever changes an extract is
//! found, by the gateway's own check and by a verifier that shares no code with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use brama::ledger::{
    EXTRACT_END, Former, Proof, SignedHead, Span, TreeHead, begin_extract, is_consistent, is_included, leaf_hash,
    write_proof,
};
use brama::xml::Writer;
use tempfile::TempDir;

use super::*;

on_both_databases! {
    every_entry_is_proved_under_every_later_head
    every_head_goes_on_from_every_former_one
    an_extract_holds_for_both_verifiers
    every_changed_extract_is_found_by_both_verifiers
    every_change_in_the_database_is_found
    entries_from_before_the_tree_are_covered_when_the_register_is_opened
}

/// A register written in groups of one, two, four and five entries.
fn grown(place: &Place) -> Desk {
    let desk = Desk::new(place, RecorderSettings::default());
    for count in [1, 2, 4, 5] {
        let receipts: Vec<_> = desk.held(|| {
            let submission = |_| Submission { draft: Some(disclosure("anna")), ..Submission::default() };
            (0..count).map(submission).map(|one| desk.recorder.submit(one).expect("queued")).collect()
        });
        for receipt in receipts {
            receipt.wait_blocking().expect("recorded");
        }
    }
    desk
}

/// The heads that were published, with what they say. The first entry of a group may have been written alone.
fn heads(desk: &Desk) -> Vec<(SignedHead, TreeHead)> {
    let heads = (1..=12).filter_map(|size| desk.reader().head_of(size).ok());
    heads.map(|head| (head.clone(), head.read().expect("a head"))).collect()
}

fn every_entry_is_proved_under_every_later_head(engine: Engine) {
    let place = Place::new(engine);
    let desk = grown(&place);
    let heads = heads(&desk);
    assert_eq!(heads.last().map(|(head, _)| head.clone()), desk.reader().signed_head().expect("read"));
    for (signed, head) in &heads {
        assert!(signed.is_signed());
        let proofs = desk.reader().proofs(1, 100, head.size).expect("proofs");
        assert_eq!(proofs.len() as u64, head.size);
        for Proof { number, leaf, path } in &proofs {
            assert!(is_included(leaf_hash(leaf), number - 1, head.size, path, &head.root), "{number} of {}", head.size);
        }
    }
    desk.holds(12);
}

fn every_head_goes_on_from_every_former_one(engine: Engine) {
    let place = Place::new(engine);
    let desk = grown(&place);
    let heads: Vec<TreeHead> = heads(&desk).into_iter().map(|(_, head)| head).collect();
    assert!(heads.len() >= 4);
    for new in &heads {
        for old in heads.iter().filter(|old| old.size <= new.size) {
            let path = desk.reader().consistency(old.size, new.size).expect("a path");
            assert!(is_consistent(old.size, &old.root, new.size, &new.root, &path), "{} to {}", old.size, new.size);
        }
    }
    assert!(desk.reader().consistency(0, 12).is_err() && desk.reader().consistency(13, 12).is_err());
}

/// An extract in its parts, so that a test can change them.
#[derive(Clone)]
struct Extract {
    span: Span,
    head: SignedHead,
    former: Option<Former>,
    proofs: Vec<Proof>,
}

impl Extract {
    fn of(desk: &Desk, first: u64, last: u64) -> Self {
        let reader = desk.reader();
        let head = reader.signed_head().expect("read").expect("a head");
        let former =
            Former { head: reader.head_of(1).expect("the first"), path: reader.consistency(1, 12).expect("a path") };
        let proofs = reader.proofs(first, last - first + 1, 12).expect("proofs");
        Self { span: Span { first, last }, head, former: Some(former), proofs }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = begin_extract(self.span, &self.head, self.former.as_ref());
        for proof in &self.proofs {
            let mut entry = Writer::new();
            write_proof(proof, &mut entry);
            bytes.extend(entry.into_bytes());
        }
        bytes.extend_from_slice(EXTRACT_END);
        bytes
    }
}

/// Both verifiers at one file.
pub(super) struct Judges {
    folder: TempDir,
}

impl Judges {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// Whether the extract holds; both say the same.
    #[track_caller]
    pub(super) fn hold(&self, extract: &[u8]) -> bool {
        let file = self.folder.path().join("wyciag.xml");
        fs::write(&file, extract).expect("a file");
        let (own, foreign) = (own(&file), foreign(&file, &[]));
        let codes = [own.status.code(), foreign.status.code()];
        assert!(codes[0].is_some_and(|code| code < 3) && codes[1].is_some_and(|code| code < 3), "{own:?} {foreign:?}");
        assert_eq!(codes[0] == Some(0), codes[1] == Some(0), "{own:?} {foreign:?}");
        codes[0] == Some(0)
    }
}

fn own(file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brama"));
    command.args(["ledger", "verify", "--file"]).arg(file).output().expect("the program runs")
}

fn foreign(file: &Path, more: &[&Path]) -> Output {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let python = root.join(".venv/bin/python");
    assert!(python.exists(), "`make setup` makes .venv, which the verifier needs");
    let mut command = Command::new(python);
    command.arg(root.join("examples/verify-ledger/verify.py")).arg(file).args(more).output().expect("Python runs")
}

fn an_extract_holds_for_both_verifiers(engine: Engine) {
    let place = Place::new(engine);
    let desk = grown(&place);
    let judges = Judges::new();
    let schema = Schema::compile("rejestr.xsd", XSD).expect("the schema");
    for (first, last) in [(1, 12), (1, 1), (12, 12), (3, 9)] {
        let extract = Extract::of(&desk, first, last);
        let document = brama::xml::Document::parse(&extract.bytes(), &brama::xml::Limits::default()).expect("XML");
        assert!(schema.validate(document.root(), document.root()).is_empty());
        assert!(judges.hold(&extract.bytes()), "{first} to {last}");
        assert!(judges.hold(&Extract { former: None, ..extract }.bytes()));
    }
    // What was kept from an earlier day: the new head must go on from it.
    let kept = judges.folder.path().join("dawny.xml");
    let head = desk.reader().head_of(1).expect("the first");
    let proofs = desk.reader().proofs(1, 1, 1).expect("a proof");
    let early = Extract { span: Span { first: 1, last: 1 }, head, former: None, proofs };
    fs::write(&kept, early.bytes()).expect("a file");
    let new = judges.folder.path().join("wyciag.xml");
    let goes_on = |extract: &Extract| {
        fs::write(&new, extract.bytes()).expect("a file");
        foreign(&new, &[Path::new("--earlier"), &kept]).status.code()
    };
    let extract = Extract::of(&desk, 5, 6);
    assert_eq!(goes_on(&extract), Some(0));
    assert_eq!(goes_on(&Extract { former: None, ..extract.clone() }), Some(1));
    // Whose key it was: the gateway's own, or another's of the same name.
    let signed_by = |certificate: &[u8]| {
        let pem = judges.folder.path().join("brama.pem");
        let text = openssl::base64::encode_block(certificate);
        fs::write(&pem, format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")).expect("a file");
        fs::write(&new, extract.bytes()).expect("a file");
        foreign(&new, &[Path::new("--signer"), &pem]).status.code()
    };
    assert_eq!(signed_by(&extract.head.certificate), Some(0));
    assert_eq!(signed_by(&seal_of_another(&extract.head)), Some(1));
}

type Change<'c> = &'c dyn Fn(&mut Extract);

fn every_changed_extract_is_found_by_both_verifiers(engine: Engine) {
    let place = Place::new(engine);
    let desk = grown(&place);
    let judges = Judges::new();
    let whole = Extract::of(&desk, 2, 7);
    assert!(judges.hold(&whole.bytes()));
    let stranger = seal_of_another(&whole.head);
    let changes: [(&str, Change); 19] = [
        ("an entry's byte", &|one| one.proofs[3].leaf[40] ^= 1),
        ("an entry's format", &|one| one.proofs[3].leaf[0] = 2),
        ("an entry's last byte", &|one| *one.proofs[0].leaf.last_mut().expect("a byte") ^= 1),
        ("a hash of a path", &|one| one.proofs[1].path[0][31] ^= 1),
        ("a shorter path", &|one| one.proofs[1].path.truncate(1)),
        ("a longer path", &|one| one.proofs[1].path.push([7; 32])),
        ("a removed entry", &|one| drop(one.proofs.remove(2))),
        ("a removed last entry", &|one| drop(one.proofs.pop())),
        ("an entry twice", &|one| one.proofs.insert(2, one.proofs[2].clone())),
        ("swapped entries", &|one| one.proofs.swap(1, 2)),
        ("swapped leaves", &|one| {
            let leaf = one.proofs[1].leaf.clone();
            one.proofs[1].leaf = std::mem::replace(&mut one.proofs[2].leaf, leaf);
        }),
        ("an earlier beginning", &|one| one.span.first = 1),
        ("a later end", &|one| one.span.last = 8),
        ("a head's byte", &|one| one.head.bytes[60] ^= 1),
        ("a head's signature", &|one| one.head.signature[5] ^= 1),
        ("an older head", &|one| one.head = one.former.clone().expect("one").head),
        ("a former head's signature", &|one| one.former.as_mut().expect("one").head.signature[9] ^= 1),
        ("a path between heads", &|one| one.former.as_mut().expect("one").path[0][0] ^= 1),
        ("another's certificate", &|one| one.head.certificate.clone_from(&stranger)),
    ];
    for (what, change) in changes {
        let mut changed = whole.clone();
        change(&mut changed);
        assert!(!judges.hold(&changed.bytes()), "{what}");
    }
    // A forged head before the entries and a genuine one after them.
    let text = String::from_utf8(whole.bytes()).expect("UTF-8");
    let head = &text[text.find("<r:glowa>").expect("a head")..text.find("<r:wczesniejsza>").expect("a former one")];
    let twice = text.replace("</r:Wyciag>", &format!("{head}</r:Wyciag>"));
    assert!(!judges.hold(twice.as_bytes()), "two heads");
    for _ in 0..12 {
        let mut changed = whole.clone();
        let [which, place, bit, ..] = Uuid::new_v4().into_bytes().map(usize::from);
        let proof = &mut changed.proofs[which % 6];
        let count = proof.leaf.len();
        proof.leaf[place * 7 % count] ^= 1 << (bit % 8);
        assert!(!judges.hold(&changed.bytes()), "byte {} of leaf {}, bit {}", place * 7 % count, which % 6, bit % 8);
    }
}

/// A certificate of the same name with another key.
fn seal_of_another(head: &SignedHead) -> Vec<u8> {
    use brama::signatures::KeyFamily;
    use brama::signatures::pki::Authority;
    let now = chrono::Utc::now();
    let authority = Authority::new("Urząd próbny", now).expect("an authority");
    let other = authority.issue("brama", KeyFamily::Ecdsa, now).and_then(|one| one.signing_key()).expect("a key");
    assert_ne!(other.certificate().der(), head.certificate);
    other.certificate().der().to_vec()
}

/// Takes away what keeps the owner of the database from changing its registers.
fn unlock(desk: &Desk, engine: Engine) {
    let tables = ["ledger_entries", "ledger_heads", "ledger_head"];
    let sql = match engine {
        Engine::Sqlite => [
            "ledger_entries_stay",
            "ledger_entries_last",
            "ledger_entries_follow",
            "ledger_heads_stay",
            "ledger_heads_last",
            "ledger_head_grows",
            "ledger_head_last",
            "ledger_head_once",
            "ledger_heads_follow",
        ]
        .map(|trigger| format!("DROP TRIGGER {trigger};"))
        .concat(),
        Engine::Postgres => tables.map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER USER;")).concat(),
    };
    desk.sql(&sql).expect("unlocked");
}

fn every_change_in_the_database_is_found(engine: Engine) {
    let place = Place::new(engine);
    let desk = grown(&place);
    unlock(&desk, engine);
    desk.sql(
        "CREATE TABLE kept AS SELECT * FROM ledger_entries; CREATE TABLE kept_heads AS SELECT * FROM ledger_heads; \
         CREATE TABLE kept_head AS SELECT * FROM ledger_head",
    )
    .expect("kept");
    let restore = "DELETE FROM ledger_entries; INSERT INTO ledger_entries SELECT * FROM kept; \
        DELETE FROM ledger_heads; INSERT INTO ledger_heads SELECT * FROM kept_heads; \
        DELETE FROM ledger_head; INSERT INTO ledger_head SELECT * FROM kept_head";
    let copy = "INSERT INTO ledger_entries SELECT";
    let rest = "epoch, recorded_at, event, kind, repeated, leaf, leaf_hash, subtrees FROM kept WHERE number";
    let changes = [
        "UPDATE ledger_entries SET leaf = (SELECT leaf FROM kept WHERE number = 4) WHERE number = 5".to_owned(),
        "UPDATE ledger_entries SET leaf = (SELECT leaf FROM kept WHERE number = 4), \
         leaf_hash = (SELECT leaf_hash FROM kept WHERE number = 4) WHERE number = 5"
            .to_owned(),
        "UPDATE ledger_entries SET kind = 'ODMOWA' WHERE number = 5".to_owned(),
        "UPDATE ledger_entries SET subtrees = leaf_hash WHERE number = 4".to_owned(),
        "DELETE FROM ledger_entries WHERE number = 5".to_owned(),
        "DELETE FROM ledger_entries WHERE number = 12".to_owned(),
        "DELETE FROM ledger_entries WHERE number = 12; UPDATE ledger_head SET size = 11".to_owned(),
        format!("DELETE FROM ledger_entries WHERE number IN (5, 6); {copy} 5, {rest} = 6; {copy} 6, {rest} = 5"),
        format!(
            "DELETE FROM ledger_entries WHERE number > 5; {copy} number - 1, {rest} > 6; UPDATE ledger_head SET size = 11"
        ),
        "UPDATE ledger_heads SET head = signature WHERE size = 12".to_owned(),
        "UPDATE ledger_heads SET signature = head WHERE size = 12".to_owned(),
        "DELETE FROM ledger_heads WHERE size = 12".to_owned(),
        "UPDATE ledger_head SET edge = seal.fingerprint FROM ledger_seals AS seal".to_owned(),
    ];
    for change in changes {
        desk.sql(&change).expect(&change);
        let (_, findings) = desk.audit();
        assert!(!findings.is_empty(), "{change}");
        desk.sql(restore).expect("restored");
        desk.holds(12);
    }
}

fn entries_from_before_the_tree_are_covered_when_the_register_is_opened(engine: Engine) {
    let place = Place::new(engine);
    drop(grown(&place));
    let stores = place.open();
    let tenant = stores.tenant(OPS).expect("open");
    // As an earlier program left it: entries and the size, nothing of the tree.
    let triggers = match engine {
        Engine::Sqlite => "DROP TRIGGER ledger_entries_stay; DROP TRIGGER ledger_heads_last;",
        Engine::Postgres => {
            "ALTER TABLE ledger_entries DISABLE TRIGGER USER; ALTER TABLE ledger_heads DISABLE TRIGGER USER;"
        }
    };
    let empty = if engine == Engine::Sqlite { "x''" } else { "''::bytea" };
    let sql = format!(
        "{triggers} DELETE FROM ledger_heads; UPDATE ledger_entries SET subtrees = {empty}; \
         UPDATE ledger_head SET edge = {empty};"
    );
    tenant.ledger.write(|db| Ok(db.batch_execute(&sql)?)).expect("made old");
    drop(tenant);
    stores.close();
    drop(stores);
    let desk = Desk::at(place.open(), RecorderSettings::default());
    desk.holds(12);
    desk.draft(disclosure("anna"));
    desk.holds(13);
    let head = desk.reader().signed_head().expect("read").expect("a head").read().expect("a head");
    for Proof { number, leaf, path } in desk.reader().proofs(1, 100, 13).expect("proofs") {
        assert!(is_included(leaf_hash(&leaf), number - 1, 13, &path, &head.root), "{number}");
    }
}
