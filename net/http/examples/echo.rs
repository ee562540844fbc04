//! An echo server on pinned cores, to measure what a request costs below everything of Ringbolt's own:
//! `cargo run --release -p ringbolt-http --example echo -- [CPU[,CPU...]] [ADDR] [auto|io_uring|epoll]`, then wrk or h2load against
//! `/`. It prints requests and CPU time per request every second.

use std::{
    net::SocketAddr,
    process::ExitCode,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{Request, Response};
use ringbolt_http::{Body, Incoming, Limits, Server, balance};
use ringbolt_ring::{Cores, CoresConfig, DriverChoice, Signals, net::bind, time};

const REPLY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// One counter per core, each on its own cache line.
#[repr(align(64))]
#[derive(Default)]
struct Counter(AtomicU64);

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let cpus = args.next().unwrap_or_else(|| "0".to_owned());
    let Ok(cpus) = cpus.split(',').map(str::parse).collect::<Result<Vec<usize>, _>>() else {
        return fail("the CPUs are numbers");
    };
    let Ok(addr) = args.next().unwrap_or_else(|| "127.0.0.1:8099".to_owned()).parse::<SocketAddr>() else {
        return fail("the address is IP:PORT");
    };
    let driver = match args.next().as_deref() {
        None | Some("auto") => DriverChoice::Auto,
        Some("io_uring") => DriverChoice::IoUring,
        Some("epoll") => DriverChoice::Epoll,
        Some(other) => return fail(&format!("unknown driver {other}")),
    };
    let listeners = match bind(addr, cpus.len()) {
        Ok(listeners) => listeners,
        Err(error) => return fail(&error.to_string()),
    };
    let seats = balance::seats(cpus.len());
    let loads = seats[0].loads();
    let parts: Vec<_> = listeners.into_iter().zip(seats).map(Some).collect();
    let parts = Mutex::new(parts);
    let counters: Arc<[Counter]> = cpus.iter().map(|_| Counter::default()).collect();
    let counting = counters.clone();
    let config = CoresConfig { driver, signals: Signals::Handle, ..CoresConfig::pinned(cpus) };
    let cores = Cores::<std::io::Error>::start(&config, move |core| {
        let part = parts.lock().ok().and_then(|mut parts| parts[core.index].take());
        let counters = counting.clone();
        async move {
            let Some((listener, seat)) = part else { return Ok(()) };
            let answer = move |_request: Request<Incoming>| {
                let counter = &counters[core.index].0;
                // Only this core writes it: no read-modify-write is needed.
                counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                std::future::ready(Response::new(Body::full(REPLY)))
            };
            let server = Server::new(Limits::default(), answer, Some(seat));
            server.start(listener.into_listener()?);
            core.shutdown.wait().await;
            server.stop(Duration::from_secs(5)).await;
            Ok(())
        }
    });
    let cores = match cores {
        Ok(cores) => cores,
        Err(error) => return fail(&error.to_string()),
    };
    println!("listening on {addr} with {}", cores.driver());
    let mut before = (0, cpu_seconds(), time::now());
    while !cores.shutdown().is_triggered() {
        std::thread::sleep(Duration::from_secs(1));
        let requests: u64 = counters.iter().map(|counter| counter.0.load(Ordering::Relaxed)).sum();
        let now = (requests, cpu_seconds(), time::now());
        let (new, cpu, wall) = (now.0 - before.0, now.1 - before.1, (now.2 - before.2).as_secs_f64());
        if new > 0 {
            println!(
                "{:8.0} requests/s  {:5.2} us CPU each  {:4.2} cores  connections {:?}",
                new as f64 / wall,
                cpu * 1e6 / new as f64,
                cpu / wall,
                loads.per_core()
            );
        }
        before = now;
    }
    match cores.join() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    /// Linux reports process times in units of 10 ms.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The fields follow the name, which ends with the last parenthesis.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}
