//! What events inside instances wait for beside messages: timers; signals and conditions of catch events.
//!
//! As in Camunda's wait states (`TimerBasedWaitStateTransformer` and its siblings in 8.10) an event on a border or the start of an event
//! sub-process interrupts, and is not what an instance waits for. Their timers are kept, since people ask when they are due; the view of wait
//! states leaves them out.

use super::{Folded, Folding, some_text, tenant};
use crate::codes::{WAIT_STATE_TYPES, code_of};
use crate::rows::{EventWait, Text};
use ringbolt_record::values::{
    ConditionalSubscriptionRecord, InstanceRef, SignalSubscriptionRecord, TimerRecord,
};
use ringbolt_record::{
    BpmnElementType, ConditionalSubscriptionIntent, ElementIndex, Key, RecordRef, SignalSubscriptionIntent,
    TimerIntent,
};

/// Who waits.
struct Waiting<'a> {
    instance: InstanceRef,
    element_instance_key: Key,
    element_index: ElementIndex,
    tenant_id: &'a str,
    is_over: bool,
}

/// Of which elements there are rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Any,
    CatchEvents,
}

impl Folding<'_> {
    pub(super) fn timer(&mut self, record: &RecordRef<'_>, intent: TimerIntent) -> Folded {
        let is_over = match intent {
            TimerIntent::Created | TimerIntent::Migrated => false,
            TimerIntent::Triggered | TimerIntent::Canceled => true,
            TimerIntent::Trigger | TimerIntent::Suspended | TimerIntent::Resumed => return Ok(()),
        };
        let value = record.value::<TimerRecord<'_>>()?;
        let waiting = Waiting {
            instance: InstanceRef::of(&value.instance),
            element_instance_key: Key::of(&value.element_instance_key),
            element_index: ElementIndex::of(&value.element_index),
            tenant_id: &value.tenant_id,
            is_over,
        };
        let Some(row) = self.wait(record, "TIMER", &waiting, Whose::Any)? else { return Ok(()) };
        let (due_date, repetitions) = (Some(value.due.0.to_native()), Some(value.repetitions.to_native()));
        self.batch.event_waits.put(EventWait { due_date, repetitions, ..row });
        Ok(())
    }

    pub(super) fn signal(&mut self, record: &RecordRef<'_>, intent: SignalSubscriptionIntent) -> Folded {
        let value = record.value::<SignalSubscriptionRecord<'_>>()?;
        let waiting = Waiting {
            instance: InstanceRef::of(&value.instance),
            element_instance_key: Key::of(&value.element_instance_key),
            element_index: ElementIndex::of(&value.element_index),
            tenant_id: &value.tenant_id,
            is_over: intent == SignalSubscriptionIntent::Deleted,
        };
        let Some(row) = self.wait(record, "SIGNAL", &waiting, Whose::CatchEvents)? else { return Ok(()) };
        self.batch.event_waits.put(EventWait { waits_for: some_text(&value.signal_name), ..row });
        Ok(())
    }

    pub(super) fn condition(
        &mut self,
        record: &RecordRef<'_>,
        intent: ConditionalSubscriptionIntent,
    ) -> Folded {
        let value = record.value::<ConditionalSubscriptionRecord<'_>>()?;
        let waiting = Waiting {
            instance: InstanceRef::of(&value.instance),
            element_instance_key: Key::of(&value.element_instance_key),
            element_index: ElementIndex::of(&value.element_index),
            tenant_id: &value.tenant_id,
            is_over: match intent {
                ConditionalSubscriptionIntent::Deleted => true,
                ConditionalSubscriptionIntent::Triggered => value.is_interrupting,
                _ => false,
            },
        };
        let Some(row) = self.wait(record, "CONDITION", &waiting, Whose::CatchEvents)? else { return Ok(()) };
        let variable_events = Some(events_of(&value.variable_events));
        self.batch.event_waits.put(EventWait {
            waits_for: some_text(&value.condition),
            variable_events,
            ..row
        });
        Ok(())
    }

    /// A row of somebody who waits; none for what is not inside an instance, as the timer of a start event that names the instance that it begins.
    fn wait(
        &self,
        record: &RecordRef<'_>,
        wait_type: &str,
        waiting: &Waiting<'_>,
        whose: Whose,
    ) -> Result<Option<EventWait>, super::FoldError> {
        if waiting.instance.process_instance_key.is_none() || waiting.element_instance_key.is_none() {
            return Ok(None);
        }
        let names = self.names(&waiting.instance)?;
        let is_catch_event =
            names.element_type(waiting.element_index.0) == Some(BpmnElementType::IntermediateCatchEvent);
        if whose == Whose::CatchEvents && !is_catch_event {
            return Ok(None);
        }
        Ok(Some(EventWait {
            tenant_id: tenant(waiting.tenant_id),
            wait_key: record.header.key.to_wire(),
            process_instance_key: waiting.instance.process_instance_key.to_wire(),
            process_definition_key: waiting.instance.process_definition_key.to_wire(),
            root_process_instance_key: waiting.instance.root_process_instance_key.to_wire(),
            element_instance_key: waiting.element_instance_key.to_wire(),
            element_id: names.element(waiting.element_index.0),
            wait_type: code_of(&WAIT_STATE_TYPES, wait_type).expect("it is in the list"),
            is_over: waiting.is_over,
            due_date: None,
            repetitions: None,
            waits_for: None,
            variable_events: None,
        }))
    }
}

/// Names of changes as a JSON list; no name is all.
fn events_of(names: &str) -> Text {
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let names = if names.is_empty() { vec!["create", "update"] } else { names };
    serde_json::Value::from(names).to_string().into()
}
