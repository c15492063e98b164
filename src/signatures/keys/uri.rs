//! Addresses of keys in tokens (RFC 7512), as far as they name exactly one key and a file with the PIN.

use std::fmt;
use std::path::PathBuf;

use crate::signatures::escapes::unescaped;

/// A key in a token: `pkcs11:token=T;object=K?module-path=M&pin-source=F`.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenUri {
    pub token: Token,
    /// `CKA_LABEL`.
    pub object: Option<Vec<u8>>,
    /// `CKA_ID`.
    pub id: Option<Vec<u8>>,
    /// The library through which the token is used.
    pub module: PathBuf,
    /// The file with the PIN.
    pub pin: PathBuf,
}

/// What a token says of itself; each that is stated must agree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Token {
    pub label: Option<String>,
    pub serial: Option<String>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
}

/// Why a URI names no key that could be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UriError {
    #[error("a URI that begins with pkcs11: is needed")]
    Scheme,
    #[error("{0} is needed")]
    Missing(&'static str),
    /// An attribute that restricts what is meant and that is not understood must not be overlooked.
    #[error("the attribute {0:?} is not understood, stated twice, or no text")]
    Attribute(String),
    #[error("a PIN stands in a file (pin-source), never in the address")]
    PinValue,
}

impl TokenUri {
    /// # Errors
    /// [`UriError`].
    pub fn parse(text: &str) -> Result<Self, UriError> {
        let rest = text.strip_prefix("pkcs11:").ok_or(UriError::Scheme)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut token = Token::default();
        let (mut object, mut id, mut kind, mut module, mut pin) = (None, None, None, None, None);
        let attributes = path.split(';').chain(query.split('&')).filter(|attribute| !attribute.is_empty());
        for attribute in attributes {
            let wrong = || UriError::Attribute(attribute.split('=').next().unwrap_or_default().to_owned());
            let (name, value) = attribute.split_once('=').ok_or_else(wrong)?;
            let value = unescaped(value);
            if name == "id" || name == "object" {
                let place = if name == "id" { &mut id } else { &mut object };
                if place.replace(value).is_some() {
                    return Err(wrong());
                }
                continue;
            }
            let place = match name {
                "token" => &mut token.label,
                "serial" => &mut token.serial,
                "manufacturer" => &mut token.manufacturer,
                "model" => &mut token.model,
                "type" => &mut kind,
                "module-path" => &mut module,
                "pin-source" => &mut pin,
                "pin-value" => return Err(UriError::PinValue),
                _ => return Err(wrong()),
            };
            let value = String::from_utf8(value).map_err(|_| wrong())?;
            if place.replace(value).is_some() {
                return Err(wrong());
            }
        }
        if kind.is_some_and(|kind| kind != "private") {
            return Err(UriError::Attribute("type".to_owned()));
        }
        if token.label.is_none() && token.serial.is_none() {
            return Err(UriError::Missing("token or serial"));
        }
        if object.is_none() && id.is_none() {
            return Err(UriError::Missing("object or id"));
        }
        let module = module.ok_or(UriError::Missing("module-path"))?.into();
        let pin =
            file(&pin.ok_or(UriError::Missing("pin-source"))?).ok_or(UriError::Missing("pin-source of a file"))?;
        Ok(Self { token, object, id, module, pin })
    }
}

/// RFC 7512 §2.4: `file:/path`, `file:///path`, or the path alone.
fn file(source: &str) -> Option<PathBuf> {
    let path = source.strip_prefix("file:").unwrap_or(source);
    let path = path.strip_prefix("//").unwrap_or(path);
    path.starts_with('/').then(|| path.into())
}

impl fmt::Debug for TokenUri {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "TokenUri({self})")
    }
}

/// What it is for people: the token and the key, not where PIN and library are.
impl fmt::Display for TokenUri {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.token.label.as_ref().or(self.token.serial.as_ref()).map_or("", String::as_str);
        let key = self.object.as_ref().or(self.id.as_ref()).map(|octets| String::from_utf8_lossy(octets));
        write!(out, "{}/{}", token.escape_debug(), key.unwrap_or_default().escape_debug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "pkcs11:token=Urz%C4%85d;serial=7;object=pieczec;id=%01%ff;type=private?module-path=/lib/p11.so&pin-source=file:/etc/brama/pin";

    #[test]
    fn a_key_is_named_by_its_token_and_itself() {
        let uri = TokenUri::parse(WHOLE).unwrap();
        assert_eq!(uri.token.label.as_deref(), Some("Urząd"));
        assert_eq!(uri.token.serial.as_deref(), Some("7"));
        assert_eq!(uri.object.as_deref(), Some(&b"pieczec"[..]));
        assert_eq!(uri.id.as_deref(), Some(&[1, 255][..]));
        assert_eq!((uri.module.to_str(), uri.pin.to_str()), (Some("/lib/p11.so"), Some("/etc/brama/pin")));
        assert_eq!(uri.to_string(), "Urząd/pieczec");
        for source in ["file:///etc/brama/pin", "/etc/brama/pin"] {
            assert_eq!(TokenUri::parse(&WHOLE.replace("file:/etc/brama/pin", source)), Ok(uri.clone()));
        }
    }

    #[track_caller]
    fn refused(old: &str, new: &str, expected: &UriError) {
        assert!(WHOLE.contains(old));
        assert_eq!(TokenUri::parse(&WHOLE.replacen(old, new, 1)).as_ref(), Err(expected), "{new}");
    }

    #[test]
    fn what_names_no_single_key_is_refused() {
        let attribute = |name: &str| UriError::Attribute(name.to_owned());
        refused("pkcs11:", "file:", &UriError::Scheme);
        refused("token=Urz%C4%85d;serial=7;", "", &UriError::Missing("token or serial"));
        refused("object=pieczec;id=%01%ff;", "", &UriError::Missing("object or id"));
        refused("module-path=/lib/p11.so&", "", &UriError::Missing("module-path"));
        refused("&pin-source=file:/etc/brama/pin", "", &UriError::Missing("pin-source"));
        refused("file:/etc/brama/pin", "https://x", &UriError::Missing("pin-source of a file"));
        refused("pin-source=file:/etc/brama/pin", "pin-value=1234", &UriError::PinValue);
        refused("type=private", "type=public", &attribute("type"));
        refused("type=private", "slot-id=1", &attribute("slot-id"));
        refused("type=private", "token=x", &attribute("token"));
        refused("type=private", "id=x", &attribute("id"));
        refused("type=private", "model=%ff", &attribute("model"));
        refused("type=private", "x", &attribute("x"));
    }
}
