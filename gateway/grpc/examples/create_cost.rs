//! What it costs to turn a create request into a command: `cargo run --release -p ringbolt-grpc-gateway --example create_cost`.
//!
//! From the message's bytes to the command, variables split; without sockets, framing and engine.

use bytes::Bytes;
use prost::Message;
use ringbolt_api::request::CreateInstance;
use ringbolt_api::{Limits, Mapper, Protocol};
use ringbolt_grpc_gateway::messages::CreateProcessInstanceRequest;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: u32 = 100_000;

fn variables(bytes: usize) -> String {
    let mut text = String::from("{");
    let mut number = 0;
    while text.len() < bytes {
        text.push_str(&format!("\"variable{number}\":\"{}\",", "x".repeat(40)));
        number += 1;
    }
    text.push_str("\"last\":1.5}");
    text
}

fn main() {
    let limits = Limits::default();
    let mapper = Mapper { protocol: Protocol::Grpc, limits: &limits };
    for bytes in [100, 1024, 32 * 1024] {
        let request = CreateProcessInstanceRequest {
            bpmn_process_id: "one_task".to_owned(),
            version: -1,
            variables: variables(bytes).into(),
            ..Default::default()
        };
        let message = Bytes::from(request.encode_to_vec());
        let begun = Instant::now();
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
                variables: request.variables,
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
        println!("{bytes} B of variables: {} ns", begun.elapsed().as_nanos() / u128::from(ROUNDS));
    }
}
