//! Process instances, element instances, sequence flows, variables and incidents.

use super::{Batch, Folded, Folding, IncidentChange, json, list, some_key, some_text, tenant};
use crate::codes::{
    ELEMENT_INSTANCE_STATES, ELEMENT_TYPES, INCIDENT_ERROR_TYPES, INCIDENT_STATES, PROCESS_INSTANCE_STATES,
    by_number, code,
};
use crate::rows::{ElementInstance, Incident, Name, ProcessInstance, Row, SequenceFlow, Text, Variable};
use ringbolt_record::values::{
    ArchivedProcessInstanceRecord, ElementInstanceRef, IncidentRecord, InstanceRef,
    ProcessInstanceBusinessIdRecord, ProcessInstanceCreationRecord, ProcessInstanceRecord, VariableRecord,
};
use ringbolt_record::{
    BpmnElementType, ElementIndex, ErrorType, IncidentIntent, Key, ProcessInstanceBusinessIdIntent,
    ProcessInstanceCreationIntent, ProcessInstanceIntent, RecordRef,
};
use std::borrow::Cow;

/// When an instance was suspended that is not any more: a later row takes the place of what an earlier one says.
const NOT_SUSPENDED: i64 = 0;

/// How an instance stands after an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Begins,
    /// It goes on in another definition.
    Migrates,
    Rests,
    GoesOn,
    Completes,
    Terminates,
}

impl Step {
    /// The state of a process instance after it.
    fn of_instance(self) -> u8 {
        match self {
            Self::Begins | Self::Migrates | Self::GoesOn => {
                const { code(&PROCESS_INSTANCE_STATES, "ACTIVE") }
            }
            Self::Rests => const { code(&PROCESS_INSTANCE_STATES, "SUSPENDED") },
            Self::Completes => const { code(&PROCESS_INSTANCE_STATES, "COMPLETED") },
            Self::Terminates => const { code(&PROCESS_INSTANCE_STATES, "TERMINATED") },
        }
    }

    /// That of an element instance, of which none rests for itself.
    fn of_element(self) -> u8 {
        match self {
            Self::Begins | Self::Migrates | Self::Rests | Self::GoesOn => {
                const { code(&ELEMENT_INSTANCE_STATES, "ACTIVE") }
            }
            Self::Completes => const { code(&ELEMENT_INSTANCE_STATES, "COMPLETED") },
            Self::Terminates => const { code(&ELEMENT_INSTANCE_STATES, "TERMINATED") },
        }
    }

    fn is_end(self) -> bool {
        matches!(self, Self::Completes | Self::Terminates)
    }
}

