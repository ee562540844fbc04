//! A core's own tasks: commits of its journal, its mailbox, its checkpoints.

use crate::clock::{self, ClockWatch};
use crate::core::{CoreBroker, STOPPING, wall_clock};
use crate::mesh::Message;
use crate::metrics::Stage;
use crate::notices::Notice;
use ringbolt_record::{PartitionId, Position};
use ringbolt_ring::fs::free_bytes;
use ringbolt_ring::mailbox::Receiver;
use ringbolt_ring::{Shutdown, side, spawn, time};
use ringbolt_store::{CheckpointJob, CheckpointOutcome, Mark};
use std::path::PathBuf;
use std::time::Duration;

/// How often the wall clock is looked at.
const CLOCK_LOOK: Duration = Duration::from_secs(1);
/// How long a full mailbox of another core is left alone.
const OUTBOX_RETRY: Duration = Duration::from_millis(1);
/// How long work that found the side threads busy waits.
const SIDE_RETRY: Duration = Duration::from_millis(50);
/// Mailbox messages handled before other tasks get their turn.
const MESSAGES_PER_TURN: usize = 64;

/// Writes a checkpoint. One that found no space before is only tried when there is room for it, or it would take again
/// and again what was freed, and the log would not get it.
fn write_checkpoint(job: CheckpointJob, retried_in: Option<PathBuf>) -> CheckpointOutcome {
    let needed = job.room_bytes();
    match retried_in.map(|directory| free_bytes(&directory)) {
        Some(Ok(free)) if free < needed => {
            job.give_up(format!("{free} bytes are free, about {needed} are needed"))
        }
        Some(_) | None => job.run(),
    }
}

impl CoreBroker {
    /// Starts the core's tasks. They end with the shutdown signal, the journal's after its last write.
    pub(crate) fn spawn_tasks(&self, mailbox: Receiver<Message>, shutdown: &Shutdown) {
        spawn(self.clone().run_mailbox(mailbox));
        spawn(self.clone().run_outbox());
        spawn(self.clone().run_rounds());
        spawn(self.clone().run_door());
        spawn(self.clone().run_timers(shutdown.clone()));
        spawn(self.clone().run_slices());
        spawn(self.clone().run_journal());
        if self.core() == 0 {
            spawn(self.clone().run_clock(shutdown.clone()));
        }
    }

    /// Looks whether the wall clock was set. One core does it for all.
    async fn run_clock(self, shutdown: Shutdown) {
        let mut watch = ClockWatch::default();
        while !shutdown.is_triggered() {
            if let Some(jump) = clock::look(&mut watch) {
                self.shared.inner.borrow_mut().host.metrics.clock_jumps = watch.jumps;
                self.shared.notices.push(Notice::Clock(jump));
            }
            time::sleep(CLOCK_LOOK).await;
        }
    }

    async fn run_mailbox(self, mut mailbox: Receiver<Message>) {
        while let Some(message) = mailbox.recv().await {
            self.receive(message);
            for _ in 0..MESSAGES_PER_TURN {
                let Some(message) = mailbox.try_recv() else { break };
                self.receive(message);
            }
            self.after_step();
            ringbolt_ring::yield_now().await;
        }
    }

    fn receive(&self, message: Message) {
        let inner = &mut *self.shared.inner.borrow_mut();
        match message {
            Message::Command { partition, command, context, sent } => {
                inner.host.metrics.observe(Stage::MailboxWait, sent.elapsed());
                inner.run(partition, command, context);
            }
            Message::Answer { request, answer } => inner.host.answer_here(request, answer),
            Message::Forget { partition, request } => inner.forget(partition, request),
            Message::OpenStream { stream, spec } => inner.open_stream(stream, &spec),
            Message::CloseStream { stream } => inner.close_stream(stream),
            Message::Push { stream, job } => inner.host.push_here(stream, job),
            Message::OpenPoll { poll, spec, turn } => inner.open_poll_for(poll, &spec, turn),
            Message::PollAnswer { poll, partition, answer } => {
                inner.host.poll_answer_here(partition, poll, answer);
            }
            Message::EndPoll { poll } => inner.end_poll(poll),
            Message::PartitionStopped { partition } => self.shared.notices.stopped_elsewhere(partition),
            Message::Collect { core, collection } => {
                let report = Box::new(self.shared.with_admission(inner.report()));
                inner.host.send_to(core, Message::Collected { collection, report });
            }
            Message::Collected { collection, report } => {
                if let Some(reports) = self.shared.collections.borrow_mut().get_mut(&collection) {
                    reports.push(*report);
                }
                self.shared.collected.notify_all();
            }
        }
    }

