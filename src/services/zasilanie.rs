//! `zasilanie.wsdl`: batches of records, decoded and encoded; what becomes of them is in `procedures::feed`.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::{Operation, frame};
use crate::problem::{Code, Problem};
use crate::procedures::Desk;
use crate::procedures::feed::{self, Digests, Finding, Protocol};
use crate::soap::security::Verified;
use crate::store::batches::{Batch, BatchState, PART_BYTES_MAX, Summary};
use crate::xml::names::{QName, Z};
use crate::xml::{Attachment, Element, Writer};

/// A whole batch file in one message.
pub struct PrzekazPaczke;

impl Operation for PrzekazPaczke {
    const REQUEST: QName = Z.name("PrzekazPaczke");
    const REPLY: QName = Z.name("PrzekazPaczkeOdpowiedz");
    type Request = (String, Arc<dyn Attachment>);
    type Reply = Batch;

    fn decode(message: Verified<'_>) -> Result<Self::Request, Problem> {
        let request = message.body();
        Ok((text(request, "oznaczenie"), content(request, "zawartosc")?))
    }

    fn run(desk: &mut Desk<'_>, (mark, file): Self::Request) -> Result<Batch, Problem> {
        feed::hand_over(desk, &mark, file.as_ref())
    }

    fn encode(reply: &Batch, out: &mut Writer) {
        accepted(reply, out);
    }
}

/// Begins a batch that comes in parts, or says where to go on.
pub struct RozpocznijPaczke;

impl Operation for RozpocznijPaczke {
    const REQUEST: QName = Z.name("RozpocznijPaczke");
    const REPLY: QName = Z.name("RozpocznijPaczkeOdpowiedz");
    type Request = (String, String);
    type Reply = Batch;

    fn decode(message: Verified<'_>) -> Result<(String, String), Problem> {
        let request = message.body();
        Ok((text(request, "oznaczenie"), text(request, "zbior")))
    }

    fn run(desk: &mut Desk<'_>, (mark, set): (String, String)) -> Result<Batch, Problem> {
        feed::begin(desk, &mark, &set)
    }

    fn encode(reply: &Batch, out: &mut Writer) {
        accepted(reply, out);
        number(out, "ostatniaCzesc", reply.last_part);
        number(out, "rozmiarCzesci", PART_BYTES_MAX as u64);
    }
}

/// One part of a batch.
pub struct PrzekazCzesc;

impl Operation for PrzekazCzesc {
    const REQUEST: QName = Z.name("PrzekazCzesc");
    const REPLY: QName = Z.name("PrzekazCzescOdpowiedz");
    type Request = (Uuid, u64, Arc<dyn Attachment>);
    type Reply = (Uuid, u64);

    fn decode(message: Verified<'_>) -> Result<Self::Request, Problem> {
        let request = message.body();
        Ok((batch(request)?, count(request, "numer"), content(request, "zawartosc")?))
    }

    fn run(desk: &mut Desk<'_>, (id, number, part): Self::Request) -> Result<(Uuid, u64), Problem> {
        Ok((id, feed::part(desk, id, number, part.as_ref())?))
    }

    fn encode((id, last): &(Uuid, u64), out: &mut Writer) {
        out.text_element(Z.name("idPaczki"), &id.to_string());
        number(out, "ostatniaCzesc", *last);
    }
}

/// Closes a batch with the signed list of its parts.
pub struct ZamknijPaczke;

impl Operation for ZamknijPaczke {
    const REQUEST: QName = Z.name("ZamknijPaczke");
    const REPLY: QName = Z.name("ZamknijPaczkeOdpowiedz");
    type Request = (Uuid, Digests);
    type Reply = Batch;

    fn decode(message: Verified<'_>) -> Result<(Uuid, Digests), Problem> {
        let request = message.body();
        let digests = request.all(Z.name("czesc")).map(|part| {
            let digest = base64(part, "skrot")?.try_into().map_err(|_| Problem::new(Code::PartInvalid))?;
            Ok((count(part, "numer"), digest))
        });
        Ok((batch(request)?, digests.collect::<Result<_, Problem>>()?))
    }

    fn run(desk: &mut Desk<'_>, (id, digests): (Uuid, Digests)) -> Result<Batch, Problem> {
        feed::close(desk, id, &digests)
    }

    fn encode(reply: &Batch, out: &mut Writer) {
        accepted(reply, out);
    }
}

/// Where a batch stands.
pub struct PobierzStatusPaczki;

impl Operation for PobierzStatusPaczki {
    const REQUEST: QName = Z.name("PobierzStatusPaczki");
    const REPLY: QName = Z.name("PobierzStatusPaczkiOdpowiedz");
    const UNSIGNED_OVER_MTLS: bool = true;
    type Request = Uuid;
    type Reply = Batch;

    fn decode(message: Verified<'_>) -> Result<Uuid, Problem> {
        batch(message.body())
    }

    fn run(desk: &mut Desk<'_>, id: Uuid) -> Result<Batch, Problem> {
        feed::status(desk, id)
    }

