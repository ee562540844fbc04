//! Instances that processing gives up on.

use crate::writers::Processing;
use ringbolt_record::values::ErrorRecord;
use ringbolt_record::{ErrorIntent, FollowUp, Key};

/// Bans an instance, so that it fails only once: it goes on no more. Its business id is free from then on; who waits for it has that in a
/// step of its own, since what failed may have left no room in the entry.
pub(crate) fn ban(p: &mut Processing<'_>, process_instance_key: Key, message: &str) {
    let record = ErrorRecord { process_instance_key, message: p.bounded(message) };
    let key = p.next_key();
    p.append(ErrorIntent::Created, key, &record);
    let metadata = p.tables().instance_metadata(process_instance_key);
    if metadata.is_some_and(|metadata| metadata.business_id_of.is_some()) {
        p.follow_up(process_instance_key, FollowUp::FreeBusinessId { process_instance_key });
    }
}
