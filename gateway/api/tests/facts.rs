//! The table of operations against the facts of the protocol, at both levels, line by line.
//!
//! `tests/facts/derive.py` made the facts; the table is written down in the same notation and must read the same.

use ringbolt_api::call::{FIELDS_MAX, PARAMETERS_MAX};
use ringbolt_api::operation::{Body, Kind, Operation, Place, Presence, Version};
use ringbolt_api::schema::older::{Older, VALUES};
use ringbolt_api::schema::{Field, Level, Object, Schema, Since};
use ringbolt_api::table::{TABLE, operations};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

fn facts(level: Level) -> String {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/facts/rest-{}.txt", level.name()));
    std::fs::read_to_string(path).expect("the facts are there")
}

/// Every operation and object of a level, in the notation of the facts.
fn written(level: Level) -> String {
    let mut blocks = BTreeMap::new();
    let mut objects = BTreeMap::new();
    for group in TABLE {
        for operation in group.operations.iter().filter(|op| op.span.holds(level) && op.since != Version::Own)
        {
            blocks.insert(operation.id, block(group.tag, operation, level));
            let answers = operation.answers.iter().map(|answer| answer.schema);
            let parameters = operation.parameters.iter().map(|parameter| parameter.schema);
            for schema in answers.chain(parameters).chain(body(operation)) {
                collect(&schema, level, &mut objects);
            }
        }
    }
    let mut out: String = blocks.into_values().collect();
    for (name, object) in objects {
        let _ = writeln!(out, "object {name}");
        let fields = object.fields.iter().filter(|field| field.span.holds(level));
        let lines: BTreeMap<&str, String> = fields.map(|field| (field.name, line(field, level))).collect();
        lines.values().for_each(|line| out.push_str(line));
    }
    out
}

fn body(operation: &Operation) -> Option<Schema> {
    match operation.body {
        Body::None => None,
        Body::Json(schema, _) | Body::Form(schema, _) => Some(schema),
    }
}

fn line(field: &Field, level: Level) -> String {
    let required = if field.required.holds(level) { "!" } else { "" };
    let nullable = if field.nullable.holds(level) { "?" } else { "" };
    format!("  {}{required}{nullable} {}\n", field.name, field.schema.shown(level))
}

fn block(tag: &str, operation: &Operation, level: Level) -> String {
    let Operation { id, method, path, since, .. } = operation;
    let mut out = format!("operation {id} {} {path} since {} tag {tag}\n", method.name(), since.name());
    for parameter in operation.parameters {
        let place = match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
        };
        let required = if parameter.required { "!" } else { "" };
        let _ = writeln!(out, "  {place} {}{required} {}", parameter.name, parameter.schema.shown(level));
    }
    let (media, body) = match operation.body {
        Body::None => ("", None),
        Body::Json(schema, presence) => ("application/json", Some((schema, presence))),
        Body::Form(schema, presence) => ("multipart/form-data", Some((schema, presence))),
    };
    if let Some((schema, presence)) = body {
        let required = if presence == Presence::Required { "!" } else { "" };
        let _ = writeln!(out, "  body{required} {media} {}", schema.shown(level));
    }
    let mut statuses: Vec<String> =
        operation.errors_at(level).iter().map(|status| format!("  {status}\n")).collect();
    for answer in operation.answers.iter().filter(|answer| answer.span.holds(level)) {
        statuses.push(match answer.media {
            "" => format!("  {}\n", answer.status),
            media => format!("  {} {media} {}\n", answer.status, answer.schema.shown(level)),
        });
    }
    statuses.sort_unstable();
    statuses.iter().for_each(|line| out.push_str(line));
    out
}

fn collect(schema: &Schema, level: Level, objects: &mut BTreeMap<&'static str, &'static Object>) {
    match schema.at(level) {
        Schema::Map(of) | Schema::List(of, _) | Schema::Filter(of, _) => collect(of, level, objects),
        Schema::OneOf(options) => options.iter().for_each(|option| collect(option, level, objects)),
        Schema::Object(object) => {
            if let Some(other) = objects.insert(object.name, object) {
                assert!(std::ptr::eq(other, *object), "two objects are called {}", object.name);
                return;
            }
            for field in object.fields.iter().filter(|field| field.span.holds(level)) {
                collect(&field.schema, level, objects);
            }
        }
        Schema::Text(_) | Schema::Int(_) | Schema::Number | Schema::Flag | Schema::Any => {}
        Schema::Document | Schema::Given | Schema::Enum(..) | Schema::Levels(..) => {}
    }
}

