//! Instances that processing gives up on.

use crate::behaviors::{business_ids, freed_business_ids, message_starts};
use crate::writers::Processing;
use ringbolt_record::values::ErrorRecord;
use ringbolt_record::{BusinessIdHoldIntent, ErrorIntent, FollowUp, Key};

/// Bans an instance, so that it fails only once: it goes on no more. What it gives free comes in a step of its own, since what failed may
/// have left no room in the entry.
pub(crate) fn ban(p: &mut Processing<'_>, process_instance_key: Key, message: &str) {
    let record = ErrorRecord { process_instance_key, message: p.bounded(message) };
    let key = p.next_key();
    p.append(ErrorIntent::Created, key, &record);
    let metadata = p.tables().instance_metadata(process_instance_key);
    let has_business_id = metadata.is_some_and(|metadata| metadata.business_id_of.is_some());
    if has_business_id || !is_entered(p, process_instance_key) {
        p.follow_up(process_instance_key, FollowUp::ReleaseBanned { process_instance_key });
    }
}

/// Gives free what a banned instance held, unless it has ended meanwhile: its business id. What starts by a message for its correlation key
/// has to wait until it is canceled, as in Camunda; but nobody can cancel one that was never entered, so nothing of such an instance stays.
pub(crate) fn release(p: &mut Processing<'_>, process_instance_key: Key) {
    let business_id = business_ids::of_instance(p, process_instance_key);
    if is_entered(p, process_instance_key) {
        if let Some(of) = &business_id {
            freed_business_ids::note(p, BusinessIdHoldIntent::Released, process_instance_key, of);
        }
    } else {
        let lock = p.tables().message_lock_of(process_instance_key);
        let key = p.next_key();
        p.append(ErrorIntent::Released, key, &ErrorRecord { process_instance_key, message: "" });
        if let Some(lock) = lock {
            message_starts::start_next(p, &lock);
        }
    }
    freed_business_ids::on_freed(p, process_instance_key, business_id);
}

fn is_entered(p: &Processing<'_>, process_instance_key: Key) -> bool {
    p.tables().element_instance_state(process_instance_key).is_some()
}
