//! How requests come in: counted, turned away on sight, or let in when their turn has come.

use crate::core::CoreBroker;
use crate::metrics::{RefusalReason, WorkClass};
use crate::write_limit::WriteLimit;
use ringbolt_partition::{Partition, Refusal};
use ringbolt_ring::{time, yield_now};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

impl CoreBroker {
    /// A request is complete on its connection; what it asks is submitted next, with nothing in between.
    pub fn request_received(&self) {
        let now = time::now();
        self.shared.received.set(Some(now));
        if self.shared.admission.borrow_mut().on_request(now) {
            self.shared.round_begins.notify_one();
        }
    }

    /// Whether new work may be turned away now. Asked for each request, so it is quick.
    pub fn sheds_new_work(&self) -> bool {
        self.shared.admission.borrow().limit().is_some() || !self.commits_in_time()
    }

    /// Whether a request that starts new work is let pass, asked as soon as its head is seen. Those that are ask
    /// [`CoreBroker::admit_new_work`] when they are looked at.
    ///
    /// # Errors
    /// The refusal to answer it with.
    pub fn shed_new_work(&self) -> Result<(), Refusal> {
        let shared = &self.shared;
        if shared.admission.borrow().limit().is_none() {
            return if self.commits_in_time() {
                Ok(())
            } else {
                Err(self.refuse(RefusalReason::Commit, None))
            };
        }
        let (is_refused, is_first) = shared.admission.borrow_mut().turns_away(time::now());
        if is_first {
            shared.round_begins.notify_one();
        }
        if is_refused { Err(self.refuse(RefusalReason::Age, None)) } else { Ok(()) }
    }

    /// Whether a request that starts new work may come in, asked before anything of it is read.
    ///
    /// # Errors
    /// The refusal to answer it with.
    pub fn admit_new_work(&self) -> Result<(), Refusal> {
        let shared = &self.shared;
        let now = time::now();
        let is_young = {
            let mut admission = shared.admission.borrow_mut();
            if admission.on_request(now) {
                shared.round_begins.notify_one();
            }
            admission.admits_passed(now)
        };
        if !is_young {
            return Err(self.refuse(RefusalReason::Age, None));
        }
        if !self.commits_in_time() {
            return Err(self.refuse(RefusalReason::Commit, None));
        }
        let inner = shared.inner.borrow();
        if inner.partitions.is_empty() || shared.write_limit.borrow_mut().admits(now, inner.written()) {
            return Ok(());
        }
        drop(inner);
        Err(self.refuse(RefusalReason::WriteLimit, Some(WriteLimit::RETRY_AFTER)))
    }

    /// Waits until new work that was admitted may be handled: at once while the core is fast, otherwise until what came before it and all
    /// that brings work to its end has been. It is handled next, with nothing in between.
    ///
    /// # Errors
    /// The refusal to answer it with, when that took too long.
    pub async fn new_work_turn(&self) -> Result<(), Refusal> {
        let entered = time::now();
        let number = {
            let mut admission = self.shared.admission.borrow_mut();
            if !admission.must_wait(entered) {
                return Ok(());
            }
            admission.door.enter(entered)
        };
        let came = self.shared.arrived();
        self.shared.door_waits.notify_one();
        Turn { broker: self, number }.await;
        if self.shared.admission.borrow_mut().is_stale(entered, time::now()) {
            return Err(self.refuse(RefusalReason::Age, None));
        }
        self.shared.came.set(Some(came));
        Ok(())
    }

    /// Whether some partition of this core takes new work, as fast as it commits; true for a core without any.
    fn commits_in_time(&self) -> bool {
        let inner = self.shared.inner.borrow();
        inner.partitions.is_empty() || inner.partitions.values().any(Partition::admits_new_work)
    }

    fn refuse(&self, reason: RefusalReason, retry_after: Option<Duration>) -> Refusal {
        let shared = &self.shared;
        shared.inner.borrow_mut().host.metrics.refuse(WorkClass::NewWork, reason);
        let retry_after = retry_after.unwrap_or_else(|| shared.admission.borrow().retry_after());
        let partition = *shared.local_ids.first().unwrap_or(&shared.partition_ids[0]);
        let retry_after_ms = u32::try_from(retry_after.as_millis()).unwrap_or(u32::MAX);
        Refusal::Overloaded { partition, retry_after_ms }
    }

    /// The door's keeper.
    pub(crate) async fn run_door(self) {
        loop {
            self.shared.door_waits.notified().await;
            while !self.shared.admission.borrow().door.is_empty() {
                yield_now().await;
                let woken = self.shared.admission.borrow_mut().let_in(time::now());
                woken.into_iter().for_each(|waker| waker.wake());
                self.shared.round_begins.notify_one();
            }
        }
    }
}

/// A place at the door.
struct Turn<'a> {
    broker: &'a CoreBroker,
    number: u64,
}

impl Future for Turn<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.broker.shared.admission.borrow_mut().door.poll(self.number, cx.waker())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.broker.shared.admission.borrow_mut().door.leave(self.number);
    }
}
