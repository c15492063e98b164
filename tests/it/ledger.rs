//! The register behaves the same on both databases: numbers without gaps, every claim once, nothing changed, nothing readable.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use brama::contract::XSD;
use brama::ledger::{Draft, EventKind, Finding, Head, PersonContent, PersonPart, RecordDigest};
use brama::store::{
    Claim, Clerks, LedgerReader, RecordError, Recorded, Recorder, RecorderSettings, Standing, Stores, Submission,
    Tenant,
};
use brama::subjects::IdentificationFields;
use brama::xml::Schema;
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::on_both_databases;
use crate::support::stores::{Engine, Place, seal};

mod answers;
mod claims;
mod clerk;
mod epochs;
mod erasure;
mod faults;
mod forgotten;
mod orders;
mod proofs;
mod retention;
mod witnesses;

on_both_databases! {
    eight_threads_leave_no_gap_and_no_double
    what_was_acknowledged_is_there_after_reopening
    the_same_event_is_one_entry
    the_time_of_entries_never_goes_back
    nothing_at_rest_names_a_person
    entries_can_be_neither_changed_nor_deleted_nor_put_elsewhere
}

const OPS: &str = "OPS-BUSKO";
const SURNAME: &str = "Żółkiewska-Testowa";
const PESEL: &str = "85831541742";
const PURPOSE: &str = "ustalenie prawa do zasiłku okresowego";

/// One administrator's register with a recorder of its own.
struct Desk {
    tenant: Arc<Tenant>,
    clerks: Clerks,
    recorder: Recorder,
    stores: Stores,
}

impl Desk {
    fn new(place: &Place, settings: RecorderSettings) -> Self {
        Self::at(place.with_tenant(OPS), settings)
    }

    fn at(stores: Stores, settings: RecorderSettings) -> Self {
        let tenant = stores.tenant(OPS).expect("open");
        let clerks = Clerks::start(2).expect("threads");
        let (keys, ledger) = (Arc::clone(&tenant.keys), Arc::clone(&tenant.ledger));
        let recorder = Recorder::new(&clerks, OPS, keys, Some(seal()), ledger, settings);
        Self { tenant, clerks, recorder, stores }
    }

    fn submit(&self, submission: Submission) -> Result<Recorded, RecordError> {
        self.recorder.submit(submission)?.wait_blocking()
    }

    fn draft(&self, draft: Draft) -> Recorded {
        self.submit(Submission { draft: Some(draft), ..Submission::default() }).expect("recorded")
    }

    fn audit(&self) -> (Head, Vec<Finding>) {
        let schema = Schema::compile("rejestr.xsd", XSD).expect("the schema");
        self.reader().audit(&schema).expect("read")
    }

    #[track_caller]
    fn holds(&self, size: u64) {
        let (head, findings) = self.audit();
        assert_eq!((head.size, findings), (size, Vec::new()));
    }

    fn reader(&self) -> LedgerReader {
        LedgerReader::new(OPS, Arc::clone(&self.tenant.ledger))
    }

    fn sql(&self, sql: &str) -> Result<(), brama::store::Error> {
        self.tenant.ledger.write(|db| Ok(db.batch_execute(sql)?))
    }

