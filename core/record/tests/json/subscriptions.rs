//! Records of those who can be compensated, and who wait for conditions.

use crate::{EVENT, INSTANCE};
use ringbolt_record::values::{
    CompensationSubscriptionRecord, CompensationTurn, ConditionalEvaluationRecord,
    ConditionalSubscriptionRecord, StartedInstance,
};
use ringbolt_record::{
    CompensationSubscriptionIntent, ConditionalEvaluationIntent, ConditionalSubscriptionIntent, ElementIndex,
    EntryBuilder, Key,
};

pub(crate) fn push(entry: &mut EntryBuilder) {
    let mut value = CompensationSubscriptionRecord {
        instance: INSTANCE,
        activity: ElementIndex(1),
        activity_key: Key(9),
        scope_key: Key(2),
        handler: ElementIndex(0),
        handler_key: Key::NONE,
        throw_event: ElementIndex(0),
        throw_event_key: Key::NONE,
        entered_in: Key::NONE,
        turn: CompensationTurn::default(),
        tenant_id: "",
    };
    entry.push(EVENT, CompensationSubscriptionIntent::Created.into(), Key(23), &value);
    (value.handler, value.handler_key) = (ElementIndex(1), Key(24));
    (value.throw_event, value.throw_event_key) = (ElementIndex(1), Key(25));
    entry.push(EVENT, CompensationSubscriptionIntent::Triggered.into(), Key(23), &value);
    let value = ConditionalSubscriptionRecord {
        instance: INSTANCE,
        element_instance_key: Key(9),
        element_index: ElementIndex(1),
        is_interrupting: true,
        bpmn_process_id: "p",
        condition: "=x > 1",
        variable_names: "x,y",
        variable_events: "",
        tenant_id: "",
    };
    entry.push(EVENT, ConditionalSubscriptionIntent::Created.into(), Key(26), &value);
    let started = [Key(30), Key(31)].map(|process_instance_key| StartedInstance {
        process_definition_key: INSTANCE.process_definition_key,
        process_instance_key,
    });
    let value = ConditionalEvaluationRecord {
        process_definition_key: Key::NONE,
        variables: br#"{"x":2}"#,
        started: started.to_vec(),
        tenant_id: "",
    };
    entry.push(EVENT, ConditionalEvaluationIntent::Evaluated.into(), Key(32), &value);
}
