//! What a WSDL says about its service: words for people, operations, actions and codes.

use crate::problem::Code;
use crate::xml::names::{Namespace, WSDL};
use crate::xml::{Document, Element};

/// WS-Addressing 1.0 Metadata: `wsam:Action`.
const METADATA: Namespace = Namespace { prefix: "wsam", uri: "http://www.w3.org/2007/05/addressing/metadata" };

/// A service.
pub struct Description {
    pub name: &'static str,
    pub documentation: String,
    pub operations: Vec<Operation>,
}

/// One of its operations.
pub struct Operation {
    pub name: String,
    /// SOAPAction, `action` and `wsa:Action` alike.
    pub action: String,
    pub documentation: String,
    /// The fault codes it may give, in the order of the WSDL.
    pub codes: Vec<Code>,
}

impl Description {
    /// Reads the WSDL of the service `name`.
    #[must_use]
    pub fn read(name: &'static str, wsdl: &Document) -> Self {
        let port_types = wsdl.root().all(WSDL.name("portType"));
        let operations = port_types.flat_map(|one| one.all(WSDL.name("operation"))).map(Operation::read).collect();
        Self { name, documentation: documentation(wsdl.root()), operations }
    }

    /// The codes that any of the operations may give, in the order of the catalogue.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let given = |code: &&Code| self.operations.iter().any(|operation| operation.codes.contains(code));
        Code::ALL.iter().filter(given).copied().collect()
    }
}

impl Operation {
    fn read(operation: Element<'_>) -> Self {
        let input = operation.child(WSDL.name("input"));
        let text = documentation(operation);
        // `contract` sees to it that this line is there and names known codes.
        let (words, list) = text.split_once("Kody: ").unwrap_or((&text, ""));
        let code = |word: &str| Code::ALL.iter().find(|code| code.wire() == word).copied();
        Self {
            name: operation.attribute("name").unwrap_or_default(),
            action: input.and_then(|input| input.attribute_ns(METADATA.name("Action"))).unwrap_or_default(),
            documentation: words.trim_end().to_owned(),
            codes: list.trim_end_matches('.').split(", ").filter_map(code).collect(),
        }
    }
}

fn documentation(element: Element<'_>) -> String {
    element.child(WSDL.name("documentation")).map(Element::token).unwrap_or_default()
}
