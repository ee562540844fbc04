//! The loop between feeds and a sink, one turn at a time: the caller brings the time and waits between turns.
//!
//! Invariants: a lane (one partition's feed) whose sink fails rests with growing pauses and does not stop the others; after an
//! error the sink is opened again before it is given anything; nothing is read while something read is not taken.

use crate::feed::{Feed, FeedState};
use crate::filter::Filter;
use crate::names::NameCache;
use crate::progress::Progress;
use crate::render::{learn_names, render};
use crate::sink::{Held, Lines, Sink, SinkError};
use ringbolt_record::json::write_gap;
use ringbolt_record::{PartitionId, Position};

/// How often a position is acknowledged at least, milliseconds: what a crash makes a sink look at again.
const ACKNOWLEDGE_MS: u64 = 1_000;
/// And how many bytes of lines it waits at most.
const ACKNOWLEDGE_BYTES: u64 = 8 << 20;
/// The first pause after an error, milliseconds.
const RETRY_MS_MIN: u64 = 100;
/// The longest pause, milliseconds.
const RETRY_MS_MAX: u64 = 10_000;

/// What somebody may want to write down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The sink does not get on.
    Failing {
        /// With which partition.
        partition: PartitionId,
        /// Why.
        cause: String,
    },
    /// It does again.
    Recovered {
        /// With which partition.
        partition: PartitionId,
    },
    /// Positions were given up.
    Gap {
        /// Of which partition.
        partition: PartitionId,
        /// How many.
        positions: u64,
    },
    /// What the sink held of another history was set aside.
    SetAside {
        /// Of which partition.
        partition: PartitionId,
        /// The life in which it was written last; 0 if the sink did not know.
        life: u128,
    },
    /// A spill was damaged; a gap stands for it.
    Damaged {
        /// Of which partition.
        partition: PartitionId,
        /// What was found.
        cause: String,
    },
}

/// What a turn did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Something; there may be more at once.
    Worked,
    /// Nothing: it may rest.
    Idle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The sink is to be opened.
    Closed,
    /// The feed is to be filled.
    Open,
    /// The feed was filled; names are missing.
    Filled,
}

struct Lane {
    feed: Box<dyn Feed>,
    names: NameCache,
    lines: Lines,
    state: State,
    /// The first position to export.
    from: Position,
    progress: Progress,
    acknowledged_at_ms: u64,
    /// Bytes exported since the last acknowledgement.
    unacknowledged_bytes: u64,
    retry_at_ms: u64,
    pause_ms: u64,
    /// Nothing is acknowledged meanwhile.
    is_holding: bool,
}

/// An exporter with its sink and one feed for each partition.
pub struct Exporter {
    sink: Box<dyn Sink>,
    filter: Filter,
    /// Lives whose records may be set aside.
    anew: Vec<u128>,
    lanes: Vec<Lane>,
    /// What it exports stays in the log, as if it were not exported.
    is_holding: bool,
}

impl Exporter {
    /// An exporter that has done nothing yet. What its sink holds of another history, written last in one of the lives
    /// `anew`, is set aside; anything else that is not this directory's own past is refused.
    pub fn new(sink: Box<dyn Sink>, filter: Filter, feeds: Vec<Box<dyn Feed>>, anew: Vec<u128>) -> Self {
        let lane = |feed: Box<dyn Feed>| Lane {
            from: feed.acknowledged(),
            feed,
            names: NameCache::default(),
            lines: Lines::default(),
            state: State::Closed,
            progress: Progress::default(),
            acknowledged_at_ms: 0,
            unacknowledged_bytes: 0,
            retry_at_ms: 0,
            pause_ms: RETRY_MS_MIN,
            is_holding: false,
        };
        Self { sink, filter, anew, lanes: feeds.into_iter().map(lane).collect(), is_holding: false }
    }

    /// Whether what it exports from now on is to stay in the log: positions are acknowledged only once it is not any more.
    pub fn hold(&mut self, is_holding: bool) {
        self.is_holding = is_holding;
    }

    /// Lets every partition get on by one batch. `now_ms` is a clock that does not go back.
    pub fn turn(&mut self, now_ms: u64, on_event: &mut dyn FnMut(Event)) -> Turn {
        let mut turn = Turn::Idle;
        for lane in &mut self.lanes {
            lane.is_holding = self.is_holding;
            if lane.step(now_ms, &mut *self.sink, &self.filter, &self.anew, on_event) == Turn::Worked {
                turn = Turn::Worked;
            }
        }
        turn
    }

    /// Acknowledges what is exported, before the end.
    pub fn finish(&mut self) {
        for lane in &mut self.lanes {
            if !self.is_holding && lane.progress.exported > lane.feed.acknowledged() {
                // What cannot be written down now is found in the sink at the next start.
                let _ = lane.feed.acknowledge(lane.progress.exported);
            }
        }
    }
}

fn another_history(partition: PartitionId, last: Position, life: u128) -> SinkError {
    SinkError(format!(
        "it holds records of partition {partition} up to position {last} of another history: this data directory was restored \
         from a copy, was replaced, or never exported there. To set them aside and begin anew behind a gap, start with \
         --export-anew {life:032x}"
    ))
}

