-- Signatures of other units over published heads (rule 3.5): a register written anew needs theirs as well.
CREATE TABLE ledger_witnesses (
    size BIGINT NOT NULL REFERENCES ledger_heads (size),
    unit TEXT NOT NULL,
    certificate BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    witnessed_at BIGINT NOT NULL,
    PRIMARY KEY (size, unit)
);

REVOKE UPDATE, DELETE, TRUNCATE ON ledger_witnesses FROM PUBLIC;

CREATE TRIGGER ledger_witnesses_stay BEFORE UPDATE OR DELETE ON ledger_witnesses
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_witnesses_last BEFORE TRUNCATE ON ledger_witnesses
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

-- Heads that were published and that this database lacked or contradicted when a witness showed them: every node is fenced by
-- them until a later epoch is opened.
CREATE TABLE ledger_contested (
    epoch BIGINT NOT NULL,
    size BIGINT NOT NULL,
    head BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    certificate BYTEA NOT NULL,
    shown_at BIGINT NOT NULL,
    PRIMARY KEY (epoch, size)
);

REVOKE UPDATE, DELETE, TRUNCATE ON ledger_contested FROM PUBLIC;

CREATE TRIGGER ledger_contested_stay BEFORE UPDATE OR DELETE ON ledger_contested
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_contested_last BEFORE TRUNCATE ON ledger_contested
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
