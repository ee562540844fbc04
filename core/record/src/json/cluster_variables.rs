//! Cluster variables as JSON.

use super::values::Written;
use super::writer::Object;
use crate::entry::RecordRef;
use crate::values::ClusterVariableRecord;
use crate::wire_enums::ClusterVariableScope;

pub(super) fn write_variable(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<ClusterVariableRecord<'_>>()?;
    out.text("name", &value.name);
    // As in Zeebe, text that holds JSON.
    out.text("value", &String::from_utf8_lossy(&value.value));
    out.name_of("scope", ClusterVariableScope::of(&value.scope).name());
    out.name_of("kind", "JSON");
    out.member("metadata", if value.metadata.is_empty() { b"{}" } else { &value.metadata });
    out.text("tenantId", &value.tenant_id);
    Ok(())
}
