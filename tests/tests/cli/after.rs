//! What a command wrote is read by the next one, and each says what became of it.

use crate::caller::{Caller, SMALL, job, job_of, write};
use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const CHOOSES: &str = include_str!("../../scenarios/models/exclusive_no_default.bpmn");
const USER_THEN_WORK: &str = include_str!("../../scenarios/models/user_then_work.bpmn");
const BEGINS: &str = include_str!("../../scenarios/models/message_start.bpmn");
const PAYMENT: &str = include_str!("../../../docs/samples/payment.bpmn");

fn start(folder: &Path, models: &[&str], arguments: &[&str]) -> (Server, Caller) {
    let server = Server::start(&folder.join("data"), arguments);
    let caller = Caller::of(&server);
    for (at, model) in models.iter().enumerate() {
        caller.ok(&["deploy", &write(folder, &format!("{at}.bpmn"), model)]);
    }
    (server, caller)
}

#[test]
fn what_one_command_wrote_the_next_one_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, caller) = start(folder.path(), &[ONE_TASK], &["--cores", "0", "--partitions", "3"]);
    for n in 0..12 {
        let key = caller.ok(&["run", "one_task", "--var", &format!("n={n}")]);
        let found = caller.json(&["instances", "--var", &format!("n={n}")]);
        assert_eq!(found["items"][0]["processInstanceKey"], key.trim(), "{n}");
        caller.ok(&["cancel", key.trim()]);
        assert_eq!(caller.run(&["watch", key.trim(), "--looks", "1"]).status.code(), Some(4), "{n}");
    }
    // Two shells at once leave both of what they know.
    let run = || caller.command(&["run", "one_task", "--var", "n=many"]).stdout(Stdio::null()).spawn();
    let others: Vec<_> = (0..6).map(|_| run()).collect();
    for other in others {
        assert!(other.expect("the binary runs").wait().expect("it ends").success());
    }
    assert_eq!(caller.json(&["instances", "--var", "n=many"])["page"]["totalItems"], 6);
    server.stop();
}

#[test]
fn positions_of_another_server_are_dropped_and_none_can_be_needed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, caller) = start(folder.path(), &[ONE_TASK], &SMALL);
    let kept = || std::fs::read_to_string(caller.positions()).unwrap_or_default();
    for foreign in ["1-999999999", "9-1"] {
        // What is written is kept, whatever was forgotten before.
        let key = caller.ok(&["run", "one_task"]);
        caller.ok(&["cancel", key.trim()]);
        assert_eq!(kept().lines().count(), 1, "{}", kept());
        let line = kept();
        let (at_ms, server) = (line.split(' ').next(), line.trim().rsplit(' ').next());
        let line = format!("{} {foreign} {}\nnonsense\n", at_ms.expect("a time"), server.expect("a server"));
        std::fs::write(caller.positions(), line).expect("written");
        assert!(caller.ok(&["instances"]).contains(" in all states"), "{foreign}");
        assert_eq!(kept(), "", "{foreign}");
    }
    // Where nothing can be kept, nothing is.
    for cache in ["/dev/null", "not/absolute", ""] {
        let run = |arguments: &[&str]| {
            let mut command = caller.command(arguments);
            command.env("XDG_CACHE_HOME", cache).env("HOME", "/dev/null");
            command.output().expect("the binary runs")
        };
        let started = run(&["run", "one_task"]);
        assert!(started.status.success() && started.stderr.is_empty(), "{started:?}");
        let listed = run(&["instances"]);
        assert!(listed.status.success() && listed.stderr.is_empty(), "{listed:?}");
    }
    server.stop();
}

/// A server that says this of every request that names a position, and that there is nothing otherwise; which requests did.
fn against_positions(head: &'static str, detail: &'static str) -> (Caller, Receiver<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let server = listener.local_addr().expect("an address").to_string();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut read = vec![0; 64 * 1024];
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let length = stream.read(&mut read).unwrap_or(0);
            let names =
                String::from_utf8_lossy(&read[..length]).to_lowercase().contains("ringbolt-position:");
            let _ = tell.send(names);
            let (head, body) = match names {
                true => (head, json!({ "title": "NO", "detail": detail })),
                false => ("200 OK", json!({ "items": [], "page": { "totalItems": 0 } })),
            };
            let body = body.to_string();
            let _ = write!(
                stream,
                "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.shutdown(Shutdown::Write);
            while stream.read(&mut read).is_ok_and(|bytes| bytes > 0) {}
        }
    });
    (Caller::at(server), told)
}

