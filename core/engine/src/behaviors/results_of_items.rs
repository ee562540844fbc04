//! The results of a repeated activity that has ended: many of them are deleted in slices. Rests on the state alone.

use crate::writers::Processing;
use ringbolt_record::values::{InstanceRef, ItemList, MultiInstanceRecord};
use ringbolt_record::{ElementIndex, FollowUp, Key, MultiInstanceIntent};
use ringbolt_tables::RESULTS_AT_ONCE_MAX;

/// A body is about to end: what is too much to be deleted with it is deleted in later steps.
pub(crate) fn forget_later(p: &mut Processing<'_>, process_instance_key: Key, body_key: Key) {
    let count = p.tables().multi_instance_items(body_key).map_or(0, ItemList::len);
    if count > RESULTS_AT_ONCE_MAX {
        p.follow_up(process_instance_key, FollowUp::Forget { body_key });
    }
}

/// Deletes some of the results, and comes back for the others.
pub(crate) fn forget(p: &mut Processing<'_>, process_instance_key: Key, body_key: Key) {
    let numbers = p.tables().multi_instance_result_rows(body_key);
    let numbers: Vec<u32> = numbers.take(RESULTS_AT_ONCE_MAX as usize + 1).collect();
    let Some(last) = numbers.get(RESULTS_AT_ONCE_MAX as usize - 1).or(numbers.last()) else { return };
    let record = MultiInstanceRecord {
        instance: InstanceRef { process_instance_key, ..InstanceRef::default() },
        element_index: ElementIndex::PROCESS,
        number: *last,
        value: &[],
        tenant_id: "",
    };
    p.append(MultiInstanceIntent::Forgotten, body_key, &record);
    if numbers.len() > RESULTS_AT_ONCE_MAX as usize {
        p.follow_up(process_instance_key, FollowUp::Forget { body_key });
    }
}
