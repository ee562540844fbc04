//! The gateway's calls over loopback sockets: what gRPC adds to what the unit tests see.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use ringbolt_api::Limits;
use ringbolt_api::fake::{Callers, FakeBroker, instance, job};
use ringbolt_grpc::client::{CallOptions, Channel};
use ringbolt_grpc::{Code, Encoding, Router};
use ringbolt_grpc_gateway::{grpc_limits, messages as m, register};
use ringbolt_http::Server;
use ringbolt_record::reply::JobBatch;
use ringbolt_record::{Key, PartitionId, Reply};
use ringbolt_ring::{DriverChoice, block_on, net::bind, sleep};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// The head of the table in `docs/api.md`.
const RPCS: &str = "| rpc | | tests |\n|---|---|---|\n";

fn on_both(test: impl AsyncFn(Channel, FakeBroker)) {
    for driver in [DriverChoice::Auto, DriverChoice::Epoll] {
        block_on(driver, async {
            let broker = FakeBroker::new();
            let limits = Rc::new(Limits::default());
            let mut router = Router::new(grpc_limits(&limits));
            register(&mut router, broker.clone(), limits);
            let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), 1).expect("a free port").remove(0);
            let addr = listener.local_addr();
            let server = Server::new(ringbolt_http::Limits::default(), router, None);
            server.start(listener.into_listener().expect("registered"));
            test(Channel::connect(addr).await.expect("connected"), broker).await;
        })
        .expect("a core");
    }
}

#[test]
fn commands_are_answered_plain_and_compressed() {
    on_both(async |channel, broker| {
        let request = m::CreateProcessInstanceRequest {
            bpmn_process_id: "order".to_owned(),
            version: -1,
            variables: Bytes::from_static(b"{\"a\":1}"),
            ..Default::default()
        };
        for encoding in [Encoding::Identity, Encoding::Gzip] {
            let mut metadata = HeaderMap::new();
            let trace = "00-000000000000000000000000000000ff-00f067aa0ba902b7-01";
            metadata.insert("traceparent", HeaderValue::from_static(trace));
            let options = CallOptions { encoding, metadata, ..Default::default() };
            broker.answer(Ok(Reply::ProcessInstanceCreated(instance())));
            let path = "/gateway_protocol.Gateway/CreateProcessInstance";
            let created: m::CreateProcessInstanceResponse =
                channel.unary(path, &request, &options).await.expect("created");
            assert_eq!(created.process_instance_key, 4503599627370504);
            assert_eq!(broker.last_context().trace_id, 0xff);
        }
        assert!(broker.take_log().contains("CREATE 0 latest \"order\" {a=1}"));
        let complete =
            m::CompleteJobRequest { job_key: Key::new(PartitionId(2), 7).to_wire(), ..Default::default() };
        let path = "/gateway_protocol.Gateway/CompleteJob";
        channel.unary::<_, ()>(path, &complete, &CallOptions::default()).await.expect("completed");
        let topology = "/gateway_protocol.Gateway/Topology";
        let topology: m::TopologyResponse =
            channel.unary(topology, &m::TopologyRequest {}, &CallOptions::default()).await.expect("told");
        assert_eq!(topology.gateway_version, ringbolt_api::schema::Level::default().camunda_version());
    });
}

#[test]
fn calls_that_do_not_exist_are_refused_by_name() {
    on_both(async |channel, _| {
        let request = m::CompleteJobRequest { job_key: 1, ..Default::default() };
        let path = "/gateway_protocol.Gateway/Nope";
        let refused = channel.unary::<_, ()>(path, &request, &CallOptions::default()).await;
        let status = refused.expect_err("refused");
        let message = "Method not found: gateway_protocol.Gateway/Nope";
        assert_eq!((status.code, status.message.as_str()), (Code::Unimplemented, message));
    });
}

