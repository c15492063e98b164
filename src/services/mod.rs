//! The register of operations: which service has which, and what a new one has to bring along.

mod frame;
mod gateway;
pub mod podpis;
pub mod rejestr;
pub mod udostepnianie;
pub mod zasilanie;

use crate::problem::Problem;
use crate::procedures::Desk;
use crate::soap::security::Verified;
use crate::xml::Writer;
use crate::xml::names::{Namespace, P, QName, R, U, Z};

pub use frame::{context, echo};
pub use gateway::Gateway;

/// One operation of a WSDL: decode, run, encode.
///
/// `kontekst` is read and echoed by the frame; `decode` and `encode` see what follows it.
pub trait Operation {
    const REQUEST: QName;
    const REPLY: QName;
    /// Whether a registered TLS client certificate suffices: only for what touches no person's data.
    const UNSIGNED_OVER_MTLS: bool = false;
    type Request;
    type Reply;

    /// # Errors
    /// When a value is valid by schema and cannot be read all the same.
    fn decode(message: Verified<'_>) -> Result<Self::Request, Problem>;

    /// One line: the procedure.
    ///
    /// # Errors
    /// Those of the procedure.
    fn run(desk: &mut Desk<'_>, request: Self::Request) -> Result<Self::Reply, Problem>;

    fn encode(reply: &Self::Reply, out: &mut Writer);
}

/// A service: its WSDL's name, its namespace, its operations.
pub struct Service {
    pub name: &'static str,
    pub namespace: Namespace,
    /// The schema file of its messages.
    pub schema: &'static str,
    pub operations: &'static [Registered],
}

/// An operation as the register holds it.
pub struct Registered {
    pub request: QName,
    pub reply: QName,
    pub unsigned_over_mtls: bool,
    handle: fn(Verified<'_>, &mut Desk<'_>) -> Result<Vec<u8>, Problem>,
}

/// Every service and operation that works; the WSDLs say the same (a test compares).
pub static SERVICES: &[Service] = &[
    Service {
        name: "podpis",
        namespace: P,
        schema: "podpis.xsd",
        operations: &[
            register::<podpis::WeryfikujPodpis>(),
            register::<podpis::Opieczetuj>(),
            register::<podpis::ZnakujCzasem>(),
        ],
    },
    Service {
        name: "rejestr",
        namespace: R,
        schema: "rejestr.xsd",
        operations: &[
            register::<rejestr::PobierzGlowe>(),
            register::<rejestr::PobierzDowod>(),
            register::<rejestr::PobierzDowodSpojnosci>(),
            register::<rejestr::PobierzWpisy>(),
            register::<rejestr::PoswiadczGlowe>(),
        ],
    },
    Service {
        name: "udostepnianie",
        namespace: U,
        schema: "udostepnianie.xsd",
        operations: &[
            register::<udostepnianie::UdostepnijDaneOsoby>(),
            register::<udostepnianie::WeryfikujWystepowanieOsoby>(),
            register::<udostepnianie::WeryfikujDaneOsoby>(),
            register::<udostepnianie::PobierzZbiory>(),
            register::<udostepnianie::ZlecUdostepnienie>(),
            register::<udostepnianie::PobierzOdpowiedz>(),
        ],
    },
    Service {
        name: "zasilanie",
        namespace: Z,
        schema: "zasilanie.xsd",
        operations: &[
            register::<zasilanie::PrzekazPaczke>(),
            register::<zasilanie::RozpocznijPaczke>(),
            register::<zasilanie::PrzekazCzesc>(),
            register::<zasilanie::ZamknijPaczke>(),
            register::<zasilanie::PobierzStatusPaczki>(),
            register::<zasilanie::PobierzProtokol>(),
        ],
    },
];

const fn register<O: Operation>() -> Registered {
    Registered { request: O::REQUEST, reply: O::REPLY, unsigned_over_mtls: O::UNSIGNED_OVER_MTLS, handle: handle::<O> }
}

/// Decodes, runs and encodes one operation; the reply comes as the canonical bytes of its element.
fn handle<O: Operation>(message: Verified<'_>, desk: &mut Desk<'_>) -> Result<Vec<u8>, Problem> {
    let request = O::decode(message)?;
    let reply = O::run(desk, request)?;
    let mut out = Writer::with_capacity(8192);
    out.element(O::REPLY, |out| {
        frame::echo(O::REPLY.namespace, &desk.call.context, out);
        O::encode(&reply, out);
    });
    Ok(out.into_bytes())
}
