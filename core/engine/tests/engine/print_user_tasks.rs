//! Records of user tasks as lines of text.

use crate::print::{Line, Names, quote};
use crate::rig::START;
use ringbolt_record::values::{ArchivedUserTaskRecord, UserTaskRecord};
use ringbolt_record::{ChangedAttributes, ElementIndex, Key, RecordRef};

pub(crate) fn user_task(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    let value = record.value::<UserTaskRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    if record.header.intent.name() == "CREATED" {
        names.user_tasks.push(record.header.key);
    }
    texts(line, value);
    if value.priority != 0 {
        line.field("priority", value.priority);
    }
    line.key("formKey", Key::of(&value.form_key));
    line.text("externalFormReference", &value.external_form_reference).text("action", &value.action);
    list(line, "changedAttributes", ChangedAttributes(value.changed_attributes).names());
    line.text("deniedReason", &value.denied_reason);
    if !matches!(&*value.custom_headers, "" | "{}") {
        line.field("customHeaders", &*value.custom_headers);
    }
    line.field("creationTimestamp", format!("{:+}", value.creation_timestamp.0.to_native() - START.0));
    line.text("elementId", &names.element(definition, ElementIndex::of(&value.element_index)));
    line.field("elementInstanceKey", Key::of(&value.element_instance_key));
}

fn texts(line: &mut Line, value: &ArchivedUserTaskRecord<'_>) {
    line.text("assignee", &value.assignee);
    list(line, "candidateGroupsList", value.candidate_groups.iter().map(|name| &**name));
    list(line, "candidateUsersList", value.candidate_users.iter().map(|name| &**name));
    line.text("dueDate", &value.due_date).text("followUpDate", &value.follow_up_date);
}

fn list<'t>(line: &mut Line, name: &str, items: impl Iterator<Item = &'t str>) {
    let items: Vec<String> = items.map(quote).collect();
    if !items.is_empty() {
        line.field(name, format!("[{}]", items.join(" ")));
    }
}
