//! `udostepnianie.wsdl`: questions about persons, decoded and encoded; what they mean is in `procedures`.

use uuid::Uuid;

use super::Operation;
use crate::disclosure::{AddressFields, ComparisonFields};
use crate::problem::Problem;
use crate::procedures::Desk;
use crate::procedures::check::{self, Compared};
use crate::procedures::disclose::{self, Disclosure};
use crate::procedures::list_sets::{self, OfferedSet};
use crate::procedures::order::{self, AskedSet, Fetched, Placed, Reply, Told};
use crate::procedures::question::{Answer, Outcome, Question};
use crate::soap::security::Verified;
use crate::store::QuestionState;
use crate::subjects::IdentificationFields;
use crate::xml::names::{QName, U, W};
use crate::xml::{Attr, Element, Writer};

/// Data of one person from one set, cut to what was asked for and granted.
pub struct UdostepnijDaneOsoby;

impl Operation for UdostepnijDaneOsoby {
    const REQUEST: QName = U.name("UdostepnijDaneOsoby");
    const REPLY: QName = U.name("UdostepnijDaneOsobyOdpowiedz");
    type Request = Question;
    type Reply = Disclosure;

    fn decode(message: Verified<'_>) -> Result<Question, Problem> {
        Ok(question(message.body()))
    }

    fn run(desk: &mut Desk<'_>, request: Question) -> Result<Disclosure, Problem> {
        disclose::disclose(desk, &request)
    }

    fn encode(reply: &Disclosure, out: &mut Writer) {
        disclosure(reply, out);
    }
}

/// Whether a person is in a set.
pub struct WeryfikujWystepowanieOsoby;

impl Operation for WeryfikujWystepowanieOsoby {
    const REQUEST: QName = U.name("WeryfikujWystepowanieOsoby");
    const REPLY: QName = U.name("WeryfikujWystepowanieOsobyOdpowiedz");
    type Request = Question;
    type Reply = Answer;

    fn decode(message: Verified<'_>) -> Result<Question, Problem> {
        Ok(question(message.body()))
    }

    fn run(desk: &mut Desk<'_>, request: Question) -> Result<Answer, Problem> {
        check::presence(desk, &request)
    }

    fn encode(reply: &Answer, out: &mut Writer) {
        answer(reply, out);
    }
}

/// Whether given values are those on record; no value is told.
pub struct WeryfikujDaneOsoby;

impl Operation for WeryfikujDaneOsoby {
    const REQUEST: QName = U.name("WeryfikujDaneOsoby");
    const REPLY: QName = U.name("WeryfikujDaneOsobyOdpowiedz");
    type Request = (Question, ComparisonFields);
    type Reply = Compared;

    fn decode(message: Verified<'_>) -> Result<(Question, ComparisonFields), Problem> {
        let request = message.body();
        Ok((question(request), given(request)))
    }

    fn run(desk: &mut Desk<'_>, (question, given): (Question, ComparisonFields)) -> Result<Compared, Problem> {
        check::data(desk, &question, &given)
    }

    fn encode(reply: &Compared, out: &mut Writer) {
        answer(&reply.answer, out);
        for (field, agrees) in &reply.fields {
            out.element(U.name("pole"), |out| {
                out.text_element(U.name("nazwa"), field);
                out.text_element(U.name("zgodne"), if *agrees { "true" } else { "false" });
            });
        }
    }
}

/// Data of one person from several sets, to be fetched when they are ready.
pub struct ZlecUdostepnienie;

impl Operation for ZlecUdostepnienie {
    const REQUEST: QName = U.name("ZlecUdostepnienie");
    const REPLY: QName = U.name("ZlecUdostepnienieOdpowiedz");
    type Request = order::Request;
    type Reply = Placed;

