//! libxml2 as a process-wide thing: one start, no file or network for its loader, its error reports as values.

use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::Once;

use libxml::bindings as lib;

/// The address under which the loader serves files from memory.
pub(super) const MEMORY: &str = "mem:///";

/// Prepares libxml2 once per process; every entry of this room calls it, `main` calls it before threads start.
///
/// No catalog is read, and the loader opens neither files nor addresses: it answers from memory or not at all.
///
/// # Panics
/// When the library found at run time is not of the 2.9 series for which the bindings were made.
pub fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        libxml::init_parser();
        // SAFETY: plain calls into libxml2's globals, made once and before any document exists.
        let version = unsafe { string((*lib::__xmlParserVersion()).cast()) };
        assert!(version.starts_with("209"), "libxml2 2.9 is needed, this is {version}");
        unsafe {
            lib::xmlCatalogSetDefaults(lib::xmlCatalogAllow_XML_CATA_ALLOW_NONE);
            lib::xmlSetExternalEntityLoader(Some(load));
            lib::xmlSchemaInitTypes();
        }
    });
}

thread_local! {
    static SERVED: RefCell<Vec<(String, Vec<u8>)>> = const { RefCell::new(Vec::new()) };
}

/// Runs `action` while the loader of this thread answers for `files` under [`MEMORY`].
pub(super) fn serving<T>(files: &[(&str, &[u8])], action: impl FnOnce() -> T) -> T {
    let files = files.iter().map(|(name, bytes)| (format!("{MEMORY}{name}"), bytes.to_vec())).collect();
    SERVED.set(files);
    let result = action();
    SERVED.take();
    result
}

unsafe extern "C" fn load(
    url: *const c_char,
    _id: *const c_char,
    context: lib::xmlParserCtxtPtr,
) -> lib::xmlParserInputPtr {
    if url.is_null() {
        return ptr::null_mut();
    }
    let name = unsafe { string(url.cast()) };
    SERVED.with_borrow(|served| {
        let Some((_, bytes)) = served.iter().find(|(known, _)| known == name) else {
            return ptr::null_mut();
        };
        let Ok(size) = i32::try_from(bytes.len()) else {
            return ptr::null_mut();
        };
        // SAFETY: the buffer copies `bytes`; the stream takes the buffer over, and the name is on libxml2's heap
        // because libxml2 frees it with the stream.
        unsafe {
            let none = lib::xmlCharEncoding_XML_CHAR_ENCODING_NONE;
            let buffer = lib::xmlParserInputBufferCreateMem(bytes.as_ptr().cast(), size, none);
            if buffer.is_null() {
                return ptr::null_mut();
            }
            let input = lib::xmlNewIOInputStream(context, buffer, none);
            if input.is_null() {
                lib::xmlFreeParserInputBuffer(buffer);
            } else {
                (*input).filename = lib::xmlStrdup(url.cast()).cast();
            }
            input
        }
    })
}

/// One report of libxml2.
pub(super) struct Report {
    pub code: u32,
    pub line: i32,
    pub column: i32,
    pub is_warning: bool,
    pub message: String,
}

/// Runs `action` and gathers what libxml2 reports on this thread meanwhile, instead of printing it to standard error.
///
/// Of each code the first warning and the first error: however many there are, none hides another.
pub(super) fn reporting<T>(action: impl FnOnce() -> T) -> (T, Vec<Report>) {
    let mut reports: Vec<Report> = Vec::new();
    let context = ptr::from_mut(&mut reports).cast::<c_void>();
    // SAFETY: the handler is thread-local and is taken away before `reports` goes.
    unsafe { lib::xmlSetStructuredErrorFunc(context, Some(report)) };
    let result = action();
    unsafe {
        lib::xmlSetStructuredErrorFunc(ptr::null_mut(), None);
        lib::xmlResetLastError();
    }
    (result, reports)
}

unsafe extern "C" fn report(reports: *mut c_void, error: lib::xmlErrorPtr) {
    let reports = unsafe { &mut *reports.cast::<Vec<Report>>() };
    let Some(error) = (unsafe { error.as_ref() }) else { return };
    let code = u32::try_from(error.code).unwrap_or(0);
    let is_warning = error.level == lib::xmlErrorLevel_XML_ERR_WARNING;
    if reports.iter().all(|known| (known.code, known.is_warning) != (code, is_warning)) {
        reports.push(Report {
            code,
            line: error.line,
            column: error.int2,
            is_warning,
            message: unsafe { string(error.message.cast()) }.trim_end().to_owned(),
        });
    }
}

/// The text behind a pointer of libxml2, which keeps everything in UTF-8; nothing behind NULL.
///
/// # Safety
/// The string is NUL-terminated and lives as long as the lifetime that the caller picks.
pub(super) unsafe fn string<'a>(text: *const lib::xmlChar) -> &'a str {
    if text.is_null() {
        return "";
    }
    unsafe { CStr::from_ptr(text.cast()) }.to_str().unwrap_or_default()
}
