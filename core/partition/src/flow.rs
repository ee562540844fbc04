//! Which new work is refused when commits are slow.
//!
//! The limit is a number of new-work commands that wait for their commit. It shrinks by a tenth when a commit
//! took longer than the target and grows by one when it was fast and the limit was in use (additive increase,
//! multiplicative decrease). Completions, incident resolution and internal commands are never refused here:
//! refusing them would keep the work that clogs the partition.

use ringbolt_record::{Command, TimestampMs};
use std::collections::VecDeque;

/// How a partition protects itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowSettings {
    /// A commit slower than this means overload, milliseconds.
    pub commit_target_ms: i64,
    /// The limit never falls below this many waiting commands.
    pub limit_min: u32,
    /// The limit never rises above this many waiting commands.
    pub limit_max: u32,
}

impl Default for FlowSettings {
    fn default() -> Self {
        Self { commit_target_ms: 200, limit_min: 64, limit_max: 16_384 }
    }
}

/// How often, at most, the limit shrinks: once per this many milliseconds, so that one slow flush counts once.
const SHRINK_INTERVAL_MS: i64 = 100;

pub(crate) struct Flow {
    settings: FlowSettings,
    limit: u32,
    waiting: VecDeque<(u64, TimestampMs)>,
    shrunk_at: TimestampMs,
}

/// Documents of so many bytes make a command a large one: what it writes counts beside what a flush costs anyway.
const LARGE_BYTES: usize = 8 * 1024;

/// Whether new work brings so much that others would feel it: it waits, and is refused, before they do.
pub fn is_large(bytes: usize) -> bool {
    bytes >= LARGE_BYTES
}

/// Whether a command starts new work, the first class to be refused.
pub(crate) fn is_new_work(command: &Command) -> bool {
    new_work_bytes(command).is_some()
}

/// Bytes of the documents and resources that a command brings which starts new work: about what it adds to the log and to the state. Names
/// and keys, which are short, are not counted. None for other commands.
pub fn new_work_bytes(command: &Command) -> Option<usize> {
    let variables = match command {
        Command::WithLease(leased) => return new_work_bytes(&leased.command),
        Command::CreateDeployment(deployment) => {
            return Some(deployment.resources.iter().map(|resource| resource.content.len()).sum());
        }
        Command::PublishMessage(message) => &message.variables,
        Command::CorrelateMessage(message) => &message.variables,
        Command::BroadcastSignal(signal) => &signal.variables,
        Command::EvaluateConditionals(evaluate) => &evaluate.variables,
        Command::CreateProcessInstance(create) => &create.variables,
        Command::EvaluateDecision(evaluate) => &evaluate.variables,
        Command::EvaluateExpression(evaluate) => &evaluate.variables,
        Command::CancelProcessInstance { .. }
        | Command::AssignBusinessId { .. }
        | Command::SuspendProcessInstance { .. }
        | Command::ResumeProcessInstance { .. }
        | Command::ModifyProcessInstance(_)
        | Command::InstructAdHocSubProcess(_)
        | Command::MigrateProcessInstance(_)
        | Command::DeleteResource { .. }
        | Command::FetchResource { .. }
        | Command::ActivateJobs(_)
        | Command::CompleteJob { .. }
        | Command::CompleteListener(_)
        | Command::CompleteAdHocJob(_)
        | Command::WithBusinessId(_)
        | Command::FailJob(_)
        | Command::ThrowJobError { .. }
        | Command::UpdateJob { .. }
        | Command::YieldJob { .. }
        | Command::TimeOutJob { .. }
        | Command::TriggerTimer { .. }
        | Command::RecurJob { .. }
        | Command::SetVariables { .. }
        | Command::UserTask(_)
        | Command::BatchOperation(_)
        | Command::ResolveIncident { .. }
        | Command::ContinuePending { .. }
        | Command::ChangeClusterVariable(_)
        | Command::FetchClusterVariables
        | Command::ExpireMessage { .. }
        | Command::Partition(_) => return None,
    };
    Some(variables.text_bytes())
}

impl Flow {
    pub(crate) fn new(settings: FlowSettings) -> Self {
        Self { settings, limit: settings.limit_max, waiting: VecDeque::new(), shrunk_at: TimestampMs(0) }
    }

    /// Whether one more new-work command may enter.
    pub(crate) fn admits(&self) -> bool {
        (self.waiting.len() as u32) < self.limit
    }

    /// A hint for the client, milliseconds.
    pub(crate) fn retry_after_ms(&self) -> u32 {
        u32::try_from(self.settings.commit_target_ms).unwrap_or(u32::MAX)
    }

    pub(crate) fn on_appended(&mut self, index: u64, now: TimestampMs) {
        self.waiting.push_back((index, now));
    }

    pub(crate) fn on_committed(&mut self, index: u64, now: TimestampMs) {
        let in_use = self.waiting.len() as u32 * 2 >= self.limit;
        while let Some(&(waiting, since)) = self.waiting.front() {
            if waiting > index {
                break;
            }
            self.waiting.pop_front();
            let waited_ms = now.0 - since.0;
            if waited_ms > self.settings.commit_target_ms {
                self.shrink(now);
            } else if in_use && self.limit < self.settings.limit_max {
                self.limit += 1;
            }
        }
    }

    fn shrink(&mut self, now: TimestampMs) {
        if now.0 - self.shrunk_at.0 < SHRINK_INTERVAL_MS {
            return;
        }
        self.shrunk_at = now;
        self.limit = (self.limit - self.limit / 10).max(self.settings.limit_min);
    }

    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Flow, FlowSettings};
    use ringbolt_record::TimestampMs;

    #[test]
    fn slow_commits_lower_the_limit_and_fast_ones_raise_it() {
        let settings = FlowSettings { commit_target_ms: 200, limit_min: 2, limit_max: 100 };
        let mut flow = Flow::new(settings);
        let mut index = 0;
        for round in 0..60 {
            let now = TimestampMs(1_000 * round);
            while flow.admits() {
                index += 1;
                flow.on_appended(index, now);
            }
            flow.on_committed(index, TimestampMs(now.0 + 500));
        }
        assert!(flow.limit() < 12, "limit is {}", flow.limit());
        let low = flow.limit();
        for round in 0..10 {
            let now = TimestampMs(1_000_000 + 1_000 * round);
            while flow.admits() {
                index += 1;
                flow.on_appended(index, now);
            }
            flow.on_committed(index, TimestampMs(now.0 + 5));
        }
        assert!(flow.limit() > low + 10, "limit is {}", flow.limit());
    }
}
