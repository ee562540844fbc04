//! The command line of the load applications.

use crate::model::{JOB_TYPE, PROCESS_ID};
use crate::run::{OPEN_LOOP_MAX, UNANSWERED_MAX};
use crate::scenario::Scenario;
use crate::schedule::{Pace, divided_payload, payload};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// Instances a second unless told otherwise.
const RATE_DEFAULT: f64 = 150.0;
/// Work on a job unless told otherwise, in an open loop.
const WORK_DELAY_DEFAULT_MS: u64 = 50;
/// HTTP/1.1 connections of an open loop unless told otherwise.
const HTTP1_CONNECTIONS_DEFAULT: usize = 64;

/// Which protocol carries the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Zeebe's gRPC gateway.
    Grpc,
    /// The REST API v2.
    Rest,
}

/// How jobs are received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Long polls.
    Poll,
    /// Pushed as they are created.
    Stream,
    /// A stream, and polls for what it did not get.
    Both,
}

/// Where the load goes.
#[derive(Args, Clone, Debug, Serialize)]
pub struct TargetArgs {
    /// Protocol of the requests.
    #[arg(long, value_enum, default_value_t = Protocol::Grpc)]
    pub protocol: Protocol,
    /// The server's gRPC address.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:26500")]
    pub grpc: String,
    /// The server's REST address.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub rest: String,
    /// Speak TLS, and trust the certificates in this PEM file; the server's must be for the HOST of its address.
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// Connections [default: 1; REST over HTTP/1.1: as many as instances in flight, 64 at a fixed rate, and one for each poll].
    #[arg(long, value_name = "N")]
    pub connections: Option<usize>,
    /// Connections that the worker has for itself, as where it is another program; over HTTP/2 [default: none, it shares the others].
    #[arg(long, value_name = "N")]
    pub worker_connections: Option<usize>,
    /// REST over HTTP/2 instead of HTTP/1.1.
    #[arg(long)]
    pub http2: bool,
    /// Pin this load to one CPU.
    #[arg(long, value_name = "N")]
    pub cpu: Option<usize>,
}

/// Which process is started, with what.
#[derive(Args, Clone, Debug, Serialize)]
pub struct ModelArgs {
    /// Deploy the sample model (or --model) first.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub deploy: bool,
    /// A BPMN file to deploy instead of the sample.
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Process to start; the sample is deployed under this id.
    #[arg(long, value_name = "ID", default_value = PROCESS_ID)]
    pub process_id: String,
    /// Variables of each instance, bytes of JSON.
    #[arg(long, value_name = "BYTES", default_value_t = 1024)]
    pub payload: usize,
    /// Variables among which these bytes are divided, v0 and on [default: one, payload].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub variables: Option<u32>,
}

impl ModelArgs {
    /// The variables of each instance.
    pub(crate) fn payload(&self) -> String {
        match self.variables {
            None => payload(self.payload),
            Some(count) => divided_payload(self.payload, count),
        }
    }
}

/// `MESSAGE=VARIABLE`.
fn publication(given: &str) -> Result<(String, String), String> {
    let (message, variable) = given.split_once('=').ok_or("MESSAGE=VARIABLE is expected")?;
    Ok((message.to_owned(), variable.to_owned()))
}

/// How instances come.
#[derive(Args, Clone, Debug, Serialize)]
pub struct PaceArgs {
    /// Instances a second, due at fixed times whatever the server does [default: 150].
    #[arg(long, value_name = "PER_SECOND", conflicts_with = "in_flight")]
    pub rate: Option<f64>,
    /// A closed loop instead: so many under way at any time.
    #[arg(long, value_name = "N")]
    pub in_flight: Option<usize>,
    /// Stop after so many instances.
    #[arg(long, value_name = "N")]
    pub instances: Option<u64>,
}

impl PaceArgs {
    pub(crate) fn pace(&self) -> Result<Pace, crate::Error> {
        match (self.in_flight, self.rate) {
            (Some(0), _) => Err(crate::Error::Arguments("--in-flight must be at least 1".to_owned())),
            (Some(n), _) => Ok(Pace::InFlight(n)),
            (None, rate) => match rate.unwrap_or(RATE_DEFAULT) {
                rate if rate.is_finite() && rate > 0.0 => Ok(Pace::Rate(rate)),
                _ => Err(crate::Error::Arguments("--rate must be above 0".to_owned())),
            },
        }
    }
}