impl Folding<'_> {
    pub(super) fn element(&mut self, record: &RecordRef<'_>, intent: ProcessInstanceIntent) -> Folded {
        let step = match intent {
            ProcessInstanceIntent::ElementActivating | ProcessInstanceIntent::ElementActivated => {
                Step::Begins
            }
            ProcessInstanceIntent::ElementMigrated => Step::Migrates,
            ProcessInstanceIntent::ElementCompleted => Step::Completes,
            ProcessInstanceIntent::ElementTerminated => Step::Terminates,
            ProcessInstanceIntent::SequenceFlowTaken => return self.flow(record),
            ProcessInstanceIntent::SequenceFlowDeleted => return self.flow_deleted(record),
            ProcessInstanceIntent::Suspended => Step::Rests,
            // It goes on from here, whatever it has to make up for.
            ProcessInstanceIntent::Resuming => Step::GoesOn,
            ProcessInstanceIntent::ElementCompleting
            | ProcessInstanceIntent::Suspend
            | ProcessInstanceIntent::Resume
            | ProcessInstanceIntent::Resumed
            | ProcessInstanceIntent::ElementTerminating
            | ProcessInstanceIntent::Cancel
            | ProcessInstanceIntent::ActivateElement
            | ProcessInstanceIntent::CompleteElement
            | ProcessInstanceIntent::TerminateElement
            | ProcessInstanceIntent::AncestorMigrated
            | ProcessInstanceIntent::Canceling => return Ok(()),
        };
        // What is activating has its row already, as a rule in this batch: then the value need not be looked at.
        if intent == ProcessInstanceIntent::ElementActivated && self.has_row(record.header.key.to_wire()) {
            return Ok(());
        }
        if step.is_end() && self.ends_in_batch(record.header.key.to_wire(), step) {
            return Ok(());
        }
        let value = record.value::<ProcessInstanceRecord<'_>>()?;
        let element = ElementInstanceRef::of(&value.element);
        let is_boundary = element.element_type == BpmnElementType::BoundaryEvent;
        // Only an event on a border is active at once.
        if intent == ProcessInstanceIntent::ElementActivated && !is_boundary {
            return Ok(());
        }
        if element.element_type == BpmnElementType::Process {
            self.process_instance(value, &element.instance, step);
            return Ok(());
        }
        let element_id = self.names(&element.instance)?.element(element.element_index.0);
        self.batch.element_instances.put(ElementInstance {
            tenant_id: tenant(&value.tenant_id),
            element_instance_key: record.header.key.to_wire(),
            process_instance_key: element.instance.process_instance_key.to_wire(),
            process_definition_key: element.instance.process_definition_key.to_wire(),
            root_process_instance_key: element.instance.root_process_instance_key.to_wire(),
            flow_scope_key: some_key(element.flow_scope_key),
            element_id,
            element_type: ELEMENT_TYPE_CODES[usize::from(element.element_type.number())],
            state: step.of_element(),
            start_date: self.now,
            end_date: step.is_end().then_some(self.now),
            incident_count: 0,
            incident_key: None,
            process_start_date: None,
        });
        Ok(())
    }

    /// Whether an instance or element instance has a row in the batch.
    fn has_row(&self, key: i64) -> bool {
        self.batch.element_instances.get(&(key,)).is_some()
            || self.batch.process_instances.get(&(key,)).is_some()
    }

    /// Ends an instance or element instance that has a row in the batch: all but its end was said before, by what began or changed it. False where there is none.
    fn ends_in_batch(&mut self, key: i64, step: Step) -> bool {
        if let Some(row) = self.batch.element_instances.get_mut(&(key,)) {
            (row.state, row.end_date) = (step.of_element(), Some(self.now));
            return true;
        }
        let Some(row) = self.batch.process_instances.get_mut(&(key,)) else { return false };
        (row.state, row.end_date) = (Some(step.of_instance()), Some(self.now));
        self.instance_ends(key);
        true
    }

    fn instance_ends(&mut self, key: i64) {
        if !self.batch.young.end(key) {
            self.batch.ended.insert(key);
        }
        self.batch.ended_at.get_or_insert(self.now);
    }

    fn process_instance(
        &mut self,
        value: &ArchivedProcessInstanceRecord<'_>,
        instance: &InstanceRef,
        step: Step,
    ) {
        let key = instance.process_instance_key.to_wire();
        match step {
            Step::Begins => {
                let is_new = self.batch.young.begin(key, self.position, self.batch.now_ms);
                if is_new && Key::of(&value.parent_process_instance_key).is_none() {
                    self.batch.usage.instance(self.now);
                }
            }
            Step::Migrates => self.part_from_flows(key),
            Step::Rests | Step::GoesOn => {}
            Step::Completes | Step::Terminates => self.instance_ends(key),
        }
        self.batch.process_instances.put(ProcessInstance {
            tenant_id: tenant(&value.tenant_id),
            process_instance_key: key,
            process_definition_key: instance.process_definition_key.to_wire(),
            // Which definition it runs says nothing of whether it is suspended.
            state: (step != Step::Migrates).then(|| step.of_instance()),
            start_date: self.now,
            end_date: step.is_end().then_some(self.now),
            suspended_date: match step {
                Step::Rests => Some(self.now),
                Step::GoesOn => Some(NOT_SUSPENDED),
                _ => None,
            },
            parent_process_instance_key: some_key(Key::of(&value.parent_process_instance_key)),
            parent_element_instance_key: some_key(Key::of(&value.parent_element_instance_key)),
            root_process_instance_key: instance.root_process_instance_key.to_wire(),
            incident_count: 0,
            business_id: None,
            business_id_since: None,
            tags: None,
            flows: None,
        });
    }

    fn flow(&mut self, record: &RecordRef<'_>) -> Folded {
        let value = record.value::<ProcessInstanceRecord<'_>>()?;
        let element = ElementInstanceRef::of(&value.element);
        let element_id = self.names(&element.instance)?.flow(element.element_index.0);
        let process_instance_key = element.instance.process_instance_key.to_wire();
        if !self.batch.flows_deleted.is_empty() {
            self.batch.flows_deleted.remove(&(process_instance_key, element_id.clone()));
        }
        let flow = SequenceFlow {
            tenant_id: tenant(&value.tenant_id),
            process_instance_key,
            element_id,
            process_definition_key: element.instance.process_definition_key.to_wire(),
            root_process_instance_key: element.instance.root_process_instance_key.to_wire(),
        };
        let Batch { process_instances, sequence_flows, .. } = &mut *self.batch;
        let has_row = sequence_flows.len() > 0 && sequence_flows.get(&flow.key()).is_some();
        let own =
            process_instances.get_mut(&(process_instance_key,)).filter(|row| !has_row && flow.is_of(row));
        match own {
            Some(row) => row.flows.get_or_insert_default().add(flow.element_id),
            None => sequence_flows.put(flow),
        }
        Ok(())
    }

    /// An instance is going to have another definition: what it took in the one before is not of that.
    fn part_from_flows(&mut self, key: i64) {
        let Batch { process_instances, sequence_flows, .. } = &mut *self.batch;
        if let Some(row) = process_instances.get_mut(&(key,)) {
            row.take_flows().for_each(|flow| sequence_flows.put(flow));
        }
    }

    /// A flow that waited is one of another definition from now on: it was never taken here.
    fn flow_deleted(&mut self, record: &RecordRef<'_>) -> Folded {
        let value = record.value::<ProcessInstanceRecord<'_>>()?;
        let element = ElementInstanceRef::of(&value.element);
        let element_id = self.names(&element.instance)?.flow(element.element_index.0);
        let key = element.instance.process_instance_key.to_wire();
        if let Some(row) = self.batch.process_instances.get_mut(&(key,)) {
            row.flows.take_if(|flows| !flows.remove(&element_id));
        }
        self.batch.flows_deleted.insert((key, element_id));
        Ok(())
    }

    /// What only the creation of an instance says; it stands in the entry in which the instance begins.
    pub(super) fn creation(
        &mut self,
        record: &RecordRef<'_>,
        intent: ProcessInstanceCreationIntent,
    ) -> Folded {
        if intent != ProcessInstanceCreationIntent::Created {
            return Ok(());
        }
        let value = record.value::<ProcessInstanceCreationRecord<'_>>()?;
        let (business_id, tags) = (some_text(&value.business_id), list(value.tags.iter().map(|tag| &**tag)));
        if business_id.is_some() || tags.is_some() {
            let instance = InstanceRef::of(&value.instance);
            self.instance_carries(tenant(&value.tenant_id), instance, business_id, tags);
        }
        Ok(())
    }

    pub(super) fn business_id(
        &mut self,
        record: &RecordRef<'_>,
        intent: ProcessInstanceBusinessIdIntent,
    ) -> Folded {
        if intent != ProcessInstanceBusinessIdIntent::Assigned {
            return Ok(());
        }
        let value = record.value::<ProcessInstanceBusinessIdRecord<'_>>()?;
        let instance = InstanceRef::of(&value.instance);
        let carries = self.carries(tenant(&value.tenant_id), instance, some_text(&value.business_id), None);
        let business_id_since = some_key(Key::of(&value.since));
        self.batch.process_instances.put(ProcessInstance { business_id_since, ..carries });
        Ok(())
    }

    /// What an instance carries that is going to begin.
    pub(super) fn instance_carries(
        &mut self,
        tenant_id: Option<Name>,
        instance: InstanceRef,
        business_id: Option<Name>,
        tags: Option<Text>,
    ) {
        let carries = self.carries(tenant_id, instance, business_id, tags);
        self.batch.process_instances.put(carries);
    }

    fn carries(
        &self,
        tenant_id: Option<Name>,
        instance: InstanceRef,
        business_id: Option<Name>,
        tags: Option<Text>,
    ) -> ProcessInstance {
        ProcessInstance {
            tenant_id,
            process_instance_key: instance.process_instance_key.to_wire(),
            process_definition_key: instance.process_definition_key.to_wire(),
            state: None,
            start_date: self.now,
            end_date: None,
            suspended_date: None,
            parent_process_instance_key: None,
            parent_element_instance_key: None,
            root_process_instance_key: instance.root_process_instance_key.to_wire(),
            incident_count: 0,
            business_id,
            business_id_since: None,
            tags,
            flows: None,
        }
    }

    pub(super) fn variable(&mut self, record: &RecordRef<'_>) -> Folded {
        let value = record.value::<VariableRecord<'_>>()?;
        let instance = InstanceRef::of(&value.instance);
        self.batch.variables.put(Variable {
            tenant_id: tenant(&value.tenant_id),
            variable_key: record.header.key.to_wire(),
            process_instance_key: instance.process_instance_key.to_wire(),
            root_process_instance_key: instance.root_process_instance_key.to_wire(),
            scope_key: Key::of(&value.scope_key).to_wire(),
            name: (*value.name).into(),
            value: match json(&value.value) {
                Cow::Borrowed(text) => self.batch.values.own(text),
                Cow::Owned(text) => text,
            },
        });
        Ok(())
    }

    pub(super) fn incident(&mut self, record: &RecordRef<'_>, intent: IncidentIntent) -> Folded {
        let (is_created, is_resolved) = match intent {
            IncidentIntent::Created => (true, false),
            IncidentIntent::Resolved => (false, true),
            IncidentIntent::Migrated => (false, false),
            IncidentIntent::Resolve => return Ok(()),
        };
        let value = record.value::<IncidentRecord<'_>>()?;
        let instance = InstanceRef::of(&value.instance);
        let element_id = self.names(&instance)?.element(ElementIndex::of(&value.element_index).0);
        let key = record.header.key.to_wire();
        let element_instance_key = Key::of(&value.element_instance_key).to_wire();
        let unchanged = IncidentChange { element_instance_key, is_created: false, is_resolved: false };
        let change = self.batch.incident_changes.entry(key).or_insert(unchanged);
        change.is_created |= is_created;
        change.is_resolved |= is_resolved;
        let state = match is_resolved {
            true => const { code(&INCIDENT_STATES, "RESOLVED") },
            false => const { code(&INCIDENT_STATES, "ACTIVE") },
        };
        self.batch.incidents.put(Incident {
            tenant_id: tenant(&value.tenant_id),
            incident_key: key,
            process_instance_key: instance.process_instance_key.to_wire(),
            process_definition_key: instance.process_definition_key.to_wire(),
            root_process_instance_key: instance.root_process_instance_key.to_wire(),
            element_instance_key,
            element_id,
            job_key: some_key(Key::of(&value.job_key)),
            error_type: ERROR_TYPE_CODES[usize::from(ErrorType::of(&value.error_type).number())],
            error_message: (*value.error_message).into(),
            error_message_hash: java_hash(&value.error_message),
            state,
            creation_time: self.now,
            end_time: is_resolved.then_some(self.now),
        });
        Ok(())
    }
}

