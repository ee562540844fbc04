//! The management port: metrics and health, on a thread of its own that waits for no core. It gives back what memory is free, too.

use crate::doors::{Opening, Port, PortCounters};
use crate::exporting::Exporters;
use crate::flow_actuator;
use crate::job_streams::JobStreams;
use crate::logging::{Level, log};
use crate::snapshots::Snapshots;
use crate::test_endpoints::{self, TestEndpoints};
use http::{Method, Request, Response, StatusCode};
use ringbolt_api::operation::Exporting;
use ringbolt_api::value::flag_word;
use ringbolt_broker::FlowControl;
use ringbolt_http::{Body, Incoming, read_body};
use ringbolt_ring::mailbox::{self, Sender};
use ringbolt_ring::net::BoundListener;
use ringbolt_ring::time::interval;
use ringbolt_ring::{DriverChoice, block_on, memory, sleep, take_short_turns};
use serde_json::{Value, json};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long fresh figures are waited for, before older ones are taken.
const FRESH_MAX: Duration = Duration::from_millis(20);
/// How long a request under way may take when the server stops.
const STOP_MAX: Duration = Duration::from_secs(2);
/// How long a change's body may take to arrive.
const BODY_MAX: Duration = Duration::from_secs(10);
/// How long the answer to a wish that ends this life may take to leave.
const ANSWER_GOES: Duration = Duration::from_millis(20);
/// How often free memory is given back. What threads free among what they keep stays with each of them otherwise, for ever: a few megabytes
/// more with every outage of an exporter.
const GIVE_BACK: Duration = Duration::from_secs(20);
/// Where open streams of jobs are listed.
const JOB_STREAMS: &str = "/actuator/jobstreams";
/// Where exporters are told to rest and to go on.
const EXPORTING: &str = "/actuator/exporting";
/// Where exporters are listed, and single ones are told to rest and to go on.
const EXPORTERS: &str = "/actuator/exporters";
/// Where the clock is shown and set, for tests.
const CLOCK: &str = "/actuator/clock";
/// Where the server is emptied, for tests.
const PURGE: &str = "/actuator/cluster/purge";
/// Where flow control is shown and changed.
const FLOW_CONTROL: &str = "/actuator/flowControl";

/// What a request is answered from.
struct Sources {
    snapshots: Arc<Snapshots>,
    flow_control: Arc<FlowControl>,
    ports: PortCounters,
    tests: Arc<TestEndpoints>,
    exporters: Arc<Exporters>,
    job_streams: Arc<JobStreams>,
}

/// The running port.
pub(crate) struct Management {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Management {
    /// Opens the port on a thread of its own.
    ///
    /// # Errors
    /// When the thread or its listener cannot be had.
    pub(crate) fn start(
        listener: BoundListener,
        opening: Opening,
        snapshots: Arc<Snapshots>,
        flow_control: Arc<FlowControl>,
        tests: Arc<TestEndpoints>,
        exporters: Arc<Exporters>,
        job_streams: Arc<JobStreams>,
    ) -> Result<Management, String> {
        let (stop, mut stopped) = mailbox::channel(1);
        let (opened, has_opened) = mpsc::sync_channel(1);
        let serve = async move || {
            let ports = opening.counters.clone();
            let sources = Rc::new(Sources { snapshots, flow_control, ports, tests, exporters, job_streams });
            let service = move |request| answer(sources.clone(), request);
            match opening.open(Port::Management, service, listener, None) {
                Ok(server) => {
                    let _ = opened.send(Ok(()));
                    ringbolt_ring::spawn(give_back_memory());
                    stopped.recv().await;
                    server.stop(STOP_MAX).await;
                }
                Err(error) => {
                    let _ = opened.send(Err(error));
                }
            }
        };
        // The future is made where it runs: a server is its core's alone.
        let run = move || {
            take_short_turns();
            drop(block_on(DriverChoice::Epoll, serve()));
        };
        let thread = std::thread::Builder::new().name("management".to_owned()).spawn(run);
        let thread = thread.map_err(|error| format!("cannot start the management thread: {error}"))?;
        match has_opened.recv() {
            Ok(Ok(())) => Ok(Management { stop, thread }),
            Ok(Err(error)) => Err(error),
            Err(mpsc::RecvError) => Err("the management thread has no executor".to_owned()),
        }
    }

