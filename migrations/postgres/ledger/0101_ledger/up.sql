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
    number BIGINT NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    event BYTEA NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    repeated BOOLEAN NOT NULL,
    leaf BYTEA NOT NULL,
    leaf_hash BYTEA NOT NULL
);

-- Rule 2.2: the first request under a system's task; `content` is a keyed hash.
CREATE TABLE ledger_claims (
    system TEXT NOT NULL,
    task TEXT NOT NULL,
    content BYTEA NOT NULL,
    event BYTEA NOT NULL,
    PRIMARY KEY (system, task)
);

-- Rule 2.1: SHA-256 of every canonical SignedInfo that was acted upon.
CREATE TABLE ledger_signed_infos (
    digest BYTEA NOT NULL PRIMARY KEY,
    event BYTEA NOT NULL
);

-- Rule 3.6: random keys of persons, each wrapped by the administrator's key; `person` is a keyed hash.
CREATE TABLE ledger_person_keys (
    person BYTEA NOT NULL PRIMARY KEY,
    wrapped BYTEA NOT NULL
);

CREATE TABLE ledger_person_entries (
    person BYTEA NOT NULL,
    number BIGINT NOT NULL,
    part BIGINT NOT NULL,
    PRIMARY KEY (person, number, part)
);

-- Rule 3.7: whoever is not the owner may only read and append; the triggers below bind the owner as well.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entries, ledger_claims, ledger_signed_infos FROM PUBLIC;

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME;
END $$;

CREATE FUNCTION ledger_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> (SELECT COALESCE(MAX(number), 0) + 1 FROM ledger_entries) THEN
        RAISE EXCEPTION 'ledger numbers have no gaps';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ledger_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size < OLD.size OR NEW.epoch < OLD.epoch OR NEW.last_time < OLD.last_time THEN
        RAISE EXCEPTION 'the ledger head only grows';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_entries_stay BEFORE UPDATE OR DELETE ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_entries_last BEFORE TRUNCATE ON ledger_entries
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_entries_follow BEFORE INSERT ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION ledger_follow();

-- Rule 2.3: these are kept as long as the register.
CREATE TRIGGER ledger_claims_stay BEFORE UPDATE OR DELETE ON ledger_claims
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_claims_last BEFORE TRUNCATE ON ledger_claims
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_signed_infos_stay BEFORE UPDATE OR DELETE ON ledger_signed_infos
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_signed_infos_last BEFORE TRUNCATE ON ledger_signed_infos
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_head_last BEFORE DELETE ON ledger_head
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_head_void BEFORE TRUNCATE ON ledger_head
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head
FOR EACH ROW EXECUTE FUNCTION ledger_grow();
