//! The loop: makes inputs, runs a target's check on each, and says exactly what to do with one that fails.
//!
//! A check fails by a panic, by taking too long, or by allocating too much. A failing input is shrunk and printed with the command that
//! runs it again. What ends the whole process (a stack overflow, an endless loop) leaves its input in a file.

use crate::mutate::{Material, mutate};
use crate::rng::Rng;
use std::cell::Cell;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Seek, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

/// Seed unless told otherwise.
const SEED_DEFAULT: u64 = 1;
/// Time of each target unless told otherwise, seconds.
const SECONDS_DEFAULT: f64 = 1.0;
/// Inputs that showed something new and are kept to be mutated further.
const POOL_MAX: usize = 1_024;
/// After this time without an end an input is reported, and the process ended.
const HANG: Duration = Duration::from_secs(60);
/// Runs of a failing input while it is shrunk.
const SHRINK_RUNS_MAX: usize = 3_000;
/// Inputs longer than this are described, not printed.
const PRINTED_BYTES_MAX: usize = 4_096;

/// Something that reads bytes, with what is needed to try it.
pub struct Target {
    /// As on the command line.
    pub name: &'static str,
    /// Inputs to begin with, most of them valid.
    pub corpus: fn() -> Vec<Vec<u8>>,
    /// Pieces of its grammar.
    pub tokens: &'static [&'static str],
    /// Bytes that an input may have.
    pub length_max: usize,
    /// Bytes that one run may have allocated at a time, whatever the input, ...
    pub memory_base: u64,
    /// ... and for each byte of it.
    pub memory_per_byte: u64,
    /// How long one run may take; generous, since machines are slow and busy.
    pub time_max: Duration,
    /// Panics when something is wrong. What it returns says what it saw: equal numbers for what is alike.
    pub check: fn(&[u8]) -> u64,
}

/// How to run.
pub struct Settings {
    /// How long.
    pub time: Duration,
    /// Of the first input.
    pub seed: u64,
    /// Where the input under way is kept; a folder.
    pub scratch: PathBuf,
}

impl Settings {
    /// By `RINGBOLT_FUZZ_SECONDS` and `RINGBOLT_FUZZ_SEED` (a number, or `random`).
    ///
    /// # Panics
    /// When they make no sense.
    pub fn from_env(scratch: PathBuf) -> Self {
        let seconds = std::env::var("RINGBOLT_FUZZ_SECONDS").ok();
        let seconds =
            seconds.map_or(SECONDS_DEFAULT, |text| text.parse().expect("RINGBOLT_FUZZ_SECONDS is a number"));
        let seed = match std::env::var("RINGBOLT_FUZZ_SEED").as_deref() {
            Err(_) => SEED_DEFAULT,
            Ok("random") => {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                now.map_or(SEED_DEFAULT, |now| now.as_nanos() as u64)
            }
            Ok(text) => text.parse().expect("RINGBOLT_FUZZ_SEED is a number or 'random'"),
        };
        Self { time: Duration::from_secs_f64(seconds), seed, scratch }
    }
}

/// A number for what was seen: the words of a text, not its numbers or what it quotes.
pub fn signature(text: &str) -> u64 {
    let mut quoted = false;
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in text.bytes().take(200) {
        match byte {
            b'"' | b'\'' => quoted = !quoted,
            letter if letter.is_ascii_alphabetic() && !quoted => {
                hash = (hash ^ u64::from(letter)).wrapping_mul(0x0100_0000_01b3);
            }
            _ => {}
        }
    }
    hash
}

/// How one input went.
#[derive(Debug)]
enum Outcome {
    Fine(u64),
    Panicked(String),
    Slow(Duration),
    Greedy(u64),
}

impl Outcome {
    fn failure(&self) -> Option<String> {
        match self {
            Self::Fine(_) => None,
            Self::Panicked(message) => Some(format!("panicked: {message}")),
            Self::Slow(time) => Some(format!("took {} ms", time.as_millis())),
            Self::Greedy(bytes) => Some(format!("allocated {bytes} bytes at a time")),
        }
    }
}

