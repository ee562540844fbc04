//! Events in the life of element instances.

mod element_activated_v1;
mod element_activating_v1;
mod element_completed_v1;
mod element_completing_v1;
mod element_migrated_v1;
mod element_terminated_v1;
mod element_terminating_v1;
pub(super) mod interrupt_v1;
mod resumed_v1;
mod resuming_v1;
mod rows_v1;
mod sequence_flow_deleted_v1;
mod sequence_flow_taken_v1;
mod suspended_v1;
mod transitions_v1;

use super::{Applied, NoEvent};
use ringbolt_record::values::ProcessInstanceRecord;
use ringbolt_record::{Intent, Key, ProcessInstanceIntent};
use ringbolt_tables::Tables;

impl Applied for ProcessInstanceRecord<'_> {
    fn apply(tables: &mut Tables, intent: Intent, key: Key, value: &Self::Archived) -> Result<(), NoEvent> {
        let Intent::ProcessInstance(intent) = intent else { return Err(NoEvent) };
        match intent {
            ProcessInstanceIntent::SequenceFlowTaken => {
                sequence_flow_taken_v1::apply_sequence_flow_taken(tables, key, value)
            }
            ProcessInstanceIntent::ElementActivating => {
                element_activating_v1::apply_element_activating(tables, key, value)
            }
            ProcessInstanceIntent::ElementActivated => {
                element_activated_v1::apply_element_activated(tables, key, value)
            }
            ProcessInstanceIntent::ElementCompleting => {
                element_completing_v1::apply_element_completing(tables, key, value)
            }
            ProcessInstanceIntent::ElementCompleted => {
                element_completed_v1::apply_element_completed(tables, key, value)
            }
            ProcessInstanceIntent::ElementTerminating => {
                element_terminating_v1::apply_element_terminating(tables, key, value)
            }
            ProcessInstanceIntent::ElementTerminated => {
                element_terminated_v1::apply_element_terminated(tables, key, value)
            }
            ProcessInstanceIntent::ElementMigrated => {
                element_migrated_v1::apply_element_migrated(tables, key, value)
            }
            ProcessInstanceIntent::SequenceFlowDeleted => {
                sequence_flow_deleted_v1::apply_sequence_flow_deleted(tables, key, value)
            }
            // What stands around it is said in its caller's events.
            ProcessInstanceIntent::AncestorMigrated => {}
            ProcessInstanceIntent::Suspended => suspended_v1::apply_suspended(tables, key),
            ProcessInstanceIntent::Resuming => resuming_v1::apply_resuming(tables, key),
            ProcessInstanceIntent::Resumed => resumed_v1::apply_resumed(tables, key),
            ProcessInstanceIntent::Cancel
            | ProcessInstanceIntent::Suspend
            | ProcessInstanceIntent::Resume
            | ProcessInstanceIntent::ActivateElement
            | ProcessInstanceIntent::CompleteElement
            | ProcessInstanceIntent::TerminateElement
            | ProcessInstanceIntent::Canceling => return Err(NoEvent),
        }
        Ok(())
    }
}
