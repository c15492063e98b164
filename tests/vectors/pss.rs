//! RSA-PSS as the JDK signs: no public vectors have it, so they are made here.

use std::fs;
use std::path::Path;
use std::process::Command;

const HOLDING: [&str; 7] =
    ["name-256", "name-384", "name-512", "parameters-256", "parameters-384", "parameters-512", "defaults"];

#[test]
fn what_the_jdk_signs_by_pss_holds_under_our_whitelist() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/Pss.java");
    let run = Command::new("java").arg(program).arg(folder.path()).output().expect("java is installed by .ci/setup");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    for name in HOLDING {
        let file = folder.path().join(name).with_extension("xml");
        let (holds, printed) = verify(&file);
        assert!(holds && printed.contains("RsaPssSha"), "{name}: {printed}");
        let forged = fs::read_to_string(&file).expect("a document").replace("zażółć", "zazółć");
        fs::write(&file, forged).expect("a document");
        let (holds, printed) = verify(&file);
        assert!(!holds && printed.contains("digest of reference 1"), "{name}: {printed}");
    }
    let (holds, printed) = verify(&folder.path().join("short-salt.xml"));
    assert!(!holds && printed.contains("SignatureMethod"), "{printed}");
}

fn verify(file: &Path) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brama"));
    let output = command.args(["xml", "verify"]).arg(file).arg("--key").arg(file.with_file_name("key.pem")).output();
    let output = output.expect("brama");
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}
