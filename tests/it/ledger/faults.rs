//! When things go wrong: a bad neighbour, a full queue, a lost session, a restored database, the end of the process.

use diesel::{Connection, PgConnection};

use super::*;

on_both_databases! {
    one_bad_submission_does_not_fail_its_neighbours
    a_full_queue_refuses_at_once
    a_register_that_forgot_entries_is_fenced
    the_end_of_the_process_waits_for_what_is_queued
    a_draft_for_another_register_is_refused
    a_held_register_does_not_hold_up_another
    a_lost_session_costs_no_entry_and_makes_no_double
}

fn one_bad_submission_does_not_fail_its_neighbours(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    desk.draft(disclosure("zepsuta"));
    desk.sql("UPDATE ledger_person_keys SET wrapped = person").expect("the person's key is damaged");
    let receipts: Vec<_> = desk.held(|| {
        let persons = ["anna", "jan", "zepsuta", "ewa", "zepsuta", "piotr"];
        let draft = |person| Submission {
            claim: Some(claim(Uuid::new_v4(), 1)),
            draft: Some(disclosure(person)),
            ..Submission::default()
        };
        persons.map(|person| desk.recorder.submit(draft(person)).expect("queued")).into_iter().collect()
    });
    let outcomes: Vec<_> = receipts.into_iter().map(brama::store::Receipt::wait_blocking).collect();
    let recorded: Vec<_> = outcomes.iter().map(|outcome| outcome.map(|recorded| recorded.number)).collect();
    let bad = Err(RecordError::Rejected);
    assert_eq!(recorded, [Ok(Some(2)), Ok(Some(3)), bad, Ok(Some(4)), bad, Ok(Some(5))]);
    desk.holds(5);
}

fn a_full_queue_refuses_at_once(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings { queue_max: 2, ..RecorderSettings::default() });
    let submit = || desk.recorder.submit(Submission { draft: Some(disclosure("anna")), ..Submission::default() });
    let receipts: Vec<_> = desk.held(|| {
        let first = submit().expect("queued");
        while desk.recorder.waiting() > 0 {
            thread::sleep(Duration::from_millis(1)); // Until the first is at work and waits for the database.
        }
        let receipts = vec![first, submit().expect("queued"), submit().expect("queued")];
        assert_eq!(submit().err(), Some(RecordError::Busy));
        receipts
    });
    for receipt in receipts {
        receipt.wait_blocking().expect("recorded");
    }
    desk.holds(3);
}

fn a_register_that_forgot_entries_is_fenced(engine: Engine) {
    let place = Place::new(engine);
    let settings = RecorderSettings {
        patience: Duration::from_millis(50),
        rest: Duration::from_millis(10),
        ..RecorderSettings::default()
    };
    let desk = Desk::new(&place, settings);
    desk.draft(disclosure("anna"));
    desk.draft(disclosure("anna"));
    desk.sql(match engine {
        Engine::Sqlite => "DROP TRIGGER ledger_head_grows; UPDATE ledger_head SET size = 1",
        Engine::Postgres => "DROP TRIGGER ledger_head_grows ON ledger_head; UPDATE ledger_head SET size = 1",
    })
    .expect("set back");
    let outcome = desk.submit(Submission { draft: Some(disclosure("anna")), ..Submission::default() });
    assert_eq!(outcome, Err(RecordError::Unavailable));
}

fn the_end_of_the_process_waits_for_what_is_queued(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings { group_max: 7, ..RecorderSettings::default() });
    let submit = || desk.recorder.submit(Submission { draft: Some(disclosure("anna")), ..Submission::default() });
    let receipts: Vec<_> = (0..50).map(|_| submit().expect("queued")).collect();
    desk.clerks.stop();
    for receipt in receipts {
        receipt.wait_blocking().expect("recorded");
    }
    let late = submit().expect("a receipt").wait_blocking();
    assert_eq!(late, Err(RecordError::Unavailable));
    desk.holds(50);
}

fn a_draft_for_another_register_is_refused(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    let foreign = Draft { tenant: "PUP-BUSKO".to_owned(), ..disclosure("anna") };
    let outcome = desk.submit(Submission { draft: Some(foreign), ..Submission::default() });
    assert_eq!(outcome, Err(RecordError::Rejected));
}

fn a_held_register_does_not_hold_up_another(engine: Engine) {
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    desk.stores
        .add_tenant("PUP-BUSKO", "Urząd pracy", place.tenant_url("PUP-BUSKO").as_deref())
        .expect("an administrator");
    let other = desk.stores.tenant("PUP-BUSKO").expect("open");
    let (keys, database) = (Arc::clone(&other.keys), Arc::clone(&other.ledger));
    let other = Recorder::new(&desk.clerks, "PUP-BUSKO", keys, Some(seal()), database, RecorderSettings::default());
    let held = desk.held(|| {
        let held = desk
            .recorder
            .submit(Submission { draft: Some(disclosure("anna")), ..Submission::default() })
            .expect("queued");
        for _ in 0..20 {
            let draft = Draft { tenant: "PUP-BUSKO".to_owned(), ..disclosure("anna") };
            let receipt = other.submit(Submission { draft: Some(draft), ..Submission::default() }).expect("queued");
            receipt.wait_blocking().expect("recorded while the first register is held");
        }
        held
    });
    held.wait_blocking().expect("recorded");
    desk.holds(1);
}

fn a_lost_session_costs_no_entry_and_makes_no_double(engine: Engine) {
    if engine == Engine::Sqlite {
        return; // A file has no session to lose.
    }
    let place = Place::new(engine);
    let desk = Desk::new(&place, RecorderSettings::default());
    desk.draft(disclosure("anna"));
    let url = match desk.tenant.ledger.address() {
        brama::store::Address::Postgres(url) => url.clone(),
        brama::store::Address::File(_) => unreachable!("this is PostgreSQL"),
    };
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut own = PgConnection::establish(&url).expect("a session");
            for _ in 0..10 {
                sql_query(others).execute(&mut own).expect("terminated");
                thread::sleep(Duration::from_millis(20));
            }
        });
        while !killer.is_finished() {
            desk.draft(disclosure("anna"));
        }
    });
    let (head, findings) = desk.audit();
    assert_eq!(findings, []);
    let events: std::collections::HashSet<_> =
        desk.reader().page(1, 100_000).expect("read").iter().map(|entry| entry.event).collect();
    assert_eq!(events.len() as u64, head.size);
}
