//! The three applications: each starts one core, sets up a run from its arguments, plays the timeline and reports.

use crate::args::{
    BenchArgs, ModelArgs, Protocol, ReportArgs, ScenarioArgs, StarterArgs, TargetArgs, TimeArgs, WorkArgs,
    WorkerArgs,
};
use crate::clock::Clock;
use crate::creator::create_all;
use crate::error::Error;
use crate::grpc::GrpcTarget;
use crate::job::JobQuery;
use crate::model::{self, RESOURCE_NAME};
use crate::progress::Live;
use crate::report::{Header, Report};
use crate::rest::{RestTarget, Version};
use crate::run::{Follow, OPEN_LOOP_MAX, Run};
use crate::scenario::{Act, Part, Work};
use crate::schedule::{Pace, payload};
use crate::server_watch::ServerWatch;
use crate::target::Target;
use crate::tell::tell;
use crate::timeline::{End, Timeline, play};
use crate::worker::{self, WorkPlan};
use ringbolt_http::client::{ClientTls, Endpoint};
use ringbolt_ring::cores::Failure;
use ringbolt_ring::time::{now, unix_ms};
use ringbolt_ring::{Core, Cores, CoresConfig, Signals, sleep, spawn};
use serde_json::Value;
use std::cell::Cell;
use std::future::Future;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// Between opening streams and the first creation: a stream takes a moment to be known everywhere.
const SETTLE: Duration = Duration::from_millis(300);
/// How long a server that says it is not ready is asked again to deploy, and how often.
const DEPLOY_MAX: Duration = Duration::from_secs(30);
const DEPLOY_AGAIN: Duration = Duration::from_millis(500);
/// What the worker calls itself.
const WORKER_NAME: &str = "ringbolt-load";

/// Creates instances until the time is over or a signal comes, and reports.
pub fn run_starter(args: StarterArgs) -> Result<(), Error> {
    on_one_core(args.target.cpu, move |core| starter(args.clone(), core))
}

/// Completes jobs until the time is over or a signal comes, and reports.
pub fn run_worker(args: WorkerArgs) -> Result<(), Error> {
    on_one_core(args.target.cpu, move |core| worker_app(args.clone(), core))
}

/// Creates instances, completes their jobs, and reports on whole cycles.
pub fn run_bench(args: BenchArgs) -> Result<(), Error> {
    on_one_core(args.target.cpu, move |core| bench(args.clone(), core))
}

fn on_one_core<B, F>(cpu: Option<usize>, build: B) -> Result<(), Error>
where
    B: Fn(Core) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Error>> + 'static,
{
    let config = CoresConfig { cpus: vec![cpu], signals: Signals::Handle, ..CoresConfig::default() };
    let cores = Cores::start(&config, build).map_err(|error| Error::Start(error.to_string()))?;
    cores.join().map_err(|failure| match failure {
        Failure::Error { error, .. } => error,
        panic @ Failure::Panic { .. } => Error::Start(panic.to_string()),
    })
}

fn without_scheme(given: &str) -> &str {
    given.strip_prefix("http://").or_else(|| given.strip_prefix("https://")).unwrap_or(given)
}

/// The address of `host:port`, perhaps with a scheme before and a path behind.
fn resolve(given: &str) -> Result<SocketAddr, Error> {
    let host = without_scheme(given);
    let host = host.split('/').next().unwrap_or(host);
    let fail = |why: String| Error::Address { address: given.to_owned(), why };
    let mut found = host.to_socket_addrs().map_err(|e| fail(e.to_string()))?;
    found.next().ok_or_else(|| fail("the name has no address".to_owned()))
}

/// Where the load goes, and how it is spoken to.
fn endpoint(given: &str, tls_ca: Option<&Path>) -> Result<Endpoint, Error> {
    let addr = resolve(given)?;
    let Some(path) = tls_ca else { return Ok(Endpoint::plain(addr)) };
    let tls = ClientTls::trusting(path).map_err(|error| Error::Arguments(format!("--tls-ca: {error}")))?;
    let host = without_scheme(given).split('/').next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    Ok(Endpoint::tls(addr, tls, name.trim_start_matches('[').trim_end_matches(']')))
}

async fn connect(
    args: &TargetArgs,
    pace: Option<Pace>,
    polls: usize,
    process_id: &str,
    variables: &str,
) -> Result<Target, Error> {
    let connections = args.connection_count(pace, polls);
    let connected = match args.protocol {
        Protocol::Grpc => {
            let to = endpoint(&args.grpc, args.tls_ca.as_deref())?;
            GrpcTarget::connect(to, connections, process_id, variables).await.map(Target::Grpc)
        }
        Protocol::Rest => {
            let version = if args.http2 { Version::Http2(connections) } else { Version::Http1(connections) };
            let to = endpoint(&args.rest, args.tls_ca.as_deref())?;
            RestTarget::connect(to, version, process_id, variables).await.map(Target::Rest)
        }
    };
    connected.map_err(|error| Error::call("connecting", &error))
}

