//! What passes between partitions as JSON. Only the distribution of commands is known to Zeebe.

use super::values::{Written, tenant};
use super::writer::Object;
use crate::entry::RecordRef;
use crate::ids::Key;
use crate::partition_message::PartitionMessage;
use crate::values::{BusinessIdHoldRecord, CommandDistributionRecord, PartitionMessageRecord, RoutingRecord};
use crate::wire_enums::{Intent, ValueType};

pub(super) fn write_distribution(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<CommandDistributionRecord>()?;
    let value_type = ValueType::of(&value.value_type);
    out.number("partitionId", value.partition_id.0.to_native());
    // There is one queue for each partition, in the order of the messages to it.
    out.raw("queueId", "null");
    out.name_of("valueType", value_type.name());
    match Intent::from_numbers(value_type, value.intent) {
        Some(intent) => out.name_of("intent", intent.name()),
        None => out.number("intent", value.intent),
    }
    // It stands in the events of the command itself.
    out.raw("commandValue", "{}");
    Ok(())
}

pub(super) fn write_message(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<PartitionMessageRecord<'_>>()?;
    out.number("partitionId", value.partition_id.0.to_native());
    out.number("sequence", value.sequence.to_native());
    match &*value.message {
        [] => {}
        bytes => {
            out.number("messageBytes", bytes.len());
            if let Some(name) = PartitionMessage::name_of(bytes) {
                out.name_of("messageType", name);
            }
        }
    }
    Ok(())
}

pub(super) fn write_business_id_hold(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<BusinessIdHoldRecord<'_>>()?;
    out.text("bpmnProcessId", &value.bpmn_process_id);
    out.text("businessId", &value.business_id);
    out.number("partitionId", value.partition_id.0.to_native());
    out.key("messageKey", Key::of(&value.message_key));
    tenant(out, &value.tenant_id);
    Ok(())
}

pub(super) fn write_routing(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<RoutingRecord>()?;
    out.number("partitionCount", value.partition_count.to_native());
    Ok(())
}
