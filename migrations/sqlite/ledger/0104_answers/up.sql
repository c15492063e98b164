-- Rule 2.3: the answers that retries get, sealed; gone once the window is over. `event` is that of the first request, whose
-- first bytes are its time.
CREATE TABLE ledger_answers (
    event BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
);
