//! Plays one case in a copy of the world and tells what went otherwise than its files say.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use brama::xml::names::R;

use crate::case::{Alter, Case, expected};
use crate::content::{Node, difference};
use crate::gateway::Gateway;
use crate::ledgers::{Entry, Ledgers, Sizes};
use crate::message;
use crate::verdict::{Answer, payload};
use crate::world::World;

/// How long a batch may load, an order may take, and an entry that follows from either.
const PATIENCE: Duration = Duration::from_secs(30);

/// Empty when everything is as written.
pub fn play(world: &World, case: &Case) -> Vec<String> {
    let copy = world.copy();
    if let Some(tenant) = &case.given.away {
        copy.take_away(tenant, true);
    }
    let gateway = copy.start(&case.overrides, case.given.away.as_deref());
    let ledgers = copy.ledgers();
    let mut scene = Scene { world, case, gateway: &gateway, last: None, orders: Vec::new(), complaints: Vec::new() };
    // Limits count by the second, so nothing slow stands between the steps and the request.
    let mut before = if case.given.before.is_empty() { world.sizes.clone() } else { ledgers.sizes() };
    let steps = scene.steps();
    if !steps.is_empty() {
        before = ledgers.sizes();
    }
    if scene.complaints.is_empty() {
        let answer = scene.request();
        if let Some(tenant) = &case.given.away {
            copy.take_away(tenant, false);
        }
        scene.compare_answer(&answer);
        scene.compare_entry(&answer, &ledgers, &before);
    }
    let mut complaints = scene.complaints;
    for (signer, answer) in steps {
        complaints.extend(world.judge.answer(&answer, Some(world.signer(&signer).family()), true));
    }
    gateway.kill();
    complaints
}

struct Scene<'s> {
    world: &'s World,
    case: &'s Case,
    gateway: &'s Gateway,
    /// The last message of a step and its reply.
    last: Option<(String, Node)>,
    /// `idZadania` of the orders among the steps.
    orders: Vec<String>,
    complaints: Vec<String>,
}

