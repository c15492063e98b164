//! A temporary PostgreSQL server, one per test process and more where asked for; it ends with the process, also when that crashes.

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// A running server.
pub struct Postgres {
    folder: PathBuf,
    bin: PathBuf,
    databases: AtomicUsize,
    /// Its open input keeps the server alive; it starts the server anew when told.
    keeper: Mutex<(Child, BufReader<ChildStdout>)>,
}

impl Postgres {
    /// The server of this test process, started on first use.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Postgres> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    /// Stops the server at once, as a crash does, and starts it again.
    pub fn crash(&self) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let (keeper, said) = &mut *keeper;
        keeper.stdin.as_mut().expect("its input").write_all(b"crash\n").expect("the keeper listens");
        let mut line = String::new();
        said.read_line(&mut line).expect("a line");
        assert!(!line.is_empty(), "PostgreSQL did not start again");
    }

    /// The address of a new, empty database whose name begins with `name`.
    pub fn database(&self, name: &str) -> String {
        let url = self.address(name);
        self.run(&format!("CREATE DATABASE \"{}\"", name_in(&url)));
        url
    }

    /// The address of a database that does not exist.
    pub fn address(&self, name: &str) -> String {
        self.url(&format!("{name}-{}", self.databases.fetch_add(1, Ordering::Relaxed)))
    }

    /// Drops the database at `url`, whoever uses it.
    pub fn drop_database(&self, url: &str) {
        self.run(&format!("DROP DATABASE \"{}\" WITH (FORCE)", name_in(url)));
    }

    /// Replaces the database at `url` by an empty one.
    pub fn make_anew(&self, url: &str) {
        self.drop_database(url);
        self.run(&format!("CREATE DATABASE \"{}\"", name_in(url)));
    }

    /// Ends every connection to the database at `url`; `open` says whether new ones are let in.
    pub fn cut_off(&self, url: &str, open: bool) {
        let name = name_in(url);
        self.run(&format!("ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS {open}"));
        self.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    }

    /// Runs a statement of the server's own administrator.
    pub fn run(&self, sql: &str) {
        self.connect("postgres").batch_execute(sql).expect("the server obeys");
    }

    /// A connection past the store, for what no caller of the store may do.
    pub fn connect(&self, name: &str) -> PgConnection {
        PgConnection::establish(&self.url(name)).expect("the server answers")
    }

    /// Everything a database holds, as text.
    pub fn dump(&self, url: &str) -> String {
        let dump = Command::new(self.bin.join("pg_dump")).arg(url).output().expect("pg_dump runs");
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        String::from_utf8(dump.stdout).expect("a text")
    }

    /// Ends the server and waits until nothing of it is left.
    pub fn stop(self) {
        let (mut keeper, _) = self.keeper.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Waiting closes its input, by which it learns of the end.
        keeper.wait().expect("our child");
    }

    fn url(&self, name: &str) -> String {
        format!("postgres:///{name}?host={}&user=postgres", self.folder.display())
    }

    /// A server of its own.
    pub fn start() -> Self {
        Self::launch(None, &[])
    }

    /// A server whose data lie in `folder`, where everybody may write, with more in its environment.
    pub fn start_in(folder: &Path, variables: &[(String, String)]) -> Self {
        Self::launch(Some(folder), variables)
    }

    fn launch(folder: Option<&Path>, variables: &[(String, String)]) -> Self {
        let bin = newest_bin().expect("PostgreSQL is installed in /usr/lib/postgresql");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/postgres.sh");
        let script = fs::read_to_string(script).expect("the script");
        let mut keeper = as_plain_user()
            .args(["sh", "-c", &script, "postgres.sh"])
            .arg(&bin)
            .args(folder)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut folder = String::new();
        let mut said = BufReader::new(keeper.stdout.take().expect("its output"));
        said.read_line(&mut folder).expect("a line");
        assert!(!folder.is_empty(), "PostgreSQL did not start");
        let keeper = Mutex::new((keeper, said));
        Self { folder: PathBuf::from(folder.trim_end()), bin, databases: AtomicUsize::new(0), keeper }
    }
}

/// The name of the database in an address made here.
pub fn name_in(url: &str) -> &str {
    url.strip_prefix("postgres:///").and_then(|rest| rest.split('?').next()).expect("an address made here")
}

/// A command that runs what follows as a user other than root, whom PostgreSQL refuses.
fn as_plain_user() -> Command {
    if !is_root() {
        return Command::new("env");
    }
    let passwd = fs::read_to_string("/etc/passwd").expect("users");
    let user = ["postgres", "nobody"]
        .into_iter()
        .find(|user| passwd.lines().any(|line| line.starts_with(&format!("{user}:"))));
    let user = user.expect("a user postgres or nobody");
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", if user == "nobody" { "nogroup" } else { user }, "--clear-groups", "--"]);
    command
}

fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").expect("our own status");
    status.lines().any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"))
}

fn newest_bin() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let newest = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).max()?;
    Some(PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin")))
}
