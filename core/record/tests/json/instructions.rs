//! Records of what an instance is told.

use crate::{EVENT, INSTANCE};
use ringbolt_record::values::UserTaskRecord;
use ringbolt_record::values::{
    ActivatedAdHoc, ActivatedInstruction, AdHocSubProcessInstructionRecord, MigratedMapping,
    ProcessInstanceMigrationRecord, ProcessInstanceModificationRecord,
};
use ringbolt_record::{
    AdHocSubProcessInstructionIntent, ElementIndex, EntryBuilder, Key, ProcessInstanceMigrationIntent,
    ProcessInstanceModificationIntent,
};
use ringbolt_record::{ChangedAttributes, TimestampMs, UserTaskIntent};

pub(crate) fn push(entry: &mut EntryBuilder) {
    let (element_index, scope_keys) = (ElementIndex(1), vec![Key(2), Key(18)]);
    let activate = vec![ActivatedInstruction { element_index, ancestor_scope_key: Key(2), scope_keys }];
    let (terminate, tenant_id) = (vec![Key(9)], "");
    let modification =
        ProcessInstanceModificationRecord { instance: INSTANCE, activate, terminate, tenant_id };
    entry.push(EVENT, ProcessInstanceModificationIntent::Modified.into(), Key(2), &modification);
    let instructed = AdHocSubProcessInstructionRecord {
        instance: INSTANCE,
        element_instance_key: Key(9),
        activate: vec![
            ActivatedAdHoc { element_id: "a", variables: b"{\"x\":1}" },
            ActivatedAdHoc { element_id: "b", variables: b"" },
        ],
        is_completion_condition_fulfilled: true,
        cancels_remaining_instances: false,
        tenant_id: "",
    };
    entry.push(EVENT, AdHocSubProcessInstructionIntent::Activated.into(), Key(9), &instructed);
    let migration = ProcessInstanceMigrationRecord {
        instance: INSTANCE,
        target_process_definition_key: Key(30),
        mappings: vec![MigratedMapping { source_element_id: "a", target_element_id: "b" }],
        keeps_lock: false,
        tenant_id: "",
    };
    entry.push(EVENT, ProcessInstanceMigrationIntent::Migrated.into(), Key(2), &migration);
}

pub(crate) fn push_user_task(entry: &mut EntryBuilder) {
    let value = UserTaskRecord {
        instance: INSTANCE,
        element_instance_key: Key(9),
        element_index: ElementIndex(1),
        assignee: "anna",
        candidate_groups: vec!["sales", "ops"],
        candidate_users: Vec::new(),
        due_date: "2026-01-01T00:00Z",
        follow_up_date: "",
        priority: 50,
        form_key: Key::NONE,
        external_form_reference: "https://f",
        changed_attributes: ChangedAttributes::ASSIGNEE.0,
        action: "assign",
        denied_reason: "",
        asks: false,
        variables: &[],
        document_key: Key::NONE,
        document_is_local: false,
        creation_timestamp: TimestampMs(900),
        custom_headers: "",
        tenant_id: "",
    };
    entry.push(EVENT, UserTaskIntent::Assigned.into(), Key(16), &value);
}
