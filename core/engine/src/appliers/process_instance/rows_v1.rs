//! What the appliers of element instances share. Frozen with them.

use super::transitions_v1::may_follow;
use ringbolt_record::values::ArchivedProcessInstanceRecord;
use ringbolt_record::{BpmnElementType, Key, ProcessInstanceIntent};
use ringbolt_tables::{ElementInstanceFlags, ElementInstanceState, Tables};

/// An event must fit the state of the element instance that it is about.
pub(super) fn check_state(tables: &Tables, key: Key, intent: ProcessInstanceIntent) {
    let state = tables.element_instance_state(key);
    assert!(may_follow(state, intent), "{intent} of {key} in state {state:?}");
}

/// Moves an element instance to another state.
pub(super) fn set_state(
    tables: &mut Tables,
    key: Key,
    intent: ProcessInstanceIntent,
    state: ElementInstanceState,
) {
    check_state(tables, key, intent);
    tables.set_element_instance_state(key, state);
}

/// Removes an element instance with all that belongs to it alone. The scope around it counts it no more, and counts what
/// is to be entered because of it.
pub(super) fn remove(
    tables: &mut Tables,
    key: Key,
    value: &ArchivedProcessInstanceRecord<'_>,
    intent: ProcessInstanceIntent,
) {
    check_state(tables, key, intent);
    let row = tables.element_instance(key).expect("its state was just read");
    if row.flags.has(ElementInstanceFlags::LOCAL_VARIABLES) {
        tables.delete_variables(key);
    }
    if row.flags.has(ElementInstanceFlags::TRIGGERS) {
        tables.delete_event_triggers(key);
    }
    if row.arriving > 0 {
        // What waits for others in it waits no more.
        tables.delete_taken_flows(key);
    }
    let scope_key = row.element.flow_scope_key;
    if scope_key.is_none() {
        tables.end_suspension(key);
    }
    if row.flags.has(ElementInstanceFlags::REPEATED) {
        tables.delete_item_number(key);
        tables.count_multi_instance(scope_key, |counts| match intent {
            ProcessInstanceIntent::ElementCompleted => counts.completed += 1,
            _ => counts.terminated += 1,
        });
    }
    if row.flags.has(ElementInstanceFlags::COMPENSATIONS) {
        tables.promise_compensation(key, false);
    }
    if row.flags.has(ElementInstanceFlags::LISTENERS) {
        tables.delete_listeners_begun(key);
    }
    if row.element.element_type == BpmnElementType::MultiInstanceBody {
        tables.delete_multi_instance(key);
    }
    tables.delete_element_instance(key, row.stands_in());
    if scope_key.is_none() {
        if row.flags.has(ElementInstanceFlags::BY_EVENT) {
            tables.delete_message_lock(key);
        }
        if row.flags.has(ElementInstanceFlags::METADATA) {
            tables.forget_business_id(key);
            tables.delete_instance_metadata(key);
        }
        tables.delete_banned(key);
        return;
    }
    let promised = value.promised.to_native();
    tables.change_element_instance_counts(scope_key, |children, arriving| {
        *children = children.checked_sub(1).expect("a child was counted");
        *arriving = arriving.checked_add(promised).expect("a model has fewer flows");
    });
}
