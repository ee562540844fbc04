//! gRPC: framing, protobuf, headers, and requests that make no sense.

use crate::{REQUEST_BYTES_MAX, Victim};
use bytes::Bytes;
use http::Request;
use http_body::Body as _;
use prost::Message;
use ringbolt_grpc_gateway::messages as m;
use ringbolt_http::{Body, client::Http2Client};
use ringbolt_ring::{DriverChoice, block_on};
use std::future::poll_fn;
use std::io::Write as _;
use std::pin::Pin;

/// One call: HTTP status, and what gRPC says of it (code and message), or the text of an answer that is no gRPC.
pub(crate) async fn call(
    client: &Http2Client,
    rpc: &str,
    content_type: &str,
    more: &[(&str, &str)],
    body: Body,
) -> (u16, String) {
    let uri = format!("http://localhost/gateway_protocol.Gateway/{rpc}");
    let mut request = Request::post(uri).header("content-type", content_type).header("te", "trailers");
    for (name, value) in more {
        request = request.header(*name, *value);
    }
    let response = client.send(request.body(body).expect("a request")).await.expect("an answer");
    let (head, mut body) = response.into_parts();
    let (mut received, mut status) = (Vec::new(), head.headers);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        match frame.expect("the answer's body").into_data() {
            Ok(data) => received.extend_from_slice(&data),
            Err(frame) => status = frame.into_trailers().expect("data or trailers"),
        }
    }
    let text = |name: &str| status.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said = match text("grpc-status") {
        "" => String::from_utf8_lossy(&received).into_owned(),
        code => format!("{code} {}", text("grpc-message")),
    };
    (head.status.as_u16(), said)
}

/// Ends a connection: its task has to run once more to see that nobody needs it.
pub(crate) async fn hang_up(client: Http2Client) {
    drop(client);
    for _ in 0..10 {
        ringbolt_ring::yield_now().await;
    }
}

/// A message with a prefix that says what one wants.
fn framed(flag: u8, length: u32, message: &[u8]) -> Vec<u8> {
    [&[flag][..], &length.to_be_bytes(), message].concat()
}

