//! The story of `ringbolt demo`: three processes in which something waits for whoever tries it, and the little work between.
//!
//! It asks the server as every client does. What it says fits into 80 columns.

use crate::act::form_of;
use crate::client::Client;
use crate::show::{cell, items};
use crate::when::now_ms;
use crate::{Error, Target};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What is deployed.
const RESOURCES: [(&str, &str); 4] = [
    ("order.bpmn", include_str!("../../../docs/samples/order.bpmn")),
    ("payment.bpmn", include_str!("../../../docs/samples/payment.bpmn")),
    ("invoice.bpmn", include_str!("../../../docs/samples/invoice.bpmn")),
    ("approve-order.form", include_str!("../../../docs/samples/approve-order.form")),
];
/// The processes of the story.
const PROCESSES: [&str; 3] = ["order", "payment", "invoice"];
/// The work that is done.
const JOB_TYPES: [&str; 3] = ["ship-goods", "send-reminder", "send-invoice"];
/// What fails at first.
const FAILING: &str = "send-invoice";
const WHY: &str = "the mailbox of ada@example.org is full";
/// How long a worker has for a job, ms.
const JOB_MS: u32 = 60_000;
/// Between two looks for work.
const PAUSE: Duration = Duration::from_millis(500);
/// How long something may take to be found.
const FOUND_MAX: Duration = Duration::from_secs(5);
const FOUND_LOOK: Duration = Duration::from_millis(50);
/// Where commands look for a server by themselves.
const USUAL: &str = "127.0.0.1:8080";

/// The story of one server.
pub struct Story {
    client: Client,
    server: SocketAddr,
    has_pages: bool,
    /// Where this program is, for a shell; none where a shell finds it by its name.
    program: Option<String>,
    /// Instances of these processes that were there before, where somebody has had the story told before on the same data.
    before: u64,
    /// What was started: the process, the instance, what is said of it while it waits, and once it has gone on to its end.
    parts: Vec<Part>,
}

/// One instance of the story.
struct Part {
    process: &'static str,
    key: String,
    waits: &'static str,
    has_gone_on: &'static str,
}

/// Keys of what waits; those that only a search tells may be missing.
struct Keys {
    /// What the order is called: differently each time, so that a message reaches this one.
    order_id: String,
    order: String,
    payment: String,
    invoice: String,
    task: Option<String>,
    incident: Option<String>,
}

/// The address by which this machine calls a server that listens there.
#[must_use]
pub fn called(server: SocketAddr) -> SocketAddr {
    match server.ip().is_unspecified() {
        true => SocketAddr::from(([127, 0, 0, 1], server.port())),
        false => server,
    }
}

impl Story {
    /// Of the server whose REST API is there.
    ///
    /// # Errors
    /// When it cannot be called.
    pub fn of(rest: SocketAddr, has_pages: bool, program: Option<String>) -> Result<Self, String> {
        let server = called(rest);
        let target = Target { server: server.to_string(), tls_ca: None, json: false };
        let client = Client::alone(&target).map_err(|error| error.to_string())?;
        Ok(Self { client, server, has_pages, program, before: 0, parts: Vec::new() })
    }

    /// Deploys it, starts it, and says what waits and what can be done about it.
    ///
    /// # Errors
    /// What the server says against it.
    pub fn begin(&mut self) -> Result<String, String> {
        self.before = self.begun().unwrap_or(0);
        let keys = self.started().map_err(|error| error.to_string())?;
        let part = |process, key: &String, waits, has_gone_on| Part {
            process,
            key: key.clone(),
            waits,
            has_gone_on,
        };
        self.parts = vec![
            part("order", &keys.order, "nobody approved it", "somebody decided, and it went on to its end"),
            part("payment", &keys.payment, "its message did not come", "its message came, and it is paid"),
            part(
                "invoice",
                &keys.invoice,
                "nobody resolved its incident",
                "its incident was resolved, and it is sent",
            ),
        ];
        Ok(self.told(&keys))
    }

    /// What became of it, while the server still answers; nothing where that cannot be asked.
    pub fn end(&self) -> Option<String> {
        let mut out = String::from("What became of the story\n");
        for Part { process, key, waits, has_gone_on } in &self.parts {
            let one = self.client.get(&format!("/process-instances/{key}"), "state").ok()?;
            let what = match one["state"].as_str() {
                Some("COMPLETED") => has_gone_on,
                Some("TERMINATED") => "it was canceled",
                _ => waits,
            };
            // Writing to a string cannot fail.
            let _ = writeln!(out, "  {process:<8}  {what}");
        }
        match self.begun()?.saturating_sub(self.before + self.parts.len() as u64) {
            0 => {}
            1 => out.push_str("  one more instance of these processes was started\n"),
            more => {
                let _ = writeln!(out, "  {more} more instances of these processes were started");
            }
        }
        Some(out)
    }

