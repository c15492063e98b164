//! `brama serve`: runs a node in the foreground.

use clap::Args;

use super::{Failure, Serve};
use crate::config::Config;

/// Serve until told to stop.
#[derive(Args)]
pub struct ServeArgs {}

impl ServeArgs {
    /// # Errors
    /// As the composition root says.
    pub fn run(&self, config: &Config, serve: Serve) -> Result<(), Failure> {
        serve(config, Box::new(|| {}))
    }
}