#[test]
fn the_table_says_what_the_protocol_says() {
    for level in Level::ALL {
        let (wanted, found) = (facts(level), written(level));
        let mut topic = "";
        let mut problems = Vec::new();
        for (wanted, found) in wanted.lines().zip(found.lines()) {
            if !wanted.starts_with(' ') {
                topic = wanted;
            }
            if wanted != found {
                problems.push(format!("{topic}:\n    facts {wanted}\n    table {found}"));
            }
        }
        problems.truncate(12);
        assert!(problems.is_empty(), "{}:\n{}", level.name(), problems.join("\n"));
        assert_eq!(wanted.lines().count(), found.lines().count(), "{}", level.name());
    }
}

/// The values that 8.10 added to the enums of its answers, with the values that those had at 8.9.
fn newer_values() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut objects = BTreeMap::new();
    for answer in operations().flat_map(|operation| operation.answers) {
        collect(&answer.schema, Level::V8_10, &mut objects);
    }
    let mut newer = Vec::new();
    for field in objects.values().flat_map(|object| object.fields) {
        let schema = match field.schema.at(Level::V8_10) {
            Schema::List(of, _) => of,
            schema => schema,
        };
        let older = schema.values(Level::V8_9);
        let added = schema.values(Level::V8_10).into_iter().filter(|value| !older.contains(value));
        newer.extend(added.map(|value| (value, older.clone())));
    }
    newer
}

#[test]
fn what_8_9_lacks_is_mapped_or_left_out() {
    let newer = newer_values();
    for (value, older) in &newer {
        match VALUES.iter().find(|(name, _)| name == value) {
            Some((_, Older::As(other))) => assert!(older.contains(other), "{value}: {other} is not of 8.9"),
            Some((_, Older::LeftOut)) => {}
            None => panic!("{value} would reach clients of 8.9"),
        }
    }
    for (value, _) in VALUES {
        assert!(newer.iter().any(|(name, _)| name == value), "no answer has {value}");
    }
}

#[test]
fn all_operations_stand_in_the_table_once() {
    let count = |level| operations().filter(|operation: &&Operation| operation.span.holds(level)).count();
    assert_eq!((count(Level::V8_9), count(Level::V8_10)), (184 + 3, 244 + 3));
    let ids: BTreeSet<&str> = operations().map(|operation| operation.id).collect();
    let places: BTreeSet<_> = operations().map(|operation| (operation.method, operation.path)).collect();
    assert_eq!((ids.len(), places.len()), (247, 247));
    for operation in operations() {
        let parts: Vec<&str> =
            operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let named = operation.parameters.iter().filter(|parameter| parameter.place == Place::Path);
        assert!(named.clone().count() == parts.len(), "{}", operation.id);
        assert!(named.zip(&parts).all(|(parameter, part)| parameter.name == *part), "{}", operation.id);
    }
}

/// What bodies of several forms are read as has the fields of all forms, as they have them, and requires none.
#[test]
fn bodies_of_several_forms_are_read_as_all_of_them() {
    for operation in operations() {
        let Some(reads) = operation.reads else { continue };
        assert!(matches!(operation.kind, Kind::Later) || reads.fields.len() <= FIELDS_MAX, "{}", reads.name);
        assert!(reads.fields.len() <= 64, "{}: a mask of 64 bits notes what was seen", reads.name);
        let Body::Json(schema, _) = operation.body else { continue };
        let Schema::OneOf(forms) = schema.at(Level::V8_10) else { continue };
        let mut wanted = BTreeSet::new();
        for form in *forms {
            let Schema::Object(object) = form else { panic!("{} has other forms", operation.id) };
            wanted.extend(object.fields.iter().map(shape));
        }
        let found: BTreeSet<String> = reads.fields.iter().map(shape).collect();
        assert_eq!(found, wanted, "{}", operation.id);
        assert!(reads.fields.iter().all(|field| field.required == Since::Never), "{}", operation.id);
    }
}

fn shape(field: &Field) -> String {
    format!("{} {}", field.name, field.schema.shown(Level::V8_10))
}

#[test]
fn paths_have_no_more_parameters_than_there_is_room_for() {
    for operation in operations() {
        let count = operation.path.matches('{').count();
        assert!(count <= PARAMETERS_MAX, "{}", operation.id);
        if !matches!(operation.kind, Kind::Later) {
            assert!(!operation.says.is_empty(), "{} says nothing of itself", operation.id);
        }
    }
}
