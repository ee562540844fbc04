//! Messages and who waits for them.

use super::{EVENT, INSTANCE};
use ringbolt_record::values::{
    MessageCorrelationRecord, MessageRecord, MessageStartEventSubscriptionRecord, MessageSubscriptionRecord,
    ProcessMessageSubscriptionRecord,
};
use ringbolt_record::{
    DurationMs, ElementIndex, EntryBuilder, Key, MessageCorrelationIntent, MessageIntent,
    MessageStartEventSubscriptionIntent, MessageSubscriptionIntent, PartitionId,
    ProcessMessageSubscriptionIntent, TimestampMs,
};

/// What passes between publishers, partitions and instances.
pub(super) fn push(entry: &mut EntryBuilder) {
    let value = MessageRecord {
        name: "paid",
        correlation_key: "order-1",
        message_id: "",
        business_id: "b-1",
        time_to_live: DurationMs(10),
        deadline: TimestampMs(20),
        variables: br#"{"n":1}"#,
        tenant_id: "",
    };
    entry.push(EVENT, MessageIntent::Published.into(), Key(13), &value);
    let value = MessageSubscriptionRecord {
        instance: INSTANCE,
        element_instance_key: Key(9),
        owner_key: Key(14),
        message_key: Key::NONE,
        is_interrupting: true,
        bpmn_process_id: "p",
        message_name: "paid",
        correlation_key: "order-1",
        business_id: "",
        tenant_id: "",
    };
    entry.push(EVENT, MessageSubscriptionIntent::Created.into(), Key(15), &value);
    let value = ProcessMessageSubscriptionRecord {
        instance: INSTANCE,
        element_instance_key: Key(9),
        element_index: ElementIndex(1),
        partition_id: PartitionId(2),
        message_key: Key::NONE,
        is_interrupting: true,
        is_for_suspension: false,
        message_name: "paid",
        correlation_key: "order-1",
        tenant_id: "",
    };
    entry.push(EVENT, ProcessMessageSubscriptionIntent::Creating.into(), Key(14), &value);
    let value = ProcessMessageSubscriptionRecord { is_for_suspension: true, ..value };
    entry.push(EVENT, ProcessMessageSubscriptionIntent::Deleting.into(), Key(14), &value);
    let value = MessageStartEventSubscriptionRecord {
        instance: INSTANCE,
        element_index: ElementIndex(1),
        message_key: Key(13),
        bpmn_process_id: "p",
        message_name: "paid",
        correlation_key: "order-1",
        business_id: "b-1",
        tenant_id: "",
    };
    entry.push(EVENT, MessageStartEventSubscriptionIntent::Correlated.into(), Key(16), &value);
    let value = MessageCorrelationRecord {
        process_instance_key: Key(8),
        name: "paid",
        correlation_key: "order-1",
        tenant_id: "",
    };
    entry.push(EVENT, MessageCorrelationIntent::Correlated.into(), Key(13), &value);
}
