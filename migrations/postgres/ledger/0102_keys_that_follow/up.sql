-- What an entry writes beside itself lies together with what the entry before wrote, but for one row: its claim.

-- Rules 2.1, 2.2: the first request under a system's task, and the message that brought it. By task first, so that the
-- same message is found under whatever system it comes. Claims from before have no digest here; theirs are below.
ALTER TABLE ledger_claims ADD COLUMN signed_info BYTEA NOT NULL DEFAULT ''::bytea;
ALTER TABLE ledger_claims ALTER COLUMN signed_info DROP DEFAULT;
ALTER TABLE ledger_claims DROP CONSTRAINT ledger_claims_pkey;
ALTER TABLE ledger_claims ADD PRIMARY KEY (task, system);

-- Rule 2.1: `ledger_signed_infos` keeps the other messages: retries and refused ones.

-- Rule 3.6: in the order of the entries. Who wants those of one person reads them all.
ALTER TABLE ledger_person_entries DROP CONSTRAINT ledger_person_entries_pkey;
ALTER TABLE ledger_person_entries ADD PRIMARY KEY (number, part);
