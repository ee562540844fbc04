//! An instance of another partition has a business id, or has it no more; so has one of this partition that was banned.

use ringbolt_record::Key;
use ringbolt_record::values::ArchivedBusinessIdHoldRecord;
use ringbolt_tables::{OfBusiness, Tables};

fn of<'a>(value: &'a ArchivedBusinessIdHoldRecord<'_>) -> OfBusiness<'a> {
    OfBusiness {
        tenant_id: &value.tenant_id,
        bpmn_process_id: &value.bpmn_process_id,
        business_id: &value.business_id,
    }
}

pub(super) fn apply_held(tables: &mut Tables, key: Key, value: &ArchivedBusinessIdHoldRecord<'_>) {
    tables.put_business_id(of(value), key);
}

pub(super) fn apply_released(tables: &mut Tables, key: Key, value: &ArchivedBusinessIdHoldRecord<'_>) {
    tables.delete_business_id(of(value), key);
    tables.release_business_id(key);
}
