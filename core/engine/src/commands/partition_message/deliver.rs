//! Takes a message of another partition, once and in order, and acknowledges all that were taken from there.
//!
//! What has come before, or comes before its turn, changes nothing. What cannot be read or does not fit is not taken: the
//! sender keeps it, and everything behind it, until a version of Ringbolt that can.

use crate::behaviors::{
    batch_operations, broadcasts, cluster_variables, correlations, deletions, freed_business_ids, messages,
};
use crate::commands::deployment;
use crate::contract::Effect;
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_record::command::PartitionCommand;
use ringbolt_record::values::PartitionMessageRecord;
use ringbolt_record::{Command, Key, PartitionId, PartitionMessage, PartitionMessageIntent, Reply};

pub(crate) fn process_deliver(
    p: &mut Processing<'_>,
    source: PartitionId,
    sequence: u64,
    message: &[u8],
) -> Result<(), Refusal> {
    p.outbox.heard_of(source, p.now);
    if sequence == p.tables().inbox(source) + 1 {
        let message = PartitionMessage::read(message).map_err(|error| invalid_state(error.to_string()))?;
        let record = PartitionMessageRecord { partition_id: source, sequence, message: &[] };
        p.append(PartitionMessageIntent::Received, Key::NONE, &record);
        take(p, &message)?;
    }
    let (partition, sequence) = (p.settings.partition_id, p.tables().inbox(source));
    let command = Command::Partition(PartitionCommand::Acknowledge { partition, sequence });
    p.effect(Effect::Send { partition: source, command });
    p.reply(Reply::Done);
    Ok(())
}

fn take(p: &mut Processing<'_>, message: &PartitionMessage) -> Result<(), Refusal> {
    match message {
        PartitionMessage::Deployment(deployment) => deployment::distribute::take_over(p, deployment),
        PartitionMessage::DeleteResource(deletion) => deletions::delete(p, *deletion),
        PartitionMessage::Signal(signal) => broadcasts::arrive(p, signal)?,
        PartitionMessage::ClusterVariable(changed) => cluster_variables::arrive(p, changed),
        PartitionMessage::OpenSubscription(subscription) => messages::open(p, subscription),
        PartitionMessage::MigrateSubscription(subscription) => messages::migrate(p, subscription),
        PartitionMessage::CorrelateMessage(message) => correlations::correlate(p, message)?,
        PartitionMessage::BatchOperation(created) => batch_operations::arrive(p, created),
        PartitionMessage::BatchOperationChange(change) => batch_operations::change(p, *change),
        PartitionMessage::BatchOperationPart(ended) => batch_operations::note_ended_part(p, ended),
        PartitionMessage::Messages(step) => correlations::take(p, *step, Key::NONE)?,
        PartitionMessage::BusinessId(news) => freed_business_ids::arrive(p, news),
        PartitionMessage::AskForBusinessId(asked) => freed_business_ids::answer(p, asked),
        PartitionMessage::AnswerForBusinessId(answer) => freed_business_ids::on_answer(p, answer),
        PartitionMessage::DeploymentReference(_) => {
            return Err(invalid_state("Expected to get a deployment, but got a reference to one".to_owned()));
        }
    }
    Ok(())
}
