//! A request that waits for its answer.

use crate::core::{CoreBroker, STOPPING};
use crate::metrics::Stage;
use ringbolt_partition::{Answer, Refusal};
use ringbolt_record::{ActivatedJob, PartitionId, Reply, RequestId};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Waits for a request's answer; leaving early gives up on it.
pub(crate) struct Pending {
    pub(crate) broker: CoreBroker,
    pub(crate) partition: PartitionId,
    /// None when it was answered.
    pub(crate) request: Option<RequestId>,
}

impl Future for Pending {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let request = self.request.expect("a finished request is not polled");
        let answer = {
            let inner = &mut *self.broker.shared.inner.borrow_mut();
            match inner.host.requests.poll(request, cx) {
                Poll::Ready((answer, since)) => {
                    inner.host.metrics.observe(Stage::Response, since.elapsed());
                    answer
                }
                Poll::Pending if inner.host.requests.are_dismissed() => {
                    // It has no answer that could be lost.
                    let _ = inner.host.requests.abandon(request);
                    inner.forget(self.partition, request);
                    let cause = STOPPING.to_owned();
                    Answer::Refusal(Refusal::Stopped { partition: self.partition, cause })
                }
                Poll::Pending => return Poll::Pending,
            }
        };
        self.request = None;
        Poll::Ready(answer)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let Some(request) = self.request else { return };
        {
            let inner = &mut *self.broker.shared.inner.borrow_mut();
            let host = &mut inner.host;
            match host.requests.abandon(request) {
                Some(Answer::Reply(Reply::JobsActivated(batch))) => {
                    host.yield_jobs(batch.jobs.iter().map(ActivatedJob::activation));
                }
                Some(_) => {}
                None => inner.forget(self.partition, request),
            }
        }
        self.broker.after_step();
    }
}
