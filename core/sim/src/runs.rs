//! Whole runs from one seed, and what to tell when one fails: the seed, the cause and the end of the trace.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use crate::disk::Tear;
use crate::random::Random;
use crate::report::Report;
use crate::settings::Settings;
use crate::trace::Trace;
use crate::workload::Clients;
use crate::world::{Stepped, World, WriteFault};

/// In a run over all crash points, one of this many goes on after its crash.
const BRANCH_ODDS: u64 = 16;
/// Client commands of such a branch.
const BRANCH_COMMANDS: u32 = 6;

/// A run that found something.
#[derive(Debug, thiserror::Error)]
#[error("seed {seed}, rounds {rounds:?}: {cause}\nthe end of its trace:\n{tail}")]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// Client commands of each round.
    pub rounds: Vec<u32>,
    /// What went wrong.
    pub cause: String,
    /// The last lines of the trace.
    pub tail: String,
}

/// Client commands before each crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounds(pub Vec<u32>);

impl Rounds {
    /// One to three rounds, the first the longest.
    #[must_use]
    pub fn for_seed(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x0072_6f75_6e64_7300);
        let mut rounds = vec![1 + random.below(100) as u32];
        for _ in 0..random.below(3) {
            rounds.push(random.below(30) as u32);
        }
        Self(rounds)
    }
}

/// Runs something to its end; a panic becomes the failure's cause.
fn caught<T>(
    seed: u64,
    rounds: &[u32],
    trace: &Rc<RefCell<Trace>>,
    run: impl FnOnce(Rc<RefCell<Trace>>) -> T,
) -> Result<T, Box<Failure>> {
    let shared = trace.clone();
    catch_unwind(AssertUnwindSafe(move || run(shared))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let cause = text.unwrap_or_else(|| "it panicked".to_owned());
        let tail = trace.borrow().tail();
        Box::new(Failure { seed, rounds: rounds.to_vec(), cause, tail })
    })
}

/// A workload in rounds, each ended by a crash or a failed write and a restart; then it comes to rest, and starts
/// once more.
///
/// # Errors
/// What went wrong, with the trace.
pub fn run_rounds(seed: u64, rounds: &Rounds, trace: Trace) -> Result<(Report, Trace), Box<Failure>> {
    let trace = Rc::new(RefCell::new(trace));
    let report = caught(seed, &rounds.0, &trace, |trace| rounds_of(seed, &rounds.0, trace))?;
    let trace = trace.borrow().clone();
    Ok((report, trace))
}

fn rounds_of(seed: u64, rounds: &[u32], trace: Rc<RefCell<Trace>>) -> Report {
    let mut world = World::new(seed, Settings::for_seed(seed), trace);
    for &commands in rounds {
        world.run_commands(commands);
        let steps = world.random.below(12) as u32;
        world.run_background(steps);
        end_round(&mut world);
        world.restart().unwrap_or_else(|error| panic!("a start after a crash was refused: {error}"));
    }
    world.run_commands(10);
    world.drain();
    world.crash(Tear::Nothing);
    world.restart().unwrap_or_else(|error| panic!("the last start was refused: {error}"));
    world.report()
}

/// Mostly a crash; sometimes a write that fails first.
fn end_round(world: &mut World) {
    if world.random.one_in(2) {
        world.start_write();
    }
    let bytes = world.in_flight_bytes();
    let tear = Tear::any(&mut world.random, bytes);
    let fault = match world.random.below(6) {
        0 => Some(WriteFault::Failed(tear)),
        1 => Some(WriteFault::Short),
        _ => None,
    };
    if fault.is_some() && (bytes > 0 || world.start_write()) {
        world.finish_write(fault);
        world.run_commands(3);
        assert!(world.stopped().is_some(), "a failed write stops the node");
        assert_eq!(world.waiting(), 0, "nobody waits for a stopped node");
    }
    world.crash(tear);
}

/// As [`run_rounds`]; a failure is tried again with fewer and fewer commands, and the shortest one is reported.
///
/// # Errors
/// What went wrong, with the shortest trace that was found.
pub fn run_rounds_or_shrink(seed: u64, rounds: &Rounds) -> Result<Report, Box<Failure>> {
    let failure = match run_rounds(seed, rounds, Trace::new()) {
        Ok((report, _)) => return Ok(report),
        Err(failure) => failure,
    };
    for at in 0..rounds.0.len() {
        for commands in 0..=rounds.0[at] {
            let shorter = Rounds([&rounds.0[..at], &[commands]].concat());
            run_rounds(seed, &shorter, Trace::new())?;
        }
    }
    Err(failure)
}

/// A workload of this many commands, with a crash tried on the side after every step of it, in several ways when a
/// write is in flight. Some of the crashed branches go on.
///
/// # Errors
/// What went wrong, with the trace.
pub fn run_every_crash_point(seed: u64, commands: u32) -> Result<Report, Box<Failure>> {
    let trace = Rc::new(RefCell::new(Trace::new()));
    caught(seed, &[commands], &trace, |trace| {
        let mut world = World::new(seed, Settings::for_seed(seed), trace);
        let mut side = Random::new(seed ^ 0x7369_6465);
        let mut left = commands;
        while left > 0 {
            match world.step(Clients::act) {
                Stepped::Nothing => continue,
                Stepped::Client => left -= 1,
                Stepped::Other => {}
            }
            crash_here(&mut world, &mut side);
        }
        world.drain();
        crash_here(&mut world, &mut side);
        world.report()
    })
}

fn crash_here(world: &mut World, side: &mut Random) {
    let bytes = world.in_flight_bytes();
    let mut tears = vec![Tear::Nothing];
    if bytes > 0 {
        tears.push(Tear::Whole);
        tears.push(Tear::any(side, bytes));
        tears.push(Tear::Scattered { seed: side.next_number(), dense: side.one_in(2) });
    }
    world.report.crash_points += 1;
    for tear in tears {
        world.report.crash_images += 1;
        let file_job_done = side.one_in(2);
        if let Err(error) = world.check_crash(tear, file_job_done) {
            panic!("a crash here ({tear:?}, file job done: {file_job_done}) makes a start refuse: {error}");
        }
    }
    if side.one_in(BRANCH_ODDS) {
        let tear = Tear::any(side, bytes);
        let branch = world.branch_after_crash(tear, side.fork());
        let mut branch = branch.unwrap_or_else(|error| panic!("a branch ({tear:?}) is refused: {error}"));
        branch.run_commands(BRANCH_COMMANDS);
        branch.drain();
        branch.crash(Tear::Nothing);
        branch.restart().unwrap_or_else(|error| panic!("a branch's second start is refused: {error}"));
    }
}
