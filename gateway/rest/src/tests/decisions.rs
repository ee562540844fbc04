//! Decisions and expressions.

use super::{check, problems};
use expect_test::expect;
use ringbolt_api::Refusal;
use ringbolt_api::fake::evaluation;
use ringbolt_record::reply::{EvaluationFailure, ExpressionEvaluation};
use ringbolt_record::{Rejection, RejectionType, Reply};

const EVALUATION: &str = "POST /v2/decision-definitions/evaluation";
const EXPRESSION: &str = "POST /v2/expression/evaluation";

#[test]
fn evaluating_decisions() {
    check(
        EVALUATION,
        r#"{"decisionDefinitionId":"dish","variables":{"month":1.0},"tenantId":"<default>"}"#,
        Ok(Reply::DecisionEvaluated(Box::new(evaluation()))),
        expect![[r#"
            2: EVALUATE 0 latest "dish" {month=1.0} tenant=<default> within 15s
            200 application/json
            {"decisionDefinitionId":"dish","decisionDefinitionName":"Dish","decisionDefinitionVersion":2,"decisionRequirementsId":"dinner","output":"\"stew\"","failedDecisionDefinitionId":null,"failureMessage":null,"tenantId":"<default>","decisionDefinitionKey":"2251799813685258","decisionRequirementsKey":"2251799813685257","decisionInstanceKey":"4503599627370507","decisionEvaluationKey":"4503599627370507","evaluatedDecisions":[{"decisionDefinitionId":"f","decisionDefinitionName":"function","decisionDefinitionVersion":-1,"decisionDefinitionType":"LITERAL_EXPRESSION","output":"2","tenantId":"<default>","matchedRules":[],"evaluatedInputs":[],"decisionDefinitionKey":"-1","decisionEvaluationInstanceKey":"4503599627370507-1"},{"decisionDefinitionId":"dish","decisionDefinitionName":"Dish","decisionDefinitionVersion":2,"decisionDefinitionType":"DECISION_TABLE","output":"\"stew\"","tenantId":"<default>","matchedRules":[{"ruleId":"r1","ruleIndex":1,"evaluatedOutputs":[{"outputId":"out","outputName":"dish","outputValue":"\"stew\"","ruleId":"r1","ruleIndex":1}]}],"evaluatedInputs":[{"inputId":"in","inputName":"Month","inputValue":"1"}],"decisionDefinitionKey":"2251799813685258","decisionEvaluationInstanceKey":"4503599627370507-2"}]}"#]],
    );
    let mut failed = evaluation();
    failed.output =
        Err(EvaluationFailure { decision_id: "season".into(), message: "Expected \"so\"".to_owned() });
    failed.evaluated.clear();
    check(
        EVALUATION,
        r#"{"decisionDefinitionKey":"2251799813685258"}"#,
        Ok(Reply::DecisionEvaluated(Box::new(failed))),
        expect![[r#"
            2: EVALUATE 0 decision 2251799813685258 {} tenant=<default> within 15s
            200 application/json
            {"decisionDefinitionId":"dish","decisionDefinitionName":"Dish","decisionDefinitionVersion":2,"decisionRequirementsId":"dinner","output":"null","failedDecisionDefinitionId":"season","failureMessage":"Expected \"so\"","tenantId":"<default>","decisionDefinitionKey":"2251799813685258","decisionRequirementsKey":"2251799813685257","decisionInstanceKey":"4503599627370507","decisionEvaluationKey":"4503599627370507","evaluatedDecisions":[]}"#]],
    );
    check(
        EVALUATION,
        r#"{"decisionDefinitionId":"none"}"#,
        Err(Refusal::Rejected(Rejection::new(RejectionType::NotFound, "Expected so"))),
        expect![[r#"
            2: EVALUATE 0 latest "none" {} tenant=<default> within 15s
            404 application/problem+json
            {"type":"about:blank","title":"NOT_FOUND","status":404,"detail":"Command 'EVALUATE' rejected with code 'NOT_FOUND': Expected so","instance":"/v2/decision-definitions/evaluation"}"#]],
    );
}

#[test]
fn evaluating_expressions() {
    let expression = "=x + y".to_owned();
    let evaluation = ExpressionEvaluation {
        expression: expression.clone(),
        result: "null".into(),
        warnings: vec!["No variable found with name 'y'".to_owned(), "two\nlines".to_owned()],
    };
    check(
        EXPRESSION,
        r#"{"expression":"=x + y","variables":{"x":[1]},"tenantId":null}"#,
        Ok(Reply::ExpressionEvaluated(evaluation)),
        expect![[r#"
            2: EVALUATE 0 "=x + y" {x=[1]} within 15s
            200 application/json
            {"expression":"=x + y","result":null,"warnings":[{"message":"No variable found with name 'y'"},{"message":"two\nlines"}],"referencedSecrets":[]}"#]],
    );
    check(
        EXPRESSION,
        r#"{"expression":"= assert(1, false)"}"#,
        Err(Refusal::Rejected(Rejection::new(RejectionType::ProcessingError, "it failed"))),
        expect![[r#"
            2: EVALUATE 0 "= assert(1, false)" {} within 15s
            500 application/problem+json
            {"type":"about:blank","title":"INTERNAL","status":500,"detail":"Command 'EVALUATE' rejected with code 'PROCESSING_ERROR': it failed","instance":"/v2/expression/evaluation"}"#]],
    );
    check(
        EXPRESSION,
        r#"{"expression":"=1"}"#,
        Ok(Reply::Done),
        expect![[r#"
        2: EVALUATE 0 "=1" {} within 15s
        500 application/problem+json
        {"type":"about:blank","title":"INTERNAL","status":500,"detail":"Unexpected error occurred during the request processing: the answer was nothing","instance":"/v2/expression/evaluation"}"#]],
    );
}

#[test]
fn a_blank_expression_is_for_the_engine_to_refuse() {
    check(
        EXPRESSION,
        r#"{"expression":" "}"#,
        Err(Refusal::Rejected(Rejection::new(RejectionType::InvalidArgument, "it is blank"))),
        expect![[r#"
            2: EVALUATE 0 " " {} within 15s
            400 application/problem+json
            {"type":"about:blank","title":"INVALID_ARGUMENT","status":400,"detail":"Command 'EVALUATE' rejected with code 'INVALID_ARGUMENT': it is blank","instance":"/v2/expression/evaluation"}"#]],
    );
}

#[test]
fn requests_that_make_no_sense() {
    problems(
        EVALUATION,
        &[
            "",
            "{}",
            r#"{"decisionDefinitionId":" "}"#,
            r#"{"decisionDefinitionId":"a","decisionDefinitionKey":"1"}"#,
            r#"{"decisionDefinitionKey":1}"#,
            r#"{"decisionDefinitionKey":"dish"}"#,
            r#"{"decisionDefinitionId":"a","variables":[1]}"#,
            r#"{"decisionDefinitionId":"a","tenantId":"t"}"#,
            r#"{"decisionDefinitionId":"a","decisionId":"b"}"#,
        ],
        expect![[r#"
            <> is
                400 Bad Request: Required request body is missing
            <{}> is
                400 INVALID_ARGUMENT: At least one of [decisionDefinitionId, decisionDefinitionKey] is required.
            <{"decisionDefinitionId":" "}> is
                400 INVALID_ARGUMENT: At least one of [decisionDefinitionId, decisionDefinitionKey] is required.
            <{"decisionDefinitionId":"a","decisionDefinitionKey":"1"}> is
                400 INVALID_ARGUMENT: Only one of [decisionDefinitionId, decisionDefinitionKey] is allowed.
            <{"decisionDefinitionKey":1}> is
                400 Bad Request: Request property [decisionDefinitionKey] cannot be parsed: expected a string
            <{"decisionDefinitionKey":"dish"}> is
                400 INVALID_ARGUMENT: The provided decisionDefinitionKey 'dish' is not a valid key. Expected a numeric value. Did you pass an entity id instead of an entity key?.
            <{"decisionDefinitionId":"a","variables":[1]}> is
                400 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'ARRAY'.
            <{"decisionDefinitionId":"a","tenantId":"t"}> is
                400 INVALID_ARGUMENT: Expected to handle request Evaluate Decision with tenant identifier 't', but multi-tenancy is disabled
            <{"decisionDefinitionId":"a","decisionId":"b"}> is
                400 Bad Request: Request property [decisionId] cannot be parsed: there is no such property
        "#]],
    );
    problems(
        EXPRESSION,
        &[
            "{}",
            r#"{"expression":1}"#,
            r#"{"expression":"=1","variables":"x"}"#,
            r#"{"expression":"=1","tenantId":"t"}"#,
            r#"{"expression":"=1","scope":"x"}"#,
        ],
        expect![[r#"
            <{}> is
                400 INVALID_ARGUMENT: No expression provided.
            <{"expression":1}> is
                400 Bad Request: Request property [expression] cannot be parsed: expected a string
            <{"expression":"=1","variables":"x"}> is
                400 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'STRING'.
            <{"expression":"=1","tenantId":"t"}> is
                400 INVALID_ARGUMENT: Expected to handle request Evaluate Expression with tenant identifier 't', but multi-tenancy is disabled
            <{"expression":"=1","scope":"x"}> is
                400 Bad Request: Request property [scope] cannot be parsed: there is no such property
        "#]],
    );
}
