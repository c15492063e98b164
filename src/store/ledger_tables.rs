//! The tables of a register; the same names and types on both databases.

diesel::table! {
    /// One row: how far the register goes. Times are microseconds since 1970-01-01 UTC.
    ledger_head (id) {
        id -> BigInt,
        epoch -> BigInt,
        size -> BigInt,
        last_time -> BigInt,
        edge -> Binary,
    }
}

diesel::table! {
    /// The entries; `leaf` is the entry, everything else only an index of it (rule 3.1).
    ledger_entries (number) {
        number -> BigInt,
        epoch -> BigInt,
        recorded_at -> BigInt,
        event -> Binary,
        kind -> Text,
        repeated -> Bool,
        leaf -> Binary,
        leaf_hash -> Binary,
        subtrees -> Binary,
    }
}

diesel::table! {
    /// The signed heads, one per commit (rule 3.3).
    ledger_heads (size) {
        size -> BigInt,
        head -> Binary,
        signature -> Binary,
        seal -> Binary,
    }
}

diesel::table! {
    /// Certificates of those who signed heads.
    ledger_seals (fingerprint) {
        fingerprint -> Binary,
        certificate -> Binary,
    }
}

diesel::table! {
    /// What other units signed of published heads (rule 3.5).
    ledger_witnesses (size, unit) {
        size -> BigInt,
        unit -> Text,
        certificate -> Binary,
        signature -> Binary,
        witnessed_at -> BigInt,
    }
}

diesel::table! {
    /// Published heads that the database lacks or contradicts, as a witness showed them (rule 3.5).
    ledger_contested (epoch, size) {
        epoch -> BigInt,
        size -> BigInt,
        head -> Binary,
        signature -> Binary,
        certificate -> Binary,
        shown_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(ledger_heads, ledger_seals);
diesel::joinable!(ledger_heads -> ledger_seals (seal));

diesel::table! {
    /// The first request under a system's task (rule 2.2), and the signed message that brought it (rule 2.1).
    ledger_claims (task, system) {
        task -> Text,
        system -> Text,
        content -> Binary,
        event -> Binary,
        signed_info -> Binary,
    }
}

diesel::table! {
    /// Every other signed message that was acted upon: retries and refused ones (rule 2.1).
    ledger_signed_infos (digest) {
        digest -> Binary,
        event -> Binary,
    }
}

diesel::table! {
    /// Sealed answers for retries, by the event of the first request (rule 2.3).
    ledger_answers (event) {
        event -> Binary,
        sealed -> Binary,
    }
}

diesel::table! {
    /// The wrapped keys of persons; `person` is a keyed hash (rule 3.6).
    ledger_person_keys (person) {
        person -> Binary,
        wrapped -> Binary,
    }
}

diesel::table! {
    /// Removed entries by whole segments, the size of the first signed head that covers each, and the entry that says that it
    /// was removed (rule 3.7).
    ledger_segments (first_number) {
        first_number -> BigInt,
        last_number -> BigInt,
        covered -> BigInt,
        removed_at -> BigInt,
        entry -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    ledger_answers,
    ledger_entries,
    ledger_person_entries,
    ledger_person_keys
);

diesel::table! {
    /// Which persons an entry concerns; no part of what is hashed (rule 3.6).
    ledger_person_entries (number, part) {
        number -> BigInt,
        part -> BigInt,
        person -> Binary,
    }
}

diesel::table! {
    /// Orders, in the platform's register only: what each says is sealed (decision 30).
    ledger_orders (id) {
        id -> Binary,
        system -> Text,
        unit -> Text,
        ends_at -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    /// The wrapped keys of orders' contents; `person` is a keyed hash.
    ledger_order_keys (order_id) {
        order_id -> Binary,
        person -> Binary,
        wrapped -> Binary,
    }
}

diesel::table! {
    /// The questions of orders and who works on them.
    ledger_order_questions (event) {
        event -> Binary,
        order_id -> Binary,
        place -> BigInt,
        system -> Text,
        set_id -> Text,
        tenant -> Text,
        state -> Text,
        code -> Nullable<Text>,
        tries -> BigInt,
        due_at -> BigInt,
        holder -> Nullable<Binary>,
        held_until -> BigInt,
    }
}

diesel::table! {
    /// Sealed answers to questions of orders, in the register of the administrator that gave them.
    ledger_order_answers (event) {
        event -> Binary,
        ends_at -> BigInt,
        sealed -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(ledger_orders, ledger_order_keys, ledger_order_questions);
diesel::joinable!(ledger_order_questions -> ledger_orders (order_id));
diesel::joinable!(ledger_order_keys -> ledger_orders (order_id));
