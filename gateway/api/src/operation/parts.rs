//! What operations are put together from: parameters and answers.

use super::{Answer, JSON, Parameter, Place};
use crate::schema::{Schema, Since};

/// A part of the path.
pub const fn path(name: &'static str, schema: Schema) -> Parameter {
    Parameter { name, place: Place::Path, schema, required: true }
}

/// A parameter of the query that may be absent.
pub const fn query(name: &'static str, schema: Schema) -> Parameter {
    Parameter { name, place: Place::Query, schema, required: false }
}

/// A parameter of the query that must be there.
pub const fn query_required(name: &'static str, schema: Schema) -> Parameter {
    Parameter { name, place: Place::Query, schema, required: true }
}

/// An answer with a JSON document.
pub const fn json(status: u16, schema: Schema) -> Answer {
    Answer { status, media: JSON, schema, span: Since::Always }
}

/// An answer of another type.
pub const fn media(status: u16, media: &'static str, schema: Schema) -> Answer {
    Answer { status, media, schema, span: Since::Always }
}

/// An answer without a body.
pub const fn empty(status: u16) -> Answer {
    Answer { status, media: "", schema: Schema::Any, span: Since::Always }
}
