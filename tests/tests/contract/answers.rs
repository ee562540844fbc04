//! Answers held against their schemas.

use ringbolt_api::schema::{Bits, Field, Int, Level, Object, Schema, Text};
use serde_json::Value;

/// A value of an answer against its schema: types, bounds, nothing missing, nothing unknown.
pub(crate) fn check_value(value: &Value, schema: &Schema, level: Level, place: &str) {
    let is_right = match schema.at(level) {
        Schema::Text(Text { size, pattern, .. }) => value.as_str().is_some_and(|text| {
            let length = text.chars().count();
            length >= size.min as usize
                && (size.max == 0 || length <= size.max as usize)
                && pattern.is_none_or(|pattern| pattern.matches(text))
        }),
        Schema::Int(Int { bits, min, max }) => value.as_i64().is_some_and(|number| {
            (*bits != Bits::B32 || i32::try_from(number).is_ok())
                && min.is_none_or(|min| number >= min)
                && max.is_none_or(|max| number <= max)
        }),
        Schema::Number => value.is_number(),
        Schema::Flag => value.is_boolean(),
        Schema::Any | Schema::Given => true,
        Schema::OneOf([Schema::Text(_), Schema::Number]) => value.is_string() || value.is_number(),
        Schema::Document => value.is_object(),
        Schema::Map(of) => value.as_object().is_some_and(|members| {
            members
                .iter()
                .for_each(|(name, value)| check_value(value, of, level, &format!("{place}.{name}")));
            true
        }),
        Schema::List(of, _) => value.as_array().is_some_and(|items| {
            items.iter().for_each(|item| check_value(item, of, level, &format!("{place}[]")));
            true
        }),
        Schema::Enum(..) => value.as_str().is_some_and(|text| schema.values(level).contains(&text)),
        Schema::Object(object) => {
            check_object(value, object, level, place);
            true
        }
        // Which of several it is, its members say.
        Schema::OneOf(options) => {
            let fitting = options.iter().find(|option| has_members_of(value, option, level));
            fitting.is_some_and(|option| {
                check_value(value, option, level, place);
                true
            })
        }
        Schema::Filter(..) | Schema::Levels(..) => panic!("{place} is in an answer"),
    };
    assert!(is_right, "{place} is {value}, not {}", schema.shown(level));
}

/// Whether a value has all members that an object needs, and no others than it has.
fn has_members_of(value: &Value, schema: &Schema, level: Level) -> bool {
    let (Value::Object(members), Schema::Object(object)) = (value, schema) else { return false };
    let fields = || object.fields.iter().filter(|field| field.span.holds(level));
    members.keys().all(|name| fields().any(|field| field.name == name))
        && fields().all(|field| !field.required.holds(level) || members.contains_key(field.name))
}

fn check_object(value: &Value, object: &Object, level: Level, place: &str) {
    let Value::Object(members) = value else { panic!("{place} is {value}, not {}", object.name) };
    let fields: Vec<&Field> = object.fields.iter().filter(|field| field.span.holds(level)).collect();
    for name in members.keys() {
        let is_known = fields.iter().any(|field| field.name == name);
        assert!(is_known, "{place}: {} has no {name} at {}", object.name, level.name());
    }
    for field in fields {
        let place = format!("{place}.{}", field.name);
        match members.get(field.name) {
            None => assert!(!field.required.holds(level), "{place} is missing"),
            Some(Value::Null) => assert!(field.nullable.holds(level), "{place} is null"),
            Some(value) => check_value(value, &field.schema, level, &place),
        }
    }
}