#[test]
fn a_server_that_is_behind_is_read_as_it_is_and_that_is_said() {
    for (head, detail, said) in [
        ("504 Gateway Timeout", "What stands at the position 1-5 cannot be found yet", "is behind"),
        ("400 Bad Request", "The position 1-5 was not given out yet", ""),
    ] {
        let (caller, named) = against_positions(head, detail);
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("now").as_millis();
        std::fs::create_dir_all(caller.positions().parent().expect("a folder")).expect("made");
        std::fs::write(caller.positions(), format!("{now} 1-5 http://{}\n", caller.server)).expect("written");
        let output = caller.run(&["jobs"]);
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("no jobs"), "{output:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(said) && said.is_empty() == stderr.is_empty(), "{stderr}");
        assert_eq!(named.try_iter().collect::<Vec<_>>(), [true, false]);
    }
}

#[test]
fn what_became_of_it_is_said_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, caller) = start(folder.path(), &[ONE_TASK, CHOOSES, USER_THEN_WORK], &SMALL);
    let incident = |instance: &str| {
        let found = caller.json(&["incidents", "--instance", instance]);
        found["items"][0]["incidentKey"].as_str().expect("an incident").to_owned()
    };
    // It fails again, and then it does not.
    let key = caller.ok(&["run", "exclusive_no_default"]).trim().to_owned();
    let first = incident(&key);
    let said = caller.ok(&["resolve", &first, "--var", "x=1"]);
    let wanted =
        format!("incident {first} is resolved; instance {key} failed again at 'route', CONDITION_ERROR: ");
    assert!(
        said.starts_with(&wanted) && said.trim_end().ends_with(&format!(" (incident {})", incident(&key))),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1);
    let second = incident(&key);
    let said = caller.ok(&["resolve", &second, "--var", "x=11"]);
    assert_eq!(said, format!("incident {second} is resolved; instance {key} has completed\n"));
    let (code, said) = caller.fails(&["resolve", &second]);
    assert_eq!((code, said), (1, format!("ringbolt: incident {second} is resolved already\n")));
    // It goes on to what comes next.
    let key = caller.ok(&["run", "user_then_work"]).trim().to_owned();
    let task = caller.json(&["tasks", "--instance", &key])["items"][0]["userTaskKey"]
        .as_str()
        .expect("a task")
        .to_owned();
    let said = caller.ok(&["complete", &task]);
    let wanted = format!(
        "user task {task} is completed; instance {key} waits at 'after' for a worker of job type 'work' (job "
    );
    assert!(said.starts_with(&wanted), "{said}");
    // A job that failed is tried once more.
    let job_key = job(&server);
    let mut client = Client::connect(server.rest).expect("the server listens");
    let failure = json!({ "retries": 0, "errorMessage": "no paper" });
    assert_eq!(client.post(&format!("/v2/jobs/{job_key}/failure"), &failure).expect("an answer").status, 204);
    let third = ringbolt_tests::until("it failed", || {
        caller.json(&["incidents", "--instance", &key])["items"][0]["incidentKey"].as_str().map(str::to_owned)
    });
    let said = caller.ok(&["resolve", &third]);
    let waits = format!("; instance {key} waits at 'after' for a worker of job type 'work' (job ");
    assert!(said.contains(&waits), "whoever said that it failed does not have it: {said}");
    assert!(said.ends_with(&format!("(job {job_key}, 1 retry)\n")), "{said}");
    let said = caller.ok(&["complete", &job_key]);
    assert_eq!(said, format!("job {job_key} is completed; instance {key} has completed\n"));
    // For scripts what was done is JSON where the server answers nothing.
    let key = caller.ok(&["run", "one_task"]).trim().to_owned();
    let set = caller.json(&["set", &key, "--var", "a=1"]);
    assert_eq!(set, json!({ "scopeKey": key, "variables": { "a": 1 } }));
    assert_eq!(caller.json(&["cancel", &key]), json!({ "processInstanceKey": key }));
    caller.ok(&["run", "one_task"]);
    let job_key = job(&server);
    assert_eq!(caller.json(&["complete", &job_key]), json!({ "jobKey": job_key }));
    server.stop();
}

