//! Carries jobs from the engine to a client's connection, and tells the engine which of them arrived there.
//!
//! Rule: a job counts as delivered when the connection took it. One that it never took goes back at once when the poll or
//! stream ends, however it ends (client gone, deadline, shutdown): dropping a pump's future is enough.
//!
//! Deliberately absent: how a job is written. That is the outlet's.

use crate::broker::{JobPoll, JobStream, Refusal};
use ringbolt_record::Key;
use ringbolt_record::reply::{ActivatedJob, JobBatch};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};

/// A client's connection that takes one message after another. Messages are numbered from 1.
pub trait Outlet<M> {
    /// Queues a message and returns its number; `None` when the client is gone or there is no room.
    fn try_send(&self, message: M) -> Option<u64>;

    /// Messages that can be queued now; none when the client is gone.
    fn room(&self) -> usize;

    /// The number of the last message that the connection took.
    fn handed_over(&self) -> u64;

    /// Whether nothing can be handed over any more.
    fn is_closed(&self) -> bool;

    /// Waits until more than `seen` messages were handed over or the client is gone; the new number.
    fn changed(&self, seen: u64) -> impl Future<Output = u64>;

    /// Takes back what was queued and not handed over.
    fn take_back(&self);

    /// The number of the last message that the connection took or may take yet: of a client that reads nothing it may hold some.
    fn held(&self) -> u64 {
        self.handed_over()
    }

    /// Waits until it is known what became of those.
    fn let_go(&self) -> impl Future<Output = ()> {
        std::future::ready(())
    }

    /// Waits until it is known whether the client, which may have waited for long, is still there.
    fn settled(&self) -> impl Future<Output = ()> {
        std::future::ready(())
    }
}

/// Why a pump ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client is gone.
    Closed,
    /// There is nothing more to say.
    Finished,
    /// The engine refused.
    Refused(Refusal),
}

/// Carries a stream's jobs until the client is gone or the server ends the stream.
pub async fn pump_stream<S: JobStream, O: Outlet<ActivatedJob>>(stream: S, outlet: O) -> Ended {
    let mut pump = StreamPump { stream, outlet, sent: VecDeque::new() };
    loop {
        let seen = pump.note_delivered();
        if pump.outlet.is_closed() {
            pump.end().await;
            return Ended::Closed;
        }
        let StreamPump { stream, outlet, sent } = &mut pump;
        match next(outlet, seen, |cx| stream.poll_next(cx)).await {
            Next::Changed => {}
            Next::Item(job) => {
                let key = job.key;
                match outlet.try_send(job) {
                    Some(number) => sent.push_back((number, key)),
                    None => return Ended::Closed,
                }
            }
            Next::End => {
                // What is queued would be handed over after its jobs went back.
                outlet.take_back();
                return Ended::Finished;
            }
        }
    }
}

/// Carries an activation's batches until there are no more and the connection took the last.
pub async fn pump_poll<P: JobPoll, O: Outlet<JobBatch>>(poll: P, outlet: O) -> Ended {
    let mut pump = PollPump { poll, outlet, sent: VecDeque::new() };
    let mut something_sent = false;
    loop {
        let seen = pump.note_delivered();
        if pump.outlet.is_closed() {
            return Ended::Closed;
        }
        let PollPump { poll, outlet, sent } = &mut pump;
        match next(outlet, seen, |cx| poll.poll_next(cx)).await {
            Next::Changed => {}
            Next::Item(Ok(batch)) => {
                // What was not sent yet goes back with the poll.
                outlet.settled().await;
                let count = batch.jobs.len();
                match outlet.try_send(batch) {
                    Some(number) => sent.push_back((number, count)),
                    None => return Ended::Closed,
                }
                something_sent = true;
            }
            // Jobs that the client gets are worth more than the error after them.
            Next::Item(Err(refusal)) if !something_sent => return Ended::Refused(refusal),
            Next::Item(Err(_)) | Next::End => break,
        }
    }
    loop {
        let seen = pump.note_delivered();
        if pump.sent.is_empty() {
            return Ended::Finished;
        }
        if pump.outlet.is_closed() {
            return Ended::Closed;
        }
        pump.outlet.changed(seen).await;
    }
}

enum Next<T> {
    Changed,
    Item(T),
    End,
}

