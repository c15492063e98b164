//! Keys that a token keeps (PKCS #11): used through its library, never seen, and never replaced by another.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Fault, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use super::signing::Holder;
use super::uri::TokenUri;
use crate::signatures::der::{self, OCTET_STRING, SEQUENCE};
use crate::signatures::{Error, Hash, KeyFamily, SignatureMethod, VerifyingKey, sha256};

/// For so long a library is not started anew again: each time disturbs all its tokens.
const REST: Duration = Duration::from_millis(500);

/// A key in a token; its sessions serve one thread at a time and are kept for the next.
pub struct TokenKey {
    uri: TokenUri,
    /// Of the certificate: what another key signs is not given out.
    public: VerifyingKey,
    module: Arc<Module>,
    idle: Mutex<Vec<Open>>,
    /// Digest of a PIN that the token refused: to try it again would lock the token.
    refused: Mutex<Option<[u8; 32]>>,
}

/// A session that is logged in, and the key in it.
struct Open {
    session: Session,
    key: ObjectHandle,
    /// The start of the library that it belongs to: after another one its handles mean something else.
    era: u64,
}

/// Why the token did not sign.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Fault(#[from] Fault),
    #[error("no such token")]
    NoToken,
    #[error("the token has {0} such keys")]
    Keys(usize),
    #[error("the PIN cannot be read: {0}")]
    Pin(std::io::Error),
    #[error("the token refuses the PIN")]
    PinRefused,
    #[error("the token holds another key than that of the certificate")]
    Another,
}

impl TokenKey {
    /// The key at `uri`, which `public` verifies.
    ///
    /// # Errors
    /// [`Error::Token`] when its library cannot be used; the token itself may come later.
    pub fn new(uri: TokenUri, public: VerifyingKey) -> Result<Self, Error> {
        let module = Module::at(&uri.module)
            .map_err(|fault| Error::Token(format!("{uri}: {}: {fault}", uri.module.display())))?;
        Ok(Self { uri, public, module, idle: Mutex::default(), refused: Mutex::default() })
    }

    /// One try, in a session that is there or in a new one.
    fn attempt(
        &self,
        loaded: &Loaded,
        is_anew: bool,
        mechanism: &Mechanism<'_>,
        input: &[u8],
    ) -> Result<Vec<u8>, Trouble> {
        let open = match self.take(loaded.era).filter(|_| !is_anew) {
            Some(open) => open,
            None => self.open(loaded)?,
        };
        let value = match open.session.sign(mechanism, open.key, input) {
            Ok(value) => value,
            Err(fault) => {
                let _ = open.session.close();
                return Err(fault.into());
            }
        };
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(open);
        Ok(value)
    }

