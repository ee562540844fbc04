//! The commands against a server, as a script runs them.

mod after;
mod caller;
mod lists;
mod long;
mod wait;
mod wrong;

use caller::{Caller, SMALL, job, small, write};
use ringbolt_tests::http::Client;
use ringbolt_tests::server::{ONE_TASK, Server, binary, start_command};
use ringbolt_tests::tls::Authority;
use ringbolt_tests::until;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::process::{Command, Stdio};
use std::time::Duration;

const USER_TASK: &str = include_str!("../../scenarios/models/user_plain.bpmn");

#[test]
fn a_process_is_deployed_run_repaired_and_watched_to_its_end() {
    let (folder, server, caller) = small();
    let models =
        [write(folder.path(), "one_task.bpmn", ONE_TASK), write(folder.path(), "user.bpmn", USER_TASK)];
    let deployed = caller.ok(&["deploy", &models[0], &models[1]]);
    assert!(deployed.starts_with("KIND     ID"), "{deployed}");
    assert!(deployed.contains("process  one_task"), "{deployed}");

    let key = caller.ok(&["run", "one_task", "--var", "a=1", "--var", "who=Ada L"]);
    let key = key.trim();
    let shown = || caller.ok(&["instance", key]);
    until("it is found", || caller.run(&["instance", key]).status.success().then_some(()));
    let page = until("its job is", || Some(shown()).filter(|page| page.contains("job type 'work'")));
    assert!(page.starts_with(&format!("one_task, version 1, instance {key}: active since ")), "{page}");
    assert!(page.contains("\nwho       -      \"Ada L\"\n"), "{page}");
    assert_eq!(caller.json(&["instances", "--var", "who=Ada L"])["page"]["totalItems"], 1);
    assert_eq!(caller.json(&["instances", "--var", "who=Ada"])["page"]["totalItems"], 0);

    // It fails with a message that would like to steer the terminal.
    let job_key = job(&server);
    let mut client = Client::connect(server.rest).expect("the server listens");
    let failure = json!({ "retries": 0, "errorMessage": "\u{1b}[2Jno paper\u{202e}\n<b>" });
    let failed = client.post(&format!("/v2/jobs/{job_key}/failure"), &failure).expect("an answer");
    assert_eq!(failed.status, 204);
    let page = until("the incident is", || Some(shown()).filter(|page| page.contains("failed at 'task'")));
    assert!(page.contains("JOB_NO_RETRIES: \\u{1b}[2Jno paper\\u{202e}\\n<b> (incident "), "{page}");
    let listed = caller.json(&["incidents", "--process", "one_task"]);
    let incident = listed["items"][0]["incidentKey"].as_str().expect("a key").to_owned();
    let table = caller.ok(&["incidents"]);
    assert!(!table.contains('\u{1b}') && !table.contains('\u{202e}'), "{table:?}");
    let resolved = caller.ok(&["resolve", &incident, "--var", "c=3"]);
    assert!(
        resolved.starts_with(&format!("incident {incident} is resolved; instance {key} waits at 'task' ")),
        "{resolved}"
    );
    assert_eq!(caller.ok(&["set", key, "--var", "d=4"]), format!("variables of {key} are set\n"));
    assert_eq!(caller.fails(&["set", key]).0, 2);
    until("both are set", || Some(shown()).filter(|page| page.contains("\nc ") && page.contains("\nd ")));
    until("it is gone", || caller.ok(&["incidents"]).starts_with("no open incidents").then_some(()));
    let job_key = job(&server);
    let completed = caller.ok(&["complete", &job_key, "--var", "b=2"]);
    assert_eq!(completed, format!("job {job_key} is completed; instance {key} has completed\n"));
    let watched = caller.ok(&["watch", key, "--every", "50"]);
    assert!(watched.contains(": completed "), "{watched}");

    let task = caller.ok(&["run", "user_plain"]);
    let of_task =
        || caller.json(&["instance", task.trim()])["userTasks"][0]["userTaskKey"].as_str().map(str::to_owned);
    until("it is found", || caller.run(&["instance", task.trim()]).status.success().then_some(()));
    let user_task = until("it has a task", of_task);
    let tasks = caller.ok(&["tasks", "--process", "user_plain"]);
    assert!(tasks.starts_with("KEY ") && tasks.contains(&format!("\n{user_task} ")), "{tasks}");
    let completed = caller.ok(&["complete", &user_task]);
    assert_eq!(
        completed,
        format!("user task {user_task} is completed; instance {} has completed\n", task.trim())
    );
    until("it is done", || caller.ok(&["tasks"]).starts_with("no open user tasks").then_some(()));
    assert!(caller.ok(&["tasks", "--all"]).contains("COMPLETED"));
    let status = caller.ok(&["status"]);
    assert!(status.contains("\npartitions  1 healthy\n"), "{status}");
    until("both are counted", || caller.ok(&["status"]).contains("2 completed").then_some(()));
    server.stop();
}

