-- Rule 3.7: old entries are removed by whole segments from the beginning of the register. What is removed is the entry's
-- bytes; its number, time, leaf hash and subtrees stay, so that the tree and every proof about what is left stay. `entry` is
-- the one that says so, written before, one for each segment.
CREATE TABLE ledger_segments (
    first_number INTEGER NOT NULL PRIMARY KEY,
    last_number BIGINT NOT NULL,
    covered BIGINT NOT NULL REFERENCES ledger_heads (size),
    removed_at BIGINT NOT NULL,
    entry BIGINT NOT NULL UNIQUE REFERENCES ledger_entries (number),
    CHECK (first_number > 0 AND first_number <= last_number AND last_number <= covered AND last_number < entry)
);

CREATE TRIGGER ledger_segments_stay BEFORE UPDATE ON ledger_segments
BEGIN SELECT RAISE(ABORT, 'removed segments are never changed'); END;
CREATE TRIGGER ledger_segments_last BEFORE DELETE ON ledger_segments
BEGIN SELECT RAISE(ABORT, 'removed segments are never deleted'); END;
CREATE TRIGGER ledger_segments_follow BEFORE INSERT ON ledger_segments
WHEN NEW.first_number IS NOT (SELECT COALESCE(MAX(last_number), 0) + 1 FROM ledger_segments)
BEGIN SELECT RAISE(ABORT, 'removed segments follow one another'); END;
CREATE TRIGGER ledger_segments_said BEFORE INSERT ON ledger_segments
WHEN NOT EXISTS (SELECT 1 FROM ledger_entries WHERE number = NEW.entry AND kind = 'USUNIECIE_WPISOW')
BEGIN SELECT RAISE(ABORT, 'no entry says that the segment is removed'); END;

-- The one change that an entry may see: inside a recorded segment its bytes go, and nothing else of it.
DROP TRIGGER ledger_entries_stay;
CREATE TRIGGER ledger_entries_stay BEFORE UPDATE ON ledger_entries
WHEN length(NEW.leaf) > 0
    OR NEW.number IS NOT OLD.number OR NEW.epoch IS NOT OLD.epoch OR NEW.recorded_at IS NOT OLD.recorded_at
    OR NEW.event IS NOT OLD.event OR NEW.kind IS NOT OLD.kind OR NEW.repeated IS NOT OLD.repeated
    OR NEW.leaf_hash IS NOT OLD.leaf_hash OR NEW.subtrees IS NOT OLD.subtrees
    OR NOT EXISTS (SELECT 1 FROM ledger_segments WHERE OLD.number BETWEEN first_number AND last_number)
BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END;
