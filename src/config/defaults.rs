//! What holds where the file says nothing; the operator's guide states the same values.

use super::{Keys, Limits, Listen, Reply, Security, Signatures, Store, TimestampPolicy};

impl Default for Listen {
    fn default() -> Self {
        Self {
            http: "127.0.0.1:8080".into(),
            https: "127.0.0.1:8443".into(),
            operator: "127.0.0.1:8081".into(),
            public_url: None,
            hosts: ["127.0.0.1", "localhost", "[::1]"].map(String::from).to_vec(),
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            data: "data".into(),
            heads: "heads".into(),
            platform: None,
            pg_connections_max: 40,
            answer_hours: 24,
            order_days: 25,
            order_questions_max: 1000,
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self { master: "master.key".into() }
    }
}

impl Default for Signatures {
    fn default() -> Self {
        let none = Vec::new;
        Self {
            qualified: none(),
            personal: none(),
            trusted_profile: none(),
            seals: none(),
            tsa: none(),
            intermediates: none(),
            crls: none(),
            ocsp_url: None,
            tsa_url: None,
            revocation_max_age_hours: 24,
            sha1_cert_digest: false,
        }
    }
}

impl Default for Reply {
    fn default() -> Self {
        Self { key: "pki/brama.key".into(), certificate: "pki/brama.pem".into(), rsa_key: None, rsa_certificate: None }
    }
}

impl Default for Security {
    fn default() -> Self {
        Self { clock_skew_seconds: 60, message_age_seconds: 300, timestamp: TimestampPolicy::Required }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 10 << 20,
            depth: 64,
            attributes: 64,
            namespaces: 32,
            elements: 100_000,
            request_seconds: 30,
            requests_per_second: 200,
            requests_in_flight: 256,
            tenant_requests_in_flight: 64,
            body_bytes_in_flight: 256 << 20,
            verification_tries: 20,
            inflated_bytes: 10 << 20,
            parts: 16,
            attachment_bytes: 1 << 30,
            attachment_bytes_in_flight: 4 << 30,
            header_bytes: 32 << 10,
        }
    }
}
