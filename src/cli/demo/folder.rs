//! The demo's folder: configuration, keys, batches, lists and sample requests, each made once and then left alone.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Utc;

use super::population::Population;
use super::requests::{self, Batches, Evidence};
use super::{lists, register, signing};
use crate::cli::Failure;
use crate::documents::exchange;
use crate::documents::exchange::batch::Batch;
use crate::signatures::pki;
use crate::store::MasterKey;

/// Where everything of the demo lies.
pub struct Folder {
    pub root: PathBuf,
}

const CONFIGURATION: &str = "\
# Configuration of the demo. Every key has a default; BRAMA_<SECTION>_<KEY> in the environment overrides it.

[listen]
http = \"127.0.0.1:8080\"
https = \"127.0.0.1:8443\"
operator = \"127.0.0.1:8081\"

[store]
data = \"data\"

[keys]
master = \"master.key\"

[trust]
anchors = [\"pki/ca.pem\"]

[signatures]
qualified = [\"pki/podpis/kwalifikowany-ca.pem\"]
trusted_profile = [\"pki/podpis/profil-zaufany.pem\"]
tsa = [\"pki/podpis/kwalifikowany-ca.pem\"]
crls = [\"pki/podpis/kwalifikowany.crl\"]
# The demo's revocation list is made at each start. A real gateway keeps to 24.
revocation_max_age_hours = 720

[tls]
certificate = \"pki/brama-rsa.pem\"
key = \"pki/brama-rsa.key\"
client_ca = \"pki/ca.pem\"
client = \"optional\"

[reply]
key = \"pki/brama.key\"
certificate = \"pki/brama.pem\"
rsa_key = \"pki/brama-rsa.key\"
rsa_certificate = \"pki/brama-rsa.pem\"
";

impl Folder {
    #[must_use]
    pub fn configuration(&self) -> PathBuf {
        self.root.join("brama.toml")
    }

    #[must_use]
    pub fn pki(&self) -> PathBuf {
        self.root.join("pki")
    }

    /// Keys of officials and seals, and of those who issue them.
    #[must_use]
    pub fn signing(&self) -> PathBuf {
        self.pki().join("podpis")
    }

    /// The sample request of an operation.
    #[must_use]
    pub fn request(&self, operation: &str) -> PathBuf {
        self.root.join("zapytania").join(operation).with_extension("xml")
    }

    /// The batch that fills the set, e.g. `paczki/PUP-BUSKO-ewidencja.xml`.
    #[must_use]
    pub fn batch(&self, set: &str) -> PathBuf {
        self.root.join("paczki").join(format!("{}.xml", set.replace('/', "-")))
    }

    /// Keeps the protocol of a set's feed.
    ///
    /// # Errors
    /// `Unreadable` when the file cannot be written.
    pub fn save_protocol(&self, set: &str, bytes: &[u8]) -> Result<(), Failure> {
        save(&self.root.join("protokoly").join(format!("{}.xml", set.replace('/', "-"))), bytes)
    }

    /// Makes what is missing and says whether batches and lists were among it.
    ///
    /// # Errors
    /// `Unreadable` when a file cannot be written or a key cannot be made.
    pub fn prepare(&self) -> Result<bool, Failure> {
        fs::create_dir_all(&self.root).map_err(|error| cannot(&self.root, &error))?;
        self.prepare_keys()?;
        if !self.configuration().exists() {
            save(&self.configuration(), CONFIGURATION.as_bytes())?;
        }
        // The list of rights is written last: where it is, everything is.
        let missing = !self.root.join("uprawnienia.csv").exists();
        if missing {
            self.write_files()?;
        }
        Ok(missing)
    }

    fn prepare_keys(&self) -> Result<(), Failure> {
        let pki = self.pki();
        let made = |error: crate::signatures::Error| cannot(&pki, &error);
        if !pki.join("ca.pem").exists() {
            pki::init(&pki, Utc::now()).map_err(made)?;
        }
        for office in &register::OFFICES {
            if !pki.join(office.system).with_extension("pem").exists() {
                pki::issue(&pki, office.system, office.family, Utc::now()).map_err(made)?;
            }
        }
        let signing = self.signing();
        signing::prepare(&signing, Utc::now()).map_err(|error| cannot(&signing, &error))?;
        let master = self.root.join("master.key");
        if !master.exists() && !self.root.join("data").join("platforma.sqlite").exists() {
            MasterKey::create(&master, &self.root.join("data")).map_err(|error| cannot(&master, &error))?;
        }
        Ok(())
    }

    fn write_files(&self) -> Result<(), Failure> {
        let population = Population::new();
        let schema = exchange::schema().map_err(|error| Failure::Unreadable(error.to_string()))?;
        let batch = |path: &Path, batch: &Batch| {
            let bytes = exchange::write(batch, &schema).map_err(|error| cannot(path, &error))?;
            save(path, &bytes)
        };
        for (office, whole) in
            register::OFFICES.iter().zip([Population::pup_batch, Population::ps_batch, Population::sr_batch])
        {
            batch(&self.batch(office.set), &whole(&population))?;
        }
        batch(&self.changes(), &population.changes(None))?;
        batch(&self.changes_in_parts(), &population.changes(Some(requests::MARK_IN_PARTS)))?;
        self.write_documents()?;
        self.write_requests(&Batches::default(), &Evidence::default())?;
        save(&self.root.join("osoby.csv"), lists::persons(&population).as_bytes())?;
        save(&self.root.join("uprawnienia.csv"), lists::rights().as_bytes())
    }

    /// A letter, the same signed by an official, and the sample requests about them.
    fn write_documents(&self) -> Result<(), Failure> {
        let signed = signing::signed_letter(&self.signing(), register::asking().user)?;
        save(&self.root.join("dokumenty").join("pismo.xml"), signing::LETTER.as_bytes())?;
        save(&self.root.join("dokumenty").join("pismo-podpisane.xml"), &signed)?;
        for (operation, envelope) in requests::signing(signing::LETTER.as_bytes(), &signed) {
            save(&self.request(operation), envelope.as_bytes())?;
        }
        Ok(())
    }

    /// A small batch with one mistake, for the reader to feed.
    #[must_use]
    pub fn changes(&self) -> PathBuf {
        self.batch("OPS-BUSKO/pomoc-zmiany")
    }

    /// The same under a mark of its own; the samples of the operations with parts carry it.
    #[must_use]
    pub fn changes_in_parts(&self) -> PathBuf {
        self.batch("OPS-BUSKO/pomoc-zmiany-w-czesciach")
    }

    /// Writes the sample requests; those about a batch, an entry or a head name it.
    ///
    /// # Errors
    /// `Unreadable` when a file cannot be read or written.
    pub fn write_requests(&self, batches: &Batches, evidence: &Evidence) -> Result<(), Failure> {
        let read = |path: &Path| fs::read(path).map_err(|error| cannot(path, &error));
        let (small, in_parts) = (read(&self.changes())?, read(&self.changes_in_parts())?);
        let feeding = requests::feeding(Population::CHANGES_MARK, &small, &in_parts, batches);
        for (operation, envelope) in requests::questions().into_iter().chain(feeding).chain(requests::proving(evidence))
        {
            save(&self.request(operation), envelope.as_bytes())?;
        }
        Ok(())
    }

    /// Writes the sample request that fetches `order`.
    ///
    /// # Errors
    /// `Unreadable` when the file cannot be written.
    pub fn write_fetching(&self, order: &str) -> Result<(), Failure> {
        let (operation, envelope) = requests::fetching(order);
        save(&self.request(operation), envelope.as_bytes())
    }
}

/// Writes the whole file or nothing.
fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let draft = path.with_extension("new");
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&draft, bytes))
        .and_then(|()| fs::rename(&draft, path))
        .map_err(|error| cannot(path, &error))
}

fn cannot(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::Unreadable(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::xml;

    #[test]
    fn a_folder_is_made_once_and_then_left_alone() {
        xml::start();
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = Folder { root: temporary.path().join("demo") };
        assert!(folder.prepare().expect("made"));
        let config = Config::load(&folder.configuration()).expect("its configuration is read");
        assert_eq!(config.store.data, folder.root.join("data"));

        fs::write(folder.root.join("osoby.csv"), "mine").expect("changed");
        assert!(!folder.prepare().expect("nothing to make"));
        assert_eq!(fs::read(folder.root.join("osoby.csv")).expect("kept"), b"mine");
    }
}
