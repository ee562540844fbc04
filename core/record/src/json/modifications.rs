//! What instances are told from outside as JSON: changes of where they stand and of what they run, and when they end.

use super::Style;
use super::values::{Written, element_id, instance, tenant};
use super::writer::Object;
use crate::entry::RecordRef;
use crate::ids::{ElementIndex, Key};
use crate::values::{
    InstanceRef, ProcessInstanceBusinessIdRecord, ProcessInstanceMigrationRecord,
    ProcessInstanceModificationRecord, RuntimeInstructionRecord,
};

pub(super) fn write_modification(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<ProcessInstanceModificationRecord<'_>>()?;
    let instance = InstanceRef::of(&value.instance);
    out.key("processInstanceKey", instance.process_instance_key);
    out.key("rootProcessInstanceKey", instance.root_process_instance_key);
    out.objects("activateInstructions", value.activate.iter(), |out, instruction| {
        element_id(out, &value.instance, ElementIndex::of(&instruction.element_index), style);
        out.key("ancestorScopeKey", Key::of(&instruction.ancestor_scope_key));
        out.keys("ancestorScopeKeys", instruction.scope_keys.iter().map(Key::of));
    });
    out.objects("terminateInstructions", value.terminate.iter(), |out, key| {
        out.key("elementInstanceKey", Key::of(key));
    });
    let mut scopes: Vec<Key> =
        value.activate.iter().flat_map(|instruction| instruction.scope_keys.iter().map(Key::of)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    out.keys("ancestorScopeKeys", scopes.into_iter());
    tenant(out, &value.tenant_id);
    Ok(())
}

pub(super) fn write_migration(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<ProcessInstanceMigrationRecord<'_>>()?;
    let instance = InstanceRef::of(&value.instance);
    out.key("processInstanceKey", instance.process_instance_key);
    out.key("rootProcessInstanceKey", instance.root_process_instance_key);
    out.key("processDefinitionKey", instance.process_definition_key);
    out.key("targetProcessDefinitionKey", Key::of(&value.target_process_definition_key));
    out.objects("mappingInstructions", value.mappings.iter(), |out, mapping| {
        out.text("sourceElementId", &mapping.source_element_id);
        out.text("targetElementId", &mapping.target_element_id);
    });
    tenant(out, &value.tenant_id);
    Ok(())
}

pub(super) fn write_business_id(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<ProcessInstanceBusinessIdRecord<'_>>()?;
    instance(out, &value.instance, None, style);
    out.text("businessId", &value.business_id);
    tenant(out, &value.tenant_id);
    Ok(())
}

pub(super) fn write_runtime_instruction(
    out: &mut Object<'_>,
    record: &RecordRef<'_>,
    style: Style<'_>,
) -> Written {
    let value = record.value::<RuntimeInstructionRecord<'_>>()?;
    out.key("processInstanceKey", InstanceRef::of(&value.instance).process_instance_key);
    element_id(out, &value.instance, ElementIndex::of(&value.element_index), style);
    tenant(out, &value.tenant_id);
    Ok(())
}
