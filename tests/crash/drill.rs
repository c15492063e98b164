//! A drill: clients ask and feed while something happens to the gateway; when it is over, everybody hands in their journal.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::batch::Person;
use crate::caller::Caller;
use crate::chance::Chance;
use crate::feeder::Feeder;
use crate::journal::Journal;
use crate::node::Node;
use crate::office::{Offices, question};
use crate::proofs::Extract;
use crate::reckoning::Books;
use crate::registers::entries;
use crate::wave::PERSONS;

/// Clients that ask; one more feeds.
const ASKERS: usize = 5;

/// Who may be asked, and where.
pub struct Drill<'o> {
    pub offices: &'o Offices,
    pub address: SocketAddr,
}

impl Drill<'_> {
    /// Has `trouble` happen to the nodes while everybody works, and closes the books.
    pub fn run(
        &self,
        mut nodes: Vec<Node>,
        chance: &mut Chance,
        trouble: impl FnOnce(&mut Vec<Node>, &mut Chance),
    ) -> Books {
        let mut first = Feeder { caller: self.caller("syriusz"), fed: Vec::new() };
        assert!(first.feed(), "the first batch is acknowledged");
        first.await_all();
        let Feeder { caller: Caller { journal, .. }, fed } = first;
        let before = self.look_around();
        let kept = Extract::write(self.offices, "dawny.xml", None);
        let over = AtomicBool::new(false);
        let (mut journals, fed) = thread::scope(|scope| {
            let askers = [(); ASKERS].map(|()| chance.fork());
            let askers = askers.map(|chance| scope.spawn(|| self.ask_on(chance, &over)));
            let feeder = scope.spawn(|| {
                let mut feeder = Feeder { caller: self.caller("syriusz"), fed };
                let mut acknowledged = true;
                while acknowledged && !over.load(Ordering::Relaxed) {
                    acknowledged = feeder.feed();
                }
                feeder.await_all();
                (feeder.caller.journal, feeder.fed)
            });
            let end = End(&over);
            trouble(&mut nodes, chance);
            nodes.iter_mut().for_each(Node::stand);
            drop(end);
            let (own, fed) = feeder.join().expect("a feeder");
            let mut journals: Vec<Journal> = askers.into_iter().map(|asker| asker.join().expect("an asker")).collect();
            journals.push(own);
            (journals, fed)
        });
        journals.extend([journal, before]);
        let afterwards = self.look_around();
        nodes.into_iter().for_each(Node::stop);
        let audit = self.offices.brama(&["ledger", "verify"]);
        let audit = (audit.status.success(), String::from_utf8_lossy(&audit.stdout).into_owned());
        let extract = Extract::write(self.offices, "wyciag.xml", Some(&kept));
        let (proven, proofs) = (extract.size, extract.verify(self.offices, &kept));
        Books { journals, afterwards, fed, entries: entries(self.offices), audit, proven, proofs }
    }

    /// Asks about one person after another; every fourth answer is asked for once more.
    fn ask_on(&self, mut chance: Chance, over: &AtomicBool) -> Journal {
        let mut caller = self.caller("pomoc");
        while !over.load(Ordering::Relaxed) {
            let person = Person::of(chance.within(0..=PERSONS - 1));
            let again = usize::from(chance.once_in(4));
            caller.ask(("udostepnianie", "UdostepnijDaneOsoby"), again, |task| question(task, &person));
            chance.rest(5..=25);
        }
        caller.journal
    }

    /// Asks about many persons when all is quiet.
    fn look_around(&self) -> Journal {
        let mut caller = self.caller("pomoc");
        for number in (0..PERSONS).step_by(7) {
            let person = Person::of(number);
            caller.ask(("udostepnianie", "UdostepnijDaneOsoby"), 0, |task| question(task, &person));
        }
        caller.journal
    }

    fn caller(&self, system: &str) -> Caller {
        Caller::new(self.offices.client_at(system, &format!("http://{}", self.address), None))
    }
}

/// Ends the work of all clients when dropped, also by a panic.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