#[test]
fn exit_codes_say_whose_fault_it_is() {
    let (folder, server, caller) = small();
    let model = write(folder.path(), "one_task.bpmn", ONE_TASK);
    caller.ok(&["deploy", &model]);
    let (code, said) = caller.fails(&["run", "nobody"]);
    assert_eq!(code, 1);
    assert_eq!(said, "ringbolt: no process 'nobody' is deployed; there are: one_task\n");
    let broken = write(folder.path(), "broken.bpmn", "<definitions>\u{1b}[31m");
    assert_eq!(caller.fails(&["deploy", &broken]).0, 1);
    assert_eq!(caller.fails(&["cancel", "7"]).0, 1);
    assert_eq!(caller.fails(&["complete", "7"]).0, 1);
    for wrong in [
        &["run", "one_task", "--var", "novalue"][..],
        &["run", "one_task", "--variables", "[1]"],
        &["run", "one_task", "--var", "a=1", "--var", "a=2"],
        &["deploy", "/nowhere/at/all.bpmn"],
        &["instances", "--limit", "0"],
        &["cancel", "not-a-key"],
        &["status", "--server", "ftp://engine"],
        &["status", "--server", "https://localhost:1"],
        &["status", "--server", "two words"],
        &["status", "--server", "127.0.0.1:99999"],
        &["status", "--server", "http://"],
        &["run", "one_task", "--wait", "--timeout", "0"],
        &["publish", "paid", "--ttl", "18446744073709551615"],
    ] {
        assert_eq!(caller.fails(wrong).0, 2, "{wrong:?}");
    }
    let (code, said) = caller.fails(&["instanses"]);
    assert_eq!(code, 2);
    assert!(said.contains("'instances'"), "{said}");
    // More than the server takes: it says so before the body is sent.
    let large = write(folder.path(), "large.bpmn", &"<!-- -->".repeat(2 << 20));
    let (code, said) = caller.fails(&["deploy", &large]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("is larger than"), "{said}");
    let large = write(folder.path(), "large.json", &json!({ "a": "x".repeat(16 << 20) }).to_string());
    let (code, said) = caller.fails(&["run", "one_task", "--variables-file", &large]);
    assert_eq!(code, 1, "{said}");
    // Canceled is not what somebody who watches waits for.
    let key = caller.ok(&["run", "one_task"]);
    assert_eq!(caller.ok(&["cancel", key.trim()]), format!("instance {} is canceled\n", key.trim()));
    until("its end is found", || {
        (caller.run(&["watch", key.trim(), "--looks", "1"]).status.code() == Some(4)).then_some(())
    });
    // A reader that has seen enough is no error.
    let piped = format!("'{}' instances | head -c 1", binary().display());
    let output = Command::new("bash")
        .args(["-o", "pipefail", "-c", &piped])
        .env("RINGBOLT_SERVER", &caller.server)
        .output();
    assert!(output.expect("bash runs").status.success());
    server.stop();
    let (code, said) = caller.fails(&["status"]);
    assert_eq!(code, 3);
    assert!(said.contains("Is it running?"), "{said}");
}

