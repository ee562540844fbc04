//! One-task instances in a closed loop, over one connection of gRPC, with as little of the CPU as that can take.
//!
//! `lean GRPC SERVER_PID [IN_FLIGHT] [PAYLOAD] [WARM-UP] [SECONDS]` prints a line of JSON: what was completed a second, and the CPU an instance took of the
//! server and of this tool, microseconds. The process `one_task` (job type `work`) is to be deployed.
//!
//! `bench` says far more, and takes more of a CPU than the server for it. Where server and load share the CPUs of a small machine, that is what is
//! measured. Here all requests are put together beforehand, and of the answers no more is read than whether there is one: a
//! call that succeeded has a message, one that failed has none.

use prost::encoding::{int32, int64, string};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use std::{env, fs, process};

/// Of the settings and windows of HTTP/2 (RFC 9113).
const WINDOW_MAX: u32 = (1 << 31) - 1;
const WINDOW_FIRST: u32 = 65_535;
/// What was read is given back in pieces of so many bytes.
const RETURN_BYTES: u32 = 1 << 24;
const FRAME_HEAD: usize = 9;
/// The stream of jobs.
const JOBS: u32 = 1;
/// Frames.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
/// Their flags.
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
/// Clock ticks of a second in what the kernel tells of processes.
const TICKS: f64 = 100.0;

/// What a call is, and whether it has an answer.
#[derive(Clone, Copy)]
struct Call {
    is_create: bool,
    has_message: bool,
}

struct Load {
    socket: TcpStream,
    out: Vec<u8>,
    /// The heads of requests, as HPACK (RFC 7541) without its table.
    create_head: Vec<u8>,
    complete_head: Vec<u8>,
    create: Vec<u8>,
    /// Calls by their streams, of which `2 n - 1` is the `n`th; the first of them is the `first`th.
    calls: VecDeque<Option<Call>>,
    first: u32,
    /// Bytes that were read and not given back: of all streams, and of the jobs.
    unreturned: u32,
    jobs_unreturned: u32,
    /// Bytes that may be sent.
    window: i64,
    /// The part of a message of the stream of jobs that is there.
    job: Vec<u8>,
    completed: u64,
    refused: u64,
}

/// A message as gRPC frames it.
fn message(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("messages are small").to_be_bytes();
    [&[0], &length[..], body].concat()
}

fn head(authority: &str, method: &str) -> Vec<u8> {
    let text = |to: &mut Vec<u8>, text: &str| {
        assert!(text.len() < 127, "lengths of one byte");
        to.push(text.len() as u8);
        to.extend_from_slice(text.as_bytes());
    };
    // `:method` POST, `:scheme` http.
    let mut block = vec![0x83, 0x86];
    // `:path`, `:authority` and `content-type` by the names' places in the static table, literals that are not kept.
    block.push(0x04);
    text(&mut block, &format!("/gateway_protocol.Gateway/{method}"));
    block.push(0x01);
    text(&mut block, authority);
    block.extend([0x0f, 31 - 15]);
    text(&mut block, "application/grpc");
    block.push(0);
    text(&mut block, "te");
    text(&mut block, "trailers");
    block
}

fn frame(to: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    to.extend_from_slice(&u32::try_from(payload.len()).expect("frames are small").to_be_bytes()[1..]);
    to.extend([kind, flags]);
    to.extend_from_slice(&stream.to_be_bytes());
    to.extend_from_slice(payload);
}

