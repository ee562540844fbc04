//! What an operator has to know while the server runs: a partition stopped, the disk is full or has space again.
//!
//! The broker finds it out and words it nowhere: whoever runs the broker takes the notices and logs them. Deliberately
//! no history: a notice that nobody takes is dropped when there are too many.

use crate::clock::ClockJump;
use crate::core::{CoreBroker, Inner, Shared};
use crate::mesh::Message;
use ringbolt_journal::Space;
use ringbolt_record::PartitionId;
use ringbolt_ring::local::Notify;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// Notices that wait to be taken.
const NOTICES_MAX: usize = 256;

/// News of one core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A partition stopped for good.
    Stopped {
        /// Which partition.
        partition: PartitionId,
        /// What stopped it.
        cause: String,
    },
    /// A partition of another core stopped; that core tells the operator.
    StoppedElsewhere {
        /// Which partition.
        partition: PartitionId,
    },
    /// The journal cannot prepare another segment: new work is refused until it can.
    NoSpace {
        /// The operating system's reason.
        cause: String,
    },
    /// Entries could not be copied out of the log for a reader that is over its budget; it is tried again.
    SpillFailed {
        /// Whose log.
        partition: PartitionId,
        /// For which reader.
        reader: Arc<str>,
        /// Why.
        cause: String,
    },
    /// Files of a reader were damaged: it begins with what its sink and the log still know.
    ReaderDamaged {
        /// Of which partition.
        partition: PartitionId,
        /// Which reader.
        reader: Arc<str>,
        /// Which files, and what is wrong.
        cause: String,
    },
    /// A partition's history was damaged: sinks cannot be told to be its own.
    HistoryDamaged {
        /// Of which partition.
        partition: PartitionId,
        /// What is wrong.
        cause: String,
    },
    /// The wall clock was set, or followed.
    Clock(ClockJump),
    /// Spills of readers that are no longer configured were removed at the start.
    SpillsRemoved {
        /// Of which partition.
        partition: PartitionId,
        /// How many files.
        files: usize,
    },
    /// The journal can prepare segments again.
    SpaceAgain,
    /// A checkpoint found no space and is tried again later.
    CheckpointWaits {
        /// Whose state.
        partition: PartitionId,
        /// What was missing.
        cause: String,
    },
    /// A checkpoint that had waited for space was written: new work is accepted.
    CheckpointWritten {
        /// Whose state.
        partition: PartitionId,
    },
}

/// One core's notices.
#[derive(Default)]
pub(crate) struct Notices {
    queue: RefCell<VecDeque<Notice>>,
    news: Notify,
    /// Partitions of all cores that stopped, as far as this core has heard.
    stopped: RefCell<BTreeSet<PartitionId>>,
    is_short_of_space: Cell<bool>,
    is_ending: Cell<bool>,
}

impl Notices {
    pub(crate) fn push(&self, notice: Notice) {
        let mut queue = self.queue.borrow_mut();
        if queue.len() < NOTICES_MAX {
            queue.push_back(notice);
        }
        self.news.notify_one();
    }

    pub(crate) fn stopped_elsewhere(&self, partition: PartitionId) {
        if self.stopped.borrow_mut().insert(partition) {
            self.push(Notice::StoppedElsewhere { partition });
        }
    }

    /// The server stops in good order: from now on a partition that stops is no news.
    pub(crate) fn end(&self) {
        self.is_ending.set(true);
    }
}

impl Shared {
    /// Looks for partitions that stopped since the last look.
    pub(crate) fn note_stopped(&self, inner: &mut Inner) {
        let mut known = self.notices.stopped.borrow_mut();
        for partition in inner.partitions.values() {
            let Some(cause) = partition.stopped() else { continue };
            let partition = partition.id();
            if !known.insert(partition) || self.notices.is_ending.get() {
                continue;
            }
            self.notices.push(Notice::Stopped { partition, cause: cause.to_owned() });
            inner.host.send_to_others(|| Message::PartitionStopped { partition });
        }
    }

    /// Looks whether the journal ran out of space or has some again.
    pub(crate) fn note_space(&self, inner: &Inner) {
        let (space, cause) = inner.host.journal.log.space();
        let is_short = space != Space::Enough;
        if self.notices.is_short_of_space.replace(is_short) == is_short {
            return;
        }
        self.notices.push(match is_short {
            true => Notice::NoSpace { cause: cause.unwrap_or_default() },
            false => Notice::SpaceAgain,
        });
    }
}

impl CoreBroker {
    /// Whether a partition of any core stopped; other cores' news takes a mailbox hop.
    pub fn has_stopped(&self, partition: PartitionId) -> bool {
        self.shared.notices.stopped.borrow().contains(&partition)
    }

    /// Waits for the next notice.
    pub async fn next_notice(&self) -> Notice {
        loop {
            let next = self.shared.notices.queue.borrow_mut().pop_front();
            match next {
                Some(notice) => return notice,
                None => self.shared.notices.news.notified().await,
            }
        }
    }
}
