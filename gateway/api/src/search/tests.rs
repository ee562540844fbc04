//! Every search and get of the table has a column for whatever its objects name.

use super::{OneRow, Search, item_of};
use crate::operation::{JSON, Kind, Operation};
use crate::schema::{Level, Object, Schema};
use crate::table::operations;
use ringbolt_query::{By, View};

/// Fields that a filter has columns for.
fn check_filter(operation: &Operation, view: &View, object: &'static Object) {
    for field in object.fields {
        match field.schema {
            Schema::List(Schema::Object(inner), _) if field.name == "$or" => {
                check_filter(operation, view, inner);
            }
            schema => {
                let column = view.column(field.name);
                let column = column.unwrap_or_else(|| panic!("{} filters by {}", operation.id, field.name));
                if let Schema::List(Schema::Object(_), _) = schema {
                    assert!(matches!(column.by, By::Within(..)), "{} {}", operation.id, field.name);
                }
            }
        }
    }
}

fn check_body(operation: &'static Operation, view: &View) {
    let Some(body) = operation.reads else { return };
    if let Some((_, field)) = body.find(b"filter") {
        check_filter(operation, view, field.schema.object().expect("an object"));
    }
    if let Some((_, field)) = body.find(b"sort") {
        let Schema::List(item, _) = field.schema else { panic!("{} sorts by no list", operation.id) };
        let by = item.at(Level::V8_10).object().and_then(|item| item.find(b"field"));
        let (_, by) = by.unwrap_or_else(|| panic!("{} sorts by {item:?}", operation.id));
        for level in Level::ALL {
            for name in by.schema.values(level) {
                assert!(view.column(name).is_some(), "{} sorts by {name}", operation.id);
            }
        }
    }
}

fn check_shown(operation: &Operation, view: &View, object: &Object) {
    for field in object.fields {
        assert!(view.column(field.name).is_some(), "{} shows {}", operation.id, field.name);
    }
}

#[test]
fn whatever_operations_name_has_a_column() {
    let mut found = 0;
    for operation in operations() {
        for answer in operation.answers {
            let Schema::Object(object) = answer.schema else { continue };
            match operation.kind {
                Kind::Search(Search { view, .. }) => check_shown(operation, view, item_of(object)),
                Kind::Row(OneRow { view, .. }) if answer.media == JSON => {
                    check_shown(operation, view, object)
                }
                _ => {}
            }
        }
        match operation.kind {
            Kind::Search(Search { view, .. }) => {
                check_body(operation, view);
                found += 1;
            }
            Kind::Row(OneRow { view, .. }) => {
                let media = operation.answers.iter().any(|answer| answer.media != JSON);
                assert!(!media || view.column("xml").is_some(), "{}", operation.id);
                found += 1;
            }
            _ => {}
        }
    }
    assert!(found > 20, "{found}");
}
