//! Start events of processes that no client's command triggers: what waits for them belongs to the newest version of a
//! definition, and an instance begins with the event that was caught.

use crate::at::{At, element_ref};
use crate::behaviors::{conditions, events, signals, timers};
use crate::contract::Note;
use crate::definitions::Definition;
use crate::failure::Failure;
use crate::hook::StartedBy;
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_model::{EventDefinition, Process, Schedule, Text};
use ringbolt_record::values::{
    Arrival, InstanceRef, Interrupts, MessageStartEventSubscriptionRecord, ProcessEventRecord,
};
use ringbolt_record::{ElementIndex, FollowUp, Key, MessageStartEventSubscriptionIntent, ProcessEventIntent};
use ringbolt_tables::NamedKind;
use std::sync::Arc;

/// A start event whose timer gives no time.
pub(crate) struct WrongTimer {
    pub(crate) event: ElementIndex,
    /// What the timer is called.
    pub(crate) name: &'static str,
    pub(crate) failure: Failure,
}

/// When the timers of a process's start events are due, the last of the document first.
pub(crate) fn schedules(
    p: &Processing<'_>,
    process: &Process,
) -> Result<Vec<(ElementIndex, Schedule)>, Vec<WrongTimer>> {
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for start in process.element(ElementIndex::PROCESS).starts.iter().rev() {
        if let Some(timer) = process.element(*start).event().and_then(EventDefinition::timer) {
            match timers::schedule(p, timer, Key::NONE) {
                Ok(schedule) => found.push((*start, schedule)),
                Err(failure) => failed.push(WrongTimer { event: *start, name: timer.name(), failure }),
            }
        }
    }
    if failed.is_empty() { Ok(found) } else { Err(failed) }
}

/// Waits for the timers of the start events of a new definition.
pub(crate) fn subscribe(
    p: &mut Processing<'_>,
    definition_key: Key,
    schedules: &[(ElementIndex, Schedule)],
    tenant_id: &str,
) {
    let instance = waits_in(definition_key);
    for (event, schedule) in schedules {
        let due = schedule.first(p.now.0);
        timers::create(p, instance, Key::NONE, *event, due, tenant_id);
    }
}

/// The start events of a definition begin to wait for messages, signals and conditions, the last of the document first; on every partition.
pub(crate) fn begin_to_wait(p: &mut Processing<'_>, definition_key: Key, process: &Process, tenant_id: &str) {
    for start in process.element(ElementIndex::PROCESS).starts.iter().rev() {
        let Some(event) = process.element(*start).event() else { continue };
        if let Some(Text::Static(name) | Text::Number { text: name, .. }) = event.signal().map(|it| &it.name)
        {
            signals::create(p, waits_in(definition_key), Key::NONE, *start, name, tenant_id);
        }
        if let Some(condition) = event.condition() {
            conditions::create_start(p, waits_in(definition_key), *start, condition, process, tenant_id);
        }
        let message = event.message();
        if let Some(Text::Static(name) | Text::Number { text: name, .. }) = message.map(|it| &it.name) {
            let key = p.next_key();
            let wait = MessageStartEventSubscriptionRecord {
                instance: waits_in(definition_key),
                element_index: *start,
                message_key: Key::NONE,
                bpmn_process_id: &process.bpmn_process_id,
                message_name: name,
                correlation_key: "",
                business_id: "",
                tenant_id,
            };
            p.append(MessageStartEventSubscriptionIntent::Created, key, &wait);
        }
    }
}

/// The start events of a definition wait for messages, signals and conditions no more. Rests on the state alone.
pub(crate) fn wait_no_more(p: &mut Processing<'_>, definition_key: Key) {
    let Some(process) = p.tables().process(definition_key) else { return };
    let bpmn_process_id = &process.bpmn_process_id.to_owned();
    let waits = p.tables().named_subscriptions_of(definition_key);
    let (messages, others): (Vec<_>, Vec<_>) =
        waits.partition(|(_, row)| row.kind == NamedKind::MessageStart);
    let others: Vec<Key> = others.into_iter().map(|(key, _)| key).collect();
    let messages: Vec<(Key, ElementIndex, [String; 2])> = messages
        .into_iter()
        .map(|(key, row)| (key, row.element_index, [row.name, row.tenant_id].map(str::to_owned)))
        .collect();
    for (key, element_index, [message_name, tenant_id]) in &messages {
        let wait = MessageStartEventSubscriptionRecord {
            instance: waits_in(definition_key),
            element_index: *element_index,
            message_key: Key::NONE,
            bpmn_process_id,
            message_name,
            correlation_key: "",
            business_id: "",
            tenant_id,
        };
        p.append(MessageStartEventSubscriptionIntent::Deleted, *key, &wait);
    }
    others.into_iter().for_each(|key| signals::close(p, definition_key, key));
    conditions::close_starts(p, definition_key);
}

/// The reference of what belongs to no instance.
fn waits_in(process_definition_key: Key) -> InstanceRef {
    InstanceRef { process_definition_key, ..InstanceRef::default() }
}

/// The reference of an instance that is going to begin.
pub(crate) fn instance_ref(definition_key: Key, key: Key) -> InstanceRef {
    InstanceRef {
        process_definition_key: definition_key,
        process_instance_key: key,
        root_process_instance_key: key,
    }
}

/// Begins an instance with an event that was caught and what it brought: the text of a JSON object, or nothing.
pub(crate) fn begin(
    p: &mut Processing<'_>,
    definition: &Arc<Definition>,
    key: Key,
    event: ElementIndex,
    variables: &[u8],
) {
    let instance = instance_ref(definition.key, key);
    let element = element_ref(definition, instance, ElementIndex::PROCESS, Key::NONE);
    let at = At { key, element, definition: definition.clone() };
    let event_key = p.next_key();
    let value = ProcessEventRecord { variables, ..record(&at, event) };
    p.append(ProcessEventIntent::Triggering, event_key, &value);
    p.follow_up(key, FollowUp::Activate { key, element, arrival: Arrival::Event });
    p.note(Note::InstanceCreated(key));
}

fn record(at: &At, event: ElementIndex) -> ProcessEventRecord<'_> {
    ProcessEventRecord {
        instance: at.element.instance,
        scope_key: at.definition.key,
        caught_by: at.key,
        element_index: event,
        interrupts: Interrupts::Nothing,
        entered_in: Key::NONE,
        variables: &[],
        tenant_id: &at.definition.tenant_id,
    }
}

/// The event that a process begins with, where it was no client's command.
pub(crate) fn caught(p: &Processing<'_>, at: &At) -> Option<StartedBy> {
    let (key, trigger) = p.tables().event_triggers(at.key).next()?;
    Some(StartedBy { key, element: trigger.element_index, variables: trigger.variables.to_vec() })
}

/// Enters the start event that a process begins with; it is left in a later step.
pub(crate) fn enter(p: &mut Processing<'_>, process: &At, caught: &StartedBy) {
    lifecycle::activated(p, process, 0);
    let value = ProcessEventRecord { entered_in: process.key, ..record(process, caught.element) };
    p.append(ProcessEventIntent::Triggered, caught.key, &value);
    events::enter_in(p, process, caught.element, process.key, &caught.variables);
}
