//! Canonical forms as libxml2 writes them, for the methods that the walk leaves out.

use std::ffi::{CString, c_char, c_int, c_void};
use std::{ptr, slice};

use libxml::bindings as lib;

use super::node::{Kind, Node};
use super::{Method, Omitted, Whole};
use crate::xml::error::Error;
use crate::xml::library::reporting;

/// Which subtree is seen; the apex is an element or the document.
struct View<'d> {
    apex: *mut lib::xmlNode,
    omitted: Omitted<'d>,
}

impl View<'_> {
    /// # Safety
    /// `node` is a node of the document or the document itself.
    unsafe fn omits(&self, node: *mut lib::xmlNode) -> bool {
        match self.omitted {
            Omitted::Nothing => false,
            Omitted::Subtree(omitted) => omitted.as_ptr() == node,
            Omitted::Every(name) => {
                let node = unsafe { Node::of_pointer(node) };
                node.kind() == Kind::Element && node.is(name)
            }
        }
    }
}

pub(super) fn canonicalize(
    whole: Whole<'_>,
    method: Method,
    prefixes: &[String],
    omitted: Omitted<'_>,
    mut sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    let (Whole::Subtree(element) | Whole::DocumentAround(element)) = whole;
    // SAFETY: a node's document pointer is set as long as the node lives.
    let document = unsafe { (*element.as_ptr()).doc };
    let apex = if matches!(whole, Whole::Subtree(_)) { element.as_ptr() } else { document.cast() };
    let names: Vec<CString> = prefixes.iter().filter_map(|prefix| CString::new(prefix.as_str()).ok()).collect();
    let mut list: Vec<*mut lib::xmlChar> = names.iter().map(|name| name.as_ptr().cast_mut().cast()).collect();
    list.push(ptr::null_mut());
    let inclusive = if prefixes.is_empty() { ptr::null_mut() } else { list.as_mut_ptr() };
    let mut view = View { apex, omitted };
    // SAFETY: `sink`, `view` and `list` outlive the calls; libxml2 only reads the document.
    let (done, reports) = reporting(|| unsafe {
        let sink = ptr::from_mut(&mut sink).cast::<c_void>();
        let buffer = lib::xmlOutputBufferCreateIO(Some(write), None, sink, ptr::null_mut());
        if buffer.is_null() {
            return false;
        }
        let view = ptr::from_mut(&mut view).cast::<c_void>();
        let comments = c_int::from(method.comments());
        let written = lib::xmlC14NExecute(document, Some(visible), view, mode(method), inclusive, comments, buffer);
        let closed = lib::xmlOutputBufferClose(buffer);
        written >= 0 && closed >= 0
    });
    if done {
        return Ok(());
    }
    let report = reports.into_iter().next();
    Err(Error::Canonical(report.map_or_else(String::new, |report| report.message)))
}

const fn mode(method: Method) -> c_int {
    match method {
        Method::Inclusive10 | Method::Inclusive10WithComments => 0,
        Method::Exclusive | Method::ExclusiveWithComments => 1,
        Method::Inclusive11 | Method::Inclusive11WithComments => 2,
    }
}

unsafe extern "C" fn write(sink: *mut c_void, bytes: *const c_char, length: c_int) -> c_int {
    let sink = unsafe { &mut *sink.cast::<&mut dyn FnMut(&[u8])>() };
    if let Ok(size @ 1..) = usize::try_from(length) {
        sink(unsafe { slice::from_raw_parts(bytes.cast(), size) });
    }
    length
}

/// Whether a node is inside the view: its nearest ancestor-or-self among the two named nodes decides.
unsafe extern "C" fn visible(view: *mut c_void, node: lib::xmlNodePtr, parent: lib::xmlNodePtr) -> c_int {
    let view = unsafe { &*view.cast::<View<'_>>() };
    // A namespace declaration is no xmlNode: beside the first two fields it has nothing in common, no parent either.
    let is_declaration = unsafe { (*node).type_ } == lib::xmlElementType_XML_NAMESPACE_DECL;
    let mut here = if is_declaration { parent } else { node };
    while !here.is_null() {
        let is_apex = here == view.apex;
        // The document, which is no node like the others, is never looked into.
        let is_document = unsafe { (*here).type_ } == lib::xmlElementType_XML_DOCUMENT_NODE;
        if !is_document && unsafe { view.omits(here) } {
            return 0;
        }
        if is_apex {
            return 1;
        }
        here = unsafe { (*here).parent };
    }
    0
}