    fn decode(message: Verified<'_>) -> Result<order::Request, Problem> {
        let request = message.body();
        let asked = request.all(U.name("pytanie")).map(|asked| {
            let (items, trim) = scope(asked);
            AskedSet { set: text(asked, "zbior"), items, trim }
        });
        Ok(order::Request {
            person: person(request),
            basis: text(request, "podstawaPrawna"),
            purpose: text(request, "przeznaczenie"),
            asked: asked.collect(),
        })
    }

    fn run(desk: &mut Desk<'_>, request: order::Request) -> Result<Placed, Problem> {
        order::place(desk, &request)
    }

    fn encode(reply: &Placed, out: &mut Writer) {
        out.text_element(U.name("idZlecenia"), &reply.id.to_string());
        out.text_element(U.name("waznaDo"), &reply.valid_to.to_string());
    }
}

/// How an order stands, with every answer that is ready.
pub struct PobierzOdpowiedz;

impl Operation for PobierzOdpowiedz {
    const REQUEST: QName = U.name("PobierzOdpowiedz");
    const REPLY: QName = U.name("PobierzOdpowiedzOdpowiedz");
    type Request = Uuid;
    type Reply = Fetched;

    fn decode(message: Verified<'_>) -> Result<Uuid, Problem> {
        Uuid::parse_str(&text(message.body(), "idZlecenia")).map_err(Problem::internal)
    }

    fn run(desk: &mut Desk<'_>, order: Uuid) -> Result<Fetched, Problem> {
        order::fetch(desk, order)
    }

    fn encode(reply: &Fetched, out: &mut Writer) {
        out.text_element(U.name("idZlecenia"), &reply.id.to_string());
        for one in &reply.replies {
            out.element(U.name("odpowiedz"), |out| told(one, out));
        }
    }
}

/// The sets that the caller may ask, with the rights that rest on each legal basis.
pub struct PobierzZbiory;

impl Operation for PobierzZbiory {
    const REQUEST: QName = U.name("PobierzZbiory");
    const REPLY: QName = U.name("PobierzZbioryOdpowiedz");
    const UNSIGNED_OVER_MTLS: bool = true;
    type Request = ();
    type Reply = Vec<OfferedSet>;

    fn decode(_: Verified<'_>) -> Result<(), Problem> {
        Ok(())
    }

    fn run(desk: &mut Desk<'_>, (): ()) -> Result<Vec<OfferedSet>, Problem> {
        list_sets::list_sets(desk)
    }

    fn encode(reply: &Vec<OfferedSet>, out: &mut Writer) {
        for set in reply {
            out.element(U.name("zbior"), |out| offered(set, out));
        }
    }
}

/// `osoba` to `zbior` and, where the operation has it, `zakres`.
fn question(request: Element<'_>) -> Question {
    let (items, trim) = scope(request);
    Question {
        person: person(request),
        basis: text(request, "podstawaPrawna"),
        purpose: text(request, "przeznaczenie"),
        set: text(request, "zbior"),
        items,
        trim,
        place: None,
    }
}

fn text(of: Element<'_>, name: &'static str) -> String {
    of.child(U.name(name)).map(Element::token).unwrap_or_default()
}

/// `osoba`.
fn person(request: Element<'_>) -> IdentificationFields {
    let person = request.child(U.name("osoba"));
    let field = |name| person.and_then(|person| person.child(U.name(name))).map(Element::token);
    IdentificationFields {
        surname: field("nazwisko"),
        pesel: field("pesel"),
        given_name: field("imie"),
        birth_date: field("dataUrodzenia"),
        document_kind: field("rodzajDokumentu"),
        document_number: field("numerDokumentu"),
    }
}

/// `zakres`, where there is one: its items, and whether to cut what goes beyond the grant.
fn scope(of: Element<'_>) -> (Vec<String>, bool) {
    let scope = of.child(U.name("zakres"));
    let items = scope.iter().flat_map(|scope| scope.all(U.name("pozycja"))).map(Element::token).collect();
    let flag = scope.and_then(|scope| scope.attribute("przytnij"));
    (items, flag.is_some_and(|flag| matches!(flag.trim(), "true" | "1")))
}

