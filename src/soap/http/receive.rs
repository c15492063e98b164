//! The way in: the head is judged, the body taken in within bounds of size and time, nothing of it is looked at.

use std::time::Duration;

use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{StatusCode, Uri};
use actix_web::web::{self, Bytes, BytesMut, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::{Door, plain, unknown_service};
use crate::config::Limits;
use crate::problem::{Code, Problem};
use crate::soap::admission::Admitted;
use crate::soap::coding::Inflater;
use crate::soap::intake::{Intake, Message};
use crate::soap::media::Media;
use crate::soap::{Version, publish};

/// A body may take `limits.request_seconds`, and longer only while it comes at least this fast.
const SLOWEST_BYTES_PER_SECOND: u64 = 64 << 10;
/// Coded bodies and packages are worked on in pieces of this size.
const PIECE_BYTES: usize = 256 << 10;

/// A message that was taken in.
pub struct Received {
    pub message: Message,
    /// Bytes of the body as it came.
    pub bytes: u64,
    pub admitted: Admitted,
}

/// Why a message was not taken in: a fault, or an answer of HTTP alone.
pub enum Unreceived {
    Fault(Version, Problem),
    Http(Box<HttpResponse>, usize),
}

impl Unreceived {
    fn plain(status: StatusCode, text: &'static str) -> Self {
        Self::Http(Box::new(plain(status, text)), text.len())
    }
}

/// Takes a POST in.
///
/// # Errors
/// See [`Unreceived`].
pub async fn receive(
    door: &Door,
    service: &str,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Received, Unreceived> {
    let (media, inflater) = judge(door, service, request)?;
    let version = media.version.unwrap_or_default();
    let fault = |problem| Unreceived::Fault(version, problem);
    let mut body = Body {
        admitted: door.admission.enter().ok_or_else(|| fault(Code::Overloaded.into()))?,
        payload,
        start: Instant::now(),
        patience: Duration::from_secs(door.limits.request_seconds),
        received: 0,
    };
    let is_package = media.parts.is_some();
    let most = if is_package { package_bytes(&door.limits) } else { door.limits.request_bytes as u64 };
    let declared = text_of(request.headers(), header::CONTENT_LENGTH).parse::<u64>().ok();
    if declared.is_some_and(|bytes| bytes > most) {
        return Err(fault(Code::MessageTooLarge.into()));
    }
    let message = if is_package || !inflater.is_identity() {
        let intake = Intake::new(media, inflater, &door.limits, door.spool.clone());
        body.work_in(intake, most, version).await?
    } else {
        let capacity = declared.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(8192).min(1 << 20);
        let bytes = body.read(capacity, most, version).await?;
        Message { version, bytes, charset: media.charset, action: media.action, attachments: None }
    };
    Ok(Received { message, bytes: body.received, admitted: body.admitted })
}

/// What the head alone decides.
fn judge(door: &Door, service: &str, request: &HttpRequest) -> Result<(Media, Inflater), Unreceived> {
    if !publish::is_service(service) {
        let text = "Nie ma takiej usługi.";
        return Err(Unreceived::Http(Box::new(unknown_service()), text.len()));
    }
    if head_bytes(request.uri(), request.headers()) > door.limits.header_bytes {
        let text = "Nagłówki HTTP są zbyt długie (limits.header_bytes).";
        return Err(Unreceived::plain(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text));
    }
    let soap_action = request.headers().get("soapaction").and_then(|value| value.to_str().ok());
    let media = Media::read(text_of(request.headers(), header::CONTENT_TYPE), soap_action).ok_or_else(|| {
        Unreceived::plain(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Oczekiwano text/xml (SOAP 1.1), application/soap+xml (SOAP 1.2) albo multipart/related z \
             type=\"application/xop+xml\" (MTOM), w kodowaniu UTF-8 albo UTF-16.",
        )
    })?;
    // Two codings, one upon the other, are one that is not read (RFC 9110 §5.3).
    let mut codings = request.headers().get_all(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?"));
    let coding = codings.next().unwrap_or_default();
    let inflater = Inflater::of(coding).filter(|_| codings.next().is_none()).ok_or_else(|| {
        // RFC 9110 §15.5.16: the answer says which codings are taken.
        let text = "Treść może być skompresowana tylko metodą gzip albo deflate.";
        let mut response = HttpResponse::UnsupportedMediaType();
        let response = response.insert_header((header::ACCEPT_ENCODING, "gzip, deflate, identity"));
        Unreceived::Http(Box::new(response.content_type("text/plain; charset=utf-8").body(text)), text.len())
    })?;
    Ok((media, inflater))
}

/// A body that is coming in.
struct Body {
    admitted: Admitted,
    payload: Payload,
    start: Instant,
    patience: Duration,
    received: u64,
}

impl Body {
    /// The next bytes, or `None` at the end.
    async fn next(&mut self, most: u64, version: Version) -> Result<Option<Bytes>, Unreceived> {
        let earned = Duration::from_secs(self.received / SLOWEST_BYTES_PER_SECOND);
        match tokio::time::timeout_at(self.start + self.patience + earned, self.payload.next()).await {
            Err(_) => Err(Unreceived::plain(StatusCode::REQUEST_TIMEOUT, "Treść żądania nie nadeszła na czas.")),
            Ok(None) => Ok(None),
            Ok(Some(Err(_))) => Err(Unreceived::plain(StatusCode::BAD_REQUEST, "Nie otrzymano całej treści żądania.")),
            Ok(Some(Ok(chunk))) => {
                self.received += chunk.len() as u64;
                if self.received > most {
                    return Err(Unreceived::Fault(version, Code::MessageTooLarge.into()));
                }
                Ok(Some(chunk))
            }
        }
    }

    /// The whole body in memory.
    async fn read(&mut self, capacity: usize, most: u64, version: Version) -> Result<Bytes, Unreceived> {
        let mut body = BytesMut::with_capacity(capacity);
        while let Some(chunk) = self.next(most, version).await? {
            if !self.admitted.hold(chunk.len()) {
                return Err(Unreceived::Fault(version, Code::Overloaded.into()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// Hands the body to `intake` piece by piece, on blocking threads: it inflates, seals and writes to disk.
    async fn work_in(&mut self, mut intake: Intake, most: u64, version: Version) -> Result<Message, Unreceived> {
        let fault = |problem| Unreceived::Fault(version, problem);
        let gone = |_| Unreceived::Fault(version, Code::Internal.into());
        let mut piece = BytesMut::new();
        let (mut memory, mut ends) = (0, false);
        while !ends {
            match self.next(most, version).await? {
                Some(chunk) => piece.extend_from_slice(&chunk),
                None => ends = true,
            }
            if ends || piece.len() >= PIECE_BYTES {
                let bytes = piece.split().freeze();
                let pushed = web::block(move || intake.push(&bytes).map(|()| intake)).await.map_err(gone)?;
                intake = pushed.map_err(fault)?;
                let (held, spooled) = intake.held();
                if !self.admitted.hold(held.saturating_sub(memory)) || !self.admitted.spool(spooled) {
                    return Err(fault(Code::Overloaded.into()));
                }
                memory = memory.max(held);
            }
        }
        web::block(move || intake.finish()).await.map_err(gone)?.map_err(fault)
    }
}

/// Bytes of a package on the wire at most: its parts may come in base64, with line ends.
const fn package_bytes(limits: &Limits) -> u64 {
    const HEADS: u64 = 1 << 20;
    let content = limits.request_bytes as u64 + limits.attachment_bytes;
    content.saturating_add(content / 2).saturating_add(HEADS)
}

/// Bytes of the request line's target and of all fields.
fn head_bytes(uri: &Uri, headers: &HeaderMap) -> usize {
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    headers.iter().fold(target, |sum, (name, value)| sum + name.as_str().len() + value.len() + 4)
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}