    /// A session of this start of the library; those of others mean nothing any more.
    fn take(&self, era: u64) -> Option<Open> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|open| open.era == era);
        idle.pop()
    }

    fn open(&self, loaded: &Loaded) -> Result<Open, Trouble> {
        let library = &loaded.library;
        let slot = self.slot(library)?;
        // Closed by hand: in another era its handle may be that of somebody else's session.
        let session = library.open_ro_session_no_drop(slot)?;
        match self.log_in(&session).and_then(|()| self.find(&session)) {
            Ok(key) => Ok(Open { session, key, era: loaded.era }),
            Err(trouble) => {
                let _ = session.close();
                Err(trouble)
            }
        }
    }

    fn slot(&self, library: &Pkcs11) -> Result<Slot, Trouble> {
        let wanted = &self.uri.token;
        let agrees = |stated: &Option<String>, own: &str| stated.as_ref().is_none_or(|stated| stated == own.trim_end());
        let is_meant = |slot: &Slot| {
            library.get_token_info(*slot).is_ok_and(|token| {
                token.token_initialized()
                    && agrees(&wanted.label, token.label())
                    && agrees(&wanted.serial, token.serial_number())
                    && agrees(&wanted.manufacturer, token.manufacturer_id())
                    && agrees(&wanted.model, token.model())
            })
        };
        library.get_slots_with_token()?.into_iter().find(is_meant).ok_or(Trouble::NoToken)
    }

    fn log_in(&self, session: &Session) -> Result<(), Trouble> {
        let text = Zeroizing::new(std::fs::read_to_string(&self.uri.pin).map_err(Trouble::Pin)?);
        let text = text.trim_end_matches(['\r', '\n']);
        let digest = sha256(text.as_bytes());
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if *refused == Some(digest) {
            return Err(Trouble::PinRefused);
        }
        match session.login(UserType::User, Some(&AuthPin::new(text.into()))) {
            Ok(()) | Err(Fault::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(Fault::Pkcs11(
                RvError::PinIncorrect
                | RvError::PinInvalid
                | RvError::PinLenRange
                | RvError::PinExpired
                | RvError::PinLocked,
                _,
            )) => {
                *refused = Some(digest);
                Err(Trouble::PinRefused)
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// The one private key that the URI names, of the certificate's kind.
    fn find(&self, session: &Session) -> Result<ObjectHandle, Trouble> {
        let kind = if self.public.family() == KeyFamily::Rsa { KeyType::RSA } else { KeyType::EC };
        let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::KeyType(kind)];
        template.extend(self.uri.object.clone().map(Attribute::Label));
        template.extend(self.uri.id.clone().map(Attribute::Id));
        match session.find_objects(&template)?[..] {
            [key] => Ok(key),
            ref keys => Err(Trouble::Keys(keys.len())),
        }
    }

    fn value(&self, mechanism: &Mechanism<'_>, input: &[u8]) -> Result<Vec<u8>, Trouble> {
        let era = {
            let loaded = self.module.loaded();
            let first = self.attempt(&loaded, false, mechanism, input);
            // A session from before may be all that was lost.
            let second = first.or_else(|_| self.attempt(&loaded, true, mechanism, input));
            match second {
                Err(Trouble::Fault(_) | Trouble::NoToken | Trouble::Keys(0)) => loaded.era,
                settled => return settled,
            }
        };
        // Some libraries notice only when they start that a token has come back.
        self.module.start_anew(era)?;
        self.attempt(&self.module.loaded(), false, mechanism, input)
    }
}

impl Holder for TokenKey {
    fn sign(&self, method: SignatureMethod, digest: &[u8]) -> Result<Vec<u8>, Error> {
        let (mechanism, input) = match method.family() {
            KeyFamily::Rsa => (Mechanism::RsaPkcs, digest_info(method.hash(), digest)),
            KeyFamily::Ecdsa => (Mechanism::Ecdsa, digest.to_vec()),
        };
        let value = self.value(&mechanism, &input).and_then(|value| {
            if self.public.verify_digest(method, digest, &value) { Ok(value) } else { Err(Trouble::Another) }
        });
        value.map_err(|trouble| Error::Token(format!("{}: {trouble}", self.uri)))
    }
}

impl Drop for TokenKey {
    fn drop(&mut self) {
        let loaded = self.module.loaded();
        while let Some(open) = self.take(loaded.era) {
            let _ = open.session.close();
        }
    }
}

/// `DigestInfo` (RFC 8017 §9.2), which `CKM_RSA_PKCS` pads and signs.
fn digest_info(hash: Hash, digest: &[u8]) -> Vec<u8> {
    let algorithm = der::value(SEQUENCE, &[&der::object(hash.identifier()), &[5, 0]]);
    der::value(SEQUENCE, &[&algorithm, &der::value(OCTET_STRING, &[digest])])
}

/// A library of tokens; one per process and path, as PKCS #11 has it.
struct Module(RwLock<Loaded>);

struct Loaded {
    library: Pkcs11,
    /// Counts the starts of the library.
    era: u64,
    started: Instant,
}

impl Module {
    fn at(path: &Path) -> Result<Arc<Self>, Fault> {
        static MODULES: Mutex<Option<HashMap<PathBuf, Arc<Module>>>> = Mutex::new(None);
        let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
        let modules = modules.get_or_insert_default();
        if let Some(module) = modules.get(path) {
            return Ok(Arc::clone(module));
        }
        let library = Pkcs11::new(path)?;
        start(&library)?;
        let module = Arc::new(Self(RwLock::new(Loaded { library, era: 1, started: Instant::now() })));
        modules.insert(path.to_owned(), Arc::clone(&module));
        Ok(module)
    }

    /// The library, which is not started anew as long as this is held.
    fn loaded(&self) -> RwLockReadGuard<'_, Loaded> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the library and starts it again, unless that was done after `era` or a moment ago.
    fn start_anew(&self, era: u64) -> Result<(), Fault> {
        let mut loaded = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if loaded.era != era || loaded.started.elapsed() < REST {
            return Ok(());
        }
        loaded.era += 1;
        loaded.started = Instant::now();
        // One that has not been running, since its last start failed, cannot be ended.
        let _ = loaded.library.clone().finalize();
        start(&loaded.library)
    }
}

fn start(library: &Pkcs11) -> Result<(), Fault> {
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Err(Fault::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        done => done,
    }
}
