//! Business ids that instances are given later, and who has one elsewhere.

use crate::{EVENT, INSTANCE};
use ringbolt_record::values::{BusinessIdHoldRecord, ProcessInstanceBusinessIdRecord};
use ringbolt_record::{
    BusinessIdHoldIntent, EntryBuilder, Key, PartitionId, ProcessInstanceBusinessIdIntent,
};

pub(crate) fn push(entry: &mut EntryBuilder) {
    let assigned = ProcessInstanceBusinessIdRecord {
        instance: INSTANCE,
        business_id: "b",
        since: Key(9),
        tenant_id: "",
    };
    entry.push(EVENT, ProcessInstanceBusinessIdIntent::Assigned.into(), Key(2), &assigned);
    let hold = BusinessIdHoldRecord {
        bpmn_process_id: "p",
        business_id: "b",
        partition_id: PartitionId(2),
        message_key: Key(9),
        tenant_id: "",
    };
    entry.push(EVENT, BusinessIdHoldIntent::Asked.into(), Key(2), &hold);
}
