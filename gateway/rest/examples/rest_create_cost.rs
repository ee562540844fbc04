//! What it costs to turn a create request into a command and its reply into a response:
//! `cargo run --release -p ringbolt-rest --example rest_create_cost`.
//!
//! From the body's bytes to the command, variables split, and the response's document; without sockets and engine.

use bytes::Bytes;
use ringbolt_api::Limits;
use ringbolt_api::broker::{Broker, JobStreamSpec, LongPoll, Outcome, Submission, Topology};
use ringbolt_api::fake::{FakeBroker, FakePoll, FakeStream, instance, run};
use ringbolt_record::command::ActivateJobs;
use ringbolt_record::{PartitionId, Reply};
use ringbolt_rest::{Head, Rest, route};
use std::hint::black_box;
use std::rc::Rc;

const ROUNDS: u32 = 100_000;

/// Answers every command with an instance, without noting anything.
#[derive(Clone)]
struct Immediate(FakeBroker);

impl Broker for Immediate {
    type JobPoll = FakePoll;
    type JobStream = FakeStream;

    async fn submit(&self, _: PartitionId, submission: Submission) -> Outcome {
        black_box(submission);
        Ok(Reply::ProcessInstanceCreated(instance()))
    }
    fn partition_for_new_instance(&self) -> PartitionId {
        PartitionId(1)
    }
    fn partitions(&self) -> &[PartitionId] {
        self.0.partitions()
    }
    fn topology(&self) -> Topology {
        self.0.topology()
    }
    fn poll_jobs(&self, request: ActivateJobs, long_poll: LongPoll) -> FakePoll {
        self.0.poll_jobs(request, long_poll)
    }
    fn open_job_stream(&self, spec: JobStreamSpec) -> Result<FakeStream, ringbolt_api::Refusal> {
        self.0.open_job_stream(spec)
    }
}

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
    let rest = Rest::new(Immediate(FakeBroker::new()), Rc::new(Limits::default()));
    for bytes in [160, 1024, 32 * 1024] {
        let body = Bytes::from(format!(
            "{{\"processDefinitionId\":\"one_task\",\"tenantId\":\"<default>\",\"variables\":{}}}",
            variables(bytes)
        ));
        let begun = cpu_ns();
        for _ in 0..ROUNDS {
            let path = "/v2/process-instances";
            let head = Head { path, content_type: Some(b"application/json"), ..Head::default() };
            let answer = run(rest.answer("POST", route("POST", path), head, black_box(body.clone())));
            assert_eq!(black_box(answer).status, 200);
        }
        println!("{bytes} B of variables: {} ns of CPU", (cpu_ns() - begun) / u128::from(ROUNDS));
    }
}
