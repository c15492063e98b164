//! Three offices on one gateway: their databases, keys and rights, and the questions they ask.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use brama::cli::feed::{Report, send};
use brama::disclosure::{Grant, LegalBasis, ScopeItem};
use brama::signatures::{KeyFamily, SigningKey, Trust, pki};
use brama::soap::client::Client;
use brama::soap::reply;
use brama::store::{NewSystem, NewUser, SetRecord, StoreSettings, Stores, UnitRecord};
use brama::subjects::SetKind;
use brama::xml::{self, Document, Limits, Method, canonical_bytes};
use chrono::{NaiveDate, Utc};
use tempfile::TempDir;
use uuid::Uuid;

use crate::batch::{Batch, Person};
use crate::gateway::{Gateway, Settings};
use crate::postgres::Postgres;
use crate::wire::{self, Answer};

/// The labour office's set, which the social-assistance unit asks.
pub const SET: &str = "PUP-BUSKO/ewidencja";
/// Whose data are asked for, and in whose ledger it stands.
pub const ADMINISTRATOR: &str = "PUP-BUSKO";
/// What every question says it is for, and in which matter.
pub const PURPOSE: &str = "ustalenie prawa do zasiłku okresowego";
pub const MATTER: &str = "OPS.5212.17.1899";
/// Of the official who asks.
pub const OFFICIAL: &str = "71822823375";

const OFFICES: [(&str, &str, &str, SetKind); 3] = [
    ("PUP-BUSKO", "syriusz", SET, SetKind::Pup),
    ("OPS-BUSKO", "pomoc", "OPS-BUSKO/pomoc", SetKind::Ps),
    ("SR-BUSKO", "rodzinne", "SR-BUSKO/swiadczenia", SetKind::Sr),
];

/// Which database the gateway runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Whoever uses the PostgreSQL server of this process holds it; exclusively, who changes how it runs.
static SERVER: RwLock<()> = RwLock::new(());

/// Nobody else uses the PostgreSQL server as long as this is held.
pub fn alone_with_postgres() -> RwLockWriteGuard<'static, ()> {
    SERVER.write().unwrap_or_else(PoisonError::into_inner)
}

/// The folder of the PostgreSQL server: its data and its own log.
pub fn postgres_folder() -> PathBuf {
    let address = Postgres::shared().address("nobody");
    let folder = address.split("host=").nth(1).and_then(|rest| rest.split('&').next());
    PathBuf::from(folder.expect("an address with the socket's folder"))
}

/// The offices' gateway, while it runs and while it does not.
pub struct Offices {
    pub settings: Settings,
    pub folder: TempDir,
    /// Where the databases are; `None` = `SQLite`.
    server: Option<&'static Postgres>,
    _shared: Option<RwLockReadGuard<'static, ()>>,
}

impl Offices {
    pub fn new(engine: Engine) -> Self {
        let shared = (engine == Engine::Postgres).then(|| SERVER.read().unwrap_or_else(PoisonError::into_inner));
        Self { _shared: shared, ..Self::on((engine == Engine::Postgres).then(Postgres::shared)) }
    }

    /// The same on a server that nobody else uses.
    pub fn on(server: Option<&'static Postgres>) -> Self {
        xml::start();
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::new(folder.path());
        settings.platform = server.map(|server| server.database("platform"));
        let offices = Self { settings, folder, server, _shared: None };
        pki::init(&offices.pki(), Utc::now()).expect("a PKI");
        offices.register();
        offices
    }

    /// The databases, past the gateway.
    pub fn stores(&self) -> Stores {
        let mut settings = StoreSettings::new(self.data(), self.folder.path().join("master.key"));
        settings.platform_url.clone_from(&self.settings.platform);
        Stores::open(settings).expect("the platform opens")
    }

    fn register(&self) {
        let stores = self.stores();
        let groups = ["urzednicy".to_owned()];
        for (id, system, set, kind) in OFFICES {
            let database = self.server.map(|server| server.address(&id.to_lowercase()));
            stores.add_tenant(id, "Urząd", database.as_deref()).expect("an administrator");
            let unit = UnitRecord {
                id: id.to_owned(),
                name: "Urząd".to_owned(),
                terc: "2601013".to_owned(),
                tenant: Some(id.to_owned()),
                nip: None,
                regon: None,
                address: None,
            };
            stores.add_unit(&unit).expect("a unit");
            let set = SetRecord { id: set.to_owned(), tenant: id.to_owned(), kind, name: "Zbiór".to_owned() };
            stores.add_set(&set).expect("a set");
            let user = NewUser { unit: id, login: "urzednik", groups: &groups, pesel: Some(OFFICIAL), position: None };
            stores.add_user(&user).expect("an official");
            pki::issue(&self.pki(), system, KeyFamily::Ecdsa, Utc::now()).expect("a certificate");
            let key = self.key(system);
            let certificates = std::slice::from_ref(key.certificate());
            let system =
                NewSystem { id: system, unit: id, timestamp_optional: false, reply_family: None, certificates };
            stores.add_system(&system).expect("a system");
        }
        let valid_from = NaiveDate::from_ymd_opt(2004, 5, 1).expect("a day");
        let basis = LegalBasis { code: "UPS-105".into(), title: "Ustawa".into(), valid_from, valid_to: None };
        stores.add_basis(&basis).expect("a legal basis");
        let grant = Grant {
            unit: "OPS-BUSKO".to_owned(),
            group: "urzednicy".to_owned(),
            set: SET.to_owned(),
            items: ["1", "2", "7"].into_iter().filter_map(ScopeItem::parse).collect(),
            basis: "UPS-105".to_owned(),
        };
        stores.add_grant(&grant).expect("a grant");
        stores.close();
    }