    /// Keeps everybody else from writing while `work` runs, so that what is submitted becomes one group.
    fn held<T>(&self, work: impl FnOnce() -> T) -> T {
        let held = self.tenant.ledger.write(|db| {
            db.batch_execute("UPDATE ledger_head SET size = size")?;
            Ok(work())
        });
        held.expect("held")
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A disclosure that concerns one person, told apart by `person`.
fn disclosure(person: &str) -> Draft {
    let identification = IdentificationFields {
        surname: Some(SURNAME.to_owned()),
        pesel: Some(PESEL.to_owned()),
        ..IdentificationFields::default()
    };
    let content = PersonContent {
        identification,
        matter: Some("OPS.5020.17.2025".to_owned()),
        purpose: Some(PURPOSE.to_owned()),
        fields: Vec::new(),
        records: vec![RecordDigest { source_id: "PS-1001".to_owned(), role: None, digest: [3; 32] }],
    };
    Draft {
        request: Some(Uuid::new_v4().to_string()),
        unit: Some(OPS.to_owned()),
        system: Some("pomoc".to_owned()),
        user: Some("ops1".to_owned()),
        groups: vec!["urzednicy".to_owned()],
        certificate: Some([5; 32]),
        set: Some("OPS-BUSKO/pomoc".to_owned()),
        basis: Some("UPS-105".to_owned()),
        asked: vec!["1.1".to_owned(), "3.1".to_owned()],
        granted: vec!["1.1".to_owned()],
        outcome: Some("ZNALEZIONO".into()),
        state: Some(1),
        as_of: "2025-11-20".parse().ok(),
        rights_generation: Some(4),
        parts: vec![PersonPart { person: person.as_bytes().to_vec(), content }],
        ..Draft::new(Uuid::new_v4(), EventKind::Disclosure, OPS)
    }
}

fn claim(task: Uuid, content: u8) -> Claim {
    let mut signed_info = [0; 32];
    signed_info[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    Claim { system: "pomoc".to_owned(), signed_info, task: Some(task.to_string()), content: Some([content; 32]) }
}

fn eight_threads_leave_no_gap_and_no_double(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings { queue_max: 1600, ..RecorderSettings::default() });
    let numbers = thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let desk = &desk;
                scope.spawn(move || {
                    let submission = |turn: usize| Submission {
                        claim: Some(claim(Uuid::new_v4(), 1)),
                        draft: Some(disclosure(&format!("osoba {}", (turn + writer) % 30))),
                        ..Submission::default()
                    };
                    let receipts: Vec<_> =
                        (0..200).map(|turn| desk.recorder.submit(submission(turn)).expect("queued")).collect();
                    let recorded = receipts.into_iter().map(|receipt| receipt.wait_blocking().expect("recorded"));
                    recorded.map(|recorded| recorded.number.expect("a number")).collect::<Vec<_>>()
                })
            })
            .collect();
        let mut numbers: Vec<u64> = writers.into_iter().flat_map(|writer| writer.join().expect("no panic")).collect();
        numbers.sort_unstable();
        numbers
    });
    assert_eq!(numbers, (1..=1600).collect::<Vec<_>>());
    desk.holds(1600);
    let page = desk.reader().page(1599, 10).expect("read");
    assert_eq!(page.iter().map(|entry| entry.number).collect::<Vec<_>>(), [1599, 1600]);
}

fn what_was_acknowledged_is_there_after_reopening(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    // rule 3.4: 2 is FULL; NORMAL would not sync at commit in WAL mode.
    let full = match engine {
        Engine::Sqlite => "SELECT synchronous AS n FROM pragma_synchronous",
        Engine::Postgres => "SELECT CASE current_setting('synchronous_commit') WHEN 'on' THEN 2 END::bigint AS n",
    };
    assert_eq!(desk.tenant.ledger.write(|db| Ok(sql_query(full).get_result::<Number>(db)?)).expect("a setting").n, 2);
    for _ in 0..3 {
        desk.draft(disclosure("anna"));
    }
    drop(desk);
    let desk = Desk::at(place.open(), RecorderSettings::default());
    assert_eq!(desk.draft(disclosure("anna")).number, Some(4), "also the person's key is known again");
    desk.holds(4);
}

fn the_same_event_is_one_entry(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let submission =
        Submission { claim: Some(claim(Uuid::new_v4(), 1)), draft: Some(disclosure("anna")), ..Submission::default() };
    let first = desk.submit(submission.clone()).expect("recorded");
    desk.draft(disclosure("jan"));
    // This is what happens after a commit whose outcome stayed unknown, and when an outbox is drained again.
    assert_eq!(desk.submit(submission.clone()), Ok(first));
    assert_eq!(desk.submit(Submission { claim: None, ..submission }), Ok(first));
    desk.holds(2);
}

fn the_time_of_entries_never_goes_back(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    desk.draft(disclosure("anna"));
    desk.sql("UPDATE ledger_head SET last_time = last_time + 3600000000").expect("an hour ahead");
    desk.draft(disclosure("anna"));
    desk.draft(disclosure("anna"));
    let times: Vec<_> = desk.reader().page(1, 9).expect("read").iter().map(|entry| entry.time).collect();
    assert_eq!(times[1] - times[0], chrono::Duration::hours(1));
    assert_eq!(times[2], times[1]);
    desk.holds(3);
}

