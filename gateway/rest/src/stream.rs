//! Jobs as lines of JSON: a worker's one long request over plain HTTP.

use bytes::Bytes;
use ringbolt_api::JobStream;
use ringbolt_api::pump::{Ended, Outlet, pump_stream};
use ringbolt_api::schema::Level;
use ringbolt_api::table::job::{job_bytes, put_job};
use ringbolt_http::BodySender;
use ringbolt_record::reply::ActivatedJob;
use std::rc::Rc;

/// A body as the pump sees it: one job a frame, so that what was handed over is known job by job.
struct Lines(Rc<BodySender>, Level);

impl Outlet<ActivatedJob> for Lines {
    fn try_send(&self, job: ActivatedJob) -> Option<u64> {
        if self.0.room() == 0 {
            return None;
        }
        self.0.try_send(job_line(&job, self.1)).ok()
    }
    fn room(&self) -> usize {
        self.0.room()
    }
    fn handed_over(&self) -> u64 {
        self.0.handed_over()
    }
    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
    async fn changed(&self, seen: u64) -> u64 {
        self.0.changed(seen).await
    }
    fn take_back(&self) {
        self.0.take_back();
    }
    fn held(&self) -> u64 {
        self.0.held()
    }
    async fn let_go(&self) {
        self.0.let_go().await;
    }
}

/// Carries a stream's jobs into a body until the client is gone or the server ends the stream.
pub(crate) async fn run<S: JobStream + 'static>(stream: S, sender: BodySender, level: Level) {
    let sender = Rc::new(sender);
    sender.watch();
    match pump_stream(stream, Lines(sender.clone(), level)).await {
        Ended::Closed => {}
        // A whole body: the client opens the stream again.
        Ended::Finished | Ended::Refused(_) => sender.finish(None),
    }
}

/// A job as a line.
pub(crate) fn job_line(job: &ActivatedJob, level: Level) -> Bytes {
    let mut out = Vec::with_capacity(job_bytes(job));
    put_job(&mut out, job, level);
    // Variables are the client's text and may hold line feeds between their values; inside of texts JSON has none.
    for byte in &mut out {
        if matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    out.push(b'\n');
    out.into()
}
