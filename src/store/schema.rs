//! The tables of the platform and of the sets as diesel sees them; the ledger and the batches keep theirs beside their code.

diesel::table! {
    identity (only_row) {
        only_row -> BigInt,
        owner -> Text,
    }
}

diesel::table! {
    generation (only_row) {
        only_row -> BigInt,
        number -> BigInt,
    }
}

diesel::table! {
    master_key (only_row) {
        only_row -> BigInt,
        check_value -> Binary,
    }
}

diesel::table! {
    wrapped_keys (owner, key_id) {
        owner -> Text,
        key_id -> BigInt,
        key_use -> Text,
        wrapped -> Binary,
        created_at -> Text,
    }
}

diesel::table! {
    tenants (id) {
        id -> Text,
        name -> Text,
        database_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    units (id) {
        id -> Text,
        name -> Text,
        terc -> Text,
        tenant_id -> Nullable<Text>,
        nip -> Nullable<Text>,
        regon -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    systems (id) {
        id -> Text,
        unit_id -> Text,
        timestamp_optional -> Bool,
        reply_family -> Nullable<Text>,
    }
}

diesel::table! {
    system_certificates (fingerprint) {
        fingerprint -> Binary,
        system_id -> Text,
        der -> Binary,
        revoked_at -> Nullable<Text>,
    }
}

diesel::table! {
    users (unit_id, login) {
        unit_id -> Text,
        login -> Text,
        pesel_sealed -> Nullable<Binary>,
        position_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    user_groups (unit_id, login, group_id) {
        unit_id -> Text,
        login -> Text,
        group_id -> Text,
    }
}

diesel::table! {
    sets (id) {
        id -> Text,
        tenant_id -> Text,
        kind -> Text,
        name -> Text,
    }
}

diesel::table! {
    legal_bases (code) {
        code -> Text,
        title -> Text,
        valid_from -> Text,
        valid_to -> Nullable<Text>,
    }
}

diesel::table! {
    grants (unit_id, group_id, set_id, basis_code) {
        unit_id -> Text,
        group_id -> Text,
        set_id -> Text,
        basis_code -> Text,
        items -> Text,
    }
}

diesel::table! {
    rights (unit_id, group_id, right_name) {
        unit_id -> Text,
        group_id -> Text,
        right_name -> Text,
    }
}

diesel::table! {
    seal_keys (unit_id) {
        unit_id -> Text,
        certificates -> Binary,
        key_sealed -> Binary,
        added_at -> Text,
    }
}

diesel::table! {
    set_states (set_id) {
        set_id -> Text,
        current_state -> BigInt,
        as_of -> Nullable<Text>,
        last_state -> BigInt,
    }
}

diesel::table! {
    row_numbers (only_row) {
        only_row -> BigInt,
        next_row -> BigInt,
    }
}

diesel::table! {
    records (row_id) {
        row_id -> BigInt,
        set_id -> Text,
        source_hash -> Binary,
        source_sealed -> Binary,
        from_state -> BigInt,
        to_state -> Nullable<BigInt>,
        schema_version -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    search_keys (search_key, row_id) {
        search_key -> Binary,
        row_id -> BigInt,
    }
}

diesel::joinable!(system_certificates -> systems (system_id));
diesel::allow_tables_to_appear_in_same_query!(system_certificates, systems);
diesel::allow_tables_to_appear_in_same_query!(search_keys, records, set_states);
