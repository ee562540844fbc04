//! The binary under TLS, as a black box: settings, versions, refusals, limits, streams, reload, stop.

use ringbolt_tests::http::{Client, Response};
use ringbolt_tests::server::{ONE_TASK, Server, binary, start_command};
use ringbolt_tests::tls::{Authority, Files};
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;

const HTTP1: &[&[u8]] = &[b"http/1.1"];
const HTTP2: &[&[u8]] = &[b"h2"];
const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];
/// Certificates of these tests outlive them.
const LATER: i32 = 2100;

/// A server under TLS with its authority, its files and the lines it logs.
struct Rig {
    dir: tempfile::TempDir,
    authority: Authority,
    files: Files,
    server: Server,
    log: mpsc::Receiver<String>,
}

impl Rig {
    fn start(more: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let authority = Authority::new(dir.path(), "authority");
        let files = authority.issue("server", LATER);
        let (server, log) = start(&dir.path().join("state"), &[&files.args(), more].concat());
        Self { dir, authority, files, server, log }
    }

    fn client(&self) -> Client {
        self.client_at(self.server.rest)
    }

    fn client_at(&self, address: SocketAddr) -> Client {
        let session = self.authority.connect(address, &[&TLS13, &TLS12], HTTP1).expect("a session");
        Client::over(address, session)
    }

    /// The next logged line that says this; those before it are passed over.
    fn logged(&self, says: &str) -> String {
        self.log.iter().find(|line| line.contains(says)).expect("the server logs until it ends")
    }

    /// A figure of the metrics page.
    fn figure(&self, name: &str) -> f64 {
        let page =
            Client::connect(self.server.management).expect("listens").get("/metrics").expect("an answer");
        let page = String::from_utf8(page.body).expect("text");
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is missing")).parse().expect("a number")
    }

    fn handshakes(&self, port: &str, result: &str) -> f64 {
        self.figure(&format!("ringbolt_tls_handshakes_total{{port=\"{port}\",result=\"{result}\"}}"))
    }

    /// Waits until a counter stands there: what it counts happens beside the test.
    fn await_handshakes(&self, port: &str, result: &str, count: f64) {
        while self.handshakes(port, result) < count {}
        assert_eq!(self.handshakes(port, result), count, "{port} {result}");
    }
}

fn start(data_dir: &Path, args: &[&str]) -> (Server, mpsc::Receiver<String>) {
    let mut command = start_command(data_dir, args);
    command.stderr(Stdio::piped());
    let mut server = Server::start_with(command);
    let lines = BufReader::new(server.take_stderr().expect("piped")).lines();
    let (sender, log) = mpsc::channel();
    // Nobody listens any more when the test is over.
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    (server, log)
}

/// What a server says that does not start.
fn refused(args: &[&str]) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    let output = start_command(dir.path(), args).output().expect("it runs");
    assert!(!output.status.success(), "{args:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn create(client: &mut Client, variables: &Value) -> Response {
    let body = json!({ "processDefinitionId": "one_task", "variables": variables });
    client.post("/v2/process-instances", &body).expect("an answer")
}

fn deploy(client: &mut Client) {
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
}