/// What the arguments want deployed: name and content.
fn resource(args: &ModelArgs, job_type: &str) -> Result<(String, String), Error> {
    match &args.model {
        None => Ok((RESOURCE_NAME.to_owned(), model::sample(&args.process_id, job_type))),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| Error::File {
                action: "read",
                path: path.display().to_string(),
                error,
            })?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            Ok((name.unwrap_or_else(|| RESOURCE_NAME.to_owned()), text))
        }
    }
}

async fn deploy(target: &Target, resources: &[(String, String)]) -> Result<(), Error> {
    let give_up = now() + DEPLOY_MAX;
    loop {
        match target.deploy(resources).await {
            Ok(()) => return Ok(()),
            // A server that has just started may listen before it can work.
            Err(error) if error.failure.is_overload() && now() < give_up => sleep(DEPLOY_AGAIN).await,
            Err(error) => return Err(Error::call("deploying the model", &error)),
        }
    }
}

fn seconds(name: &str, value: f64) -> Result<Duration, Error> {
    Duration::try_from_secs_f64(value).map_err(|e| Error::Arguments(format!("--{name} {value}: {e}")))
}

fn timeline(args: &TimeArgs, instances: Option<u64>) -> Result<Timeline, Error> {
    Ok(Timeline {
        warmup: seconds("warmup", args.warmup)?,
        duration: args.duration.map(|value| seconds("duration", value)).transpose()?,
        drain_max: seconds("drain", args.drain)?,
        end: if instances.is_some() { End::ByInstances } else { End::ByTime },
    })
}

fn work_plan(args: &WorkArgs, delay: Duration) -> WorkPlan {
    WorkPlan {
        query: JobQuery {
            job_type: args.job_type.clone(),
            worker: WORKER_NAME.to_owned(),
            timeout_ms: i64::try_from(args.job_timeout_ms).unwrap_or(i64::MAX),
        },
        mode: args.mode,
        delay,
        result: if args.result == 0 { bytes::Bytes::new() } else { payload(args.result).into() },
        part: Part::WHOLE,
        act: Act::Complete,
        receivers: args.receivers.max(1),
        poll_jobs_max: args.poll_jobs.max(1),
        counted: Cell::new(0),
    }
}

/// The workers.
fn work_plans(args: &WorkArgs, scenario: &ScenarioArgs, delay: Duration) -> Vec<Rc<WorkPlan>> {
    let plan = work_plan(args, delay);
    match scenario.scenario {
        None => {
            let publish = |(message, variable): (String, String)| Act::Publish {
                variable: variable.into(),
                message: message.into(),
            };
            let act = scenario.publish.clone().map_or(Act::Complete, publish);
            vec![Rc::new(WorkPlan { act, ..plan })]
        }
        Some(scenario) => scenario
            .works()
            .into_iter()
            .map(|Work { job_type, part, act }| {
                let query = JobQuery { job_type: job_type.to_owned(), ..plan.query.clone() };
                Rc::new(WorkPlan { query, part, act, ..plan.clone() })
            })
            .collect(),
    }
}

fn start_clock() -> Result<Rc<Clock>, Error> {
    Clock::start().map_err(|error| Error::Start(format!("cannot start the clock's thread: {error}")))
}

/// Places for creations.
fn places(pace: Pace) -> usize {
    match pace {
        Pace::Rate(_) => OPEN_LOOP_MAX,
        Pace::InFlight(n) => n,
    }
}

fn arguments(args: &impl serde::Serialize) -> Value {
    serde_json::to_value(args).unwrap_or(Value::Null)
}

struct Course {
    kind: &'static str,
    title: String,
    arguments: Value,
    report: ReportArgs,
    timeline: Timeline,
    pace: Option<Pace>,
}

/// Plays the timeline over a run whose tasks are started, and reports.
async fn finish(run: Rc<Run>, course: Course, core: Core) -> Result<(), Error> {
    let metrics = course.report.server_metrics.as_deref().map(resolve).transpose()?;
    let mut watch = ServerWatch::new(course.report.server_pid, metrics);
    let started_unix_ms = unix_ms();
    let mut live = Live::new(course.report.quiet);
    let window =
        play(&run, course.timeline, &mut watch, Some(&core.shutdown), |second| live.show(second)).await?;
    live.end();
    let header = Header {
        kind: course.kind,
        title: course.title,
        started_unix_ms,
        window,
        warmup: course.timeline.warmup,
        arguments: course.arguments,
        rate: match course.pace {
            Some(Pace::Rate(rate)) => Some(rate),
            Some(Pace::InFlight(_)) | None => None,
        },
    };
    tell(&Report::collect(&run, &watch, header, &course.report), &course.report)
}

