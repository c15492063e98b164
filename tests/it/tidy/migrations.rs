//! Both databases go through the same steps: the trees have the same files under the same names.

use super::none;
use super::sources::files;

#[test]
fn both_migration_trees_have_the_same_steps() {
    let paths = |tree: &str| -> Vec<String> {
        let root = format!("migrations/{tree}/");
        files(&root).into_iter().map(|file| file.path.trim_start_matches(&root).to_owned()).collect()
    };
    let (sqlite, postgres) = (paths("sqlite"), paths("postgres"));
    assert!(sqlite.iter().any(|path| path.ends_with("up.sql")), "the migrations were not found");
    none(&differences(&sqlite, &postgres));
}

fn differences(sqlite: &[String], postgres: &[String]) -> Vec<String> {
    let lacking = |tree: &str, own: &[String], other: &[String]| -> Vec<String> {
        other.iter().filter(|path| !own.contains(path)).map(|path| format!("migrations/{tree} lacks {path}")).collect()
    };
    [lacking("sqlite", sqlite, postgres), lacking("postgres", postgres, sqlite)].concat()
}

#[test]
fn a_step_of_one_tree_only_is_found() {
    let tree = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    let both = tree(&["sets/0001_records/up.sql"]);
    let more = tree(&["sets/0001_records/up.sql", "sets/0002_batches/up.sql"]);
    assert_eq!(differences(&both, &both), Vec::<String>::new());
    assert_eq!(differences(&both, &more), ["migrations/sqlite lacks sets/0002_batches/up.sql"]);
    assert_eq!(differences(&more, &both), ["migrations/postgres lacks sets/0002_batches/up.sql"]);
}