/// Answers every request so, and is no Ringbolt.
fn stranger(head: &'static str, body: &'static str) -> Caller {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let server = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut read = [0; 64 * 1024];
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let _ = stream.read(&mut read);
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            // A request may come in two pieces, and whoever closes with one unread resets the connection before its answer is read.
            let _ = stream.shutdown(Shutdown::Write);
            while stream.read(&mut read).is_ok_and(|bytes| bytes > 0) {}
        }
    });
    Caller::at(server)
}

#[test]
fn nothing_that_a_stranger_says_is_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = write(folder.path(), "one_task.bpmn", ONE_TASK);
    let strangers = [
        ("200 OK", "{}"),
        ("200 OK", "<html>Welcome</html>"),
        ("200 OK", ""),
        ("204 No Content", ""),
        ("200 OK", "[]"),
        ("404 Not Found", "<html>gone</html>"),
        ("404 Not Found", "{}"),
        ("502 Bad Gateway", ""),
    ];
    for (head, body) in strangers {
        let caller = stranger(head, body);
        for arguments in [
            &["status"][..],
            &["instances"],
            &["incidents"],
            &["jobs"],
            &["instance", "7"],
            &["deploy", &model],
            &["run", "one_task"],
            &["run", "one_task", "--wait"],
            &["complete", "7"],
            &["resolve", "7"],
            &["tasks"],
            &["cancel", "7"],
            &["publish", "paid"],
            &["watch", "--looks", "1"],
            &["watch", "7", "--looks", "1"],
        ] {
            // Nothing at all is what these are answered.
            if head == "204 No Content" && matches!(arguments[0], "complete" | "cancel") {
                continue;
            }
            let (code, said) = caller.fails(arguments);
            assert_eq!(code, 3, "{arguments:?} and {head} {body}: {said}");
            assert!(said.contains("is not Ringbolt's REST port"), "{arguments:?} and {head} {body}: {said}");
        }
    }
}

#[test]
fn nothing_steers_a_terminal_whoever_said_it() {
    let (folder, server, caller) = small();
    caller.ok(&["deploy", &write(folder.path(), "one_task.bpmn", ONE_TASK)]);
    let variables = json!({ "a\u{202e}": "\u{1b}[2J\u{9b}x", "b": "größe" }).to_string();
    let key = caller.ok(&["run", "one_task", "--variables", &variables]);
    let shown = until("it is found", || {
        let output = caller.run(&["instance", key.trim(), "--json"]);
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.contains("größe").then_some(text)
    });
    let is_quiet = |text: &str| {
        !text.chars().any(|c| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c))
    };
    assert!(is_quiet(&shown) && shown.contains("\\u202e"), "{shown}");
    assert!(shown.contains("\\u009b") && serde_json::from_str::<Value>(&shown).is_ok(), "{shown}");
    let data_dir = folder.path().join("data");
    server.stop();
    let log = alone(&["log", "print", "--data-dir", data_dir.to_str().expect("UTF-8")]).1;
    assert!(is_quiet(&log) && log.contains("\\u202e") && log.contains("größe"));
    let said = alone(&["feel", "eval", "\"a\\u202eb\u{9b}\""]).1;
    assert!(is_quiet(&said) && said.contains("\\u202e"), "{said:?}");
    let (_, said) = caller.fails(&["status", "--server", "\u{1b}[2J\u{202e}"]);
    assert!(is_quiet(&said), "{said:?}");
}

