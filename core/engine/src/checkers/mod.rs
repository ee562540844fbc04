//! What is due: reads tables, gives commands, changes nothing.

use ringbolt_record::command::DistributionCommand;
use ringbolt_record::{Command, TimestampMs};
use ringbolt_tables::{DueKind, Tables};

/// When the next command is due; may be in the past.
pub(crate) fn next_due(tables: &Tables, resend_at: TimestampMs) -> Option<TimestampMs> {
    let due = tables.due().next().map(|(time, _, _)| time);
    let resend = tables.distributions().next().map(|_| resend_at);
    [due, resend].into_iter().flatten().min()
}

/// The commands that are due at a time, the earliest first: at most `max` of the one queue that everything stands in,
/// and of the deployments to be sent again, so that neither holds up the other.
pub(crate) fn due_commands(
    tables: &Tables,
    resend_at: TimestampMs,
    now: TimestampMs,
    max: usize,
) -> Vec<Command> {
    let due = tables.due().take_while(|(time, _, _)| *time <= now);
    let mut commands: Vec<Command> = due
        .take(max)
        .map(|(_, kind, key)| match kind {
            DueKind::JobDeadline => Command::TimeOutJob { job_key: key },
            DueKind::JobBackoff => Command::RecurJob { job_key: key },
        })
        .collect();
    if resend_at <= now {
        let unacknowledged = tables.distributions().take(max).map(|(deployment_key, partition)| {
            Command::Distribution(DistributionCommand::SendAgain { deployment_key, partition })
        });
        commands.extend(unacknowledged);
    }
    commands
}
