//! A task that a job worker does, or an event that it throws: a job when it is entered, left when the job is completed.

use crate::at::At;
use crate::behaviors::jobs;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct JobWorkerTask;

impl Hooks for JobWorkerTask {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        Ok(Next::Job(jobs::prepare(p, at)?))
    }
}
