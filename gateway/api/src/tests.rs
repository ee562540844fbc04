//! Requests of both protocols against a scripted broker: what reaches the engine, and what the client is told.

use crate::fake::{FakeBroker, run};
use crate::request::{CreateInstance, FailJobInput, JobChangesInput, JobsInput};
use crate::{ApiError, Gateway, Limits, Mapper, Protocol, Refusal, Request};
use bytes::Bytes;
use expect_test::{Expect, expect};
use ringbolt_record::command::{
    AwaitResult, DefinitionSelector, JobUpdateKind, PublishMessage, Resource, UpdateSemantics,
};
use ringbolt_record::{DurationMs, Key, PartitionId, Rejection, RejectionType, VariableDocument};
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::Duration;

const LIMITS: fn() -> Limits =
    || Limits { variables_bytes_max: 64, deployment_resources_max: 2, ..Limits::default() };

fn gateway(protocol: Protocol) -> (FakeBroker, Gateway<FakeBroker>) {
    let broker = FakeBroker::new();
    (broker.clone(), Gateway::new(broker, Rc::new(LIMITS()), protocol))
}

fn show(error: &ApiError) -> String {
    let retry = error.retry_after.map_or(String::new(), |after| format!(" (again in {after:?})"));
    let kind = error.kind;
    format!("{} {} {}: {}{retry}", kind.http_status(), kind.grpc_code(), kind.title(), error.message)
}

/// What a request becomes in each protocol; once if both agree.
fn check(make: impl Fn(Mapper<'_>) -> Result<Request, ApiError>, expected: Expect) {
    let outcome = |protocol| {
        let (broker, gateway) = gateway(protocol);
        match make(gateway.mapper()).and_then(|request| run(gateway.call(request))) {
            Ok(reply) => format!("{}-> {reply:?}", broker.take_log()),
            Err(error) => format!("{}-> {}", broker.take_log(), show(&error)),
        }
    };
    let (rest, grpc) = (outcome(Protocol::Rest), outcome(Protocol::Grpc));
    let shown = if rest == grpc { rest } else { format!("REST {rest}\ngRPC {grpc}") };
    expected.assert_eq(&shown);
}

fn create() -> CreateInstance {
    CreateInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: "order".to_owned() },
        variables: VariableDocument::default(),
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: String::new(),
        tags: Vec::new(),
        business_id: String::new(),
        await_result: None,
        request_timeout_ms: 0,
        operation_reference: 0,
    }
}

fn key(partition: u16, counter: u64) -> i64 {
    Key::new(PartitionId(partition), counter).to_wire()
}