impl Lane {
    fn step(
        &mut self,
        now_ms: u64,
        sink: &mut dyn Sink,
        filter: &Filter,
        anew: &[u128],
        on_event: &mut dyn FnMut(Event),
    ) -> Turn {
        if now_ms < self.retry_at_ms {
            return Turn::Idle;
        }
        let partition = self.feed.partition();
        match self.try_step(now_ms, sink, filter, anew, on_event) {
            Ok(turn) => {
                if self.state != State::Closed {
                    self.pause_ms = RETRY_MS_MIN;
                    if self.progress.failing.take().is_some() {
                        on_event(Event::Recovered { partition });
                        self.feed.show(&self.progress);
                    }
                }
                turn
            }
            Err(SinkError(cause)) => {
                self.state = State::Closed;
                self.progress.errors += 1;
                self.progress.failing = Some(cause.clone());
                self.retry_at_ms = now_ms + self.pause_ms;
                self.pause_ms = (self.pause_ms * 2).min(RETRY_MS_MAX);
                self.feed.show(&self.progress);
                on_event(Event::Failing { partition, cause });
                Turn::Idle
            }
        }
    }

    fn try_step(
        &mut self,
        now_ms: u64,
        sink: &mut dyn Sink,
        filter: &Filter,
        anew: &[u128],
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Turn, SinkError> {
        if self.state == State::Closed && !self.open(sink, anew, on_event)? {
            return Ok(Turn::Idle);
        }
        let mut turn = Turn::Worked;
        if self.state == State::Open {
            self.names.trim();
            match self.feed.fill().map_err(SinkError)? {
                FeedState::More => {}
                FeedState::CaughtUp => turn = Turn::Idle,
                FeedState::Damaged(cause) => {
                    on_event(Event::Damaged { partition: self.feed.partition(), cause });
                }
            }
            self.state = State::Filled;
        }
        if !learn_names(&*self.feed, &mut self.names) {
            return Ok(Turn::Idle);
        }
        if self.feed.end().is_some() {
            self.export(sink, filter, on_event)?;
        }
        self.state = State::Open;
        self.acknowledge_if_due(now_ms)?;
        Ok(turn)
    }

    /// Opens the sink and goes on behind what it holds. False when it is not known yet how far the log goes.
    fn open(
        &mut self,
        sink: &mut dyn Sink,
        anew: &[u128],
        on_event: &mut dyn FnMut(Event),
    ) -> Result<bool, SinkError> {
        let partition = self.feed.partition();
        let acknowledged = self.feed.acknowledged();
        let mut held = sink.open(partition, acknowledged)?;
        let mut is_set_aside = false;
        if let Some(Held { last, life }) = held {
            let log_last = self.feed.last_position();
            if log_last == Position(0) {
                return Ok(false);
            }
            let is_own = !self.feed.is_new() && life.is_some_and(|life| self.feed.is_own_past(life, last));
            if !is_own {
                let life = life.unwrap_or_default();
                if !anew.contains(&life) {
                    return Err(another_history(partition, last, life));
                }
                sink.set_aside(partition)?;
                on_event(Event::SetAside { partition, life });
                (held, is_set_aside) = (None, true);
            } else if last > log_last {
                return Err(SinkError(format!(
                    "it holds records of partition {partition} up to position {last}, but the log ends at {log_last}"
                )));
            }
        }
        if self.feed.is_new() {
            self.feed.acknowledge(acknowledged).map_err(SinkError)?;
        }
        self.from = held.map_or(acknowledged, |held| acknowledged.max(held.last.plus(1)));
        if is_set_aside && self.from > Position(1) {
            self.begin_with_gap(sink, on_event)?;
        }
        sink.begin_life(partition, self.feed.life(), self.from)?;
        self.feed.seek(self.from);
        self.progress.exported = self.from;
        self.feed.show(&self.progress);
        self.state = State::Open;
        Ok(true)
    }

    /// The first line of a sink that begins anew: everything before this exporter's position is not in it.
    fn begin_with_gap(
        &mut self,
        sink: &mut dyn Sink,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), SinkError> {
        let partition = self.feed.partition();
        let last = Position(self.from.0 - 1);
        sink.begin_life(partition, self.feed.life(), Position(1))?;
        self.lines.clear();
        write_gap(&mut self.lines.bytes, u32::from(partition.0), Position(1), last);
        self.lines.end_line(last);
        sink.export(partition, &self.lines)?;
        self.progress.gaps += 1;
        self.progress.gap_positions += last.0;
        on_event(Event::Gap { partition, positions: last.0 });
        Ok(())
    }

    fn export(
        &mut self,
        sink: &mut dyn Sink,
        filter: &Filter,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), SinkError> {
        let partition = self.feed.partition();
        self.lines.clear();
        let rendered =
            render(&*self.feed, self.from, filter, &self.names, &mut self.lines).map_err(SinkError)?;
        if self.lines.count() > 0 {
            sink.export(partition, &self.lines)?;
        }
        let bytes = self.lines.bytes().len() as u64;
        self.from = self.feed.end().unwrap_or(self.from).max(self.from);
        self.unacknowledged_bytes += bytes;
        let progress = &mut self.progress;
        progress.exported = self.from;
        progress.lines += self.lines.count();
        progress.bytes += bytes;
        progress.gaps += rendered.gaps;
        progress.gap_positions += rendered.gap_positions;
        if rendered.gaps > 0 {
            on_event(Event::Gap { partition, positions: rendered.gap_positions });
        }
        self.feed.show(&self.progress);
        Ok(())
    }

    fn acknowledge_if_due(&mut self, now_ms: u64) -> Result<(), SinkError> {
        let is_due = now_ms >= self.acknowledged_at_ms + ACKNOWLEDGE_MS
            || self.unacknowledged_bytes >= ACKNOWLEDGE_BYTES;
        if is_due && !self.is_holding && self.progress.exported > self.feed.acknowledged() {
            self.feed.acknowledge(self.progress.exported).map_err(SinkError)?;
            self.acknowledged_at_ms = now_ms;
            self.unacknowledged_bytes = 0;
        }
        Ok(())
    }
}
