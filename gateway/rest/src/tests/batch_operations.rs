//! Batch operations: what is asked of many.

use super::{check, problem, problems};
use expect_test::expect;
use ringbolt_api::Refusal;
use ringbolt_record::{BatchOperationType, Key, PartitionId, Reply};

fn created(kind: BatchOperationType) -> Result<Reply, Refusal> {
    Ok(Reply::BatchOperationCreated { batch_operation_key: Key::new(PartitionId(2), 8), kind })
}

#[test]
fn what_is_asked_of_many_goes_to_a_partition_as_a_filter_and_a_plan() {
    check(
        "POST /v2/process-instances/cancellation",
        r#"{"filter":{"processDefinitionId":"p"},"operationReference":3}"#,
        created(BatchOperationType::CancelProcessInstance),
        expect![[r#"
            2: CREATE 0 Create(CreateBatchOperation { kind: CancelProcessInstance, filter: "{\"processDefinitionId\":\"p\"}", plan: Plain }) operationReference=3 within 15s
            200 application/json
            {"batchOperationKey":"4503599627370504","batchOperationType":"CANCEL_PROCESS_INSTANCE"}"#]],
    );
    check(
        "POST /v2/process-instances/migration",
        r#"{"filter":{"state":"ACTIVE"},"migrationPlan":{"targetProcessDefinitionKey":"7","mappingInstructions":[{"sourceElementId":"a","targetElementId":"b"}]}}"#,
        created(BatchOperationType::MigrateProcessInstance),
        expect![[r#"
            2: CREATE 0 Create(CreateBatchOperation { kind: MigrateProcessInstance, filter: "{\"state\":\"ACTIVE\"}", plan: Migration(MigrationPlan { target_process_definition_key: 7, mappings: [ElementPair { source_element_id: "a", target_element_id: "b" }] }) }) within 15s
            200 application/json
            {"batchOperationKey":"4503599627370504","batchOperationType":"MIGRATE_PROCESS_INSTANCE"}"#]],
    );
    check(
        "POST /v2/process-instances/modification",
        r#"{"filter":{"$or":[{"businessId":"b"}]},"moveInstructions":[{"sourceElementId":"a","targetElementId":"b"}]}"#,
        created(BatchOperationType::ModifyProcessInstance),
        expect![[r#"
            2: CREATE 0 Create(CreateBatchOperation { kind: ModifyProcessInstance, filter: "{\"$or\":[{\"businessId\":\"b\"}]}", plan: Modification(ModificationPlan { moves: [ElementPair { source_element_id: "a", target_element_id: "b" }] }) }) within 15s
            200 application/json
            {"batchOperationKey":"4503599627370504","batchOperationType":"MODIFY_PROCESS_INSTANCE"}"#]],
    );
    check(
        "POST /v2/decision-instances/deletion",
        r#"{"filter":{"decisionDefinitionId":"d"}}"#,
        created(BatchOperationType::DeleteDecisionInstance),
        expect![[r#"
            2: CREATE 0 Create(CreateBatchOperation { kind: DeleteDecisionInstance, filter: "{\"decisionDefinitionId\":\"d\"}", plan: Plain }) within 15s
            200 application/json
            {"batchOperationKey":"4503599627370504","batchOperationType":"DELETE_DECISION_INSTANCE"}"#]],
    );
}

#[test]
fn instances_rest_and_go_on_and_jobs_are_changed_by_filter() {
    check(
        "POST /v2/process-instances/suspension",
        r#"{"filter":{"processDefinitionId":"p"},"operationReference":3}"#,
        created(BatchOperationType::SuspendProcessInstance),
        expect![[r#"
            2: CREATE 0 Create(CreateBatchOperation { kind: SuspendProcessInstance, filter: "{\"processDefinitionId\":\"p\"}", plan: Plain }) operationReference=3 within 15s
            200 application/json
            {"batchOperationKey":"4503599627370504","batchOperationType":"SUSPEND_PROCESS_INSTANCE"}"#]],
    );
    check(
        "POST /v2/process-instances/resumption",
        r#"{"filter":{"state":"SUSPENDED"}}"#,
        created(BatchOperationType::ResumeProcessInstance),
        expect![[r#"
            2: CREATE 0 Create(CreateBatchOperation { kind: ResumeProcessInstance, filter: "{\"state\":\"SUSPENDED\"}", plan: Plain }) within 15s
            200 application/json
            {"batchOperationKey":"4503599627370504","batchOperationType":"RESUME_PROCESS_INSTANCE"}"#]],
    );
    check(
        "POST /v2/jobs/batch-update",
        r#"{"filter":{"type":"work","retries":0},"changeset":{"retries":3,"timeout":null,"priority":-1},"operationReference":4}"#,
        created(BatchOperationType::UpdateJob),
        expect![[r#"
            2: CREATE 0 Create(CreateBatchOperation { kind: UpdateJob, filter: "{\"type\":\"work\",\"retries\":0}", plan: JobUpdate(JobUpdatePlan { retries: Some(3), timeout_ms: None, priority: Some(-1) }) }) operationReference=4 within 15s
            200 application/json
            {"batchOperationKey":"4503599627370504","batchOperationType":"UPDATE_JOB"}"#]],
    );
    problems(
        "POST /v2/jobs/batch-update",
        &[
            "{}",
            r#"{"filter":{},"changeset":{}}"#,
            r#"{"filter":{"type":"work"},"changeset":{"retries":null}}"#,
            r#"{"filter":{"state":"NOTHING","deadline":"never"},"changeset":{"timeout":5}}"#,
        ],
        expect![[r#"
            <{}> is
                400 INVALID_ARGUMENT: No filter provided. No changeset provided. At least one of filter criteria is required.
            <{"filter":{},"changeset":{}}> is
                400 INVALID_ARGUMENT: At least one of [retries, timeout, priority] is required. At least one of filter criteria is required.
            <{"filter":{"type":"work"},"changeset":{"retries":null}}> is
                400 INVALID_ARGUMENT: At least one of [retries, timeout, priority] is required.
            <{"filter":{"state":"NOTHING","deadline":"never"},"changeset":{"timeout":5}}> is
                400 Bad Request: Cannot map value 'NOTHING' for type 'filter.state'. Use any of the following values: [CANCELED, COMPLETED, CREATED, ERROR_THROWN, FAILED, MIGRATED, PRIORITY_UPDATED, RETRIES_UPDATED, TIMED_OUT, TIMEOUT_UPDATED]. The provided filter.deadline 'never' cannot be parsed as a date according to RFC 3339, section 5.6
        "#]],
    );
}

#[test]
fn a_batch_operation_is_held_let_go_and_ended() {
    let path = |what: &str| format!("POST /v2/batch-operations/{}/{what}", Key::new(PartitionId(2), 8));
    check(
        &path("suspension"),
        "",
        Ok(Reply::Done),
        expect![[r#"
        2: SUSPEND 4503599627370504 Suspend { batch_operation_key: 4503599627370504 } within 15s
        204"#]],
    );
    check(
        &path("resumption"),
        "{}",
        Ok(Reply::Done),
        expect![[r#"
        2: RESUME 4503599627370504 Resume { batch_operation_key: 4503599627370504 } within 15s
        204"#]],
    );
    check(
        &path("cancellation"),
        "",
        Ok(Reply::Done),
        expect![[r#"
        2: CANCEL 4503599627370504 Cancel { batch_operation_key: 4503599627370504 } within 15s
        204"#]],
    );
    check(
        "POST /v2/batch-operations/1/cancellation",
        "",
        Ok(Reply::Done),
        expect![[r#"
        404 application/problem+json
        {"type":"about:blank","title":"NOT_FOUND","status":404,"detail":"Command 'CANCEL' rejected with code 'NOT_FOUND': Expected to cancel a batch operation with key '1', but no such batch operation was found","instance":"/v2/batch-operations/1/cancellation"}"#]],
    );
}

#[test]
fn what_holds_for_everything_is_no_filter() {
    let filters = [
        r#"{"processInstanceKey":null}"#,
        r#"{"processInstanceKey":"1","processInstanceKey":null}"#,
        r#"{"processInstanceKey":{"$eq":"1","$eq":null}}"#,
        r#"{"$or":[{"processInstanceKey":"1"},{}]}"#,
        r#"{"$or":[{"processInstanceKey":"1","processInstanceKey":null}]}"#,
    ];
    let paths = [
        "process-instances/cancellation",
        "process-instances/deletion",
        "process-instances/incident-resolution",
        "process-instances/suspension",
    ];
    for (path, filter) in paths.iter().flat_map(|path| filters.map(|filter| (path, filter))) {
        let answer = problem(&format!("POST /v2/{path}"), format!(r#"{{"filter":{filter}}}"#).as_bytes());
        assert!(answer.contains("At least one of filter criteria is required"), "{path} {filter}: {answer}");
    }
}

#[test]
fn filters_and_plans_that_say_nothing_are_refused() {
    problems(
        "POST /v2/process-instances/modification",
        &[
            "{}",
            r#"{"filter":{},"moveInstructions":[]}"#,
            r#"{"filter":{"startDate":"never"},"moveInstructions":[{"sourceElementId":"a"}]}"#,
            r#"{"filter":{"batchOperationId":{"$like":"*"},"unknown":1},"moveInstructions":[{"sourceElementId":"a","targetElementId":"b"}]}"#,
        ],
        expect![[r#"
            <{}> is
                400 INVALID_ARGUMENT: No filter provided. No moveInstructions provided. At least one of filter criteria is required.
            <{"filter":{},"moveInstructions":[]}> is
                400 INVALID_ARGUMENT: No moveInstructions provided. At least one of filter criteria is required.
            <{"filter":{"startDate":"never"},"moveInstructions":[{"sourceElementId":"a"}]}> is
                400 INVALID_ARGUMENT: The provided filter.startDate 'never' cannot be parsed as a date according to RFC 3339, section 5.6. No targetElementId provided in 'moveInstructions[0]'. The provided startDate 'never' is not valid.
            <{"filter":{"batchOperationId":{"$like":"*"},"unknown":1},"moveInstructions":[{"sourceElementId":"a","targetElementId":"b"}]}> is
                400 Bad Request: Request property [filter.unknown] cannot be parsed: there is no such property
        "#]],
    );
    problems(
        "POST /v2/process-instances/migration",
        &[
            r#"{"filter":{"state":"ACTIVE"}}"#,
            r#"{"filter":{"state":"ACTIVE"},"migrationPlan":{"targetProcessDefinitionKey":"x","mappingInstructions":[]}}"#,
        ],
        expect![[r#"
            <{"filter":{"state":"ACTIVE"}}> is
                400 INVALID_ARGUMENT: No migrationPlan provided.
            <{"filter":{"state":"ACTIVE"},"migrationPlan":{"targetProcessDefinitionKey":"x","mappingInstructions":[]}}> is
                400 INVALID_ARGUMENT: The provided migrationPlan.targetProcessDefinitionKey 'x' is not a valid key. Expected a numeric value. Did you pass an entity id instead of an entity key?. No mappingInstructions provided.
        "#]],
    );
}
