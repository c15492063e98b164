//! Extracts of the register with their proofs, judged by the verifier that shares no code with the gateway.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::office::{ADMINISTRATOR, Offices};

/// All entries of the register as it stood, under its signed head.
pub struct Extract {
    file: PathBuf,
    /// Number of the last entry.
    pub size: u64,
}

impl Extract {
    /// Writes an extract; with an earlier one, it proves that the register goes on from that.
    pub fn write(offices: &Offices, name: &str, earlier: Option<&Self>) -> Self {
        let since = earlier.map(|earlier| earlier.size.to_string());
        let mut words = vec!["ledger", "export", "--tenant", ADMINISTRATOR];
        words.extend(since.iter().flat_map(|since| ["--since", since]));
        let written = offices.brama(&words);
        assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
        let file = offices.folder.path().join(name);
        fs::write(&file, &written.stdout).expect("a file");
        let text = String::from_utf8(written.stdout).expect("text");
        let size = text.split_once("<r:do>").and_then(|(_, rest)| rest.split('<').next()?.parse().ok());
        Self { file, size: size.expect("the number of the last entry") }
    }

    /// Whether the extract holds and goes on from the earlier one, and what the verifier said.
    pub fn verify(&self, offices: &Offices, earlier: &Self) -> (bool, String) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join(".venv/bin/python");
        assert!(python.exists(), "`make setup` makes .venv, which the verifier needs");
        let mut verifier = Command::new(python);
        verifier.arg(root.join("examples/verify-ledger/verify.py")).arg(&self.file);
        verifier.arg("--ca").arg(offices.pki().join("ca.pem")).arg("--earlier").arg(&earlier.file);
        let judged = verifier.output().expect("Python runs");
        (judged.status.success(), String::from_utf8_lossy(&[judged.stdout, judged.stderr].concat()).into_owned())
    }
}
