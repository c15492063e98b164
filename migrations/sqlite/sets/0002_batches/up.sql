-- Keyed hash of the canonical record: a feed knows by it that nothing changed.
ALTER TABLE records ADD COLUMN content_hash BLOB;

-- One row per batch for ever: its key is (set_id, mark). Times are microseconds since 1970 in UTC.
CREATE TABLE batches (
    id TEXT NOT NULL PRIMARY KEY,
    set_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('PUP', 'PS', 'SR')),
    mark TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('ROZPOCZETA', 'PRZYJETA', 'PRZETWARZANA', 'ZAKONCZONA', 'ZAKONCZONA_Z_BLEDAMI', 'ODRZUCONA')),
    unit_id TEXT NOT NULL,
    system_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    certificate BLOB NOT NULL,
    in_parts INTEGER NOT NULL,
    last_part INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    content_hash BLOB,
    place INTEGER UNIQUE,
    processed INTEGER NOT NULL,
    persons INTEGER NOT NULL,
    written INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    findings INTEGER NOT NULL,
    set_state INTEGER,
    as_of TEXT,
    accepted_at INTEGER,
    finished_at INTEGER,
    UNIQUE (set_id, mark)
) STRICT;
CREATE INDEX batches_by_state ON batches (state, place);

-- The order in which batches are accepted.
CREATE TABLE batch_places (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    next_place INTEGER NOT NULL
) STRICT;
INSERT INTO batch_places (only_row, next_place) VALUES (1, 1);

-- Bytes of the file, sealed in pieces; after the verdict only number, length and keyed digest stay.
CREATE TABLE batch_parts (
    batch_id TEXT NOT NULL REFERENCES batches (id),
    number INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    digest_hash BLOB NOT NULL,
    sealed BLOB,
    PRIMARY KEY (batch_id, number)
) STRICT;

-- The persons of a batch while it loads: who is named, and what is named twice. A hash stands with its first bearer only.
CREATE TABLE batch_items (
    batch_id TEXT NOT NULL REFERENCES batches (id),
    ordinal INTEGER NOT NULL,
    line INTEGER NOT NULL,
    source_hash BLOB,
    pesel_hash BLOB,
    effect INTEGER NOT NULL,
    named_for_id INTEGER NOT NULL,
    named_for_pesel INTEGER NOT NULL,
    source_sealed BLOB,
    PRIMARY KEY (batch_id, ordinal),
    UNIQUE (batch_id, source_hash),
    UNIQUE (batch_id, pesel_hash)
) STRICT, WITHOUT ROWID;

-- The protocol, sealed line by line; ordinal 0 is the file.
CREATE TABLE batch_findings (
    batch_id TEXT NOT NULL REFERENCES batches (id),
    ordinal INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (batch_id, ordinal, number)
) STRICT, WITHOUT ROWID;

-- Who loads a set at the moment: one node only, and not longer than it gives signs of life.
CREATE TABLE set_loads (
    set_id TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until INTEGER NOT NULL
) STRICT;

-- Effects whose ledger entry is not yet known to be durable.
CREATE TABLE outbox (
    event TEXT NOT NULL PRIMARY KEY,
    batch_id TEXT NOT NULL REFERENCES batches (id)
) STRICT;
