//! What is measured on: the demo's offices and persons, made by the product, and questions about them.

use std::fs;
use std::ops::{Range, Sub};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use brama::signatures::SigningKey;
use brama::soap::Version;
use brama::soap::reply::{self, Form};
use brama::xml::names::SOAP11;
use brama::xml::{Document, Limits, Method, canonical_bytes};
use chrono::Utc;
use diesel::sql_types::BigInt;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use toml::Table;
use uuid::Uuid;

use crate::demo::{BRAMA, Demo, free_ports};
use crate::gateway::{Gateway, Settings};
use crate::postgres::{Postgres, name_in};

/// A system with an RSA key that wants replies signed with ECDSA; the demo's own `pomoc` gets RSA for RSA.
pub const ECDSA_SYSTEM: &str = "pomiar";
pub const RSA_SYSTEM: &str = "pomoc";

/// No limit of one caller's share ends the run, and messages signed beforehand stay fresh; the work stays the same.
const SETTINGS: &str = "[limits]\nrequests_per_second = 1000000\n[security]\nmessage_age_seconds = 3600\n";

/// A demo that was fed and stopped again.
pub struct World {
    pub folder: PathBuf,
    /// The sample question in canonical form, with the values of its person and task.
    question: String,
    persons: Vec<(String, String)>,
    /// Where the databases are; none = in files beside it.
    server: Option<Server>,
}

/// Databases on a server, and what the one with the questions' register is made of anew.
struct Server {
    postgres: Postgres,
    platform: String,
    register: String,
}

/// What stands in the register that is asked.
#[derive(QueryableByName)]
pub struct Written {
    #[diesel(sql_type = BigInt)]
    pub entries: i64,
    #[diesel(sql_type = BigInt)]
    pub commits: i64,
}

impl Sub for Written {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { entries: self.entries - other.entries, commits: self.commits - other.commits }
    }
}

/// A head is signed with every commit.
const WRITTEN: &str =
    "SELECT (SELECT count(*) FROM ledger_entries) AS entries, (SELECT count(*) FROM ledger_heads) AS commits";

impl World {
    /// Makes the demo in `home` and registers one more system.
    pub fn make(home: &Path) -> Self {
        Demo::start(home, &free_ports()).stop();
        let folder = home.join("demo");
        brama(&folder, &[], &["pki", "issue", "pki", ECDSA_SYSTEM, "--rsa"]);
        add_system(&folder, &[]);
        copy(&folder.join("data"), &home.join("data"));
        let question = canonical(&folder.join("zapytania/UdostepnijDaneOsoby.xml"));
        let persons = persons(&folder.join("osoby.csv"));
        Self { folder, question, persons, server: None }
    }

    /// The same offices, keys and persons with their databases on a server.
    pub fn moved_to(&self, postgres: Postgres) -> Self {
        let home = self.folder.join("../on-a-server");
        let folder = home.join("demo");
        fs::create_dir(&home).expect("a new folder");
        copy(&self.folder, &folder);
        fs::remove_dir_all(folder.join("data")).expect("the databases in files");
        fs::remove_dir_all(folder.join("heads")).expect("what is known of them");
        let platform = postgres.database("platform");
        let variables = [("BRAMA_STORE_PLATFORM", platform.as_str())];
        let databases = ["PUP-BUSKO", "OPS-BUSKO", "SR-BUSKO"].map(|id| (id, postgres.database(id)));
        for (id, database) in &databases {
            brama(&folder, &variables, &["tenant", "add", id, "--name", id, "--database", database]);
        }
        // The demo registers the rest and feeds what was never fed.
        Demo::start_with(&home, &free_ports(), &variables).stop();
        add_system(&folder, &variables);
        let [(_, register), ..] = databases;
        postgres.run(&format!("CREATE DATABASE kept TEMPLATE \"{}\"", name_in(&register)));
        let server = Some(Server { postgres, platform, register });
        Self { folder, question: self.question.clone(), persons: self.persons.clone(), server }
    }

    /// A node on the demo's data as they were made: every level writes the same ledger from its beginning.
    pub fn serve(&self) -> Gateway {
        self.serve_with(Vec::new())
    }

    /// The same with more in its environment.
    pub fn serve_with(&self, variables: Vec<(String, String)>) -> Gateway {
        // An older copy is in their place now: what is known of the registers would fence them (rule 3.5).
        fs::remove_dir_all(self.folder.join("heads")).expect("the heads of the level before");
        if let Some(Server { postgres, register, .. }) = &self.server {
            postgres.drop_database(register);
            postgres.run(&format!("CREATE DATABASE \"{}\" TEMPLATE kept", name_in(register)));
        } else {
            fs::remove_dir_all(self.folder.join("data")).expect("the data of the level before");
            copy(&self.folder.join("../data"), &self.folder.join("data"));
        }
        let overrides: Table = SETTINGS.parse().expect("TOML");
        let platform = self.server.as_ref().map(|server| server.platform.clone());
        Gateway::start(&Settings { platform, overrides, variables, ..Settings::new(&self.folder) })
    }

