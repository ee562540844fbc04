//! `ringbolt demo` as somebody meets it: what it says fits a terminal, what it says to try can be done, and its end is clean.

use ringbolt_tests::http::Client;
use ringbolt_tests::server::{Server, binary};
use ringbolt_tests::until;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Demo {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    /// What it said before its figures, line by line.
    said: Vec<String>,
}

impl Demo {
    /// Starts it and reads all that it has to say at first.
    fn start(arguments: &[&str]) -> Self {
        Self::on_ports(&[&PORTS[..], arguments].concat())
    }

    /// The same on the ports that are given.
    fn on_ports(arguments: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command.arg("demo").args(["--cores", "0"]).args(arguments).stdin(Stdio::null());
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut said: Vec<String> = Vec::new();
        while said.last().is_none_or(|line| !line.starts_with("^C")) {
            let mut line = String::new();
            assert!(out.read_line(&mut line).expect("UTF-8") > 0, "it ended: {said:?}");
            said.push(line.trim_end().to_owned());
        }
        Self { child, out, said }
    }

    /// The rest of a line that begins so.
    fn line(&self, begin: &str) -> &str {
        let found = self.said.iter().find_map(|line| line.trim_start().strip_prefix(begin));
        found.unwrap_or_else(|| panic!("no '{begin}' in {:#?}", self.said)).trim()
    }

    /// Ends it as ^C does; what it says then, and its log.
    fn stop(mut self) -> (String, String) {
        let mut rest = String::new();
        while !rest.contains("started/s") {
            assert!(self.out.read_line(&mut rest).expect("UTF-8") > 0, "it ended: {rest}");
        }
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
        let mut log = String::new();
        self.out.read_to_string(&mut rest).expect("UTF-8");
        self.child.stderr.take().expect("piped").read_to_string(&mut log).expect("UTF-8");
        assert!(self.child.wait().expect("it ends").success());
        let figures = rest.lines().filter(|line| line.contains("started/s"));
        assert!(figures.clone().count() > 0 && figures.clone().all(|line| line.len() < 80), "{rest}");
        (rest, log)
    }
}

