-- Orders (`ZlecUdostepnienie`) stand in the platform's register, the answers to their questions in the register of the
-- administrator that gave them. Instants are microseconds since 1970-01-01 UTC.

-- What an order says of a person is sealed; the rest only says whose it is and how long it is kept.
CREATE TABLE ledger_orders (
    id BLOB NOT NULL PRIMARY KEY,
    system TEXT NOT NULL,
    unit TEXT NOT NULL,
    ends_at BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX ledger_orders_end ON ledger_orders (ends_at);

-- The wrapped key of each order's content, apart so that the table is small: destroyed with the order, or when nothing may be
-- told of the person any more. `person` is a keyed hash, under which the orders about a person are found. No foreign key: with
-- one, SQLite empties a table row by row, which leaves copies of rows behind.
CREATE TABLE ledger_order_keys (
    order_id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL,
    wrapped BLOB NOT NULL
);
CREATE INDEX ledger_order_keys_person ON ledger_order_keys (person);

-- One row for each question, in the order asked. `event` names its entry and its answer; `holder` works on it until
-- `held_until`. `code` says why it was refused or, while it waits, why the last try failed. `system` is the order's: what
-- waits of one system is counted.
CREATE TABLE ledger_order_questions (
    event BLOB NOT NULL PRIMARY KEY,
    order_id BLOB NOT NULL REFERENCES ledger_orders (id) ON DELETE CASCADE,
    place BIGINT NOT NULL,
    system TEXT NOT NULL,
    set_id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('W_TOKU', 'GOTOWA', 'ODMOWA')),
    code TEXT,
    tries BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    holder BLOB,
    held_until BIGINT NOT NULL,
    UNIQUE (order_id, place)
);
CREATE INDEX ledger_order_questions_due ON ledger_order_questions (tenant, due_at) WHERE state = 'W_TOKU';
CREATE INDEX ledger_order_questions_system ON ledger_order_questions (system) WHERE state = 'W_TOKU';

-- The answer to a question of an order, sealed; written with its entry, kept as long as the order.
CREATE TABLE ledger_order_answers (
    event BLOB NOT NULL PRIMARY KEY,
    ends_at BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX ledger_order_answers_end ON ledger_order_answers (ends_at);
