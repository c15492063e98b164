//! `brama verify` as an official runs it, and tokens as the `openssl` program makes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use brama::signatures::revocation::Enclosed;
use brama::signatures::timestamps::examine;
use tempfile::TempDir;

use super::coverage::detached;
use super::draft::Draft;
use super::scene::{NOW, scene};

/// A folder with a configuration that believes the scene's authorities.
struct Office(TempDir);

impl Office {
    fn new() -> Self {
        let files = &scene().files;
        let list = |paths: &[PathBuf]| {
            format!("{:?}", paths.iter().map(|path| path.to_str()).collect::<Option<Vec<_>>>().expect("names"))
        };
        let config = format!(
            "[signatures]\nqualified = {}\ntsa = {}\nintermediates = {}\ncrls = {}\n",
            list(&files.qualified),
            list(&files.tsa),
            list(&files.intermediates),
            list(&files.crls),
        );
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("brama.toml"), config).expect("a configuration");
        Self(folder)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), bytes).expect("a file");
    }

    /// The exit code and the first line, and the rest.
    #[track_caller]
    fn check(&self, line: &str, code: i32, first: &str, rest: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_brama"));
        let output = command.current_dir(self.0.path()).arg("verify").args(line.split(' ')).output().expect("brama");
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(output.status.code(), Some(code), "{line}: {printed}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(printed.lines().next().unwrap_or_default(), first, "{line}");
        assert!(printed.contains(rest), "{line}: {printed}");
    }
}

#[test]
fn the_first_line_is_the_verdict_and_only_a_pass_ends_with_zero() {
    let office = Office::new();
    office.write("dobry.xml", Draft::new("anna").text());
    office.write("obcy.xml", Draft::new("obcy").text());
    office.write("zmieniony.xml", Draft::new("anna").text().replace(">100<", ">900<"));
    office.write("osobisty.xml", Draft::new("osobisty").text());
    office.write("zwykly.xml", "<a/>");
    office.write("pismo.xades", detached("pismo%201.pdf", b"%PDF").text());
    office.write("pismo.pdf", "%PDF");
    let at = format!("--at {NOW}");
    office.check(&format!("dobry.xml {at} --report raport.xml"), 0, "TOTAL_PASSED", "podpisujący: Anna Nowak-Testowa");
    let report = fs::read_to_string(office.0.path().join("raport.xml")).expect("a report");
    assert!(report.contains("<rp:rodzaj>KWALIFIKOWANY</rp:rodzaj>"), "{report}");
    office.check(&format!("obcy.xml {at}"), 1, "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND", "LANCUCH — BŁĄD");
    office.check(&format!("osobisty.xml {at}"), 1, "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND", "LANCUCH — BŁĄD");
    office.check(&format!("zmieniony.xml {at}"), 1, "TOTAL_FAILED HASH_FAILURE", "SKROTY — BŁĄD");
    office.check(&format!("zwykly.xml {at}"), 1, "TOTAL_FAILED FORMAT_FAILURE", "nie ma podpisu");
    office.check("dobry.xml --at 2031-01-01T00:00:00Z", 1, "INDETERMINATE OUT_OF_BOUNDS_NO_POE", "CZAS_PODPISU — BŁĄD");
    office.write("inny.pdf", "%PDF-");
    let content = |file: &str| format!("pismo.xades {at} --content pismo%201.pdf={file}");
    office.check(&content("pismo.pdf"), 0, "TOTAL_PASSED", "ZAKRES — dobrze");
    office.check(&content("inny.pdf"), 1, "TOTAL_FAILED HASH_FAILURE", "");
    office.check(&format!("pismo.xades {at}"), 1, "INDETERMINATE SIGNED_DATA_NOT_FOUND", "");
    office.check("nie-ma.xml", 2, "", "");
    office.check("dobry.xml --at wczoraj", 2, "", "");
    office.check("dobry.xml --content pismo.pdf", 2, "", "");
}

#[test]
fn what_the_openssl_program_stamps_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    for signer in ["tsa", "tsa-rsa"] {
        let identity = &scene().signers[signer].identity;
        fs::write(path("tsa.key"), identity.key_pem()).expect("a key");
        fs::write(path("tsa.pem"), identity.certificate_pem()).expect("a certificate");
        fs::write(path("data"), "stemplowane").expect("data");
        let mut query = Command::new("openssl");
        query.current_dir(folder.path()).args(["ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query"]);
        assert!(query.output().expect("openssl").status.success());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("certs/tsa");
        let run =
            Command::new(script).arg(folder.path()).args([path("query"), path("token")]).output().expect("a script");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let token = fs::read(path("token")).expect("a token");
        let stamp = |data: &'static str| {
            examine(&token, || Some(data.as_bytes().to_vec()), &[], &Enclosed::default(), &scene().lists)
                .expect("a token")
        };
        let good = stamp("stemplowane");
        assert!(good.covers && good.is_strong && good.is_signed && good.chain.is_ok(), "{signer}: {good:?}");
        assert!(!stamp("inne").covers);
        let mut broken = token.clone();
        let last = broken.len() - 1;
        broken[last] ^= 1;
        let broken = examine(&broken, || Some(b"stemplowane".to_vec()), &[], &Enclosed::default(), &scene().lists);
        assert!(broken.is_err() || broken.is_ok_and(|stamp| !stamp.is_signed), "{signer}");
    }
}