    /// How many instances of these processes there are.
    fn begun(&self) -> Option<u64> {
        let of = json!({ "filter": { "processDefinitionId": { "$in": PROCESSES } }, "page": { "limit": 0 } });
        self.client.find("/process-instances/search", &of).ok()?["page"]["totalItems"].as_u64()
    }

    fn started(&self) -> Result<Keys, Error> {
        let files = RESOURCES.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()));
        let (boundary, body) = form_of(&files);
        self.client.post_form("/deployments", boundary, &body)?;
        let order_id = format!("o-{}", 10_000 + now_ms() / 1000 % 90_000);
        let start = |process: &str, variables: Value| {
            let body =
                json!({ "processDefinitionId": process, "businessId": order_id, "variables": variables });
            let started = self.client.post("/process-instances", &body, &["processInstanceKey"])?;
            Ok::<String, Error>(cell(&started, "processInstanceKey"))
        };
        let order = start("order", json!({ "orderId": order_id, "customer": "Ada", "amount": 1250 }))?;
        let payment = start("payment", json!({ "orderId": order_id, "amount": 1250 }))?;
        let invoice = start("invoice", json!({ "orderId": order_id, "to": "ada@example.org" }))?;
        self.do_jobs(FAILING);
        let task = self.found("/user-tasks/search", &order, "userTaskKey");
        let incident = self.found("/incidents/search", &invoice, "incidentKey");
        Ok(Keys { order_id, order, payment, invoice, task, incident })
    }

    /// The key of the first thing of an instance, if it can be found.
    fn found(&self, path: &str, instance: &str, member: &str) -> Option<String> {
        let deadline = Instant::now() + FOUND_MAX;
        let body = json!({ "filter": { "processInstanceKey": instance } });
        while Instant::now() < deadline {
            // Without secondary storage nothing will be found.
            let found = self.client.find(path, &body).ok()?;
            if let Some(one) = items(&found, "items").first() {
                return Some(cell(one, member));
            }
            std::thread::sleep(FOUND_LOOK);
        }
        None
    }

    /// Does the work of the story until it is over.
    pub fn work(&self, is_over: &AtomicBool) {
        while !is_over.load(Ordering::SeqCst) {
            JOB_TYPES.iter().for_each(|job_type| self.do_jobs(job_type));
            std::thread::sleep(PAUSE);
        }
    }

    /// What goes wrong is tried again with the next look.
    fn do_jobs(&self, job_type: &str) {
        let ask = json!({
            "type": job_type, "worker": "ringbolt-demo", "timeout": JOB_MS, "maxJobsToActivate": 10, "requestTimeout": -1
        });
        let Ok(found) = self.client.post("/jobs/activation", &ask, &["jobs"]) else { return };
        for job in items(&found, "jobs") {
            let key = cell(job, "jobKey");
            // Resolving its incident leaves one retry.
            let is_first = job["retries"].as_u64().is_some_and(|retries| retries > 1);
            let _ = match job_type == FAILING && is_first {
                true => {
                    let failure = json!({ "retries": 0, "errorMessage": WHY });
                    self.client.tell(&format!("/jobs/{key}/failure"), &failure)
                }
                false => self.client.tell(&format!("/jobs/{key}/completion"), &json!({})),
            };
        }
    }

    /// What there is and what can be done about it, in so few lines that they fit a terminal of 24 with what stands above and below them.
    fn told(&self, keys: &Keys) -> String {
        let Keys { order_id, order, payment, invoice, task, incident } = keys;
        let server = self.server;
        let mut out = String::new();
        let mut line = |text: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{text}");
        };
        line(match self.has_pages {
            true => "\nWhat there is to try, in a browser and in another terminal",
            false => "\nWhat there is to try in another terminal",
        });
        if server.to_string() != USUAL {
            line(&format!("  export RINGBOLT_SERVER={server}"));
        }
        if let Some(program) = &self.program {
            line(&format!("  alias ringbolt={program}"));
        }
        line("  one_task  runs all the time; the demo does its jobs");
        line("      ringbolt status");
        line(&format!("  order     {order}: somebody has to approve it"));
        if let Some(task) = task {
            if self.has_pages {
                line(&format!("      http://{server}/tasks/{task}"));
            }
            line(&format!("      ringbolt complete {task} --var approved=true"));
        }
        line(&format!("  payment   {payment}: waits for a message, a timer reminds after 30 s"));
        line(&format!("      ringbolt publish payment-received --key {order_id}"));
        line(&format!("  invoice   {invoice}: failed, {WHY}"));
        if self.has_pages {
            line(&format!("      http://{server}/instances/{invoice}"));
        }
        if let Some(incident) = incident {
            line(&format!("      ringbolt resolve {incident}"));
        }
        if task.is_none() {
            line("Nothing can be searched without secondary storage, so keys of tasks are not known.");
        }
        line("^C ends the demo. Times below are without the 50 ms that the work itself takes.");
        out
    }
}
