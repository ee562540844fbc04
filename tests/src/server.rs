//! The binary under test: started on free ports, asked over real sockets, killed at will.

use crate::http::Client;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take before a test gives up.
const START_MAX: Duration = Duration::from_secs(30);

/// A one-task process: start, service task of type `work`, end.
pub const ONE_TASK: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions" targetNamespace="http://example.org">
  <bpmn:process id="one_task" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>to_task</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="to_task" sourceRef="start" targetRef="task"/>
    <bpmn:serviceTask id="task">
      <bpmn:extensionElements><zeebe:taskDefinition type="work"/></bpmn:extensionElements>
      <bpmn:incoming>to_task</bpmn:incoming><bpmn:outgoing>to_end</bpmn:outgoing>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="to_end" sourceRef="task" targetRef="end"/>
    <bpmn:endEvent id="end"><bpmn:incoming>to_end</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"#;

/// A running server; killed when it is dropped.
pub struct Server {
    child: Child,
    /// Address of the REST API.
    pub rest: SocketAddr,
    /// Address of the gRPC API.
    pub grpc: SocketAddr,
    /// Address of metrics and health.
    pub management: SocketAddr,
}

/// The built binary, beside the test's own.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    let path = profile.join("ringbolt");
    assert!(path.exists(), "{} is missing: build the workspace first", path.display());
    path
}

/// The command that starts a server over a directory on free ports.
pub fn start_command(data_dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("start").arg("--data-dir").arg(data_dir);
    for port in ["--rest", "--grpc", "--management"] {
        if !args.contains(&port) {
            command.args([port, "127.0.0.1:0"]);
        }
    }
    command.args(args).stdin(Stdio::null());
    command
}

impl Server {
    /// Starts a server and waits for its banner.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(data_dir: &Path, args: &[&str]) -> Self {
        Self::start_with(start_command(data_dir, args))
    }

    /// Starts a command that becomes a server and waits for its banner.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start_with(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot start {}: {e}", binary().display()));
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let started = Instant::now();
        let (mut rest, mut grpc, mut management) = (None, None, None);
        while rest.is_none() || grpc.is_none() || management.is_none() {
            assert!(started.elapsed() < START_MAX, "no banner");
            let Some(Ok(line)) = lines.next() else { panic!("the server ended: {:?}", child.wait()) };
            let mut words = line.split_whitespace();
            let (name, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let address = value
                .trim_start_matches("http://")
                .trim_start_matches("https://")
                .trim_end_matches("/v2")
                .parse()
                .ok();
            match name {
                "rest" => rest = address,
                "grpc" => grpc = address,
                "management" => management = address,
                _ => {}
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        let address = |found: Option<SocketAddr>| found.expect("the loop waited for it");
        Self { child, rest: address(rest), grpc: address(grpc), management: address(management) }
    }

    /// A new connection to the REST API.
    ///
    /// # Panics
    /// When nobody listens.
    pub fn client(&self) -> Client {
        Client::connect(self.rest).expect("the server listens")
    }

    /// Its health: status and body.
    ///
    /// # Panics
    /// When nobody answers.
    pub fn health(&self) -> (u16, String) {
        let mut client = Client::connect(self.management).expect("the server listens");
        let response = client.get("/actuator/health").expect("an answer");
        (response.status, String::from_utf8_lossy(&response.body).into_owned())
    }

    /// A metric, one value a line, in the order of its labels.
    ///
    /// # Panics
    /// When nobody answers.
    pub fn metric(&self, name: &str) -> Vec<f64> {
        let mut client = Client::connect(self.management).expect("the server listens");
        let response = client.get("/actuator/prometheus").expect("an answer");
        let page = String::from_utf8_lossy(&response.body).into_owned();
        let of = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
        page.lines().filter(of).filter_map(|line| line.rsplit(' ').next()?.parse().ok()).collect()
    }

    /// What it writes to standard error, if that is piped; only the first caller gets it.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGKILL and waits for nothing.
    ///
    /// # Panics
    /// When the operating system refuses.
    pub fn send_kill(&self) {
        let sent = Command::new("kill").args(["-KILL", &self.pid().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ends the process as a crash would: no handler runs.
    ///
    /// # Panics
    /// When the operating system refuses.
    pub fn kill(mut self) {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
    }

    /// Waits until the process ends by itself.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn ended(mut self) -> ExitStatus {
        crate::until("the server ends", || self.child.try_wait().expect("our own child"))
    }

    /// Asks the process to stop and waits for it.
    ///
    /// # Panics
    /// When it does not end in time or ends with an error.
    pub fn stop(mut self) {
        let status =
            Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().expect("kill runs");
        assert!(status.success());
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                assert!(status.success(), "the server ended with {status}");
                return;
            }
            assert!(started.elapsed() < START_MAX, "the server did not stop");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
