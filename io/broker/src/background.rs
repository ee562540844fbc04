//! What a core does that nobody waits for: what time brings about, and what instances put off, slice by slice between
//! everything else.

use crate::core::{CoreBroker, Inner, Shared, wall_clock};
use ringbolt_partition::{Partition, SliceKinds};
use ringbolt_record::TimestampMs;
use ringbolt_ring::{Shutdown, time};
use std::time::Duration;

/// How often the disk's space and the readers are looked at, and the longest that the timer sleeps.
const TICK: Duration = Duration::from_millis(100);

impl Shared {
    /// Wakes the tasks for what no client waits for, where a step left something to them.
    pub(crate) fn wake_background(&self, inner: &mut Inner) {
        let mut is_awaited = false;
        for partition in inner.partitions.values_mut() {
            let due_at = partition.take_earliest_due();
            if due_at < self.timer_at.get() {
                self.timer_at.set(due_at);
                self.timer.notify_one();
            }
            if partition.has_ready() {
                self.slices.notify_one();
            }
            is_awaited |= partition.awaits_last();
        }
        // An answer may rest on what was appended without haste.
        if is_awaited {
            inner.host.journal.log.hurry_if_filling();
        }
    }
}

impl CoreBroker {
    pub(crate) async fn run_timers(self, shutdown: Shutdown) {
        let mut ticked = time::now();
        while !shutdown.is_triggered() {
            let wait = self.until_due().min(TICK.saturating_sub(ticked.elapsed()));
            // Woken early: something becomes due sooner than was known.
            let _ = time::timeout(wait, self.shared.timer.notified()).await;
            let is_tick = ticked.elapsed() >= TICK;
            {
                let inner = &mut *self.shared.inner.borrow_mut();
                let now = wall_clock();
                if is_tick {
                    let disk_full = inner.host.journal.is_short_of_space();
                    self.shared.note_space(inner);
                    inner.partitions.values_mut().for_each(|partition| partition.set_disk_full(disk_full));
                }
                for partition in inner.partitions.values_mut() {
                    if partition.next_due().is_some_and(|due| due <= now) {
                        partition.tick(now, &mut inner.host);
                    }
                }
            }
            if is_tick {
                ticked = time::now();
                self.check_logs();
                self.wake_large();
            }
            self.after_step();
        }
    }

    /// How long until something becomes due. What is due already is left to the slices, and looked at with the next tick.
    fn until_due(&self) -> Duration {
        let now = wall_clock();
        let inner = &*self.shared.inner.borrow();
        let due = inner.partitions.values().filter_map(Partition::next_due).filter(|due| *due > now).min();
        let wait = due.map_or(TICK, |due| Duration::from_millis((due.0 - now.0).unsigned_abs())).min(TICK);
        self.shared.timer_at.set(TimestampMs(now.0 + i64::try_from(wait.as_millis()).unwrap_or(0)));
        wait
    }

    /// Work that no client waits for: one slice, then everything else has its turn.
    pub(crate) async fn run_slices(self) {
        loop {
            while self.run_slice() {
                ringbolt_ring::yield_now().await;
            }
            self.shared.slices.notified().await;
        }
    }

    /// Runs a slice of the next partition that has one; false when none has, or the log takes nothing now. While the core has written as
    /// much as it may, instances wait with what they go on with by themselves, and only what is due is taken.
    fn run_slice(&self) -> bool {
        let ran = {
            let inner = &mut *self.shared.inner.borrow_mut();
            let (now, ids) = (wall_clock(), &self.shared.local_ids);
            let is_admitted =
                self.shared.write_limit.borrow_mut().admits_follow_ups(time::now(), inner.written());
            // Each write that ends lets one go on, however long the next one is.
            let has_turn = !inner.is_writing_much() || self.shared.owes_slice.take();
            let kinds = if is_admitted && has_turn { SliceKinds::All } else { SliceKinds::Due };
            let first = self.shared.next_slice.get();
            self.shared.next_slice.set(first.wrapping_add(1));
            let mut turns = (0..ids.len()).map(|turn| ids[first.wrapping_add(turn) % ids.len()]);
            turns.any(|id| {
                let Some(partition) = inner.partitions.get_mut(&id) else { return false };
                let before = partition.last_position();
                inner.host.journal.is_unhurried = true;
                let ran = partition.run_slice(now, kinds, &mut inner.host);
                inner.host.journal.is_unhurried = false;
                let records = partition.last_position().0 - before.0;
                self.shared.write_limit.borrow_mut().note_follow_ups(records);
                ran
            })
        };
        if ran {
            self.after_step();
        }
        ran
    }
}
