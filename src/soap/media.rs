//! What a request's `Content-Type` says: version of SOAP, character set, action, whether the message comes in parts.

use crate::soap::Version;
use crate::soap::content_type::ContentType;

/// The media type of a message and what its parameters say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Of a message in parts it may be the root part that says it.
    pub version: Option<Version>,
    pub charset: Option<Charset>,
    /// SOAPAction of SOAP 1.1 or the `action` parameter of SOAP 1.2, without quotes; `None` when empty.
    pub action: Option<String>,
    pub parts: Option<Parts>,
}

/// Of `multipart/related` (RFC 2387 §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    pub boundary: String,
    /// Content-ID of the root part, without angle brackets; the first part unless given.
    pub start: Option<String>,
}

/// A character set that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    /// Its byte order mark says which of the two it is.
    Utf16,
    Utf16Le,
    Utf16Be,
}

/// The media type of a XOP package's root part (XOP 1.0 §4.1).
const XOP: &str = "application/xop+xml";

impl Media {
    /// Reads the header field `Content-Type` and, for SOAP 1.1, `SOAPAction`. `None`: not a message that is read here.
    #[must_use]
    pub fn read(content_type: &str, soap_action: Option<&str>) -> Option<Self> {
        let found = ContentType::parse(content_type)?;
        if found.essence == "multipart/related" {
            return Self::in_parts(&found, soap_action);
        }
        let version = Version::of_media_type(&found.essence)?;
        let action = match version {
            Version::Soap11 => soap_action,
            Version::Soap12 => found.parameter("action"),
        };
        let charset = charset(found.parameter("charset"))?;
        Some(Self { version: Some(version), charset, action: named(action), parts: None })
    }

    fn in_parts(outer: &ContentType, soap_action: Option<&str>) -> Option<Self> {
        if !outer.parameter("type")?.eq_ignore_ascii_case(XOP) {
            return None;
        }
        let boundary = outer.parameter("boundary").filter(|boundary| (1..=70).contains(&boundary.len()))?.to_owned();
        let info = outer.parameter("start-info").and_then(ContentType::parse);
        let version = info.as_ref().and_then(|info| Version::of_media_type(&info.essence));
        let inner = info.as_ref().and_then(|info| info.parameter("action"));
        let action = named(outer.parameter("action").or(inner).or(soap_action));
        let start = outer.parameter("start").map(|start| bare_id(start).to_owned());
        Some(Self { version, charset: None, action, parts: Some(Parts { boundary, start }) })
    }

    /// What the root part's own `Content-Type` adds: its character set, and the version when nothing else said it.
    #[must_use]
    pub fn with_root(self, content_type: &str) -> Option<Self> {
        let root = ContentType::parse(content_type).filter(|root| root.essence == XOP)?;
        let inner = root.parameter("type").and_then(ContentType::parse);
        let version = inner.and_then(|inner| Version::of_media_type(&inner.essence));
        let charset = charset(root.parameter("charset"))?;
        // MTOM 1.0 §3.2: both say the same; the part is nearer to what it describes.
        Some(Self { version: Some(version.or(self.version)?), charset, ..self })
    }
}

/// A Content-ID without its angle brackets (RFC 2392 §2).
#[must_use]
pub fn bare_id(id: &str) -> &str {
    let id = id.trim();
    id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id)
}

/// `Some(None)` when nothing is said, `None` when it is a set that is not read.
#[expect(clippy::option_option, reason = "absent and unknown are different answers")]
fn charset(name: Option<&str>) -> Option<Option<Charset>> {
    let Some(name) = name else { return Some(None) };
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" => Some(Some(Charset::Utf8)),
        "utf-16" => Some(Some(Charset::Utf16)),
        "utf-16le" => Some(Some(Charset::Utf16Le)),
        "utf-16be" => Some(Some(Charset::Utf16Be)),
        _ => None,
    }
}

/// The action without quotes (SOAP 1.1 §6.1.1).
fn named(action: Option<&str>) -> Option<String> {
    let bare = action?.trim();
    let bare = bare.strip_prefix('"').and_then(|bare| bare.strip_suffix('"')).unwrap_or(bare);
    (!bare.is_empty()).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_says_the_version() {
        let version = |text| Media::read(text, None).and_then(|media| media.version);
        assert_eq!(version("text/xml"), Some(Version::Soap11));
        assert_eq!(version("Text/XML; charset=\"UTF-8\""), Some(Version::Soap11));
        assert_eq!(version("application/soap+xml;charset=utf-8;action=\"urn:x\""), Some(Version::Soap12));
        for other in ["application/xml", "text/plain", "", "text/xml; charset=iso-8859-2", "multipart/form-data"] {
            assert_eq!(Media::read(other, None), None, "{other}");
        }
    }

    #[test]
    fn the_action_stands_where_its_version_puts_it() {
        let action = |text, header| Media::read(text, header).and_then(|media| media.action);
        assert_eq!(action("text/xml", Some("\"urn:x\"")).as_deref(), Some("urn:x"));
        assert_eq!(action("text/xml", Some("\"\"")), None);
        assert_eq!(action("application/soap+xml; action=\"urn:y\"", Some("\"urn:x\"")).as_deref(), Some("urn:y"));
        assert_eq!(action("application/soap+xml", Some("\"urn:x\"")), None);
    }

    #[test]
    fn a_package_names_its_boundary_and_its_root() {
        let text = "multipart/related; boundary=\"b=1\"; type=\"application/xop+xml\"; start=\"<root@x>\"; \
                    start-info=\"application/soap+xml\"";
        let media = Media::read(text, None).unwrap();
        assert_eq!(media.parts, Some(Parts { boundary: "b=1".into(), start: Some("root@x".into()) }));
        assert_eq!(media.version, Some(Version::Soap12));
        let root = "application/xop+xml; charset=utf-16; type=\"text/xml\"";
        let media = media.with_root(root).unwrap();
        assert_eq!((media.version, media.charset), (Some(Version::Soap11), Some(Charset::Utf16)));
        assert_eq!(Media::read("multipart/related; boundary=b; type=\"text/xml\"", None), None);
        assert_eq!(Media::read("multipart/related; type=\"application/xop+xml\"", None), None);
    }
}