/// What is done with jobs.
#[derive(Args, Clone, Debug, Serialize)]
pub struct WorkArgs {
    /// How jobs are received.
    #[arg(long, value_enum, default_value_t = Mode::Stream)]
    pub mode: Mode,
    /// Job type; the sample is deployed with it.
    #[arg(long, value_name = "TYPE", default_value = JOB_TYPE)]
    pub job_type: String,
    /// Work on each job, milliseconds [default: 50; with --in-flight: 0].
    #[arg(long, value_name = "MS")]
    pub work_delay_ms: Option<u64>,
    /// Variables of each completion, bytes of JSON; 0 for none.
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    pub result: usize,
    /// Jobs at the worker at a time.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub capacity: usize,
    /// Streams, or polls at a time.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub receivers: usize,
    /// Jobs asked for by one poll.
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub poll_jobs: usize,
    /// How long a job is the worker's, milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 60_000)]
    pub job_timeout_ms: u64,
}

impl WorkArgs {
    pub(crate) fn work_delay(&self, pace: Option<Pace>) -> Duration {
        let default = match pace {
            Some(Pace::InFlight(_)) => 0,
            Some(Pace::Rate(_)) | None => WORK_DELAY_DEFAULT_MS,
        };
        Duration::from_millis(self.work_delay_ms.unwrap_or(default))
    }
}

/// What instances are made of.
#[derive(Args, Clone, Debug, Serialize)]
pub struct ScenarioArgs {
    /// Models, variables and workers of a scenario, instead of the sample's.
    #[arg(long, value_enum, conflicts_with_all = ["model", "process_id", "job_type", "jobs_per_instance", "publish", "result"])]
    pub scenario: Option<Scenario>,
    /// Items of each instance of the scenario, 1 to 1000.
    #[arg(long, value_name = "N", default_value_t = 50, requires = "scenario", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub items: u32,
    /// Jobs that each instance of --model has: it is done when the last of them is.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub jobs_per_instance: u32,
    /// After each completion, which has the job's key as the text variable, publish the message that this key correlates.
    #[arg(long, value_name = "MESSAGE=VARIABLE", value_parser = publication)]
    pub publish: Option<(String, String)>,
}

/// How long.
#[derive(Args, Clone, Debug, Serialize)]
pub struct TimeArgs {
    /// Length of the measured window [default: until stopped].
    #[arg(long, value_name = "SECONDS")]
    pub duration: Option<f64>,
    /// Load before it, not measured.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    pub warmup: f64,
    /// Longest wait afterwards for what is under way.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    pub drain: f64,
}

/// What is told.
#[derive(Args, Clone, Debug, Serialize)]
pub struct ReportArgs {
    /// Write a JSON report to a file, or to standard output: -.
    #[arg(long, value_name = "FILE")]
    pub json: Option<String>,
    /// Append the main figures to a history, one JSON object a line.
    #[arg(long, value_name = "FILE", requires = "label")]
    pub history: Option<PathBuf>,
    /// What the history calls this run.
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// The server's commit, for the history.
    #[arg(long, value_name = "HASH", default_value = "unknown")]
    pub commit: String,
    /// What the report calls this machine [default: its processor and kernel].
    #[arg(long, value_name = "TEXT")]
    pub machine: Option<String>,
    /// The server's process, whose CPU time and memory are reported.
    #[arg(long, value_name = "PID")]
    pub server_pid: Option<u32>,
    /// The server's management address, whose stage times are reported beside the latencies.
    #[arg(long, value_name = "URL")]
    pub server_metrics: Option<String>,
    /// No live line.
    #[arg(long)]
    pub quiet: bool,
}