fn frame(message: &impl Message) -> Vec<u8> {
    framed(0, u32::try_from(message.encoded_len()).expect("short"), &message.encode_to_vec())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn instance(variables: &[u8]) -> m::CreateProcessInstanceRequest {
    m::CreateProcessInstanceRequest {
        bpmn_process_id: "one_task".to_owned(),
        version: -1,
        variables: Bytes::copy_from_slice(variables),
        ..Default::default()
    }
}

/// Headers, body, and what must come back.
type FramingCase = (Vec<(&'static str, &'static str)>, Vec<u8>, &'static str);

/// gRPC's framing and protobuf: what to send with which headers, and the beginning of what comes back.
fn grpc_framing() -> Vec<FramingCase> {
    let bomb = gzip(&vec![0; 32 << 20]);
    let bomb_length = u32::try_from(bomb.len()).expect("short");
    let two = [frame(&instance(b"")), frame(&instance(b""))].concat();
    let groups = framed(0, 60_000, &[0x0b; 60_000]);
    let plain = frame(&instance(b""));
    vec![
        (vec![], vec![], "13 the request has no message"),
        (vec![], two, "13 the request has more than one message"),
        (vec![], vec![0, 0], "13 the stream ended inside a message"),
        (vec![], framed(0, 100, b"abc"), "13 the stream ended inside a message"),
        (vec![], framed(0, u32::MAX, b"abc"), "8 gRPC message exceeds maximum size"),
        (vec![], framed(7, 0, b""), "13 a message's first byte is 7, not 0 or 1"),
        (vec![], framed(1, 2, b"xx"), "13 a compressed message without a grpc-encoding"),
        (vec![], framed(0, 4, b"\xff\xff\xff\xff"), "2 the message cannot be decoded: "),
        (
            vec![],
            framed(0, 4, b"\x12\x02\xc3\x28"),
            "2 the message cannot be decoded: failed to decode Protobuf message: CreateProcessInstanceRequest.bpmn_process_id: invalid string",
        ),
        (vec![], framed(0, 7, b"\x12\xff\xff\xff\xff\x0fx"), "2 the message cannot be decoded: "),
        (vec![], groups, "2 the message cannot be decoded: "),
        (vec![("grpc-encoding", "gzip")], framed(1, 2, b"xx"), "13 the gzip message cannot be decompressed"),
        (
            vec![("grpc-encoding", "gzip")],
            framed(1, bomb_length, &bomb),
            "8 decompressed gRPC message exceeds",
        ),
        (vec![("grpc-encoding", "br")], plain.clone(), "12 the message encoding br is not supported"),
        (
            vec![("grpc-timeout", "5 parsecs")],
            plain.clone(),
            "13 the grpc-timeout \"5 parsecs\" is malformed",
        ),
        (vec![("grpc-timeout", "999999999S")], plain, "13 the grpc-timeout"),
    ]
}

/// Requests that are read but make no sense: the call, its message, and the beginning of what comes back.
fn grpc_requests() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let deep = "[".repeat(40_000);
    let deep = format!("{{\"a\":{deep}");
    let job_key = 1;
    let variables = Bytes::from_static(b"{\"a\":2");
    let complete = m::CompleteJobRequest { job_key, variables, ..Default::default() };
    let activate = m::ActivateJobsRequest { r#type: "work".to_owned(), timeout: 1, ..Default::default() };
    let stream = m::StreamActivatedJobsRequest { r#type: String::new(), timeout: 1, ..Default::default() };
    let resource = m::Resource { name: "x.bpmn".to_owned(), content: Bytes::from_static(b"<a>") };
    let deploy = m::DeployResourceRequest { resources: vec![resource], ..Default::default() };
    vec![
        ("Nothing", vec![], "12 Method not found: gateway_protocol.Gateway/Nothing"),
        (
            "EvaluateConditional",
            frame(&m::EvaluateConditionalRequest {
                variables: Bytes::from_static(b"[]"),
                ..Default::default()
            }),
            "3 Property 'variables' is invalid: ",
        ),
        (
            "CreateProcessInstance",
            frame(&()),
            "5 Command 'CREATE' rejected with code 'NOT_FOUND': Expected to find process definition with key '0'",
        ),
        ("CreateProcessInstance", frame(&instance(b"[]")), "3 Property 'variables' is invalid: "),
        ("CreateProcessInstance", frame(&instance(b"{\"a\":}")), "3 Invalid JSON value in 'variables'"),
        (
            "CreateProcessInstance",
            frame(&instance(b"{\"a\":\"\xff\"}")),
            "3 Invalid JSON value in 'variables': not UTF-8 at byte 7",
        ),
        (
            "CreateProcessInstance",
            frame(&instance(deep.as_bytes())),
            "3 Property 'variables' is invalid: nested deeper than 256",
        ),
        (
            "CreateProcessInstance",
            frame(&instance(&vec![b' '; REQUEST_BYTES_MAX + 1])),
            "3 Property 'variables' is invalid: 65537 bytes",
        ),
        ("CompleteJob", frame(&complete), "3 Invalid JSON value in 'variables'"),
        ("CompleteJob", frame(&m::CompleteJobRequest { job_key, ..Default::default() }), "5 "),
        ("CompleteJob", frame(&m::CompleteJobRequest { job_key: -1, ..Default::default() }), "5 "),
        ("ActivateJobs", frame(&activate), "3 "),
        (
            "StreamActivatedJobs",
            frame(&stream),
            "3 Expected to stream activated jobs with type to be present",
        ),
        ("DeployResource", frame(&m::DeployResourceRequest::default()), "3 "),
        ("DeployResource", frame(&deploy), "3 "),
        ("CancelProcessInstance", frame(&m::CancelProcessInstanceRequest::default()), "5 "),
        ("ResolveIncident", frame(&m::ResolveIncidentRequest::default()), "5 "),
    ]
}

#[test]
fn grpc_calls() {
    let victim = Victim::start(&[]);
    let grpc = victim.server.grpc;
    block_on(DriverChoice::Epoll, async {
        let client = Http2Client::connect(grpc).await.expect("connected");
        for (headers, body, expected) in grpc_framing() {
            let body = Body::full(Bytes::from(body));
            let (status, said) =
                call(&client, "CreateProcessInstance", "application/grpc", &headers, body).await;
            assert!(status == 200 && said.starts_with(expected), "{expected:?}: {status} {said:?}");
        }
        for (rpc, body, expected) in grpc_requests() {
            let body = Body::full(Bytes::from(body));
            let (status, said) = call(&client, rpc, "application/grpc+proto", &[], body).await;
            assert!(status == 200 && said.starts_with(expected), "{rpc} {expected:?}: {status} {said:?}");
        }
        for content_type in ["application/json", "application/grpc-web", "application/grpc+json", "x"] {
            let body = Body::full(Bytes::from(frame(&instance(b""))));
            let (status, said) = call(&client, "CreateProcessInstance", content_type, &[], body).await;
            assert!(status == 415 && said.contains("application/grpc"), "{content_type}: {status} {said:?}");
        }
        hang_up(client).await;
    })
    .expect("a core");
    victim.check();
}
