-- The register of one administrator (rules 3.1, 3.3): entries are verbatim bytes, every other column is only an index.
-- Instants are microseconds since 1970-01-01 UTC.

-- One row, locked by the transaction that appends.
CREATE TABLE ledger_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL CHECK (epoch > 0),
    size BIGINT NOT NULL CHECK (size >= 0),
    last_time BIGINT NOT NULL
);
INSERT INTO ledger_head (id, epoch, size, last_time) VALUES (1, 1, 0, 0);

CREATE TABLE ledger_entries (
    number INTEGER NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    event BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    repeated BOOLEAN NOT NULL,
    leaf BLOB NOT NULL,
    leaf_hash BLOB NOT NULL
);

-- Rule 2.2: the first request under a system's task; `content` is a keyed hash.
CREATE TABLE ledger_claims (
    system TEXT NOT NULL,
    task TEXT NOT NULL,
    content BLOB NOT NULL,
    event BLOB NOT NULL,
    PRIMARY KEY (system, task)
) WITHOUT ROWID;

-- Rule 2.1: SHA-256 of every canonical SignedInfo that was acted upon.
CREATE TABLE ledger_signed_infos (
    digest BLOB NOT NULL PRIMARY KEY,
    event BLOB NOT NULL
) WITHOUT ROWID;

-- Rule 3.6: random keys of persons, each wrapped by the administrator's key; `person` is a keyed hash.
CREATE TABLE ledger_person_keys (
    person BLOB NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE ledger_person_entries (
    person BLOB NOT NULL,
    number BIGINT NOT NULL,
    part BIGINT NOT NULL,
    PRIMARY KEY (person, number, part)
) WITHOUT ROWID;

-- Rule 3.7. The triggers on INSERT also stop REPLACE, which deletes without asking those on DELETE.
CREATE TRIGGER ledger_entries_stay BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
CREATE TRIGGER ledger_entries_last BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'ledger entries are never deleted'); END;
CREATE TRIGGER ledger_entries_follow BEFORE INSERT ON ledger_entries
WHEN NEW.number IS NOT (SELECT COALESCE(MAX(number), 0) + 1 FROM ledger_entries)
    OR EXISTS (SELECT 1 FROM ledger_entries WHERE event = NEW.event)
BEGIN SELECT RAISE(ABORT, 'ledger numbers have no gaps and events no second entry'); END;

-- Rule 2.3: these are kept as long as the register.
CREATE TRIGGER ledger_claims_stay BEFORE UPDATE ON ledger_claims
BEGIN SELECT RAISE(ABORT, 'ledger claims are never changed'); END;
CREATE TRIGGER ledger_claims_last BEFORE DELETE ON ledger_claims
BEGIN SELECT RAISE(ABORT, 'ledger claims are never deleted'); END;
CREATE TRIGGER ledger_claims_once BEFORE INSERT ON ledger_claims
WHEN EXISTS (SELECT 1 FROM ledger_claims WHERE system = NEW.system AND task = NEW.task)
BEGIN SELECT RAISE(ABORT, 'ledger claims are made once'); END;
CREATE TRIGGER ledger_signed_infos_stay BEFORE UPDATE ON ledger_signed_infos
BEGIN SELECT RAISE(ABORT, 'ledger signed infos are never changed'); END;
CREATE TRIGGER ledger_signed_infos_last BEFORE DELETE ON ledger_signed_infos
BEGIN SELECT RAISE(ABORT, 'ledger signed infos are never deleted'); END;
CREATE TRIGGER ledger_signed_infos_once BEFORE INSERT ON ledger_signed_infos
WHEN EXISTS (SELECT 1 FROM ledger_signed_infos WHERE digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'ledger signed infos are kept once'); END;

CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head
WHEN NEW.size < OLD.size OR NEW.epoch < OLD.epoch OR NEW.last_time < OLD.last_time
BEGIN SELECT RAISE(ABORT, 'the ledger head only grows'); END;
CREATE TRIGGER ledger_head_last BEFORE DELETE ON ledger_head
BEGIN SELECT RAISE(ABORT, 'the ledger head is never deleted'); END;
CREATE TRIGGER ledger_head_once BEFORE INSERT ON ledger_head
BEGIN SELECT RAISE(ABORT, 'the ledger has one head'); END;
