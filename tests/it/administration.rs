//! The administrator's verbs at the command line: one clear line each, and exit codes that scripts rely on.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::postgres::Postgres;

/// A folder with a configuration, where verbs are run.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(store: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("brama.toml"), format!("[store]\ndata = \"data\"\n{store}")).expect("written");
        Self { folder }
    }

    /// Runs a verb; its words are separated by blanks, `~` stands for a blank inside a word.
    #[track_caller]
    fn run(&self, code: i32, said: &str, verb: &str) {
        let words = verb.split(' ').map(|word| word.replace('~', " "));
        let done = Command::new(env!("CARGO_BIN_EXE_brama"))
            .current_dir(self.folder.path())
            .env_clear()
            .args(words)
            .output()
            .expect("it runs");
        let text = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(code), "{verb}: {text}");
        assert!(text.contains(said), "{verb}: {text}");
    }

    /// Makes a key and its certificate.
    fn certificate(&self, name: &str) {
        let subject = format!("/CN={name}");
        let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
        let made = Command::new("openssl")
            .current_dir(self.folder.path())
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"])
            .args(["-subj", &subject, "-keyout", &key, "-out", &pem])
            .output()
            .expect("openssl runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

#[test]
fn an_administrator_is_set_up_by_verbs_alone() {
    let desk = Desk::new("");
    desk.certificate("pomoc");
    desk.certificate("nowy");
    desk.run(0, "administrator OPS-BUSKO added, in data/OPS-BUSKO", "tenant add OPS-BUSKO --name Ośrodek~Pomocy");
    desk.run(
        0,
        "unit OPS-BUSKO added",
        "unit add OPS-BUSKO --name Ośrodek --terc 260101 --tenant OPS-BUSKO --nip 6551234567",
    );
    desk.run(0, "unit PUP-BUSKO added", "unit add PUP-BUSKO --name Urząd --terc 260101");
    desk.run(0, "set OPS-BUSKO/pomoc of OPS-BUSKO added", "set add OPS-BUSKO/pomoc --tenant OPS-BUSKO --kind PS");
    desk.run(
        0,
        "system pomoc of unit OPS-BUSKO added",
        "system add pomoc --unit OPS-BUSKO --certificate pomoc.pem --reply rsa",
    );
    desk.run(0, "added to system pomoc", "system certificate add pomoc nowy.pem");
    desk.run(0, "of system pomoc revoked", "system certificate revoke pomoc nowy.pem");
    desk.run(
        0,
        "user pup1 of unit PUP-BUSKO added",
        "user add pup1 --unit PUP-BUSKO --group urzednicy kierownicy --position Inspektor",
    );
    desk.run(0, "legal basis UPS-105 added", "basis add UPS-105 --title Art.~105 --from 2004-05-01");
    desk.run(
        0,
        "grant to group urzednicy of PUP-BUSKO in OPS-BUSKO/pomoc on UPS-105 added",
        "grant add --unit PUP-BUSKO --group urzednicy --set OPS-BUSKO/pomoc --items 1.1,2 --basis UPS-105",
    );
    desk.run(
        0,
        "right REJESTR_WGLAD to group inspektorzy of OPS-BUSKO added",
        "right add --unit OPS-BUSKO --group inspektorzy --right REJESTR_WGLAD",
    );
    desk.run(0, "OPS-BUSKO: up to date", "migrate");
    for name in ["platforma.sqlite", "platforma-rejestr.sqlite", "OPS-BUSKO/zbiory.sqlite", "OPS-BUSKO/rejestr.sqlite"]
    {
        assert!(desk.path().join("data").join(name).is_file(), "{name}");
    }
}

#[test]
fn what_cannot_be_is_refused_and_wrong_usage_is_told_apart() {
    let desk = Desk::new("");
    desk.certificate("a");
    desk.run(0, "added", "tenant add A --name Urząd");
    desk.run(1, "administrator A exists", "tenant add A --name Urząd");
    desk.run(1, "identifier is not well formed", "tenant add ../A --name Urząd");
    desk.run(1, "no administrator X", "set add X/y --tenant X --kind PS");
    desk.run(2, "PUP, PS, SR", "set add A/y --tenant A --kind ps");
    desk.run(0, "added", "set add A/y --tenant A --kind PS");
    desk.run(0, "added", "unit add A --name Urząd --terc 26");
    desk.run(2, "a.key", "system add s --unit A --certificate a.key");
    desk.run(2, "missing.pem", "system add s --unit A --certificate missing.pem");
    desk.run(0, "added", "system add s --unit A --certificate a.pem");
    desk.run(1, "exists", "system add t --unit A --certificate a.pem");
    desk.run(0, "revoked", "system certificate revoke s a.pem");
    desk.run(1, "revoked before", "system certificate revoke s a.pem");
    desk.run(1, "registered already", "system certificate add s a.pem");
    desk.run(1, "PESEL", "user add u --unit A --group g --pesel 84810112345");
    desk.run(0, "added", "basis add B --title Ustawa --from 2020-01-01");
    desk.run(2, "", "basis add C --title Ustawa --from wczoraj");
    desk.run(1, "kind PS has no scope item 9.1", "grant add --unit A --group g --set A/y --items 9.1 --basis B");
    desk.run(2, "scope item", "grant add --unit A --group g --set A/y --items 1.a --basis B");
    desk.run(1, "no legal basis X", "grant add --unit A --group g --set A/y --items 1.1 --basis X");
    desk.run(1, "no unit X", "right add --unit X --group g --right REJESTR_WGLAD");
    desk.run(2, "REJESTR_PRZEGLADANIE", "right add --unit A --group g --right WGLAD");
    desk.run(0, "added", "right add --unit A --group g --right REJESTR_USUWANIE");
    desk.run(1, "has the right", "right add --unit A --group g --right REJESTR_USUWANIE");
    desk.run(2, "", "tenant");
}

#[test]
fn on_postgresql_the_databases_are_made_and_a_server_that_is_away_is_told() {
    let server = Postgres::shared();
    let desk = Desk::new(&format!("platform = \"{}\"\n", server.database("verbs")));
    desk.run(
        0,
        "administrator A added, on PostgreSQL",
        &format!("tenant add A --name Urząd --database {}", plain(&server.address("verbs-a"))),
    );
    desk.run(0, "A: up to date", "migrate");
    assert!(!desk.path().join("data/A").exists());
    desk.run(1, "postgres://", "tenant add B --name Urząd --database mysql://x/y");
    desk.run(3, "unavailable", "tenant add B --name Urząd --database postgres://127.0.0.1:1/b");
    let away = Desk::new("platform = \"postgres://127.0.0.1:1/b\"\n");
    away.run(3, "unavailable", "migrate");
}

/// An address without the blank's stand-in.
fn plain(url: &str) -> String {
    assert!(!url.contains('~'), "{url}");
    url.to_owned()
}