    /// What the register of the labour office holds, while nodes write to it or not.
    pub fn written(&self) -> Written {
        let read = if let Some(Server { postgres, register, .. }) = &self.server {
            sql_query(WRITTEN).get_result(&mut postgres.connect(name_in(register)))
        } else {
            let path = self.folder.join("data/PUP-BUSKO/rejestr.sqlite");
            let mut register = SqliteConnection::establish(&path.display().to_string()).expect("a register");
            sql_query(WRITTEN).get_result(&mut register)
        };
        read.expect("its tables")
    }

    /// Ends the server of its databases, if there is one.
    pub fn end(self) {
        if let Some(server) = self.server {
            server.postgres.stop();
        }
    }

    /// Questions in envelopes without a signature.
    pub fn unsigned(&self, numbers: Range<usize>) -> Vec<Vec<u8>> {
        let envelope =
            |number| reply::unsigned(Version::Soap11, |_| {}, |out| out.raw(self.question(number).as_bytes()));
        numbers.map(envelope).collect()
    }

    /// Questions that `system` signs, Body and Timestamp, each a message of its own.
    pub fn signed(&self, system: &str, numbers: Range<usize>) -> Vec<Vec<u8>> {
        let path = |extension| self.folder.join("pki").join(system).with_extension(extension);
        let key = SigningKey::load(&path("key"), &path("pem")).expect("the system's key");
        let form = Form { timestamp: true, ..Form::default() };
        let sign = |number| {
            let question = self.question(number);
            reply::signed(&key, Utc::now(), &form, |out| out.raw(question.as_bytes())).expect("a signature")
        };
        let middle = usize::midpoint(numbers.start, numbers.end);
        thread::scope(|scope| {
            let first = scope.spawn(|| (numbers.start..middle).map(sign).collect::<Vec<_>>());
            let mut all: Vec<_> = (middle..numbers.end).map(sign).collect();
            all.extend(first.join().expect("signed"));
            all
        })
    }

    /// The question about one of the persons, under an `idZadania` of its own.
    fn question(&self, number: usize) -> String {
        let (surname, pesel) = &self.persons[number % self.persons.len()];
        let task = Uuid::new_v4().to_string();
        let values = [("idZadania", task.as_str()), ("nazwisko", surname), ("pesel", pesel)];
        values.into_iter().fold(self.question.clone(), |question, (name, value)| with_value(&question, name, value))
    }
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("--archive").args([from, to]).status().expect("cp");
    assert!(done.success(), "{} is copied", from.display());
}

/// Registers the system with an RSA key that wants replies signed with ECDSA.
fn add_system(folder: &Path, variables: &[(&str, &str)]) {
    let certificate = format!("pki/{ECDSA_SYSTEM}.pem");
    let unit = ["--unit", "OPS-BUSKO", "--certificate", &certificate, "--reply", "ecdsa"];
    brama(folder, variables, &[["system", "add", ECDSA_SYSTEM].as_slice(), &unit].concat());
}

/// Runs a verb of the command line on the demo.
fn brama(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) {
    let mut command = Command::new(BRAMA);
    command.args(["--config", "brama.toml"]).args(arguments).current_dir(folder).envs(variables.iter().copied());
    let done = command.output().expect("the program");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// The request element of a sample, as it is signed.
fn canonical(sample: &Path) -> String {
    let bytes = fs::read(sample).expect("a sample");
    let document = Document::parse(&bytes, &Limits::default()).expect("XML");
    let body = document.root().child(SOAP11.name("Body")).expect("a Body");
    let request = body.children().next().expect("a request");
    String::from_utf8(canonical_bytes(request, Method::Exclusive).expect("its canonical form")).expect("UTF-8")
}

/// Surname and PESEL of the persons with one plain record in the labour office's set.
fn persons(list: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(list).expect("the list of persons");
    let persons = text.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let plain = fields[7].starts_with("PUP-") && fields.last() == Some(&"");
        plain.then(|| (fields[0].to_owned(), fields[2].to_owned()))
    });
    persons.take(1000).collect()
}

/// `text` with another value in the first element called `name`.
fn with_value(text: &str, name: &str, value: &str) -> String {
    let (before, rest) = text.split_once(&format!(":{name}")).expect("the element");
    let (attributes, rest) = rest.split_once('>').expect("its start tag");
    let (_, after) = rest.split_once('<').expect("its end tag");
    format!("{before}:{name}{attributes}>{value}<{after}")
}
