//! Instances that processing gives up on.

use crate::behaviors::business_ids;
use crate::writers::Processing;
use ringbolt_record::partition_message::BusinessIdChange;
use ringbolt_record::values::ErrorRecord;
use ringbolt_record::{ErrorIntent, Key};

/// Bans an instance, so that it fails only once: it goes on no more. Its business id is free from then on, which the partition that the id
/// falls to is told.
pub(crate) fn ban(p: &mut Processing<'_>, process_instance_key: Key, message: &str) {
    let record = ErrorRecord { process_instance_key, message: p.bounded(message) };
    let row = p.tables().element_instance(process_instance_key);
    let business_id = row.and_then(|row| business_ids::of_instance(p, row.element.instance));
    let key = p.next_key();
    p.append(ErrorIntent::Created, key, &record);
    if let Some(of) = business_id {
        business_ids::tell(p, &of, BusinessIdChange::Released, process_instance_key);
    }
}