/// What happens first: the connection took something or is gone, or there is an item and room for it.
async fn next<M, T>(
    outlet: &impl Outlet<M>,
    seen: u64,
    mut poll_item: impl FnMut(&mut Context<'_>) -> Poll<Option<T>>,
) -> Next<T> {
    let mut changed = pin!(outlet.changed(seen));
    poll_fn(|cx| {
        if changed.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Next::Changed);
        }
        if outlet.room() == 0 {
            // Whatever makes room also changes the number that was handed over.
            return Poll::Pending;
        }
        poll_item(cx).map(|item| item.map_or(Next::End, Next::Item))
    })
    .await
}

struct StreamPump<S: JobStream, O: Outlet<ActivatedJob>> {
    stream: S,
    outlet: O,
    /// Number and key of what was sent and not known to be handed over.
    sent: VecDeque<(u64, Key)>,
}

impl<S: JobStream, O: Outlet<ActivatedJob>> StreamPump<S, O> {
    fn note_delivered(&mut self) -> u64 {
        let handed_over = self.outlet.handed_over();
        while let Some(&(number, key)) = self.sent.front()
            && number <= handed_over
        {
            self.stream.delivered(key);
            self.sent.pop_front();
        }
        handed_over
    }

    /// Nothing more is sent. What the connection holds may be written any time, or never: it goes back only when that is known.
    async fn end(&mut self) {
        let held = self.outlet.held();
        let unknown = self.sent.iter().take_while(|(number, _)| *number <= held).map(|&(_, key)| key);
        self.stream.end(&unknown.collect::<Vec<Key>>());
        self.outlet.let_go().await;
    }
}

impl<S: JobStream, O: Outlet<ActivatedJob>> Drop for StreamPump<S, O> {
    /// The future may be dropped between a hand-over and its notice.
    fn drop(&mut self) {
        self.note_delivered();
    }
}

struct PollPump<P: JobPoll, O: Outlet<JobBatch>> {
    poll: P,
    outlet: O,
    /// Number and jobs of what was sent and not known to be handed over.
    sent: VecDeque<(u64, usize)>,
}

impl<P: JobPoll, O: Outlet<JobBatch>> PollPump<P, O> {
    fn note_delivered(&mut self) -> u64 {
        let handed_over = self.outlet.handed_over();
        while let Some(&(number, count)) = self.sent.front()
            && number <= handed_over
        {
            self.poll.delivered(count);
            self.sent.pop_front();
        }
        handed_over
    }
}