fn describe(target: &TargetArgs, payload: usize, pace: Pace) -> String {
    let protocol = match (target.protocol, target.http2) {
        (Protocol::Grpc, _) => "gRPC",
        (Protocol::Rest, false) => "REST, HTTP/1.1",
        (Protocol::Rest, true) => "REST, HTTP/2",
    };
    let pace = match pace {
        Pace::Rate(rate) => format!("{rate}/s"),
        Pace::InFlight(n) => format!("{n} in flight"),
    };
    format!("{protocol}, {payload} B of variables, {pace}")
}

async fn starter(args: StarterArgs, core: Core) -> Result<(), Error> {
    let pace = args.pace.pace()?;
    let variables = args.model.payload();
    let target = connect(&args.target, Some(pace), 0, &args.model.process_id, &variables).await?;
    if args.model.deploy {
        deploy(&target, &[resource(&args.model, &args.job_type)?]).await?;
    }
    let run = Run::new(target, start_clock()?, Follow::Nothing, Duration::ZERO, places(pace), 0);
    let run = Rc::new(run.with_unanswered_max(args.target.unanswered_max(pace)));
    spawn(create_all(run.clone(), pace, args.pace.instances));
    let course = Course {
        kind: "starter",
        title: describe(&args.target, args.model.payload, pace),
        arguments: arguments(&args),
        timeline: timeline(&args.time, args.pace.instances)?,
        pace: args.pace.instances.is_none().then_some(pace),
        report: args.report,
    };
    finish(run, course, core).await
}

async fn worker_app(args: WorkerArgs, core: Core) -> Result<(), Error> {
    let target = connect(&args.target, None, args.work.receivers, "", "{}").await?;
    let delay = args.work.work_delay(None);
    let run = Run::new(target, start_clock()?, Follow::Nothing, delay, 0, args.work.capacity.max(1));
    let run = Rc::new(run);
    worker::start(&run, &Rc::new(work_plan(&args.work, delay)));
    let course = Course {
        kind: "worker",
        title: format!(
            "jobs of type {}, {:?}, {} ms of work",
            args.work.job_type,
            args.work.mode,
            delay.as_millis()
        ),
        arguments: arguments(&args),
        timeline: timeline(&args.time, None)?,
        pace: None,
        report: args.report,
    };
    finish(run, course, core).await
}

async fn bench(args: BenchArgs, core: Core) -> Result<(), Error> {
    let pace = args.pace.pace()?;
    let scenario = args.scenario.scenario;
    let delay = args.work.work_delay(Some(pace));
    let (process_id, variables, work_on_the_way) = match scenario {
        None => (args.model.process_id.as_str(), args.model.payload(), delay),
        Some(scenario) => (
            scenario.process_id(),
            scenario.variables(args.scenario.items as usize, args.model.payload),
            scenario.work_on_the_way(delay),
        ),
    };
    let plans = work_plans(&args.work, &args.scenario, delay);
    let polls = plans.iter().map(|plan| plan.receivers).sum();
    let target = connect(&args.target, Some(pace), polls, process_id, &variables).await?;
    if args.model.deploy {
        let resources = match scenario {
            None => vec![resource(&args.model, &args.work.job_type)?],
            Some(scenario) => scenario.resources(),
        };
        deploy(&target, &resources).await?;
    }
    let capacity = args.work.capacity.max(1);
    let worker_target = match args.target.worker_connections {
        None => None,
        Some(_) => Some(connect(&args.target.for_worker(), None, polls, "", "{}").await?),
    };
    let run = Run::new(target, start_clock()?, Follow::Cycles, work_on_the_way, places(pace), capacity)
        .with_worker_target(worker_target)
        .with_jobs_per_instance(args.scenario.jobs_per_instance)
        .with_unanswered_max(args.target.unanswered_max(pace));
    let run = Rc::new(run);
    plans.iter().for_each(|plan| worker::start(&run, plan));
    sleep(SETTLE).await;
    spawn(create_all(run.clone(), pace, args.pace.instances));
    let title = describe(&args.target, args.model.payload, pace);
    let course = Course {
        kind: "bench",
        title: format!("{title}, jobs by {:?}, {} ms of work", args.work.mode, delay.as_millis())
            .to_lowercase(),
        arguments: arguments(&args),
        timeline: timeline(&args.time, args.pace.instances)?,
        pace: args.pace.instances.is_none().then_some(pace),
        report: args.report,
    };
    finish(run, course, core).await
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn addresses_may_be_urls() {
        let expected = "127.0.0.1:9600".parse().expect("an address");
        for given in ["127.0.0.1:9600", "https://127.0.0.1:9600", "http://127.0.0.1:9600/actuator"] {
            assert_eq!(resolve(given).expect("right"), expected);
        }
        assert!(resolve("127.0.0.1").is_err(), "a port is needed");
    }
}
