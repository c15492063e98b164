//! One run of a foreign client and what it said.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::gateway;

/// Seconds that one run may take, its first build included.
const LIMIT: &str = "180";

/// What a client said, and whether it was content.
pub struct Output {
    command: String,
    text: String,
    success: bool,
}

/// Runs a client in the folder where its user would have started the demo.
pub fn run(stack: &str, arguments: &[&str], url: &str) -> Output {
    let mut client = Command::new("timeout");
    client.args(["--kill-after=5", LIMIT]).args(program(stack)).args(arguments).args(["--url", url, "--demo", "demo"]);
    client.current_dir(&gateway().home);
    let output = in_turn(stack, || client.output().expect("timeout"));
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Output { command: format!("{client:?}"), text, success: output.status.success() }
}

fn program(stack: &str) -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    match stack {
        "suds" => vec![here.join(".venv/bin/python"), here.join("tests/clients/suds_client.py")],
        example => vec![here.join("examples").join(example).join("run")],
    }
}

/// An example builds itself on its first run, so that two runs at once would be in each other's way.
fn in_turn<T>(stack: &str, work: impl FnOnce() -> T) -> T {
    static TURNS: Mutex<BTreeMap<String, &'static Mutex<()>>> = Mutex::new(BTreeMap::new());
    let turn: &Mutex<()> = {
        let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(stack.to_owned()).or_insert_with(|| Box::leak(Box::default()))
    };
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

impl Output {
    #[track_caller]
    pub fn succeeded(&self) -> &Self {
        self.holds(self.success, "it failed");
        self
    }

    #[track_caller]
    pub fn failed(&self) -> &Self {
        self.holds(!self.success, "it succeeded");
        self
    }

    /// The line that is `start`, or begins with it as words.
    #[track_caller]
    pub fn line(&self, start: &str) -> &str {
        self.find(start).unwrap_or_else(|| panic!("{}", self.complaint(&format!("no line {start}"))))
    }

    #[track_caller]
    pub fn without_line(&self, start: &str) {
        self.holds(self.find(start).is_none(), &format!("a line {start}"));
    }

    #[track_caller]
    pub fn contains(&self, part: &str) {
        self.holds(self.text.contains(part), &format!("{part} is not in its output"));
    }

    fn find(&self, start: &str) -> Option<&str> {
        let words = |line: &str| line.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        self.text.lines().find(|line| words(line))
    }

    #[track_caller]
    fn holds(&self, as_expected: bool, what: &str) {
        assert!(as_expected, "{}", self.complaint(what));
    }

    fn complaint(&self, what: &str) -> String {
        format!("{}: {what}\n{}\n(`make setup` installs what the clients need.)", self.command, self.text)
    }
}
