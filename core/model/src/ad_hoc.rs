//! Sub-processes whose elements are entered as somebody chooses them: an expression, a client, or the worker of a job.

use crate::process::JobWorkerTask;
use ringbolt_feel::Expression;
use ringbolt_record::ElementIndex;

/// How the elements of an ad-hoc sub-process are chosen, and when it ends.
#[derive(Clone, Debug)]
pub struct AdHocSubProcess {
    /// The elements that can be chosen, in document order: those that no sequence flow leads to.
    pub activities: Box<[ElementIndex]>,
    /// The text of the JSON list that tells of them.
    pub activities_json: Box<str>,
    /// The ids of the elements that it begins with.
    pub active_elements: Option<Expression>,
    /// Whether it ends, looked at whenever something in it has ended. Without one it ends with the last.
    pub completion_condition: Option<Expression>,
    /// Whether what still stands in it is ended then; else that is waited for.
    pub cancels_remaining_instances: bool,
    /// The variable that gets the list of results, and what is evaluated for each.
    pub output: Option<(Box<str>, Expression)>,
    /// The job whose worker chooses, instead of expressions.
    pub job: Option<JobWorkerTask>,
}

/// What follows the id of an ad-hoc sub-process in that of its inner instance.
pub(crate) const INNER_INSTANCE: &str = "#innerInstance";
