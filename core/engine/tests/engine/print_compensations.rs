//! Records of compensation and conditions as lines of text.

use crate::print::{Line, Names};
use ringbolt_record::values::{
    CompensationSubscriptionRecord, ConditionalEvaluationRecord, ConditionalSubscriptionRecord,
};
use ringbolt_record::{ElementIndex, Key, RecordRef};

pub(crate) fn subscription(record: &RecordRef<'_>, line: &mut Line, names: &Names) {
    let value = record.value::<CompensationSubscriptionRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    line.text("compensableActivityId", &names.element(definition, ElementIndex::of(&value.activity)));
    line.key("compensableActivityInstanceKey", Key::of(&value.activity_key));
    line.key("compensableActivityScopeKey", Key::of(&value.scope_key));
    let named = |line: &mut Line, name, index: ElementIndex| {
        if index != ElementIndex::PROCESS {
            line.text(name, &names.element(definition, index));
        }
    };
    named(line, "compensationHandlerId", ElementIndex::of(&value.handler));
    line.key("compensationHandlerInstanceKey", Key::of(&value.handler_key));
    line.field("processDefinitionKey", definition);
    line.field("processInstanceKey", Key::of(&value.instance.process_instance_key));
    named(line, "throwEventId", ElementIndex::of(&value.throw_event));
    line.key("throwEventInstanceKey", Key::of(&value.throw_event_key));
}

pub(crate) fn condition(record: &RecordRef<'_>, line: &mut Line, names: &Names) {
    let value = record.value::<ConditionalSubscriptionRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    line.text("catchEventId", &names.element(definition, ElementIndex::of(&value.element_index)));
    line.text("condition", &value.condition);
    line.key("elementInstanceKey", Key::of(&value.element_instance_key));
    line.text("variableNames", &value.variable_names).text("variableEvents", &value.variable_events);
    line.field("interrupting", value.is_interrupting);
}

pub(crate) fn evaluation(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<ConditionalEvaluationRecord<'_>>().unwrap();
    line.key("processDefinitionKey", Key::of(&value.process_definition_key));
    line.field("started", value.started.len());
}
