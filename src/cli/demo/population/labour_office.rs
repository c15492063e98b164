//! What the labour office of the demo knows of a person.

use super::dates::{AS_OF, after, ago, period};
use super::random::Random;
use super::words;
use crate::documents::exchange::person::PersonalData;
use crate::documents::exchange::pup::{
    DrawnBenefit, Education, Employment, GrantedBenefit, LabourStatus, Language, Licence, Occupation,
    OccupationCharacter, OfferedJob, OfferedTraining, Qualifications, RecordPup, Register, Registration, Skill,
    StatusChange, Training, TrainingEnd, Visit,
};
use crate::documents::exchange::values::{Amount, Day};

/// The record of one person; `position` makes it the same every time.
#[must_use]
pub fn record(personal: PersonalData, position: usize) -> RecordPup {
    let section = |number: u64| Random::of(200 + number, position);
    let registrations = registrations(&mut section(2));
    record_with(personal, position, registrations)
}

/// The same with registrations given: the persons of the published samples have those of the samples.
#[must_use]
pub fn record_with(personal: PersonalData, position: usize, registrations: Vec<Registration>) -> RecordPup {
    let section = |number: u64| Random::of(220 + number, position);
    RecordPup {
        personal,
        status_changes: status_changes(&registrations),
        register: register(&mut section(2), registrations),
        offered_trainings: offered_trainings(&mut section(3)),
        trainings: trainings(&mut section(4)),
        offered_jobs: offered_jobs(&mut section(5)),
        qualifications: qualifications(&mut section(6)),
        visits: visits(&mut section(7)),
        employments: employments(&mut section(8)),
    }
}

/// Periods one after another, the last perhaps still open.
fn registrations(random: &mut Random) -> Vec<Registration> {
    let mut registrations = Vec::new();
    let mut from = ago(random.between(30, 3_600));
    loop {
        let status = if random.chance(88) { LabourStatus::Unemployed } else { LabourStatus::JobSeeker };
        let to = after(from, random.between(40, 700));
        if to.0 >= AS_OF {
            registrations.push(Registration { from, to: None, status });
            return registrations;
        }
        registrations.push(Registration { from, to: Some(to), status });
        from = after(to, random.between(20, 900));
        if from.0 >= AS_OF || random.chance(15) {
            return registrations;
        }
    }
}

/// Amounts of the allowance in grosze: the first ninety days, then the rest.
const ALLOWANCE: [(u64, u64); 2] = [(172_190, 156_630), (135_220, 123_010)];

fn register(random: &mut Random, registrations: Vec<Registration>) -> Register {
    let mut granted = Vec::new();
    let mut allowances = Vec::new();
    for registration in registrations.iter().filter(|registration| registration.status == LabourStatus::Unemployed) {
        if !random.chance(60) {
            continue;
        }
        let from = after(registration.from, 8);
        let end = registration.to.unwrap_or(Day(AS_OF)).0;
        if from.0 >= end {
            continue;
        }
        let to = after(from, 180);
        granted.push(GrantedBenefit { name: "zasiłek dla bezrobotnych".to_owned(), from, to: Some(to) });
        for month in 0..random.between(1, 6) {
            let from = after(from, 30 * month);
            let to = after(from, 29);
            if to.0 > end {
                break;
            }
            let (gross, net) = ALLOWANCE[usize::from(month >= 3)];
            allowances.push(DrawnBenefit { from, to: Some(to), gross: Amount(gross), net: Amount(net) });
        }
    }
    let mut other_benefits = Vec::new();
    for _ in 0..random.pick(&[0, 0, 0, 1, 2]) {
        let (from, to) = period(random, 1_500, 30, 180);
        let name = random.pick(&["stypendium szkoleniowe", "stypendium stażowe", "dodatek aktywizacyjny"]);
        let gross = u64::from(random.between(40_000, 206_630));
        granted.push(GrantedBenefit { name: name.to_owned(), from, to });
        other_benefits.push(DrawnBenefit { from, to, gross: Amount(gross), net: Amount(gross - gross / 11) });
    }
    let struck_off = registrations.last().is_some_and(|last| last.to.is_some());
    Register { registrations, granted, allowances, other_benefits, struck_off }
}

fn status_changes(registrations: &[Registration]) -> Vec<StatusChange> {
    let mut changes = Vec::new();
    for registration in registrations {
        let (variety, description) = match registration.status {
            LabourStatus::Unemployed => ("bezrobotny", "zarejestrowanie jako bezrobotny"),
            LabourStatus::JobSeeker => ("poszukujący pracy", "zarejestrowanie jako poszukujący pracy"),
        };
        changes.push(StatusChange {
            on: registration.from,
            kind: "rejestracja".to_owned(),
            variety: Some(variety.to_owned()),
            description: Some(description.to_owned()),
        });
        if let Some(to) = registration.to {
            let description = "podjęcie pracy".to_owned();
            changes.push(StatusChange {
                on: to,
                kind: "wyrejestrowanie".to_owned(),
                variety: None,
                description: Some(description),
            });
        }
    }
    changes
}

