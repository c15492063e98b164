//! Registers as they would be after an older copy of their database was restored.

use brama::store::{Db, Tenant};
use diesel::connection::SimpleConnection;

/// Remembers the head row, to which a later [`restore`] goes back.
pub fn copy(tenant: &Tenant) {
    tenant
        .ledger
        .write(|db| Ok(db.batch_execute("CREATE TABLE kept_head AS SELECT * FROM ledger_head")?))
        .expect("kept");
}

/// Takes the register back to its first `size` entries, at which it was copied.
pub fn restore(tenant: &Tenant, size: u64) {
    let change = format!(
        "DELETE FROM ledger_entries WHERE number > {size}; DELETE FROM ledger_witnesses WHERE size > {size}; \
         DELETE FROM ledger_heads WHERE size > {size}; DELETE FROM ledger_person_entries WHERE number > {size}; \
         UPDATE ledger_head SET size = {size}, epoch = 1, last_time = (SELECT last_time FROM kept_head), \
         edge = (SELECT edge FROM kept_head);"
    );
    let tables = ["ledger_entries", "ledger_witnesses", "ledger_heads", "ledger_head"];
    let restored = tenant.ledger.write(|db| {
        let sql = match db {
            Db::Sqlite(_) => {
                let triggers = ["entries_last", "witnesses_last", "heads_last", "head_grows"];
                let unlock: String =
                    triggers.iter().map(|name| format!("DROP TRIGGER IF EXISTS ledger_{name};")).collect();
                unlock + &change
            }
            Db::Pg(_) => {
                let all = |word: &str| -> String {
                    tables.iter().map(|table| format!("ALTER TABLE {table} {word} TRIGGER USER;")).collect()
                };
                // What is deleted is checked for references when the statement ends.
                format!("{} {change} SET CONSTRAINTS ALL IMMEDIATE; {}", all("DISABLE"), all("ENABLE"))
            }
        };
        Ok(db.batch_execute(&sql)?)
    });
    restored.expect("restored");
}
