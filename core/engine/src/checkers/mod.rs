//! What is due: reads tables, gives commands, changes nothing.

use crate::commands::pending_command;
use ringbolt_record::command::DistributionCommand;
use ringbolt_record::{Command, TimestampMs};
use ringbolt_tables::Tables;

/// When the next command is due; the distant past when one is due whatever the time.
pub(crate) fn next_due(tables: &Tables, resend_at: TimestampMs) -> Option<TimestampMs> {
    if pending_command::go_on::is_due(tables) {
        return Some(TimestampMs(0));
    }
    let deadline = tables.job_deadlines().next().map(|(time, _)| time);
    let backoff = tables.job_backoffs().next().map(|(time, _)| time);
    let resend = tables.distributions().next().map(|_| resend_at);
    [deadline, backoff, resend].into_iter().flatten().min()
}

/// The commands that are due at a time, at most this many.
pub(crate) fn due_commands(
    tables: &Tables,
    resend_at: TimestampMs,
    now: TimestampMs,
    max: usize,
) -> Vec<Command> {
    let mut due = Vec::new();
    if pending_command::go_on::is_due(tables) {
        due.push(Command::ContinuePending);
    }
    let is_due = |(time, _): &(TimestampMs, _)| *time <= now;
    let timed_out = tables.job_deadlines().take_while(is_due);
    due.extend(timed_out.take(max).map(|(_, job_key)| Command::TimeOutJob { job_key }));
    let rested = tables.job_backoffs().take_while(is_due);
    due.extend(rested.take(max).map(|(_, job_key)| Command::RecurJob { job_key }));
    if resend_at <= now {
        let unacknowledged = tables.distributions().take(max).map(|(deployment_key, partition)| {
            Command::Distribution(DistributionCommand::SendAgain { deployment_key, partition })
        });
        due.extend(unacknowledged);
    }
    due.truncate(max);
    due
}
