//! One round of a witness: the newest head, the proof that it goes on from the last one, and only then a signature.

use std::path::Path;
use std::time::Duration;

use super::Failure;
use super::memory::{Kept, Memory};
use crate::cli::caller::{Caller, failure};
use crate::ledger::{Hash, SignedHead, TreeHead, is_consistent, read_head, read_path};
use crate::signatures::SigningKey;
use crate::soap::client::Error;
use crate::xml::names::R;
use crate::xml::{Element, Writer};

/// Who witnesses which register.
pub struct Round<'w> {
    pub caller: Caller<'w>,
    pub key: SigningKey,
    pub tenant: &'w str,
    /// Certificates (DER) with which heads may be signed; none given means that of the last head.
    pub signers: Vec<Vec<u8>>,
    pub memory: Memory,
}

impl Round<'_> {
    /// Says what was done.
    ///
    /// # Errors
    /// `Refused` when the register contradicts the last head, else as the gateway or the file fails.
    pub fn run(&self) -> Result<String, Failure> {
        let kept = self.memory.last()?;
        if let Some(other) = kept.as_ref().map(|kept| &kept.head.tenant).filter(|tenant| *tenant != self.tenant) {
            return Err(Failure::Unreadable(format!("the state is about the register of {other}")));
        }
        let shown = match (self.newest(), &kept) {
            (Ok(shown), _) => shown,
            (Err(error), None) if is_unknown(&error) => return Ok("there is no entry yet".to_owned()),
            (Err(error), Some(kept)) if is_unknown(&error) => {
                return Err(self.accuse(kept, None, "is empty now"));
            }
            (Err(error), _) => return Err(failure("PobierzGlowe", error)),
        };
        let head = self.believe(&shown, kept.as_ref())?;
        if let Some(kept) = &kept {
            if let Some(fault) = contradiction(&kept.head, &head) {
                return Err(self.accuse(kept, Some(&shown), fault));
            }
            if kept.head.size == head.size {
                return Ok(format!("still at entry {} of epoch {}", head.size, head.epoch));
            }
            if !self.goes_on(&kept.head, &head)? {
                return Err(self.accuse(kept, Some(&shown), "does not go on"));
            }
        }
        self.testify(&self.caller, &shown).map_err(|error| failure("PoswiadczGlowe", error))?;
        self.memory.keep(&shown)?;
        Ok(format!("signed the head at entry {} of epoch {}", head.size, head.epoch))
    }

    fn newest(&self) -> Result<SignedHead, Error> {
        let read = |reply: Element<'_>| reply.child(R.name("glowa")).and_then(|head| read_head(head).ok());
        let head = self.caller.ask(R.name("PobierzGlowe"), read, |out| self.administrator(out))?;
        head.ok_or_else(|| Error::Unbelievable("it holds no head".to_owned()))
    }

    /// What the head says, once it is one of this register by a signer that may sign.
    fn believe(&self, shown: &SignedHead, kept: Option<&Kept>) -> Result<TreeHead, Failure> {
        let refused = |text: &str| Failure::Refused(format!("the register of {}: {text}", self.tenant));
        if !shown.is_signed() {
            return Err(refused("the signature of its head does not hold"));
        }
        let is_given = self.signers.contains(&shown.certificate);
        let is_last = kept.is_none_or(|kept| kept.signed.certificate == shown.certificate);
        if !(is_given || self.signers.is_empty() && is_last) {
            return Err(refused("its head is signed with another certificate than expected; see --signer"));
        }
        let head = shown.read().map_err(|error| refused(&error.to_string()))?;
        if head.tenant == self.tenant { Ok(head) } else { Err(refused("its head is that of another register")) }
    }

    /// Whether the gateway proves that the register only grew.
    fn goes_on(&self, former: &TreeHead, head: &TreeHead) -> Result<bool, Failure> {
        let proof = self.caller.ask(R.name("PobierzDowodSpojnosci"), read_path, |out| {
            self.administrator(out);
            out.text_element(R.name("odRozmiaru"), &former.size.to_string());
            out.text_element(R.name("doRozmiaru"), &head.size.to_string());
        });
        let path: Vec<Hash> = match proof {
            Ok(path) => path.map_err(Failure::Refused)?,
            // A head that was signed here was published; that it is gone is an answer.
            Err(error) if is_unknown(&error) => return Ok(false),
            Err(error) => return Err(failure("PobierzDowodSpojnosci", error)),
        };
        Ok(is_consistent(former.size, &former.root, head.size, &head.root, &path))
    }

    fn testify(&self, caller: &Caller<'_>, head: &SignedHead) -> Result<(), Error> {
        let signature = self.key.sign(&head.bytes).map_err(|error| Error::Setup(error.to_string()))?;
        caller.ask(
            R.name("PoswiadczGlowe"),
            |_| (),
            |out| {
                self.administrator(out);
                out.base64_element(R.name("tresc"), &head.bytes);
                out.base64_element(R.name("podpisGlowy"), &head.signature);
                out.base64_element(R.name("certyfikatGlowy"), &head.certificate);
                out.base64_element(R.name("podpis"), &signature);
                out.base64_element(R.name("certyfikat"), self.key.certificate().der());
            },
        )
    }

    fn administrator(&self, out: &mut Writer) {
        out.text_element(R.name("administrator"), self.tenant);
    }

    /// Keeps the evidence and shows the gateway the last head that was signed, so that the register is fenced there. What
    /// it shows now is not signed.
    fn accuse(&self, kept: &Kept, shown: Option<&SignedHead>, fault: &str) -> Failure {
        let Kept { head, signed } = kept;
        let evidence = match self.memory.accuse(kept, shown) {
            Ok(path) => format!("the evidence is in {}", Path::display(&path)),
            Err(failure) => format!("the evidence could not be kept: {failure}"),
        };
        // That it is unavailable from here on is the answer, not a reason to ask again.
        let once = Caller { patience: Duration::ZERO, ..self.caller };
        let told = match self.testify(&once, signed) {
            Err(Error::Fault { code, .. }) if code == "NIEDOSTEPNY" => "the gateway fenced it".to_owned(),
            Ok(()) => "the gateway still holds that head".to_owned(),
            Err(error) => format!("the gateway could not be told ({error})"),
        };
        Failure::Refused(format!(
            "the register of {} {fault} after entry {} of epoch {}, which this unit signed; {told}; {evidence}",
            self.tenant, head.size, head.epoch
        ))
    }
}

