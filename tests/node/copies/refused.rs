//! What is no copy of this administrator, or no longer, is refused before anything is touched.

use super::*;

/// Everything in a folder, by name.
fn read_all(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
}

/// What would be lost: the administrator's files, or its database.
fn held(offices: &Offices) -> Vec<Vec<u8>> {
    let stores = offices.stores();
    let address = stores.tenant(ADMINISTRATOR).expect("open").sets.address().clone();
    stores.close();
    drop(stores);
    match &address {
        Address::Postgres(url) => vec![dump(url)],
        Address::File(_) => databases(&offices.data().join(ADMINISTRATOR)).into_values().collect(),
    }
}

#[track_caller]
fn refused(said: &Said, code: i32, words: &str) {
    assert_eq!(said.code, Some(code), "{}", said.text);
    assert!(said.text.contains(words), "{words}: {}", said.text);
}

#[track_caller]
fn check(engine: Engine) {
    let offices = Offices::new(engine);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 5);
    let folder = copy(&offices);
    done(&back_up(&offices, &folder));
    refused(&back_up(&offices, &folder), 1, "is not empty");
    refused(&back_up(&offices, &offices.data().join("kopia")), 1, "data folder");
    refused(&restore(&offices, &folder), 3, "another node serves this folder");
    drop(gateway);

    let before = held(&offices);
    for (path, bytes) in read_all(&folder) {
        for at in [0, bytes.len() / 3, bytes.len() / 2, bytes.len() - 2] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).expect("written");
            let said = restore(&offices, &folder);
            assert_eq!(said.code, Some(1), "{} at {at}: {}", path.display(), said.text);
        }
        fs::write(&path, &bytes[..bytes.len() - 1]).expect("written");
        assert_eq!(restore(&offices, &folder).code, Some(1), "{} cut", path.display());
        fs::remove_file(&path).expect("removed");
        assert_eq!(restore(&offices, &folder).code, Some(1), "{} gone", path.display());
        fs::write(&path, bytes).expect("written");
    }
    let from = folder.to_str().expect("UTF-8");
    let said = offices.brama(&["tenant", "restore", "OPS-BUSKO", "--from", from]).into();
    refused(&said, 1, "a copy of PUP-BUSKO, not of OPS-BUSKO");
    let strangers = Offices::new(engine);
    refused(&restore(&strangers, &folder), 1, "another master key");

    // The same master key, and the administrator registered anew with other keys.
    let settings = rebuilt(&offices, engine);
    let mut store = StoreSettings::new(settings.dir.join("data"), settings.dir.join("master.key"));
    store.platform_url.clone_from(&settings.platform);
    let url = (engine == Engine::Postgres).then(|| Postgres::shared().address("inny"));
    Stores::open(store).expect("open").add_tenant(ADMINISTRATOR, "Urząd", url.as_deref()).expect("added");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_brama"));
    command.arg("--config").arg(settings.write()).args(["tenant", "restore", ADMINISTRATOR, "--from", from]);
    refused(&command.output().expect("the program").into(), 1, "other keys");

    assert!(held(&offices) == before, "nothing was touched");
    assert!(!done(&restore(&offices, &folder)).contains("takes no entries"), "and the copy is good");
}

#[test]
fn whatever_does_not_fit_is_refused_on_sqlite() {
    check(Engine::Sqlite);
}

#[test]
fn whatever_does_not_fit_is_refused_on_postgres() {
    check(Engine::Postgres);
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let offices = Offices::new(Engine::Postgres);
    let folder = copy(&offices);
    done(&back_up(&offices, &folder));
    let stores = offices.stores();
    let tenant = stores.tenant(ADMINISTRATOR).expect("open");
    refused(&restore(&offices, &folder), 3, "somebody uses the database");
    drop(tenant);
    stores.close();
}