    /// The marker of a round, see [`crate::admission`].
    async fn run_rounds(self) {
        loop {
            self.shared.round_begins.notified().await;
            let mut admission = self.shared.admission.borrow_mut();
            let now = time::now();
            admission.door.note_ran(now);
            // Otherwise the door's keeper ends it, when those whom it let in and all that came meanwhile are done.
            if admission.door.is_empty() {
                admission.on_round_end(now);
            }
        }
    }

    async fn run_outbox(self) {
        loop {
            self.shared.outbox.notified().await;
            while self.shared.inner.borrow_mut().host.outbox.flush() {
                time::sleep(OUTBOX_RETRY).await;
            }
        }
    }

    /// The journal is durable up to a ticket.
    pub(crate) fn on_durable(&self, ticket: u64) {
        {
            let inner = &mut *self.shared.inner.borrow_mut();
            let now = wall_clock();
            inner.host.committing_since = inner.host.uncommitted.front().map(|entry| entry.appended);
            let mut reached: Vec<(PartitionId, u64, Position)> = Vec::new();
            while let Some(entry) = inner.host.uncommitted.front() {
                if entry.ticket > ticket {
                    break;
                }
                inner.host.metrics.observe(Stage::Commit, entry.appended.elapsed());
                match reached.iter_mut().find(|(partition, ..)| *partition == entry.partition) {
                    Some((_, index, last)) => (*index, *last) = (entry.index, entry.last),
                    None => reached.push((entry.partition, entry.index, entry.last)),
                }
                inner.host.uncommitted.pop_front();
            }
            for (partition, index, last) in reached {
                self.shared.positions.publish(partition, last);
                if let Some(partition) = inner.partitions.get_mut(&partition) {
                    partition.on_durable(now, index, &mut inner.host);
                }
            }
            inner.host.committing_since = None;
        }
        self.shared.owes_slice.set(true);
        self.after_step();
        // Who is woken runs when the next write has taken what was appended until now.
        self.let_large_in();
    }

    /// Runs the journal until it is closed or fails.
    async fn run_journal(self) {
        let journal = self.shared.inner.borrow().host.journal.log.clone();
        let origin = time::now();
        let broker = self.clone();
        let ended = journal
            .run(
                move || origin.elapsed().as_nanos() as u64,
                move |flush| {
                    {
                        let metrics = &mut broker.shared.inner.borrow_mut().host.metrics;
                        metrics.observe(Stage::Flush, Duration::from_nanos(flush.duration_ns));
                        metrics.flushes += 1;
                        metrics.flushes_by_thread += u64::from(flush.is_by_thread);
                        metrics.written_bytes += flush.commit.batch_bytes;
                    }
                    broker.on_durable(flush.commit.ticket.0);
                },
            )
            .await;
        let cause = match ended {
            Ok(()) => {
                self.shared.notices.end();
                STOPPING.to_owned()
            }
            Err(error) => error.to_string(),
        };
        self.shared.inner.borrow_mut().stop_all(&cause);
        self.after_step();
        self.wake_large();
    }

    /// The server stops: job streams end after what is queued for them, polls end with what there is, and who waits for somebody's work, as
    /// for the end of an instance, is told that the server stops.
    pub fn drain(&self) {
        self.shared.is_draining.set(true);
        {
            let host = &mut self.shared.inner.borrow_mut().host;
            host.streams.fail_all();
            host.polls.wake_all();
        }
        self.after_step();
    }

