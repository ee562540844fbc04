//! What an entry's events mean to the partition itself: credit that comes back, instances that end.

use crate::host::Host;
use crate::lifetimes::Lifetimes;
use crate::streams::Streams;
use ringbolt_record::values::{InstanceRef, ProcessInstanceCreationRecord};
use ringbolt_record::{
    EntryRef, Intent, JobIntent, ProcessInstanceCreationIntent, ProcessInstanceIntent, RecordRef, RecordType,
    TimestampMs,
};

/// Walks the events of an entry that this partition has just built.
pub(crate) fn observe_events(
    entry: &[u8],
    now: TimestampMs,
    streams: &mut Streams,
    lifetimes: &mut Lifetimes,
    host: &mut dyn Host,
) {
    let entry = EntryRef::parse(entry).expect("this partition built the entry");
    for record in entry.records() {
        let record = record.expect("this partition built the entry");
        if record.header.record_type != RecordType::Event {
            continue;
        }
        match record.header.intent {
            Intent::Job(intent) if gives_credit_back(intent) => streams.on_released(record.header.key),
            Intent::ProcessInstanceCreation(ProcessInstanceCreationIntent::Created) => {
                note_created(&record, now, lifetimes);
            }
            Intent::ProcessInstance(ProcessInstanceIntent::ElementCompleted) => {
                if let Some(lifetime) = lifetimes.on_completed(record.header.key, now) {
                    host.instance_completed(lifetime);
                }
            }
            Intent::Job(_)
            | Intent::Deployment(_)
            | Intent::CommandDistribution(_)
            | Intent::PartitionMessage(_)
            | Intent::Routing(_)
            | Intent::Decision(_)
            | Intent::DecisionRequirements(_)
            | Intent::DecisionEvaluation(_)
            | Intent::ProcessInstance(_)
            | Intent::Incident(_)
            | Intent::JobBatch(_)
            | Intent::Variable(_)
            | Intent::VariableDocument(_)
            | Intent::ProcessInstanceCreation(_)
            | Intent::Error(_)
            | Intent::ProcessInstanceResult(_)
            | Intent::Process(_)
            | Intent::UserTask(_)
            | Intent::PendingCommand(_) => {}
        }
    }
}

fn note_created(record: &RecordRef<'_>, now: TimestampMs, lifetimes: &mut Lifetimes) {
    let value = record.value::<ProcessInstanceCreationRecord<'_>>().expect("this partition built the entry");
    lifetimes.on_created(InstanceRef::of(&value.instance).process_instance_key, now);
}

/// A job that ended, failed or was taken back gives its stream's credit back.
fn gives_credit_back(intent: JobIntent) -> bool {
    match intent {
        JobIntent::Completed
        | JobIntent::Failed
        | JobIntent::TimedOut
        | JobIntent::Canceled
        | JobIntent::ErrorThrown
        | JobIntent::Yielded => true,
        JobIntent::Created
        | JobIntent::Complete
        | JobIntent::TimeOut
        | JobIntent::Fail
        | JobIntent::UpdateRetries
        | JobIntent::RetriesUpdated
        | JobIntent::ThrowError
        | JobIntent::RecurAfterBackoff
        | JobIntent::RecurredAfterBackoff
        | JobIntent::Yield
        | JobIntent::UpdateTimeout
        | JobIntent::TimeoutUpdated
        | JobIntent::Update
        | JobIntent::Updated => false,
    }
}
