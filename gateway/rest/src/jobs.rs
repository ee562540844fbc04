//! Jobs that workers poll for, and streams of them.

use crate::answer::{Answer, AnswerBody, JSON, NDJSON};
use crate::problem::Problem;
use crate::rest::Rest;
use ringbolt_api::json::put;
use ringbolt_api::table::job::{job_bytes, put_job};
use ringbolt_api::{ApiError, Broker, JobPoll, JobStreamSpec, LongPoll};
use ringbolt_http::Receipt;
use ringbolt_record::command::ActivateJobs;
use std::future::poll_fn;

/// Jobs on their way to a client: they go back unless they arrive.
struct Polled<P> {
    poll: P,
    count: usize,
}

impl<P: JobPoll> Receipt for Polled<P> {
    fn delivered(mut self: Box<Self>) {
        self.poll.delivered(self.count);
    }
}

impl<B: Broker> Rest<B> {
    pub(crate) async fn activate_jobs(
        &self,
        (activate, long_poll): (ActivateJobs, LongPoll),
    ) -> Result<Answer<B::JobStream>, Problem> {
        let mut poll = self.gateway.poll_jobs(activate, long_poll);
        let level = self.limits().level;
        let mut out = Vec::new();
        put(&mut out, r#"{"jobs":["#);
        let mut count = 0;
        while let Some(batch) = poll_fn(|cx| poll.poll_next(cx)).await {
            let batch = match batch {
                Ok(batch) => batch,
                Err(refusal) if count == 0 => return Err(ApiError::refused("ACTIVATE", refusal).into()),
                // Jobs that the client gets are worth more than the error after them.
                Err(_) => break,
            };
            out.reserve(batch.jobs.iter().map(job_bytes).sum());
            for job in &batch.jobs {
                if count > 0 {
                    out.push(b',');
                }
                put_job(&mut out, job, level);
                count += 1;
            }
        }
        put(&mut out, "]}");
        if count == 0 {
            return Ok(Answer::json(out));
        }
        let body = AnswerBody::Once(out.into(), Box::new(Polled { poll, count }));
        Ok(Answer { status: 200, content_type: Some(JSON), extra: None, incomplete: None, body })
    }

    pub(crate) fn stream_jobs(&self, spec: JobStreamSpec) -> Result<Answer<B::JobStream>, ApiError> {
        let stream = self.gateway.open_job_stream(spec)?;
        Ok(Answer {
            status: 200,
            content_type: Some(NDJSON),
            extra: None,
            incomplete: None,
            body: AnswerBody::Jobs(stream),
        })
    }
}
