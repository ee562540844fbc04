//! What waits: a command that says what an instance waits for says so when it does, and one that waits for an end says what it saw.

use crate::caller::{Caller, SMALL, job, small, write};
use ringbolt_tests::server::{ONE_TASK, Server};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;

const USER_THEN_WORK: &str = include_str!("../../scenarios/models/user_then_work.bpmn");

/// A user task, and then a wait for a message.
fn user_then_message() -> String {
    let begin = USER_THEN_WORK.find("<bpmn:serviceTask").expect("a service task");
    let end = USER_THEN_WORK.find("</bpmn:serviceTask>").expect("its end") + "</bpmn:serviceTask>".len();
    let wait = "<bpmn:receiveTask id=\"after\" messageRef=\"paid\" />";
    let message = "<bpmn:message id=\"paid\" name=\"paid\"><bpmn:extensionElements>\
        <zeebe:subscription correlationKey=\"=orderId\" /></bpmn:extensionElements></bpmn:message></bpmn:definitions>";
    [&USER_THEN_WORK[..begin], wait, &USER_THEN_WORK[end..]].concat().replace("</bpmn:definitions>", message)
}

/// A wait for a message begins on the partition of its correlation key, a moment after its element: whoever is told of it publishes at once.
#[test]
fn what_an_instance_is_said_to_wait_for_it_waits_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&folder.path().join("data"), &["--cores", "0", "--partitions", "3"]);
    let caller = Caller::of(&server);
    caller.ok(&["deploy", &write(folder.path(), "model.bpmn", &user_then_message())]);
    for n in 0..12 {
        let order = format!("o-{n}");
        let key = caller.ok(&["run", "user_then_work", "--var", &format!("orderId={order}")]);
        let found = caller.json(&["tasks", "--instance", key.trim()]);
        let task = found["items"][0]["userTaskKey"].as_str().expect("a task").to_owned();
        let said = caller.ok(&["complete", &task]);
        let waits =
            format!("instance {} waits at 'after' for message 'paid' with key '{order}'\n", key.trim());
        assert!(said.ends_with(&waits), "{n}: {said}");
        let said = caller.ok(&["publish", "paid", "--key", &order, "--ttl", "0"]);
        assert!(said.contains(": received by instance "), "{n}: {said}");
    }
    server.stop();
}

/// One request, or one answer, with its body.
fn message(stream: &mut TcpStream) -> Option<String> {
    let mut message = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let text = String::from_utf8_lossy(&message);
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end].to_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            let length: usize = length.map_or(0, |length| length.parse().expect("a length"));
            if message.len() >= end + 4 + length {
                return Some(text.into_owned());
            }
        }
        let bytes = stream.read(&mut piece).ok().filter(|bytes| *bytes > 0)?;
        message.extend_from_slice(&piece[..bytes]);
    }
}

/// A way to a server on which waits for messages are not found the first times, as if their other partition were slow.
fn slow_waits(server: SocketAddr, mut times: u32) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let Some(request) = message(&mut stream) else { continue };
            let answer = if request.starts_with("POST /v2/message-subscriptions/search ") && times > 0 {
                times -= 1;
                let body = r#"{"items":[],"page":{"totalItems":0}}"#;
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
            } else {
                let mut behind = TcpStream::connect(server).expect("the server listens");
                behind.write_all(request.as_bytes()).expect("sent");
                message(&mut behind).expect("an answer")
            };
            let answer = answer.replacen("\r\n", "\r\nconnection: close\r\n", 1);
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    address
}

#[test]
fn a_wait_that_begins_late_is_waited_for() {
    let (folder, server, caller) = small();
    caller.ok(&["deploy", &write(folder.path(), "model.bpmn", &user_then_message())]);
    let key = caller.ok(&["run", "user_then_work", "--var", "orderId=o-1"]);
    let found = caller.json(&["tasks", "--instance", key.trim()]);
    let task = found["items"][0]["userTaskKey"].as_str().expect("a task").to_owned();
    let said = caller.ok(&["complete", &task, "--server", &slow_waits(server.rest, 4)]);
    assert!(said.trim_end().ends_with(" waits at 'after' for message 'paid' with key 'o-1'"), "{said}");
    server.stop();
}

