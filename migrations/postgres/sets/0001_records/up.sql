-- Whose database this is: opening it for another owner is refused.
CREATE TABLE identity (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    owner TEXT NOT NULL
);

-- One row per set: the state that readers see, the day it describes (YYYY-MM-DD), the highest number ever given out.
CREATE TABLE set_states (
    set_id TEXT NOT NULL PRIMARY KEY,
    current_state BIGINT NOT NULL DEFAULT 0,
    as_of TEXT,
    last_state BIGINT NOT NULL DEFAULT 0
);

-- Row numbers are given out in blocks before sealing, since they are part of what is sealed.
CREATE TABLE row_numbers (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    next_row BIGINT NOT NULL
);
INSERT INTO row_numbers (only_row, next_row) VALUES (1, 1);

-- One row per person and span of states: visible while from_state <= current_state < to_state.
CREATE TABLE records (
    row_id BIGINT NOT NULL PRIMARY KEY,
    set_id TEXT NOT NULL,
    source_hash BYTEA NOT NULL,
    source_sealed BYTEA NOT NULL,
    from_state BIGINT NOT NULL,
    to_state BIGINT,
    schema_version BIGINT NOT NULL,
    sealed BYTEA NOT NULL
);
CREATE INDEX records_by_source ON records (set_id, source_hash);
CREATE INDEX records_by_start ON records (set_id, from_state);
CREATE INDEX records_by_end ON records (set_id, to_state);

-- Keyed hashes under which a record is found; never unique.
CREATE TABLE search_keys (
    search_key BYTEA NOT NULL,
    row_id BIGINT NOT NULL,
    PRIMARY KEY (search_key, row_id)
);
CREATE INDEX search_keys_by_row ON search_keys (row_id);
