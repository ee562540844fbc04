//! What is due: reads tables, gives commands, changes nothing.

use crate::outbox::Outbox;
use ringbolt_record::command::PartitionCommand;
use ringbolt_record::{Command, TimestampMs};
use ringbolt_tables::{DueKind, Tables};

/// When the next command is due; may be in the past.
pub(crate) fn next_due(tables: &Tables, outbox: &Outbox) -> Option<TimestampMs> {
    let due = tables.due().next().map(|(time, _, _)| time);
    [due, outbox.next_due(tables)].into_iter().flatten().min()
}

/// The commands that are due at a time, the earliest first: at most `max` of the one queue that everything stands in,
/// and one for each partition that messages are to be sent to again, so that neither holds up the other.
pub(crate) fn due_commands(tables: &Tables, outbox: &Outbox, now: TimestampMs, max: usize) -> Vec<Command> {
    let due = tables.due().take_while(|(time, _, _)| *time <= now);
    let mut commands: Vec<Command> = due
        .take(max)
        .map(|(_, kind, key)| match kind {
            DueKind::JobDeadline => Command::TimeOutJob { job_key: key },
            DueKind::JobBackoff => Command::RecurJob { job_key: key },
            DueKind::Timer => Command::TriggerTimer { timer_key: key },
            DueKind::MessageDeadline => Command::ExpireMessage { message_key: key },
        })
        .collect();
    let again = outbox.due(tables, now).into_iter();
    commands.extend(again.map(|partition| Command::Partition(PartitionCommand::Resend { partition })));
    commands
}
