//! Requests without signatures and groups of another size exist for measuring alone (rule 1.3): in no usual build, and behind
//! three hooks in the code.

use toml::Table;

use super::none;
use super::sources::{file, files};

/// Where the feature may be named.
const HOOKS: [&str; 3] = ["src/services/gateway.rs", "src/soap/security/mod.rs", "src/store/submission.rs"];

#[test]
fn the_feature_for_measuring_is_in_no_usual_build() {
    none(&defaults(&file("Cargo.toml").text));
    none(&files("src").iter().filter_map(|source| strays(&source.path, &source.text)).collect::<Vec<_>>());
}

/// Features that come along unasked and bring the one for measuring.
fn defaults(manifest: &str) -> Vec<String> {
    let manifest: Table = manifest.parse().expect("TOML");
    let features = manifest.get("features").and_then(|features| features.as_table()).cloned().unwrap_or_default();
    let brings = |(name, list): (&String, &toml::Value)| {
        let named = list.as_array().is_some_and(|list| list.iter().any(|one| one.as_str() == Some("bench")));
        named.then(|| format!("feature {name} brings bench along"))
    };
    features.iter().filter_map(brings).collect()
}

fn strays(path: &str, text: &str) -> Option<String> {
    let named = text.contains("feature = \"bench\"") && !HOOKS.contains(&path);
    named.then(|| format!("{path} names the feature for measuring"))
}

#[test]
fn what_brings_it_along_is_found() {
    assert_eq!(defaults("[features]\nbench = []\nother = ['x']"), [""; 0]);
    assert_eq!(defaults("[features]\ndefault = ['bench']\nbench = []"), ["feature default brings bench along"]);
    assert!(strays("src/store/mod.rs", "#[cfg(feature = \"bench\")]").is_some());
    assert!(strays(HOOKS[0], "#[cfg(feature = \"bench\")]").is_none());
}