static ELEMENT_TYPE_CODES: [u8; 256] = by_number!(BpmnElementType, ELEMENT_TYPES);
static ERROR_TYPE_CODES: [u8; 256] = by_number!(ErrorType, INCIDENT_ERROR_TYPES);

/// The hash of Java's strings, by which clients ask for incidents with one message.
fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

#[cfg(test)]
mod tests {
    use super::{ELEMENT_TYPE_CODES, ERROR_TYPE_CODES, java_hash};
    use crate::codes::{ELEMENT_TYPES, INCIDENT_ERROR_TYPES};
    use ringbolt_record::{BpmnElementType, ErrorType};

    #[test]
    fn what_records_say_has_a_code() {
        for kind in BpmnElementType::ALL {
            let code = ELEMENT_TYPE_CODES[usize::from(kind.number())];
            assert_eq!(ELEMENT_TYPES[usize::from(code)], kind.name());
        }
        for error in ErrorType::ALL {
            let code = ERROR_TYPE_CODES[usize::from(error.number())];
            assert_eq!(INCIDENT_ERROR_TYPES[usize::from(code)], error.name());
        }
    }

    #[test]
    fn messages_hash_as_in_java() {
        assert_eq!((java_hash(""), java_hash("a"), java_hash("order-1")), (0, 97, -1_207_111_310));
        assert_eq!(java_hash("\u{1f600}"), 0xd83d_i32.wrapping_mul(31).wrapping_add(0xde00));
    }
}