impl<P: JobPoll, O: Outlet<JobBatch>> Drop for PollPump<P, O> {
    /// As for a stream.
    fn drop(&mut self) {
        self.note_delivered();
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, pump_poll, pump_stream};
    use crate::broker::{Broker, JobStreamSpec, LongPoll, Refusal};
    use crate::fake::{FakeBroker, FakeOutlet, job, run};
    use ringbolt_record::DurationMs;
    use ringbolt_record::command::ActivateJobs;
    use ringbolt_record::reply::JobBatch;
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    fn step(future: Pin<&mut impl Future<Output = Ended>>) -> Option<Ended> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(ended) => Some(ended),
            Poll::Pending => None,
        }
    }

    fn open(broker: &FakeBroker) -> <FakeBroker as Broker>::JobStream {
        broker
            .open_job_stream(JobStreamSpec {
                job_type: "pay".to_owned(),
                worker: String::new(),
                timeout: Duration::from_secs(1),
                fetch_variables: Vec::new(),
                tenant_ids: Vec::new(),
            })
            .expect("it opens")
    }

    fn poll(broker: &FakeBroker) -> <FakeBroker as Broker>::JobPoll {
        let request = ActivateJobs {
            job_type: "pay".to_owned(),
            worker: String::new(),
            timeout: DurationMs(1),
            jobs_max: 9,
            bytes_max: 9,
            fetch_variables: Vec::new(),
            tenant_ids: Vec::new(),
            with_leases: false,
        };
        broker.poll_jobs(request, LongPoll::None)
    }

    fn batch(counters: &[u64]) -> Result<JobBatch, Refusal> {
        Ok(JobBatch { jobs: counters.iter().map(|&counter| job(counter)).collect(), truncated: false })
    }

    #[test]
    fn a_job_is_delivered_when_the_connection_took_it_and_else_goes_back() {
        let broker = FakeBroker::new();
        broker.keep_open();
        for counter in 1..=4 {
            broker.push(job(counter));
        }
        let (outlet, connection) = FakeOutlet::new(2);
        {
            let mut pump = pin!(pump_stream(open(&broker), outlet));
            broker.take_log();
            assert_eq!(step(pump.as_mut()), None);
            assert_eq!((connection.accepted(), broker.take_log()), (2, String::new()));
            connection.take(1);
            assert_eq!(step(pump.as_mut()), None);
            assert_eq!(connection.accepted(), 3);
            assert_eq!(broker.take_log(), "delivered 4503599627370497\n");
            // Taken, but the pump is dropped before it looks.
            connection.take(1);
        }
        assert_eq!(
            broker.take_log(),
            "delivered 4503599627370498\nstream dropped, back go [4503599627370499]\n"
        );
    }

    #[test]
    fn a_stream_ends_with_its_client_or_with_the_server() {
        let broker = FakeBroker::new();
        broker.push(job(1));
        let (outlet, connection) = FakeOutlet::new(2);
        assert_eq!(run(pump_stream(open(&broker), outlet)), Ended::Finished);
        assert!(connection.taken_back());
        let (outlet, connection) = FakeOutlet::new(2);
        connection.close();
        assert_eq!(run(pump_stream(open(&broker), outlet)), Ended::Closed);
    }

    #[test]
    fn what_a_connection_holds_of_a_client_that_reads_nothing_goes_back_when_it_is_gone() {
        let broker = FakeBroker::new();
        broker.keep_open();
        let (first, second) = (job(1).key, job(2).key);
        for is_written in [false, true] {
            broker.push(job(1));
            broker.push(job(2));
            let (outlet, connection) = FakeOutlet::new(2);
            {
                let mut pump = pin!(pump_stream(open(&broker), outlet));
                assert_eq!(step(pump.as_mut()), None);
                broker.take_log();
                connection.hold(1);
                connection.close();
                assert_eq!(step(pump.as_mut()), None);
                let back = broker.take_log();
                connection.let_go(is_written);
                assert_eq!(step(pump.as_mut()), Some(Ended::Closed));
                assert_eq!(back, format!("stream ended, back go [{second}]\n"));
            }
            let log = broker.take_log();
            match is_written {
                false => assert_eq!(log, format!("stream dropped, back go [{first}]\n")),
                true => assert_eq!(log, format!("delivered {first}\nstream dropped, back go []\n")),
            }
        }
    }

    #[test]
    fn a_poll_ends_when_the_connection_took_the_last_batch() {
        let broker = FakeBroker::new();
        broker.batch(batch(&[1, 2]));
        broker.batch(batch(&[3]));
        broker.batch(Err(Refusal::DiskFull));
        let (outlet, connection) = FakeOutlet::new(1);
        {
            let mut pump = pin!(pump_poll(poll(&broker), outlet));
            assert_eq!(step(pump.as_mut()), None);
            connection.take(1);
            assert_eq!(step(pump.as_mut()), None);
            assert_eq!(connection.accepted(), 2);
            connection.take(1);
            assert_eq!(step(pump.as_mut()), Some(Ended::Finished));
        }
        assert!(broker.take_log().ends_with("poll dropped, 3 of 3 delivered\n"));
    }

    #[test]
    fn batches_of_a_client_that_goes_away_go_back_one_by_one() {
        let broker = FakeBroker::new();
        broker.batch(batch(&[1, 2]));
        broker.batch(batch(&[3]));
        let (outlet, connection) = FakeOutlet::new(2);
        {
            let mut pump = pin!(pump_poll(poll(&broker), outlet));
            assert_eq!(step(pump.as_mut()), None);
            assert_eq!(connection.accepted(), 2);
            connection.take(1);
            connection.close();
            assert_eq!(step(pump.as_mut()), Some(Ended::Closed));
        }
        assert!(broker.take_log().ends_with("poll dropped, 2 of 3 delivered\n"));
    }

    #[test]
    fn a_refusal_before_any_job_is_told() {
        let broker = FakeBroker::new();
        broker.batch(Err(Refusal::DiskFull));
        let (outlet, _connection) = FakeOutlet::new(1);
        assert_eq!(run(pump_poll(poll(&broker), outlet)), Ended::Refused(Refusal::DiskFull));
        let (outlet, _connection) = FakeOutlet::new(1);
        assert_eq!(run(pump_poll(poll(&broker), outlet)), Ended::Finished);
    }
}