    /// The server stops soon: requests that still wait are told that it does. What they asked for may be done, or go on after the next start.
    pub fn dismiss(&self) {
        self.shared.inner.borrow_mut().host.requests.dismiss();
    }

    /// Takes no more commands; what was appended becomes durable and is answered.
    pub async fn close(&self) {
        let journal = self.shared.inner.borrow().host.journal.log.clone();
        journal.close();
        while self.shared.inner.borrow().partitions.values().any(|partition| partition.stopped().is_none()) {
            time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Lets go of this core's states, so that they can be opened again, and says where the partitions stood. To be called when it
    /// has closed; nothing is to be asked of it any more.
    pub fn leave(&self) -> Vec<(PartitionId, Mark)> {
        let partitions = std::mem::take(&mut self.shared.inner.borrow_mut().partitions);
        partitions.into_iter().map(|(id, partition)| (id, partition.mark())).collect()
    }

    /// Does work on a side thread, as soon as one has room for it.
    pub(crate) async fn on_side<T: Send + 'static>(
        &self,
        threads: &side::Side,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, side::Panicked> {
        // A full queue drops the closure that it is offered, and the work must outlive that.
        let slot = std::sync::Arc::new(parking_lot::Mutex::new(Some(work)));
        loop {
            let slot = slot.clone();
            let take = move || slot.lock().take().expect("work is done once");
            match threads.run(move || take()()) {
                Ok(task) => return task.await,
                Err(side::Full) => time::sleep(SIDE_RETRY).await,
            }
        }
    }

    /// Where a checkpoint is tried again after it found no space; nothing for a first try.
    fn retried_in(&self, partition: PartitionId) -> Option<PathBuf> {
        let inner = self.shared.inner.borrow();
        let is_retry = !inner.partitions.get(&partition)?.checkpoint_delayed_by().is_empty();
        is_retry.then(|| inner.host.data_directory.clone())
    }

    pub(crate) fn spawn_checkpoint(&self, partition: PartitionId, job: CheckpointJob) {
        let broker = self.clone();
        spawn(async move {
            let started = time::now();
            let again = broker.retried_in(partition);
            let is_retry = again.is_some();
            let outcome =
                broker.on_side(&broker.shared.side.checkpoints, move || write_checkpoint(job, again)).await;
            {
                let inner = &mut *broker.shared.inner.borrow_mut();
                let Some(partition) = inner.partitions.get_mut(&partition) else { return };
                let id = partition.id();
                match outcome {
                    Ok(outcome) => partition.finish_checkpoint(wall_clock(), outcome, &mut inner.host),
                    Err(panic) => partition.stop(&format!("a checkpoint failed: {panic}"), &mut inner.host),
                }
                if partition.is_checkpoint_delayed() {
                    let cause = partition.checkpoint_delayed_by().to_owned();
                    broker.shared.notices.push(Notice::CheckpointWaits { partition: id, cause });
                } else if partition.stopped().is_none() {
                    inner.host.metrics.checkpoints += 1;
                    if is_retry {
                        broker.shared.notices.push(Notice::CheckpointWritten { partition: id });
                    }
                }
                inner.host.metrics.checkpoint_ms = started.elapsed().as_millis() as u64;
            }
            broker.after_step();
        });
    }

    /// Writes a checkpoint of every partition and waits for it: a stop that makes the next start quick.
    pub async fn checkpoint_all(&self) {
        {
            let inner = &mut *self.shared.inner.borrow_mut();
            for partition in inner.partitions.values_mut() {
                partition.start_checkpoint();
                partition.run_ready_checkpoint(&mut inner.host);
            }
        }
        self.after_step();
        while self
            .shared
            .inner
            .borrow()
            .partitions
            .values()
            .any(|p| p.is_checkpointing() && p.stopped().is_none())
        {
            time::sleep(Duration::from_millis(1)).await;
        }
    }
}