    fn encode(reply: &Batch, out: &mut Writer) {
        identified(reply, out);
        if reply.in_parts {
            number(out, "ostatniaCzesc", reply.last_part);
        }
        if !matches!(reply.state, BatchState::Begun | BatchState::Accepted) {
            number(out, "przetworzono", reply.processed);
        }
        if reply.state.is_final() {
            summary(&reply.summary, out);
        }
        time(out, "przyjeto", reply.accepted_at);
        time(out, "zakonczono", reply.finished_at);
    }
}

/// A page of a batch's protocol.
pub struct PobierzProtokol;

impl Operation for PobierzProtokol {
    const REQUEST: QName = Z.name("PobierzProtokol");
    const REPLY: QName = Z.name("PobierzProtokolOdpowiedz");
    const UNSIGNED_OVER_MTLS: bool = true;
    type Request = (Uuid, u64, u64);
    type Reply = Protocol;

    fn decode(message: Verified<'_>) -> Result<(Uuid, u64, u64), Problem> {
        let request = message.body();
        Ok((batch(request)?, count(request, "od"), count(request, "ile")))
    }

    fn run(desk: &mut Desk<'_>, (id, from, most): (Uuid, u64, u64)) -> Result<Protocol, Problem> {
        feed::protocol(desk, id, from, most)
    }

    fn encode(reply: &Protocol, out: &mut Writer) {
        out.element(Z.name("protokol"), |out| {
            identified(&reply.batch, out);
            summary(&reply.batch.summary, out);
            number(out, "liczbaUsterek", reply.findings_total);
            for one in &reply.page {
                out.element(Z.name("usterka"), |out| finding(one, out));
            }
        });
    }
}

fn text(request: Element<'_>, name: &'static str) -> String {
    request.child(Z.name(name)).map(Element::token).unwrap_or_default()
}

/// A number that the schema has checked; one too large for us is larger than anything we hold.
fn count(request: Element<'_>, name: &'static str) -> u64 {
    text(request, name).trim_start_matches('+').parse().unwrap_or(u64::MAX)
}

fn batch(request: Element<'_>) -> Result<Uuid, Problem> {
    text(request, "idPaczki").parse().map_err(|_| Code::BatchUnknown.into())
}

/// Binary content: an attachment, or what is written in place.
fn content(request: Element<'_>, name: &'static str) -> Result<Arc<dyn Attachment>, Problem> {
    let attached = request.child(Z.name(name)).and_then(Element::attachment);
    attached.map_or_else(|| Ok(Arc::new(base64(request, name)?) as _), |attachment| Ok(Arc::clone(attachment)))
}

fn base64(request: Element<'_>, name: &'static str) -> Result<Vec<u8>, Problem> {
    frame::base64(request.child(Z.name(name)))
}

fn accepted(batch: &Batch, out: &mut Writer) {
    out.text_element(Z.name("idPaczki"), &batch.id.to_string());
    out.text_element(Z.name("stan"), batch.state.on_acceptance().wire());
}

fn identified(batch: &Batch, out: &mut Writer) {
    out.text_element(Z.name("idPaczki"), &batch.id.to_string());
    out.text_element(Z.name("oznaczenie"), &batch.mark);
    out.text_element(Z.name("zbior"), &batch.set);
    out.text_element(Z.name("stan"), batch.state.wire());
}

fn summary(summary: &Summary, out: &mut Writer) {
    out.element(Z.name("podsumowanie"), |out| {
        number(out, "liczbaOsob", summary.persons);
        number(out, "zapisano", summary.written);
        number(out, "usunieto", summary.removed);
        number(out, "bezZmian", summary.unchanged);
        number(out, "odrzucono", summary.refused);
        number(out, "ostrzezen", summary.warnings);
    });
}

fn finding(finding: &Finding, out: &mut Writer) {
    let detail = &finding.detail;
    if let Some(ordinal) = finding.ordinal {
        number(out, "lp", ordinal);
    }
    if let Some(id) = &finding.source_id {
        out.text_element(Z.name("idZrodlowe"), id);
    }
    out.text_element(Z.name("waga"), finding.severity().wire());
    out.text_element(Z.name("kod"), finding.code.wire());
    for (name, value) in [("linia", detail.line), ("kolumna", detail.column)] {
        if let Some(value) = value {
            number(out, name, u64::from(value));
        }
    }
    for (name, value) in [("sciezka", &detail.path), ("regula", &detail.rule)] {
        if let Some(value) = value {
            out.text_element(Z.name(name), value);
        }
    }
    out.text_element(Z.name("opis"), &detail.text);
}

fn number(out: &mut Writer, name: &'static str, value: u64) {
    out.text_element(Z.name(name), &value.to_string());
}

fn time(out: &mut Writer, name: &'static str, at: Option<DateTime<Utc>>) {
    if let Some(at) = at {
        out.text_element(Z.name(name), &at.to_rfc3339_opts(SecondsFormat::Micros, true));
    }
}
