-- Whose database this is: opening it for another owner is refused.
CREATE TABLE identity (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    owner TEXT NOT NULL
) STRICT;

-- One row per set: the state that readers see, the day it describes (YYYY-MM-DD), the highest number ever given out.
CREATE TABLE set_states (
    set_id TEXT NOT NULL PRIMARY KEY,
    current_state INTEGER NOT NULL DEFAULT 0,
    as_of TEXT,
    last_state INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Row numbers are given out in blocks before sealing, since they are part of what is sealed.
CREATE TABLE row_numbers (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    next_row INTEGER NOT NULL
) STRICT;
INSERT INTO row_numbers (only_row, next_row) VALUES (1, 1);

-- One row per person and span of states: visible while from_state <= current_state < to_state.
CREATE TABLE records (
    row_id INTEGER NOT NULL PRIMARY KEY,
    set_id TEXT NOT NULL,
    source_hash BLOB NOT NULL,
    source_sealed BLOB NOT NULL,
    from_state INTEGER NOT NULL,
    to_state INTEGER,
    schema_version INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX records_by_source ON records (set_id, source_hash);
CREATE INDEX records_by_start ON records (set_id, from_state);
CREATE INDEX records_by_end ON records (set_id, to_state);

-- Keyed hashes under which a record is found; never unique.
CREATE TABLE search_keys (
    search_key BLOB NOT NULL,
    row_id INTEGER NOT NULL,
    PRIMARY KEY (search_key, row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_keys_by_row ON search_keys (row_id);
