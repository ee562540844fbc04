//! Reading request bodies: one pass over the top level, values read where they lie, errors that name the property.
//!
//! As Camunda's gateway does, it refuses properties it does not know and converts nothing (a number is no text, a text no number).
//! `null` is as absent. Of a property that comes twice the last one holds.

use crate::problem::Problem;
use bytes::Bytes;
use ringbolt_record::variables::NESTING_MAX;
use ringbolt_record::{VariableDocument, VariableDocumentError};
use serde::de::DeserializeOwned;

/// A body's properties.
pub(crate) struct Fields {
    body: Bytes,
    document: VariableDocument,
}

/// A property that is there and not `null`.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    body: &'a Bytes,
    /// What it is called, with the names of what it is part of.
    pub(crate) name: &'a str,
    /// Its JSON text.
    text: &'a [u8],
}

impl Fields {
    /// Reads a body that must be there.
    pub(crate) fn required(body: Bytes) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(Problem::bad_request("Required request body is missing"));
        }
        Self::optional(body)
    }

    /// Reads a body; nothing or `null` is as an empty object.
    pub(crate) fn optional(body: Bytes) -> Result<Self, Problem> {
        // The same rules hold for a body as for the variables in it: one object, bounded depth, UTF-8. Variables lie one level deeper.
        let document = VariableDocument::parse_within(body.clone(), NESTING_MAX + 1)
            .map_err(|error| unreadable(&error))?;
        Ok(Self { body, document })
    }

    /// The properties that are not `null`, in the body's order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Field<'_>> {
        self.document.iter().filter(|(_, text)| *text != b"null").map(|(name, text)| Field {
            body: &self.body,
            name,
            text,
        })
    }
}

fn unreadable(error: &VariableDocumentError) -> Problem {
    Problem::bad_request(match error {
        VariableDocumentError::Syntax(what) => format!("Failed to read request: {what}"),
        VariableDocumentError::NotAnObject(found) => {
            format!("Failed to read request: expected a JSON object, but found {found}")
        }
        VariableDocumentError::TooDeep => format!("Failed to read request: {error}"),
        VariableDocumentError::TooMany => "Failed to read request: too many properties".to_owned(),
        VariableDocumentError::NameTooLong(bytes) => {
            format!("Failed to read request: a property's name has {bytes} bytes")
        }
    })
}

/// A property that cannot be what it is.
pub(crate) fn wrong(name: &str, why: &str) -> Problem {
    Problem::bad_request(format!("Request property [{name}] cannot be parsed: {why}"))
}

impl<'a> Field<'a> {
    /// A property nobody knows.
    pub(crate) fn unknown(self) -> Problem {
        let shown: String = self.name.chars().take(100).collect();
        wrong(&shown, "there is no such property")
    }

    fn read<T: DeserializeOwned>(self, expected: &str) -> Result<T, Problem> {
        serde_json::from_slice(self.text).map_err(|_| wrong(self.name, &format!("expected {expected}")))
    }

    /// A text.
    pub(crate) fn text(self) -> Result<String, Problem> {
        if let [b'"', plain @ .., b'"'] = self.text
            && !plain.contains(&b'\\')
            && let Ok(plain) = std::str::from_utf8(plain)
        {
            return Ok(plain.to_owned());
        }
        self.read("a string")
    }

    /// Texts.
    pub(crate) fn texts(self) -> Result<Vec<String>, Problem> {
        self.read("an array of strings")
    }

    /// A list of objects or other values, each as serde reads it.
    pub(crate) fn list<T: DeserializeOwned>(self) -> Result<Vec<T>, Problem> {
        serde_json::from_slice(self.text).map_err(|error| {
            // Where serde puts line and column means the property, not the body.
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            wrong(self.name, what)
        })
    }

    /// A whole number of 64 bits.
    pub(crate) fn long(self) -> Result<i64, Problem> {
        self.read("a whole number of 64 bits")
    }

    /// A whole number of 32 bits.
    pub(crate) fn int(self) -> Result<i32, Problem> {
        self.read("a whole number of 32 bits")
    }

    /// True or false.
    pub(crate) fn flag(self) -> Result<bool, Problem> {
        self.read("true or false")
    }

    /// A key: text of digits.
    pub(crate) fn key(self) -> Result<i64, Problem> {
        let text = self.text()?;
        text.parse().map_err(|_| {
            let shown: String = text.chars().take(100).collect();
            Problem::invalid(&[format!(
                "The provided {} '{shown}' is not a valid key. Expected a numeric value. \
                 Did you pass an entity id instead of an entity key?",
                self.name
            )])
        })
    }

    /// JSON text as it came, without a copy.
    pub(crate) fn raw(self) -> Bytes {
        self.body.slice_ref(self.text)
    }

    /// The properties of an object; `each` gets their names with this one's before.
    pub(crate) fn object(
        self,
        mut each: impl FnMut(&str, Field<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let document =
            VariableDocument::parse(self.raw()).map_err(|_| wrong(self.name, "expected an object"))?;
        for (name, text) in document.iter().filter(|(_, text)| *text != b"null") {
            let full = format!("{}.{name}", self.name);
            each(name, Field { body: self.body, name: &full, text })?;
        }
        Ok(())
    }

    /// Whether the text is an empty object.
    pub(crate) fn is_empty_object(self) -> bool {
        self.text.iter().filter(|byte| !byte.is_ascii_whitespace()).eq(b"{}")
    }
}
