//! Kinds of values that many objects share.

use super::{Bits, Format, Int, Pattern, Schema, Size, Text};

const fn text_of(format: Format, min: u32, max: u32, pattern: Option<Pattern>) -> Schema {
    Schema::Text(Text { format, size: Size { min, max }, pattern })
}

/// Any text.
pub const TEXT: Schema = text_of(Format::Plain, 0, 0, None);
/// A time.
pub const DATE_TIME: Schema = text_of(Format::DateTime, 0, 0, None);
/// A time, or an empty text that takes back the one there is.
pub const DATE_TIME_OR_NOTHING: Schema = text_of(Format::DateTimeOrNothing, 0, 0, None);
/// A URI.
pub const URI: Schema = text_of(Format::Uri, 0, 0, None);
/// A URI, or part of one.
pub const URI_REFERENCE: Schema = text_of(Format::UriReference, 0, 0, None);
/// Bytes.
pub const BINARY: Schema = text_of(Format::Binary, 0, 0, None);
/// A cursor of a search.
pub const CURSOR: Schema = text_of(Format::Base64, 0, 0, Some(Pattern::Base64));
/// A key: text of digits, since JavaScript's numbers cannot hold them.
pub const KEY: Schema = text_of(Format::Plain, 1, 25, Some(Pattern::Key));
/// Key of one decision's part in an evaluation.
pub const EVALUATION_KEY: Schema = text_of(Format::Plain, 3, 30, Some(Pattern::EvaluationKey));
/// Id of a process or decision.
pub const MODEL_ID: Schema = text_of(Format::Plain, 1, 0, Some(Pattern::ModelId));
/// Id of a client, role and the like.
pub const NAME: Schema = text_of(Format::Plain, 1, 256, Some(Pattern::Name));
/// Id of a tenant to be, at 8.9.
pub const OLD_NAME: Schema = text_of(Format::Plain, 1, 256, Some(Pattern::OldName));
/// Id of a tenant or name of a user at 8.9.
pub const OLD_TENANT: Schema = text_of(Format::Plain, 1, 256, Some(Pattern::OldTenant));
/// Id of a tenant.
pub const TENANT: Schema = Schema::Levels(&OLD_TENANT, &text_of(Format::Plain, 1, 31, Some(Pattern::Tenant)));
/// Name of a user.
pub const USERNAME: Schema = Schema::Levels(&OLD_TENANT, &NAME);
/// Id of a role, mapping rule or client.
pub const ENTITY_ID: Schema = Schema::Levels(&TEXT, &NAME);
/// Id of a group.
pub const GROUP_ID: Schema = Schema::Levels(&TEXT, &text(1, 256));
/// Label of an instance.
pub const TAG: Schema = text_of(Format::Plain, 1, 100, Some(Pattern::Tag));
/// Beginning of a backup's id.
pub const PREFIX: Schema = text_of(Format::Plain, 0, 0, Some(Pattern::Prefix));
/// A whole number of 32 bits.
pub const INT: Schema = Schema::Int(Int { bits: Bits::B32, min: None, max: None });
/// A whole number of 64 bits.
pub const LONG: Schema = Schema::Int(Int { bits: Bits::B64, min: None, max: None });
/// A whole number.
pub const WHOLE: Schema = Schema::Int(Int { bits: Bits::Unsaid, min: None, max: None });

/// A text of so many characters; 0 for the most is no bound.
pub const fn text(min: u32, max: u32) -> Schema {
    text_of(Format::Plain, min, max, None)
}

/// A whole number that is at least this.
pub const fn at_least(bits: Bits, min: i64) -> Schema {
    Schema::Int(Int { bits, min: Some(min), max: None })
}

/// A whole number between two.
pub const fn between(bits: Bits, min: i64, max: i64) -> Schema {
    Schema::Int(Int { bits, min: Some(min), max: Some(max) })
}

/// An array of any length.
pub const fn list(item: &'static Schema) -> Schema {
    Schema::List(item, Size { min: 0, max: 0 })
}

/// An array of so many items; 0 for the most is no bound.
pub const fn list_of(item: &'static Schema, min: u32, max: u32) -> Schema {
    Schema::List(item, Size { min, max })
}
