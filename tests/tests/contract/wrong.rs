//! Values that break what a schema says, and what their refusal says of each.

use ringbolt_api::schema::{Bits, Field, Format, Int, Level, Object, Pattern, Schema, Text};
use serde_json::{Value, json};

/// Something that a schema cannot be.
pub(crate) fn wrong_type(schema: &Schema) -> Value {
    match schema.at(Level::V8_10) {
        Schema::Text(_) | Schema::Enum(..) => json!(1),
        Schema::Filter(of, _) => wrong_type(of),
        Schema::List(..) => json!({}),
        _ => json!("x"),
    }
}

/// Values that break a field's type or bounds, and what the refusal says of each; those of nested fields too.
pub(crate) fn wrong_values(field: &Field) -> Vec<(Value, String)> {
    wrong_at(field, field.name)
}

/// The same for a field at a place.
fn wrong_at(field: &Field, place: &str) -> Vec<(Value, String)> {
    let mut wrong = vec![];
    if !matches!(field.schema, Schema::Any | Schema::Given) {
        wrong.push((wrong_type(&field.schema), place.to_owned()));
    }
    match field.schema.at(Level::V8_10) {
        Schema::Int(int) => wrong.extend(wrong_numbers(int, place)),
        Schema::Text(text) => wrong.extend(wrong_texts(text, field, place)),
        Schema::Enum(..) => wrong.push((json!("NONE_OF_THEM"), format!("for type '{place}'"))),
        Schema::Object(object) => {
            wrong.push((json!({ "__unknown": 1 }), format!("[{place}.__unknown]")));
            wrong.extend(wrong_members(object, place));
        }
        Schema::List(item, size) => {
            if let Schema::Object(object) = item {
                let first = format!("{place}[0]");
                wrong.push((json!([{ "__unknown": 1 }]), format!("[{first}.__unknown]")));
                wrong.extend(
                    wrong_members(object, &first).into_iter().map(|(value, says)| (json!([value]), says)),
                );
            } else {
                wrong.push((json!([wrong_type(item)]), place.to_owned()));
            }
            // Tags have words of their own.
            if size.max > 0 && field.name != "tags" {
                wrong.push((json!(vec!["a"; size.max as usize + 1]), format!("The provided {place} has")));
            }
        }
        _ => {}
    }
    wrong
}

/// An object with one member wrong, or one missing, for each.
fn wrong_members(object: &Object, place: &str) -> Vec<(Value, String)> {
    let mut wrong = vec![];
    for inner in object.fields {
        let found = wrong_at(inner, &format!("{place}.{}", inner.name));
        wrong.extend(found.into_iter().map(|(value, says)| (json!({ inner.name: value }), says)));
        if inner.required.holds(Level::V8_10) {
            wrong.push((json!({}), format!("No {} provided in '{place}'", inner.name)));
        }
    }
    wrong
}

fn wrong_numbers(int: &Int, place: &str) -> Vec<(Value, String)> {
    let Int { bits, min, max } = int;
    let mut wrong = vec![(json!(1.5), format!("[{place}]"))];
    if *bits == Bits::B32 {
        wrong.push((json!(3_000_000_000u64), format!("[{place}]")));
    }
    wrong.extend(min.map(|min| (json!(min - 1), format!("The value for {place} is"))));
    wrong.extend(max.map(|max| (json!(max + 1), format!("The value for {place} is"))));
    wrong
}

fn wrong_texts(text: &Text, field: &Field, place: &str) -> Vec<(Value, String)> {
    let Text { format, size, pattern } = text;
    match (pattern, format) {
        (Some(Pattern::Key), _) => {
            vec![(json!("no key"), format!("The provided {place} 'no key' is not a valid key"))]
        }
        (None, Format::DateTime | Format::DateTimeOrNothing) => {
            vec![(json!("soon"), format!("The provided {place} 'soon' cannot be parsed as a date"))]
        }
        (None, Format::Plain) => {
            let mut wrong = vec![];
            if size.max > 0 {
                let long = "x".repeat(size.max as usize + 1);
                wrong.push((json!(long), format!("The provided {place} exceeds")));
            }
            if size.min > 0 || (field.required.holds(Level::V8_10) && !field.may_be_blank) {
                let (parent, name) =
                    place.rsplit_once('.').map_or((None, place), |(parent, name)| (Some(parent), name));
                let inside = parent.map_or(String::new(), |parent| format!(" in '{parent}'"));
                wrong.push((json!(" "), format!("No {name} provided{inside}")));
            }
            wrong
        }
        // The engine has words of its own for the other patterns.
        _ => vec![],
    }
}