#[test]
fn an_instance_runs_over_rest_in_both_versions() {
    let rig = Rig::start(&[]);
    deploy(&mut rig.client());
    for (version, protocols) in [(&TLS12, HTTP1), (&TLS13, &HTTP1[..0])] {
        let session = rig.authority.connect(rig.server.rest, &[version], protocols).expect("a session");
        let mut client = Client::over(rig.server.rest, session);
        assert_eq!(create(&mut client, &json!({ "a": 1 })).status, 200);
        let query =
            json!({ "type": "work", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": -1 });
        let jobs = client.post("/v2/jobs/activation", &query).expect("an answer").json();
        let key = jobs["jobs"][0]["jobKey"].as_str().expect("a job").to_owned();
        let done = client.post(&format!("/v2/jobs/{key}/completion"), &json!({})).expect("an answer");
        assert_eq!(done.status, 204);
    }
    assert_eq!(rig.handshakes("rest", "ok"), 3.0);
    rig.server.stop();
}

#[test]
fn ports_choose_their_protocols() {
    let rig = Rig::start(&[]);
    let chosen = |address, protocols| {
        let session = rig.authority.connect(address, &[&TLS13], protocols);
        session.map(|session| session.conn.alpn_protocol().map(<[u8]>::to_vec))
    };
    assert_eq!(chosen(rig.server.rest, BOTH).expect("a session"), Some(b"h2".to_vec()));
    assert_eq!(chosen(rig.server.rest, HTTP1).expect("a session"), Some(b"http/1.1".to_vec()));
    assert_eq!(chosen(rig.server.grpc, BOTH).expect("a session"), Some(b"h2".to_vec()));
    let error = chosen(rig.server.grpc, HTTP1).expect_err("no HTTP/1.1 there").to_string();
    assert!(error.contains("NoApplicationProtocol"), "{error}");
    rig.await_handshakes("grpc", "no_protocol", 1.0);
    // Management stays plain unless it is told otherwise.
    assert_eq!(
        Client::connect(rig.server.management).expect("listens").get("/metrics").expect("plain").status,
        200
    );
}

#[test]
fn management_speaks_tls_if_asked() {
    let rig = Rig::start(&["--tls-management"]);
    let health = rig.client_at(rig.server.management).get("/actuator/health").expect("an answer");
    assert_eq!(health.status, 200);
    let plain = Client::connect(rig.server.management).expect("listens").get("/metrics").expect("an answer");
    assert_eq!((plain.status, plain.body), (400, b"this port speaks TLS: use https://\r\n".to_vec()));
}

#[test]
fn the_load_tool_runs_cycles_over_every_protocol() {
    let rig = Rig::start(&[]);
    let ca = rig.authority.certificate();
    let ports = [rig.server.grpc.port(), rig.server.rest.port()].map(|port| format!("localhost:{port}"));
    for way in [
        &["--protocol", "grpc", "--mode", "stream"][..],
        &["--protocol", "rest", "--mode", "poll", "--deploy", "false"],
        &["--protocol", "rest", "--mode", "stream", "--http2", "--deploy", "false"],
    ] {
        let output = Command::new(binary())
            .args(["bench", "--instances", "100", "--in-flight", "16", "--quiet", "--json", "-", "--tls-ca"])
            .arg(&ca)
            .args(["--grpc", &ports[0], "--rest", &ports[1]])
            .args(way)
            .output()
            .expect("it runs");
        let told =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{way:?}: {told}");
        let from = told.find('{').expect("a report");
        let report = serde_json::Deserializer::from_str(&told[from..]).into_iter::<Value>().next();
        let report = report.expect("a report").expect("JSON");
        assert!(report.to_string().contains("\"completed\":100"), "{way:?}: {report:#}");
    }
    let stranger = Authority::new(rig.dir.path(), "stranger");
    let output = Command::new(binary())
        .args(["bench", "--instances", "1", "--grpc", &ports[0], "--tls-ca"])
        .arg(stranger.certificate())
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains("UnknownIssuer"), "{told}");
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let authority = Authority::new(dir.path(), "authority");
    let (good, other) = (authority.issue("good", LATER), authority.issue("other", LATER));
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (certificate, key, other_key) = (path(&good.certificate), path(&good.key), path(&other.key));
    let missing = path(&dir.path().join("missing.pem"));
    for (args, says) in [
        (vec!["--tls-cert", &certificate], "setting tls-key: a certificate needs its key"),
        (vec!["--tls-key", &key], "setting tls-cert: a key needs its certificate"),
        (vec!["--tls-management"], "setting tls-management: needs tls-cert and tls-key"),
        (vec!["--tls-cert", &missing, "--tls-key", &key], "missing.pem: No such file"),
        (vec!["--tls-cert", &key, "--tls-key", &key], "good.key: no certificate"),
        (vec!["--tls-cert", &certificate, "--tls-key", &certificate], "good.pem: no private key"),
        (
            vec!["--tls-cert", &certificate, "--tls-key", &other_key],
            "other.key is not that of the first certificate",
        ),
        (vec!["--connections-max", "0"], "setting connections-max: 0 is not between"),
    ] {
        let message = refused(&args);
        assert!(message.contains(says), "{args:?}: {message}");
    }
    let demo = Command::new(binary()).arg("demo").args(good.args()).output().expect("it runs");
    assert!(String::from_utf8_lossy(&demo.stderr).contains("the demo's load does not speak TLS"));
}

#[test]
fn an_expired_certificate_is_served_and_warned_of() {
    let dir = tempfile::tempdir().expect("a directory");
    let authority = Authority::new(dir.path(), "authority");
    let files = authority.issue("old", 2020);
    let (server, log) = start(&dir.path().join("state"), &files.args());
    let line = log.iter().find(|line| line.contains("out of its time")).expect("a warning");
    assert!(line.contains("level=warn") && line.contains("valid until 2020-12-31 00:00:00 UTC"), "{line}");
    let error = authority.connect(server.rest, &[&TLS13], HTTP1).expect_err("the client judges").to_string();
    assert!(error.contains("certificate expired"), "{error}");
}

#[test]
fn a_reload_is_for_new_connections_and_a_bad_file_changes_nothing() {
    let rig = Rig::start(&[]);
    let hang_up = || {
        let kill = Command::new("kill").args(["-HUP", &rig.server.pid().to_string()]).status();
        assert!(kill.expect("kill runs").success());
    };
    let mut open = rig.client();
    assert_eq!(open.get("/v2/topology").expect("an answer").status, 200);
    let next = Authority::new(rig.dir.path(), "next");
    let files = next.issue("server", LATER);
    std::fs::copy(&files.certificate, &rig.files.certificate).expect("copied");
    hang_up();
    let line = rig.logged("the old one stays");
    assert!(line.contains("level=error") && line.contains("is not that of the first certificate"), "{line}");
    assert_eq!(rig.client().get("/v2/topology").expect("an answer").status, 200);
    std::fs::copy(&files.key, &rig.files.key).expect("copied");
    hang_up();
    rig.logged("the TLS certificate was read again");
    let session = next.connect(rig.server.rest, &[&TLS13], HTTP1).expect("the new certificate");
    assert_eq!(Client::over(rig.server.rest, session).get("/v2/topology").expect("an answer").status, 200);
    assert!(rig.authority.connect(rig.server.rest, &[&TLS13], HTTP1).is_err());
    assert!(next.connect(rig.server.grpc, &[&TLS13], HTTP2).is_ok());
    assert_eq!(open.get("/v2/topology").expect("the old connection goes on").status, 200);
}

/// Sends bytes and reads until the server ends the connection, however it does that.
fn exchange(address: SocketAddr, bytes: &[u8], ends: bool) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).expect("listens");
    let _ = socket.write_all(bytes);
    if ends {
        let _ = socket.shutdown(Shutdown::Write);
    }
    let mut received = Vec::new();
    let _ = socket.read_to_end(&mut received);
    received
}

