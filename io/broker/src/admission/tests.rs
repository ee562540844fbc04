//! A core in a model: what came is looked at, what ends work is handled, then the door lets some in.

use super::{Admission, QUEUE_MIN_SHEDDING};
use crate::flow_control::FlowControl;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

/// What a creation costs, its completion, and a refusal.
const CREATION: Duration = Duration::from_micros(25);
const COMPLETION: Duration = Duration::from_micros(20);
const REFUSED: Duration = Duration::from_micros(3);
/// Looking at a request's head, and making a task of it.
const SEEN: Duration = Duration::from_micros(2);
/// A client takes so long from a job to its completion, and between two waves ten times as long.
const WORK: Duration = Duration::from_millis(1);

/// New work that waits for its turn: when it came, when it came to the door, and its number there.
struct Waiting {
    came: Instant,
    entered: Instant,
    number: u64,
}

struct Core {
    admission: Admission,
    /// What a creation costs here.
    cost: Duration,
    completion: Duration,
    work: Duration,
    now: Instant,
    /// When the next creation comes.
    next: Instant,
    waiting: VecDeque<Waiting>,
    /// When completions come.
    completions: VecDeque<Instant>,
    accepted: u32,
    refused: u32,
    completed: u32,
    /// True ages of creations when they were handled, and of completions.
    ages: Vec<Duration>,
    completion_ages: Vec<Duration>,
    /// How long it was until creations were refused.
    refused_ages: Vec<Duration>,
    /// How long turns took that let some in.
    turns: Vec<Duration>,
    idle: Duration,
}

impl Core {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            admission: Admission::new(Arc::new(FlowControl::default())),
            cost: CREATION,
            completion: COMPLETION,
            work: WORK,
            now,
            next: now,
            waiting: VecDeque::new(),
            completions: VecDeque::new(),
            accepted: 0,
            refused: 0,
            completed: 0,
            ages: Vec::new(),
            completion_ages: Vec::new(),
            refused_ages: Vec::new(),
            turns: Vec::new(),
            idle: Duration::ZERO,
        }
    }

    fn forget(&mut self) {
        (self.accepted, self.refused, self.completed) = (0, 0, 0);
        self.ages.clear();
        self.completion_ages.clear();
        self.refused_ages.clear();
        self.turns.clear();
        self.idle = Duration::ZERO;
        self.next = self.next.max(self.now);
    }

    fn run(&mut self, per_second: f64, length: Duration) {
        self.forget();
        let end = self.now + length;
        let between = Duration::from_secs_f64(1.0 / per_second);
        while self.now < end {
            if self.waiting.is_empty() {
                let soonest = self.completions.front().map_or(self.next, |at| self.next.min(*at));
                self.idle += soonest.saturating_duration_since(self.now);
                self.now = self.now.max(soonest);
            }
            let round = self.now;
            let mut came = Vec::new();
            while self.next <= round {
                came.push(self.next);
                self.next += between;
            }
            self.turn(&came);
        }
        self.ages.sort();
        self.completion_ages.sort();
        self.refused_ages.sort();
        self.turns.sort();
    }

    /// Clients that have so many under way together, and send each again when it is answered, with a pause between.
    fn run_waves(&mut self, under_way: usize, length: Duration) {
        self.forget();
        let end = self.now + length;
        while self.now < end {
            self.turn(&vec![self.now; under_way]);
            while !self.waiting.is_empty() {
                self.turn(&[]);
            }
            self.now += 10 * WORK;
        }
    }

    /// One turn: heads are seen in the order of their coming, tasks run, the door lets some in.
    fn turn(&mut self, creations: &[Instant]) {
        let began = self.now;
        let mut passed = Vec::new();
        for came in creations {
            self.now += SEEN;
            if self.admission.limit().is_some() && self.admission.turns_away(self.now).0 {
                self.refuse(*came);
            } else {
                passed.push(*came);
            }
        }
        let looked = self.now;
        while let Some(came) = self.completions.pop_front_if(|came| *came <= looked) {
            self.admission.on_request(self.now);
            self.now += self.completion;
            self.completed += 1;
            self.completion_ages.push(self.now - came);
        }
        for came in passed {
            self.admission.on_request(self.now);
            if !self.admission.admits_passed(self.now) {
                self.refuse(came);
            } else if self.admission.must_wait(self.now) {
                let number = self.admission.door.enter(self.now);
                assert!(self.admission.door.poll(number, Waker::noop()).is_pending());
                self.waiting.push_back(Waiting { came, entered: self.now, number });
            } else {
                self.create(came);
            }
        }
        if self.admission.door.is_empty() {
            self.admission.on_round_end(self.now);
            return;
        }
        self.admission.let_in(self.now);
        while let Some(waiting) = self
            .waiting
            .pop_front_if(|waiting| self.admission.door.poll(waiting.number, Waker::noop()).is_ready())
        {
            if self.admission.is_stale(waiting.entered, self.now) {
                self.refuse(waiting.came);
            } else {
                self.create(waiting.came);
            }
        }
        self.admission.door.note_ran(self.now);
        self.turns.push(self.now - began);
        if self.admission.door.is_empty() {
            self.admission.on_round_end(self.now);
        }
    }

    fn refuse(&mut self, came: Instant) {
        self.refused += 1;
        self.now += REFUSED;
        self.refused_ages.push(self.now - came);
    }

    fn create(&mut self, came: Instant) {
        self.accepted += 1;
        self.ages.push(self.now - came);
        self.now += self.cost;
        self.admission.on_answered(self.now - came, self.now);
        self.completions.push_back(self.now + self.work);
    }

    /// Completed instances, as a part of those that the core could have completed.
    fn completed_part(&self, length: Duration) -> f64 {
        f64::from(self.completed) / length.as_secs_f64() / ceiling()
    }
}