/// What two heads alone show of a register that did not only grow.
fn contradiction(former: &TreeHead, head: &TreeHead) -> Option<&'static str> {
    if head.epoch < former.epoch || head.size < former.size {
        Some("ends before what stood there")
    } else if head.size == former.size && head.root != former.root {
        Some("holds something else")
    } else {
        None
    }
}

fn is_unknown(error: &Error) -> bool {
    matches!(error, Error::Fault { code, .. } if code == "GLOWA_NIEZNANA")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn head(epoch: u64, size: u64, root: u8) -> TreeHead {
        TreeHead { tenant: "OPS".to_owned(), epoch, size, time: DateTime::UNIX_EPOCH, root: [root; 32] }
    }

    #[track_caller]
    fn check(former: &TreeHead, new: &TreeHead, contradicts: bool) {
        assert_eq!(contradiction(former, new).is_some(), contradicts, "{former:?} {new:?}");
    }

    #[test]
    fn two_heads_alone_show_a_register_that_shrank_or_was_rewritten() {
        check(&head(1, 5, 1), &head(1, 5, 1), false);
        check(&head(1, 5, 1), &head(1, 6, 2), false);
        check(&head(1, 5, 1), &head(2, 6, 2), false);
        check(&head(1, 5, 1), &head(1, 5, 2), true);
        check(&head(1, 5, 1), &head(1, 4, 2), true);
        check(&head(1, 5, 1), &head(2, 4, 2), true);
        check(&head(2, 5, 1), &head(1, 6, 2), true);
    }
}
