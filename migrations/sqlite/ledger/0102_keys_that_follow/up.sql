-- What an entry writes beside itself lies together with what the entry before wrote, but for one row: its claim.

-- Rules 2.1, 2.2: the first request under a system's task, and the message that brought it. By task first, so that the
-- same message is found under whatever system it comes. Claims from before have no digest here; theirs are below.
CREATE TABLE ledger_claims_next (
    task TEXT NOT NULL,
    system TEXT NOT NULL,
    content BLOB NOT NULL,
    event BLOB NOT NULL,
    signed_info BLOB NOT NULL,
    PRIMARY KEY (task, system)
) WITHOUT ROWID;
INSERT INTO ledger_claims_next (task, system, content, event, signed_info)
SELECT task, system, content, event, x'' FROM ledger_claims;
DROP TABLE ledger_claims;
ALTER TABLE ledger_claims_next RENAME TO ledger_claims;

-- Rule 2.1: `ledger_signed_infos` keeps the other messages: retries and refused ones.

-- Rule 3.6: in the order of the entries. Who wants those of one person reads them all.
CREATE TABLE ledger_person_entries_next (
    number BIGINT NOT NULL,
    part BIGINT NOT NULL,
    person BLOB NOT NULL,
    PRIMARY KEY (number, part)
) WITHOUT ROWID;
INSERT INTO ledger_person_entries_next (number, part, person)
SELECT number, part, person FROM ledger_person_entries ORDER BY number, part;
DROP TABLE ledger_person_entries;
ALTER TABLE ledger_person_entries_next RENAME TO ledger_person_entries;

CREATE TRIGGER ledger_claims_stay BEFORE UPDATE ON ledger_claims
BEGIN SELECT RAISE(ABORT, 'ledger claims are never changed'); END;
CREATE TRIGGER ledger_claims_last BEFORE DELETE ON ledger_claims
BEGIN SELECT RAISE(ABORT, 'ledger claims are never deleted'); END;
CREATE TRIGGER ledger_claims_once BEFORE INSERT ON ledger_claims
WHEN EXISTS (SELECT 1 FROM ledger_claims WHERE task = NEW.task AND system = NEW.system)
BEGIN SELECT RAISE(ABORT, 'ledger claims are made once'); END;