fn nothing_at_rest_names_a_person(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    for _ in 0..5 {
        desk.submit(Submission {
            claim: Some(claim(Uuid::new_v4(), 1)),
            draft: Some(disclosure(PESEL)),
            ..Submission::default()
        })
        .expect("recorded");
    }
    let bytes = place.at_rest(&[desk.tenant.ledger.address()]);
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    for secret in [SURNAME, PESEL, PURPOSE, "OPS.5020.17.2025", "PS-1001"] {
        assert!(!holds(secret.as_bytes()), "{secret}");
        assert!(!holds(hex(secret).as_bytes()), "{secret} in a dump");
    }
    assert!(holds(b"UDOSTEPNIENIE"), "the dump is one of the register");
}

fn entries_can_be_neither_changed_nor_deleted_nor_put_elsewhere(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let answered = claim(Uuid::new_v4(), 1);
    let refused = Claim { content: None, ..claim(Uuid::new_v4(), 1) };
    for claim in [answered.clone(), Claim { signed_info: [9; 32], ..answered }, refused] {
        desk.submit(Submission { claim: Some(claim), draft: Some(disclosure("anna")), ..Submission::default() })
            .expect("recorded");
    }
    desk.sql("INSERT INTO ledger_witnesses SELECT size, 'OPS', head, signature, 1 FROM ledger_heads")
        .expect("testimonies");
    let copy = |number: &str, event: &str| {
        format!(
            "INTO ledger_entries (number, epoch, recorded_at, event, kind, repeated, leaf, leaf_hash) \
             SELECT {number}, epoch, recorded_at, {event}, kind, repeated, leaf, leaf_hash FROM ledger_entries WHERE number = 3"
        )
    };
    let mut attempts = vec![
        "UPDATE ledger_entries SET kind = 'ODMOWA' WHERE number = 2".to_owned(),
        "UPDATE ledger_entries SET leaf = leaf_hash".to_owned(),
        "DELETE FROM ledger_entries WHERE number = 3".to_owned(),
        "DELETE FROM ledger_entries".to_owned(),
        "UPDATE ledger_claims SET system = 'x'".to_owned(),
        "DELETE FROM ledger_claims".to_owned(),
        "DELETE FROM ledger_signed_infos".to_owned(),
        "UPDATE ledger_head SET size = 1".to_owned(),
        "UPDATE ledger_head SET last_time = 0".to_owned(),
        "DELETE FROM ledger_head".to_owned(),
        "UPDATE ledger_heads SET signature = head".to_owned(),
        "DELETE FROM ledger_heads".to_owned(),
        "INSERT INTO ledger_heads SELECT 1, head, signature, seal FROM ledger_heads WHERE size = 3".to_owned(),
        "UPDATE ledger_seals SET certificate = fingerprint".to_owned(),
        "DELETE FROM ledger_seals".to_owned(),
        "UPDATE ledger_witnesses SET unit = 'x'".to_owned(),
        "DELETE FROM ledger_witnesses".to_owned(),
        format!("INSERT {}", copy("5", "leaf_hash")),
        format!("INSERT {}", copy("2", "leaf_hash")),
        format!("INSERT {}", copy("4", "event")),
    ];
    match engine {
        Engine::Sqlite => {
            attempts.push(format!("INSERT OR REPLACE {}", copy("2", "leaf_hash")));
            attempts.push(format!("REPLACE {}", copy("4", "event")));
            attempts.push(
                "REPLACE INTO ledger_witnesses SELECT size, unit, unit, unit, 2 FROM ledger_witnesses".to_owned(),
            );
            attempts.push("REPLACE INTO ledger_head VALUES (1, 1, 0, 0)".to_owned());
            attempts.push(
                "REPLACE INTO ledger_claims SELECT task, system, event, event, event FROM ledger_claims".to_owned(),
            );
            attempts.push("REPLACE INTO ledger_signed_infos SELECT digest, digest FROM ledger_signed_infos".to_owned());
        }
        Engine::Postgres => {
            attempts.push("TRUNCATE ledger_entries".to_owned());
            attempts.push("TRUNCATE ledger_witnesses".to_owned());
            attempts.push("TRUNCATE ledger_claims, ledger_signed_infos, ledger_head".to_owned());
        }
    }
    for attempt in attempts {
        assert!(desk.sql(&attempt).is_err(), "{attempt}");
    }
    desk.holds(3);
}
