//! Reading a body: one pass over its text, held against the schema of its operation.
//!
//! The pass notes where each field lies, splits variables into their members on the way, and gathers all that is wrong, so that a client
//! is told everything at once. As Camunda's gateway does, it refuses properties it does not know and converts nothing (a number is no
//! text, a text no number); `null` is as absent, and of a property that comes twice the last one holds. What 8.10 added to requests is
//! read at both levels.
//!
//! Left to the engine and to `ringbolt-api`, which have their own words for it: patterns of tenants, model ids and tags.

mod constraints;
mod scan;
mod values;

use crate::problem::Problem;
use bytes::Bytes;
use ringbolt_api::call::{FIELDS_MAX, Fields, VIOLATIONS_MAX};
use ringbolt_api::schema::{At, Level, Object, Schema, Text};
use ringbolt_record::variables::NESTING_MAX;
use ringbolt_record::{CheckedText, VariableDocument, VariableDocumentError};

/// What requests are read by, whatever clients are told.
const READ_AS: Level = Level::V8_10;
/// Deepest place of a field that a violation names.
const NAMES_MAX: usize = 16;

/// A body that could be read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Where its fields are.
    pub(crate) fields: Fields,
    /// What its schemas have against it; the operation may add to them.
    pub(crate) violations: Vec<String>,
}

/// Reads a body that must be there.
pub(crate) fn required(body: Bytes, object: &'static Object) -> Result<Read, Problem> {
    if is_blank(&body) {
        return Err(Problem::bad_request("Required request body is missing"));
    }
    read(body, object)
}

/// Reads a body; nothing is as an empty object.
pub(crate) fn optional(body: Bytes, object: &'static Object) -> Result<Read, Problem> {
    if is_blank(&body) { Ok(Read::default()) } else { read(body, object) }
}

/// Reads a body whose properties nobody looks at; nothing is as an empty object.
pub(crate) fn free(body: Bytes) -> Result<Read, Problem> {
    if !is_blank(&body) {
        VariableDocument::parse(body).map_err(|error| match error {
            VariableDocumentError::NotAnObject(found) => Stop::NoObject(found).into(),
            error => unreadable(&error),
        })?;
    }
    Ok(Read::default())
}

/// What the schema of a parameter of the query has against a value.
pub(crate) fn parameter(name: &'static str, value: &str, text: &Text) -> Vec<String> {
    let nothing = Bytes::from_static(b"null");
    let mut reader = Reader::new(CheckedText::new(&nothing, NESTING_MAX).expect("it is JSON"));
    reader.enter(Name::Field(name));
    // One violation is never too much.
    let _ = reader.constrain(value, text);
    reader.violations
}

/// Whether a text is a JSON value, and nothing beside it.
pub(crate) fn is_one_value(text: &Bytes) -> bool {
    let Ok(checked) = CheckedText::new(text, NESTING_MAX) else { return false };
    let mut reader = Reader::new(checked);
    reader.blanks();
    let is_value = reader.skip().is_ok();
    reader.blanks();
    is_value && reader.at == text.len()
}

fn is_blank(body: &[u8]) -> bool {
    body.iter().all(u8::is_ascii_whitespace)
}

fn read(body: Bytes, object: &'static Object) -> Result<Read, Problem> {
    if u32::try_from(body.len()).is_err() {
        return Err(Problem::new(413, "Payload Too Large", "the request body is larger than 4 GiB"));
    }
    // Variables lie one level deeper than in a document of their own.
    let checked = CheckedText::new(&body, NESTING_MAX + 1).map_err(|error| unreadable(&error))?;
    let mut reader = Reader::new(checked);
    let slots = reader.body(object).map_err(Problem::from)?;
    let Reader { unreadable, violations, document, .. } = reader;
    if !unreadable.is_empty() {
        let mut all = unreadable;
        all.extend(violations);
        return Err(Problem::bad_request(all.join(". ")));
    }
    Ok(Read { fields: Fields { body, slots, document }, violations })
}