/// What a command prints that needs no server.
fn alone(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(binary()).args(arguments).output().expect("the binary runs");
    (output.status.success(), String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn the_binary_explains_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, version) = alone(&["--version"]);
    assert!(version.starts_with("ringbolt 0."), "{version}");
    let (_, sample) = alone(&["config", "sample"]);
    let file = write(
        folder.path(),
        "ringbolt.toml",
        &sample.replace("#rest = \"127.0.0.1:8080\"", "rest = \"127.0.0.1:0\""),
    );
    assert!(alone(&["config", "check", &file]).0);
    let wrong = write(folder.path(), "wrong.toml", "no-such-setting = 1");
    assert!(!alone(&["config", "check", &wrong]).0);
    // Certificates are read as well, and a key has to be theirs.
    let authority = Authority::new(folder.path(), "authority");
    let (one, other) = (authority.issue("one", 2050), authority.issue("other", 2050));
    let with = |certificate: &str, key: &str| {
        let text = format!("rest = \"127.0.0.1:0\"\ntls-cert = {certificate:?}\ntls-key = {key:?}\n");
        alone(&["config", "check", &write(folder.path(), "tls.toml", &text)]).0
    };
    let files = |files: [&str; 4]| (files[1].to_owned(), files[3].to_owned());
    let ((certificate, key), (_, other_key)) = (files(one.args()), files(other.args()));
    assert!(with(&certificate, &key));
    assert!(!with(&certificate, &other_key), "another's key");
    assert!(!with(&certificate, "/nowhere/key.pem") && !with(&file, &key));
    for shell in ["bash", "zsh", "fish"] {
        assert!(alone(&["completions", shell]).1.contains("no-secondary-storage"), "{shell}");
    }
    assert!(alone(&["man", folder.path().to_str().expect("UTF-8")]).0);
    let page = std::fs::read_to_string(folder.path().join("ringbolt-instances.1")).expect("a page");
    assert!(page.contains("business"), "{page}");
    assert_eq!(alone(&["feel", "eval", "=1 + 1"]).1, "2\n");
}

#[test]
fn logs_are_for_people_or_for_programs_and_flags_may_be_said_by_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = |name: &str, settings: &[(&str, &str)]| -> Vec<String> {
        let mut command = start_command(&folder.path().join(name), &SMALL);
        command.envs(settings.iter().copied()).stderr(Stdio::piped());
        let mut server = Server::start_with(command);
        let log = server.take_stderr().expect("piped");
        let status = Caller::of(&server).ok(&["status"]);
        assert!(status.contains("\nsearch      "), "{status}");
        server.stop();
        BufReader::new(log).lines().map(|line| line.expect("UTF-8")).collect()
    };
    let without_storage = ("RINGBOLT_NO_SECONDARY_STORAGE", "1");
    let text = lines("text", &[without_storage, ("RINGBOLT_LOG_FORMAT", "text")]);
    assert!(text.iter().any(|line| line.contains("Z INFO  ready  after_ms=")), "{text:?}");
    let json = lines("json", &[without_storage, ("RINGBOLT_LOG_FORMAT", "json")]);
    assert!(json.iter().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{json:?}");
    let quiet = lines("quiet", &[without_storage, ("RINGBOLT_LOG_LEVEL", "error")]);
    assert_eq!(quiet, Vec::<String>::new());
}

#[test]
fn a_server_under_tls_is_called_by_its_authority_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(folder.path(), "authority");
    let stranger = Authority::new(folder.path(), "stranger");
    let files = authority.issue("server", 2050);
    let server = Server::start(&folder.path().join("data"), &[&SMALL[..], &files.args()].concat());
    let caller = Caller::at(format!("https://localhost:{}", server.rest.port()));
    let trusts = |authority: &Authority| authority.certificate().to_str().expect("UTF-8").to_owned();
    assert!(caller.ok(&["status", "--tls-ca", &trusts(&authority)]).contains("healthy"));
    assert_eq!(caller.fails(&["status", "--tls-ca", &trusts(&stranger)]).0, 3);
    assert_eq!(caller.fails(&["status"]).0, 2);
    server.stop();
}
