//! Records as JSON, one object a line, for people and tools. Field names are those of Zeebe's exported records.
//!
//! Keys are numbers, -1 for none; an element is its index in the definition's arena. Resources of definitions are
//! left out but for their size. The shape may grow; it is no stored format.

mod decisions;

use crate::entry::{EntryError, EntryRef, RecordRef};
use crate::ids::Key;
use crate::values::{
    ArchivedElementInstanceRef, ArchivedInstanceRef, DeploymentDistributionRecord, DeploymentRecord,
    ErrorRecord, IncidentRecord, InstanceRef, JobBatchRecord, JobRecord, PendingCommandRecord,
    ProcessInstanceCreationRecord, ProcessInstanceRecord, ProcessInstanceResultRecord, ProcessRecord,
    VariableDocumentRecord, VariableRecord,
};
use crate::values::{ArchivedJobRecord, ElementInstanceRef};
use crate::wire_enums::{ErrorType, JobKind, ProcessInstanceIntent, ValueType};
use std::fmt::Write as _;

/// An object under construction.
struct Object<'a>(&'a mut String);

impl Object<'_> {
    fn name(&mut self, name: &str) {
        let separator = if self.0.ends_with('{') { "" } else { "," };
        let _ = write!(self.0, "{separator}\"{name}\":");
    }

    fn number(&mut self, name: &str, value: impl std::fmt::Display) {
        self.name(name);
        let _ = write!(self.0, "{value}");
    }

    fn key(&mut self, name: &str, key: Key) {
        self.number(name, key.to_wire());
    }

    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        push_text(self.0, value);
    }

    /// A value that is JSON already.
    fn raw(&mut self, name: &str, json: &[u8]) {
        self.name(name);
        self.0.push_str(&String::from_utf8_lossy(json));
    }

    /// A value that is JSON, as text: so Zeebe's records have results of decisions.
    fn json_text(&mut self, name: &str, json: &[u8]) {
        self.text(name, &String::from_utf8_lossy(json));
    }

    fn texts<'b>(&mut self, name: &str, values: impl Iterator<Item = &'b str>) {
        self.name(name);
        self.0.push('[');
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            push_text(self.0, value);
        }
        self.0.push(']');
    }

    fn keys(&mut self, name: &str, keys: impl Iterator<Item = Key>) {
        let keys: Vec<String> = keys.map(|key| key.to_wire().to_string()).collect();
        self.number(name, format_args!("[{}]", keys.join(",")));
    }

    fn object(&mut self, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.name(name);
        self.0.push('{');
        fill(&mut Object(self.0));
        self.0.push('}');
    }

    fn objects<T>(
        &mut self,
        name: &str,
        items: impl Iterator<Item = T>,
        mut fill: impl FnMut(&mut Object<'_>, T),
    ) {
        self.name(name);
        self.0.push('[');
        for (index, item) in items.enumerate() {
            self.0.push_str(if index > 0 { ",{" } else { "{" });
            fill(&mut Object(self.0), item);
            self.0.push('}');
        }
        self.0.push(']');
    }

    fn instance(&mut self, archived: &ArchivedInstanceRef) {
        let instance = InstanceRef::of(archived);
        self.key("processDefinitionKey", instance.process_definition_key);
        self.key("processInstanceKey", instance.process_instance_key);
        self.key("rootProcessInstanceKey", instance.root_process_instance_key);
    }

    fn element(&mut self, archived: &ArchivedElementInstanceRef) {
        self.instance(&archived.instance);
        let element = ElementInstanceRef::of(archived);
        self.key("flowScopeKey", element.flow_scope_key);
        self.number("elementIndex", element.element_index);
        self.text("bpmnElementType", element.element_type.name());
        self.text("bpmnEventType", element.event_type.name());
    }
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Writes one record of an entry as an object.
///
/// # Errors
/// When the record's value is not of its layout.
pub fn write_record(
    out: &mut String,
    partition_id: u32,
    entry: &EntryRef<'_>,
    record: &RecordRef<'_>,
) -> Result<(), EntryError> {
    out.push('{');
    let header = &record.header;
    let mut object = Object(out);
    object.number("partitionId", partition_id);
    object.number("position", record.position);
    object.number("timestamp", entry.timestamp());
    object.text("recordType", header.record_type.name());
    object.text("valueType", header.intent.value_type().name());
    object.text("intent", header.intent.name());
    object.key("key", header.key);
    if header.source != crate::entry::NO_SOURCE {
        object.number("sourceRecordPosition", entry.first_position().plus(u64::from(header.source)));
    }
    if header.value_version != 0 {
        let mut failed = None;
        object.object("value", |value| failed = write_value(value, record).err());
        if let Some(error) = failed {
            return Err(error);
        }
    }
    out.push('}');
    Ok(())
}

fn write_value(out: &mut Object<'_>, record: &RecordRef<'_>) -> Result<(), EntryError> {
    match record.header.intent.value_type() {
        ValueType::Job => write_job(out, record.value::<JobRecord<'_>>()?),
        ValueType::Deployment => write_deployment(out, record)?,
        ValueType::ProcessInstance => {
            let value = record.value::<ProcessInstanceRecord<'_>>()?;
            out.element(&value.element);
            out.text("tenantId", tenant(&value.tenant_id));
        }
        ValueType::Incident => write_incident(out, record)?,
        ValueType::JobBatch => {
            let value = record.value::<JobBatchRecord<'_>>()?;
            out.text("type", &value.job_type);
            out.text("worker", &value.worker);
            out.number("deadline", value.deadline.0);
            out.keys("jobKeys", value.job_keys.iter().map(Key::of));
        }
        ValueType::Variable => {
            let value = record.value::<VariableRecord<'_>>()?;
            out.instance(&value.instance);
            out.key("scopeKey", Key::of(&value.scope_key));
            out.text("name", &value.name);
            out.raw("value", &value.value);
            out.text("tenantId", tenant(&value.tenant_id));
        }
        ValueType::VariableDocument => {
            let value = record.value::<VariableDocumentRecord<'_>>()?;
            out.key("scopeKey", Key::of(&value.scope_key));
            out.text("updateSemantics", if value.is_local { "LOCAL" } else { "PROPAGATE" });
        }
        ValueType::ProcessInstanceCreation => write_creation(out, record)?,
        ValueType::Error => {
            let value = record.value::<ErrorRecord<'_>>()?;
            out.key("processInstanceKey", Key::of(&value.process_instance_key));
            out.text("exceptionMessage", &value.message);
        }
        ValueType::ProcessInstanceResult => {
            out.instance(&record.value::<ProcessInstanceResultRecord<'_>>()?.instance);
        }
        ValueType::Process => write_process(out, record)?,
        ValueType::Decision => decisions::write_decision(out, record)?,
        ValueType::DecisionRequirements => decisions::write_requirements(out, record)?,
        ValueType::DecisionEvaluation => decisions::write_evaluation(out, record)?,
        ValueType::DeploymentDistribution => {
            let value = record.value::<DeploymentDistributionRecord<'_>>()?;
            out.number("partitionId", value.partition_id.0);
            out.keys("processDefinitionKeys", value.process_definition_keys.iter().map(Key::of));
        }
        ValueType::PendingCommand => {
            let value = record.value::<PendingCommandRecord<'_>>()?;
            out.text("pendingIntent", ProcessInstanceIntent::of(&value.intent).name());
            out.key("elementInstanceKey", Key::of(&value.element_instance_key));
            out.element(&value.element);
        }
    }
    Ok(())
}

fn tenant(stored: &str) -> &str {
    if stored.is_empty() { crate::DEFAULT_TENANT } else { stored }
}

fn write_job(out: &mut Object<'_>, value: &ArchivedJobRecord<'_>) {
    out.text("type", &value.job_type);
    out.instance(&value.instance);
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    out.number("elementIndex", value.element_index.0);
    out.text("jobKind", JobKind::of(&value.kind).name());
    out.text("worker", &value.worker);
    out.number("retries", value.retries);
    out.number("deadline", value.deadline.0);
    out.number("retryBackoff", value.retry_backoff.0);
    out.number("recurringTime", value.recurring_time.0);
    if !value.custom_headers.is_empty() {
        out.raw("customHeaders", value.custom_headers.as_bytes());
    }
    out.text("errorMessage", &value.error_message);
    out.text("errorCode", &value.error_code);
    out.text("tenantId", tenant(&value.tenant_id));
}

fn write_deployment(out: &mut Object<'_>, record: &RecordRef<'_>) -> Result<(), EntryError> {
    let value = record.value::<DeploymentRecord<'_>>()?;
    out.texts("resourceNames", value.resource_names.iter().map(|name| &**name));
    out.texts("bpmnProcessIds", value.processes.iter().map(|process| &*process.bpmn_process_id));
    decisions::write_metadata(out, value);
    out.text("tenantId", tenant(&value.tenant_id));
    Ok(())
}

fn write_incident(out: &mut Object<'_>, record: &RecordRef<'_>) -> Result<(), EntryError> {
    let value = record.value::<IncidentRecord<'_>>()?;
    out.instance(&value.instance);
    out.text("errorType", ErrorType::of(&value.error_type).name());
    out.text("errorMessage", &value.error_message);
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    out.number("elementIndex", value.element_index.0);
    out.key("jobKey", Key::of(&value.job_key));
    out.key("variableScopeKey", Key::of(&value.variable_scope_key));
    out.text("tenantId", tenant(&value.tenant_id));
    Ok(())
}

fn write_creation(out: &mut Object<'_>, record: &RecordRef<'_>) -> Result<(), EntryError> {
    let value = record.value::<ProcessInstanceCreationRecord<'_>>()?;
    out.instance(&value.instance);
    out.number("version", value.version);
    out.texts("startElementIds", value.start_element_ids.iter().map(|id| &**id));
    out.texts("tags", value.tags.iter().map(|tag| &**tag));
    out.text("businessId", &value.business_id);
    out.text("tenantId", tenant(&value.tenant_id));
    Ok(())
}

fn write_process(out: &mut Object<'_>, record: &RecordRef<'_>) -> Result<(), EntryError> {
    let value = record.value::<ProcessRecord<'_>>()?;
    out.text("bpmnProcessId", &value.bpmn_process_id);
    out.number("version", value.version);
    out.text("versionTag", &value.version_tag);
    out.key("deploymentKey", Key::of(&value.deployment_key));
    out.text("resourceName", &value.resource_name);
    out.number("resourceBytes", value.resource.len());
    out.text("tenantId", tenant(&value.tenant_id));
    Ok(())
}