impl Load {
    fn connect(grpc: &str, payload: usize) -> std::io::Result<Load> {
        let socket = TcpStream::connect(grpc)?;
        socket.set_nodelay(true)?;
        let mut create = Vec::new();
        string::encode(2, &"one_task".to_owned(), &mut create);
        // The latest version.
        int32::encode(3, &-1, &mut create);
        let filler = "x".repeat(payload.saturating_sub(r#"{"payload":""}"#.len()));
        string::encode(4, &format!(r#"{{"payload":"{filler}"}}"#), &mut create);
        let mut jobs = Vec::new();
        string::encode(1, &"work".to_owned(), &mut jobs);
        string::encode(2, &"lean".to_owned(), &mut jobs);
        int64::encode(3, &60_000, &mut jobs);
        let mut out = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        // The table of header fields has no room, so that blocks of answers need no reader; streams have the largest window.
        let settings = [&[0, 1, 0, 0, 0, 0, 0, 4], &WINDOW_MAX.to_be_bytes()[..]].concat();
        frame(&mut out, SETTINGS, 0, 0, &settings);
        frame(&mut out, WINDOW_UPDATE, 0, 0, &(WINDOW_MAX - WINDOW_FIRST).to_be_bytes());
        frame(&mut out, HEADERS, END_HEADERS, JOBS, &head(grpc, "StreamActivatedJobs"));
        let jobs = message(&jobs);
        frame(&mut out, DATA, END_STREAM, JOBS, &jobs);
        Ok(Load {
            socket,
            out,
            create_head: head(grpc, "CreateProcessInstance"),
            complete_head: head(grpc, "CompleteJob"),
            create: message(&create),
            calls: [None].into(),
            first: 1,
            unreturned: 0,
            jobs_unreturned: 0,
            window: i64::from(WINDOW_FIRST) - jobs.len() as i64,
            job: Vec::new(),
            completed: 0,
            refused: 0,
        })
    }

    fn call(&mut self, is_create: bool, body: &[u8]) {
        let stream = 2 * (self.first + self.calls.len() as u32) - 1;
        let head = if is_create { &self.create_head } else { &self.complete_head };
        frame(&mut self.out, HEADERS, END_HEADERS, stream, head);
        frame(&mut self.out, DATA, END_STREAM, stream, body);
        self.window -= body.len() as i64;
        self.calls.push_back(Some(Call { is_create, has_message: false }));
    }

    fn create(&mut self) {
        let body = std::mem::take(&mut self.create);
        self.call(true, &body);
        self.create = body;
    }

    fn on_frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        match kind {
            DATA => {
                self.unreturned += payload.len() as u32;
                if stream == JOBS {
                    self.jobs_unreturned += payload.len() as u32;
                    self.on_jobs(payload);
                } else if let Some(call) = self.called(stream) {
                    call.has_message |= !payload.is_empty();
                }
            }
            SETTINGS if flags & ACK == 0 => frame(&mut self.out, SETTINGS, ACK, 0, &[]),
            PING if flags & ACK == 0 => frame(&mut self.out, PING, ACK, 0, payload),
            WINDOW_UPDATE if stream == 0 => {
                let more = payload.first_chunk().map(|more| u32::from_be_bytes(*more));
                self.window += i64::from(more.unwrap_or_default());
            }
            RESET | GO_AWAY => fail(&format!("the server ends stream {stream}: {payload:?}")),
            _ => {}
        }
        if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
            self.on_end(stream);
        }
    }

    fn called(&mut self, stream: u32) -> Option<&mut Call> {
        let place = (stream / 2 + 1).checked_sub(self.first)?;
        self.calls.get_mut(place as usize)?.as_mut()
    }

    fn on_end(&mut self, stream: u32) {
        if stream == JOBS {
            fail("the stream of jobs has ended");
        }
        let Some(call) = self.called(stream).copied() else { return };
        let place = (stream / 2 + 1 - self.first) as usize;
        self.calls[place] = None;
        while self.calls.len() > 1 && self.calls[0].is_none() {
            self.calls.pop_front();
            self.first += 1;
        }
        match call {
            Call { is_create: false, has_message: true } => {
                self.completed += 1;
                self.create();
            }
            Call { has_message: true, .. } => {}
            Call { is_create, .. } => {
                self.refused += 1;
                if is_create {
                    self.create();
                }
            }
        }
    }

    /// Completes the jobs whose messages are whole.
    fn on_jobs(&mut self, piece: &[u8]) {
        self.job.extend_from_slice(piece);
        let job = std::mem::take(&mut self.job);
        let mut rest = &job[..];
        while let Some((length, body)) = rest.split_first_chunk::<5>() {
            let length = u32::from_be_bytes([length[1], length[2], length[3], length[4]]) as usize;
            let Some((body, after)) = body.split_at_checked(length) else { break };
            rest = after;
            // The key is the first field.
            let end = body.iter().skip(1).position(|byte| byte & 0x80 == 0).map(|end| end + 2);
            match (body.first(), end) {
                (Some(0x08), Some(end)) => self.call(false, &message(&body[..end])),
                _ => fail("a job begins with its key"),
            }
        }
        self.job = rest.to_vec();
    }

    /// Reads what there is, and answers it.
    fn turn(&mut self, input: &mut Vec<u8>, piece: &mut [u8]) -> std::io::Result<()> {
        self.socket.write_all(&self.out)?;
        self.out.clear();
        let read = self.socket.read(piece)?;
        if read == 0 {
            fail("the server closed the connection");
        }
        input.extend_from_slice(&piece[..read]);
        let whole = std::mem::take(input);
        let mut rest = &whole[..];
        while let Some((head, body)) = rest.split_first_chunk::<FRAME_HEAD>() {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let Some((payload, after)) = body.split_at_checked(length) else { break };
            rest = after;
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            self.on_frame(head[3], head[4], stream, payload);
        }
        *input = rest.to_vec();
        if self.unreturned > RETURN_BYTES {
            frame(&mut self.out, WINDOW_UPDATE, 0, 0, &self.unreturned.to_be_bytes());
            self.unreturned = 0;
        }
        if self.jobs_unreturned > RETURN_BYTES {
            frame(&mut self.out, WINDOW_UPDATE, 0, JOBS, &self.jobs_unreturned.to_be_bytes());
            self.jobs_unreturned = 0;
        }
        if self.window < 0 {
            fail("more is sent than the server's window has room for");
        }
        Ok(())
    }
}

fn fail(why: &str) -> ! {
    eprintln!("error: {why}");
    process::exit(1)
}

/// CPU that a process has used, microseconds.
fn cpu_us(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / TICKS * 1e6
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [grpc, server, rest @ ..] = &arguments[..] else {
        fail("usage: lean GRPC SERVER_PID [IN_FLIGHT, 256] [PAYLOAD, 1024] [WARM-UP, 3] [SECONDS, 8]")
    };
    let number = |place: usize, default: usize| {
        rest.get(place)
            .map_or(default, |text| text.parse().unwrap_or_else(|_| fail(&format!("{text} is no number"))))
    };
    let (in_flight, payload) = (number(0, 256), number(1, 1024));
    let seconds = |count: usize| Duration::from_secs(count as u64);
    let (warm_up, run) = (seconds(number(2, 3)), seconds(number(3, 8)));
    let mut load = Load::connect(grpc, payload)?;
    let (mut input, mut piece) = (Vec::new(), vec![0; 1 << 18]);
    // The server tells its window in the beginning.
    while load.window < (in_flight * load.create.len()) as i64 {
        load.turn(&mut input, &mut piece)?;
    }
    (0..in_flight).for_each(|_| load.create());
    let began = Instant::now();
    while began.elapsed() < warm_up {
        load.turn(&mut input, &mut piece)?;
    }
    let (measured, completed, refused) = (Instant::now(), load.completed, load.refused);
    let (of_server, of_load) = (cpu_us(server), cpu_us("self"));
    while measured.elapsed() < run {
        load.turn(&mut input, &mut piece)?;
    }
    let count = (load.completed - completed) as f64;
    println!(
        r#"{{"completed_per_second":{:.0},"refused":{},"server_us":{:.2},"load_us":{:.2}}}"#,
        count / measured.elapsed().as_secs_f64(),
        load.refused - refused,
        (cpu_us(server) - of_server) / count,
        (cpu_us("self") - of_load) / count,
    );
    Ok(())
}
