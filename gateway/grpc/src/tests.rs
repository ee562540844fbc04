//! Calls against a scripted broker: what reaches the engine, what the client gets.

mod decisions;
mod garbage;
mod migrations;
mod modifications;
mod resources;
mod waiting;

use crate::calls::{CallContext, Calls, batch_frames};
use crate::job_messages::job_message;
use crate::messages as m;
use bytes::{Buf, Bytes};
use expect_test::{Expect, expect};
use prost::Message;
use ringbolt_api::fake::{FakeBroker, FakeOutlet, deployment, instance, job, run};
use ringbolt_api::{Gateway, Limits, Protocol, Refusal};
use ringbolt_grpc::Status;
use ringbolt_record::reply::{ActivatedJob, JobBatch};
use ringbolt_record::{Key, PartitionId, Rejection, RejectionType, Reply};
use std::{fmt::Debug, future::Future, rc::Rc};

fn calls() -> (FakeBroker, Calls<FakeBroker>) {
    let broker = FakeBroker::new();
    let gateway = Gateway::new(broker.clone(), Rc::new(Limits::default()), Protocol::Grpc);
    (broker, Calls { gateway })
}

fn key(counter: u64) -> i64 {
    Key::new(PartitionId(2), counter).to_wire()
}

const NO_CONTEXT: CallContext = CallContext { trace_id: 0 };

/// The engine's view of a call, and the client's.
fn check<Q, A, F>(
    call: impl Fn(Rc<Calls<FakeBroker>>, Q) -> F,
    request: Q,
    answer: Result<Reply, Refusal>,
    expected: Expect,
) where
    Q: Message + Default,
    A: Debug,
    F: Future<Output = Result<A, Status>>,
{
    let (broker, calls) = calls();
    broker.answer(answer);
    let request = Q::decode(Bytes::from(request.encode_to_vec())).expect("what was encoded decodes");
    let outcome = match run(call(Rc::new(calls), request)) {
        Ok(response) => format!("{response:?}"),
        Err(status) => format!("{:?} {}", status.code, status.message),
    };
    expected.assert_eq(&format!("{}-> {outcome}", broker.take_log()));
}

macro_rules! call {
    ($method:ident) => {
        |calls: Rc<Calls<FakeBroker>>, request| async move { calls.$method(NO_CONTEXT, request).await }
    };
}

use call;

fn create() -> m::CreateProcessInstanceRequest {
    m::CreateProcessInstanceRequest {
        bpmn_process_id: "order".to_owned(),
        version: -1,
        variables: Bytes::from_static(b"{\"a\": 1.0}"),
        ..Default::default()
    }
}

