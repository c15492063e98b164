//! `podpis.wsdl`: signatures of documents judged and made, decoded and encoded; what becomes of them is in `procedures`.

use chrono::{DateTime, Utc};

use super::{Operation, frame};
use crate::problem::Problem;
use crate::procedures::Desk;
use crate::procedures::documents::{self, Presented, Wanted};
use crate::signatures::xades::{Level, Sealed};
use crate::soap::security::Verified;
use crate::xml::names::{P, QName};
use crate::xml::{Element, Writer};

/// Bytes of a document with all content beside it: they are held in memory.
const DOCUMENT_BYTES_MAX: usize = 32 << 20;

/// What the signatures of a document are worth.
pub struct WeryfikujPodpis;

impl Operation for WeryfikujPodpis {
    const REQUEST: QName = P.name("WeryfikujPodpis");
    const REPLY: QName = P.name("WeryfikujPodpisOdpowiedz");
    type Request = Presented;
    /// The report as its canonical bytes.
    type Reply = Vec<u8>;

    fn decode(message: Verified<'_>) -> Result<Presented, Problem> {
        let request = message.body();
        let mut left = DOCUMENT_BYTES_MAX;
        let document = frame::content(request.child(P.name("dokument")), &mut left)?;
        let contents = request.all(P.name("zawartosc")).map(|one| {
            let uri = text(one, "uri").unwrap_or_default();
            Ok((uri, frame::content(one.child(P.name("dane")), &mut left)?))
        });
        let contents = contents.collect::<Result<_, Problem>>()?;
        let at = text(request, "czas").map(|time| time.parse::<DateTime<Utc>>()).transpose();
        Ok(Presented { document, contents, at: at.map_err(Problem::internal)? })
    }

    fn run(desk: &mut Desk<'_>, presented: Presented) -> Result<Vec<u8>, Problem> {
        documents::judge(desk, &presented)
    }

    fn encode(report: &Vec<u8>, out: &mut Writer) {
        out.element(P.name("raport"), |out| out.raw(report));
    }
}

/// The seal of the caller's unit.
pub struct Opieczetuj;

impl Operation for Opieczetuj {
    const REQUEST: QName = P.name("Opieczetuj");
    const REPLY: QName = P.name("OpieczetujOdpowiedz");
    type Request = Wanted;
    /// Nothing for a retry: its answer is the first one's.
    type Reply = Option<Sealed>;

    fn decode(message: Verified<'_>) -> Result<Wanted, Problem> {
        let request = message.body();
        let level = match text(request, "poziom").as_deref() {
            Some("B") => Some(Level::B),
            Some("T") => Some(Level::T),
            Some("LT") => Some(Level::LT),
            _ => None,
        };
        let document = frame::content(request.child(P.name("dokument")), &mut { DOCUMENT_BYTES_MAX })?;
        Ok(Wanted { document, file_name: text(request, "nazwaPliku").unwrap_or_default(), level })
    }

    fn run(desk: &mut Desk<'_>, wanted: Wanted) -> Result<Option<Sealed>, Problem> {
        documents::seal(desk, &wanted)
    }

    fn encode(reply: &Option<Sealed>, out: &mut Writer) {
        if let Some(Sealed { file, level }) = reply {
            out.base64_element(P.name("dokument"), file);
            out.text_element(P.name("poziom"), level.name());
        }
    }
}

/// Time-stamps for the signatures that a document has.
pub struct ZnakujCzasem;

impl Operation for ZnakujCzasem {
    const REQUEST: QName = P.name("ZnakujCzasem");
    const REPLY: QName = P.name("ZnakujCzasemOdpowiedz");
    type Request = Vec<u8>;
    /// Nothing for a retry: its answer is the first one's.
    type Reply = Option<Vec<u8>>;

    fn decode(message: Verified<'_>) -> Result<Vec<u8>, Problem> {
        frame::content(message.body().child(P.name("dokument")), &mut { DOCUMENT_BYTES_MAX })
    }

    fn run(desk: &mut Desk<'_>, document: Vec<u8>) -> Result<Option<Vec<u8>>, Problem> {
        documents::stamp(desk, &document)
    }

    fn encode(reply: &Option<Vec<u8>>, out: &mut Writer) {
        if let Some(document) = reply {
            out.base64_element(P.name("dokument"), document);
        }
    }
}

fn text(of: Element<'_>, name: &'static str) -> Option<String> {
    of.child(P.name(name)).map(Element::token)
}
