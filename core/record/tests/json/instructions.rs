//! Records of what an instance is told.

use crate::{EVENT, INSTANCE};
use ringbolt_record::values::{
    ActivatedAdHoc, ActivatedInstruction, AdHocSubProcessInstructionRecord, MigratedMapping,
    ProcessInstanceMigrationRecord, ProcessInstanceModificationRecord,
};
use ringbolt_record::{
    AdHocSubProcessInstructionIntent, ElementIndex, EntryBuilder, Key, ProcessInstanceMigrationIntent,
    ProcessInstanceModificationIntent,
};

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
