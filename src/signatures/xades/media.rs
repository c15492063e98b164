//! What a file is, as far as signing it goes.

use std::ffi::OsStr;
use std::path::Path;

/// Whether the file means to be XML; what is wrong with it then is an error and no reason to take it for something else.
#[must_use]
pub fn is_xml(file: &[u8]) -> bool {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    file.trim_ascii_start().starts_with(b"<")
}

/// The media type that the end of the file's name stands for.
#[must_use]
pub fn media_type(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase).as_deref() {
        Some("xml") => "text/xml",
        Some("pdf") => "application/pdf",
        Some("txt") => "text/plain",
        Some("html") => "text/html",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}
