//! Fields that no layout holds because they follow from something else: from the entry around a record, from its
//! definition, or from what the engine never does. They are made when a record is written as JSON, and cost the log nothing.
//!
//! Invariant: a field that cannot be told for sure is left out, never guessed.

use super::Style;
use super::values::Written;
use super::writer::Object;
use crate::entry::{EntryError, EntryRef, RecordRef};
use crate::ids::{ElementIndex, Key};
use crate::values::{
    ArchivedInstanceRef, ArchivedJobRecord, ElementInstanceRef, InstanceRef, ProcessInstanceCreationRecord,
    ProcessRecord, UserTaskRecord, VariableRecord,
};
use crate::wire_enums::{
    BpmnElementType, Intent, JobIntent, JobListenerEventType, ProcessInstanceCreationIntent,
    ProcessInstanceIntent, ProcessIntent, UserTaskIntent, VariableIntent,
};

/// A record and the entry that it stands in.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) entry: EntryRef<'a>,
    pub(super) record: RecordRef<'a>,
}

impl<'a> Placed<'a> {
    fn records(&self) -> impl Iterator<Item = RecordRef<'a>> {
        self.entry.records().map_while(Result::ok)
    }
}

/// The result of a job that has none: what Zeebe writes for it.
const NO_RESULT: &str = r#"{"type":"USER_TASK","deniedReason":"","activateElements":[],"cancelRemainingInstances":false,"completionConditionFulfilled":false,"denied":false,"correctedAttributes":[],"corrections":{"priority":-1,"dueDate":"","candidateGroupsList":[],"candidateUsersList":[],"assignee":"","followUpDate":""}}"#;

/// What jobs of listeners and of user tasks have, and no other job.
pub(super) fn job_extras(out: &mut Object<'_>, placed: Placed<'_>, value: &ArchivedJobRecord<'_>) -> Written {
    let listener_event_type = JobListenerEventType::of(&value.listener_event_type);
    // The time a worker has stands in the deadline; this is of commands only.
    out.number("timeout", -1);
    out.raw("changedAttributes", "[]");
    out.name_of("jobListenerEventType", listener_event_type.name());
    out.raw("result", NO_RESULT);
    out.boolean("jobToUserTaskMigration", becomes_user_task(placed, value)?);
    Ok(())
}

