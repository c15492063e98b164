//! From a name in a template to the field that it means, with everything that can be wrong about a name.

use super::fields::{Dates, Field, FieldContent, Fields, RECORD};
use super::finding::Code;
use super::shape::{Loop, Path};
use crate::disclosure::{Scope, ValueKind};

/// Where names are looked up: the known fields, and the lists over which loops go.
pub(super) struct Names<'f> {
    fields: &'f Fields,
    /// The lists of the loops around, the innermost last, each with its name from the root.
    loops: Vec<(&'f Field, Vec<String>)>,
    /// Leaves read so far.
    pub scope: Scope,
    /// Names of the values of the record read so far, from the root.
    read: Vec<Vec<String>>,
}

/// Why a name means nothing here.
pub(super) type Refusal = (Code, &'static str);

const UNKNOWN: Refusal = (Code::FieldUnknown, "Nie ma takiego pola.");
const OUTSIDE: Refusal = (Code::FieldOutsideLoop, "Pole należy do listy i czyta się je wewnątrz pętli po tej liście.");
const NO_LOOP: Refusal = (Code::FieldOutsideLoop, "Kropka na początku nazwy ma sens tylko wewnątrz pętli.");
const GROUP: Refusal = (Code::FieldUnknown, "To grupa pól, a nie pole.");
const NO_LIST: Refusal = (Code::LoopOverNoList, "Pętla musi iść po liście, a to nie jest lista.");
const NO_DATES: Refusal = (Code::FormatMismatch, "Pozycje tej listy nie mają dat, po których można wybrać okres.");

/// What a name was found to mean.
struct Found<'f> {
    field: &'f Field,
    path: Path,
    /// Its steps from the root.
    absolute: Vec<String>,
    /// Whether a list stands on the way, the field itself not counted.
    through_list: bool,
}

impl<'f> Names<'f> {
    pub fn new(fields: &'f Fields) -> Self {
        Self { fields, loops: Vec::new(), scope: Scope::default(), read: Vec::new() }
    }

    /// A value that can be written here.
    pub fn value(&mut self, name: &str) -> Result<(Path, &'f Field, &'f ValueKind), Refusal> {
        let found = self.find(name)?;
        let FieldContent::Value(kind, item) = &found.field.content else { return Err(GROUP) };
        if found.through_list {
            return Err(OUTSIDE);
        }
        self.scope.extend(*item);
        self.read.push(found.absolute);
        Ok((found.path, found.field, kind))
    }

    /// Anything that is there or not: a value, a list or a group; its kind when it is a value.
    pub fn condition(&mut self, name: &str) -> Result<(Path, Option<&'f ValueKind>), Refusal> {
        let found = self.find(name)?;
        match &found.field.content {
            FieldContent::Value(..) => self.value(name).map(|(path, _, kind)| (path, Some(kind))),
            FieldContent::Group(_) if found.through_list => Err(OUTSIDE),
            FieldContent::Group(_) => Ok((found.path, None)),
        }
    }

    /// A list; on the way to it other lists may stand, whose items then follow each other.
    pub fn list(&mut self, name: &str, within_period: bool) -> Result<(Loop, &'f Field, Vec<String>), Refusal> {
        let found = self.find(name)?;
        if !found.field.repeats {
            return Err(NO_LIST);
        }
        let within = if within_period { Some(found.field.dates().ok_or(NO_DATES)?) } else { None };
        for name in within.iter().flat_map(dates) {
            if let Some(FieldContent::Value(_, item)) = found.field.child(name).map(|field| &field.content) {
                self.scope.extend(*item);
                let mut absolute = found.absolute.clone();
                absolute.push(name.clone());
                self.read.push(absolute);
            }
        }
        Ok((Loop { path: found.path, within }, found.field, found.absolute))
    }

    pub fn enter(&mut self, list: &'f Field, absolute: Vec<String>) {
        self.loops.push((list, absolute));
    }

    pub fn leave(&mut self) {
        self.loops.pop();
    }

    /// Whether the record that is cut to the scope can have something there: only what values were read of.
    pub fn is_ever_there(&self, absolute: &[String]) -> bool {
        absolute.first().is_none_or(|root| root != RECORD) || self.read.iter().any(|read| read.starts_with(absolute))
    }

    /// The steps of a name from the root, when it has a meaning.
    pub fn absolute(&self, path: &Path) -> Vec<String> {
        let base = self.loops.last().filter(|_| path.is_relative).map_or(&[][..], |(_, absolute)| absolute);
        base.iter().chain(&path.steps).cloned().collect()
    }

    fn find(&self, name: &str) -> Result<Found<'f>, Refusal> {
        let (base, is_relative, rest) = match name.strip_prefix('.') {
            Some(rest) => (self.loops.last().map(|(list, _)| *list).ok_or(NO_LOOP)?, true, rest),
            None => (&self.fields.root, false, name),
        };
        let steps: Vec<String> = rest.split('.').map(str::to_owned).collect();
        let (mut field, mut through_list) = (base, false);
        for (at, step) in steps.iter().enumerate() {
            through_list |= at > 0 && field.repeats;
            field = field.child(step).ok_or(UNKNOWN)?;
        }
        let path = Path { is_relative, steps };
        Ok(Found { field, absolute: self.absolute(&path), path, through_list })
    }
}

fn dates(dates: &Dates) -> Vec<&String> {
    match dates {
        Dates::Period { start, end } => vec![start, end],
        Dates::Day(day) => vec![day],
    }
}
