//! Feeding a set, procedure by procedure, on both databases.

mod batches;
mod custody;
mod intake;
mod loading;
mod protocol;

use std::sync::{Arc, OnceLock};

use brama::contract::XSD;
use brama::problem::Code;
use brama::procedures::feed::load::{Interrupted, Tools, load};
use brama::procedures::feed::{Finding, follow, receive};
use brama::store::batches::{Batch, BatchState, NewBatch, Sender, Summary};
use brama::store::{Stores, Tenant};
use brama::subjects::{Pesel, SearchTerm, SetKind};
use brama::xml::{self, Limits, Schema};
use chrono::Utc;
use uuid::Uuid;

use crate::support::stores::{Engine, Place};
use batches::{Person, SET, file};

const ADMINISTRATOR: &str = "OPS-BUSKO";

/// One administrator on one database.
struct House {
    place: Place,
    stores: Arc<Stores>,
    tenant: Arc<Tenant>,
}

impl House {
    fn new(engine: Engine) -> Self {
        xml::start();
        let place = Place::new(engine);
        let stores = Arc::new(place.with_tenant(ADMINISTRATOR));
        let tenant = stores.tenant(ADMINISTRATOR).expect("the administrator");
        Self { place, stores, tenant }
    }

    fn hand_over(&self, mark: &str, file: &[u8]) -> Batch {
        receive::hand_over(self.tenant.batches(), &new(mark), &file.to_vec(), Utc::now()).expect("accepted")
    }

    /// Hands a file over and loads it.
    fn feed(&self, mark: &str, file: &[u8]) -> Batch {
        let batch = self.hand_over(mark, file);
        self.load(batch, &|| true).expect("a verdict")
    }

    /// Loads a batch as long as `go_on` says so; a new holder each time, as after a restart.
    fn load(&self, batch: Batch, go_on: &dyn Fn() -> bool) -> Result<Batch, Interrupted> {
        let batches = self.tenant.batches();
        batches.release_all().expect("released");
        let holder = Uuid::new_v4();
        assert!(batches.hold(SET, holder).expect("an answer"), "the set is free");
        let tools = Tools { tenant: &self.tenant, schema: schema(), limits: &Limits::default(), go_on };
        load(tools, batch, holder, Utc::now)
    }

    fn findings(&self, batch: &Batch) -> Vec<Finding> {
        follow::protocol(self.tenant.batches(), batch.id, 1, 1000).expect("a protocol").page
    }

    /// Ordinals and codes of the protocol.
    fn named(&self, batch: &Batch) -> Vec<(u64, &'static str)> {
        self.findings(batch).iter().map(|finding| (finding.ordinal.unwrap_or(0), finding.code.wire())).collect()
    }

    /// The status on record of a person, found by PESEL.
    fn status(&self, person: &Person) -> Option<String> {
        let term = SearchTerm::pesel(&Pesel::parse(&person.pesel).expect("a PESEL"));
        let key = self.tenant.keys.search_key(&term.material(SET)).expect("a key");
        let found = self.tenant.find(SET, key).expect("an answer");
        let record = found.records.into_iter().next()?;
        assert_eq!(record.source_id, person.id);
        let text = String::from_utf8(record.record).expect("a text");
        let (_, rest) = text.split_once("<b:status>")?;
        rest.split_once('<').map(|(status, _)| status.to_owned())
    }

    fn is_there(&self, number: u32) -> bool {
        self.status(&Person::number(number)).is_some()
    }

    fn count(&self, table: &str) -> i64 {
        use diesel::prelude::*;
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let sql = format!("SELECT count(*) AS n FROM {table}");
        let counted = self.tenant.sets.read(|db| Ok(diesel::sql_query(sql).get_result::<Count>(db)?));
        counted.expect("a number").n
    }
}

/// The schema of records, compiled once.
fn schema() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| Schema::compile("beneficjent.xsd", XSD).expect("the schema compiles"))
}

fn new(mark: &str) -> NewBatch {
    NewBatch { set: SET.to_owned(), kind: SetKind::Ps, mark: mark.to_owned(), sender: sender() }
}

fn sender() -> Sender {
    Sender {
        unit: ADMINISTRATOR.to_owned(),
        system: "pomoc".to_owned(),
        request: "6f1c2a54-0d3e-4b7a-9a51-2c8f6e0b7d10".to_owned(),
        certificate: [7; 32],
    }
}

#[track_caller]
fn summary(batch: &Batch, expected: [u64; 6]) {
    let [persons, written, removed, unchanged, refused, warnings] = expected;
    assert_eq!(batch.summary, Summary { persons, written, removed, unchanged, refused, warnings });
}
