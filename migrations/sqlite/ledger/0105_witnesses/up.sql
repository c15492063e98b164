-- Signatures of other units over published heads (rule 3.5): a register written anew needs theirs as well.
CREATE TABLE ledger_witnesses (
    size INTEGER NOT NULL REFERENCES ledger_heads (size),
    unit TEXT NOT NULL,
    certificate BLOB NOT NULL,
    signature BLOB NOT NULL,
    witnessed_at INTEGER NOT NULL,
    PRIMARY KEY (size, unit)
) WITHOUT ROWID;

CREATE TRIGGER ledger_witnesses_stay BEFORE UPDATE ON ledger_witnesses
BEGIN SELECT RAISE(ABORT, 'what witnesses signed is never changed'); END;
CREATE TRIGGER ledger_witnesses_last BEFORE DELETE ON ledger_witnesses
BEGIN SELECT RAISE(ABORT, 'what witnesses signed is never deleted'); END;
CREATE TRIGGER ledger_witnesses_once BEFORE INSERT ON ledger_witnesses
WHEN EXISTS (SELECT 1 FROM ledger_witnesses WHERE size = NEW.size AND unit = NEW.unit)
BEGIN SELECT RAISE(ABORT, 'a unit witnesses a head once'); END;

-- Heads that were published and that this database lacked or contradicted when a witness showed them: every node is fenced by
-- them until a later epoch is opened.
CREATE TABLE ledger_contested (
    epoch INTEGER NOT NULL,
    size INTEGER NOT NULL,
    head BLOB NOT NULL,
    signature BLOB NOT NULL,
    certificate BLOB NOT NULL,
    shown_at INTEGER NOT NULL,
    PRIMARY KEY (epoch, size)
) WITHOUT ROWID;

CREATE TRIGGER ledger_contested_stay BEFORE UPDATE ON ledger_contested
BEGIN SELECT RAISE(ABORT, 'contested heads are never changed'); END;
CREATE TRIGGER ledger_contested_last BEFORE DELETE ON ledger_contested
BEGIN SELECT RAISE(ABORT, 'contested heads are never deleted'); END;
CREATE TRIGGER ledger_contested_once BEFORE INSERT ON ledger_contested
WHEN EXISTS (SELECT 1 FROM ledger_contested WHERE epoch = NEW.epoch AND size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'a head is contested once'); END;