#[test]
fn what_is_no_handshake_ends_is_counted_and_floods_no_log() {
    const CLIENTS: usize = 60;
    let rig = Rig::start(&["--header-timeout-ms", "400"]);
    for _ in 0..CLIENTS {
        let answer =
            exchange(rig.server.rest, b"GET /v2/topology HTTP/1.1\r\nhost: localhost\r\n\r\n", false);
        assert!(answer.starts_with(b"HTTP/1.1 400 ") && answer.ends_with(b"use https://\r\n"));
        let answer = exchange(rig.server.grpc, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false);
        assert!(answer.ends_with(b"this port speaks TLS"));
        // A hello that makes no sense is answered with an alert.
        let nonsense = [&b"\x16\x03\x01\x00\x28\x01\x00\x00\x24"[..], &[0xff; 36]].concat();
        assert_eq!(exchange(rig.server.rest, &nonsense, false).first(), Some(&0x15));
        // A record that is cut off.
        exchange(rig.server.grpc, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", true);
    }
    let clients = CLIENTS as f64;
    rig.await_handshakes("rest", "not_tls", clients);
    rig.await_handshakes("grpc", "not_tls", clients);
    rig.await_handshakes("rest", "malformed", clients);
    rig.await_handshakes("grpc", "closed", clients);
    // Half-open: neither a byte too few nor none at all keeps a connection.
    assert_eq!(exchange(rig.server.rest, b"\x16\x03\x01\x02\x00\x01", false), b"");
    assert_eq!(exchange(rig.server.grpc, b"", false), b"");
    rig.await_handshakes("rest", "timeout", 1.0);
    rig.await_handshakes("grpc", "timeout", 1.0);
    let mut client = rig.client();
    deploy(&mut client);
    rig.server.stop();
    // A few lines of each kind in ten seconds, whatever came.
    let lines: Vec<String> = rig.log.iter().collect();
    for kind in ["a client spoke plain text to a port that speaks TLS", "a TLS handshake failed"] {
        let count = lines.iter().filter(|line| line.contains(kind)).count();
        assert!((1..=20).contains(&count), "{count} lines say {kind:?}");
    }
}

#[test]
fn tls_on_plain_ports_ends_with_a_line() {
    let dir = tempfile::tempdir().expect("a directory");
    let (server, log) = start(dir.path(), &[]);
    let authority = Authority::new(dir.path(), "authority");
    for address in [server.rest, server.grpc, server.management] {
        assert!(authority.connect(address, &[&TLS13, &TLS12], BOTH).is_err());
        let line = log.iter().find(|line| line.contains("a client spoke TLS to a port that does not"));
        assert!(line.expect("a line").contains("level=warn"));
    }
}

#[test]
fn four_mebibytes_of_variables_come_and_go() {
    let rig = Rig::start(&[]);
    let mut client = rig.client();
    deploy(&mut client);
    let activate = |variable: &str| {
        // The largest instance takes more than one entry of the log: its job may come a moment after the answer.
        let query = json!({
            "type": "work", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": 20_000,
            "fetchVariable": [variable]
        });
        let answer = rig.client().post("/v2/jobs/activation", &query).expect("an answer").json();
        answer["jobs"][0]["variables"].clone()
    };
    let largest = "x".repeat(4 * 1024 * 1024 - 64);
    assert_eq!(create(&mut client, &json!({ "n": 1, "payload": largest })).status, 200);
    assert_eq!(activate("n"), json!({ "n": 1 }), "of the largest");
    // An answer holds fewer: some room is left for the rest of the job.
    let large = "y".repeat(3 * 1024 * 1024);
    assert_eq!(create(&mut client, &json!({ "payload": large })).status, 200);
    assert_eq!(activate("payload")["payload"].as_str().map(str::len), Some(large.len()));
    let over =
        b"POST /v2/process-instances HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        content-length: 5242880\r\n\r\n{";
    assert_eq!(rig.client().raw(over).expect("an answer").status, 413);
}

#[test]
fn a_stream_that_is_read_slowly_loses_no_job() {
    const JOBS: usize = 250;
    let rig = Rig::start(&["--stream-credit", "1000"]);
    let mut client = rig.client();
    deploy(&mut client);
    let mut stream = rig.authority.connect(rig.server.rest, &[&TLS13], HTTP1).expect("a session");
    let body = r#"{"type":"work","worker":"slow","timeout":600000}"#;
    let head = format!(
        "POST /v2/jobs/streaming HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).expect("written");
    stream.flush().expect("sent");
    // More than sockets and sessions hold, while nobody reads.
    let payload = "y".repeat(32 * 1024);
    for n in 0..JOBS {
        assert_eq!(create(&mut client, &json!({ "n": n, "payload": payload })).status, 200);
    }
    let (mut text, mut buf, mut jobs) = (Vec::new(), vec![0; 64 * 1024], 0);
    while jobs < JOBS {
        let read = stream.read(&mut buf).expect("more of the stream");
        assert!(read > 0, "the stream ended after {jobs} jobs");
        text.extend_from_slice(&buf[..read]);
        jobs = text.windows(9).filter(|part| part == b"\"jobKey\":").count();
    }
    rig.server.stop();
}

#[test]
fn a_stop_answers_a_waiting_poll_and_says_goodbye() {
    let rig = Rig::start(&[]);
    let mut session = rig.authority.connect(rig.server.rest, &[&TLS13], HTTP1).expect("a session");
    let body = r#"{"type":"nothing","timeout":1000,"maxJobsToActivate":1,"requestTimeout":600000}"#;
    let head = format!(
        "POST /v2/jobs/activation HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    session.write_all((head + body).as_bytes()).expect("written");
    session.flush().expect("sent");
    let waiting = || {
        let page =
            Client::connect(rig.server.management).expect("listens").get("/metrics").expect("an answer");
        let page = String::from_utf8_lossy(&page.body).into_owned();
        page.lines().any(|line| line.starts_with("ringbolt_core_polls_waiting{") && line.ends_with(" 1"))
    };
    while !waiting() {}
    rig.server.stop();
    let mut answer = Vec::new();
    // An end without a goodbye would be an error.
    session.read_to_end(&mut answer).expect("a goodbye");
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
}

/// A client that has read its jobs and closes, with or without the end of TLS, has them: nobody else is given them.
#[test]
fn jobs_that_arrived_are_given_to_nobody_else() {
    let rig = Rig::start(&[]);
    let mut client = rig.client();
    assert_eq!(client.deploy("one_task.bpmn", ONE_TASK).expect("an answer").status, 200);
    for round in 0..10 {
        let created = client.post("/v2/process-instances", &json!({ "processDefinitionId": "one_task" }));
        let created = created.expect("an answer").json();
        let instance = created["processInstanceKey"].as_str().expect("a key").to_owned();
        let mut session =
            rig.authority.connect(rig.server.rest, &[&TLS13, &TLS12], HTTP1).expect("a session");
        let wish = |wait: i64| json!({ "type": "work", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": wait });
        let body = wish(-1).to_string();
        let head =
            "POST /v2/jobs/activation HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
        write!(session, "{head}content-length: {}\r\n\r\n{body}", body.len()).expect("sent");
        let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
        while !answer.ends_with(b"]}") {
            let read = session.read(&mut piece).expect("an answer");
            answer.extend_from_slice(&piece[..read]);
        }
        assert!(String::from_utf8_lossy(&answer).contains(&instance), "round {round}");
        if round % 2 == 0 {
            session.conn.send_close_notify();
            session.flush().expect("sent");
        }
        drop(session);
        let next = client.post("/v2/jobs/activation", &wish(200)).expect("an answer").json();
        assert_eq!(next["jobs"], json!([]), "round {round}");
    }
    rig.server.stop();
}
