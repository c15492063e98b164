//! Gathering the facts about the signatures of one document, in the order of the checks, with bounded work.

use super::coverage::Covered;
use super::facts::{
    Coverage, DataFault, Facts, Form, FormatFault, Naming, PropertyFault, ReferenceFact, Refused, SignaturePolicy,
};
use super::identity::claimed;
use super::locate::{Place, PlaceKind};
use super::properties::{Named, Properties, key_info_certificates};
use super::{Question, SIGNED_PROPERTIES};
use crate::signatures::dsig::{self, Data, Profile, Reason, Signature};
use crate::signatures::escapes::unescaped;
use crate::signatures::lists::{Link, List, Lists};
use crate::signatures::{revocation, timestamps};
use crate::xml::{DS, Document, Element, Ids};

/// Octets that the references of one file may have together: a few seconds of hashing.
const OCTETS_MAX: usize = 512 << 20;

const TRANSFORM: &str = "Przekształcenie (Transform) albo kolejność przekształceń jest niedozwolona; przyjmuje się enveloped-signature, XPath i XPath Filter 2.0 pomijające podpisy, base64 w ds:Object i kanonizację bez komentarzy.";

/// One document under examination.
pub struct Gatherer<'d> {
    question: &'d Question<'d>,
    document: &'d Document,
    ids: &'d Ids<'d>,
    lists: &'d Lists,
    octets: usize,
}

impl<'d> Gatherer<'d> {
    pub fn new(question: &'d Question<'d>, document: &'d Document, ids: &'d Ids<'d>, lists: &'d Lists) -> Self {
        Self { question, document, ids, lists, octets: 0 }
    }

    pub fn all(mut self, places: &[Place<'d>]) -> Vec<Facts> {
        places.iter().zip(1..).map(|(place, ordinal)| self.facts(*place, ordinal)).collect()
    }

    fn facts(&mut self, place: Place<'d>, ordinal: usize) -> Facts {
        let id = place.element.attribute("Id").unwrap_or_else(|| format!("#{ordinal}"));
        let mut facts = Facts {
            id,
            form: if matches!(place.kind, PlaceKind::Counter { .. }) { Form::Counter } else { Form::Detached },
            now: self.question.now,
            received: self.question.received,
            format: None,
            refused: None,
            method: None,
            signer: None,
            naming: Naming::Absent,
            policy: SignaturePolicy::None,
            value: None,
            references: Vec::new(),
            chain: None,
            evidence: Vec::new(),
            signing_time: None,
            properties: Vec::new(),
            timestamps: Vec::new(),
            coverage: Coverage::Other { is_countersigned: false },
            roles: Vec::new(),
        };
        if place.kind == PlaceKind::Misplaced {
            facts.format = Some(FormatFault::Place);
        } else if let Err(fault) = self.fill(&mut facts, place) {
            facts.format = Some(fault);
        }
        facts
    }

    fn fill(&mut self, facts: &mut Facts, place: Place<'d>) -> Result<(), FormatFault> {
        let properties = Properties::read(place.element)?;
        let mut helpers = key_info_certificates(place.element)?;
        helpers.extend(properties.enclosed_certificates.iter().cloned());
        facts.signing_time = properties.signing_time;
        facts.policy = properties.policy.clone();
        facts.roles.clone_from(&properties.roles);
        (facts.naming, facts.signer) = signer(&properties.certificates, &helpers);
        let signature = match Signature::read_as(place.element, Profile::Document) {
            Ok(signature) => signature,
            Err(error) => {
                facts.refused = Some(refused(&error).ok_or(FormatFault::Structure)?);
                return Ok(());
            }
        };
        facts.method = Some(signature.method());
        let own = properties_reference(&signature, &properties, self.ids)?;
        self.references(facts, &signature, place, own);
        let stated = |id: &str| signature.references().iter().any(|one| one.own_id.as_deref() == Some(id));
        if !properties.formats.iter().all(|format| format.strip_prefix('#').is_some_and(stated)) {
            facts.properties.push(PropertyFault::DataObjectFormat);
        }
        let all_hold = facts.references.iter().all(|one| one.digest == Some(Ok(true)));
        if let (true, Some(true), Some(signer)) = (all_hold, facts.value, facts.signer.clone()) {
            self.trust(facts, &signer, &helpers, &properties, place.element);
        }
        Ok(())
    }

    /// Value first, then digests, so that a stranger without a key cannot have us hash at length.
    fn references(&mut self, facts: &mut Facts, signature: &Signature<'d>, place: Place<'d>, own: usize) {
        let key = facts.signer.as_ref().and_then(Link::key);
        let key = key.filter(|key| key.family() == signature.method().family());
        facts.value = key.map(|key| signature.value_holds(&key));
        let mut data = Vec::new();
        for (reference, ordinal) in signature.references().iter().zip(1..) {
            let found = self.data(&reference.uri);
            let digest =
                found.filter(|_| facts.value == Some(true)).map(|data| self.digest(signature, reference, data));
            if let Some(found) = found.filter(|_| ordinal != own + 1) {
                data.push((found, digest == Some(Ok(true))));
            }
            let (uri, is_found) = (reference.uri.clone(), found.is_some());
            facts.references.push(ReferenceFact { ordinal, uri, is_found, digest });
        }
        let above = match place.kind {
            PlaceKind::Counter { above } => above.child(DS.name("SignatureValue")),
            PlaceKind::Top | PlaceKind::Misplaced => None,
        };
        let contents = self.question.contents;
        let covered = Covered { signature: place.element, root: self.document.root(), above, data, contents };
        facts.form = covered.form();
        facts.coverage = covered.coverage();
    }

    /// What a reference leads to: in the document by pointer, or among the contents that were given, by name.
    fn data(&self, uri: &str) -> Option<Data<'d>> {
        if uri.is_empty() {
            return Some(Data::Document);
        }
        if let Some(id) = uri.strip_prefix('#') {
            return self.ids.get(id).map(Data::Element);
        }
        let is_named = |name: &str| name == uri || name.as_bytes() == unescaped(uri);
        self.question.contents.iter().find(|(name, _)| is_named(name)).map(|(_, bytes)| Data::Content(bytes))
    }

