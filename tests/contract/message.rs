//! Signed messages as domain systems send them, and as attackers would like to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use brama::signatures::{self, Certificate, SigningKey};
use brama::soap::reply::X509_TOKEN;
use brama::xml::names::{SOAP11, WSSE, WSU};
use brama::xml::{Document, Limits, Method, Writer, canonical_bytes, ids};
use chrono::{SecondsFormat, TimeDelta, Utc};

use crate::case::Alter;

const BODY: &str = "Tresc";
const STAMP: &str = "Czas";
const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
/// Where the signature goes.
const GAP: &str = "<!--podpis-->";

/// An envelope around `request`, signed by `key` unless `alter` wants it otherwise; `other` is the certificate of somebody else.
pub fn signed(request: &str, key: &SigningKey, alter: Option<Alter>, other: &Certificate) -> String {
    let request = request.split_once("?>").map_or(request, |(_, request)| request).trim();
    let body = format!("<soap:Body wsu:Id=\"{BODY}\">{request}</soap:Body>");
    if alter == Some(Alter::Unsigned) {
        return envelope("", &body);
    }
    let stamp = if alter == Some(Alter::NoTimestamp) { String::new() } else { stamp(alter) };
    let token = token(key.certificate());
    let unsigned = envelope(&header(&token, &stamp), &body);
    let parts: &[&str] = match alter {
        Some(Alter::UnsignedBody) => &[STAMP],
        Some(Alter::UnsignedTimestamp | Alter::NoTimestamp) => &[BODY],
        _ => &[BODY, STAMP],
    };
    let message = unsigned.replacen(GAP, &signature(&unsigned, key, parts), 1);
    match alter {
        Some(Alter::Body) => message.replacen(request, &with_another_character(request), 1),
        Some(Alter::WrappedBody) => {
            let aside = format!("<x:Obok xmlns:x=\"urn:test\">{body}</x:Obok></soap:Header>");
            let copy = body.replacen(BODY, "Podstawiona", 1);
            message.replacen(&body, &copy, 1).replacen("</soap:Header>", &aside, 1)
        }
        Some(Alter::DuplicateId) => {
            before_header_ends(&message, &format!("<x:Drugi xmlns:x=\"urn:test\" wsu:Id=\"{BODY}\"/>"))
        }
        Some(Alter::Token) => message.replacen(&token, &self::token(other), 1),
        Some(Alter::MustUnderstand) => {
            before_header_ends(&message, "<x:Nieznany xmlns:x=\"urn:test\" soap:mustUnderstand=\"1\"/>")
        }
        _ => message,
    }
}

/// Whether a message so altered has a signed Timestamp.
pub fn has_timestamp(alter: Option<Alter>) -> bool {
    !matches!(alter, Some(Alter::Unsigned | Alter::NoTimestamp | Alter::UnsignedTimestamp))
}

fn envelope(header: &str, body: &str) -> String {
    let (soap, wsse, wsu) = (SOAP11.uri, WSSE.uri, WSU.uri);
    format!(
        "<soap:Envelope xmlns:soap=\"{soap}\" xmlns:wsse=\"{wsse}\" xmlns:wsu=\"{wsu}\">{header}{body}</soap:Envelope>"
    )
}

fn header(token: &str, stamp: &str) -> String {
    format!("<soap:Header><wsse:Security soap:mustUnderstand=\"1\">{token}{stamp}{GAP}</wsse:Security></soap:Header>")
}

fn stamp(alter: Option<Alter>) -> String {
    let created = match alter {
        Some(Alter::Stale) => Utc::now() - TimeDelta::hours(1),
        Some(Alter::Future) => Utc::now() + TimeDelta::hours(1),
        _ => Utc::now(),
    };
    let time = |time: chrono::DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let (created, expires) = (time(created), time(created + TimeDelta::minutes(5)));
    format!(
        "<wsu:Timestamp wsu:Id=\"{STAMP}\"><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>"
    )
}

fn token(certificate: &Certificate) -> String {
    let text = STANDARD.encode(certificate.der());
    format!(
        "<wsse:BinarySecurityToken EncodingType=\"{BASE64}\" ValueType=\"{X509_TOKEN}\" wsu:Id=\"Certyfikat\">{text}</wsse:BinarySecurityToken>"
    )
}

fn signature(message: &str, key: &SigningKey, parts: &[&str]) -> String {
    let document = Document::parse(message.as_bytes(), &Limits { bytes: message.len(), ..Limits::default() })
        .expect("a request is XML");
    let ids = ids(&document).expect("the identifiers written here");
    let canonical =
        |id: &&str| canonical_bytes(ids.get(id).expect("a part"), Method::Exclusive).expect("its canonical form");
    let bytes: Vec<Vec<u8>> = parts.iter().map(canonical).collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().copied().zip(bytes.iter().map(Vec::as_slice)).collect();
    let reference = format!(
        "<wsse:SecurityTokenReference><wsse:Reference URI=\"#Certyfikat\" ValueType=\"{X509_TOKEN}\"/></wsse:SecurityTokenReference>"
    );
    let mut out = Writer::new();
    signatures::sign(key, &parts, |out| out.raw(reference.as_bytes()), &mut out).expect("a signature");
    String::from_utf8(out.into_bytes()).expect("a text")
}

/// The first letter or digit of the first text is another one.
fn with_another_character(request: &str) -> String {
    let mut inside = false;
    let at = request.bytes().position(|byte| {
        inside = byte == b'>' || inside && byte != b'<';
        inside && byte.is_ascii_alphanumeric()
    });
    let at = at.expect("a request has text");
    let other = if request.as_bytes()[at] == b'1' { "2" } else { "1" };
    format!("{}{other}{}", &request[..at], &request[at + 1..])
}

fn before_header_ends(message: &str, block: &str) -> String {
    message.replacen("</soap:Header>", &format!("{block}</soap:Header>"), 1)
}
