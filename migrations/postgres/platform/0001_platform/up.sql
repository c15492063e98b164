-- Whose database this is: opening it for another owner is refused.
CREATE TABLE identity (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    owner TEXT NOT NULL
);

-- Bumped by every change of rights, certificates and registers: every cache is keyed by it.
CREATE TABLE generation (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    number BIGINT NOT NULL
);
INSERT INTO generation (only_row, number) VALUES (1, 1);

-- Proves that the master key is the one that wrapped the keys below.
CREATE TABLE master_key (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    check_value BYTEA NOT NULL
);

-- Keys of the platform and of every administrator, wrapped by the master key.
CREATE TABLE wrapped_keys (
    owner TEXT NOT NULL,
    key_id BIGINT NOT NULL,
    key_use TEXT NOT NULL CHECK (key_use IN ('data', 'index', 'ledger')),
    wrapped BYTEA NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (owner, key_id)
);

-- Administrators of data. The address of a PostgreSQL database holds a password and is sealed.
CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    database_sealed BYTEA
);

CREATE TABLE units (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    terc TEXT NOT NULL,
    tenant_id TEXT REFERENCES tenants (id),
    nip TEXT,
    regon TEXT,
    address TEXT
);

CREATE TABLE systems (
    id TEXT NOT NULL PRIMARY KEY,
    unit_id TEXT NOT NULL REFERENCES units (id),
    timestamp_optional BOOL NOT NULL,
    reply_family TEXT CHECK (reply_family IN ('rsa', 'ecdsa'))
);

-- A certificate belongs to one system for ever, also after it was revoked.
CREATE TABLE system_certificates (
    fingerprint BYTEA NOT NULL PRIMARY KEY,
    system_id TEXT NOT NULL REFERENCES systems (id),
    der BYTEA NOT NULL,
    revoked_at TEXT
);

-- Officials: logins are readable, numbers and positions are sealed.
CREATE TABLE users (
    unit_id TEXT NOT NULL REFERENCES units (id),
    login TEXT NOT NULL,
    pesel_sealed BYTEA,
    position_sealed BYTEA,
    PRIMARY KEY (unit_id, login)
);

CREATE TABLE user_groups (
    unit_id TEXT NOT NULL,
    login TEXT NOT NULL,
    group_id TEXT NOT NULL,
    PRIMARY KEY (unit_id, login, group_id),
    FOREIGN KEY (unit_id, login) REFERENCES users (unit_id, login)
);

CREATE TABLE sets (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    kind TEXT NOT NULL CHECK (kind IN ('PUP', 'PS', 'SR')),
    name TEXT NOT NULL
);

-- Dates as YYYY-MM-DD by the calendar of Europe/Warsaw; both ends belong to the validity.
CREATE TABLE legal_bases (
    code TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT
);

CREATE TABLE grants (
    unit_id TEXT NOT NULL REFERENCES units (id),
    group_id TEXT NOT NULL,
    set_id TEXT NOT NULL REFERENCES sets (id),
    basis_code TEXT NOT NULL REFERENCES legal_bases (code),
    items TEXT NOT NULL,
    PRIMARY KEY (unit_id, group_id, set_id, basis_code)
);
