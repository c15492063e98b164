-- The tree over the entries (RFC 6962 §2.1) and its signed heads (rule 3.3).

-- Hashes of the subtrees of two, four, eight … leaves that end with this entry; the leaf's own is `leaf_hash`.
ALTER TABLE ledger_entries ADD COLUMN subtrees BYTEA NOT NULL DEFAULT ''::bytea;

-- Hashes of the perfect subtrees of which the tree consists, the largest first.
ALTER TABLE ledger_head ADD COLUMN edge BYTEA NOT NULL DEFAULT ''::bytea;

-- Certificates whose keys signed heads.
CREATE TABLE ledger_seals (
    fingerprint BYTEA NOT NULL PRIMARY KEY,
    certificate BYTEA NOT NULL
);

-- One head per commit, published or not: verbatim bytes and the signature over them.
CREATE TABLE ledger_heads (
    size BIGINT NOT NULL PRIMARY KEY,
    head BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    seal BYTEA NOT NULL REFERENCES ledger_seals (fingerprint)
);

REVOKE UPDATE, DELETE, TRUNCATE ON ledger_seals, ledger_heads FROM PUBLIC;

CREATE FUNCTION ledger_heads_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size <= (SELECT COALESCE(MAX(size), 0) FROM ledger_heads) THEN
        RAISE EXCEPTION 'signed heads follow one another';
    END IF;
    RETURN NEW;
END $$;

-- A program from before the tree would let the register grow without its edge.
CREATE OR REPLACE FUNCTION ledger_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size < OLD.size OR NEW.epoch < OLD.epoch OR NEW.last_time < OLD.last_time
        OR (NEW.size > OLD.size AND NEW.edge = OLD.edge) THEN
        RAISE EXCEPTION 'the ledger head only grows, and its edge with it';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_seals_stay BEFORE UPDATE OR DELETE ON ledger_seals
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_seals_last BEFORE TRUNCATE ON ledger_seals
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_heads_stay BEFORE UPDATE OR DELETE ON ledger_heads
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_heads_last BEFORE TRUNCATE ON ledger_heads
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_heads_follow BEFORE INSERT ON ledger_heads
FOR EACH ROW EXECUTE FUNCTION ledger_heads_grow();
