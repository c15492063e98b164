//! The two versions of SOAP: what differs between them on the wire.

use crate::xml::Element;
use crate::xml::names::{Namespace, SOAP11, SOAP12};

/// A version of SOAP; both are served at the same addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Version {
    #[default]
    Soap11,
    Soap12,
}

/// SOAP 1.1 §4.2.2.
const ACTOR_NEXT: &str = "http://schemas.xmlsoap.org/soap/actor/next";
/// SOAP 1.2 part 1 §2.2: the two roles that every last receiver plays.
const ROLES: [&str; 2] = [
    "http://www.w3.org/2003/05/soap-envelope/role/next",
    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
];

impl Version {
    pub const ALL: [Self; 2] = [Self::Soap11, Self::Soap12];

    /// The namespace of the envelope.
    #[must_use]
    pub const fn namespace(self) -> Namespace {
        match self {
            Self::Soap11 => SOAP11,
            Self::Soap12 => SOAP12,
        }
    }

    /// The media type of its messages (SOAP 1.1 §6; RFC 3902).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Soap11 => "text/xml",
            Self::Soap12 => "application/soap+xml",
        }
    }

    /// The value of `Content-Type` of a message that we send.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Soap11 => "text/xml; charset=utf-8",
            Self::Soap12 => "application/soap+xml; charset=utf-8",
        }
    }

    /// The version whose messages have this media type.
    #[must_use]
    pub fn of_media_type(essence: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.media_type() == essence)
    }

    /// Whether a header block is meant for the last receiver (SOAP 1.1 §4.2.2; SOAP 1.2 part 1 §5.2.2).
    #[must_use]
    pub fn is_for_us(self, block: Element<'_>) -> bool {
        match self {
            Self::Soap11 => {
                block.attribute_ns(SOAP11.name("actor")).is_none_or(|actor| actor.is_empty() || actor == ACTOR_NEXT)
            }
            Self::Soap12 => block
                .attribute_ns(SOAP12.name("role"))
                .is_none_or(|role| role.is_empty() || ROLES.contains(&role.trim())),
        }
    }

    /// Whether the sender insists that the block be understood (SOAP 1.1 §4.2.3; SOAP 1.2 part 1 §5.2.3).
    #[must_use]
    pub fn must_be_understood(self, block: Element<'_>) -> bool {
        let value = block.attribute_ns(self.namespace().name("mustUnderstand"));
        value.is_some_and(|value| match self {
            Self::Soap11 => value.trim() == "1",
            Self::Soap12 => matches!(value.trim(), "1" | "true"),
        })
    }
}