#[test]
fn who_waits_for_an_end_is_told_of_it_or_where_it_stands() {
    let (folder, server, caller) = small();
    caller.ok(&["deploy", &write(folder.path(), "model.bpmn", ONE_TASK)]);
    let wait = |more: &[&str]| {
        let arguments = [&["run", "one_task", "--wait", "--timeout", "30", "--var", "a=1.50"], more].concat();
        let command = caller.command(&arguments).stdout(Stdio::piped()).spawn();
        std::thread::spawn(move || command.expect("the binary runs").wait_with_output().expect("it ends"))
    };
    // It completes, with a variable that is longer than lists show.
    let long = "x".repeat(20_000);
    let waits = wait(&[]);
    caller.ok(&["complete", &job(&server), "--var", &format!("b={long}")]);
    let output = waits.join().expect("it is told");
    assert!(output.status.success(), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told, json!({ "a": 1.5, "b": long }));
    let waits = wait(&["--json"]);
    caller.ok(&["complete", &job(&server)]);
    let told: serde_json::Value =
        serde_json::from_slice(&waits.join().expect("it is told").stdout).expect("JSON");
    assert!(told["processInstanceKey"].is_string(), "{told}");
    assert_eq!((&told["processDefinitionId"], &told["variables"]["a"]), (&json!("one_task"), &json!(1.5)));
    // It is canceled.
    let waits = wait(&["--json"]);
    let key = ringbolt_tests::until("it runs", || {
        let found = caller.json(&["instances", "--state", "active"]);
        found["items"][0]["processInstanceKey"].as_str().map(str::to_owned)
    });
    caller.ok(&["cancel", &key]);
    assert_eq!(waits.join().expect("it is told").status.code(), Some(4));
    // It goes on for longer than somebody waits.
    let (code, said) = caller.fails(&["run", "one_task", "--wait", "--timeout", "1"]);
    let key = said.split(' ').nth(2).expect("a key").to_owned();
    let begin = format!(
        "ringbolt: instance {key} has not completed within 1 s, and goes on (ringbolt watch {key}):\n\
         waits at 'task' for a worker of job type 'work' (job "
    );
    assert!(code == 5 && said.replace("\n  ", "\n").starts_with(&begin), "{code}: {said}");
    assert!(caller.ok(&["instance", &key]).contains(": active since "));
    let output = caller.run(&["run", "one_task", "--wait", "--timeout", "1", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(output.status.code() == Some(5) && told["processInstanceKey"].is_string(), "{output:?}");
    server.stop();
}

/// Where nothing can be searched the server waits, and nobody knows the key of what has not ended.
#[test]
fn without_searches_the_server_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = [&SMALL[..], &["--no-secondary-storage"]].concat();
    let server = Server::start(&folder.path().join("data"), &arguments);
    let caller = Caller::of(&server);
    caller.ok(&["deploy", &write(folder.path(), "model.bpmn", ONE_TASK)]);
    let command = caller.command(&["run", "one_task", "--wait", "--timeout", "30", "--var", "a=1"]);
    let waits = std::thread::spawn(move || {
        let mut command = command;
        command.output().expect("the binary runs")
    });
    caller.ok(&["complete", &job(&server)]);
    let output = waits.join().expect("it is told");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\n  \"a\": 1\n}\n");
    let (code, said) = caller.fails(&["run", "one_task", "--wait", "--timeout", "1"]);
    assert!(code == 5 && said.trim_end().ends_with("nobody can tell its key"), "{code}: {said}");
    server.stop();
}

/// What was begun is named, whatever happens to the server, and a server that comes back is seen again.
#[test]
fn a_server_that_goes_away_takes_no_key_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Server::start(&data, &SMALL);
    let caller = Caller::of(&server);
    caller.ok(&["deploy", &write(folder.path(), "model.bpmn", ONE_TASK)]);
    let started = |arguments: &[&str]| {
        let mut command = caller.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs")
    };
    let waits = started(&["run", "one_task", "--wait", "--timeout", "2"]);
    let key = ringbolt_tests::until("it runs", || {
        let found = caller.json(&["instances", "--state", "active"]);
        found["items"][0]["processInstanceKey"].as_str().map(str::to_owned)
    });
    let mut watches = started(&["watch", &key, "--every", "50"]);
    let mut seen = BufReader::new(watches.stdout.take().expect("piped"));
    let mut line = String::new();
    seen.read_line(&mut line).expect("it looks");
    assert!(line.contains(": active since "), "{line}");
    let address = server.rest.to_string();
    server.kill();
    let output = waits.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("instance {key} was started, and then: no answer from ")), "{said}");
    assert_eq!(output.status.code(), Some(3));
    let server = Server::start(&data, &[&SMALL[..], &["--rest", &address]].concat());
    caller.ok(&["cancel", &key]);
    std::io::copy(&mut seen, &mut std::io::sink()).expect("it goes on until it has seen that");
    let output = watches.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("ringbolt: nothing to see for now, and looked for again: no answer from "),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(4), "{said}");
    server.stop();
}
