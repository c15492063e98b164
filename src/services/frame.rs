//! What all requests and replies share: `kontekst`, its first child.

use crate::call::Context;
use crate::xml::names::{Namespace, W};
use crate::xml::{Element, Writer};

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