#[test]
fn a_message_was_received_is_kept_or_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, caller) = start(folder.path(), &[PAYMENT, BEGINS], &["--cores", "0", "--partitions", "3"]);
    let publish = |arguments: &[&str]| caller.ok(&[&["publish"], arguments].concat());
    let said = publish(&["payment-received", "--key", "o-1", "--ttl", "0"]);
    assert!(
        said.ends_with(" is published: nobody waits for it, and it is not kept (--ttl keeps it)\n"),
        "{said}"
    );
    // Unless told otherwise it is kept for a minute, for whoever begins to wait a moment later.
    let said = publish(&["payment-received", "--key", "o-3"]);
    let kept = said.split_once(" is published: nobody waits for it; it is kept for 1 min, until 20");
    assert!(kept.is_some_and(|(_, rest)| rest.ends_with("Z (--ttl says for how long)\n")), "{said}");
    let key = caller.ok(&["run", "payment", "--var", "orderId=o-3"]).trim().to_owned();
    ringbolt_tests::until("it was taken", || {
        caller.ok(&["instance", &key]).contains(": completed ").then_some(())
    });
    let said = publish(&["payment-received", "--key", "o-2", "--ttl", "90"]);
    assert!(
        said.contains(" is published: nobody waits for it; it is kept for 1 min 30 s, until 20"),
        "{said}"
    );
    // Whoever waits may be on any partition.
    for n in 0..6 {
        let order = format!("o-1{n}");
        let key = caller.ok(&["run", "payment", "--var", &format!("orderId={order}")]).trim().to_owned();
        ringbolt_tests::until("it waits", || {
            caller.ok(&["instance", &key]).contains("message 'payment-received'").then_some(())
        });
        let said = publish(&["payment-received", "--key", &order, "--ttl", "60"]);
        let wanted = format!(
            " is published: received by instance {key} at 'wait'; for others it is kept for 1 min, until "
        );
        assert!(said.contains(&wanted), "{n}: {said}");
    }
    let said = publish(&["begin"]);
    assert!(said.contains(" is published: received by instance ") && said.contains(" at 'start'"), "{said}");
    assert_eq!(said.lines().count(), 1);
    let answer = caller.json(&["publish", "begin"]);
    assert!(answer["messageKey"].is_string(), "{answer}");
    server.stop();
}

/// Keys of one of each.
struct Keys {
    instance: String,
    job: String,
    element: String,
    variable: String,
    failed: String,
    incident: String,
    task: String,
}

impl Keys {
    fn of(caller: &Caller) -> Self {
        let run = |arguments: &[&str]| caller.ok(&[&["run"], arguments].concat()).trim().to_owned();
        let key = |found: &Value, member: &str| found[member].as_str().expect("a key").to_owned();
        let instance = run(&["one_task", "--var", "a=1"]);
        let page = caller.json(&["instance", &instance]);
        let failed = run(&["exclusive_no_default"]);
        run(&["user_then_work"]);
        Self {
            job: key(&page["jobs"][0], "jobKey"),
            element: key(&page["jobs"][0], "elementInstanceKey"),
            variable: key(&page["variables"][0], "variableKey"),
            incident: key(&caller.json(&["incidents"])["items"][0], "incidentKey"),
            task: key(&caller.json(&["tasks"])["items"][0], "userTaskKey"),
            instance,
            failed,
        }
    }
}

#[test]
fn the_key_of_something_else_is_named_with_the_command_that_takes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, caller) = start(folder.path(), &[ONE_TASK, CHOOSES, USER_THEN_WORK], &SMALL);
    let deployed = caller.json(&["deploy", &write(folder.path(), "0.bpmn", ONE_TASK)]);
    let definition = &deployed["deployments"][0]["processDefinition"]["processDefinitionKey"];
    let definition = definition.as_str().expect("a key");
    let Keys { instance, job: job_key, element, variable, failed, incident, task } = Keys::of(&caller);
    let is = |arguments: &[&str], key: &str, said: &str| {
        let (code, why) = caller.fails(&[arguments, &[key]].concat());
        let is_named = why.starts_with(&format!("ringbolt: {key} is ")) && why.trim_end().ends_with(said);
        assert!(code == 1 && is_named, "{arguments:?} {key}: {why}");
    };
    let a_job = format!("a job of type 'work' of instance {instance}: ringbolt complete {job_key}");
    is(&["resolve"], &job_key, &format!("no open incident but {a_job}"));
    is(&["cancel"], &job_key, &format!("no instance that runs but {a_job}"));
    is(&["set", "--var", "a=1"], &job_key, &format!("no instance or element that runs but {a_job}"));
    is(&["instance"], &job_key, &format!("no instance but {a_job}"));
    let runs = format!("an instance of 'one_task': ringbolt instance {instance} says what it waits for");
    is(&["complete"], &instance, &format!("no open user task or job but {runs}"));
    is(&["resolve"], &instance, &format!("no open incident but {runs}"));
    is(&["complete"], &failed, &format!(" that failed: ringbolt incidents --instance {failed}"));
    let an_incident = format!("an incident at 'route' of instance {failed}: ringbolt resolve {incident}");
    is(&["complete"], &incident, &format!("no open user task or job but {an_incident}"));
    is(&["resolve"], &task, &format!(": ringbolt complete {task}"));
    let has = format!("the element 'task' of instance {instance}, which has the job {job_key}");
    is(&["cancel"], &element, &format!("{has}: ringbolt complete {job_key}"));
    is(&["cancel"], &variable, &format!(" of instance {instance}: ringbolt set {instance} --var a=VALUE"));
    is(&["cancel"], definition, "of the process 'one_task': ringbolt run one_task --version 1");
    // What is over is said to be over.
    let job_key = job_of(&server, "work");
    caller.ok(&["complete", &job_key]);
    is(&["complete"], &job_key, "completed already");
    is(&["cancel"], &instance, "an instance of 'one_task', completed already");
    server.stop();
}