fn unreadable(error: &VariableDocumentError) -> Problem {
    Problem::bad_request(match error {
        VariableDocumentError::Syntax(what) => format!("Failed to read request: {what}"),
        other => format!("Failed to read request: {other}"),
    })
}

/// Where fields lie: begin and end, by place.
type Slots = [(u32, u32); FIELDS_MAX];

/// Why reading ends before the end.
#[derive(Debug)]
enum Stop {
    /// It is no JSON here: what was expected, and at which byte, counted from 1.
    Syntax(&'static str, usize),
    /// It is JSON, but no object.
    NoObject(&'static str),
    /// So much is wrong already that the rest does not matter.
    Enough(Vec<String>),
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        Self::bad_request(match stop {
            Stop::Syntax(what, at) => format!("Failed to read request: expected {what} at byte {at}"),
            Stop::NoObject(found) => {
                format!("Failed to read request: expected a JSON object, but found {found}")
            }
            Stop::Enough(violations) => format!("{}. And more", violations.join(". ")),
        })
    }
}

/// A part of the name of a nested field.
#[derive(Clone, Copy)]
enum Name {
    Field(&'static str),
    Item(u32),
}

/// The pass over a body.
struct Reader<'a> {
    checked: CheckedText<'a>,
    text: &'a [u8],
    at: usize,
    /// Where in the body this is.
    names: [Name; NAMES_MAX],
    depth: usize,
    /// Whether the current field must say something.
    is_required: bool,
    /// What the next object may be besides: names of these are none that nobody knows.
    beside: &'static [Schema],
    /// How many properties were not known where they stood.
    unknowns: usize,
    /// What cannot be what it is.
    unreadable: Vec<String>,
    /// What can be, but must not.
    violations: Vec<String>,
    document: Option<(At, VariableDocument)>,
}

impl<'a> Reader<'a> {
    fn new(checked: CheckedText<'a>) -> Self {
        Self {
            checked,
            text: checked.bytes(),
            at: 0,
            names: [Name::Item(0); NAMES_MAX],
            depth: 0,
            is_required: false,
            beside: &[],
            unknowns: 0,
            unreadable: Vec::new(),
            violations: Vec::new(),
            document: None,
        }
    }

    /// The whole body.
    fn body(&mut self, object: &'static Object) -> Result<Slots, Stop> {
        let mut slots = Slots::default();
        self.blanks();
        match self.peek() {
            Some(b'{') => self.object(object, Some(&mut slots))?,
            Some(b'n') => {
                self.skip()?;
                self.missing(object, 0);
            }
            _ => {
                let found = self.kind();
                self.skip()?;
                return Err(Stop::NoObject(found));
            }
        }
        self.blanks();
        if self.at < self.text.len() {
            return Err(Stop::Syntax("nothing more", self.at + 1));
        }
        Ok(slots)
    }

    /// Something that cannot be what it is, at the current field.
    fn wrong(&mut self, why: &str) -> Result<(), Stop> {
        let name = self.name();
        self.unreadable(format!("Request property [{name}] cannot be parsed: {why}"))
    }

    fn unreadable(&mut self, what: String) -> Result<(), Stop> {
        self.unreadable.push(what);
        self.check_enough()
    }

    fn violated(&mut self, what: String) -> Result<(), Stop> {
        self.violations.push(what);
        self.check_enough()
    }

    fn check_enough(&mut self) -> Result<(), Stop> {
        if self.unreadable.len() + self.violations.len() < VIOLATIONS_MAX {
            return Ok(());
        }
        let mut all = std::mem::take(&mut self.unreadable);
        all.append(&mut self.violations);
        Err(Stop::Enough(all))
    }

    /// The current field's name, with the names of what it is in.
    fn name(&self) -> String {
        let mut name = String::new();
        for part in &self.names[..self.depth.min(NAMES_MAX)] {
            match part {
                Name::Field(field) => {
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(field);
                }
                Name::Item(at) => name.push_str(&format!("[{at}]")),
            }
        }
        name
    }

    fn enter(&mut self, name: Name) {
        if let Some(place) = self.names.get_mut(self.depth) {
            *place = name;
        }
        self.depth += 1;
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}
