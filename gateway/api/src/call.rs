//! A request that was read and checked: what an operation's block sees of it.
//!
//! Whoever reads bodies fills [`Fields`]; a block asks for values by the places of its object's fields, which the compiler finds.
//! What a schema cannot say, the block adds to the violations, so that a client is told all of them at once.

use crate::error::{ApiError, ErrorKind};
use crate::request::Mapper;
use crate::schema::{At, Object};
use crate::value::{Value, key_of};
use bytes::Bytes;
use ringbolt_record::VariableDocument;
use std::borrow::Cow;

/// Most fields of an object that a body is read as.
pub const FIELDS_MAX: usize = 16;
/// Violations that a client is told; a body may have millions.
pub const VIOLATIONS_MAX: usize = 32;
/// Characters of a wrong value that a client is shown.
pub const SHOWN_MAX: usize = 100;
/// Most parameters of a path.
pub const PARAMETERS_MAX: usize = 4;

/// Where the fields of a body lie.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// The whole body.
    pub body: Bytes,
    /// Begin and end of each field's value, by its place in the object; both 0 for what is absent or null.
    pub slots: [(u32, u32); FIELDS_MAX],
    /// The first field that is a document, split into its members while the body was read.
    pub document: Option<(At, VariableDocument)>,
}

/// The parts of a path that are parameters, decoded.
pub type Parameters<'a> = [Cow<'a, str>; PARAMETERS_MAX];

/// Parameters of the query that an operation knows, by name, decoded.
pub type Query = Vec<(&'static str, String)>;

/// The begin of a wrong value, as a client is shown it.
pub fn shown(value: &str) -> &str {
    value.char_indices().nth(SHOWN_MAX).map_or(value, |(end, _)| &value[..end])
}

/// A request, as its operation's block sees it.
#[derive(Debug)]
pub struct Call<'a> {
    /// Makes commands.
    pub mapper: Mapper<'a>,
    parameters: &'a Parameters<'a>,
    query: Query,
    fields: Fields,
    violations: Vec<String>,
}

impl<'a> Call<'a> {
    /// A request; `violations` are what its schemas have against it.
    pub fn new(
        mapper: Mapper<'a>,
        parameters: &'a Parameters<'a>,
        query: Query,
        fields: Fields,
        violations: Vec<String>,
    ) -> Self {
        Self { mapper, parameters, query, fields, violations }
    }

    /// A parameter of the query; a flag is `true` or `false`.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }

    /// A key in the path, by the parameter's place.
    ///
    /// # Errors
    /// When it is no number of 64 bits.
    pub fn path_key(&self, place: usize) -> Result<i64, ApiError> {
        let text = self.path_text(place);
        key_of(text).ok_or_else(|| {
            let shown = shown(text);
            ApiError::new(ErrorKind::Unreadable, format!("Failed to convert a key with value: '{shown}'"))
        })
    }

    /// A part of the path, by the parameter's place.
    pub fn path_text(&self, place: usize) -> &str {
        self.parameters.get(place).map_or("", |text| text)
    }

    /// The last text in the path.
    pub fn last_path_text(&self) -> &str {
        (0..self.parameters.len())
            .rev()
            .map(|place| self.path_text(place))
            .find(|text| !text.is_empty())
            .unwrap_or("")
    }

