//! A partition is to be told when a business id is free, or was told.

use ringbolt_record::PartitionId;
use ringbolt_record::values::ArchivedBusinessIdHoldRecord;
use ringbolt_tables::{OfBusiness, Tables};

fn of<'a>(value: &'a ArchivedBusinessIdHoldRecord<'_>) -> OfBusiness<'a> {
    OfBusiness {
        tenant_id: &value.tenant_id,
        bpmn_process_id: &value.bpmn_process_id,
        business_id: &value.business_id,
    }
}

pub(super) fn apply_awaited(tables: &mut Tables, value: &ArchivedBusinessIdHoldRecord<'_>) {
    tables.put_wait_for_business_id(of(value), PartitionId(value.partition_id.0.to_native()));
}

pub(super) fn apply_told(tables: &mut Tables, value: &ArchivedBusinessIdHoldRecord<'_>) {
    tables.delete_wait_for_business_id(of(value), PartitionId(value.partition_id.0.to_native()));
}