thread_local! {
    /// Panics of this thread are expected and not to be printed.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Keeps panics silent while an input is shrunk.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
}

fn run_once(target: &Target, input: &[u8]) -> Outcome {
    let mut result = Ok(0);
    let begun = Instant::now();
    let allocated = allocation_counter::measure(|| {
        result = panic::catch_unwind(AssertUnwindSafe(|| (target.check)(input)));
    });
    let took = begun.elapsed();
    let seen = match result {
        Ok(seen) => seen,
        Err(payload) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            return Outcome::Panicked(text.unwrap_or("without a message").to_owned());
        }
    };
    if allocated.bytes_max > target.memory_base + target.memory_per_byte * input.len() as u64 {
        return Outcome::Greedy(allocated.bytes_max);
    }
    if took > target.time_max { Outcome::Slow(took) } else { Outcome::Fine(seen) }
}

/// Runs an input; one that is slow gets further chances, since the machine may have been busy.
fn judge(target: &Target, input: &[u8]) -> Outcome {
    let mut outcome = run_once(target, input);
    for _ in 0..2 {
        if matches!(outcome, Outcome::Slow(_)) {
            outcome = run_once(target, input);
        }
    }
    outcome
}

/// Removes what the failure does not need, keeping to the same failure.
fn shrink(target: &Target, mut input: Vec<u8>, what: &str) -> Vec<u8> {
    let kind = |what: &str| signature(what.lines().next().unwrap_or_default());
    let is_same = |outcome: &Outcome| outcome.failure().is_some_and(|other| kind(&other) == kind(what));
    QUIET.set(true);
    let mut runs = 0;
    let mut piece = input.len().div_ceil(2);
    while piece > 0 && runs < SHRINK_RUNS_MAX {
        let mut at = 0;
        while at < input.len() && runs < SHRINK_RUNS_MAX {
            let mut shorter = input.clone();
            shorter.drain(at..(at + piece).min(input.len()));
            runs += 1;
            if is_same(&judge(target, &shorter)) {
                input = shorter;
            } else {
                at += piece;
            }
        }
        piece = if piece == 1 { 0 } else { piece.div_ceil(2) };
    }
    QUIET.set(false);
    input
}

fn report(target: &Target, input: &[u8], origin: &str, what: &str) -> String {
    let mut text = format!("target {}: {what}\n{origin}\n", target.name);
    if input.len() <= PRINTED_BYTES_MAX {
        let escaped = input.escape_ascii().to_string().replace("\\'", "'").replace('\'', "\\x27");
        let _ =
            write!(text, "again: cargo run -p ringbolt-fuzz --example fuzz -- {} '{escaped}'", target.name);
    } else {
        let _ = write!(
            text,
            "an input of {} bytes that begins with {}",
            input.len(),
            input[..200].escape_ascii()
        );
    }
    text
}

/// Ends the process when one input takes for ever; the input is in the file that it names.
struct Watchdog {
    done: Arc<AtomicBool>,
    inputs: Arc<AtomicU64>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watchdog {
    fn start(name: &'static str, path: PathBuf) -> Self {
        let (done, inputs) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (ended, count) = (done.clone(), inputs.clone());
        let thread = std::thread::spawn(move || {
            let (mut seen, mut since) = (0, Instant::now());
            while !ended.load(Ordering::Relaxed) {
                std::thread::park_timeout(HANG / 10);
                let now = count.load(Ordering::Relaxed);
                if now != seen {
                    (seen, since) = (now, Instant::now());
                } else if since.elapsed() > HANG && !ended.load(Ordering::Relaxed) {
                    eprintln!("target {name}: no end after {HANG:?}; the input is in {}", path.display());
                    std::process::exit(101);
                }
            }
        });
        Self { done, inputs, thread: Some(thread) }
    }

    fn next_input(&self) {
        self.inputs.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It does not panic.
            let _ = thread.join();
        }
    }
}

/// Runs one input.
///
/// # Errors
/// What was wrong.
pub fn run_input(target: &Target, input: &[u8]) -> Result<(), String> {
    match judge(target, input).failure() {
        None => Ok(()),
        Some(what) => Err(report(target, input, "given by hand", &what)),
    }
}

