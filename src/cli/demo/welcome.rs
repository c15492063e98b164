//! What the demo tells its user at the end: where things are and how to ask the first question.

use std::path::Path;

use super::folder::Folder;
use super::register::{WITHOUT_GRANT, asking};

/// The closing text; its last line is a command that works any number of times, also after a restart.
#[must_use]
pub fn text(folder: &Folder, address: &str) -> String {
    let root = folder.root.display();
    let (unit, set) = WITHOUT_GRANT;
    format!(
        "
The gateway is running. Ctrl-C ends it; starting it again keeps the data.

  services, WSDL, schemas   {address}/ws/
  a sample of every request {root}/zapytania/
  who is in which set       {root}/osoby.csv
  who may see what          {root}/uprawnienia.csv   ({unit} sees nothing of {set}, on purpose)
  the batches that were fed {root}/paczki/           (and one of changes, with a mistake, for you to feed)
  what became of them       {root}/protokoly/
  a letter, also signed     {root}/dokumenty/
  keys                      {root}/pki/              (of the gateway and of the systems syriusz, pomoc, rodzinne)
  keys for documents        {root}/pki/podpis/       (of officials and seals, as if from a qualified provider)
  configuration             {root}/brama.toml

WARNING: {root}/master.key, the key to all data, lies beside the data. Only a demo may do so.

Ask about a person; every time the request is signed anew:

{}
",
        question(folder, address)
    )
}

/// Signs the first sample anew and sends it.
fn question(folder: &Folder, address: &str) -> String {
    let brama = std::env::current_exe().unwrap_or_else(|_| "brama".into());
    let here = std::env::current_dir().unwrap_or_default();
    let brama = brama.strip_prefix(&here).unwrap_or(&brama);
    let keys = if folder.root == Path::new("demo") {
        // The demo's keys are the defaults of `brama sign`.
        String::new()
    } else {
        let key = folder.pki().join(asking().system);
        format!(" --key {} --certificate {}", quoted(&key.with_extension("key")), quoted(&key.with_extension("pem")))
    };
    format!(
        "{} sign {} --new-task-id{keys} | curl -sS --data-binary @- -H 'Content-Type: text/xml; charset=utf-8' \
         -H 'SOAPAction: \"urn:brama:udostepnianie:1/UdostepnijDaneOsoby\"' {address}/ws/udostepnianie",
        quoted(brama),
        quoted(&folder.request("UdostepnijDaneOsoby")),
    )
}

/// The path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    if text.bytes().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, word: &str) {
        assert_eq!(quoted(Path::new(path)), word);
    }

    #[test]
    fn a_path_is_one_word_for_the_shell() {
        check("demo/pki/pomoc.key", "demo/pki/pomoc.key");
        check("my demo/a", "'my demo/a'");
        check("it's", r"'it'\''s'");
    }

    #[test]
    fn another_folder_brings_its_own_keys() {
        let usual = question(&Folder { root: "demo".into() }, "http://127.0.0.1:8080");
        assert!(!usual.contains("--key"), "{usual}");
        let other = question(&Folder { root: "other".into() }, "http://127.0.0.1:8080");
        assert!(other.contains("--key other/pki/pomoc.key --certificate other/pki/pomoc.pem"), "{other}");
    }
}