    pub fn start(&self) -> Gateway {
        Gateway::start(&self.settings)
    }

    /// Where the gateway keeps its SQLite databases.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn pki(&self) -> PathBuf {
        self.folder.path().join("pki")
    }

    pub fn key(&self, system: &str) -> SigningKey {
        let path = |kind| self.pki().join(system).with_extension(kind);
        SigningKey::load(&path("key"), &path("pem")).expect("a key")
    }

    /// A client of the domain system.
    pub fn client(&self, system: &str, gateway: &Gateway) -> Client {
        self.client_at(system, &format!("http://{}", gateway.http), None)
    }

    /// The same at any address; for `https` with the PEM of the authority that it believes.
    pub fn client_at(&self, system: &str, url: &str, authority: Option<&Path>) -> Client {
        let trust = Trust::new(&[self.pki().join("ca.pem")], &[], &[], false).expect("the authority");
        Client::new(url, self.key(system), trust, authority).expect("a client")
    }

    /// Sends a batch file of the system's own office; it must enter whole.
    pub fn feed(&self, gateway: &Gateway, system: &str, file: &Path) -> Report {
        let report = send(&self.client(system, gateway), None, file, &mut |_| ()).expect("a verdict");
        assert_eq!(report.state, "ZAKONCZONA", "{report}");
        report
    }

    /// Fills the set with the first persons.
    pub fn feed_persons(&self, gateway: &Gateway, persons: u64) {
        let batch = Batch { mark: "ZASILENIE-1", as_of: "2025-11-20", persons };
        self.feed(gateway, "syriusz", &batch.write(self.folder.path()));
    }

    /// Asks the gateway about one of the invented persons, as the social-assistance unit.
    pub fn ask(&self, gateway: &Gateway, person: u64) -> Answer {
        let question = self.question(&self.key("pomoc"), &Person::of(person));
        wire::post(gateway.http, "udostepnianie", &question).expect("an answer")
    }

    /// The social-assistance unit's question about a person, signed.
    pub fn question(&self, key: &SigningKey, person: &Person) -> Vec<u8> {
        signed(key, &question(Uuid::new_v4(), person))
    }

    /// Runs a verb of the program that looks at the offices' databases.
    pub fn brama(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_brama"));
        command.arg("--config").arg(self.settings.write()).args(arguments).output().expect("the program")
    }

    /// What the administrator's ledger shows; it must be whole.
    pub fn ledger(&self) -> String {
        let verified = self.brama(&["ledger", "verify"]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        let shown = self.brama(&["ledger", "show", "--tenant", ADMINISTRATOR, "--limit", "1000000"]);
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
        String::from_utf8(shown.stdout).expect("text")
    }
}

/// The social-assistance unit's question about a person, under this `idZadania`.
pub fn question(task: Uuid, person: &Person) -> String {
    let Person { surname, pesel, .. } = person;
    format!(
        "<u:UdostepnijDaneOsoby xmlns:u='urn:brama:udostepnianie:1' xmlns:w='urn:brama:wspolne:1'><u:kontekst>\
         <w:idZadania>{task}</w:idZadania><w:jednostka>OPS-BUSKO</w:jednostka><w:uzytkownik>urzednik</w:uzytkownik>\
         <w:sprawa>{MATTER}</w:sprawa></u:kontekst>\
         <u:osoba><u:nazwisko>{surname}</u:nazwisko><u:pesel>{pesel}</u:pesel></u:osoba>\
         <u:podstawaPrawna>UPS-105</u:podstawaPrawna><u:przeznaczenie>{PURPOSE}</u:przeznaczenie><u:zbior>{SET}</u:zbior>\
         <u:zakres><u:pozycja>1</u:pozycja><u:pozycja>2</u:pozycja></u:zakres></u:UdostepnijDaneOsoby>"
    )
}

/// The request in a signed envelope.
pub fn signed(key: &SigningKey, request: &str) -> Vec<u8> {
    let document = Document::parse(request.as_bytes(), &Limits::default()).expect("XML");
    let bytes = canonical_bytes(document.root(), Method::Exclusive).expect("canonical");
    reply::signed(key, Utc::now(), &reply::Form { timestamp: true, ..Default::default() }, |out| out.raw(&bytes))
        .expect("signed")
}