    fn digest(
        &mut self,
        signature: &Signature<'_>,
        reference: &dsig::Reference,
        data: Data<'_>,
    ) -> Result<bool, DataFault> {
        if self.octets > OCTETS_MAX {
            return Err(DataFault::TooMuch);
        }
        let digested = signature.digest(reference, data, &self.question.limits).map_err(|_| DataFault::Transform)?;
        self.octets += digested.octets;
        Ok(digested.holds)
    }

    fn trust(
        &self,
        facts: &mut Facts,
        signer: &Link,
        helpers: &[Link],
        properties: &Properties<'d>,
        element: Element<'d>,
    ) {
        let chain = self.lists.signer(signer, helpers);
        if let Ok((list, chain)) = &chain {
            let pairs = chain.windows(2);
            facts.evidence =
                pairs.map(|pair| revocation::evidence(&pair[0], &pair[1], &properties.enclosed, self.lists)).collect();
            if *list == List::TrustedProfile && claimed(&facts.roles).is_none() {
                facts.properties.push(PropertyFault::Claim);
            }
        }
        facts.chain = Some(chain);
        let stamps = properties.timestamps.iter().map(|stamp| {
            let octets = || stamp.canonicalization.as_ref()?.bytes(element.child(DS.name("SignatureValue"))?).ok();
            timestamps::examine(&stamp.token, octets, helpers, &properties.enclosed, self.lists)
        });
        facts.timestamps = stamps.collect();
    }
}

/// The certificate that the signed properties name, among those enclosed; every property that names one must mean it.
fn signer(named: &[Named], enclosed: &[Link]) -> (Naming, Option<Link>) {
    if named.is_empty() {
        return (Naming::Absent, None);
    }
    if !named.iter().all(Named::is_known) {
        return (Naming::Algorithm, None);
    }
    let found = enclosed.iter().find(|one| named.iter().all(|name| name.is_digest_of(one)));
    let Some(found) = found else { return (Naming::Differs, None) };
    let naming = Naming::Holds {
        is_sha1: named.iter().all(Named::is_sha1),
        is_issuer_right: named.iter().all(|name| name.is_issuer_of(found)),
    };
    (naming, Some(found.clone()))
}

/// The place of the one reference to the signed properties, compared by pointer.
fn properties_reference(
    signature: &Signature<'_>,
    properties: &Properties<'_>,
    ids: &Ids<'_>,
) -> Result<usize, FormatFault> {
    let references = signature.references().iter().enumerate();
    let mut own = references.filter(|(_, one)| one.kind.as_deref() == Some(SIGNED_PROPERTIES));
    let fault = FormatFault::SignedProperties;
    let (place, reference) = own.next().filter(|_| own.next().is_none()).ok_or(fault)?;
    let target = reference.id().and_then(|id| ids.get(id));
    if target == Some(properties.signed) { Ok(place) } else { Err(fault) }
}

fn refused(error: &dsig::Error) -> Option<Refused> {
    match error.reason {
        Reason::SignatureMethod | Reason::DigestMethod => Some(Refused::Algorithm(error.explain())),
        Reason::Transform => Some(Refused::Transform(TRANSFORM.to_owned())),
        Reason::Canonicalization | Reason::NoCanonicalForm => {
            Some(Refused::Transform(error.reason.sentence().to_owned()))
        }
        Reason::Structure | Reason::References | Reason::Uri | Reason::Base64 => None,
    }
}