/// Runs a target for its time; how many inputs it took.
///
/// # Errors
/// What was wrong with which input, and how to run it again.
///
/// # Panics
/// When the scratch folder cannot be written to.
pub fn run(target: &Target, settings: &Settings) -> Result<u64, String> {
    install_hook();
    let path = settings.scratch.join(format!("fuzz-{}-{}.input", target.name, std::process::id()));
    let mut under_way = File::create(&path).expect("the scratch folder can be written to");
    let watchdog = Watchdog::start(target.name, path.clone());
    println!("target {}: seed {}, input under way in {}", target.name, settings.seed, path.display());
    let corpus = (target.corpus)();
    let corpus_length = corpus.len();
    let mut pool = Vec::with_capacity(POOL_MAX);
    let mut seen = std::collections::HashSet::new();
    let mut rng = Rng(settings.seed);
    let begun = Instant::now();
    let mut number = 0;
    while number < corpus_length as u64 || begun.elapsed() < settings.time {
        let input = match corpus.get(usize::try_from(number).unwrap_or(usize::MAX)) {
            Some(input) => input.clone(),
            None => {
                let base = rng.below(pool.len());
                let material = Material { tokens: target.tokens, pool: &pool, length_max: target.length_max };
                mutate(&mut rng, &pool[base], &material)
            }
        };
        let written = under_way.rewind().and_then(|()| under_way.write_all(&input));
        written
            .and_then(|()| under_way.set_len(input.len() as u64))
            .expect("the scratch file can be written");
        watchdog.next_input();
        match judge(target, &input) {
            Outcome::Fine(what) => {
                let is_new = seen.insert(what);
                if number < corpus_length as u64 || (is_new && pool.len() < POOL_MAX) {
                    pool.push(input);
                } else if is_new {
                    let place = corpus_length + rng.below(POOL_MAX - corpus_length);
                    pool[place] = input;
                }
            }
            failure => {
                let what = failure.failure().unwrap_or_default();
                let origin =
                    format!("seed {}, input {number}, {} bytes before shrinking", settings.seed, input.len());
                let small = shrink(target, input, &what);
                return Err(report(target, &small, &origin, &what));
            }
        }
        number += 1;
    }
    println!("target {}: {number} inputs, {} kinds of outcome", target.name, seen.len());
    drop(watchdog);
    // What is left behind is only of use after a crash.
    let _ = std::fs::remove_file(&path);
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::{Settings, Target, run, signature};
    use std::time::Duration;

    fn target(check: fn(&[u8]) -> u64) -> Target {
        Target {
            name: "test",
            corpus: || vec![b"hello {\"a\":1}".to_vec()],
            tokens: &["bang"],
            length_max: 1_000,
            memory_base: 10_000,
            memory_per_byte: 10,
            time_max: Duration::from_secs(5),
            check,
        }
    }

    fn settings() -> Settings {
        Settings { time: Duration::from_secs(5), seed: 7, scratch: std::env::temp_dir() }
    }

    #[test]
    fn a_panic_is_found_and_shrunk() {
        let bad = target(|input| {
            assert!(!input.windows(4).any(|window| window == b"bang"), "found it");
            0
        });
        let error = run(&bad, &settings()).expect_err("it panics");
        assert!(error.contains("panicked: found it") && error.contains("-- test 'bang'"), "{error}");
    }

    #[test]
    fn greed_is_found() {
        let bad = target(|input| {
            let bytes = if input.contains(&b'x') { 1 << 20 } else { 10 };
            std::hint::black_box(vec![1u8; bytes]).len() as u64
        });
        let error = run(&bad, &settings()).expect_err("it allocates");
        assert!(error.contains("allocated 1048576 bytes") && error.contains("-- test 'x'"), "{error}");
    }

    #[test]
    fn signatures_are_of_the_words() {
        assert_eq!(signature("at 1:17, found \"x\""), signature("at 2:3, found \"yz\""));
        assert_ne!(signature("expected a"), signature("expected b"));
    }
}
