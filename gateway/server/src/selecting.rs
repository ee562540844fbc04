//! Selects what batch operations are for: each core asks secondary storage for its partitions, a page at a time, and brings the items to them.
//!
//! A partition's batch operations are selected one after the other. Before the first page, and the first after a start, everything that the partition has
//! written is waited for, so that what was there before the batch operation is found; and nothing is selected of a store that is still being told
//! what is alive. Nothing is kept here: after a restart the partition says where
//! to go on.

use crate::searches::Searches;
use crate::storing::Storage;
use ringbolt_api::schema::Level;
use ringbolt_api::search::selection::{Selected, Selection, select};
use ringbolt_api::{ApiError, ErrorKind};
use ringbolt_broker::{Answer, CoreBroker, ToSelect};
use ringbolt_record::batch_operation::AddItems;
use ringbolt_record::{
    BatchOperationCommand, BatchOperationErrorType, Command, Key, PartitionId, RequestContext,
};
use ringbolt_ring::Shutdown;
use ringbolt_ring::time;
use std::time::Duration;

/// How often a core looks whether its partitions wait for items.
const LOOK: Duration = Duration::from_millis(50);
/// How often a selection is tried before the partition's part fails.
const ATTEMPTS_MAX: u32 = 10;
/// The pause after the first attempt; twice as long after each.
const PAUSE: Duration = Duration::from_millis(200);
/// Why nothing is selected yet: less than is there would be.
const FILLING: &str = "Secondary storage was begun anew, and what is alive is still being told to it";
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(30);

impl Storage {
    /// Selects for the partitions of a core until the server stops.
    pub(crate) fn select(&self, broker: &CoreBroker, level: Level, shutdown: &Shutdown) {
        for partition in broker.local_partitions() {
            let selecting = Selecting {
                broker: broker.clone(),
                searches: self.searches(),
                level,
                partition: *partition,
                shutdown: shutdown.clone(),
            };
            ringbolt_ring::spawn(selecting.run());
        }
    }
}

/// What selects for one partition.
struct Selecting {
    broker: CoreBroker,
    searches: Searches,
    level: Level,
    partition: PartitionId,
    shutdown: Shutdown,
}

impl Selecting {
    async fn run(self) {
        let (mut failing, mut attempts) = (Key::NONE, 0);
        // The batch operation for which everything written before is there to be found.
        let mut awaited = Key::NONE;
        while !self.shutdown.is_triggered() {
            let Some(wish) = self.broker.batch_operation_to_select(self.partition) else {
                attempts = 0;
                time::sleep(LOOK).await;
                continue;
            };
            if wish.batch_operation_key != failing {
                (failing, attempts) = (wish.batch_operation_key, 0);
            }
            match self.page(&wish, awaited).await {
                Ok(selected) => {
                    (attempts, awaited) = (0, wish.batch_operation_key);
                    if !self.submit(added(&wish, selected)).await {
                        time::sleep(PAUSE).await;
                    }
                }
                Err(error) => {
                    attempts += 1;
                    if attempts >= ATTEMPTS_MAX || error.kind == ErrorKind::InvalidArgument {
                        self.submit(failed(&wish, &error)).await;
                    }
                    let pause = PAUSE.saturating_mul(1 << attempts.min(16)).min(PAUSE_MAX);
                    time::sleep(pause).await;
                }
            }
        }
    }

    async fn page(&self, wish: &ToSelect, awaited: Key) -> Result<Selected, ApiError> {
        let partition = self.partition;
        if wish.batch_operation_key != awaited
            && let Some(last) = self.broker.last_position(partition)
        {
            self.searches.visible(vec![(partition, last)], |_| Some(last)).await?;
        }
        let is_whole = || match self.searches.is_filling(partition) {
            true => Err(ApiError::new(ErrorKind::Unavailable, FILLING)),
            false => Ok(()),
        };
        is_whole()?;
        let ToSelect { kind, filter, after, .. } = wish.clone();
        let (selection, level) = (Selection { kind, filter, partition, after }, self.level);
        let find = self.searches.find(move |searcher, cancel| select(searcher, cancel, &selection, level));
        let found = find.await?;
        // It may have waited for a store that is begun anew.
        is_whole()?;
        Ok(found)
    }

    /// Brings something to the partition; whether it took it, or knows better.
    async fn submit(&self, command: BatchOperationCommand) -> bool {
        let command = Command::BatchOperation(Box::new(command));
        let answer = self.broker.submit(self.partition, command, RequestContext::default()).await;
        !matches!(answer, Answer::Refusal(_))
    }
}

fn added(wish: &ToSelect, selected: Selected) -> BatchOperationCommand {
    let Selected { items, cursor, is_last } = selected;
    let (batch_operation_key, after) = (wish.batch_operation_key, wish.after);
    BatchOperationCommand::AddItems(AddItems { batch_operation_key, after, cursor, items, is_last })
}

fn failed(wish: &ToSelect, error: &ApiError) -> BatchOperationCommand {
    BatchOperationCommand::FailSelection {
        batch_operation_key: wish.batch_operation_key,
        after: wish.after,
        error_type: BatchOperationErrorType::QueryFailed,
        message: error.message.clone(),
    }
}
