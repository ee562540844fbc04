//! Who calls a server by the commands of the binary.

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{Server, binary};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub(crate) const SMALL: [&str; 4] = ["--cores", "0", "--partitions", "1"];

/// Who calls a server.
pub(crate) struct Caller {
    pub(crate) server: String,
    /// Where a user has what can be made anew.
    cache: TempDir,
}

/// A small server over a folder of its own, and who calls it.
pub(crate) fn small() -> (TempDir, Server, Caller) {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&folder.path().join("data"), &SMALL);
    let caller = Caller::of(&server);
    (folder, server, caller)
}

impl Caller {
    pub(crate) fn of(server: &Server) -> Self {
        Self::at(server.rest.to_string())
    }

    pub(crate) fn at(server: String) -> Self {
        Self { server, cache: tempfile::tempdir().expect("a folder") }
    }

    /// Where commands leave the positions of what they wrote.
    pub(crate) fn positions(&self) -> PathBuf {
        self.cache.path().join("ringbolt/positions")
    }

    /// A command that is not run yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).env("RINGBOLT_SERVER", &self.server).env("XDG_CACHE_HOME", self.cache.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// What a command prints that does what it should.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success(), "{arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[arguments, &["--json"]].concat())).expect("JSON")
    }

    /// What a command prints on a terminal so wide.
    pub(crate) fn on_terminal(&self, arguments: &[&str], columns: u32) -> String {
        let binary = binary();
        let words = [&[binary.to_str().expect("UTF-8")], arguments].concat();
        let line = format!("stty cols {columns} rows 24; '{}'", words.join("' '"));
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).stdin(std::process::Stdio::null());
        command.env("RINGBOLT_SERVER", &self.server).env("XDG_CACHE_HOME", self.cache.path());
        let output = command.output().expect("script runs");
        String::from_utf8(output.stdout).expect("UTF-8").replace('\r', "")
    }

    /// Exit code and error of one that does not.
    pub(crate) fn fails(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{arguments:?}");
        (output.status.code().expect("a code"), String::from_utf8(output.stderr).expect("UTF-8"))
    }
}

pub(crate) fn write(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

/// The first job of the type that the model has.
pub(crate) fn job(server: &Server) -> String {
    job_of(server, "work")
}

/// The first job of a type.
pub(crate) fn job_of(server: &Server, job_type: &str) -> String {
    let mut client = Client::connect(server.rest).expect("the server listens");
    let body = json!({ "type": job_type, "worker": "me", "timeout": 600_000, "maxJobsToActivate": 1, "requestTimeout": 10_000 });
    let jobs = client.post("/v2/jobs/activation", &body).expect("an answer").json();
    jobs["jobs"][0]["jobKey"].as_str().expect("a job").to_owned()
}