/// What `docs/api.md` says of each rpc is so: sent an empty message, what is later is refused by name, and nothing else is; what is
/// answered has a test. `RINGBOLT_UPDATE_DOCS=1` writes the table.
#[test]
fn the_page_of_rpcs_is_as_the_service() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("docs/api.md");
    let page = std::fs::read_to_string(&path).expect("docs/api.md");
    let (before, rest) = page.split_once(RPCS).expect("the table");
    let (table, after) = rest.split_once("\n\n").expect("an end");
    let named = |line: &str| Some(line.strip_prefix("| ")?.split_once(" | ")?.0.to_owned());
    let rpcs: Vec<String> = table.lines().filter_map(named).collect();
    assert_eq!(rpcs.len(), 22, "the protocol has so many");
    let callers = Callers::read(&root);
    let wanted = RefCell::new(String::new());
    on_both(async |channel, broker| {
        broker.keep_open();
        let mut rows = Vec::new();
        for rpc in &rpcs {
            let path: &'static str = format!("/gateway_protocol.Gateway/{rpc}").leak();
            let options = CallOptions { timeout: Some(Duration::from_millis(200)), ..Default::default() };
            let refused = channel.unary::<_, ()>(path, &(), &options).await.err();
            let tests = callers.of_rpc(rpc);
            match refused.is_some_and(|status| status.code == Code::Unimplemented) {
                true => rows.push(format!("| {rpc} | later | |")),
                false if tests.is_empty() => panic!("{rpc} has no test"),
                false => rows.push(format!("| {rpc} | answered | {} |", tests.join(", "))),
            }
        }
        *wanted.borrow_mut() = rows.join("\n");
    });
    let wanted = wanted.take();
    if std::env::var_os("RINGBOLT_UPDATE_DOCS").is_some() {
        return std::fs::write(&path, format!("{before}{RPCS}{wanted}\n\n{after}")).expect("writable");
    }
    assert!(table == wanted, "docs/api.md is stale: RINGBOLT_UPDATE_DOCS=1 writes it");
}

#[test]
fn activated_jobs_come_in_batches_and_the_call_ends() {
    on_both(async |channel, broker| {
        broker.batch(Ok(JobBatch { jobs: vec![job(1), job(2)], truncated: false }));
        broker.batch(Ok(JobBatch { jobs: vec![job(3)], truncated: false }));
        let request = m::ActivateJobsRequest {
            r#type: "pay".to_owned(),
            timeout: 1000,
            max_jobs_to_activate: 3,
            ..Default::default()
        };
        let path = "/gateway_protocol.Gateway/ActivateJobs";
        let mut stream = channel
            .streaming::<_, m::ActivateJobsResponse>(path, &request, &CallOptions::default())
            .await
            .expect("a header");
        let mut counts = Vec::new();
        while let Some(message) = stream.message().await.expect("going on") {
            counts.push(message.jobs.len());
        }
        assert_eq!(counts, [2, 1]);
        assert!(broker.take_log().ends_with("poll dropped, 3 of 3 delivered\n"));
        let wrong = m::ActivateJobsRequest { timeout: 0, ..request };
        let mut stream = channel
            .streaming::<_, m::ActivateJobsResponse>(path, &wrong, &CallOptions::default())
            .await
            .expect("a header");
        assert_eq!(stream.message().await.expect_err("refused").code, Code::InvalidArgument);
    });
}

#[test]
fn pushed_jobs_come_as_they_are_made_until_the_client_goes() {
    on_both(async |channel, broker| {
        broker.keep_open();
        broker.push(job(1));
        let request =
            m::StreamActivatedJobsRequest { r#type: "pay".to_owned(), timeout: 1000, ..Default::default() };
        let path = "/gateway_protocol.Gateway/StreamActivatedJobs";
        let mut stream = channel
            .streaming::<_, m::ActivatedJob>(path, &request, &CallOptions::default())
            .await
            .expect("a header");
        assert_eq!(stream.message().await.expect("going on").expect("a job").key, 4503599627370497);
        broker.push(job(2));
        assert_eq!(stream.message().await.expect("going on").expect("a job").key, 4503599627370498);
        drop(stream);
        let mut log = broker.take_log();
        for _ in 0..5_000 {
            if log.contains("stream dropped") {
                break;
            }
            sleep(Duration::from_millis(1)).await;
            log.push_str(&broker.take_log());
        }
        assert!(log.ends_with("delivered 4503599627370498\nstream dropped, back go []\n"), "{log}");
    });
}
