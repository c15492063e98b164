-- Rule 3.7: old entries are removed by whole segments from the beginning of the register. What is removed is the entry's
-- bytes; its number, time, leaf hash and subtrees stay, so that the tree and every proof about what is left stay. `entry` is
-- the one that says so, written before, one for each segment.
CREATE TABLE ledger_segments (
    first_number BIGINT NOT NULL PRIMARY KEY,
    last_number BIGINT NOT NULL,
    covered BIGINT NOT NULL REFERENCES ledger_heads (size),
    removed_at BIGINT NOT NULL,
    entry BIGINT NOT NULL UNIQUE REFERENCES ledger_entries (number),
    CHECK (first_number > 0 AND first_number <= last_number AND last_number <= covered AND last_number < entry)
);

REVOKE UPDATE, DELETE, TRUNCATE ON ledger_segments FROM PUBLIC;

CREATE FUNCTION ledger_segments_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.first_number <> (SELECT COALESCE(MAX(last_number), 0) + 1 FROM ledger_segments) THEN
        RAISE EXCEPTION 'removed segments follow one another';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM ledger_entries WHERE number = NEW.entry AND kind = 'USUNIECIE_WPISOW') THEN
        RAISE EXCEPTION 'no entry says that the segment is removed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_segments_stay BEFORE UPDATE OR DELETE ON ledger_segments
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_segments_last BEFORE TRUNCATE ON ledger_segments
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_segments_follow BEFORE INSERT ON ledger_segments
FOR EACH ROW EXECUTE FUNCTION ledger_segments_follow();

-- The one change that an entry may see: inside a recorded segment its bytes go, and nothing else of it.
CREATE FUNCTION ledger_remove() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF octet_length(NEW.leaf) > 0
        OR (NEW.number, NEW.epoch, NEW.recorded_at, NEW.event, NEW.kind, NEW.repeated, NEW.leaf_hash, NEW.subtrees)
            IS DISTINCT FROM
            (OLD.number, OLD.epoch, OLD.recorded_at, OLD.event, OLD.kind, OLD.repeated, OLD.leaf_hash, OLD.subtrees)
        OR NOT EXISTS (SELECT 1 FROM ledger_segments WHERE OLD.number BETWEEN first_number AND last_number) THEN
        RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER ledger_entries_stay ON ledger_entries;
CREATE TRIGGER ledger_entries_stay BEFORE DELETE ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_entries_empty BEFORE UPDATE ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION ledger_remove();
