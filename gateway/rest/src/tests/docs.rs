//! The page of operations, and their description.

use super::{rest, show};
use crate::pages::page;
use crate::{AnswerBody, Head, route};
use bytes::Bytes;
use ringbolt_api::Limits;
use ringbolt_api::fake::{Callers, FakeBroker, run};
use ringbolt_api::operation::Operation;
use ringbolt_api::schema::Level;
use ringbolt_api::table::operations;
use serde_json::Value;
use std::path::Path;
use std::rc::Rc;

const MARK: &str = "<!-- operations -->\n";

/// `RINGBOLT_UPDATE_DOCS=1` writes the page.
#[test]
fn the_page_of_operations_is_as_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("docs/api.md");
    let text = std::fs::read_to_string(&path).expect("docs/api.md");
    let (before, found) = text.split_once(MARK).expect("the mark");
    let wanted = page(&Callers::read(&root));
    if std::env::var_os("RINGBOLT_UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{MARK}{wanted}")).expect("writable");
        return;
    }
    assert!(found == wanted, "docs/api.md is stale: RINGBOLT_UPDATE_DOCS=1 writes it");
}

fn get(path: &str, level: Level) -> (u16, Option<&'static str>, Vec<u8>) {
    let limits = Limits { level, ..Limits::default() };
    let rest = crate::Rest::new(FakeBroker::new(), Rc::new(limits));
    let head = Head { path, ..Head::default() };
    let answer = run(rest.answer("GET", route("GET", path), head, Bytes::new()));
    let AnswerBody::Document(document) = answer.body else { panic!("no document at {path}") };
    (answer.status, answer.content_type, document.to_vec())
}

/// Every reference in a document leads somewhere in it.
fn check_references(value: &Value, root: &Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                assert!(root.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
            members.values().for_each(|member| check_references(member, root));
        }
        Value::Array(items) => items.iter().for_each(|item| check_references(item, root)),
        _ => {}
    }
}

#[test]
fn the_description_has_every_operation_of_its_level() {
    for level in Level::ALL {
        let (status, content_type, document) = get("/openapi.json", level);
        assert_eq!((status, content_type), (200, Some("application/json")));
        let document: Value = serde_json::from_slice(&document).expect("the document is JSON");
        assert_eq!(document["info"]["version"], level.camunda_version());
        check_references(&document, &document);
        let mut count = 0;
        let here = |operation: &&Operation| operation.span.holds(level);
        for operation in operations().filter(here) {
            let method = operation.method.name().to_ascii_lowercase();
            let found = &document["paths"][operation.path][&method];
            assert_eq!(found["operationId"], operation.id);
            assert!(found["responses"].as_object().is_some_and(|answers| !answers.is_empty()));
            count += 1;
        }
        let paths = document["paths"].as_object().expect("paths");
        let listed: usize = paths.values().filter_map(Value::as_object).map(serde_json::Map::len).sum();
        assert_eq!(listed, count);
    }
}

#[test]
fn the_description_is_only_read() {
    let (_, rest) = rest();
    let head = Head { path: "/openapi.json", ..Head::default() };
    let refused = run(rest.answer("PUT", route("PUT", "/openapi.json"), head, Bytes::new()));
    assert!(show(refused).starts_with("405 application/problem+json allow: GET"));
}
