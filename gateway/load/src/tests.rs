//! Whole runs against a scripted server on this core: what must be counted, whatever the server does.

use crate::args::Mode;
use crate::clock::Clock;
use crate::creator::create_all;
use crate::job::JobQuery;
use crate::rest::{RestTarget, Version};
use crate::run::{Follow, Run};
use crate::scenario::{Act, Part};
use crate::schedule::Pace;
use crate::server_watch::ServerWatch;
use crate::stats::{Kind, Operation};
use crate::target::Target;
use crate::timeline::{End, Timeline, play};
use crate::worker::{self, WorkPlan};
use bytes::Bytes;
use http::{Request, Response};
use ringbolt_http::{Body, Incoming, Limits, Server};
use ringbolt_ring::local::Notify;
use ringbolt_ring::{DriverChoice, net, spawn};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// A server that hands every created instance's job to the next poll.
#[derive(Default)]
struct Script {
    created: Cell<i64>,
    jobs: RefCell<Vec<i64>>,
    came: Notify,
    /// This creation, counted from 1, is refused.
    refused_creation: i64,
    /// This instance's job is handed out twice.
    doubled: i64,
    /// The first completion of this job is refused for overload.
    busy: Cell<i64>,
}

fn answer(status: u16, body: String) -> Response<Body> {
    Response::builder().status(status).body(Body::full(body)).expect("a response")
}

impl Script {
    async fn activate(&self) -> Response<Body> {
        while self.jobs.borrow().is_empty() {
            self.came.notified().await;
        }
        let deadline = ringbolt_ring::time::unix_ms() + 60_000;
        let job = |key: i64| {
            format!(r#"{{"jobKey":"{}","processInstanceKey":"{key}","deadline":{deadline}}}"#, key + 1000)
        };
        let jobs: Vec<String> = self.jobs.take().into_iter().map(job).collect();
        answer(200, format!(r#"{{"jobs":[{}]}}"#, jobs.join(",")))
    }

    async fn call(self: Rc<Self>, request: Request<Incoming>) -> Response<Body> {
        match request.uri().path() {
            "/v2/process-instances" => {
                let key = self.created.get() + 1;
                self.created.set(key);
                if key == self.refused_creation {
                    return answer(500, r#"{"detail":"no"}"#.to_owned());
                }
                self.jobs.borrow_mut().push(key);
                if key == self.doubled {
                    self.jobs.borrow_mut().push(key);
                }
                self.came.notify_one();
                answer(200, format!(r#"{{"processInstanceKey":"{key}"}}"#))
            }
            "/v2/jobs/activation" => self.activate().await,
            path if path == format!("/v2/jobs/{}/completion", self.busy.get()) => {
                self.busy.set(0);
                answer(503, r#"{"detail":"busy"}"#.to_owned())
            }
            _ => answer(204, String::new()),
        }
    }
}

async fn serve(script: Script) -> SocketAddr {
    let bound = net::bind("127.0.0.1:0".parse().expect("an address"), 1).expect("a port").remove(0);
    let addr = bound.local_addr();
    let script = Rc::new(script);
    let service = move |request: Request<Incoming>| script.clone().call(request);
    Server::new(Limits::default(), service, None).start(bound.into_listener().expect("registered"));
    addr
}

fn on_core<T>(future: impl Future<Output = T>) -> T {
    ringbolt_ring::block_on(DriverChoice::Auto, future).expect("an executor")
}

async fn run_ten(script: Script, version: Version, drain_max: Duration) -> Rc<Run> {
    let addr = serve(script).await;
    let target = RestTarget::connect(addr.into(), version, "one_task", "{}").await.expect("it listens");
    let clock = Clock::start().expect("a thread");
    let run = Rc::new(Run::new(Target::Rest(target), clock, Follow::Cycles, Duration::ZERO, 4, 100));
    let plan = WorkPlan {
        query: JobQuery { job_type: "work".to_owned(), worker: "test".to_owned(), timeout_ms: 60_000 },
        mode: Mode::Poll,
        delay: Duration::ZERO,
        part: Part::WHOLE,
        act: Act::Complete,
        result: Bytes::new(),
        receivers: 1,
        poll_jobs_max: 8,
        counted: Cell::new(0),
    };
    worker::start(&run, &Rc::new(plan));
    let timeline = Timeline { warmup: Duration::ZERO, duration: None, drain_max, end: End::ByInstances };
    let mut watch = ServerWatch::new(None, None);
    spawn(create_all(run.clone(), Pace::InFlight(4), Some(10)));
    play(&run, timeline, &mut watch, None, |_| {}).await.expect("played");
    run
}

#[test]
fn every_instance_is_followed_to_its_end() {
    for version in [Version::Http1(5), Version::Http2(2)] {
        on_core(async {
            let run = run_ten(Script::default(), version, Duration::from_secs(20)).await;
            let stats = run.stats.borrow();
            let all = stats.all();
            assert_eq!((all.created, all.jobs, all.completed), (10, 10, 10), "{version:?}");
            assert_eq!((all.duplicates, all.errors), (0, 0), "{version:?}");
            assert_eq!(run.cycles.borrow().unfinished(), 0);
            assert!(run.is_idle());
        });
    }
}

#[test]
fn a_job_handed_out_twice_is_seen_and_completed_once() {
    on_core(async {
        let script = Script { doubled: 3, ..Script::default() };
        let run = run_ten(script, Version::Http1(5), Duration::from_secs(20)).await;
        let stats = run.stats.borrow();
        assert_eq!((stats.all().jobs, stats.all().duplicates, stats.all().completed), (11, 1, 10));
    });
}

#[test]
fn failures_are_counted_by_status_and_overload_is_tried_again() {
    on_core(async {
        let script = Script { refused_creation: 2, busy: Cell::new(1005), ..Script::default() };
        let run = run_ten(script, Version::Http1(5), Duration::from_secs(20)).await;
        let stats = run.stats.borrow();
        assert_eq!((stats.all().created, stats.all().completed), (9, 9));
        let errors: Vec<_> = stats
            .errors()
            .iter()
            .map(|((operation, status), error)| {
                (*operation, status.as_str(), error.count, error.example.as_str())
            })
            .collect();
        assert_eq!(
            errors,
            [(Operation::Create, "HTTP 500", 1, "no"), (Operation::Complete, "HTTP 503", 1, "busy")]
        );
        assert_eq!(
            stats.total().latency(Kind::Sent).count(),
            stats.total().latency(Kind::Create).count() + 1
        );
    });
}