/// Whether an offer was accepted and, when not, whether the refusal was justified; nobody may have answered yet.
fn answer(random: &mut Random) -> (Option<bool>, Option<bool>) {
    match random.below(4) {
        0 => (None, None),
        1 => (Some(false), Some(random.chance(50))),
        _ => (Some(true), None),
    }
}

fn offered_trainings(random: &mut Random) -> Vec<OfferedTraining> {
    let mut offers = Vec::new();
    for _ in 0..random.pick(&[0, 0, 1, 2]) {
        let (accepted, refusal_justified) = answer(random);
        offers.push(OfferedTraining {
            offered_on: ago(random.between(10, 2_000)),
            accepted,
            refusal_justified,
            training: random.pick(words::TRAININGS).to_owned(),
        });
    }
    offers
}

fn trainings(random: &mut Random) -> Vec<Training> {
    let mut trainings = Vec::new();
    for _ in 0..random.pick(&[0, 0, 1, 2]) {
        let referred_on = ago(random.between(1, 2_000));
        let from = after(referred_on, 14);
        let to = after(from, random.between(5, 90));
        let (end, to) = match (to.0 < AS_OF, random.chance(15)) {
            (false, _) => (TrainingEnd::Underway, None),
            (true, true) => (TrainingEnd::Interrupted, Some(to)),
            (true, false) => (TrainingEnd::Completed, Some(to)),
        };
        trainings.push(Training { referred_on, subject: random.pick(words::TRAININGS).to_owned(), end, from, to });
    }
    trainings
}

fn offered_jobs(random: &mut Random) -> Vec<OfferedJob> {
    let mut offers = Vec::new();
    for _ in 0..random.pick(&[0, 1, 1, 2, 3]) {
        let (accepted, refusal_justified) = answer(random);
        offers.push(OfferedJob {
            offered_on: ago(random.between(5, 2_000)),
            accepted,
            refusal_justified,
            position: random.pick(words::JOBS).0.to_owned(),
            kind: random.chance(85).then(|| random.pick(words::OFFER_KINDS).to_owned()),
        });
    }
    offers
}

fn qualifications(random: &mut Random) -> Option<Qualifications> {
    if random.chance(4) {
        return None;
    }
    let level = |random: &mut Random| random.chance(85).then(|| random.pick(words::LEVELS).to_owned());
    let mut qualifications = Qualifications {
        education: vec![Education { kind: random.pick(words::EDUCATION).to_owned() }],
        ..Qualifications::default()
    };
    for character in [OccupationCharacter::Learned, OccupationCharacter::Practised] {
        if random.chance(70) {
            qualifications.occupations.push(Occupation { name: random.pick(words::JOBS).1.to_owned(), character });
        }
    }
    if random.chance(60) {
        qualifications.licences.push(Licence { name: random.pick(words::LICENCES).to_owned() });
    }
    if random.chance(50) {
        qualifications.languages.push(Language {
            name: random.pick(words::LANGUAGES).to_owned(),
            spoken: level(random),
            written: level(random),
            read: level(random),
        });
    }
    if random.chance(55) {
        qualifications.skills.push(Skill { name: random.pick(words::SKILLS).to_owned() });
    }
    Some(qualifications)
}

/// Visits made, and perhaps one planned after the batches' day.
fn visits(random: &mut Random) -> Vec<Visit> {
    let mut visits = Vec::new();
    for _ in 0..random.between(0, 4) {
        let planned_on = ago(random.between(3, 1_500));
        let late = random.pick(&[0, 0, 0, 1, 2]);
        visits.push(Visit {
            kind: random.pick(words::VISITS).to_owned(),
            place: random.chance(90).then(|| random.pick(words::VISIT_PLACES).to_owned()),
            planned_on: random.chance(90).then_some(planned_on),
            made_on: Some(after(planned_on, late)),
        });
    }
    if random.chance(60) {
        visits.push(Visit {
            kind: random.pick(words::VISITS).to_owned(),
            place: Some(random.pick(words::VISIT_PLACES).to_owned()),
            planned_on: Some(after(Day(AS_OF), random.between(5, 90))),
            made_on: None,
        });
    }
    visits
}

fn employments(random: &mut Random) -> Vec<Employment> {
    let mut employments = Vec::new();
    for _ in 0..random.between(0, 3) {
        let (from, to) = period(random, 5_000, 60, 1_500);
        let (position, occupation) = random.pick(words::JOBS);
        employments.push(Employment {
            kind: random.pick(words::EMPLOYMENT_KINDS).to_owned(),
            from,
            to,
            employer: random.pick(words::EMPLOYERS).to_owned(),
            occupation: random.chance(85).then(|| occupation.to_owned()),
            position: random.chance(90).then(|| position.to_owned()),
        });
    }
    employments
}
