//! Who has a business id. Each partition knows of the instances that run there; the partition that an id falls to (by its hash, as
//! messages to their correlation keys) knows of all: an instance that runs elsewhere is told of there as long as it has its id. So it is
//! enough to look there, and instances that clients create with a business id are created there (`gateway/api/src/gateway.rs`).
//!
//! As Camunda 8.9 has it (`ProcessInstanceCreationHelper`, and its page on process instance creation, "Uniqueness control"): of one process
//! and owner, whatever the version; only instances that nobody called; until they have ended; banned ones do not count. It is known whether
//! or not the ids have to differ. Unlike there the ids of instances that were given one later, or that messages have started elsewhere while
//! ids did not have to differ, count too.

use crate::behaviors::partitions;
use crate::writers::Processing;
use ringbolt_record::partition_message::{BusinessId, BusinessIdChange, BusinessIdNews};
use ringbolt_record::values::BusinessIdHoldRecord;
use ringbolt_record::{BusinessIdHoldIntent, Key, PartitionId, PartitionMessage};
use ringbolt_tables::{InstanceMetadataRow, OfBusiness};

/// The partition that knows of all who have an id.
pub(crate) fn partition_of(p: &Processing<'_>, business_id: &str) -> PartitionId {
    PartitionId::of_correlation_key(business_id, p.tables().partition_count())
}

/// Whether that is this one.
pub(crate) fn is_here(p: &Processing<'_>, business_id: &str) -> bool {
    partition_of(p, business_id) == p.settings.partition_id
}

/// How the tables name it.
pub(crate) fn row(of: &BusinessId) -> OfBusiness<'_> {
    OfBusiness {
        tenant_id: &of.tenant_id,
        bpmn_process_id: &of.bpmn_process_id,
        business_id: &of.business_id,
    }
}

/// Whether an instance has an id, as far as this partition knows.
pub(crate) fn is_held(p: &Processing<'_>, of: &BusinessId) -> bool {
    let tables = p.tables();
    tables.holders_of_business_id(row(of)).any(|holder| !tables.is_banned(holder))
}

/// Whether nobody else may have an id, on the partition that it falls to.
pub(crate) fn is_taken(p: &Processing<'_>, of: &BusinessId) -> bool {
    p.settings.business_ids_are_unique && is_held(p, of)
}

/// The business id that an instance has: of its own, and while it was not given free.
pub(crate) fn of_instance(p: &Processing<'_>, process_instance_key: Key) -> Option<BusinessId> {
    let InstanceMetadataRow { business_id, business_id_of, .. } =
        p.tables().instance_metadata(process_instance_key)?;
    let [tenant_id, bpmn_process_id] = business_id_of?;
    Some(BusinessId { tenant_id, bpmn_process_id, business_id })
}

/// A business id of a definition's process.
pub(crate) fn of_process(p: &Processing<'_>, definition_key: Key, business_id: String) -> Option<BusinessId> {
    let process = p.tables().process(definition_key)?;
    let [tenant_id, bpmn_process_id] = [process.tenant_id, process.bpmn_process_id].map(str::to_owned);
    Some(BusinessId { tenant_id, bpmn_process_id, business_id })
}

/// Tells the partition that an id falls to of an instance here, where that is another one.
pub(crate) fn tell(p: &mut Processing<'_>, of: &BusinessId, change: BusinessIdChange, holder_key: Key) {
    let partition = partition_of(p, &of.business_id);
    if partition != p.settings.partition_id {
        let news = BusinessIdNews { change, of: of.clone(), holder_key };
        partitions::send(p, partition, &PartitionMessage::BusinessId(news));
    }
}

/// An instance has a business id from now on.
pub(crate) fn begun(p: &mut Processing<'_>, process_instance_key: Key) {
    if let Some(of) = of_instance(p, process_instance_key) {
        tell(p, &of, BusinessIdChange::Held, process_instance_key);
    }
}

/// Writes an event of what other partitions have, wait for or ask.
pub(crate) fn append(
    p: &mut Processing<'_>,
    intent: BusinessIdHoldIntent,
    holder_key: Key,
    of: &BusinessId,
    partition_id: PartitionId,
    message_key: Key,
) {
    let record = BusinessIdHoldRecord {
        bpmn_process_id: &of.bpmn_process_id,
        business_id: &of.business_id,
        partition_id,
        message_key,
        tenant_id: &of.tenant_id,
    };
    p.append(intent, holder_key, &record);
}
