//! Canonical XML of a document or of one element in it, byte by byte as libxml2 writes it.

use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::slice;

use libxml::bindings as lib;

use super::element::{Element, inclusions};
use super::error::Error;
use super::inclusions::expand;
use super::library::reporting;
use super::parse::Document;

/// A canonicalization method; what is not in this list is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    Inclusive10,
    Inclusive10WithComments,
    Inclusive11,
    Inclusive11WithComments,
    Exclusive,
    ExclusiveWithComments,
}

impl Method {
    pub const ALL: [Self; 6] = [
        Self::Inclusive10,
        Self::Inclusive10WithComments,
        Self::Inclusive11,
        Self::Inclusive11WithComments,
        Self::Exclusive,
        Self::ExclusiveWithComments,
    ];

    /// The identifier in `ds:CanonicalizationMethod` and `ds:Transform`.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Inclusive10 => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            Self::Inclusive10WithComments => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
            Self::Inclusive11 => "http://www.w3.org/2006/12/xml-c14n11",
            Self::Inclusive11WithComments => "http://www.w3.org/2006/12/xml-c14n11#WithComments",
            Self::Exclusive => "http://www.w3.org/2001/10/xml-exc-c14n#",
            Self::ExclusiveWithComments => "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        }
    }

    /// The method with this identifier.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.uri() == uri)
    }

    const fn mode(self) -> c_int {
        match self {
            Self::Inclusive10 | Self::Inclusive10WithComments => 0,
            Self::Exclusive | Self::ExclusiveWithComments => 1,
            Self::Inclusive11 | Self::Inclusive11WithComments => 2,
        }
    }

    const fn comments(self) -> c_int {
        matches!(self, Self::Inclusive10WithComments | Self::Inclusive11WithComments | Self::ExclusiveWithComments)
            as c_int
    }
}

/// Gives `sink` the canonical form of the subtree under `apex`, in pieces that may end inside a character.
///
/// `prefixes` is the `PrefixList` of `ec:InclusiveNamespaces` (`#default` included), read by the exclusive methods only.
/// The subtree `without` is left out: the signature itself under the enveloped-signature transform.
///
/// # Errors
/// [`Error::Canonical`] when the form is not defined, as for relative namespace names; `sink` may have had a part then.
pub fn canonicalize(
    apex: Element<'_>,
    method: Method,
    prefixes: &[String],
    without: Option<Element<'_>>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    // SAFETY: a node's document pointer is set as long as the node lives.
    let document = unsafe { (*apex.as_ptr()).doc };
    execute(document, apex.as_ptr(), method, prefixes, without, sink)
}

/// The same for a whole document: what `URI=""` means, with processing instructions around the root.
///
/// # Errors
/// As [`canonicalize`].
pub fn canonicalize_document(
    document: &Document,
    method: Method,
    prefixes: &[String],
    without: Option<Element<'_>>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    execute(document.as_ptr(), document.as_ptr().cast(), method, prefixes, without, sink)
}

/// The same for the whole document that holds `inside`.
///
/// # Errors
/// As [`canonicalize`].
pub fn canonicalize_around(
    inside: Element<'_>,
    method: Method,
    prefixes: &[String],
    without: Option<Element<'_>>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    // SAFETY: a node's document pointer is set as long as the node lives.
    let document = unsafe { (*inside.as_ptr()).doc };
    execute(document, document.cast(), method, prefixes, without, sink)
}

/// The canonical form of the subtree under `apex` as one piece.
///
/// # Errors
/// As [`canonicalize`].
pub fn canonical_bytes(apex: Element<'_>, method: Method) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    canonicalize(apex, method, &[], None, &mut |piece| bytes.extend_from_slice(piece))?;
    Ok(bytes)
}

/// Which subtree is seen; the apex is an element or the document.
struct View {
    apex: *mut lib::xmlNode,
    without: *mut lib::xmlNode,
}

fn execute(
    document: lib::xmlDocPtr,
    apex: *mut lib::xmlNode,
    method: Method,
    prefixes: &[String],
    without: Option<Element<'_>>,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    // SAFETY: whoever called holds a borrow of the document.
    let inclusions = unsafe { inclusions(document) };
    if inclusions.is_empty() {
        return stream(document, apex, method, prefixes, without, sink);
    }
    // What stands beside attachments is small; a stand-in cut by the end of a piece would not be found.
    let mut whole = Vec::new();
    stream(document, apex, method, prefixes, without, &mut |piece| whole.extend_from_slice(piece))?;
    expand(&whole, inclusions, sink)
}

