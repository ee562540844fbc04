//! What it costs to turn a create request into a command: `cargo run --release -p ringbolt-grpc-gateway --example grpc_create_cost`.
//!
//! From the message's bytes to the command, variables split; without sockets, framing and engine.

use bytes::Bytes;
use prost::Message;
use ringbolt_api::request::CreateInstance;
use ringbolt_api::{Limits, Mapper, Protocol};
use ringbolt_grpc_gateway::messages::CreateProcessInstanceRequest;
use std::hint::black_box;

const ROUNDS: u32 = 100_000;

/// Eight variables of about this size together.
fn variables(bytes: usize) -> String {
    let value = "x".repeat(bytes / 8 - 14);
    let members: Vec<String> = (0..8).map(|number| format!("\"var{number}\": \"{value}\"")).collect();
    format!("{{{}}}", members.join(","))
}

/// This thread's time on a processor: others may have it meanwhile.
fn cpu_ns() -> u128 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|ns| ns.parse().ok()).expect("a number")
}

fn main() {
    let limits = Limits::default();
    let mapper = Mapper { protocol: Protocol::Grpc, limits: &limits };
    for bytes in [160, 1024, 32 * 1024] {
        let request = CreateProcessInstanceRequest {
            bpmn_process_id: "one_task".to_owned(),
            version: -1,
            variables: variables(bytes).into(),
            ..Default::default()
        };
        let message = Bytes::from(request.encode_to_vec());
        let begun = cpu_ns();
        for _ in 0..ROUNDS {
            let request =
                CreateProcessInstanceRequest::decode(black_box(message.clone())).expect("a message");
            let definition = mapper
                .definition(
                    request.bpmn_process_id,
                    request.version,
                    request.process_definition_key,
                    "CREATE",
                )
                .expect("a definition");
            let command = mapper.create_instance(CreateInstance {
                definition,
                variables: mapper.variables(request.variables).expect("a document"),
                start_element_ids: Vec::new(),
                terminate_after_element_ids: Vec::new(),
                tenant_id: request.tenant_id,
                tags: request.tags,
                business_id: String::new(),
                await_result: None,
                request_timeout_ms: 0,
                operation_reference: 0,
            });
            black_box(command.expect("a command"));
        }
        println!("{bytes} B of variables: {} ns of CPU", (cpu_ns() - begun) / u128::from(ROUNDS));
    }
}