/// Ports that nobody else has.
const PORTS: [&str; 6] = ["--rest", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--management", "127.0.0.1:0"];

/// Does what the demo says can be typed; what it prints.
fn typed(server: &str, line: &str) -> (bool, String) {
    let mut command = Command::new(binary());
    command.args(line.split(' ')).env("RINGBOLT_SERVER", server);
    let output = command.output().expect("the binary runs");
    (output.status.success(), String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn what_it_says_can_be_done_and_its_end_is_clean() {
    let demo = Demo::start(&[]);
    // With the line of figures below it, it fits a terminal of 24 lines; how long a path is nobody knows.
    let is_short = |line: &String| line.chars().count() < 80 || line.starts_with("  alias ringbolt=");
    assert!(demo.said.len() <= 23 && demo.said.iter().all(is_short), "{:#?}", demo.said);
    assert_eq!(PathBuf::from(demo.line("alias ringbolt=")), binary().canonicalize().expect("a path"));
    let server = demo.line("export RINGBOLT_SERVER=").to_owned();
    let data = PathBuf::from(demo.line("data").split(' ').next().expect("a path"));
    assert!(data.is_dir());
    let commands: Vec<String> = demo
        .said
        .iter()
        .filter_map(|line| line.trim_start().strip_prefix("ringbolt "))
        .map(str::to_owned)
        .collect();
    assert_eq!(commands.len(), 4, "{commands:?}");
    for line in &commands {
        let (is_done, said) = typed(&server, line);
        assert!(is_done && !said.is_empty(), "ringbolt {line}: {said}");
    }
    assert!(typed(&server, "run order --var amount=3").0);
    // Each of them made its instance go on to its end, or says that there is one more.
    let ended = |process: &str| {
        until(&format!("{process} has completed"), || {
            let (is_found, said) =
                typed(&server, &format!("instances --process {process} --state completed --json"));
            (is_found && said.contains("\"totalItems\": 1")).then_some(())
        });
    };
    ["order", "payment", "invoice"].into_iter().for_each(ended);
    // What is to be clicked is there.
    let mut client = Client::connect(server.parse().expect("an address")).expect("the server listens");
    let links =
        demo.said.iter().filter_map(|line| line.trim_start().strip_prefix(&format!("http://{server}/")));
    let links: Vec<&str> = links.map(|link| link.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(links.len(), 2, "{links:?}");
    for link in links {
        assert_eq!(client.get(&format!("/{link}")).expect("an answer").status, 200, "{link}");
    }
    drop(client);
    let (rest, log) = demo.stop();
    assert_eq!(log, "", "{rest}");
    assert!(!rest.contains("errors") && !rest.contains("failed"), "{rest}");
    assert!(rest.contains(" instances were started in ") && rest.contains(" is removed\n"), "{rest}");
    assert!(!data.exists());
    // What became of the story, as it was, and where to go on.
    let story = "\nWhat became of the story
  order     somebody decided, and it went on to its end
  payment   its message came, and it is paid
  invoice   its incident was resolved, and it is sent
  one more instance of these processes was started
";
    assert!(rest.contains(story), "{rest}");
    let program = binary().display().to_string();
    let again = format!("\n  {program} start --data-dir data --cores 0 {}\n", PORTS.join(" "));
    assert!(rest.contains("\nWhere to go on, with a model of your own") && rest.contains(&again), "{rest}");
    let lines = rest.lines().filter(|line| !line.contains(&program));
    assert!(lines.clone().count() > 10 && lines.clone().all(|line| line.chars().count() <= 80), "{rest}");
    assert!(rest.contains("\nhalf took up to ") && rest.contains("  99% within "), "{rest}");
}

/// Whoever has a server already can try the demo beside it, and is told of what is in use at once.
#[test]
fn what_is_in_use_is_left_to_whoever_has_it() {
    // If they are not ours they are somebody else's.
    let usual = ["127.0.0.1:8080", "127.0.0.1:26500", "127.0.0.1:9600"];
    let held: Vec<_> = usual.iter().map(TcpListener::bind).collect();
    let demo = Demo::on_ports(&[]);
    let wanted = format!("In use, so that the demo has others: {}", usual.join(", "));
    assert_eq!(demo.said[0], wanted);
    assert!(demo.said.len() <= 23, "{:#?}", demo.said);
    let server = demo.line("export RINGBOLT_SERVER=").to_owned();
    let grpc = demo.line("grpc ").to_owned();
    assert!(server != usual[0] && typed(&server, "status").0);
    let (rest, _) = demo.stop();
    let port = |address: &str| address.rsplit(':').next().expect("a port").to_owned();
    let again = format!(" --cores 0 --rest {} --grpc {} --management ", port(&server), port(&grpc));
    assert!(rest.contains(&again), "{again}: {rest}");
    assert!(rest.contains(&format!("\n  export RINGBOLT_SERVER={server}\n")), "{rest}");
    drop(held);
    // A port that somebody asked for, and a directory that another server has.
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let other = Server::start(&data, &["--cores", "0", "--partitions", "1"]);
    let (rest, data) = (other.rest.to_string(), data.to_str().expect("UTF-8"));
    let of_the_other = [&["--rest", &rest][..], &PORTS[2..]].concat();
    let in_use = format!("data directory {data} is in use by another process");
    let port_in_use =
        format!("cannot listen on {rest}: the port is in use by another process (--rest says where)");
    for (arguments, why) in
        [(of_the_other, port_in_use), ([&["--data-dir", data], &PORTS[..]].concat(), in_use)]
    {
        let begun = Instant::now();
        let output = Command::new(binary()).arg("demo").args(["--cores", "0"]).args(&arguments).output();
        let output = output.expect("the binary runs");
        assert!(begun.elapsed() < Duration::from_secs(4), "{arguments:?}: {:?}", begun.elapsed());
        let (said, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!((output.status.code(), said.as_ref()), (Some(1), ""), "{arguments:?}: {log}");
        assert_eq!(log, format!("ringbolt: {why}\n"));
    }
    other.stop();
}

#[test]
fn what_nobody_did_is_told_as_such_at_its_end() {
    let demo = Demo::start(&[]);
    let server = demo.line("export RINGBOLT_SERVER=").to_owned();
    let key = demo.line("order ").split(':').next().expect("a key").to_owned();
    assert!(typed(&server, &format!("cancel {key}")).0);
    let (rest, _) = demo.stop();
    let story = "\nWhat became of the story
  order     it was canceled
  payment   its message did not come
  invoice   nobody resolved its incident
";
    assert!(rest.contains(story) && !rest.contains("more instance"), "{rest}");
}

#[test]
fn its_short_help_fits_one_screen_and_its_long_help_has_the_rest() {
    let help = |how: &str| {
        let output = Command::new(binary()).args(["demo", how]).env("COLUMNS", "80").output();
        String::from_utf8(output.expect("the binary runs").stdout).expect("UTF-8")
    };
    let (short, long) = (help("-h"), help("--help"));
    assert!(short.lines().count() <= 23, "one line is the prompt's: {short}");
    assert!(short.lines().all(|line| line.chars().count() <= 80), "{short}");
    for setting in ["--data-dir", "--rest", "--grpc", "--management", "--cores", "--web"] {
        assert!(short.contains(setting) && long.contains(setting), "{setting}: {short}");
    }
    assert!(!short.contains("--request-bytes-max") && long.contains("--request-bytes-max"), "{short}");
    let first: Vec<&str> = long.lines().take(24).collect();
    assert!(first.iter().any(|line| line.contains("--rest")), "{long}");
}

#[test]
fn its_data_stays_where_that_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let demo =
        Demo::start(&["--data-dir", data.to_str().expect("UTF-8"), "--no-secondary-storage", "--web", "off"]);
    // Without searches nobody knows the keys of tasks, and nothing is said of pages that are not there.
    assert!(demo.said.iter().any(|line| line.starts_with("Nothing can be searched")), "{:#?}", demo.said);
    assert!(!demo.said.iter().any(|line| line.contains("browser")), "{:#?}", demo.said);
    let (rest, _) = demo.stop();
    assert!(rest.contains(&format!("its data is in {}\n", data.display())), "{rest}");
    let again = format!(" start --data-dir {} --cores 0 {} --no-secondary", data.display(), PORTS.join(" "));
    assert!(rest.contains(&again) && rest.contains("with this data and with models of your own"), "{rest}");
    assert!(Path::new(&data).is_dir());
    let help = Command::new(binary()).args(["demo", "--help"]).output().expect("the binary runs");
    let help = String::from_utf8(help.stdout).expect("UTF-8");
    assert!(help.contains("which stays [default: one of its own") && !help.contains("--tls-cert"), "{help}");
}
