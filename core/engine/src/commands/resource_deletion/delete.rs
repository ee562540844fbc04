//! Deletes something deployed: a process, a model of decisions with its decisions, a form or another resource. A process
//! with instances on this partition stays; on the others it goes when their instances have ended.

use crate::behaviors::{deletions, distributions, last_instances};
use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::partition_message::DeleteResource;
use ringbolt_record::{Key, PartitionMessage, Reply};

pub(crate) fn process_delete(p: &mut Processing<'_>, resource_key: Key) -> Result<(), Refusal> {
    if !deletions::can_be_found(p, resource_key) {
        return Err(not_found(format!(
            "Expected to delete resource but no resource found with key `{}`",
            resource_key.to_wire()
        )));
    }
    if last_instances::has_any(p, resource_key) {
        return Err(invalid_state(format!(
            "Expected to delete resource with key `{}` but there are still running instances",
            resource_key.to_wire()
        )));
    }
    let deletion_key = p.next_key();
    let deletion = DeleteResource { deletion_key, resource_key };
    deletions::delete(p, deletion);
    distributions::begin(p, &PartitionMessage::DeleteResource(deletion));
    p.reply(Reply::ResourceDeleted { resource_key });
    Ok(())
}
