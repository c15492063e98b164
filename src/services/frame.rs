//! What requests and replies share: `kontekst`, the first child of all; how binary content is read.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::call::Context;
use crate::problem::{Code, Problem};
use crate::xml::names::{Namespace, W};
use crate::xml::{AttachmentReader, Element, Writer};

/// Reads `kontekst`. Of a request that has not been validated yet any field may be empty or of another form.
#[must_use]
pub fn context(request: Element<'_>) -> Context {
    let kontekst = request
        .children()
        .next()
        .filter(|child| child.local() == "kontekst" && child.namespace() == request.namespace());
    let field = |name| kontekst.and_then(|kontekst| kontekst.child(W.name(name))).map(Element::token);
    Context {
        task: field("idZadania").unwrap_or_default(),
        unit: field("jednostka").unwrap_or_default(),
        user: field("uzytkownik"),
        group: field("grupa"),
        matter: field("sprawa"),
    }
}

/// The bytes of such an element whether they are written there or travel beside the message: no more than `left`, which
/// becomes less by them.
///
/// # Errors
/// `KOMUNIKAT_ZA_DUZY`, and as [`base64`].
pub fn content(element: Option<Element<'_>>, left: &mut usize) -> Result<Vec<u8>, Problem> {
    let bytes = match element.and_then(Element::attachment) {
        None => base64(element)?,
        Some(attachment) if attachment.length() > *left as u64 => return Err(Code::MessageTooLarge.into()),
        Some(attachment) => {
            let mut bytes = Vec::new();
            AttachmentReader::new(attachment.as_ref()).read_to_end(&mut bytes).map_err(Problem::internal)?;
            bytes
        }
    };
    *left = left.checked_sub(bytes.len()).ok_or(Code::MessageTooLarge)?;
    Ok(bytes)
}

/// Writes `kontekst` of a reply: what the caller sent (rule 5.8).
pub fn echo(namespace: Namespace, context: &Context, out: &mut Writer) {
    out.element(namespace.name("kontekst"), |out| {
        out.text_element(W.name("idZadania"), &context.task);
        out.text_element(W.name("jednostka"), &context.unit);
        let rest = [("uzytkownik", &context.user), ("grupa", &context.group), ("sprawa", &context.matter)];
        for (name, value) in rest {
            if let Some(value) = value {
                out.text_element(W.name(name), value);
            }
        }
    });
}

/// The bytes of an element of type `xs:base64Binary`; of an absent one none.
///
/// # Errors
/// `NIEZGODNY_ZE_SCHEMATEM` when it is no base64 after all.
pub fn base64(element: Option<Element<'_>>) -> Result<Vec<u8>, Problem> {
    let mut encoded = element.map(Element::text).unwrap_or_default();
    encoded.retain(|sign| !sign.is_ascii_whitespace());
    STANDARD
        .decode(encoded)
        .map_err(|_| Problem::new(Code::SchemaViolation).explain("Treść nie jest poprawnym zapisem base64."))
}
