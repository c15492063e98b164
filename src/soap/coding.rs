//! Content codings of HTTP (RFC 9110 §8.4.1): requests are inflated piece by piece within a bound, replies deflated.

use std::io::Write;

use actix_web::http::header::HeaderMap;
use flate2::Compression;
use flate2::write::{GzEncoder, MultiGzDecoder, ZlibDecoder};

/// Compressed bytes inflated at once: deflate grows at most a thousandfold, so a step stays within some megabytes.
const STEP_BYTES: usize = 4096;

/// Replies below this size gain nothing.
const SMALL_REPLY_BYTES: usize = 1024;

/// The bytes are not of the coding that they are said to be in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the coded body is damaged")]
pub struct Corrupt;

/// A body on its way through its coding.
pub enum Inflater {
    Identity,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Deflate(Box<ZlibDecoder<Vec<u8>>>),
}

impl Inflater {
    /// By the value of `Content-Encoding`; `None` for a coding that is not read.
    #[must_use]
    pub fn of(coding: &str) -> Option<Self> {
        match coding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::Identity),
            "gzip" | "x-gzip" => Some(Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))),
            "deflate" => Some(Self::Deflate(Box::new(ZlibDecoder::new(Vec::new())))),
            _ => None,
        }
    }

    #[must_use]
    pub const fn is_identity(&self) -> bool {
        matches!(self, Self::Identity)
    }

    /// Hands on what `bytes` are when inflated, in pieces.
    ///
    /// # Errors
    /// [`Corrupt`], and what `each` says.
    pub fn push<E: From<Corrupt>>(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Identity => each(bytes),
            Self::Gzip(decoder) => inflate(decoder.as_mut(), bytes, MultiGzDecoder::get_mut, each),
            Self::Deflate(decoder) => inflate(decoder.as_mut(), bytes, ZlibDecoder::get_mut, each),
        }
    }

    /// What was still held back.
    ///
    /// # Errors
    /// [`Corrupt`] when the coded body ends too early.
    pub fn finish(self) -> Result<Vec<u8>, Corrupt> {
        match self {
            Self::Identity => Ok(Vec::new()),
            Self::Gzip(decoder) => decoder.finish().map_err(|_| Corrupt),
            Self::Deflate(decoder) => decoder.finish().map_err(|_| Corrupt),
        }
    }
}

fn inflate<W: Write, E: From<Corrupt>>(
    decoder: &mut W,
    bytes: &[u8],
    output: fn(&mut W) -> &mut Vec<u8>,
    mut each: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    for step in bytes.chunks(STEP_BYTES) {
        decoder.write_all(step).and_then(|()| decoder.flush()).map_err(|_| Corrupt)?;
        let piece = std::mem::take(output(decoder));
        if !piece.is_empty() {
            each(&piece)?;
        }
    }
    Ok(())
}

/// The gzip form of a reply, when it is worth it.
#[must_use]
pub fn deflated(reply: &[u8]) -> Option<Vec<u8>> {
    if reply.len() < SMALL_REPLY_BYTES {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(reply.len() / 2), Compression::fast());
    encoder.write_all(reply).ok()?;
    encoder.finish().ok()
}

/// Whether the caller takes gzip (RFC 9110 §12.5.3): named, or covered by `*`, with a weight above zero.
#[must_use]
pub fn takes_gzip(request: &HeaderMap) -> bool {
    let mut named = None;
    let mut any = false;
    for item in
        request.get_all("accept-encoding").filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(','))
    {
        let mut parameters = item.split(';').map(str::trim);
        let coding = parameters.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parameters
            .find_map(|one| one.strip_prefix("q=").or_else(|| one.strip_prefix("Q=")))
            .map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
        match coding.as_str() {
            "gzip" | "x-gzip" => named = Some(weight > 0.0),
            "*" => any = weight > 0.0,
            _ => {}
        }
    }
    named.unwrap_or(any)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue};

    use super::*;

    fn inflate(coding: &str, body: &[u8]) -> Result<Vec<u8>, Corrupt> {
        let mut inflater = Inflater::of(coding).expect("a coding that is read");
        let mut whole = Vec::new();
        for chunk in body.chunks(7) {
            inflater.push(chunk, |piece| -> Result<(), Corrupt> {
                whole.extend_from_slice(piece);
                Ok(())
            })?;
        }
        whole.extend(inflater.finish()?);
        Ok(whole)
    }

    #[test]
    fn every_coding_gives_the_same_body() {
        let body = "zażółć gęślą jaźń ".repeat(1000).into_bytes();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&body).unwrap();
        let gzip = gzip.finish().unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&body).unwrap();
        let zlib = zlib.finish().unwrap();
        for (coding, coded) in [("identity", &body), ("gzip", &gzip), ("X-GZIP", &gzip), ("deflate", &zlib)] {
            assert_eq!(inflate(coding, coded).unwrap(), body, "{coding}");
        }
        assert!(inflate("gzip", &gzip[..gzip.len() - 3]).is_err(), "cut short");
        assert!(inflate("gzip", b"<a/>").is_err());
        assert!(Inflater::of("br").is_none());
    }

    #[track_caller]
    fn takes(value: &'static str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
        assert_eq!(takes_gzip(&headers), expected, "{value}");
    }

    #[test]
    fn gzip_is_sent_only_to_who_takes_it() {
        takes("gzip, deflate", true);
        takes("br;q=1.0, gzip;q=0.5", true);
        takes("*", true);
        takes("gzip;q=0, *", false);
        takes("identity", false);
        takes("", false);
    }
}
