//! The configuration as its users write it: files, variables, mistakes.

use super::*;

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::layered(text.parse().expect("toml"), variables).map_err(|error| error.to_string())
}

#[test]
fn an_empty_file_is_the_safe_default() {
    let config = read("", &[]).expect("defaults");
    assert_eq!(config.listen.http, "127.0.0.1:8080");
    assert_eq!(config.security.timestamp, TimestampPolicy::Required);
}

#[test]
fn a_variable_overrides_the_file_in_the_type_of_its_key() {
    let variables = [
        ("BRAMA_LISTEN_HTTP", "0.0.0.0:80"),
        ("BRAMA_LIMITS_DEPTH", "9"),
        ("BRAMA_LISTEN_HOSTS", "a, b"),
        ("BRAMA_STORE_PLATFORM", "postgres://x"),
        ("BRAMA_CRASH_POINT", "belongs to nobody"),
    ];
    let config = read("[listen]\nhttp = 'x:1'", &variables).expect("overlay");
    assert_eq!(config.listen.http, "0.0.0.0:80");
    assert_eq!(config.limits.depth, 9);
    assert_eq!(config.listen.hosts, ["a", "b"]);
    assert_eq!(config.store.platform.as_deref(), Some("postgres://x"));
}

#[test]
fn mistakes_are_named() {
    assert!(read("[listen]\nhtp = 'x'", &[]).unwrap_err().contains("htp"));
    assert!(read("", &[("BRAMA_LIMITS_DEPTH", "deep")]).unwrap_err().contains("BRAMA_LIMITS_DEPTH"));
    assert!(read("", &[("BRAMA_LIMITS_DEEP", "1")]).unwrap_err().contains("deep"));
    assert!(read("[trust]\nocsp_url = 'ldap://x'", &[]).unwrap_err().contains("ocsp_url"));
    assert!(read("[signatures]\ntsa_url = 'x'", &[]).unwrap_err().contains("signatures.tsa_url"));
    assert!(read("[limits]\nparts = 0", &[]).unwrap_err().contains("limits.parts"));
    assert!(read("[limits]\ndepth = 0", &[]).unwrap_err().contains("limits.depth"));
    assert!(read("[security]\nclock_skew_seconds = 301", &[]).unwrap_err().contains("300"));
    assert!(read("[store]\nanswer_hours = 0", &[]).unwrap_err().contains("answer_hours"));
    assert!(read("[store]\nanswer_hours = 721", &[]).unwrap_err().contains("answer_hours"));
}