fn part_of(ages: &[Duration], part: f64) -> Duration {
    ages[((ages.len() - 1) as f64 * part) as usize]
}

/// Instances a second that the core can do.
fn ceiling() -> f64 {
    1.0 / (CREATION + COMPLETION + SEEN).as_secs_f64()
}

const SECONDS: Duration = Duration::from_secs(5);

#[test]
fn below_the_ceiling_nothing_is_refused_and_a_burst_neither() {
    let mut core = Core::new();
    core.run(ceiling() * 0.95, SECONDS);
    assert_eq!(core.refused, 0);
    // A thousand at once: 45 ms of work.
    core.now += Duration::from_millis(200);
    core.turn(&vec![core.now; 1_000]);
    core.run(ceiling() * 0.5, Duration::from_secs(1));
    assert_eq!(core.refused, 0);
    // The machine stands still: those who waited are served.
    core.now += Duration::from_millis(400);
    core.run(ceiling() * 0.5, Duration::from_secs(1));
    assert_eq!(core.refused, 0);
}

#[test]
fn above_it_instances_are_brought_to_their_end_and_the_queue_stays_short() {
    for (times, wanted) in [(1.5_f64, 0.95_f64), (3.0, 0.85), (6.0, 0.30)] {
        let mut core = Core::new();
        core.run(ceiling() * times, Duration::from_secs(1));
        core.run(ceiling() * times, SECONDS);
        let (created, completed) = (part_of(&core.ages, 0.99), part_of(&core.completion_ages, 0.99));
        assert!(created < Duration::from_millis(60), "{times}: {created:?}");
        assert!(completed < Duration::from_millis(20), "{times}: {completed:?}");
        let done = core.completed_part(SECONDS);
        println!("{times}: {done:.2}, {created:?}, {completed:?}, idle {:?}", core.idle);
        // What the refusals leave.
        let left = 1.0 - (times - 1.0) * (REFUSED + SEEN).as_secs_f64() * ceiling();
        assert!(done > wanted.min(left * 0.93), "{times}: {done:.2}");
    }
}

#[test]
fn a_core_that_shed_lately_does_not_let_a_queue_grow_first() {
    // What is created comes back after a while, and it seems until then that there is room.
    let mut core = Core::new();
    core.completion = 4 * COMPLETION;
    core.work = Duration::from_millis(100);
    let ceiling = 1.0 / (CREATION + core.completion + SEEN).as_secs_f64();
    core.run(ceiling * 1.2, Duration::from_secs(1));
    core.run(ceiling * 1.2, 2 * SECONDS);
    let (refused, accepted) = (part_of(&core.refused_ages, 0.99), part_of(&core.ages, 0.99));
    assert!(
        refused < Duration::from_millis(60) && accepted < Duration::from_millis(100),
        "{refused:?} {accepted:?}"
    );
    let done = f64::from(core.completed) / (2 * SECONDS).as_secs_f64() / ceiling;
    assert!(done > 0.85, "{done:.2}");
}

#[test]
fn what_is_refused_waits_for_a_short_round_only() {
    // What a creation brings later, jobs and completions, takes four times as long as itself: nobody who only measures creations sees that.
    let mut core = Core::new();
    core.completion = 4 * CREATION;
    let ceiling = 1.0 / (CREATION + core.completion + SEEN).as_secs_f64();
    core.run(ceiling * 6.0, Duration::from_secs(1));
    core.run(ceiling * 6.0, SECONDS);
    let (median, p99) = (part_of(&core.turns, 0.5), part_of(&core.turns, 0.99));
    assert!(median < Duration::from_millis(10) && p99 < Duration::from_millis(20), "{median:?}, {p99:?}");
    let done = f64::from(core.completed) / SECONDS.as_secs_f64() / ceiling;
    println!("{done:.2}, turns {median:?}, {p99:?}");
    assert!(done > 0.6, "{done:.2}");
}

#[test]
fn creations_that_nobody_completes_are_not_held_back() {
    // Half of what the core can do are completions; one that only creates does nearly twice as much and refuses nothing.
    let mut core = Core::new();
    core.work = 100 * SECONDS;
    core.run(ceiling() * 1.6, SECONDS);
    assert_eq!(core.refused, 0);
}

