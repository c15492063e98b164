//! `rejestr.wsdl`: heads, proofs, entries and testimonies, decoded and encoded; who may have them is in `procedures`.

use uuid::Uuid;

use super::{Operation, frame};
use crate::ledger::{Proof, SignedHead, Testimony, leaf_hash, time_text, write_head, write_path, write_proof};
use crate::problem::{Code, Problem};
use crate::procedures::Desk;
use crate::procedures::register::{self, GoesOn, Proved, PublishedHead};
use crate::soap::security::Verified;
use crate::xml::names::{QName, R};
use crate::xml::{Element, Writer};

/// The newest signed head, or that of one size.
pub struct PobierzGlowe;

impl Operation for PobierzGlowe {
    const REQUEST: QName = R.name("PobierzGlowe");
    const REPLY: QName = R.name("PobierzGloweOdpowiedz");
    type Request = (String, Option<u64>);
    type Reply = PublishedHead;

    fn decode(message: Verified<'_>) -> Result<Self::Request, Problem> {
        let request = message.body();
        Ok((text(request, "administrator"), number(request, "rozmiar")))
    }

    fn run(desk: &mut Desk<'_>, (tenant, size): Self::Request) -> Result<PublishedHead, Problem> {
        register::head(desk, &tenant, size)
    }

    fn encode(reply: &PublishedHead, out: &mut Writer) {
        write_head(R.name("glowa"), &reply.head, out);
        for testimony in &reply.testimonies {
            out.element(R.name("poswiadczenie"), |out| {
                out.base64_element(R.name("podpis"), &testimony.signature);
                out.base64_element(R.name("certyfikat"), &testimony.certificate);
                out.text_element(R.name("jednostka"), &testimony.unit);
                out.text_element(R.name("czas"), &time_text(testimony.time));
            });
        }
        if let Some(size) = reply.witnessed {
            count(out, "rozmiarPoswiadczony", size);
        }
    }
}

/// That one entry stands in the register.
pub struct PobierzDowod;

impl Operation for PobierzDowod {
    const REQUEST: QName = R.name("PobierzDowod");
    const REPLY: QName = R.name("PobierzDowodOdpowiedz");
    type Request = (String, Uuid, Option<u64>);
    type Reply = Proved;

    fn decode(message: Verified<'_>) -> Result<Self::Request, Problem> {
        let request = message.body();
        let event = text(request, "idZdarzenia").parse().map_err(|_| Problem::new(Code::EntryUnknown))?;
        Ok((text(request, "administrator"), event, number(request, "rozmiar")))
    }

    fn run(desk: &mut Desk<'_>, (tenant, event, size): Self::Request) -> Result<Proved, Problem> {
        register::proof(desk, &tenant, event, size)
    }

    fn encode(reply: &Proved, out: &mut Writer) {
        write_head(R.name("glowa"), &reply.head, out);
        for Proof { number, leaf, path } in &reply.entries {
            count(out, "numer", *number);
            out.base64_element(R.name("wpis"), leaf);
            out.base64_element(R.name("skrotLiscia"), &leaf_hash(leaf));
            write_path(path, out);
        }
    }
}

/// That a later head goes on from an earlier one.
pub struct PobierzDowodSpojnosci;

impl Operation for PobierzDowodSpojnosci {
    const REQUEST: QName = R.name("PobierzDowodSpojnosci");
    const REPLY: QName = R.name("PobierzDowodSpojnosciOdpowiedz");
    type Request = (String, u64, Option<u64>);
    type Reply = GoesOn;

    fn decode(message: Verified<'_>) -> Result<Self::Request, Problem> {
        let request = message.body();
        let from = number(request, "odRozmiaru").unwrap_or_default();
        Ok((text(request, "administrator"), from, number(request, "doRozmiaru")))
    }

    fn run(desk: &mut Desk<'_>, (tenant, from, to): Self::Request) -> Result<GoesOn, Problem> {
        register::consistency(desk, &tenant, from, to)
    }

    fn encode(reply: &GoesOn, out: &mut Writer) {
        write_head(R.name("wczesniejsza"), &reply.former.head, out);
        write_head(R.name("glowa"), &reply.head, out);
        write_path(&reply.former.path, out);
    }
}

/// Entries for the administrator's own auditors.
pub struct PobierzWpisy;

impl Operation for PobierzWpisy {
    const REQUEST: QName = R.name("PobierzWpisy");
    const REPLY: QName = R.name("PobierzWpisyOdpowiedz");
    type Request = (String, u64, u64);
    type Reply = Proved;

    fn decode(message: Verified<'_>) -> Result<Self::Request, Problem> {
        let request = message.body();
        let (first, most) = (number(request, "od"), number(request, "ile"));
        Ok((text(request, "administrator"), first.unwrap_or_default(), most.unwrap_or_default()))
    }

    fn run(desk: &mut Desk<'_>, (tenant, first, most): Self::Request) -> Result<Proved, Problem> {
        register::entries(desk, &tenant, first, most)
    }

    fn encode(reply: &Proved, out: &mut Writer) {
        write_head(R.name("glowa"), &reply.head, out);
        for proof in &reply.entries {
            write_proof(proof, out);
        }
    }
}

/// Another unit's signature over a head.
pub struct PoswiadczGlowe;

impl Operation for PoswiadczGlowe {
    const REQUEST: QName = R.name("PoswiadczGlowe");
    const REPLY: QName = R.name("PoswiadczGloweOdpowiedz");
    type Request = (String, SignedHead, [Vec<u8>; 2]);
    type Reply = (u64, Testimony);

    fn decode(message: Verified<'_>) -> Result<Self::Request, Problem> {
        let request = message.body();
        let bytes = |name| frame::base64(request.child(R.name(name)));
        let (signature, certificate) = (bytes("podpisGlowy")?, bytes("certyfikatGlowy")?);
        let head = SignedHead { bytes: bytes("tresc")?, signature, certificate };
        Ok((text(request, "administrator"), head, [bytes("podpis")?, bytes("certyfikat")?]))
    }

    fn run(
        desk: &mut Desk<'_>,
        (tenant, head, [signature, certificate]): Self::Request,
    ) -> Result<Self::Reply, Problem> {
        register::witness(desk, &tenant, &head, signature, certificate)
    }

    fn encode((size, testimony): &Self::Reply, out: &mut Writer) {
        count(out, "rozmiar", *size);
        out.text_element(R.name("przyjeto"), &time_text(testimony.time));
    }
}

fn text(request: Element<'_>, name: &'static str) -> String {
    request.child(R.name(name)).map(Element::token).unwrap_or_default()
}

/// A number that the schema has checked.
fn number(request: Element<'_>, name: &'static str) -> Option<u64> {
    text(request, name).parse().ok()
}

fn count(out: &mut Writer, name: &'static str, value: u64) {
    out.text_element(R.name(name), &value.to_string());
}