/// `ringbolt starter`: creates instances and measures how long that takes.
#[derive(Args, Clone, Debug, Serialize)]
#[command(about = "Create process instances at a rate")]
pub struct StarterArgs {
    /// Where.
    #[command(flatten)]
    pub target: TargetArgs,
    /// What.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Job type that the sample is deployed with.
    #[arg(long, value_name = "TYPE", default_value = JOB_TYPE)]
    pub job_type: String,
    /// How many.
    #[command(flatten)]
    pub pace: PaceArgs,
    /// How long.
    #[command(flatten)]
    pub time: TimeArgs,
    /// Reports.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// `ringbolt worker`: completes jobs.
#[derive(Args, Clone, Debug, Serialize)]
#[command(about = "Receive jobs and complete them")]
pub struct WorkerArgs {
    /// Where.
    #[command(flatten)]
    pub target: TargetArgs,
    /// What is done.
    #[command(flatten)]
    pub work: WorkArgs,
    /// How long.
    #[command(flatten)]
    pub time: TimeArgs,
    /// Reports.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// `ringbolt bench`: both in one process, each instance followed to its end.
#[derive(Args, Clone, Debug, Serialize)]
#[command(about = "Create instances, complete their jobs, and measure the whole cycle")]
pub struct BenchArgs {
    /// Where.
    #[command(flatten)]
    pub target: TargetArgs,
    /// What.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Of what kind.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// How many.
    #[command(flatten)]
    pub pace: PaceArgs,
    /// What is done with the jobs.
    #[command(flatten)]
    pub work: WorkArgs,
    /// How long.
    #[command(flatten)]
    pub time: TimeArgs,
    /// Reports.
    #[command(flatten)]
    pub report: ReportArgs,
}

impl TargetArgs {
    /// Connections to make, or to allow, where so many polls wait on some of them.
    pub(crate) fn connection_count(&self, pace: Option<Pace>, polls: usize) -> usize {
        let default = match (self.protocol, self.http2, pace) {
            (Protocol::Grpc, ..) | (Protocol::Rest, true, _) => 1,
            (Protocol::Rest, false, Some(Pace::InFlight(n))) => n + polls.max(1),
            (Protocol::Rest, false, Some(Pace::Rate(_)) | None) => HTTP1_CONNECTIONS_DEFAULT + polls,
        };
        self.connections.unwrap_or(default).max(1)
    }

    /// The same for a worker's own connections.
    pub(crate) fn for_worker(&self) -> Self {
        Self { connections: self.worker_connections, ..self.clone() }
    }

    /// Creations that may be sent and not answered.
    pub(crate) fn unanswered_max(&self, pace: Pace) -> usize {
        match (pace, self.protocol, self.http2) {
            (Pace::Rate(_), Protocol::Grpc, _) | (Pace::Rate(_), Protocol::Rest, true) => {
                OPEN_LOOP_MAX.min(UNANSWERED_MAX * self.connection_count(Some(pace), 0))
            }
            (Pace::Rate(_), Protocol::Rest, false) | (Pace::InFlight(_), ..) => OPEN_LOOP_MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BenchArgs, Mode, Pace, Protocol};
    use clap::{Args, Command, FromArgMatches};
    use std::time::Duration;

    fn parse(line: &str) -> Result<BenchArgs, clap::Error> {
        let command = BenchArgs::augment_args(Command::new("bench"));
        let matches =
            command.try_get_matches_from(std::iter::once("bench").chain(line.split_whitespace()))?;
        BenchArgs::from_arg_matches(&matches)
    }

    #[test]
    fn without_arguments_it_is_the_paced_load() {
        let args = parse("").expect("right");
        let pace = args.pace.pace().expect("right");
        assert_eq!((pace, args.work.mode, args.model.payload), (Pace::Rate(150.0), Mode::Stream, 1024));
        assert_eq!(args.work.work_delay(Some(pace)), Duration::from_millis(50));
        assert_eq!(args.target.unanswered_max(pace), 4_000, "what one connection can carry");
        assert!(args.model.deploy);
    }

    #[test]
    fn a_closed_loop_does_no_work() {
        let args = parse("--in-flight 256 --protocol rest --mode poll --deploy false").expect("right");
        let pace = args.pace.pace().expect("right");
        assert_eq!((pace, args.target.protocol), (Pace::InFlight(256), Protocol::Rest));
        assert_eq!(args.work.work_delay(Some(pace)), Duration::ZERO);
        assert_eq!(args.target.connection_count(Some(pace), 0), 257);
        assert_eq!(args.target.connection_count(Some(pace), 8), 264, "each poll has one");
        assert!(!args.model.deploy);
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(parse("--in-flight 2 --rate 3").is_err());
        assert!(parse("--history x").is_err(), "a history needs a label");
        assert!(parse("--scenario realistic --model x.bpmn").is_err(), "a scenario has models of its own");
        assert!(parse("--scenario realistic --items 0").is_err());
        assert!(parse("--rate 0").expect("parses").pace.pace().is_err());
    }
}
