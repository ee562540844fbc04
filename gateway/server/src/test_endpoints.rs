//! What tests may do with a server that was started for them: set its clock, empty it.
//!
//! Invariant: without `--test-endpoints` nothing here does anything but refuse, by the setting's name.

use crate::logging::{Level, log};
use http::StatusCode;
use parking_lot::Mutex;
use ringbolt_api::operation::ClockWish;
use ringbolt_api::time::put_time;
use ringbolt_api::{ApiError, ErrorKind};
use ringbolt_broker::{CLOCK_MS_MAX, clock_ms, move_clock, pin_clock, reset_clock};
use ringbolt_ring::Shutdown;
use serde_json::{Value, json};

/// What is said where the setting is missing.
const REFUSED: &str = "This server was not started for tests: it needs --test-endpoints";
/// What REST takes is what the clock can be set to.
const _: () = assert!(CLOCK_MS_MAX == ringbolt_api::table::clock::CLOCK_MS_MAX);
/// Largest body of a request.
pub(crate) const BODY_BYTES_MAX: usize = 4096;

/// Whether tests may do as they like, and what one of them wants.
#[derive(Default)]
pub(crate) struct TestEndpoints {
    is_enabled: bool,
    /// The number of the last change.
    last_change: i64,
    /// The change that is wanted.
    wanted: Mutex<Option<i64>>,
    /// Ends this life of the server.
    shutdown: Mutex<Option<Shutdown>>,
}

/// Status and JSON of an answer.
pub(crate) type Told = (StatusCode, String);

fn refused(status: StatusCode, why: &str) -> Told {
    (status, json!({ "message": why }).to_string())
}

/// The clock as Camunda's actuator shows it.
fn clock() -> Told {
    let now_ms = clock_ms();
    let mut instant = Vec::new();
    put_time(&mut instant, now_ms);
    let instant = String::from_utf8_lossy(&instant).into_owned();
    (StatusCode::OK, format!("{{\"epochMilli\":{now_ms},\"instant\":{instant}}}"))
}

impl TestEndpoints {
    /// For one life of a directory whose last change has this number.
    pub(crate) fn new(is_enabled: bool, last_change: i64) -> TestEndpoints {
        TestEndpoints { is_enabled, last_change, ..TestEndpoints::default() }
    }

    /// What health shows: a server of which tests may do as they like says so.
    pub(crate) fn shown(&self) -> serde_json::Map<String, Value> {
        let mut shown = serde_json::Map::new();
        if self.is_enabled {
            let details =
                json!({ "setting": "test-endpoints", "clockMs": clock_ms(), "lastChange": self.last_change });
            shown.insert("testEndpoints".to_owned(), json!({ "status": "UP", "details": details }));
        }
        shown
    }

    /// The number of the last change.
    pub(crate) fn last_change(&self) -> i64 {
        self.last_change
    }

    /// How this life of the server is ended.
    pub(crate) fn ends_with(&self, shutdown: Shutdown) {
        *self.shutdown.lock() = Some(shutdown);
    }

    /// The change with which this life of the server ends, if one was wanted.
    pub(crate) fn wanted(&self) -> Option<i64> {
        *self.wanted.lock()
    }

    /// The operations of the REST API.
    ///
    /// # Errors
    /// When the server was not started for tests.
    pub(crate) fn control_clock(&self, wish: ClockWish) -> Result<(), ApiError> {
        if !self.is_enabled {
            return Err(ApiError::new(ErrorKind::Forbidden, REFUSED));
        }
        match wish {
            ClockWish::Pin(at_ms) => pin_clock(at_ms),
            ClockWish::Reset => reset_clock(),
        }
        Ok(())
    }

    /// A request below `/actuator/clock`; `what` is the path behind that.
    pub(crate) fn clock(&self, method: &str, what: &str, body: &[u8]) -> Told {
        let number = |name: &str| {
            let body: Value = serde_json::from_slice(body).ok()?;
            body.get(name)?.as_i64()
        };
        match (method, what) {
            _ if !self.is_enabled => refused(StatusCode::FORBIDDEN, REFUSED),
            ("GET" | "HEAD", "") => clock(),
            ("DELETE", "") => {
                reset_clock();
                clock()
            }
            ("POST", "/add") => match number("offsetMilli") {
                Some(by_ms) => {
                    move_clock(by_ms);
                    clock()
                }
                None => refused(StatusCode::BAD_REQUEST, "Expected a whole number offsetMilli"),
            },
            ("POST", "/pin") => match number("epochMilli").filter(|at_ms| (0..=CLOCK_MS_MAX).contains(at_ms))
            {
                Some(at_ms) => {
                    pin_clock(at_ms);
                    clock()
                }
                None => refused(
                    StatusCode::BAD_REQUEST,
                    &format!("Expected a whole number epochMilli between 0 and {CLOCK_MS_MAX}"),
                ),
            },
            (_, "" | "/add" | "/pin") => refused(
                StatusCode::METHOD_NOT_ALLOWED,
                "Expected GET or DELETE of the clock, or POST of /add or /pin",
            ),
            _ => refused(StatusCode::NOT_FOUND, "There is nothing of that name below the clock"),
        }
    }

    /// Empties the server: says what it will do, and has it done when the answer is on its way (see [`TestEndpoints::go`]).
    pub(crate) fn purge(
        &self,
        method: &str,
        is_dry_run: bool,
        partitions: &[u16],
        stopped: Option<u16>,
    ) -> Told {
        if method != "POST" {
            return refused(StatusCode::METHOD_NOT_ALLOWED, "Expected POST");
        }
        if !self.is_enabled {
            return refused(StatusCode::FORBIDDEN, REFUSED);
        }
        if let Some(partition) = stopped {
            // Nobody knows which keys it has given away.
            return refused(
                StatusCode::CONFLICT,
                &format!("Partition {partition} has stopped: its keys cannot go on"),
            );
        }
        let change = self.last_change.max(0) + 1;
        if !is_dry_run {
            let mut wanted = self.wanted.lock();
            if wanted.is_some() {
                return refused(StatusCode::CONFLICT, "A purge is under way already");
            }
            *wanted = Some(change);
        }
        let of = |state: &str| {
            let partitions: Vec<Value> =
                partitions.iter().map(|id| json!({ "id": id, "state": state, "priority": 1 })).collect();
            json!([{ "id": 0, "state": "ACTIVE", "version": 0, "partitions": partitions }])
        };
        let planned =
            json!([{ "operation": "DELETE_HISTORY" }, { "operation": "UPDATE_INCARNATION_NUMBER" }]);
        let body = json!({
            "changeId": change,
            "currentTopology": of("ACTIVE"),
            "plannedChanges": planned,
            "expectedTopology": of("ACTIVE"),
        });
        (StatusCode::ACCEPTED, body.to_string())
    }

    /// Ends this life of the server, if a change is wanted.
    pub(crate) fn go(&self) {
        if self.wanted().is_some() {
            log(Level::Warn, "the server is emptied: all its work ends", &[]);
            if let Some(shutdown) = &*self.shutdown.lock() {
                shutdown.trigger();
            }
        }
    }
}
