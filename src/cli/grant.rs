//! `brama grant add`: gives a group of a unit the right to items of a set.

use clap::{Args, Subcommand};

use super::{Failure, administration};
use crate::config::Config;
use crate::contract::XSD;
use crate::disclosure::{Catalogue, Grant, ScopeItem};
use crate::store::Registry;

/// Rights.
#[derive(Args)]
pub struct GrantArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Grant items of a set.
    Add(AddArgs),
}

#[derive(Args)]
struct AddArgs {
    /// The unit that may ask.
    #[arg(long)]
    unit: String,
    /// The group of its officials.
    #[arg(long)]
    group: String,
    #[arg(long)]
    set: String,
    /// Items or headings, with commas between, e.g. 1.1,2.
    #[arg(long, required = true, value_delimiter = ',', value_parser = item)]
    items: Vec<ScopeItem>,
    /// Code of the legal basis.
    #[arg(long)]
    basis: String,
}

impl GrantArgs {
    /// # Errors
    /// `Refused` when a name is unknown, the set has no such item, or the grant exists; `Unavailable` when the platform is away.
    pub fn run(&self, config: &Config) -> Result<(), Failure> {
        let Verb::Add(add) = &self.verb;
        let stores = administration::open(config)?;
        let registry = stores.platform().registry()?;
        check_items(&registry, &add.set, &add.items)?;
        let grant = Grant {
            unit: add.unit.clone(),
            group: add.group.clone(),
            set: add.set.clone(),
            items: add.items.clone(),
            basis: add.basis.clone(),
        };
        stores.add_grant(&grant)?;
        println!("grant to group {} of {} in {} on {} added", grant.group, grant.unit, grant.set, grant.basis);
        Ok(())
    }
}

/// An item that the set's kind does not have would grant nothing, silently.
fn check_items(registry: &Registry, set: &str, items: &[ScopeItem]) -> Result<(), Failure> {
    let Some(set) = registry.set(set) else { return Err(Failure::Refused(format!("there is no set {set}"))) };
    let catalogue = Catalogue::read(XSD).map_err(|error| Failure::Refused(error.to_string()))?;
    match items.iter().find(|item| catalogue.kind(set.kind).expand(**item).is_none()) {
        None => Ok(()),
        Some(item) => Err(Failure::Refused(format!("a set of kind {} has no scope item {item}", set.kind.wire()))),
    }
}

fn item(text: &str) -> Result<ScopeItem, String> {
    ScopeItem::parse(text).ok_or_else(|| "a scope item looks like 2, 2.1 or 2.1.1".to_owned())
}
