//! `brama template`: checks templates of documents and shows what they give, without a database.

mod preview;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::Failure;
use crate::contract::XSD;
use crate::disclosure::Catalogue;
use crate::documents::template::{Checker, Fields, Finding, Listed, Template};

/// Check templates of documents and preview what they give.
#[derive(Args)]
pub struct TemplateArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Check(CheckArgs),
    Preview(preview::PreviewArgs),
    Fields(FieldsArgs),
}

/// Say what is wrong with a template: line, column, code and sentence of every fault.
#[derive(Args)]
struct CheckArgs {
    file: PathBuf,
}

/// List the fields that a template may name: name, kind, scope item, what it is about.
#[derive(Args)]
struct FieldsArgs {
    /// The template that is to name them.
    file: PathBuf,
}

impl TemplateArgs {
    /// # Errors
    /// `Refused` for a template with faults or a record that does not go with it, `Unreadable` for files.
    pub fn run(&self) -> Result<(), Failure> {
        match &self.what {
            What::Check(check) => check.run(),
            What::Preview(preview) => preview.run(),
            What::Fields(fields) => fields.run(),
        }
    }
}

impl CheckArgs {
    fn run(&self) -> Result<(), Failure> {
        let template = checked(&self.file)?;
        let kind = template.kind().map_or("", |kind| kind.wire());
        let scope = template.scope().numbers().join(" ");
        let parts = [template.identifier(), &template.version().to_string(), template.purpose().wire(), kind, &scope];
        say(&format!("{}\n", parts.join(" ").trim_end()))
    }
}

impl FieldsArgs {
    fn run(&self) -> Result<(), Failure> {
        let template = checked(&self.file)?;
        let fields = Fields::of(&catalogue()?, template.purpose(), template.kind());
        let line = |listed: Listed<'_>| {
            let item = listed.field.item().map(|item| item.to_string()).unwrap_or_default();
            format!("{}\t{}\t{item}\t{}\n", listed.name, listed.field.kind_word(), listed.field.about)
        };
        say(&fields.list().into_iter().map(line).collect::<String>())
    }
}

/// A template without faults; its faults go to standard output, one a line.
fn checked(path: &Path) -> Result<Template, Failure> {
    let bytes = read(path)?;
    Checker::new().map_err(refused)?.check(&bytes, &catalogue()?).map_err(|findings| {
        let line = |finding: &Finding| format!("{}:{finding}\n", path.display());
        let said = say(&findings.iter().map(line).collect::<String>());
        said.err().unwrap_or_else(|| Failure::Refused(format!("{}: {} fault(s)", path.display(), findings.len())))
    })
}

/// Writes to standard output, which may have been closed by whoever read enough.
fn say(text: &str) -> Result<(), Failure> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| Failure::Unreadable(error.to_string()))
}

fn catalogue() -> Result<Catalogue, Failure> {
    Catalogue::read(XSD).map_err(refused)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unreadable(path, error))
}

fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::Refused(error.to_string())
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::Unreadable(format!("{}: {error}", path.display()))
}
