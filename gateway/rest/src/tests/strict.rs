//! Bodies are JSON and nothing else: the reader of bodies against a parser that has no part in it.

use super::garbage::Noise;
use crate::validate;
use bytes::Bytes;
use ringbolt_api::objects::creation::PROCESS_INSTANCE_CREATION;
use ringbolt_api::objects::job::{JOB_COMPLETION_REQUEST, JOB_UPDATE_REQUEST};
use ringbolt_api::objects::job_search::JOB_SEARCH_QUERY;
use ringbolt_api::schema::Object;
use serde_json::Value;

const BODIES: &[(&Object, &str)] = &[
    (
        &PROCESS_INSTANCE_CREATION,
        r#"{"processDefinitionId":"a","variables":{"a":[1,-2.5e+3,{"b":null}],"c":"\n\u0041"},"tags":["x"],"awaitCompletion":false,"startInstructions":[{"elementId":"e"}]}"#,
    ),
    (&JOB_COMPLETION_REQUEST, r#"{"variables":{},"result":{"type":"userTask","denied":true},"x":[[],{},0]}"#),
    (&JOB_UPDATE_REQUEST, r#" {"changeset" : {"retries" : 10, "timeout":0.5} , "operationReference":1} "#),
    (
        &JOB_SEARCH_QUERY,
        r#"{"filter":{"type":{"$in":["a","b"],"$exists":true},"state":"CREATED"},"page":{"limit":1},"sort":[{"field":"type","order":"ASC"}]}"#,
    ),
];

/// What was read, or why not.
fn read(object: &'static Object, body: &[u8]) -> Result<(), String> {
    validate::required(Bytes::copy_from_slice(body), object).map(drop).map_err(|problem| problem.detail)
}

#[test]
fn what_is_no_json_is_never_read_and_what_is_is_never_refused_as_none() {
    let mut noise = Noise(0x5721);
    let (mut valid, mut invalid) = (0, 0);
    for _ in 0..20_000 {
        for (object, body) in BODIES {
            let body = noise.spoil(body.as_bytes());
            let text = String::from_utf8_lossy(&body);
            // Half of a pair of surrogates is JSON, though no text.
            if text.contains("\\u") || text.trim().is_empty() {
                continue;
            }
            let found = read(object, &body);
            match serde_json::from_slice::<Value>(&body) {
                Ok(_) => {
                    valid += 1;
                    let why = found.err().unwrap_or_default();
                    let is_of_grammar = why.starts_with("Failed to read request")
                        && !why.contains("expected a JSON object, but found");
                    assert!(!is_of_grammar && !why.contains("Invalid JSON"), "{text}: {why}");
                }
                Err(error) => {
                    invalid += 1;
                    assert!(found.is_err(), "{text} is read, although {error}");
                }
            }
        }
    }
    assert!(valid > 1_000 && invalid > 10_000, "{valid} {invalid}");
}

#[test]
fn filters_and_pages_are_read_and_refused() {
    let read = |body: &str| read(&JOB_SEARCH_QUERY, body.as_bytes());
    for right in [
        r#"{"filter":{"type":"a"}}"#,
        r#"{"filter":{"type":{"$like":"a*","$notIn":[]},"retries":{"$gte":1}}}"#,
        r#"{"page":{"from":1,"limit":2}}"#,
        r#"{"page":{"after":"YQ=="}}"#,
        r#"{"page":{"from":0,"limit":10,"after":null}}"#,
        r#"{"page":{"after":null,"before":null,"from":null,"limit":null}}"#,
        "{}",
    ] {
        // A cursor of one byte has two signs after it, or none.
        assert_eq!(read(right), Ok(()), "{right}");
    }
    for (wrong, why) in [
        (r#"{"filter":{"type":1}}"#, "[filter.type] cannot be parsed: expected a string"),
        (r#"{"filter":{"type":{"$regex":"a"}}}"#, "[filter.type.$regex] cannot be parsed"),
        (r#"{"filter":{"retries":{"$gte":"1"}}}"#, "[filter.retries.$gte] cannot be parsed"),
        (
            r#"{"filter":{"retries":{"$exists":1}}}"#,
            "[filter.retries.$exists] cannot be parsed: expected true",
        ),
        (r#"{"filter":{"state":"GONE"}}"#, "Cannot map value 'GONE' for type 'filter.state'"),
        (r#"{"sort":[{"order":"UP"}]}"#, "Cannot map value 'UP' for type 'sort[0].order'"),
        (
            r#"{"page":{"limit":1,"behind":null}}"#,
            "[page.behind] cannot be parsed: there is no such property",
        ),
        (
            r#"{"page":{"from":2147483648}}"#,
            "[page.from] cannot be parsed: expected a whole number of 32 bits",
        ),
        (r#"{"page":{"after":1}}"#, "[page.after] cannot be parsed: expected a string"),
        (
            r#"{"page":{"before":"AA==","after":"AA=="}}"#,
            "cannot be parsed: it cannot stand beside the others",
        ),
        (r#"{"page":[]}"#, "[page] cannot be parsed: expected an object"),
    ] {
        let found = read(wrong).expect_err(wrong);
        assert!(found.contains(why), "{wrong}: {found}");
    }
}