/// `porownanie`: the values that the caller believes to be on record.
fn given(request: Element<'_>) -> ComparisonFields {
    let values = request.child(U.name("porownanie"));
    let field = |of: Option<Element<'_>>, name| of.and_then(|of| of.child(U.name(name))).map(Element::token);
    let document = values.and_then(|values| values.child(U.name("dokumentTozsamosci")));
    let address = values.and_then(|values| values.child(U.name("adres")));
    ComparisonFields {
        surname: field(values, "nazwisko"),
        given_name: field(values, "imie"),
        pesel: field(values, "pesel"),
        birth_date: field(values, "dataUrodzenia"),
        document: field(document, "rodzaj").zip(field(document, "numer")),
        sex: field(values, "plec"),
        marital_status: field(values, "stanCywilny"),
        address: field(address, "rodzaj").map(|kind| AddressFields {
            kind,
            postal_code: field(address, "kodPocztowy"),
            town: field(address, "miejscowosc"),
            street: field(address, "ulica"),
            house: field(address, "nrDomu"),
            flat: field(address, "nrLokalu"),
        }),
    }
}

/// `zbior` to `kod` and, of an answer that is ready, what follows.
fn told(reply: &Reply, out: &mut Writer) {
    let (state, code) = match &reply.told {
        Told::Ready(_) => (QuestionState::Answered, None),
        Told::Waiting(code) => (QuestionState::Waiting, code.as_deref()),
        Told::Refused(code) => (QuestionState::Refused, Some(code.as_str())),
    };
    out.text_element(U.name("zbior"), &reply.set);
    out.text_element(U.name("stan"), state.wire());
    if let Some(code) = code {
        out.text_element(U.name("kod"), code);
    }
    if let Told::Ready(answer) = &reply.told {
        disclosure(answer, out);
    }
}

/// `idUdostepnienia` to `pominiete`.
fn disclosure(reply: &Disclosure, out: &mut Writer) {
    answer(&reply.answer, out);
    if reply.answer.outcome == Outcome::Found {
        out.element(U.name("dane"), |out| {
            for record in &reply.records {
                let role = record.role.map(|role| Attr::Plain("rola", role));
                out.open_with(U.name("rekord"), role.as_slice());
                out.raw(&record.element);
                out.close();
            }
        });
    }
    if !reply.omitted.is_empty() {
        out.element(U.name("pominiete"), |out| {
            for item in reply.omitted.iter() {
                out.text_element(U.name("pozycja"), &item.to_string());
            }
        });
    }
}

/// `idUdostepnienia` to `stanNa`.
fn answer(answer: &Answer, out: &mut Writer) {
    id(answer.event, out);
    out.text_element(U.name("wynik"), answer.outcome.wire());
    if let Some(day) = answer.as_of {
        out.text_element(U.name("stanNa"), &day.to_string());
    }
}

fn id(event: Uuid, out: &mut Writer) {
    out.text_element(U.name("idUdostepnienia"), &event.to_string());
}

fn offered(set: &OfferedSet, out: &mut Writer) {
    out.text_element(U.name("id"), &set.id);
    out.text_element(U.name("nazwa"), &set.name);
    out.text_element(U.name("rodzaj"), set.kind.wire());
    out.text_element(U.name("administrator"), &set.tenant);
    if let Some(day) = set.as_of {
        out.text_element(U.name("stanNa"), &day.to_string());
    }
    for right in &set.rights {
        out.element(U.name("uprawnienie"), |out| {
            out.text_element(U.name("grupa"), &right.group);
            out.text_element(U.name("podstawaPrawna"), &right.basis);
            out.text_element(U.name("tytul"), &right.title);
            out.text_element(U.name("waznaOd"), &right.valid_from.to_string());
            if let Some(day) = right.valid_to {
                out.text_element(U.name("waznaDo"), &day.to_string());
            }
            out.element(U.name("zakres"), |out| {
                for item in right.items.iter() {
                    out.text_element(W.name("pozycja"), &item.to_string());
                }
            });
        });
    }
}
