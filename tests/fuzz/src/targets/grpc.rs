//! Protobuf messages of the gateway: the first byte chooses the message, the rest is the message.
//!
//! What decodes is encoded and decoded again, and must be the same.

use crate::run::{Target, signature};
use bytes::Bytes;
use prost::Message;
use ringbolt_grpc_gateway::messages as m;
use std::time::Duration;

/// Messages.
pub(crate) const TARGET: Target = Target {
    name: "grpc",
    corpus,
    tokens: &["\n", "\x12", "\x1a", "\x0b", "\x0c", "work", "{\"a\":1}", "<default>"],
    length_max: 8 * 1024,
    memory_base: 64 * 1024,
    memory_per_byte: 200,
    time_max: Duration::from_secs(3),
    check,
};

type Check = fn(Bytes) -> u64;

/// Every message that a client sends.
const MESSAGES: &[Check] = &[
    again::<m::TopologyRequest>,
    again::<m::DeployProcessRequest>,
    again::<m::DeployResourceRequest>,
    again::<m::CreateProcessInstanceRequest>,
    again::<m::CreateProcessInstanceWithResultRequest>,
    again::<m::CancelProcessInstanceRequest>,
    again::<m::ActivateJobsRequest>,
    again::<m::StreamActivatedJobsRequest>,
    again::<m::CompleteJobRequest>,
    again::<m::FailJobRequest>,
    again::<m::ThrowErrorRequest>,
    again::<m::UpdateJobRetriesRequest>,
    again::<m::UpdateJobTimeoutRequest>,
    again::<m::SetVariablesRequest>,
    again::<m::ResolveIncidentRequest>,
    again::<m::EvaluateDecisionRequest>,
];

fn again<M: Message + Default + PartialEq>(bytes: Bytes) -> u64 {
    let length = bytes.len();
    match M::decode(bytes) {
        Ok(message) => {
            let encoded = message.encode_to_vec();
            assert_eq!(encoded.len(), message.encoded_len());
            let decoded = M::decode(Bytes::from(encoded.clone())).expect("what was encoded decodes");
            assert!(decoded == message, "encoded and decoded again");
            1 + (encoded.len() as u64).min(length as u64)
        }
        Err(error) => signature(&error.to_string()),
    }
}

fn corpus() -> Vec<Vec<u8>> {
    let numbered = |number: usize, message: Vec<u8>| [vec![number as u8], message].concat();
    let create = m::CreateProcessInstanceRequest {
        bpmn_process_id: "order".to_owned(),
        version: -1,
        variables: Bytes::from_static(b"{\"a\":1}"),
        start_instructions: vec![m::StartInstruction { element_id: "s".to_owned() }],
        runtime_instructions: vec![m::RuntimeInstruction {
            instruction: Some(m::Instruction::Terminate(m::TerminateInstruction {
                after_element_id: "t".to_owned(),
            })),
        }],
        tags: vec!["x".to_owned()],
        business_id: Some("b".to_owned()),
        operation_reference: Some(4),
        ..Default::default()
    };
    let resource = m::Resource { name: "x.bpmn".to_owned(), content: Bytes::from_static(b"<a/>") };
    let deploy = m::DeployResourceRequest { resources: vec![resource], ..Default::default() };
    let activate = m::ActivateJobsRequest {
        r#type: "work".to_owned(),
        timeout: 1_000,
        max_jobs_to_activate: 5,
        fetch_variable: vec!["a".to_owned()],
        ..Default::default()
    };
    let result = m::JobResult { denied: Some(true), ..Default::default() };
    let complete = m::CompleteJobRequest { job_key: 1 << 51, variables: Bytes::new(), result: Some(result) };
    let with_result = m::CreateProcessInstanceWithResultRequest {
        request: Some(create.clone()),
        request_timeout: 5,
        ..Default::default()
    };
    let evaluate = m::EvaluateDecisionRequest {
        decision_key: 1 << 51,
        decision_id: "dish".to_owned(),
        variables: Bytes::from_static(b"{\"a\":1}"),
        tenant_id: String::new(),
    };
    vec![
        numbered(15, evaluate.encode_to_vec()),
        numbered(2, deploy.encode_to_vec()),
        numbered(3, create.encode_to_vec()),
        numbered(4, with_result.encode_to_vec()),
        numbered(6, activate.encode_to_vec()),
        numbered(8, complete.encode_to_vec()),
        numbered(0, Vec::new()),
    ]
}

fn check(input: &[u8]) -> u64 {
    let Some((&number, message)) = input.split_first() else { return 0 };
    let number = usize::from(number) % MESSAGES.len();
    let seen = MESSAGES[number](Bytes::copy_from_slice(message));
    seen.wrapping_mul(MESSAGES.len() as u64).wrapping_add(number as u64)
}
