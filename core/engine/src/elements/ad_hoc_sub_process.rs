//! A sub-process whose elements are entered as they are chosen: by an expression when it begins, by clients, or by the worker of
//! its job.

use crate::aspects::ad_hoc;
use crate::at::At;
use crate::behaviors::jobs;
use crate::failure::Interruption;
use crate::hook::{Hooks, Next};
use crate::writers::Processing;

pub(crate) struct AdHocSubProcess;

impl Hooks for AdHocSubProcess {
    fn activate(&self, p: &mut Processing<'_>, at: &At) -> Result<Next, Interruption> {
        match at.model().job() {
            Some(_) => Ok(Next::Job(jobs::prepare(p, at)?)),
            None => Ok(Next::Choose(ad_hoc::chosen(p, at)?)),
        }
    }
}