    /// The value of a field that is there and not null.
    pub fn value(&self, at: At) -> Option<Value<'_>> {
        let (start, end) = *self.fields.slots.get(at.0)?;
        let text = self.fields.body.get(start as usize..end as usize)?;
        (!text.is_empty()).then(|| Value::new(text))
    }

    /// Whether a field is there and not null.
    pub fn has(&self, at: At) -> bool {
        self.value(at).is_some()
    }

    /// A text.
    pub fn text(&self, at: At) -> Option<String> {
        self.value(at)?.text().map(Cow::into_owned)
    }

    /// A text; nothing is as an empty one.
    pub fn text_or_empty(&self, at: At) -> String {
        self.text(at).unwrap_or_default()
    }

    /// A whole number of 64 bits.
    pub fn long(&self, at: At) -> Option<i64> {
        self.value(at)?.long()
    }

    /// A whole number of 32 bits.
    pub fn int(&self, at: At) -> Option<i32> {
        self.long(at)?.try_into().ok()
    }

    /// True or false; nothing is as false.
    pub fn flag(&self, at: At) -> bool {
        self.value(at).and_then(Value::flag).unwrap_or_default()
    }

    /// A key.
    pub fn key(&self, at: At) -> Option<i64> {
        key_of(&self.value(at)?.text()?)
    }

    /// Texts; nothing is as none.
    pub fn texts(&self, at: At) -> Vec<String> {
        self.value(at)
            .map_or_else(Vec::new, |list| list.items().filter_map(Value::text).map(Cow::into_owned).collect())
    }

    /// The items of a list; nothing is as none.
    pub fn items(&self, at: At) -> impl Iterator<Item = Value<'_>> {
        self.value(at).into_iter().flat_map(Value::items)
    }

    /// The whole body.
    pub fn body(&self) -> Bytes {
        self.fields.body.clone()
    }

    /// A text of each item of a list of objects; nothing is as none.
    pub fn texts_of(&self, at: At, name: &str) -> Vec<String> {
        self.value(at).map_or_else(Vec::new, |list| {
            let texts = list.items().map(|item| item.member(name).and_then(Value::text));
            texts.map(|text| text.map_or_else(String::new, Cow::into_owned)).collect()
        })
    }

    /// A field's JSON text, without a copy; nothing is as no bytes.
    pub fn raw(&self, at: At) -> Bytes {
        self.value(at).map_or_else(Bytes::new, |value| value.slice_of(&self.fields.body))
    }

    /// A document of variables; nothing is as an empty one. Its members were found while the body was read.
    ///
    /// # Errors
    /// When it is too large, or no document.
    pub fn variables(&mut self, at: At) -> Result<VariableDocument, ApiError> {
        match self.fields.document.take_if(|(place, _)| *place == at) {
            Some((_, document)) => {
                self.mapper.check_variables(document.text_bytes())?;
                Ok(document)
            }
            None => self.mapper.variables(self.raw(at)),
        }
    }

    /// The client's reference of its operation; 0 is none. Its schema has seen to it that it is above 0.
    pub fn reference(&self, at: At) -> u64 {
        self.long(at).and_then(|reference| reference.try_into().ok()).unwrap_or_default()
    }

    /// Something that its schema could not see. A client is told as much as it may want to read.
    pub fn violated(&mut self, what: impl Into<String>) {
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(what.into());
        }
    }

    /// A number that must be above 0, if it is there.
    pub fn check_positive(&mut self, at: At, object: &Object) {
        if let Some(value) = self.long(at).filter(|value| *value < 1) {
            let name = object.fields[at.0].name;
            self.violated(format!("The value for {name} is '{value}' but must be greater than 0"));
        }
    }

    /// Refuses what no engine does yet, if it is there; but what is wrong with it, or with something else, comes first.
    ///
    /// # Errors
    /// When it is there, or something is wrong.
    pub fn refuse(&mut self, at: At, object: &Object) -> Result<(), ApiError> {
        if !self.has(at) {
            return Ok(());
        }
        self.check()?;
        let Object { name, fields } = object;
        Err(ApiError::new(
            ErrorKind::Unimplemented,
            format!("Expected a {name} without '{}', which is not supported yet", fields[at.0].name),
        ))
    }

    /// What a later check has against the request counts with the rest, so that a client is told everything at once.
    ///
    /// # Errors
    /// With all violations, if there are any; with another error if that is all there is.
    pub fn also<T>(&mut self, checked: Result<T, ApiError>) -> Result<T, ApiError> {
        let error = match checked {
            Ok(value) => return self.check().map(|()| value),
            Err(error) => error,
        };
        if self.violations.is_empty() || error.kind != ErrorKind::InvalidArgument {
            self.check()?;
            return Err(error);
        }
        // What its schema found too is said once.
        for said in error.message.trim_end_matches('.').split(". ") {
            if !self.violations.iter().any(|other| other == said) {
                self.violated(said);
            }
        }
        self.check()?;
        Err(error)
    }

    /// Ends the checks.
    ///
    /// # Errors
    /// With all violations, if there are any.
    pub fn check(&mut self) -> Result<(), ApiError> {
        if self.violations.is_empty() {
            return Ok(());
        }
        Err(ApiError::violations(&std::mem::take(&mut self.violations)))
    }
}
