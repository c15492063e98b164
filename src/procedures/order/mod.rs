//! Orders: several sets are asked at once and answered later, each by itself, and fetched as often as needed (decision 30).

mod answer;
mod clerk;
mod content;
mod fetch;
mod forget;
mod place;

pub use clerk::Clerk;
pub use fetch::{Fetched, Reply, Told, fetch};
pub use forget::forget;
pub use place::{Placed, place};

use super::question::Question;
use crate::subjects::IdentificationFields;

/// What is ordered; valid by schema, not yet by meaning.
pub struct Request {
    pub person: IdentificationFields,
    pub basis: String,
    pub purpose: String,
    /// At least one.
    pub asked: Vec<AskedSet>,
}

/// What is asked of one set.
pub struct AskedSet {
    pub set: String,
    /// Items of the scope, leaves or headings.
    pub items: Vec<String>,
    /// Cut instead of refusing what goes beyond the grant.
    pub trim: bool,
}

impl Request {
    /// The questions as if each had been asked by itself, in their order.
    pub fn questions(&self) -> impl Iterator<Item = Question> + '_ {
        self.asked.iter().zip(1..).map(|(asked, place)| Question {
            person: self.person.clone(),
            basis: self.basis.clone(),
            purpose: self.purpose.clone(),
            set: asked.set.clone(),
            items: asked.items.clone(),
            trim: asked.trim,
            place: Some(place),
        })
    }
}
