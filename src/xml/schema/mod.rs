//! Compiled schemas: complete or refused when compiled, shared by all threads, explained in Polish when broken.

mod explain;
mod gather;
mod kinds;

use std::ffi::CString;
use std::ptr::{self, NonNull};
use std::sync::{Mutex, PoisonError};

use libxml::bindings as lib;

pub use gather::Violation;

use super::element::Element;
use super::error::Error;
use super::library::{MEMORY, reporting, serving, start};
use gather::Gather;
use kinds::Kinds;

/// A compiled schema with everything that it includes and imports.
pub struct Schema {
    pointer: NonNull<lib::xmlSchema>,
    kinds: Kinds,
}

// SAFETY: libxml2 never changes a schema that validates with the schema given, and `validate` makes a context of its
// own for every call.
unsafe impl Send for Schema {}
unsafe impl Sync for Schema {}

impl Schema {
    /// Compiles the file `main` of `files` (name, text); a `schemaLocation` is the bare name of another file.
    ///
    /// # Errors
    /// [`Error::Schema`] when libxml2 has anything to say, be it only a warning: a schema with an import that was not
    /// found would compile and check less.
    pub fn compile(main: &str, files: &[(&str, &[u8])]) -> Result<Self, Error> {
        // libxml2 makes parts of its type library on first use.
        static COMPILING: Mutex<()> = Mutex::new(());
        start();
        let _one_at_a_time = COMPILING.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |reason: String| Error::Schema { file: main.to_owned(), reason };
        let kinds = Kinds::read(files)?;
        let address = CString::new(format!("{MEMORY}{main}")).map_err(|error| failed(error.to_string()))?;
        let (pointer, reports) = serving(files, || {
            reporting(|| unsafe {
                // SAFETY: the context lives for this one compilation; the schema keeps nothing of it.
                let context = lib::xmlSchemaNewParserCtxt(address.as_ptr());
                if context.is_null() {
                    return ptr::null_mut();
                }
                let pointer = lib::xmlSchemaParse(context);
                lib::xmlSchemaFreeParserCtxt(context);
                pointer
            })
        });
        let schema = NonNull::new(pointer).map(|pointer| Self { pointer, kinds });
        match (schema, reports.into_iter().next()) {
            (Some(schema), None) => Ok(schema),
            (_, Some(report)) => Err(failed(format!("line {}: {}", report.line, report.message))),
            (None, None) => Err(failed("not found".to_owned())),
        }
    }

    /// Checks `element` against its global declaration; nothing found means valid.
    ///
    /// Paths begin at `root`, which is `element` or an ancestor of it. At most [`Violation::MAX`] are told, one for each
    /// place and rule.
    #[must_use]
    pub fn validate(&self, element: Element<'_>, root: Element<'_>) -> Vec<Violation> {
        let mut gather = Gather::new(element, root, &self.kinds);
        // SAFETY: the context and what it points to live for this call; the document is only read.
        let (result, _) = reporting(|| unsafe {
            let context = lib::xmlSchemaNewValidCtxt(self.pointer.as_ptr());
            if context.is_null() {
                return -1;
            }
            lib::xmlSchemaSetValidStructuredErrors(context, Some(gather::report), ptr::from_mut(&mut gather).cast());
            let result = lib::xmlSchemaValidateOneElement(context, element.as_ptr());
            lib::xmlSchemaFreeValidCtxt(context);
            result
        });
        gather.finish(result == 0)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // SAFETY: contexts do not outlive `validate`.
        unsafe { lib::xmlSchemaFree(self.pointer.as_ptr()) };
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Schema").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
