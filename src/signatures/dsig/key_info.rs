//! The certificate that a sender encloses: in `ds:X509Data`, or by reference to a `wsse:BinarySecurityToken`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::signatures::Certificate;
use crate::xml::{DS, Element, Ids, WSSE};

// Web Services Security X.509 Certificate Token Profile 1.1, §3.1 and §3.1.1.
const X509V3: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";

/// The enclosed certificate; `None` when there is not exactly one or it cannot be read. Enclosed is not trusted.
#[must_use]
pub fn certificate(key_info: Element<'_>, ids: &Ids<'_>) -> Option<Certificate> {
    let holder = if let Some(data) = key_info.child(DS.name("X509Data")) {
        only(data.all(DS.name("X509Certificate")))?
    } else {
        let token = key_info.child(WSSE.name("SecurityTokenReference"))?;
        let uri = only(token.all(WSSE.name("Reference")))?.attribute("URI")?;
        let token = ids.get(uri.strip_prefix('#')?)?;
        let is_x509 = token.attribute("ValueType").is_none_or(|kind| kind == X509V3);
        (token.is(WSSE.name("BinarySecurityToken")) && is_x509).then_some(token)?
    };
    let mut text = holder.text();
    text.retain(|character| !matches!(character, ' ' | '\t' | '\n' | '\r'));
    Certificate::from_der(&BASE64.decode(text).ok()?).ok()
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    all.next().filter(|_| all.next().is_none())
}