/// Whether a job is canceled because its user task becomes one that the engine keeps: that is migrated in the same entry.
fn becomes_user_task(placed: Placed<'_>, value: &ArchivedJobRecord<'_>) -> Result<bool, EntryError> {
    let is_canceled = placed.record.header.intent == Intent::Job(JobIntent::Canceled);
    if !is_canceled || *value.job_type != *crate::USER_TASK_JOB_TYPE {
        return Ok(false);
    }
    let migrated = Intent::UserTask(UserTaskIntent::Migrated);
    for record in placed.records().filter(|record| record.header.intent == migrated) {
        let task = record.value::<UserTaskRecord<'_>>()?;
        if Key::of(&task.element_instance_key) == Key::of(&value.element_instance_key) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Headers are static text in the model: they are stored with a job's creation and found in its definition after that.
pub(super) fn custom_headers(
    out: &mut Object<'_>,
    stored: &str,
    instance: &ArchivedInstanceRef,
    element: ElementIndex,
    style: Style<'_>,
) {
    let key = InstanceRef::of(instance).process_definition_key;
    let names = style.names.definition(key);
    let found = names.and_then(|names| names.headers.get(element.0 as usize));
    match (stored, found) {
        ("", Some(headers)) if !headers.is_empty() => out.raw("customHeaders", headers),
        ("", _) => out.raw("customHeaders", "{}"),
        (stored, _) => out.raw("customHeaders", stored),
    }
}

/// The variables that an instance was created with: their events stand before it in the same entry.
pub(super) fn creation_variables(out: &mut Object<'_>, placed: Placed<'_>, instance: Key) -> Written {
    let variables = placed.records().take_while(|record| record.position < placed.record.position);
    let created = Intent::Variable(VariableIntent::Created);
    out.object("variables", |out| {
        for record in variables.filter(|record| record.header.intent == created) {
            let value = record.value::<VariableRecord<'_>>()?;
            if Key::of(&value.scope_key) == instance {
                out.member(&value.name, &value.value);
            }
        }
        Ok(())
    })
}

/// The tags of an instance stand in the event of its creation, in the entry in which the process is activated.
pub(super) fn tags(out: &mut Object<'_>, placed: Placed<'_>, is_process: bool, instance: Key) -> Written {
    if !is_process {
        out.raw("tags", "[]");
        return Ok(());
    }
    let created = Intent::ProcessInstanceCreation(ProcessInstanceCreationIntent::Created);
    for record in placed.records().filter(|record| record.header.intent == created) {
        let value = record.value::<ProcessInstanceCreationRecord<'_>>()?;
        if InstanceRef::of(&value.instance).process_instance_key == instance {
            out.texts("tags", value.tags.iter().map(|tag| &**tag));
        }
    }
    Ok(())
}

/// Where an element instance stands: instances and definitions from the top. Written where it begins; instances deeper
/// than the process's own elements are left out.
pub(super) fn paths(
    out: &mut Object<'_>,
    placed: Placed<'_>,
    archived: &ArchivedInstanceRef,
    element: &ElementInstanceRef,
    is_called: bool,
) {
    let flow_scope = element.flow_scope_key;
    let intent = placed.record.header.intent;
    // What was caught by an activity is active as soon as it is there.
    let is_entered = intent == Intent::from(ProcessInstanceIntent::ElementActivating)
        || intent == Intent::from(ProcessInstanceIntent::ElementMigrated)
        || intent == Intent::from(ProcessInstanceIntent::ElementActivated)
            && element.element_type == BpmnElementType::BoundaryEvent;
    if !is_entered {
        for path in ["elementInstancePath", "processDefinitionPath", "callingElementPath"] {
            out.raw(path, "[]");
        }
    } else if !is_called {
        let (instance, key) = (InstanceRef::of(archived), placed.record.header.key);
        let top = instance.process_instance_key;
        if key == top {
            instance_path(out, &[top]);
        } else if flow_scope == top {
            instance_path(out, &[top, key]);
        }
        definition_path(out, instance);
    }
}

/// Where the element stands that an incident is about, if it is the process or one of its own elements.
pub(super) fn incident_paths(
    out: &mut Object<'_>,
    archived: &ArchivedInstanceRef,
    element: ElementIndex,
    element_instance: Key,
    style: Style<'_>,
) {
    let instance = InstanceRef::of(archived);
    let top = instance.process_instance_key;
    if instance.root_process_instance_key != top {
        return;
    }
    let names = style.names.definition(instance.process_definition_key);
    let parent = names.and_then(|names| names.parents.get(element.0 as usize)).copied();
    if element_instance == top {
        instance_path(out, &[top]);
    } else if parent == Some(0) {
        instance_path(out, &[top, element_instance]);
    }
    definition_path(out, instance);
}

fn instance_path(out: &mut Object<'_>, keys: &[Key]) {
    let keys: Vec<String> = keys.iter().map(|key| key.to_wire().to_string()).collect();
    out.raw("elementInstancePath", &format!("[[{}]]", keys.join(",")));
}

fn definition_path(out: &mut Object<'_>, instance: InstanceRef) {
    out.keys("processDefinitionPath", std::iter::once(instance.process_definition_key));
    out.raw("callingElementPath", "[]");
}

/// Variables that a worker sent stand in the events that follow; other events of a job have none.
pub(super) fn job_variables(out: &mut Object<'_>, placed: Placed<'_>) {
    let Intent::Job(intent) = placed.record.header.intent else { return };
    match intent {
        JobIntent::Completed | JobIntent::Failed | JobIntent::ErrorThrown => {}
        _ => out.raw("variables", "{}"),
    }
}

/// The digest of something that a deployment made: it stands in that thing's own event, in the same entry.
pub(super) fn checksum_of(
    placed: Placed<'_>,
    key: Key,
    made: Intent,
    read: impl FnOnce(&RecordRef<'_>) -> Result<[u8; 16], EntryError>,
) -> Result<Option<[u8; 16]>, EntryError> {
    let its = placed.records().find(|record| record.header.key == key && record.header.intent == made);
    its.map(|record| read(&record)).transpose()
}

/// What a deployment says of a definition that it made stands in that definition's own event, in the same entry.
pub(super) fn process_metadata(out: &mut Object<'_>, placed: Placed<'_>, key: Key) -> Written {
    let created = Intent::Process(ProcessIntent::Created);
    let is_it = |record: &RecordRef<'_>| record.header.key == key && record.header.intent == created;
    if let Some(record) = placed.records().find(is_it) {
        let value = record.value::<ProcessRecord<'_>>()?;
        out.text("versionTag", &value.version_tag);
        out.base64("checksum", &value.checksum);
    }
    Ok(())
}
