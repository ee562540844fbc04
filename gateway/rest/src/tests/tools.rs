//! What tools ask of a server that has no authorizations and no secrets: true answers, in the form that they expect. And what they get wrong.

use super::{check, problem, problems};
use expect_test::expect;
use ringbolt_record::{Key, PartitionId, Reply};

/// As Desktop Modeler asks what its user may do.
#[test]
fn nobody_was_given_anything() {
    check(
        "POST /v2/authentication/me/authorizations/search",
        r#"{"filter":{"resourceType":"RESOURCE"},"page":{"limit":100}}"#,
        Ok(Reply::Done),
        expect![[r#"
            200 application/json
            {"authorizationsEnabled":false,"items":[],"page":{"totalItems":0,"hasMoreTotalItems":false,"startCursor":null,"endCursor":null}}"#]],
    );
    problems(
        "POST /v2/authentication/me/authorizations/search",
        &["[]", r#"{"filter":{"x":1}}"#],
        expect![[r#"
            <[]> is
                400 Bad Request: Failed to read request: expected a JSON object, but found an array
            <{"filter":{"x":1}}> is
                400 Bad Request: Request property [filter.x] cannot be parsed: there is no such property
        "#]],
    );
}

/// As Desktop Modeler lists secrets, and the Spring Boot starter resolves them.
#[test]
fn there_are_no_secrets() {
    for body in ["", "{}"] {
        check(
            "POST /v2/secrets/list",
            body,
            Ok(Reply::Done),
            expect![[r#"
                200 application/json
                {"references":[]}"#]],
        );
    }
    problems(
        "POST /v2/secrets/list",
        &["[]", "{\"a\":}"],
        expect![[r#"
        <[]> is
            400 Bad Request: Failed to read request: expected a JSON object, but found an array
        <{"a":}> is
            400 Bad Request: Failed to read request: Invalid JSON value at line 1 column 6
    "#]],
    );
    check(
        "POST /v2/secrets/resolve",
        r#"{"references":["camunda.secrets.a","b\"c"]}"#,
        Ok(Reply::Done),
        expect![[r#"
            200 application/json
            {"resolved":[],"errors":[{"reference":"camunda.secrets.a","code":"NOT_FOUND","message":"The server has no secret 'camunda.secrets.a'"},{"reference":"b\"c","code":"NOT_FOUND","message":"The server has no secret 'b\"c'"}]}"#]],
    );
    problems(
        "POST /v2/secrets/resolve",
        &["", "{}", r#"{"references":[1]}"#],
        expect![[r#"
        <> is
            400 Bad Request: Required request body is missing
        <{}> is
            400 INVALID_ARGUMENT: No references provided.
        <{"references":[1]}> is
            400 Bad Request: Request property [references] cannot be parsed: expected an array of strings
    "#]],
    );
}

#[test]
fn the_clock_is_set_to_what_can_be_written() {
    problems(
        "PUT /v2/clock",
        &[
            "{}",
            r#"{"timestamp":-1}"#,
            r#"{"timestamp":9000000000000000000}"#,
            r#"{"timestamp":253402207200001}"#,
        ],
        expect![[r#"
            <{}> is
                400 INVALID_ARGUMENT: No timestamp provided.
            <{"timestamp":-1}> is
                400 INVALID_ARGUMENT: The value for timestamp is '-1' but must be not negative.
            <{"timestamp":9000000000000000000}> is
                400 INVALID_ARGUMENT: The value for timestamp is '9000000000000000000' but must be at most 253402207200000.
            <{"timestamp":253402207200001}> is
                400 INVALID_ARGUMENT: The value for timestamp is '253402207200001' but must be at most 253402207200000.
        "#]],
    );
}

/// A client that has one value wrong is told of that, and not of names in other forms of the same object.
#[test]
fn what_is_wrong_with_a_page_is_what_is_wrong_with_it() {
    problems(
        "POST /v2/jobs/search",
        &[
            r#"{"page":{"from":-1,"limit":0}}"#,
            r#"{"page":{"after":"x","limit":0}}"#,
            r#"{"page":{"x":1}}"#,
            r#"{"filter":{"jobKey":"+5"}}"#,
            r#"{"filter":{"jobKey":"00000000000000000000000000000000000005"}}"#,
        ],
        expect![[r#"
            <{"page":{"from":-1,"limit":0}}> is
                400 INVALID_ARGUMENT: The value for page.from is '-1' but must be not negative.
            <{"page":{"after":"x","limit":0}}> is
                400 INVALID_ARGUMENT: The provided page.after contains illegal characters. It must match the pattern '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=)?$'. The provided cursor is none of a search like this one.
            <{"page":{"x":1}}> is
                400 Bad Request: Request property [page.x] cannot be parsed: there is no such property
            <{"filter":{"jobKey":"+5"}}> is
                400 INVALID_ARGUMENT: The provided filter.jobKey '+5' is not a valid key. Expected a numeric value. Did you pass an entity id instead of an entity key?. The provided jobKey '+5' is not valid.
            <{"filter":{"jobKey":"00000000000000000000000000000000000005"}}> is
                400 INVALID_ARGUMENT: The provided filter.jobKey '00000000000000000000000000000000000005' is not a valid key. Expected a numeric value. Did you pass an entity id instead of an entity key?. The provided jobKey '00000000000000000000000000000000000005' is not valid.
        "#]],
    );
}

/// All that is wrong with an instance, whoever finds it.
#[test]
fn all_that_is_wrong_is_said_at_once() {
    let (id, business_id) = ("p".repeat(401), "b".repeat(257));
    let several = format!(
        r#"{{"processDefinitionId":"{id}","tenantId":"acme","businessId":"{business_id}","tags":["1x"],"operationReference":0}}"#
    );
    expect!["400 INVALID_ARGUMENT: The provided businessId exceeds the limit of 256 characters. The value for operationReference is '0' but must be > 0. The provided processDefinitionId has 401 bytes, but at most 400 are allowed. Expected to handle request Create Process Instance with tenant identifier 'acme', but multi-tenancy is disabled. The provided tag '1x' is not valid. Tags must start with a letter (a-z, A-Z), followed by alphanumerics, underscores, minuses, colons, or periods. It must not be blank and must be 100 characters or less."].assert_eq(&problem("POST /v2/process-instances", several.as_bytes()));
}

/// Of variables that come twice the last hold, and `null` is none.
#[test]
fn null_takes_back_what_came_before() {
    check(
        "POST /v2/messages/publication",
        r#"{"name":"m","variables":{"a":1},"variables":null}"#,
        Ok(Reply::MessagePublished { message_key: Key::new(PartitionId(1), 1) }),
        expect![[r#"
            1: PUBLISH 0 "m" for "" id="" ttl=0 {} tenant=<default> within 15s
            200 application/json
            {"tenantId":"<default>","messageKey":"2251799813685249"}"#]],
    );
}