impl Scene<'_> {
    /// Sends what comes before; returns each signer with the answer.
    fn steps(&mut self) -> Vec<(String, Answer)> {
        let mut answers = Vec::new();
        for step in &self.case.given.before {
            let signer = step.signer.as_deref().or(self.case.given.signer.as_deref()).expect("a signer");
            for _ in 0..step.times {
                let (message, answer) =
                    self.until(step.until.as_deref(), |scene| scene.send(&step.request, signer, None));
                if answer.is_fault() {
                    self.complaints.push(format!("{} was answered with\n{}", step.request, answer.payload.show()));
                    return answers;
                }
                if is_order(&answer.payload) {
                    self.orders.extend(answer.payload.word("idZadania").map(str::to_owned));
                }
                self.last = Some((message, answer.payload.clone()));
                answers.push((signer.to_owned(), answer));
            }
        }
        answers
    }

    /// Sends the case's own request.
    fn request(&mut self) -> Answer {
        let given = &self.case.given;
        let (_, answer) = self.until(given.until.as_deref(), |scene| match (&given.signer, given.alter) {
            (None, _) => scene.post(scene.case.outgoing("request.xml", None, None), None),
            (Some(_), Some(Alter::Replay)) => scene.post(scene.last.clone().expect("a step before").0, None),
            (Some(signer), alter) => scene.send("request.xml", signer, alter),
        });
        let family = given.signer.as_ref().map(|signer| self.world.signer(signer).family());
        self.complaints.extend(self.world.judge.answer(&answer, family, message::has_timestamp(given.alter)));
        answer
    }

    /// Sends again until the reply has this `stan`.
    fn until(&self, state: Option<&str>, send: impl Fn(&Self) -> (String, Answer)) -> (String, Answer) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (message, answer) = send(self);
            let done = state.is_none_or(|state| answer.payload.word("stan") == Some(state));
            if done || answer.is_fault() || Instant::now() > deadline {
                return (message, answer);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn send(&self, file: &str, signer: &str, alter: Option<Alter>) -> (String, Answer) {
        let key = self.world.signer(signer);
        let request = self.case.outgoing(file, self.last.as_ref().map(|(_, reply)| reply), Some(key));
        let root = Node::read(&request);
        let message = message::signed(&request, key, alter, self.world.somebody_else(signer));
        let service = if file == "request.xml" { None } else { root.namespace.split(':').nth(2).map(str::to_owned) };
        self.post(message, Some((service, root.local)))
    }

    /// `about`: the service, if it is not the case's, and the operation.
    fn post(&self, message: String, about: Option<(Option<String>, String)>) -> (String, Answer) {
        let (service, operation) = about.unwrap_or_default();
        let service = service.unwrap_or_else(|| self.case.service.clone());
        let action = format!("urn:brama:{service}:1/{operation}");
        let response = self.gateway.try_post(&service, &action, message.as_bytes());
        (
            message,
            Answer::read(
                response.unwrap_or_else(|error| panic!("{}: {error}\n{}", self.case.name, self.gateway.log())),
            ),
        )
    }

    fn compare_answer(&mut self, answer: &Answer) {
        let (file, other) = if answer.is_fault() { ("fault.xml", "reply.xml") } else { ("reply.xml", "fault.xml") };
        if updating() {
            // Usually there is none.
            let _ = fs::remove_file(self.case.folder.join(other));
        }
        self.compare(file, &answer.payload);
        if !self.complaints.is_empty() && answer.payload.word("kod") == Some("BLAD_WEWNETRZNY") {
            self.complaints.push(self.gateway.log());
        }
    }

    /// Compares with a file of the case, or writes the file anew.
    fn compare(&mut self, file: &str, actual: &Node) {
        let reply = self.last.as_ref().map(|(_, reply)| reply);
        let old = self.case.text(file);
        let filled = old.as_ref().map(|text| Node::read(&expected(text, reply)));
        let shown = |filled: &Node| difference(&filled.show(), &actual.masked(filled).show());
        let differs = match &filled {
            Some(filled) => shown(filled),
            None => Some(actual.show()),
        };
        let Some(differs) = differs else { return };
        if updating() {
            let anew = actual.as_expectation(old.as_deref().map(Node::read).as_ref(), filled.as_ref());
            fs::write(self.case.folder.join(file), anew.show()).expect("an expectation");
        } else {
            self.complaints.push(format!("{file}:\n{differs}"));
        }
    }

    /// Whether the entry is of a question that one of the steps ordered.
    fn answers_order(&self, entry: &Entry) -> bool {
        entry.content.word("rodzaj") == Some("UDOSTEPNIENIE")
            && entry.content.word("idZadania").is_some_and(|task| self.orders.iter().any(|order| order == task))
    }

    fn compare_entry(&mut self, answer: &Answer, ledgers: &Ledgers, before: &Sizes) {
        let wanted = self
            .case
            .text("ledger.xml")
            .map(|text| Node::read(&expected(&text, self.last.as_ref().map(|(_, reply)| reply))));
        let deadline = Instant::now() + PATIENCE;
        let feeding = wanted.as_ref().is_some_and(is_feeding);
        let entries = loop {
            // The entry of a batch may have come with the steps.
            let entries = ledgers.since(if feeding { &self.world.sizes } else { before });
            // What is awaited comes by itself only when a batch is loaded or an order answered; every other entry is there
            // before the answer.
            if !(feeding || is_order(&answer.payload) && wanted.is_some())
                || Instant::now() > deadline
                || find(&entries, wanted.as_ref(), answer).is_some()
            {
                break entries;
            }
            thread::sleep(Duration::from_millis(20));
        };
        for entry in &entries {
            let broken = self.world.judge.schema(entry.document.root());
            self.complaints.extend(broken.map(|broken| format!("an entry of {}: {broken}", entry.ledger)));
        }
        let found = find(&entries, wanted.as_ref(), answer);
        match (&wanted, found) {
            (_, Some(entry)) => self.compare("ledger.xml", &entry.content),
            (None, None) => {}
            (Some(_), None) if updating() => {
                fs::remove_file(self.case.folder.join("ledger.xml")).expect("an expectation");
            }
            (Some(_), None) => self.complaints.push("ledger.xml: there is no such entry".to_owned()),
        }
        if !feeding {
            let is_found = |entry: &Entry| found.is_some_and(|found| std::ptr::eq(found, entry));
            let by_itself = |entry: &Entry| is_feeding(&entry.content) || !is_found(entry) && self.answers_order(entry);
            let grown: Vec<&Entry> = entries.iter().filter(|entry| !by_itself(entry)).collect();
            if grown.len() != usize::from(found.is_some()) {
                let grown: Vec<String> =
                    grown.iter().map(|entry| format!("{}: {}", entry.ledger, entry.content.show())).collect();
                self.complaints.push(format!(
                    "the registers have grown by {} entries:\n{}",
                    grown.len(),
                    grown.join("")
                ));
            }
        }
    }
}

fn updating() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}

fn is_feeding(entry: &Node) -> bool {
    entry.namespace == R.uri && entry.word("rodzaj") == Some("ZASILENIE")
}

fn is_order(reply: &Node) -> bool {
    reply.local == "ZlecUdostepnienieOdpowiedz"
}

/// The entry that is to be compared: of a batch, of a repeat or an order, or the one that the answer names.
fn find<'e>(entries: &'e [Entry], wanted: Option<&Node>, answer: &Answer) -> Option<&'e Entry> {
    let has = |entry: &Entry, name: &str, value: Option<&str>| {
        value.is_some_and(|value| entry.content.word(name).is_some_and(|word| word.eq_ignore_ascii_case(value)))
    };
    let said = |name| Node::of(payload(&answer.document)).word(name).map(str::to_owned);
    if wanted.is_some_and(is_feeding) {
        let batch = said("idPaczki");
        return entries.iter().find(|entry| has(entry, "idPaczki", batch.as_deref()));
    }
    let is_nameless = is_order(&answer.payload)
        || ["PobierzOdpowiedzOdpowiedz", "OpieczetujOdpowiedz"].contains(&answer.payload.local.as_str());
    if let Some(repeat) = wanted.filter(|wanted| is_nameless || wanted.first("powtorzenie").is_some()) {
        return entries.iter().rev().find(|entry| has(entry, "idZadania", repeat.word("idZadania")));
    }
    let event = said("idUdostepnienia").or_else(|| said("idZdarzenia"));
    entries.iter().find(|entry| has(entry, "idZdarzenia", event.as_deref()))
}
