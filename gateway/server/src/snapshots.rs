//! What the cores last said of themselves, for somebody who cannot wait for them.
//!
//! Each core publishes its figures about once a second, and at once when it is asked. Who asks waits a moment for fresh ones and
//! then takes what there is, with its age: a core that is busy for seconds delays nobody.

use parking_lot::Mutex;
use ringbolt_broker::{CoreBroker, CoreReport};
use ringbolt_management::Snapshot;
use ringbolt_ring::mailbox::{Receiver, Sender, channel};
use ringbolt_ring::{sleep, time, timeout};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A core that nobody asks publishes this often.
const PERIOD: Duration = Duration::from_secs(1);
/// Who waits for fresh figures looks this often.
const LOOK: Duration = Duration::from_millis(1);

/// The last figures of all cores.
pub(crate) struct Snapshots {
    slots: Box<[Slot]>,
}

struct Slot {
    last: Mutex<Option<(Instant, Arc<CoreReport>)>>,
    asks: Sender<()>,
    asked: Mutex<Option<Receiver<()>>>,
}

impl Slot {
    fn new() -> Slot {
        // One wish that waits is as good as many.
        let (asks, asked) = channel(1);
        Slot { last: Mutex::new(None), asks, asked: Mutex::new(Some(asked)) }
    }

    fn put(&self, report: CoreReport) {
        *self.last.lock() = Some((time::now(), Arc::new(report)));
    }

    fn is_since(&self, moment: Instant) -> bool {
        self.last.lock().as_ref().is_some_and(|(at, _)| *at >= moment)
    }
}

impl Snapshots {
    /// Nothing yet.
    pub(crate) fn new(cores: usize) -> Arc<Snapshots> {
        Arc::new(Snapshots { slots: (0..cores).map(|_| Slot::new()).collect() })
    }

    /// Publishes this core's figures for as long as it runs. Called once on each core.
    pub(crate) async fn publish(self: Arc<Self>, broker: CoreBroker) {
        let slot = &self.slots[broker.core()];
        let mut asked = slot.asked.lock().take().expect("a core publishes once");
        loop {
            slot.put(broker.report());
            // Whether it was asked or the time is over: it publishes.
            let _ = timeout(PERIOD, asked.recv()).await;
        }
    }

    /// The figures of all cores, fresh from those that publish within `limit`. For the management thread.
    pub(crate) async fn now(&self, limit: Duration) -> Vec<Snapshot> {
        let asked = time::now();
        for slot in &self.slots {
            // A wish that waits already brings figures that are fresh enough.
            let _ = slot.asks.try_send(());
        }
        while time::now() - asked < limit && !self.slots.iter().all(|slot| slot.is_since(asked)) {
            sleep(LOOK).await;
        }
        self.last()
    }

    /// What all cores said last, about a second old at most while they get on. For whoever must not ask them.
    pub(crate) fn last(&self) -> Vec<Snapshot> {
        let now = time::now();
        let cores = self.slots.iter().enumerate();
        cores
            .map(|(core, slot)| {
                let last = slot.last.lock().clone();
                Snapshot {
                    core,
                    age: last.as_ref().map(|(at, _)| now.saturating_duration_since(*at)),
                    report: last.map(|(_, report)| report),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Snapshots;
    use ringbolt_broker::CoreReport;
    use ringbolt_ring::{DriverChoice, block_on, sleep, spawn, time};
    use std::time::Duration;

    #[test]
    fn nobody_waits_for_a_core_that_is_busy_and_fresh_figures_come_from_those_that_are_not() {
        block_on(DriverChoice::Epoll, async {
            let snapshots = Snapshots::new(3);
            // The first core never says anything, the second did once, the third does whenever it is asked.
            snapshots.slots[1].put(CoreReport { core: 1, ..CoreReport::default() });
            let mut asked = snapshots.slots[2].asked.lock().take().expect("not taken yet");
            let answering = snapshots.clone();
            spawn(async move {
                while asked.recv().await.is_some() {
                    answering.slots[2].put(CoreReport { core: 2, ..CoreReport::default() });
                }
            });
            sleep(Duration::from_millis(30)).await;
            for _ in 0..3 {
                let begun = time::now();
                let now = snapshots.now(Duration::from_millis(20)).await;
                println!("answered after {:?}", time::now() - begun);
                assert!(now[0].age.is_none() && now[0].report.is_none());
                assert!(now[1].age.is_some_and(|age| age >= Duration::from_millis(30)));
                assert!(now[2].age < now[1].age, "{:?}", now[2].age);
                assert_eq!(now[2].report.as_ref().map(|report| report.core), Some(2));
            }
        })
        .expect("an executor");
    }
}
