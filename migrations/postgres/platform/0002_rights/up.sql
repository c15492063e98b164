-- What a group of a unit's officials may do beside asking for data: whose register, documents or keys it concerns is their
-- unit's own administrator.
CREATE TABLE rights (
    unit_id TEXT NOT NULL REFERENCES units (id),
    group_id TEXT NOT NULL,
    right_name TEXT NOT NULL,
    PRIMARY KEY (unit_id, group_id, right_name)
);
