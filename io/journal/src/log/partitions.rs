//! What a running log is told of its partitions, and says of them: terms and votes, commits, floors, take-overs.

use std::sync::Arc;

use super::Log;
use crate::books::{BookId, CommitIndex};
use crate::error::Error;
use crate::raft_state::{HardState, RaftState};
use crate::types::{Epoch, PartitionId, Position, RaftIndex, Ticket};

impl Log {
    /// Appends what must be durable before it is acted on: a partition's term, vote and members.
    pub fn append_hard_state(&mut self, partition: PartitionId, hard: &HardState) -> Result<Ticket, Error> {
        let book = self.books.find(partition);
        let mut state = self.books.state_mut(book).clone();
        state.set_hard(hard);
        self.append_state(book, &state)
    }

    /// Takes over a partition that another journal of the directory wrote until now, as that one handed it out. From the
    /// state that this appends on, entries of the partition are this journal's. `epoch` is above every one that was used
    /// in the directory.
    ///
    /// # Panics
    /// When the epoch is not above this journal's, or the partition is this journal's already.
    pub fn take_over(&mut self, state: RaftState, epoch: Epoch) -> Result<Ticket, Error> {
        assert!(epoch > self.epoch, "a take-over is later than everything before it");
        assert!(self.books.get(state.partition).is_none(), "partition {} is here already", state.partition);
        self.check_takes()?;
        let book = self.books.open(state.clone());
        let taken = self.append_state(book, &state);
        match taken {
            Ok(_) => self.epoch = epoch,
            Err(_) => drop(self.books.close(state.partition)),
        }
        taken
    }

    /// Gives a partition away, for another journal to take over. `None` while something of this journal is not durable.
    pub fn hand_over(&mut self, partition: PartitionId) -> Option<RaftState> {
        (self.committed == self.appended).then(|| self.books.close(partition)).flatten()
    }

    fn append_state(&mut self, book: BookId, state: &RaftState) -> Result<Ticket, Error> {
        let (frame, payload) = (state.frame(), state.encode());
        self.check_takes()?;
        let growth = state.encoded_bytes().saturating_sub(self.books.state_mut(book).encoded_bytes());
        self.filling.reserve(self.books.all_bytes() + growth);
        self.filling.push(&frame, &[&payload])?;
        Ok(self.note_appended(book, &frame, &payload))
    }

    /// Records of the partition below `position` are no longer needed: its checkpoint holds them and no reader wants
    /// them. A floor never sinks. `Position(u64::MAX)` frees a partition that is gone, votes and all. Returns whether
    /// the floor rose.
    pub fn set_floor(&mut self, partition: PartitionId, position: Position) -> bool {
        let rises = self.plan.set_floor(partition, position);
        if position == Position(u64::MAX) {
            drop(self.books.close(partition));
        } else if rises {
            self.books.set_floor(partition, position);
        }
        rises
    }

    /// Bytes of closed segments that are kept for whoever needs the partition's records from `from` on.
    #[must_use]
    pub fn held_bytes(&self, partition: PartitionId, from: Position) -> u64 {
        self.plan.held_bytes(partition, from)
    }

    /// Everything of the partition up to an index is committed: readers may have it.
    pub fn commit(&mut self, partition: PartitionId, index: RaftIndex) {
        let book = self.books.find(partition);
        self.books.commit(book, index);
    }

    /// How far the partition is committed, for readers.
    pub fn commit_index(&mut self, partition: PartitionId) -> Arc<CommitIndex> {
        self.books.find(partition);
        self.books.get(partition).expect("just found").commit.clone()
    }

    /// How a partition of this run stands, what was just appended included.
    #[must_use]
    pub fn raft_state(&self, partition: PartitionId) -> Option<&RaftState> {
        self.books.get(partition).map(|book| &book.state)
    }
}
