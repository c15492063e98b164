-- Keyed hash of the canonical record: a feed knows by it that nothing changed.
ALTER TABLE records ADD COLUMN content_hash BYTEA;

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
    certificate BYTEA NOT NULL,
    in_parts BOOL NOT NULL,
    last_part BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    content_hash BYTEA,
    place BIGINT UNIQUE,
    processed BIGINT NOT NULL,
    persons BIGINT NOT NULL,
    written BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    warnings BIGINT NOT NULL,
    findings BIGINT NOT NULL,
    set_state BIGINT,
    as_of TEXT,
    accepted_at BIGINT,
    finished_at BIGINT,
    UNIQUE (set_id, mark)
);
CREATE INDEX batches_by_state ON batches (state, place);

-- The order in which batches are accepted.
CREATE TABLE batch_places (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    next_place BIGINT NOT NULL
);
INSERT INTO batch_places (only_row, next_place) VALUES (1, 1);

-- Bytes of the file, sealed in pieces; after the verdict only number, length and keyed digest stay.
CREATE TABLE batch_parts (
    batch_id TEXT NOT NULL REFERENCES batches (id),
    number BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    digest_hash BYTEA NOT NULL,
    sealed BYTEA,
    PRIMARY KEY (batch_id, number)
);

-- The persons of a batch while it loads: who is named, and what is named twice. A hash stands with its first bearer only.
CREATE TABLE batch_items (
    batch_id TEXT NOT NULL REFERENCES batches (id),
    ordinal BIGINT NOT NULL,
    line BIGINT NOT NULL,
    source_hash BYTEA,
    pesel_hash BYTEA,
    effect BIGINT NOT NULL,
    named_for_id BOOL NOT NULL,
    named_for_pesel BOOL NOT NULL,
    source_sealed BYTEA,
    PRIMARY KEY (batch_id, ordinal),
    UNIQUE (batch_id, source_hash),
    UNIQUE (batch_id, pesel_hash)
);

-- The protocol, sealed line by line; ordinal 0 is the file.
CREATE TABLE batch_findings (
    batch_id TEXT NOT NULL REFERENCES batches (id),
    ordinal BIGINT NOT NULL,
    number BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (batch_id, ordinal, number)
);

-- Who loads a set at the moment: one node only, and not longer than it gives signs of life.
CREATE TABLE set_loads (
    set_id TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until BIGINT NOT NULL
);

-- Effects whose ledger entry is not yet known to be durable.
CREATE TABLE outbox (
    event TEXT NOT NULL PRIMARY KEY,
    batch_id TEXT NOT NULL REFERENCES batches (id)
);
