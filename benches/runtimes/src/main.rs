//! The runtimes that could carry Ringbolt's cores, side by side: the same hyper service on each, and durable appends.
//!
//! `ringbolt-bench-runtimes [http|append] [--seconds N] [--rounds N] [--server-cpu N] [--load-cpu N] [--dir DIR]
//! [--history FILE --commit C --machine M]`
//!
//! Each server is a process of its own (this binary with `serve`), pinned to one CPU; the load is pinned to another.
//! Rounds are interleaved; per row the round with the most requests counts, and of processor time the least, because
//! other work on the machine only ever adds.

mod cpu;
mod durable;
mod load;
mod options;
mod report;
mod servers;
mod service;

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use durable::Engine;
use load::Shape;
use options::{Options, What};
use report::Best;
use service::{Protocol, Runtime};

const WARM_UP: Duration = Duration::from_millis(500);

const SHAPES: [(&str, Shape); 3] = [
    ("h1 c64", Shape { protocol: Protocol::Http1, connections: 64, outstanding: 1 }),
    ("h2 c16 m32", Shape { protocol: Protocol::Http2, connections: 16, outstanding: 32 }),
    ("h2 c16 m1", Shape { protocol: Protocol::Http2, connections: 16, outstanding: 1 }),
];

/// A server process; killed when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(runtime: Runtime, protocol: Protocol, cpu: usize) -> io::Result<Server> {
        let protocol = if protocol == Protocol::Http1 { "h1" } else { "h2" };
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", runtime.name(), protocol, &cpu.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let mut server = Server { child, port: 0 };
        server.port = line.trim().parse().map_err(|_| io::Error::other("the server names no port"))?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing can be done for a process that cannot even be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(arguments: &[String]) -> io::Result<()> {
    let [runtime, protocol, cpu] = arguments else {
        return Err(io::Error::other("serve RUNTIME h1|h2 CPU"));
    };
    let runtime = Runtime::ALL.into_iter().find(|known| known.name() == runtime);
    let runtime = runtime.ok_or_else(|| io::Error::other("an unknown runtime"))?;
    let protocol = if protocol == "h1" { Protocol::Http1 } else { Protocol::Http2 };
    cpu::pin(cpu.parse().map_err(io::Error::other)?)?;
    servers::run(runtime, protocol)
}

fn http(options: &Options) -> io::Result<()> {
    let mut best: Vec<Best> = Vec::new();
    for (name, _) in SHAPES {
        best.extend(Runtime::ALL.map(|runtime| Best::new(format!("{} {name}", runtime.name()))));
    }
    for _ in 0..options.rounds {
        let mut rows = best.iter_mut();
        for (_, shape) in SHAPES {
            for runtime in Runtime::ALL {
                let server = Server::start(runtime, shape.protocol, options.server_cpu)?;
                let time = || cpu::time_of(server.child.id());
                let counted = load::run(server.port, shape, WARM_UP, options.time, &time)?;
                if let Some(row) = rows.next() {
                    let cpu = counted.server_cpu;
                    row.take(counted.requests, counted.elapsed, cpu, &counted.latencies);
                }
            }
        }
    }
    report::print("requests", &best);
    report::history(options, "runtimes", "request", &best)
}

fn append(options: &Options) -> io::Result<()> {
    let path = options.directory.join(format!("ringbolt-bench-append-{}", std::process::id()));
    durable::prepare(&path)?;
    let result = append_to(options, &path);
    std::fs::remove_file(&path)?;
    result
}

fn append_to(options: &Options, path: &Path) -> io::Result<()> {
    const SIZES: [usize; 2] = [4 << 10, 64 << 10];
    let mut best: Vec<Best> = Vec::new();
    for bytes in SIZES {
        best.extend(Engine::ALL.map(|engine| Best::new(format!("{} {} KiB", engine.name(), bytes >> 10))));
    }
    for _ in 0..options.rounds {
        let mut rows = best.iter_mut();
        for bytes in SIZES {
            for engine in Engine::ALL {
                let appended = durable::run(engine, path, bytes, options.time)?;
                if let Some(row) = rows.next() {
                    let count = appended.latencies.len();
                    row.take(count, appended.elapsed, appended.cpu, &appended.latencies);
                }
            }
        }
    }
    report::print("appends", &best);
    report::history(options, "durable_append", "append", &best)
}

fn run() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "serve") {
        return serve(&arguments[1..]);
    }
    let options = Options::parse(&arguments)?;
    cpu::pin(options.load_cpu)?;
    if options.what != What::Append {
        http(&options)?;
    }
    if options.what != What::Http {
        append(&options)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