fn stream(
    document: lib::xmlDocPtr,
    apex: *mut lib::xmlNode,
    method: Method,
    prefixes: &[String],
    without: Option<Element<'_>>,
    mut sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Error> {
    let names: Vec<CString> = prefixes.iter().filter_map(|prefix| CString::new(prefix.as_str()).ok()).collect();
    let mut list: Vec<*mut lib::xmlChar> = names.iter().map(|name| name.as_ptr().cast_mut().cast()).collect();
    list.push(ptr::null_mut());
    let inclusive = if prefixes.is_empty() { ptr::null_mut() } else { list.as_mut_ptr() };
    let mut view = View { apex, without: without.map_or(ptr::null_mut(), Element::as_ptr) };
    // SAFETY: `sink`, `view` and `list` outlive the calls; libxml2 only reads the document.
    let (done, reports) = reporting(|| unsafe {
        let sink = ptr::from_mut(&mut sink).cast::<c_void>();
        let buffer = lib::xmlOutputBufferCreateIO(Some(write), None, sink, ptr::null_mut());
        if buffer.is_null() {
            return false;
        }
        let view = ptr::from_mut(&mut view).cast::<c_void>();
        let written =
            lib::xmlC14NExecute(document, Some(visible), view, method.mode(), inclusive, method.comments(), buffer);
        let closed = lib::xmlOutputBufferClose(buffer);
        written >= 0 && closed >= 0
    });
    if done {
        return Ok(());
    }
    let report = reports.into_iter().next();
    Err(Error::Canonical(report.map_or_else(String::new, |report| report.message)))
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
    let view = unsafe { &*view.cast::<View>() };
    // A namespace declaration is no xmlNode: beside the first two fields it has nothing in common, no parent either.
    let is_declaration = unsafe { (*node).type_ } == lib::xmlElementType_XML_NAMESPACE_DECL;
    let mut here = if is_declaration { parent } else { node };
    while !here.is_null() {
        if here == view.without {
            return 0;
        }
        if here == view.apex {
            return 1;
        }
        here = unsafe { (*here).parent };
    }
    0
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::Command;

    use super::super::Limits;
    use super::*;

    fn canonical(text: &str, method: Method) -> String {
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let mut bytes = Vec::new();
        canonicalize_document(&document, method, &[], None, &mut |piece| bytes.extend_from_slice(piece)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    const SAMPLE: &str = "<?pi x?><a xmlns='urn:a' xmlns:n='urn:n' z='1' b=\"&lt;&#9;'\"><!-- c -->\n<n:b n:q='2' p='3'/>\
        <![CDATA[<&>]]>&#13;ż<c xmlns='' xml:lang='pl'></c></a><!-- end -->";

    #[test]
    fn a_hundred_kilobytes_of_accented_text_survive_at_every_offset() {
        for offset in 0..4 {
            let inside = format!("{}{}", "x".repeat(offset), "é€ą😀".repeat(10_000));
            let text = format!("<a>{inside}</a>");
            assert!(text.len() > 100_000);
            assert_eq!(canonical(&text, Method::Exclusive), text, "offset {offset}");
        }
    }

    #[test]
    fn every_method_agrees_with_xmllint() {
        for (method, option) in [
            (Method::Inclusive10WithComments, "--c14n"),
            (Method::Inclusive11WithComments, "--c14n11"),
            (Method::ExclusiveWithComments, "--exc-c14n"),
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(SAMPLE.as_bytes()).unwrap();
            let output = Command::new("xmllint").arg(option).arg(file.path()).output().expect("xmllint");
            assert_eq!(canonical(SAMPLE, method), String::from_utf8(output.stdout).unwrap(), "{option}");
        }
    }

    #[test]
    fn comments_stay_only_when_asked_for() {
        let with = canonical(SAMPLE, Method::Inclusive10WithComments);
        let without = canonical(SAMPLE, Method::Inclusive10);
        assert!(with.contains("<!-- c -->") && with.contains("<!-- end -->"));
        assert!(!without.contains("<!--") && without.starts_with("<?pi x?>\n<a "));
    }

    #[test]
    fn a_subtree_takes_the_namespaces_that_its_method_says() {
        let text = "<p:a xmlns:p='urn:p' xmlns:q='urn:q' xmlns:r='urn:r'><p:b><q:c/></p:b></p:a>";
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let apex = document.root().children().next().unwrap();
        let form = |method, prefixes: &[&str]| {
            let prefixes: Vec<String> = prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
            let mut bytes = Vec::new();
            canonicalize(apex, method, &prefixes, None, &mut |piece| bytes.extend_from_slice(piece)).unwrap();
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(form(Method::Exclusive, &[]), "<p:b xmlns:p=\"urn:p\"><q:c xmlns:q=\"urn:q\"></q:c></p:b>");
        assert_eq!(
            form(Method::Exclusive, &["r", "#default"]),
            "<p:b xmlns:p=\"urn:p\" xmlns:r=\"urn:r\"><q:c xmlns:q=\"urn:q\"></q:c></p:b>"
        );
        assert_eq!(
            form(Method::Inclusive10, &[]),
            "<p:b xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" xmlns:r=\"urn:r\"><q:c></q:c></p:b>"
        );
    }

    #[test]
    fn the_enveloped_signature_is_left_out() {
        let text = "<a>1<s><t>2</t></s>3<s/></a>";
        let document = Document::parse(text.as_bytes(), &Limits::default()).unwrap();
        let signature = document.root().children().next();
        let mut bytes = Vec::new();
        let mut sink = |piece: &[u8]| bytes.extend_from_slice(piece);
        canonicalize(document.root(), Method::Exclusive, &[], signature, &mut sink).unwrap();
        assert_eq!(bytes, b"<a>13<s></s></a>");
    }

    #[test]
    fn a_relative_namespace_name_has_no_canonical_form() {
        let document = Document::parse(b"<a xmlns='relative'/>", &Limits::default()).unwrap();
        assert!(matches!(canonical_bytes(document.root(), Method::Exclusive), Err(Error::Canonical(_))));
    }

    #[test]
    fn a_method_is_found_by_its_uri() {
        for method in Method::ALL {
            assert_eq!(Method::from_uri(method.uri()), Some(method));
        }
        assert_eq!(Method::from_uri("http://www.w3.org/2001/10/xml-exc-c14n"), None);
    }
}
