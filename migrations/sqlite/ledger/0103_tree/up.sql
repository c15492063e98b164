-- The tree over the entries (RFC 6962 §2.1) and its signed heads (rule 3.3).

-- Hashes of the subtrees of two, four, eight … leaves that end with this entry; the leaf's own is `leaf_hash`.
ALTER TABLE ledger_entries ADD COLUMN subtrees BLOB NOT NULL DEFAULT x'';

-- Hashes of the perfect subtrees of which the tree consists, the largest first.
ALTER TABLE ledger_head ADD COLUMN edge BLOB NOT NULL DEFAULT x'';

-- Certificates whose keys signed heads.
CREATE TABLE ledger_seals (
    fingerprint BLOB NOT NULL PRIMARY KEY,
    certificate BLOB NOT NULL
) WITHOUT ROWID;

-- One head per commit, published or not: verbatim bytes and the signature over them.
CREATE TABLE ledger_heads (
    size INTEGER NOT NULL PRIMARY KEY,
    head BLOB NOT NULL,
    signature BLOB NOT NULL,
    seal BLOB NOT NULL REFERENCES ledger_seals (fingerprint)
);

-- A program from before the tree would let the register grow without its edge.
DROP TRIGGER ledger_head_grows;
CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head
WHEN NEW.size < OLD.size OR NEW.epoch < OLD.epoch OR NEW.last_time < OLD.last_time
    OR (NEW.size > OLD.size AND NEW.edge = OLD.edge)
BEGIN SELECT RAISE(ABORT, 'the ledger head only grows, and its edge with it'); END;

CREATE TRIGGER ledger_seals_stay BEFORE UPDATE ON ledger_seals
BEGIN SELECT RAISE(ABORT, 'ledger seals are never changed'); END;
CREATE TRIGGER ledger_seals_last BEFORE DELETE ON ledger_seals
BEGIN SELECT RAISE(ABORT, 'ledger seals are never deleted'); END;
CREATE TRIGGER ledger_seals_once BEFORE INSERT ON ledger_seals
WHEN EXISTS (SELECT 1 FROM ledger_seals WHERE fingerprint = NEW.fingerprint)
BEGIN SELECT RAISE(ABORT, 'ledger seals are kept once'); END;
CREATE TRIGGER ledger_heads_stay BEFORE UPDATE ON ledger_heads
BEGIN SELECT RAISE(ABORT, 'signed heads are never changed'); END;
CREATE TRIGGER ledger_heads_last BEFORE DELETE ON ledger_heads
BEGIN SELECT RAISE(ABORT, 'signed heads are never deleted'); END;
CREATE TRIGGER ledger_heads_follow BEFORE INSERT ON ledger_heads
WHEN NEW.size <= (SELECT COALESCE(MAX(size), 0) FROM ledger_heads)
BEGIN SELECT RAISE(ABORT, 'signed heads follow one another'); END;
