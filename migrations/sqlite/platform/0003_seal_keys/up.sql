-- The key with which a unit seals documents: certificates as PEM, the key sealed under the platform's own key.
CREATE TABLE seal_keys (
    unit_id TEXT NOT NULL PRIMARY KEY REFERENCES units (id),
    certificates BLOB NOT NULL,
    key_sealed BLOB NOT NULL,
    added_at TEXT NOT NULL
) STRICT;
