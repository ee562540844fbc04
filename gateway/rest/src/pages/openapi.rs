//! The operations as an OpenAPI 3.0 document, written from the table.

use ringbolt_api::json::{put, put_list, put_name, put_number, put_text};
use ringbolt_api::operation::{Body, Kind, Operation, Place, Presence};
use ringbolt_api::schema::{Bits, Field, Format, Int, Level, Object, Operator, Schema, Size, Text};
use ringbolt_api::table::TABLE;
use std::collections::BTreeMap;

/// The description of all operations of a level. Those that are not built yet are marked so.
pub(super) fn describe(level: Level) -> Vec<u8> {
    let mut objects = BTreeMap::new();
    let mut document = Vec::with_capacity(512 * 1024);
    let out = &mut document;
    put(out, r#"{"openapi":"3.0.3","info":{"title":"Ringbolt REST API","version":"#);
    put_text(out, level.camunda_version());
    put(out, r#"},"servers":[{"url":"/v2"}],"tags":"#);
    put_list(out, TABLE.iter(), |out, group| {
        put(out, r#"{"name":"#);
        put_text(out, group.tag);
        out.push(b'}');
    });
    put(out, r#","paths":{"#);
    let mut paths: BTreeMap<&str, Vec<(&str, &Operation)>> = BTreeMap::new();
    for group in TABLE {
        for operation in group.operations.iter().filter(|operation| operation.span.holds(level)) {
            paths.entry(operation.path).or_default().push((group.tag, operation));
        }
    }
    for (at, (path, found)) in paths.iter().enumerate() {
        put(out, if at == 0 { "" } else { "," });
        put_text(out, path);
        put(out, ":{");
        for (at, (tag, operation)) in found.iter().enumerate() {
            put(out, if at == 0 { "" } else { "," });
            put_operation(out, tag, operation, level, &mut objects);
        }
        out.push(b'}');
    }
    put(out, r#"},"components":{"schemas":{"#);
    put_objects(out, objects, level);
    put(out, "}}}");
    document
}

/// What an operation does: its own words, or those of its name.
fn summary(operation: &Operation) -> String {
    if !operation.says.is_empty() {
        return operation.says.to_owned();
    }
    let mut words = String::new();
    for (at, letter) in operation.id.char_indices() {
        if letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(if at == 0 { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() });
    }
    words
}

type Objects = BTreeMap<&'static str, &'static Object>;

fn put_operation(out: &mut Vec<u8>, tag: &str, operation: &Operation, level: Level, objects: &mut Objects) {
    put_text(out, &operation.method.name().to_ascii_lowercase());
    put(out, r#":{"operationId":"#);
    put_text(out, operation.id);
    put_name(out, "tags");
    put_list(out, [tag].iter(), |out, tag| put_text(out, tag));
    put_name(out, "summary");
    put_text(out, &summary(operation));
    put_name(out, "x-added-in-version");
    put_text(out, operation.since.name());
    if matches!(operation.kind, Kind::Later) {
        put(out, r#","x-not-implemented":true"#);
    }
    put_name(out, "parameters");
    put_list(out, operation.parameters.iter(), |out, parameter| {
        put(out, r#"{"name":"#);
        put_text(out, parameter.name);
        put_name(out, "in");
        put_text(
            out,
            match parameter.place {
                Place::Path => "path",
                Place::Query => "query",
            },
        );
        put(out, if parameter.required { r#","required":true,"schema":"# } else { r#","schema":"# });
        put_schema(out, &parameter.schema, false, level, objects);
        out.push(b'}');
    });
    let (media, body) = match operation.body {
        Body::None => ("", None),
        Body::Json(schema, presence) => ("application/json", Some((schema, presence))),
        Body::Form(schema, presence) => ("multipart/form-data", Some((schema, presence))),
    };
    if let Some((schema, presence)) = body {
        put(out, r#","requestBody":{"required":"#);
        put(out, if presence == Presence::Required { "true" } else { "false" });
        put(out, r#","content":{"#);
        put_text(out, media);
        put(out, r#":{"schema":"#);
        put_schema(out, &schema, false, level, objects);
        put(out, "}}}");
    }
    put_responses(out, operation, level, objects);
    out.push(b'}');
}

fn put_responses(out: &mut Vec<u8>, operation: &Operation, level: Level, objects: &mut Objects) {
    put(out, r#","responses":{"#);
    for (at, answer) in operation.answers.iter().filter(|answer| answer.span.holds(level)).enumerate() {
        put(out, if at == 0 { "" } else { "," });
        put_text(out, &answer.status.to_string());
        put(out, r#":{"description":"Done""#);
        if !answer.media.is_empty() {
            put(out, r#","content":{"#);
            put_text(out, answer.media);
            put(out, r#":{"schema":"#);
            put_schema(out, &answer.schema, false, level, objects);
            put(out, "}}");
        }
        out.push(b'}');
    }
    for status in operation.errors_at(level).iter().chain(operation.errors_own) {
        put_name(out, &status.to_string());
        put(
            out,
            r#"{"description":"Refused, with the reason","content":{"application/problem+json":{"schema":"#,
        );
        put(out, r#"{"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"},"#);
        put(
            out,
            r#""status":{"type":"integer"},"detail":{"type":"string"},"instance":{"type":"string"}}}}}}"#,
        );
    }
    out.push(b'}');
}

/// The objects that were named so far, and those that they name.
fn put_objects(out: &mut Vec<u8>, mut wanted: Objects, level: Level) {
    let mut written = Objects::new();
    while let Some((name, object)) = wanted.pop_first() {
        if written.insert(name, object).is_some() {
            continue;
        }
        put(out, if written.len() == 1 { "" } else { "," });
        put_text(out, name);
        put(out, r#":{"type":"object","properties":{"#);
        let fields: Vec<&Field> = object.fields.iter().filter(|field| field.span.holds(level)).collect();
        for (at, field) in fields.iter().enumerate() {
            put(out, if at == 0 { "" } else { "," });
            put_text(out, field.name);
            out.push(b':');
            put_schema(out, &field.schema, field.nullable.holds(level), level, &mut wanted);
        }
        out.push(b'}');
        let required: Vec<String> = fields
            .iter()
            .filter(|field| field.required.holds(level))
            .map(|field| field.name.to_owned())
            .collect();
        if !required.is_empty() {
            put_name(out, "required");
            put_list(out, required.iter(), |out, name| put_text(out, name));
        }
        out.push(b'}');
        wanted.retain(|name, _| !written.contains_key(name));
    }
}

fn put_schema(out: &mut Vec<u8>, schema: &Schema, is_nullable: bool, level: Level, objects: &mut Objects) {
    let nullable = if is_nullable { r#","nullable":true"# } else { "" };
    match schema.at(level) {
        Schema::Text(text) => put_text_schema(out, text),
        Schema::Int(int) => put_int_schema(out, int),
        Schema::Number => put(out, r#"{"type":"number""#),
        Schema::Flag => put(out, r#"{"type":"boolean""#),
        Schema::Any | Schema::Given => put(out, r#"{"description":"Any JSON""#),
        Schema::Document => put(out, r#"{"type":"object","additionalProperties":true"#),
        Schema::Map(of) => {
            put(out, r#"{"type":"object","additionalProperties":"#);
            put_schema(out, of, false, level, objects);
        }
        Schema::List(of, Size { min, max }) => {
            put(out, r#"{"type":"array","items":"#);
            put_schema(out, of, false, level, objects);
            put_bound(out, "minItems", (*min > 0).then_some(i64::from(*min)));
            put_bound(out, "maxItems", (*max > 0).then_some(i64::from(*max)));
        }
        Schema::Enum(..) => {
            put(out, r#"{"type":"string","enum":"#);
            put_list(out, schema.values(level).iter(), |out, value| put_text(out, value));
        }
        Schema::Filter(of, operators) => {
            put(out, r#"{"oneOf":["#);
            put_schema(out, of, false, level, objects);
            put(out, r#",{"type":"object","properties":{"#);
            for (at, operator) in operators.iter().enumerate() {
                put(out, if at == 0 { "" } else { "," });
                put_text(out, operator.name());
                out.push(b':');
                match operator {
                    Operator::Exists => put(out, r#"{"type":"boolean"}"#),
                    Operator::Like => put(out, r#"{"type":"string"}"#),
                    Operator::In | Operator::NotIn => {
                        put(out, r#"{"type":"array","items":"#);
                        put_schema(out, of, false, level, objects);
                        out.push(b'}');
                    }
                    _ => put_schema(out, of, false, level, objects),
                }
            }
            put(out, "}}]");
        }
        Schema::OneOf(options) => {
            put(out, r#"{"oneOf":"#);
            put_list(out, options.iter(), |out, option| put_schema(out, option, false, level, objects));
        }
        Schema::Object(object) => {
            objects.insert(object.name, object);
            // What may be null stands around the reference: beside one nothing counts.
            let (before, after) = if is_nullable { (r#"{"allOf":["#, "]") } else { ("", "") };
            put(out, before);
            put(out, r##"{"$ref":"#/components/schemas/"##);
            put(out, object.name);
            put(out, "\"");
            if is_nullable {
                put(out, "}");
            }
            put(out, after);
        }
        Schema::Levels(..) => put(out, "{"),
    }
    put(out, nullable);
    out.push(b'}');
}

fn put_text_schema(out: &mut Vec<u8>, text: &Text) {
    put(out, r#"{"type":"string""#);
    let format = match text.format {
        Format::Plain => "",
        Format::DateTime | Format::DateTimeOrNothing => "date-time",
        Format::Uri => "uri",
        Format::UriReference => "uri-reference",
        Format::Base64 => "base64",
        Format::Binary => "binary",
    };
    if !format.is_empty() {
        put_name(out, "format");
        put_text(out, format);
    }
    put_bound(out, "minLength", (text.size.min > 0).then_some(i64::from(text.size.min)));
    put_bound(out, "maxLength", (text.size.max > 0).then_some(i64::from(text.size.max)));
    if let Some(pattern) = text.pattern {
        put_name(out, "pattern");
        put_text(out, pattern.regex());
    }
}

fn put_int_schema(out: &mut Vec<u8>, int: &Int) {
    put(out, r#"{"type":"integer""#);
    match int.bits {
        Bits::B32 => put(out, r#","format":"int32""#),
        Bits::B64 => put(out, r#","format":"int64""#),
        Bits::Unsaid => {}
    }
    put_bound(out, "minimum", int.min);
    put_bound(out, "maximum", int.max);
}

fn put_bound(out: &mut Vec<u8>, name: &str, bound: Option<i64>) {
    if let Some(bound) = bound {
        put_name(out, name);
        put_number(out, bound);
    }
}

/// The operations as the table of `docs/api.md`. An operation that is answered has a test beside the one of the contract.
#[cfg(test)]
pub(crate) fn page(callers: &ringbolt_api::fake::Callers) -> String {
    let (mut out, mut untested) = (String::new(), Vec::new());
    for group in TABLE {
        let answered = group.operations.iter().filter(|o| !matches!(o.kind, Kind::Later)).count();
        out.push_str(&format!("\n### {} ({answered} of {})\n\n", group.tag, group.operations.len()));
        out.push_str("| operation | request | since | level | | tests |\n|---|---|---|---|---|---|\n");
        for operation in group.operations {
            let is_later = matches!(operation.kind, Kind::Later);
            let state = if is_later { "later" } else { &summary(operation) };
            let method = operation.method.name();
            let tests = callers.of_operation(operation);
            if !is_later && tests.iter().all(|test| *test == "contract") {
                untested.push(operation.id);
            }
            out.push_str(&format!(
                "| {} | `{method} /v2{}` | {} | {} | {state} | {} |\n",
                operation.id,
                operation.path,
                operation.since.name(),
                if operation.span.holds(Level::V8_9) { "both" } else { "8.10" },
                if is_later { String::new() } else { tests.join(", ") }
            ));
        }
    }
    assert!(untested.is_empty(), "answered without a test of their own: {untested:?}");
    let all = || TABLE.iter().flat_map(|group| group.operations);
    let count = all().count();
    let answered = all().filter(|o| !matches!(o.kind, Kind::Later)).count();
    format!("{answered} of {count} operations are answered; the others are refused by name.\n{out}")
}