#[test]
fn commands_go_to_the_partition_of_their_key() {
    let job = key(3, 7);
    check(
        |m| Ok(m.complete_job(job, m.variables(Bytes::from_static(b"{\"a\": 1}"))?)),
        expect![[r#"
            3: COMPLETE 6755399441055751 {a=1} within 15s
            -> Done"#]],
    );
    check(
        |m| {
            m.fail_job(FailJobInput {
                job_key: job,
                retries: 2,
                retry_backoff_ms: 500,
                error_message: "no".to_owned(),
                variables: VariableDocument::default(),
            })
        },
        expect![[r#"
            3: FAIL 6755399441055751 retries=2 backoff=500 message="no" {} within 15s
            -> Done"#]],
    );
    check(
        |m| m.throw_job_error(job, "c".to_owned(), "m".to_owned(), m.variables(Bytes::from_static(b"null"))?),
        expect![[r#"
            3: THROW_ERROR 6755399441055751 code="c" message="m" {} within 15s
            -> Done"#]],
    );
    check(
        |m| {
            Ok(m.update_job(
                job,
                JobUpdateKind::Both,
                JobChangesInput { retries: Some(0), timeout_ms: Some(5), priority: Some(-1) },
                9,
            ))
        },
        expect![[r#"
            3: UPDATE 6755399441055751 retries=Some(0) timeout=Some(5) priority=Some(-1) operationReference=9 within 15s
            -> Done"#]],
    );
    check(
        |m| Ok(m.cancel_instance(key(1, 1), 0)),
        expect![[r#"
            1: CANCEL 2251799813685249 within 15s
            -> Done"#]],
    );
    check(
        |m| {
            let variables = m.variables(Bytes::from_static(b"{\"a\":[]}"))?;
            Ok(m.set_variables(key(2, 1), variables, UpdateSemantics::Local, 0))
        },
        expect![[r#"
            2: UPDATE 4503599627370497 Local {a=[]} within 15s
            -> Done"#]],
    );
    check(
        |m| Ok(m.resolve_incident(key(2, 5), 0)),
        expect![[r#"
            2: RESOLVE 4503599627370501 within 15s
            -> Done"#]],
    );
}

#[test]
fn a_key_of_no_partition_is_of_nothing() {
    let mut shown = String::new();
    for wrong in [7, 0, -1, i64::MIN, i64::MAX, key(4, 1)] {
        let (broker, gateway) = gateway(Protocol::Grpc);
        let m = gateway.mapper();
        for request in [
            m.complete_job(wrong, VariableDocument::default()),
            m.update_job(wrong, JobUpdateKind::Retries, JobChangesInput::default(), 0),
            m.throw_job_error(wrong, String::new(), String::new(), VariableDocument::default()).unwrap(),
            m.cancel_instance(wrong, 0),
            m.resolve_incident(wrong, 0),
            m.set_variables(wrong, VariableDocument::default(), UpdateSemantics::Propagate, 0),
        ] {
            let error = run(gateway.call(request)).unwrap_err();
            if wrong == -1 {
                let _ = writeln!(shown, "{}", show(&error));
            }
            assert!(error.message.contains(&wrong.to_string()), "{}", error.message);
        }
        assert_eq!(broker.take_log(), "");
    }
    expect![[r#"
        404 5 NOT_FOUND: Command 'COMPLETE' rejected with code 'NOT_FOUND': Expected to complete job with key '-1', but no such job was found
        404 5 NOT_FOUND: Command 'UPDATE_RETRIES' rejected with code 'NOT_FOUND': Expected to update job with key '-1', but no such job was found
        404 5 NOT_FOUND: Command 'THROW_ERROR' rejected with code 'NOT_FOUND': Expected to throw an error for job with key '-1', but no such job was found
        404 5 NOT_FOUND: Command 'CANCEL' rejected with code 'NOT_FOUND': Expected to cancel a process instance with key '-1', but no such process was found
        404 5 NOT_FOUND: Command 'RESOLVE' rejected with code 'NOT_FOUND': Expected to resolve incident with key '-1', but no such incident was found
        404 5 NOT_FOUND: Command 'UPDATE' rejected with code 'NOT_FOUND': Expected to update variables for element with key '-1', but no such element was found
    "#]]
    .assert_eq(&shown);
}

#[test]
fn instances_start_where_the_broker_says() {
    check(
        |m| {
            m.create_instance(CreateInstance {
                variables: m.variables(Bytes::from_static(b" {\"b\":1,\"a\":2} "))?,
                ..create()
            })
        },
        expect![[r#"
            2: CREATE 0 latest "order" {b=1, a=2} tenant=<default> businessId="" within 15s
            -> Done"#]],
    );
    check(
        |m| {
            m.create_instance(CreateInstance {
                definition: m.definition("order".to_owned(), 4, 77, "CREATE")?,
                start_element_ids: vec!["a".to_owned()],
                terminate_after_element_ids: vec!["b".to_owned()],
                tenant_id: "<default>".to_owned(),
                tags: ["x", "y:1", "x"].map(str::to_owned).to_vec(),
                business_id: "o-1".to_owned(),
                await_result: Some(AwaitResult { fetch_variables: vec!["v".to_owned()] }),
                request_timeout_ms: 1500,
                operation_reference: 12,
                ..create()
            })
        },
        expect![[r#"
            2: CREATE_WITH_AWAITING_RESULT 0 "order" version 4 {} start=["a"] terminateAfter=["b"] tags=["x", "y:1"] tenant=<default> businessId="o-1" await ["v"] operationReference=12 within 1.5s
            -> Done"#]],
    );
    check(
        |m| {
            let definition = m.definition(String::new(), 0, 77, "CREATE")?;
            m.create_instance(CreateInstance { definition, request_timeout_ms: i64::MAX, ..create() })
        },
        expect![[r#"
            2: CREATE 0 definition 77 {} tenant=<default> businessId="" within 3600s
            -> Done"#]],
    );
    check(
        |m| {
            let definition = m.definition(String::new(), -1, -1, "CREATE")?;
            m.create_instance(CreateInstance { definition, ..create() })
        },
        expect![
            "-> 400 3 INVALID_ARGUMENT: Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected at least a bpmnProcessId or a key greater than -1, but none given"
        ],
    );
}

#[test]
fn messages_are_within_their_bounds() {
    let message = |time_to_live, correlation_key| PublishMessage {
        name: "paid".to_owned(),
        correlation_key,
        time_to_live: DurationMs(time_to_live),
        message_id: String::new(),
        business_id: String::new(),
        variables: VariableDocument::default(),
        tenant_id: String::new(),
    };
    check(
        |m| m.publish_message(message(31_536_000_000_001, String::new())),
        expect![
            "-> 400 3 INVALID_ARGUMENT: The provided timeToLive is 31536000000001 ms, but at most 31536000000000 (365000 days) are allowed."
        ],
    );
    check(
        |m| m.publish_message(message(31_536_000_000_000, "k".repeat(401))),
        expect![
            "-> 400 3 INVALID_ARGUMENT: The provided correlationKey has 401 bytes, but at most 400 are allowed"
        ],
    );
}

#[test]
fn what_is_out_of_bounds_is_refused_before_the_engine() {
    check(
        |m| m.create_instance(CreateInstance { tenant_id: "acme".to_owned(), ..create() }),
        expect![[r#"
        REST -> 400 3 INVALID_ARGUMENT: Expected to handle request Create Process Instance with tenant identifier 'acme', but multi-tenancy is disabled
        gRPC -> 400 3 INVALID_ARGUMENT: Expected to handle gRPC request CreateProcessInstance with tenant identifier 'acme', but multi-tenancy is disabled"#]],
    );
    check(
        |m| m.create_instance(CreateInstance { tags: vec!["a".to_owned(); 11], ..create() }),
        expect![[r#"
        REST -> 400 3 INVALID_ARGUMENT: The provided number of tags '11' is not supported. Ensure to not add more than 10 tags.
        gRPC -> 400 3 INVALID_ARGUMENT: Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected to create instance of process with tags, but the number of tags exceeds the limit of 10."#]],
    );
    for tag in ["", "1a", "a b", "é", &"a".repeat(101)] {
        let (_, gateway) = gateway(Protocol::Rest);
        let tagged = CreateInstance { tags: vec!["ok".to_owned(), tag.to_owned()], ..create() };
        assert!(gateway.mapper().create_instance(tagged).is_err(), "{tag:?}");
    }
    check(
        |m| m.create_instance(CreateInstance { tags: vec!["a b".to_owned()], ..create() }),
        expect![[r#"
        REST -> 400 3 INVALID_ARGUMENT: The provided tag 'a b' is not valid. Tags must start with a letter (a-z, A-Z), followed by alphanumerics, underscores, minuses, colons, or periods. It must not be blank and must be 100 characters or less.
        gRPC -> 400 3 INVALID_ARGUMENT: Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected to create instance of process with tags, but the tags 'a b' are invalid. Tags must start with a letter (a-z, A-Z), followed by alphanumerics, underscores, minuses, colons, or periods. It must not be blank and must be 100 characters or less."#]],
    );
    check(
        |m| m.create_instance(CreateInstance { business_id: "é".repeat(257), ..create() }),
        expect!["-> 400 3 INVALID_ARGUMENT: The provided businessId exceeds the limit of 256 characters."],
    );
    check(
        |m| m.create_instance(CreateInstance { start_element_ids: vec![String::new(); 1025], ..create() }),
        expect![
            "-> 400 3 INVALID_ARGUMENT: The provided startInstructions has 1025 items, but at most 1024 are allowed"
        ],
    );
    check(
        |m| {
            let definition = DefinitionSelector::Latest { bpmn_process_id: "x".repeat(401) };
            m.create_instance(CreateInstance { definition, ..create() })
        },
        expect![
            "-> 400 3 INVALID_ARGUMENT: The provided processDefinitionId has 401 bytes, but at most 400 are allowed"
        ],
    );
    check(
        |m| Ok(m.complete_job(key(1, 1), m.variables(Bytes::from("[1]"))?)),
        expect![
            "-> 400 3 INVALID_ARGUMENT: Property 'variables' is invalid: Expected document to be a root level object, but was 'ARRAY'"
        ],
    );
    check(
        |m| Ok(m.complete_job(key(1, 1), m.variables(Bytes::from("{\"a\":}"))?)),
        expect![
            "-> 400 3 INVALID_ARGUMENT: Invalid JSON value in 'variables': Invalid JSON value at line 1 column 6"
        ],
    );
    check(
        |m| Ok(m.complete_job(key(1, 1), m.variables(Bytes::from(vec![b' '; 65]))?)),
        expect![
            "-> 400 3 INVALID_ARGUMENT: Property 'variables' is invalid: 65 bytes exceed the limit of 64"
        ],
    );
    check(
        |m| m.throw_job_error(key(1, 1), String::new(), "m".repeat(70_000), VariableDocument::default()),
        expect![
            "-> 400 3 INVALID_ARGUMENT: The provided errorMessage has 70000 bytes, but at most 65536 are allowed"
        ],
    );
}

#[test]
fn deployments_go_to_the_first_partition() {
    let resource = |name: &str, size| Resource { name: name.to_owned(), content: vec![0; size].into() };
    check(
        |m| m.deploy(vec![resource("a.bpmn", 3), resource("b.form", 0)], ""),
        expect![[r#"
            1: CREATE 0 "a.bpmn"=3 bytes "b.form"=0 bytes tenant=<default> within 15s
            -> Done"#]],
    );
    check(
        |m| m.deploy(Vec::new(), ""),
        expect![
            "-> 400 3 INVALID_ARGUMENT: Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected to deploy at least one resource, but none given"
        ],
    );
    check(
        |m| m.deploy(vec![resource("a", 1); 3], ""),
        expect![
            "-> 400 3 INVALID_ARGUMENT: Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected to deploy at most 2 resources, but 3 were given"
        ],
    );
    check(
        |m| m.deploy(vec![resource("a", 4 * 1024 * 1024), resource("b", 1)], ""),
        expect![
            "-> 400 3 INVALID_ARGUMENT: Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected to deploy at most 4194304 bytes, but the resources have 4194305"
        ],
    );
    check(
        |m| m.deploy(vec![resource("a", 1)], "acme"),
        expect![[r#"
        REST -> 400 3 INVALID_ARGUMENT: Expected to handle request Deploy Resources with tenant identifier 'acme', but multi-tenancy is disabled
        gRPC -> 400 3 INVALID_ARGUMENT: Expected to handle gRPC request DeployResource with tenant identifier 'acme', but multi-tenancy is disabled"#]],
    );
}

fn jobs() -> JobsInput {
    JobsInput {
        job_type: "pay".to_owned(),
        worker: "w".to_owned(),
        timeout_ms: 1000,
        fetch_variables: vec!["v".to_owned()],
        tenant_ids: vec![String::new(), "<default>".to_owned()],
        with_leases: false,
    }
}

#[test]
fn activations_and_streams_are_bounded() {
    let limits = Limits::default();
    let m = Mapper { protocol: Protocol::Grpc, limits: &limits };
    let mut shown = String::new();
    for (input, jobs_max, request_timeout_ms) in [
        (jobs(), 32, 0),
        (jobs(), i32::MAX, i64::MAX),
        (jobs(), 1, 250),
        (jobs(), 1, -1),
        (jobs(), 0, 0),
        (jobs(), -3, 0),
        (JobsInput { job_type: " ".to_owned(), ..jobs() }, 1, 0),
        (JobsInput { job_type: "x".repeat(401), ..jobs() }, 1, 0),
        (JobsInput { worker: "x".repeat(1025), ..jobs() }, 1, 0),
        (JobsInput { timeout_ms: 0, ..jobs() }, 1, 0),
        (JobsInput { timeout_ms: i64::MIN, ..jobs() }, 1, 0),
        (JobsInput { fetch_variables: vec![String::new(); 1025], ..jobs() }, 1, 0),
        (JobsInput { tenant_ids: vec!["acme".to_owned()], ..jobs() }, 1, 0),
    ] {
        let _ = match m.activate_jobs(input.clone(), jobs_max, request_timeout_ms) {
            Ok((request, long_poll)) => writeln!(
                shown,
                "{} jobs of {:?} for {:?} {long_poll:?}",
                request.jobs_max, request.tenant_ids, request.timeout
            ),
            Err(error) => writeln!(shown, "{}", show(&error)),
        };
        if jobs_max == 1 {
            let _ = match m.job_stream(input) {
                Ok(spec) => writeln!(shown, "  stream {spec:?}"),
                Err(error) => writeln!(shown, "  stream {}", show(&error)),
            };
        }
    }
    expect![[r#"
        32 jobs of ["<default>"] for 1000 For(10s)
        4096 jobs of ["<default>"] for 1000 For(3600s)
        1 jobs of ["<default>"] for 1000 For(250ms)
          stream JobStreamSpec { job_type: "pay", worker: "w", timeout: 1s, fetch_variables: ["v"], tenant_ids: ["<default>"] }
        1 jobs of ["<default>"] for 1000 None
          stream JobStreamSpec { job_type: "pay", worker: "w", timeout: 1s, fetch_variables: ["v"], tenant_ids: ["<default>"] }
        400 3 INVALID_ARGUMENT: Command 'ACTIVATE' rejected with code 'INVALID_ARGUMENT': Expected to activate job batch with max jobs to activate to be greater than zero, but it was '0'
        400 3 INVALID_ARGUMENT: Command 'ACTIVATE' rejected with code 'INVALID_ARGUMENT': Expected to activate job batch with max jobs to activate to be greater than zero, but it was '-3'
        400 3 INVALID_ARGUMENT: Command 'ACTIVATE' rejected with code 'INVALID_ARGUMENT': Expected to activate job batch with type to be present, but it was blank
          stream 400 3 INVALID_ARGUMENT: Expected to stream activated jobs with type to be present, but it was blank
        400 3 INVALID_ARGUMENT: The provided type has 401 bytes, but at most 400 are allowed
          stream 400 3 INVALID_ARGUMENT: The provided type has 401 bytes, but at most 400 are allowed
        400 3 INVALID_ARGUMENT: The provided worker has 1025 bytes, but at most 1024 are allowed
          stream 400 3 INVALID_ARGUMENT: The provided worker has 1025 bytes, but at most 1024 are allowed
        400 3 INVALID_ARGUMENT: Command 'ACTIVATE' rejected with code 'INVALID_ARGUMENT': Expected to activate job batch with timeout to be greater than zero, but it was '0'
          stream 400 3 INVALID_ARGUMENT: Expected to stream activated jobs with timeout to be greater than zero, but it was 0
        400 3 INVALID_ARGUMENT: Command 'ACTIVATE' rejected with code 'INVALID_ARGUMENT': Expected to activate job batch with timeout to be greater than zero, but it was '-9223372036854775808'
          stream 400 3 INVALID_ARGUMENT: Expected to stream activated jobs with timeout to be greater than zero, but it was -9223372036854775808
        400 3 INVALID_ARGUMENT: The provided fetchVariable has 1025 items, but at most 1024 are allowed
          stream 400 3 INVALID_ARGUMENT: The provided fetchVariable has 1025 items, but at most 1024 are allowed
        400 3 INVALID_ARGUMENT: Expected to handle gRPC request ActivateJobs with tenant identifier 'acme', but multi-tenancy is disabled
          stream 400 3 INVALID_ARGUMENT: Expected to handle gRPC request StreamActivatedJobs with tenant identifier 'acme', but multi-tenancy is disabled
    "#]].assert_eq(&shown);
}

#[test]
fn every_refusal_has_its_words() {
    let (broker, gateway) = gateway(Protocol::Grpc);
    let rejections =
        RejectionType::ALL.iter().map(|kind| Refusal::Rejected(Rejection::new(*kind, "Expected so and so")));
    let others = [
        Refusal::Overloaded { retry_after: Duration::from_millis(150) },
        Refusal::PartitionUnavailable { partition: PartitionId(2), reason: "it recovers".to_owned() },
        Refusal::UnknownPartition(PartitionId(9)),
        Refusal::DeadlineExceeded,
        Refusal::DiskFull,
        Refusal::ShuttingDown,
        Refusal::Internal("oh".to_owned()),
    ];
    let mut shown = String::new();
    for refusal in rejections.chain(others) {
        broker.answer(Err(refusal));
        let request = gateway.mapper().complete_job(key(1, 1), VariableDocument::default());
        let _ = writeln!(shown, "{}", show(&run(gateway.call(request)).unwrap_err()));
    }
    expect![[r#"
        400 3 INVALID_ARGUMENT: Command 'COMPLETE' rejected with code 'INVALID_ARGUMENT': Expected so and so
        404 5 NOT_FOUND: Command 'COMPLETE' rejected with code 'NOT_FOUND': Expected so and so
        409 6 ALREADY_EXISTS: Command 'COMPLETE' rejected with code 'ALREADY_EXISTS': Expected so and so
        409 9 INVALID_STATE: Command 'COMPLETE' rejected with code 'INVALID_STATE': Expected so and so
        500 13 INTERNAL: Command 'COMPLETE' rejected with code 'PROCESSING_ERROR': Expected so and so
        500 2 INTERNAL: Command 'COMPLETE' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': Expected so and so
        401 7 UNAUTHORIZED: Command 'COMPLETE' rejected with code 'UNAUTHORIZED': Expected so and so
        403 7 FORBIDDEN: Command 'COMPLETE' rejected with code 'FORBIDDEN': Expected so and so
        503 8 RESOURCE_EXHAUSTED: Command 'COMPLETE' rejected with code 'RESOURCE_EXHAUSTED': Expected so and so (again in 5s)
        503 8 RESOURCE_EXHAUSTED: Expected to handle command 'COMPLETE', but the partition is overloaded; try again in 150 ms (again in 150ms)
        503 14 UNAVAILABLE: Expected to handle command 'COMPLETE' on partition 2, but it recovers
        404 5 NOT_FOUND: Expected to handle command 'COMPLETE' on partition 9, but there is none
        504 4 DEADLINE_EXCEEDED: Expected to handle command 'COMPLETE', but it was not answered in time; it may still take effect
        503 8 RESOURCE_EXHAUSTED: Expected to handle command 'COMPLETE', but the server's disk is full; new work is accepted again as soon as there is space
        503 14 UNAVAILABLE: Expected to handle command 'COMPLETE', but the server is shutting down
        500 13 INTERNAL: Unexpected error occurred during the request processing: oh
    "#]].assert_eq(&shown);
}