#[test]
fn creating_instances() {
    let created = || Ok(Reply::ProcessInstanceCreated(instance()));
    check(
        call!(create_process_instance),
        create(),
        created(),
        expect![[r#"
            2: CREATE 0 latest "order" {a=1.0} tenant=<default> businessId="" within 15s
            -> CreateProcessInstanceResponse { process_definition_key: 2251799813685255, bpmn_process_id: "order", version: 3, process_instance_key: 4503599627370504, tenant_id: "<default>", tags: ["fast"], business_id: Some("o-1") }"#]],
    );
    check(
        call!(create_process_instance),
        m::CreateProcessInstanceRequest {
            version: 2,
            start_instructions: vec![m::StartInstruction { element_id: "s".to_owned() }],
            runtime_instructions: vec![
                m::RuntimeInstruction {
                    instruction: Some(m::Instruction::Terminate(m::TerminateInstruction {
                        after_element_id: "t".to_owned(),
                    })),
                },
                m::RuntimeInstruction { instruction: None },
            ],
            tags: vec!["x".to_owned()],
            business_id: Some("b".to_owned()),
            operation_reference: Some(4),
            tenant_id: "<default>".to_owned(),
            ..create()
        },
        created(),
        expect![[r#"
            3: CREATE 0 "order" version 2 {a=1.0} start=["s"] terminateAfter=["t"] tags=["x"] tenant=<default> businessId="b" operationReference=4 within 15s
            -> CreateProcessInstanceResponse { process_definition_key: 2251799813685255, bpmn_process_id: "order", version: 3, process_instance_key: 4503599627370504, tenant_id: "<default>", tags: ["fast"], business_id: Some("o-1") }"#]],
    );
    check(
        call!(create_process_instance),
        m::CreateProcessInstanceRequest { process_definition_key: key(3), ..Default::default() },
        Err(Refusal::Rejected(Rejection::new(
            RejectionType::NotFound,
            "Expected to find process definition, but none found",
        ))),
        expect![[r#"
            2: CREATE 0 definition 4503599627370499 {} tenant=<default> businessId="" within 15s
            -> NotFound Command 'CREATE' rejected with code 'NOT_FOUND': Expected to find process definition, but none found"#]],
    );
    check(
        call!(create_process_instance),
        m::CreateProcessInstanceRequest::default(),
        created(),
        expect![
            "-> NotFound Command 'CREATE' rejected with code 'NOT_FOUND': Expected to find process definition with key '0', but none found"
        ],
    );
    check(
        call!(create_process_instance),
        m::CreateProcessInstanceRequest { process_definition_key: -1, ..Default::default() },
        created(),
        expect![
            "-> InvalidArgument Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected at least a bpmnProcessId or a key greater than -1, but none given"
        ],
    );
}

#[test]
fn awaiting_results() {
    let created = || Ok(Reply::ProcessInstanceCreated(instance()));
    check(
        call!(create_process_instance_with_result),
        m::CreateProcessInstanceWithResultRequest {
            request: Some(create()),
            request_timeout: 700,
            fetch_variables: vec!["a".to_owned()],
        },
        Ok(Reply::ProcessInstanceResult {
            instance: instance(),
            variables: Bytes::from_static(b"{\"a\":1}"),
        }),
        expect![[r#"
            2: CREATE_WITH_AWAITING_RESULT 0 latest "order" {a=1.0} tenant=<default> businessId="" await ["a"] within 700ms
            -> CreateProcessInstanceWithResultResponse { process_definition_key: 2251799813685255, bpmn_process_id: "order", version: 3, process_instance_key: 4503599627370504, variables: b"{\"a\":1}", tenant_id: "<default>", tags: ["fast"], business_id: Some("o-1") }"#]],
    );
    check(
        call!(create_process_instance_with_result),
        m::CreateProcessInstanceWithResultRequest {
            request: Some(m::CreateProcessInstanceRequest { variables: Bytes::new(), ..create() }),
            ..Default::default()
        },
        Err(Refusal::DeadlineExceeded),
        expect![[r#"
            2: CREATE_WITH_AWAITING_RESULT 0 latest "order" {} tenant=<default> businessId="" await [] within 15s
            -> DeadlineExceeded Expected to handle command 'CREATE_WITH_AWAITING_RESULT', but it was not answered in time; it may still take effect"#]],
    );
    check(
        call!(create_process_instance),
        m::CreateProcessInstanceRequest { variables: Bytes::from_static(b"{\"a\":\xff}"), ..create() },
        created(),
        expect!["-> InvalidArgument Invalid JSON value in 'variables': not UTF-8 at byte 6"],
    );
}

#[test]
fn jobs_end_in_several_ways() {
    let job_key = key(7);
    let variables = Bytes::from_static(b"{\"a\":1}");
    let done = || Ok(Reply::Done);
    check(
        call!(complete_job),
        m::CompleteJobRequest {
            job_key,
            variables: variables.clone(),
            result: Some(m::JobResult::default()),
        },
        done(),
        expect![[r#"
            2: COMPLETE 4503599627370503 {a=1} within 15s
            -> ()"#]],
    );
    let chosen = m::JobResultActivateElement { element_id: "A".into(), variables: variables.clone() };
    check(
        call!(complete_job),
        m::CompleteJobRequest {
            job_key,
            variables: variables.clone(),
            result: Some(m::JobResult {
                r#type: Some("adHocSubProcess".into()),
                is_completion_condition_fulfilled: Some(true),
                activate_elements: vec![chosen],
                ..Default::default()
            }),
        },
        done(),
        expect![[r#"
            2: COMPLETE 4503599627370503 {a=1} activate "A" {a=1} fulfilled within 15s
            -> ()"#]],
    );
    check(
        call!(complete_job),
        m::CompleteJobRequest { job_key, ..Default::default() },
        Err(Refusal::Rejected(Rejection::new(
            RejectionType::InvalidState,
            "Expected to complete job, but it is in state 'FAILED'",
        ))),
        expect![[r#"
            2: COMPLETE 4503599627370503 {} within 15s
            -> FailedPrecondition Command 'COMPLETE' rejected with code 'INVALID_STATE': Expected to complete job, but it is in state 'FAILED'"#]],
    );
    check(
        call!(complete_job),
        m::CompleteJobRequest { job_key: 7, ..Default::default() },
        done(),
        expect![
            "-> NotFound Command 'COMPLETE' rejected with code 'NOT_FOUND': Expected to complete job with key '7', but no such job was found"
        ],
    );
}

#[test]
fn jobs_fail_and_change() {
    let job_key = key(7);
    let variables = Bytes::from_static(b"{\"a\":1}");
    let done = || Ok(Reply::Done);
    check(
        call!(fail_job),
        m::FailJobRequest {
            job_key,
            retries: 1,
            error_message: "no".to_owned(),
            retry_back_off: 30,
            variables: variables.clone(),
        },
        done(),
        expect![[r#"
            2: FAIL 4503599627370503 retries=1 backoff=30 message="no" {a=1} within 15s
            -> ()"#]],
    );
    check(
        call!(throw_error),
        m::ThrowErrorRequest {
            job_key,
            error_code: "c".to_owned(),
            error_message: "m".to_owned(),
            variables,
        },
        done(),
        expect![[r#"
            2: THROW_ERROR 4503599627370503 code="c" message="m" {a=1} within 15s
            -> ()"#]],
    );
    check(
        call!(update_job_retries),
        m::UpdateJobRetriesRequest { job_key, retries: 0, operation_reference: Some(1) },
        done(),
        expect![[r#"
            2: UPDATE_RETRIES 4503599627370503 retries=Some(0) timeout=None priority=None operationReference=1 within 15s
            -> ()"#]],
    );
    check(
        call!(update_job_timeout),
        m::UpdateJobTimeoutRequest { job_key, timeout: 5000, operation_reference: None },
        Err(Refusal::Overloaded { retry_after: std::time::Duration::from_millis(100) }),
        expect![[r#"
            2: UPDATE_TIMEOUT 4503599627370503 retries=None timeout=Some(5000) priority=None within 15s
            -> ResourceExhausted Expected to handle command 'UPDATE_TIMEOUT', but the partition is overloaded; try again in 100 ms"#]],
    );
}

#[test]
fn deploying() {
    check(
        call!(deploy_resource),
        m::DeployResourceRequest {
            resources: vec![m::Resource { name: "a.bpmn".to_owned(), content: Bytes::from_static(b"<x/>") }],
            tenant_id: String::new(),
        },
        Ok(Reply::Deployed(deployment())),
        expect![[r#"
            1: CREATE 0 "a.bpmn"=4 bytes tenant=<default> within 15s
            -> DeployResourceResponse { key: 2251799813685253, deployments: [Deployment { metadata: Some(Process(ProcessMetadata { bpmn_process_id: "order", version: 3, process_definition_key: 2251799813685255, resource_name: "order \"v3\".bpmn", tenant_id: "<default>" })) }, Deployment { metadata: Some(Decision(DecisionMetadata { dmn_decision_id: "dish", dmn_decision_name: "Dish", version: 2, decision_key: 2251799813685258, dmn_decision_requirements_id: "dinner", decision_requirements_key: 2251799813685257, tenant_id: "<default>" })) }, Deployment { metadata: Some(DecisionRequirements(DecisionRequirementsMetadata { dmn_decision_requirements_id: "dinner", dmn_decision_requirements_name: "Dinner", version: 4, decision_requirements_key: 2251799813685257, resource_name: "dinner.dmn", tenant_id: "<default>" })) }, Deployment { metadata: Some(Form(FormMetadata { form_id: "claim", version: 5, form_key: 2251799813685259, resource_name: "claim.form", tenant_id: "<default>" })) }], tenant_id: "<default>" }"#]],
    );
    check(
        call!(deploy_process),
        m::DeployProcessRequest {
            processes: vec![m::ProcessRequestObject {
                name: "a.bpmn".to_owned(),
                definition: Bytes::from_static(b"<x/>"),
            }],
        },
        Ok(Reply::Deployed(deployment())),
        expect![[r#"
            1: CREATE 0 "a.bpmn"=4 bytes tenant=<default> within 15s
            -> DeployProcessResponse { key: 2251799813685253, processes: [ProcessMetadata { bpmn_process_id: "order", version: 3, process_definition_key: 2251799813685255, resource_name: "order \"v3\".bpmn", tenant_id: "<default>" }] }"#]],
    );
    check(
        call!(deploy_resource),
        m::DeployResourceRequest::default(),
        Ok(Reply::Done),
        expect![
            "-> InvalidArgument Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected to deploy at least one resource, but none given"
        ],
    );
}

#[test]
fn the_other_commands() {
    check(
        call!(cancel_process_instance),
        m::CancelProcessInstanceRequest { process_instance_key: key(8), operation_reference: Some(3) },
        Ok(Reply::Done),
        expect![[r#"
            2: CANCEL 4503599627370504 operationReference=3 within 15s
            -> ()"#]],
    );
    check(
        call!(set_variables),
        m::SetVariablesRequest {
            element_instance_key: key(8),
            variables: Bytes::from_static(b"{\"a\":[1,2]}"),
            local: true,
            operation_reference: None,
        },
        Ok(Reply::VariablesSet { key: Key::new(PartitionId(2), 11) }),
        expect![[r#"
            2: UPDATE 4503599627370504 Local {a=[1,2]} within 15s
            -> SetVariablesResponse { key: 4503599627370507 }"#]],
    );
    check(
        call!(set_variables),
        m::SetVariablesRequest { element_instance_key: key(8), ..Default::default() },
        Ok(Reply::Deployed(deployment())),
        expect![[r#"
            2: UPDATE 4503599627370504 Propagate {} within 15s
            -> Internal Unexpected error occurred during the request processing: the answer was a deployment"#]],
    );
    check(
        call!(resolve_incident),
        m::ResolveIncidentRequest { incident_key: key(9), operation_reference: None },
        Ok(Reply::Done),
        expect![[r#"
            2: RESOLVE 4503599627370505 within 15s
            -> ()"#]],
    );
}

#[test]
fn the_trace_reaches_the_command() {
    let (broker, calls) = calls();
    broker.answer(Ok(Reply::Done));
    let request = m::CompleteJobRequest { job_key: key(1), ..Default::default() };
    run(calls.complete_job(CallContext { trace_id: 77 }, request)).expect("done");
    assert_eq!(broker.last_context().trace_id, 77);
}

#[test]
fn topology_names_both_versions() {
    let (_, calls) = calls();
    expect![[r#"
        TopologyResponse {
            brokers: [
                BrokerInfo {
                    node_id: 0,
                    host: "127.0.0.1",
                    port: 26501,
                    partitions: [
                        Partition {
                            partition_id: 1,
                            role: Leader,
                            health: Healthy,
                        },
                        Partition {
                            partition_id: 2,
                            role: Follower,
                            health: Unhealthy,
                        },
                        Partition {
                            partition_id: 3,
                            role: Inactive,
                            health: Dead,
                        },
                    ],
                    version: "8.10.0",
                },
            ],
            cluster_size: 1,
            partitions_count: 3,
            replication_factor: 1,
            gateway_version: "8.10.0",
            cluster_id: "c0ffee",
            ringbolt_version: "0.1.0",
        }"#]]
    .assert_eq(&format!("{:#?}", calls.topology()));
}

fn activate() -> m::ActivateJobsRequest {
    m::ActivateJobsRequest {
        r#type: "pay".to_owned(),
        worker: "w".to_owned(),
        timeout: 1000,
        max_jobs_to_activate: 5,
        ..Default::default()
    }
}

#[test]
fn activating_and_streaming_jobs() {
    let (broker, calls) = calls();
    let outlet = || FakeOutlet::new(8).0;
    let mut shown = String::new();
    let mut show = |what: &str, result: Result<(), Status>| {
        let result = result.map_err(|status| format!("{:?} {}", status.code, status.message));
        shown.push_str(&format!("{what}: {result:?}\n{}", broker.take_log()));
    };
    show("nothing", run(calls.activate_jobs(activate(), outlet())));
    broker.batch(Err(Refusal::DiskFull));
    show("refused", run(calls.activate_jobs(activate(), outlet())));
    let none = m::ActivateJobsRequest { max_jobs_to_activate: 0, ..activate() };
    show("no jobs", run(calls.activate_jobs(none, outlet())));
    let assigned = m::ActivateJobsRequest { tenant_filter: 1, ..activate() };
    show("assigned", run(calls.activate_jobs(assigned, outlet())));
    let stream = m::StreamActivatedJobsRequest { r#type: "pay".to_owned(), timeout: 5, ..Default::default() };
    broker.push(job(1));
    show("server stops", run(calls.stream_activated_jobs(stream.clone(), outlet())));
    let blank = m::StreamActivatedJobsRequest { r#type: String::new(), ..stream };
    show("blank", run(calls.stream_activated_jobs(blank, outlet())));
    expect![[r#"
        nothing: Ok(())
        poll ActivateJobs { job_type: "pay", worker: "w", timeout: 1000, jobs_max: 5, bytes_max: 4194304, fetch_variables: [], tenant_ids: ["<default>"], with_leases: false } For(10s)
        poll dropped, 0 of 0 delivered
        refused: Err("ResourceExhausted Expected to handle command 'ACTIVATE', but the server's disk is full; new work is accepted again as soon as there is space")
        poll ActivateJobs { job_type: "pay", worker: "w", timeout: 1000, jobs_max: 5, bytes_max: 4194304, fetch_variables: [], tenant_ids: ["<default>"], with_leases: false } For(10s)
        poll dropped, 0 of 0 delivered
        no jobs: Err("InvalidArgument Command 'ACTIVATE' rejected with code 'INVALID_ARGUMENT': Expected to activate job batch with max jobs to activate to be greater than zero, but it was '0'")
        assigned: Err("InvalidArgument Expected to handle gRPC request ActivateJobs with ASSIGNED tenant filter, but multi-tenancy is disabled")
        server stops: Err("Unavailable Expected to handle command 'STREAM', but the server is shutting down")
        stream JobStreamSpec { job_type: "pay", worker: "", timeout: 5ms, fetch_variables: [], tenant_ids: ["<default>"] }
        stream dropped, back go [4503599627370497]
        blank: Err("InvalidArgument Expected to stream activated jobs with type to be present, but it was blank")
    "#]].assert_eq(&shown);
}

#[test]
fn a_job_travels_whole() {
    expect![[r#"
        ActivatedJob {
            key: 4503599627370501,
            r#type: "pay",
            process_instance_key: 4503599627370504,
            bpmn_process_id: "order",
            process_definition_version: 3,
            process_definition_key: 2251799813685255,
            element_id: "task",
            element_instance_key: 4503599627370505,
            custom_headers: "{\"a\":\"b\"}",
            worker: "w\n1",
            retries: 3,
            deadline: 1700000000123,
            variables: b"{\"x\": [1, 2.50]}",
            tenant_id: "<default>",
            user_task: None,
            kind: BpmnElement,
            listener_event_type: Unspecified,
            tags: [
                "fast",
            ],
        }"#]]
    .assert_eq(&format!("{:#?}", job_message(job(5))));
    let message = job_message(ActivatedJob { custom_headers: "".into(), variables: Bytes::new(), ..job(5) });
    assert_eq!((message.custom_headers.as_str(), &message.variables[..]), ("{}", &b"{}"[..]));
}

#[test]
fn large_batches_are_split_into_messages_that_clients_take() {
    let large = |counter| {
        let text = format!("{{\"x\":\"{}\"}}", "y".repeat(1_000_000));
        ActivatedJob { variables: text.into(), ..job(counter) }
    };
    let mut frames = batch_frames(JobBatch { jobs: (1..=7).map(large).collect(), truncated: false });
    let mut counts = Vec::new();
    while frames.has_remaining() {
        assert_eq!(frames.get_u8(), 0);
        let bytes = frames.get_u32() as usize;
        assert!(bytes < 4 * 1024 * 1024);
        let message = m::ActivateJobsResponse::decode(frames.split_to(bytes)).expect("a message");
        counts.push(message.jobs.iter().map(|job| job.key - key(0)).collect::<Vec<_>>());
    }
    assert_eq!(counts, [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);
}
