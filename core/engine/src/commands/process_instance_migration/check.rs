//! What each element instance must satisfy before it goes on in another definition, in the order of the reference engine and with its
//! words.

use super::map::Map;
use crate::failure::Refusal;
use crate::writers::Processing;
use ringbolt_model::{ElementKind, Flags};
use ringbolt_record::{BpmnElementType, ElementIndex, Key};
use ringbolt_tables::ElementInstanceRow;
use std::collections::BTreeMap;

impl Map<'_> {
    /// The element that an element instance becomes one of.
    pub(super) fn check(
        &self,
        p: &Processing<'_>,
        key: Key,
        row: &ElementInstanceRow,
    ) -> Result<ElementIndex, Refusal> {
        let index = row.element.element_index;
        self.check_is_supported(row)?;
        let target = self.check_is_mapped(row)?;
        self.check_user_task(index, target)?;
        self.check_flow_scope(p, row, target)?;
        self.check_events(index, target)?;
        self.check_repetition(index, target)?;
        self.check_rests(p, key, row)?;
        Ok(target)
    }

    fn check_is_supported(&self, row: &ElementInstanceRow) -> Result<(), Refusal> {
        let model = self.source.element(row.element.element_index);
        let id = &model.id;
        if model.element_type == BpmnElementType::IntermediateCatchEvent {
            if !model.flags.has(Flags::MIGRATABLE) {
                return self.refuse(&format!(
                    "active element with id '{id}' is intermediate catch event of type '{}'. Migrating active intermediate catch \
                     event of this type is not possible yet.",
                    model.event_type
                ));
            }
            if model.flags.has(Flags::IS_BRANCH) {
                return self.refuse(&format!(
                    "active element with id '{id}' is an intermediate catch event attached to an event-based gateway. Migrating \
                     active events attached to an event-based gateway is not possible yet."
                ));
            }
        }
        if model.flags.has(Flags::MIGRATABLE) {
            return Ok(());
        }
        self.refuse(&format!(
            "active element with id '{id}' has an unsupported type. The migration of a {} is not supported.",
            model.element_type
        ))
    }

    fn check_is_mapped(&self, row: &ElementInstanceRow) -> Result<ElementIndex, Refusal> {
        let index = row.element.element_index;
        let id = self.source_id(index);
        if index != ElementIndex::PROCESS && self.target_of(id).is_none() {
            return self.refuse(&format!(
                "no mapping instruction defined for active element with id '{id}'. Elements cannot be migrated without a mapping."
            ));
        }
        let target = self.element(index);
        let target_type =
            target.map_or(BpmnElementType::SequenceFlow, |index| self.target.element(index).element_type);
        if let Some(target) = target.filter(|_| target_type == row.element.element_type) {
            return Ok(target);
        }
        self.refuse(&format!(
            "active element with id '{id}' and type '{}' is mapped to an element with id '{}' and different type '{target_type}'. \
             Elements must be mapped to elements of the same type.",
            row.element.element_type,
            self.target_of(id).unwrap_or_default()
        ))
    }

    /// A user task that the engine keeps never becomes a job.
    fn check_user_task(&self, index: ElementIndex, target: ElementIndex) -> Result<(), Refusal> {
        let (source, target) = (self.source.element(index), self.target.element(target));
        if source.user_task().is_none() || target.user_task().is_some() {
            return Ok(());
        }
        self.refuse(&format!(
            "active user task with id '{}' and implementation 'zeebe user task' is mapped to a user task with id '{}' and deprecated \
             implementation 'job worker'.",
            source.id, target.id
        ))
    }

    /// The scope around it was migrated before.
    fn check_flow_scope(
        &self,
        p: &Processing<'_>,
        row: &ElementInstanceRow,
        target: ElementIndex,
    ) -> Result<(), Refusal> {
        let Some(scope) = p.tables().element_instance(row.element.flow_scope_key) else { return Ok(()) };
        let (expected, actual) = (scope.element.element_index, self.target.element(target).parent);
        if expected == actual {
            return Ok(());
        }
        let id = |index| &self.target.element(index).id;
        self.refuse(&format!(
            "the flow scope of active element with id '{}' is changed. The flow scope of the active element is expected to be '{}' \
             but was '{}'. The flow scope of an element cannot be changed during migration yet.",
            self.source_id(row.element.element_index),
            id(expected),
            id(actual)
        ))
    }

    /// The events that an element instance waits for stay with it, each for itself, and stay of their type.
    fn check_events(&self, index: ElementIndex, target: ElementIndex) -> Result<(), Refusal> {
        let id = self.source_id(index);
        // In the reference engine what is mapped of a body's own events is looked for in what it repeats.
        let is_body = matches!(self.target.element(target).kind, ElementKind::MultiInstanceBody(_));
        let mut sources: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for event in self.source.process.waits(index) {
            let event_id = self.source_id(event);
            let Some(mapped_id) = self.target_of(event_id) else { continue };
            let mapped = self.target.process.by_id(mapped_id);
            let is_attached = mapped.is_some_and(|mapped| self.waits_for(target, mapped));
            if is_body || !is_attached {
                return self.refuse(&format!(
                    "active element with id '{id}' is mapped to an element with id '{}' and has a catch event with id '{event_id}' \
                     that is mapped to a catch event with id '{mapped_id}'. These mappings detach the catch event from the element \
                     in the target process. Catch events must stay attached to the same element instance.",
                    self.target.element(target).id
                ));
            }
            sources.entry(mapped_id).or_default().push(event_id);
        }
        for (mapped_id, mut ids) in sources {
            if ids.len() > 1 {
                ids.sort_unstable();
                return self.refuse(&format!(
                    "active element with id '{id}' has a catch event attached that is mapped to a catch event with id \
                     '{mapped_id}'. There are multiple mapping instructions that target this catch event: '{}'. Catch events cannot \
                     be merged by process instance migration. Please ensure the mapping instructions target a catch event only once.",
                    ids.join("', '")
                ));
            }
        }
        self.check_event_types(index)
    }

    fn waits_for(&self, target: ElementIndex, event: ElementIndex) -> bool {
        self.target.process.waits(target).any(|other| other == event)
    }

    fn check_event_types(&self, index: ElementIndex) -> Result<(), Refusal> {
        for event in self.source.process.waits(index) {
            let event = self.source.element(event);
            let mapped = self.target_of(&event.id).and_then(|id| self.target.process.by_id(id));
            let Some(mapped) = mapped.map(|mapped| self.target.element(mapped)) else { continue };
            if mapped.event_type != event.event_type {
                return self.refuse(&format!(
                    "active element with id '{}' has a catch event with id '{}' that is mapped to a catch event with id '{}'. These \
                     catch events have different event types: '{}' and '{}'. The event type of a catch event cannot be changed by \
                     process instance migration. Please ensure the event type of the catch event remains the same or remove the \
                     mapping instruction for these catch events.",
                    self.source_id(index),
                    event.id,
                    mapped.id,
                    event.event_type,
                    mapped.event_type
                ));
            }
        }
        Ok(())
    }

    fn check_repetition(&self, index: ElementIndex, target: ElementIndex) -> Result<(), Refusal> {
        let (source, target) = (self.source.element(index), self.target.element(target));
        match (source.repeats(), target.repeats()) {
            (Some(one), Some(other)) if one.is_sequential != other.is_sequential => self.refuse(&format!(
                "active element with id '{}' has a different loop characteristics than the target element with id '{}'. Both \
                 elements must have either sequential or parallel loop characteristics.",
                source.id, target.id
            )),
            _ => Ok(()),
        }
    }

    /// Nothing is on its way to it or from it but what waits for others at a gateway.
    fn check_rests(&self, p: &Processing<'_>, key: Key, row: &ElementInstanceRow) -> Result<(), Refusal> {
        let waiting: u32 = p.tables().waiting_flows(key).iter().map(|(_, _, count)| count).sum();
        if row.arriving != waiting || p.tables().event_triggers(key).next().is_some() {
            return self.refuse_concurrent();
        }
        Ok(())
    }
}