#[test]
fn waves_that_are_answered_too_late_are_shed_although_everything_between_them_is_young() {
    for under_way in [6_000, 12_000] {
        let mut core = Core::new();
        core.run_waves(under_way, Duration::from_secs(1));
        core.run_waves(under_way, Duration::from_secs(2));
        let waves = f64::from(core.accepted + core.refused) / under_way as f64;
        let wave = Duration::from_secs_f64(2.0 / waves);
        assert!(core.refused > 0 && wave < Duration::from_millis(120), "{under_way}: a wave takes {wave:?}");
        let done = f64::from(core.accepted) * (CREATION + COMPLETION).as_secs_f64() / 2.0;
        // Ten milliseconds of each wave are idle, and much of the rest goes into refusals.
        assert!(done > 0.1, "{under_way}: {done:.2}");
    }
    // As many as are answered in time are never refused.
    let mut core = Core::new();
    core.run_waves(800, SECONDS);
    assert_eq!(core.refused, 0);
}

#[test]
fn instances_of_many_milliseconds_are_shed_too() {
    // A round of a few of them is longer than several windows.
    for milliseconds in [2, 20, 150] {
        let mut core = Core::new();
        core.cost = Duration::from_millis(milliseconds);
        // Fifty times what it can do, so that each round brings a queue.
        let offered = 50.0 / core.cost.as_secs_f64();
        core.run(offered, SECONDS);
        core.run(offered, 2 * SECONDS);
        // One instance more than the limit in this round and in the one before, and those that are no queue.
        let bound = 2 * (Duration::from_millis(50) + core.cost) + QUEUE_MIN_SHEDDING * core.cost;
        let p99 = part_of(&core.ages, 0.99);
        assert!(p99 <= bound, "{milliseconds} ms: {p99:?}");
        let done = f64::from(core.accepted) * core.cost.as_secs_f64() / (2 * SECONDS).as_secs_f64();
        assert!(done > 0.8, "{milliseconds} ms: {done:.2}");
    }
}

#[test]
fn it_ends_soon_after_the_load() {
    let mut core = Core::new();
    core.run(ceiling() * 3.0, Duration::from_secs(3));
    assert!(core.refused > 0 && core.admission.limit().is_some());
    core.run(ceiling() * 0.7, Duration::from_secs(1));
    core.run(ceiling() * 0.7, Duration::from_secs(1));
    assert_eq!((core.refused, core.admission.limit()), (0, None));
    assert!(core.admission.door.is_empty());
}

#[test]
fn it_can_be_switched_off_while_it_runs() {
    let mut core = Core::new();
    core.run(ceiling() * 3.0, Duration::from_secs(2));
    core.admission.control.set_response_target(None);
    core.run(ceiling() * 1.1, Duration::from_secs(1));
    assert_eq!(core.refused, 0);
}

#[test]
fn what_else_a_core_does_is_not_held_against_those_who_wait() {
    // Large bodies are read all the time, ten milliseconds of each round, and 64 requests wait at the door in each.
    let mut core = Core::new();
    for _ in 0..200 {
        core.now += Duration::from_millis(10);
        core.turn(&vec![core.now; 64]);
    }
    assert_eq!(core.refused, 0);
    assert!(core.admission.door.len() <= 64, "they do not pile up");
}

#[test]
fn who_has_waited_for_too_long_takes_nobodys_place() {
    let mut door = super::Door::default();
    let (began, wait_max) = (Instant::now(), Duration::from_millis(50));
    let wait_max = Some(wait_max);
    let mut enter = |after: u64, count: usize| -> Vec<u64> {
        let at = began + Duration::from_millis(after);
        let numbers: Vec<u64> = (0..count).map(|_| door.enter(at)).collect();
        assert!(numbers.iter().all(|number| door.poll(*number, Waker::noop()).is_pending()));
        numbers
    };
    // A round was long: all of an earlier one are too late, and those who came since are not.
    let (late, fresh) = (enter(0, 500), enter(90, 500));
    let woken = door.let_in(began + Duration::from_millis(100), Duration::ZERO, wait_max).len();
    assert!(late.iter().all(|number| door.poll(*number, Waker::noop()).is_ready()));
    let served = fresh.iter().filter(|number| door.poll(**number, Waker::noop()).is_ready()).count();
    assert!(served > 0 && served < fresh.len(), "{served}");
    assert_eq!(woken, late.len() + served);
    // What it took to refuse them says nothing of what work takes.
    door.note_ran(began + Duration::from_millis(400));
    assert!(door.let_in(began + Duration::from_millis(101), Duration::ZERO, wait_max).len() > 1);
}

#[test]
fn who_goes_away_at_the_door_takes_nobodys_place() {
    let mut door = super::Door::default();
    let now = Instant::now();
    let numbers: Vec<u64> = (0..3).map(|_| door.enter(now)).collect();
    assert!(numbers.iter().all(|number| door.poll(*number, Waker::noop()).is_pending()));
    door.leave(numbers[0]);
    assert_eq!(door.let_in(now, Duration::ZERO, None).len(), 2);
    assert!(door.is_empty() && door.poll(numbers[2], Waker::noop()).is_ready());
    let next = door.enter(now);
    assert!(next > numbers[2] && door.poll(next, Waker::noop()).is_pending());
}
