//! `udostepnianie.wsdl`: questions about persons, decoded and encoded; what they mean is in `procedures`.

use uuid::Uuid;

use super::Operation;
use crate::disclosure::{AddressFields, ComparisonFields};
use crate::problem::Problem;
use crate::procedures::Desk;
use crate::procedures::check::{self, Compared};
use crate::procedures::disclose::{self, Disclosure};
use crate::procedures::list_sets::{self, OfferedSet};
use crate::procedures::question::{Answer, Outcome, Question};
use crate::soap::security::Verified;
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
    let text = |name| request.child(U.name(name)).map(Element::token).unwrap_or_default();
    let person = request.child(U.name("osoba"));
    let field = |name| person.and_then(|person| person.child(U.name(name))).map(Element::token);
    let scope = request.child(U.name("zakres"));
    Question {
        person: IdentificationFields {
            surname: field("nazwisko"),
            pesel: field("pesel"),
            given_name: field("imie"),
            birth_date: field("dataUrodzenia"),
            document_kind: field("rodzajDokumentu"),
            document_number: field("numerDokumentu"),
        },
        basis: text("podstawaPrawna"),
        purpose: text("przeznaczenie"),
        set: text("zbior"),
        items: scope.iter().flat_map(|scope| scope.all(U.name("pozycja"))).map(Element::token).collect(),
        trim: scope
            .and_then(|scope| scope.attribute("przytnij"))
            .is_some_and(|flag| matches!(flag.trim(), "true" | "1")),
    }
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
