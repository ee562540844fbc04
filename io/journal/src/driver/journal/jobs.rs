//! File jobs of a journal, which its side thread does one after the other.

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ringbolt_ring::fs::File;

use super::{Inner, release};
use crate::driver::files::run_job;
use crate::scan::SegmentSummary;
use crate::segment_job::SegmentJob;
use crate::segments::JobError;
use crate::source::SegmentFile;

/// How long to wait before a file job that failed is tried again.
const SPACE_RETRY: Duration = Duration::from_secs(1);
/// How long to wait before a file job is offered again to side threads whose queue is full.
const SIDE_RETRY: Duration = Duration::from_millis(20);

/// What a side thread is asked to do.
enum SideJob {
    File(SegmentJob),
    Index(SegmentSummary, SegmentFile),
}

pub(super) async fn run(inner: &Inner) {
    loop {
        let closed = inner.closed.borrow_mut().pop_front();
        let job = match closed {
            Some((summary, active)) => Some(SideJob::Index(summary, active)),
            None => inner.log.borrow_mut().next_job().map(SideJob::File),
        };
        if let Some(job) = job {
            run_side_job(inner, job).await;
            continue;
        }
        let (ended, retry) = {
            let log = inner.log.borrow();
            (log.is_closed() || log.failure().is_some() || log.is_stuck(), log.wants_retry())
        };
        if ended {
            return;
        }
        if retry {
            if ringbolt_ring::timeout(SPACE_RETRY, inner.wake_jobs.notified()).await.is_err() {
                inner.log.borrow_mut().retry_space();
            }
        } else {
            inner.wake_jobs.notified().await;
        }
    }
}

async fn run_side_job(inner: &Inner, job: SideJob) {
    let index = inner.readers.index.clone();
    match job {
        SideJob::Index(summary, active) => {
            let note = move || index.lock().unwrap_or_else(PoisonError::into_inner).close(summary, active);
            // A panic there would be a bug in the index alone; readers then start earlier than they must.
            let _ = on_side(inner, note).await;
        }
        SideJob::File(job) => {
            let (directory, access) = (inner.directory.clone(), inner.access);
            let work = move || {
                if let SegmentJob::Recycle { sequence, .. } | SegmentJob::Remove { sequence } = job {
                    index.lock().unwrap_or_else(PoisonError::into_inner).give_up(sequence);
                }
                run_job(&directory, access, job)
            };
            let result = on_side(inner, work).await.map_err(JobError::Uncertain).flatten();
            let result = result.and_then(|opened| {
                let opened = opened.map(File::from_std).transpose().map_err(JobError::Uncertain)?;
                let opened = opened.map(Rc::new);
                if let Some(old) = inner.files.borrow_mut().note(job, opened) {
                    release(&old);
                }
                Ok(())
            });
            // A failure is kept by the log; the writer reports it.
            let _ = inner.log.borrow_mut().job_done(result);
            inner.wake_writer.notify_one();
        }
    }
}

async fn on_side<T: Send + 'static>(
    inner: &Inner,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<T> {
    // The queue is bounded and takes the closure only if it has room, so room is asked for first.
    let mut work = Some(work);
    loop {
        let slot = Arc::new(Mutex::new(work.take()));
        let shared = slot.clone();
        let take = move || shared.lock().unwrap_or_else(PoisonError::into_inner).take().map(|work| work());
        match inner.side.run(take) {
            Ok(task) => {
                let done = task.await.map_err(|panic| std::io::Error::other(panic.to_string()))?;
                return Ok(done.expect("the closure is taken once"));
            }
            Err(_) => {
                work = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
                ringbolt_ring::sleep(SIDE_RETRY).await;
            }
        }
    }
}