    /// Ends it, when the cores have ended.
    pub(crate) fn stop(self) {
        // It has been told, or is gone.
        let _ = self.stop.try_send(());
        let _ = self.thread.join();
    }
}

/// Here, where nobody has a lower priority than a core that would wait for the allocator.
async fn give_back_memory() {
    let mut ticks = interval(GIVE_BACK);
    loop {
        ticks.tick().await;
        memory::trim();
    }
}

/// Answers one request.
async fn answer(sources: Rc<Sources>, request: Request<Incoming>) -> Response<Body> {
    if let Some(what) = request.uri().path().strip_prefix(CLOCK) {
        let what = what.to_owned();
        return control_clock(&sources, &what, request).await;
    }
    if request.uri().path() == PURGE {
        return purge(&sources, &request).await;
    }
    if let Some(what) = request.uri().path().strip_prefix(JOB_STREAMS) {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return not_allowed("GET, HEAD", "only GET\n");
        }
        return match sources.job_streams.shown(what) {
            Some(shown) => plain(StatusCode::OK, "application/json", shown),
            None => plain(StatusCode::BAD_REQUEST, "text/plain", "only remote and client\n".to_owned()),
        };
    }
    if let Some(what) = request.uri().path().strip_prefix(EXPORTING) {
        return exporting(&sources.exporters, &request, what);
    }
    if let Some(what) = request.uri().path().strip_prefix("/actuator/exporters/") {
        return exporter(&sources.exporters, request.method(), what);
    }
    let is_change = request.method() == Method::POST && request.uri().path() == FLOW_CONTROL;
    if request.method() != Method::GET && request.method() != Method::HEAD && !is_change {
        return match request.uri().path() {
            FLOW_CONTROL => not_allowed("GET, HEAD, POST", "only GET and POST\n"),
            _ => not_allowed("GET, HEAD", "only GET\n"),
        };
    }
    if is_change {
        return change_flow_control(&sources, request).await;
    }
    let path = request.uri().path();
    match path {
        "/" => plain(StatusCode::OK, "text/plain", about()),
        FLOW_CONTROL => flow_control(&sources).await,
        "/actuator/prometheus" | "/metrics" => {
            let Sources { snapshots, ports, .. } = &*sources;
            let snapshots = snapshots.now(FRESH_MAX).await;
            let page = ringbolt_management::render(&snapshots)
                + &ringbolt_management::render_ports(&ports.figures(), &ports.unsent());
            plain(StatusCode::OK, "text/plain; version=0.0.4", page)
        }
        EXPORTERS => {
            let shown = sources.exporters.listed().into_iter().map(|(name, is_enabled)| {
                json!({ "exporterId": name, "status": if is_enabled { "ENABLED" } else { "DISABLED" } })
            });
            plain(StatusCode::OK, "application/json", shown.collect::<Value>().to_string())
        }
        "/actuator/bannedInstances" => {
            let snapshots = sources.snapshots.now(FRESH_MAX).await;
            plain(StatusCode::OK, "application/json", ringbolt_management::banned_instances(&snapshots))
        }
        // A process that answers is alive; whether it is ready depends on its partitions.
        "/actuator/health/liveness" => {
            plain(StatusCode::OK, "application/json", r#"{"status":"UP"}"#.to_owned())
        }
        "/actuator/health" | "/actuator/health/readiness" | "/actuator/health/startup" => {
            let health =
                ringbolt_management::health(&sources.snapshots.now(FRESH_MAX).await, sources.tests.shown());
            let status = if health.is_up { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            plain(status, "application/json", health.body)
        }
        _ => plain(StatusCode::NOT_FOUND, "text/plain", format!("nothing at {path}\n")),
    }
}

/// What is here.
fn about() -> String {
    format!(
        "Ringbolt {}, management\n\n\
         metrics      actuator/prometheus (metrics is the same)\n\
         health       actuator/health, actuator/health/liveness, actuator/health/readiness\n\
         work         actuator/flowControl (POST changes it), actuator/jobstreams, actuator/bannedInstances\n\
         exporters    actuator/exporters; POST actuator/exporting/pause and resume\n\
         pages and REST API are on another port, gRPC on a third\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// Exporters rest and go on, as Camunda's actuator has it. Paused softly they export, but what they have exported stays in the log.
fn exporting(exporters: &Exporters, request: &Request<Incoming>, what: &str) -> Response<Body> {
    if !matches!(what, "/pause" | "/resume") {
        return plain(StatusCode::NOT_FOUND, "text/plain", "only /pause and /resume\n".to_owned());
    }
    if request.method() != Method::POST {
        return not_allowed("POST", "only POST\n");
    }
    let is_soft = match flag(request, "soft") {
        Ok(is_soft) => is_soft,
        Err(why) => return plain(StatusCode::BAD_REQUEST, "text/plain", format!("{why}\n")),
    };
    exporters.tell(match (what, is_soft) {
        ("/pause", false) => Exporting::Paused,
        ("/pause", true) => Exporting::SoftPaused,
        _ => Exporting::Exporting,
    });
    no_content()
}

/// One exporter rests, or goes on. Which exporters there are is the settings' to say, so that none can be deleted here.
fn exporter(exporters: &Exporters, method: &Method, what: &str) -> Response<Body> {
    let problem =
        |status, text: String| plain(status, "application/json", json!({ "message": text }).to_string());
    let Some((name, verb @ ("enable" | "disable" | "delete"))) = what.rsplit_once('/') else {
        let text = "only /{exporterId}/enable, /disable and /delete".to_owned();
        return problem(StatusCode::NOT_FOUND, text);
    };
    if method != Method::POST {
        return allowing("POST", problem(StatusCode::METHOD_NOT_ALLOWED, "only POST".to_owned()));
    }
    if verb == "delete" && exporters.listed().iter().any(|(known, _)| known == name) {
        let text = format!(
            "exporter '{name}' stands in the settings: it goes with its line there, at the next start"
        );
        return problem(StatusCode::CONFLICT, text);
    }
    match verb != "delete" && exporters.enable(name, verb == "enable") {
        true => no_content(),
        false => problem(StatusCode::NOT_FOUND, format!("there is no exporter '{name}'")),
    }
}

fn no_content() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

async fn control_clock(sources: &Sources, what: &str, request: Request<Incoming>) -> Response<Body> {
    let method = request.method().clone();
    match read_body(request.into_body(), test_endpoints::BODY_BYTES_MAX, BODY_MAX).await {
        Ok(body) => {
            let (status, answer) = sources.tests.clock(method.as_str(), what, &body);
            let allowed = if what.is_empty() { "GET, HEAD, DELETE" } else { "POST" };
            allowing(allowed, plain(status, "application/json", answer))
        }
        Err(error) => plain(StatusCode::BAD_REQUEST, "text/plain", format!("{error}\n")),
    }
}

async fn purge(sources: &Rc<Sources>, request: &Request<Incoming>) -> Response<Body> {
    let is_dry_run = match flag(request, "dryRun") {
        Ok(is_dry_run) => is_dry_run,
        Err(why) => {
            return plain(StatusCode::BAD_REQUEST, "application/json", json!({ "message": why }).to_string());
        }
    };
    let snapshots = sources.snapshots.now(FRESH_MAX).await;
    let reports = snapshots.iter().filter_map(|core| core.report.as_deref());
    let partitions: Vec<_> = reports.flat_map(|report| &report.partitions).collect();
    let ids: Vec<u16> = partitions.iter().map(|partition| partition.partition.0).collect();
    let stopped = partitions.iter().find(|partition| partition.stopped.is_some());
    let stopped = stopped.map(|partition| partition.partition.0);
    let (status, answer) = sources.tests.purge(request.method().as_str(), is_dry_run, &ids, stopped);
    if status == StatusCode::ACCEPTED && !is_dry_run {
        let sources = sources.clone();
        ringbolt_ring::spawn(async move {
            sleep(ANSWER_GOES).await;
            sources.tests.go();
        });
    }
    allowing("POST", plain(status, "application/json", answer))
}

/// A flag of the query: false where it is not named.
fn flag(request: &Request<Incoming>, name: &str) -> Result<bool, String> {
    flag_of(request.uri().query().unwrap_or_default(), name)
}

/// What is not understood is never as absent: to be wrong about it may cost all that there is.
fn flag_of(query: &str, name: &str) -> Result<bool, String> {
    let mut found = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (raw, value) = pair.split_once('=').unwrap_or((pair, ""));
        if raw.contains(['%', '+']) {
            return Err(format!("The parameter '{raw}' is not known"));
        }
        if raw == name {
            let flag = flag_word(value).filter(|_| found.is_none());
            found = Some(flag.ok_or_else(|| format!("Expected true or false, once, for '{name}'"))?);
        }
    }
    Ok(found.unwrap_or_default())
}

/// The answer to another method than these.
fn not_allowed(allowed: &'static str, why: &'static str) -> Response<Body> {
    allowing(allowed, plain(StatusCode::METHOD_NOT_ALLOWED, "text/plain", why.to_owned()))
}

/// An answer that names the methods there are, if it is that the asked one is none of them.
fn allowing(allowed: &'static str, mut response: Response<Body>) -> Response<Body> {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(http::header::ALLOW, http::HeaderValue::from_static(allowed));
    }
    response
}

async fn flow_control(sources: &Sources) -> Response<Body> {
    let snapshots = sources.snapshots.now(FRESH_MAX).await;
    plain(StatusCode::OK, "application/json", flow_actuator::show(&sources.flow_control, &snapshots))
}

async fn change_flow_control(sources: &Sources, request: Request<Incoming>) -> Response<Body> {
    let body = match read_body(request.into_body(), flow_actuator::BODY_BYTES_MAX, BODY_MAX).await {
        Ok(body) => body,
        Err(error) => return plain(StatusCode::BAD_REQUEST, "text/plain", format!("{error}\n")),
    };
    let control = &sources.flow_control;
    if let Err(error) = flow_actuator::change(control, &body) {
        return plain(StatusCode::BAD_REQUEST, "text/plain", format!("{error}\n"));
    }
    let target = control.response_target().map_or(0, |target| target.as_millis());
    let limit = control.write().map_or("none".to_owned(), |write| match write.limit {
        Some(limit) => limit.to_string(),
        None => "by exporters".to_owned(),
    });
    log(
        Level::Warn,
        "flow control was changed until the next start",
        &[("response_target_ms", &target), ("write_limit", &limit)],
    );
    flow_control(sources).await
}

fn plain(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::full(body));
    *response.status_mut() = status;
    let value = http::HeaderValue::from_static(content_type);
    response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    response
}

#[cfg(test)]
mod tests {
    use super::flag_of;

    #[test]
    fn a_flag_that_is_not_understood_is_refused() {
        let flag = |query: &str| flag_of(query, "dryRun");
        for query in ["dryRun=true", "dryRun=TRUE", "a=1&dryRun=1", "dryRun=Yes&", "dryRun=on"] {
            assert_eq!(flag(query), Ok(true), "{query}");
        }
        for query in ["", "dryrun=true", "dryRun=false", "dryRun=0", "dryRun=No", "dryRun=oFF", "dry=x"] {
            assert_eq!(flag(query), Ok(false), "{query}");
        }
        for query in [
            "dryRun",
            "dryRun=",
            "dryRun=maybe",
            "dryRun=true ",
            "dryRun=2",
            "dryRun=%74rue",
            "%64ryRun=true",
            "dryRun=true&dryRun=false",
            "dryRun=false&dryRun=false",
        ] {
            assert!(flag(query).is_err(), "{query}");
        }
    }
}
