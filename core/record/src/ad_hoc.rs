//! What an ad-hoc sub-process is told: which of its elements are entered, and whether it is to end.

use crate::ids::Key;
use crate::variables::VariableDocument;

/// See [`crate::Command::InstructAdHocSubProcess`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstructAdHocSubProcess {
    /// The instance of the ad-hoc sub-process.
    pub element_instance_key: Key,
    /// What it is told.
    pub instruction: AdHocInstruction,
}

/// What an ad-hoc sub-process is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdHocInstruction {
    /// Elements to be entered, in order; each as often as it is named.
    pub activate: Vec<AdHocActivation>,
    /// Whether it completes once nothing stands in it any more. Only the worker of its job says so.
    pub is_completion_condition_fulfilled: bool,
    /// Whether what stands in it is ended.
    pub cancels_remaining_instances: bool,
}

/// An element to be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdHocActivation {
    /// Its id.
    pub element_id: String,
    /// Variables of its own.
    pub variables: VariableDocument,
}

/// See [`crate::Command::CompleteAdHocJob`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteAdHocJob {
    /// The job.
    pub job_key: Key,
    /// Variables that the worker sends.
    pub variables: VariableDocument,
    /// What the ad-hoc sub-process is told.
    pub instruction: AdHocInstruction,
}
