//! Records as lines of text, as the recorded answers of the reference engine have them.

use crate::print_compensations;
use crate::print_decisions::{decision, evaluation, metadata, requirements};
use crate::print_deployed::{self, deployed};
use crate::print_user_tasks::user_task;
use crate::rig::START;
use ringbolt_record::values::{
    BusinessIdHoldRecord, ClusterVariableRecord, CommandDistributionRecord, DeploymentRecord, ErrorRecord,
    EscalationRecord, IncidentRecord, JobBatchRecord, JobRecord, MessageCorrelationRecord, MessageRecord,
    MessageStartEventSubscriptionRecord, MessageSubscriptionRecord, PartitionMessageRecord,
    PendingCommandRecord, ProcessEventRecord, ProcessInstanceBusinessIdRecord, ProcessInstanceCreationRecord,
    ProcessInstanceMigrationRecord, ProcessInstanceModificationRecord, ProcessInstanceRecord,
    ProcessMessageSubscriptionRecord, ProcessRecord, RoutingRecord, RuntimeInstructionRecord, SignalRecord,
    SignalSubscriptionRecord, TimerRecord, VariableDocumentRecord, VariableRecord,
};
use ringbolt_record::{
    BpmnElementType, BpmnEventType, ClusterVariableScope, ElementIndex, EntryRef, ErrorType, JobKind,
    JobListenerEventType, Key, PartitionId, RecordRef, RecordType, TimestampMs, ValueType,
};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Ids of elements and flows by definition, learned from the resources in the log.
#[derive(Default)]
pub(crate) struct Names {
    processes: BTreeMap<Key, ringbolt_model::Process>,
    /// In the order they were created.
    pub(crate) jobs: Vec<Key>,
    pub(crate) incidents: Vec<Key>,
    pub(crate) instances: Vec<Key>,
    pub(crate) definitions: Vec<Key>,
    pub(crate) decisions: Vec<Key>,
    pub(crate) decision_requirements: Vec<Key>,
    pub(crate) user_tasks: Vec<Key>,
    pub(crate) forms: Vec<Key>,
    pub(crate) resources: Vec<Key>,
    /// Element instances by process instance and element id, the newest last.
    pub(crate) elements: Vec<(Key, String, Key)>,
}

impl Names {
    pub(crate) fn element(&self, definition: Key, index: ElementIndex) -> String {
        let process = &self.processes[&definition];
        process.element(index).id.to_string()
    }

    fn flow(&self, definition: Key, index: ElementIndex) -> String {
        self.processes[&definition].flow(ringbolt_model::FlowIndex(index.0)).id.to_string()
    }

    pub(crate) fn process_id(&self, definition: Key) -> String {
        self.processes[&definition].bpmn_process_id.clone()
    }
}

/// The events of an entry.
pub(crate) fn entry(bytes: &[u8], names: &mut Names) -> Vec<String> {
    let entry = EntryRef::parse(bytes).expect("an entry");
    let records = entry.records().map(|record| record.expect("a record"));
    let events = records.filter(|record| record.header.record_type == RecordType::Event);
    events.map(|record| self::record(&record, names)).collect()
}

#[derive(Default)]
pub(crate) struct Line(pub(crate) String);

impl Line {
    pub(crate) fn field(&mut self, name: &str, value: impl std::fmt::Display) -> &mut Self {
        let _ = write!(self.0, " {name}={value}");
        self
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        if !value.is_empty() {
            self.field(name, quote(value));
        }
        self
    }

    /// A key, if there is one.
    pub(crate) fn key(&mut self, name: &str, key: Key) -> &mut Self {
        if key.is_some() {
            self.field(name, key);
        }
        self
    }

    /// Structures, each as its fields in brackets.
    pub(crate) fn list(&mut self, name: &str, items: impl Iterator<Item = Line>) -> &mut Self {
        let items: Vec<String> = items.map(|item| format!("({})", item.0.trim())).collect();
        if !items.is_empty() {
            self.field(name, format!("[{}]", items.join(" ")));
        }
        self
    }

    fn time(&mut self, name: &str, time: TimestampMs) -> &mut Self {
        if time.0 != 0 {
            self.field(name, format!("{:+}", time.0 - START.0));
        }
        self
    }
}

/// Text as it is when it is one plain word, else as JSON.
pub(crate) fn quote(text: &str) -> String {
    let plain = |c: char| {
        c.is_ascii()
            && !c.is_whitespace()
            && !matches!(c, '"' | '#' | '=' | '[' | ']' | '(' | ')' | '{' | '}' | '\\')
    };
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        serde_json::to_string(text).unwrap()
    }
}

fn record(record: &RecordRef<'_>, names: &mut Names) -> String {
    let header = record.header;
    let mut line = Line(format!("E {} {}", header.intent.value_type(), header.intent.name()));
    line.field("key", header.key);
    match header.intent.value_type() {
        ValueType::Process => process(record, &mut line, names),
        ValueType::Deployment => deployment(record, &mut line),
        ValueType::Decision => decision(record, &mut line, names),
        ValueType::DecisionRequirements => requirements(record, &mut line, names),
        ValueType::DecisionEvaluation => evaluation(record, &mut line, names),
        ValueType::ProcessInstanceCreation => creation(record, &mut line, names),
        ValueType::ProcessInstance => process_instance(record, &mut line, names),
        ValueType::Job => job(record, &mut line, names),
        ValueType::JobBatch => {
            let value = record.value::<JobBatchRecord<'_>>().unwrap();
            let keys: Vec<String> = value.job_keys.iter().map(|key| Key::of(key).to_string()).collect();
            line.text("type", &value.job_type).text("worker", &value.worker);
            line.field("jobKeys", format!("[{}]", keys.join(" ")));
        }
        ValueType::Variable => variable(record, &mut line),
        ValueType::VariableDocument => {
            let value = record.value::<VariableDocumentRecord<'_>>().unwrap();
            line.field("scopeKey", Key::of(&value.scope_key));
            line.field("updateSemantics", if value.is_local { "LOCAL" } else { "PROPAGATE" });
        }
        ValueType::Timer => timer(record, &mut line, names),
        ValueType::ProcessEvent => process_event(record, &mut line, names),
        ValueType::Escalation => escalation(record, &mut line, names),
        ValueType::Form | ValueType::Resource | ValueType::ResourceDeletion => {
            deployed(record, &mut line, names);
        }
        ValueType::UserTask => user_task(record, &mut line, names),
        ValueType::AdHocSubProcessInstruction => crate::ad_hoc::print(record, &mut line),
        ValueType::ProcessInstanceBusinessId => business_id(record, &mut line),
        ValueType::RuntimeInstruction => runtime_instruction(record, &mut line, names),
        ValueType::ProcessInstanceModification => modification(record, &mut line),
        ValueType::ProcessInstanceMigration => migration(record, &mut line),
        ValueType::Incident => incident(record, &mut line, names),
        ValueType::Error => error(record, &mut line),
        ValueType::BusinessIdHold => business_id_hold(record, &mut line),
        ValueType::PendingCommand => {
            let value = record.value::<PendingCommandRecord<'_>>().unwrap();
            let process_instance_key = Key::of(&value.process_instance_key);
            line.field("processInstanceKey", process_instance_key).field("count", value.follow_ups.len());
        }
        ValueType::BatchOperationCreation
        | ValueType::BatchOperationInitialization
        | ValueType::BatchOperationChunk
        | ValueType::BatchOperationExecution
        | ValueType::BatchOperationLifecycleManagement
        | ValueType::BatchOperationPartitionLifecycle => crate::batch_operations::print(record, &mut line),
        ValueType::ProcessInstanceResult | ValueType::MultiInstance | ValueType::HistoryDeletion => {}
        ValueType::ProcessMessageSubscription => message_wait(record, &mut line, names),
        ValueType::MessageStartEventSubscription => message_start(record, &mut line, names),
        ValueType::ClusterVariable => cluster_variable(record, &mut line),
        ValueType::Signal | ValueType::SignalSubscription => signal(record, &mut line, names),
        ValueType::ConditionalSubscription => print_compensations::condition(record, &mut line, names),
        ValueType::ConditionalEvaluation => print_compensations::evaluation(record, &mut line),
        ValueType::CompensationSubscription => print_compensations::subscription(record, &mut line, names),
        ValueType::Message
        | ValueType::MessageCorrelation
        | ValueType::MessageSubscription
        | ValueType::CommandDistribution
        | ValueType::PartitionMessage
        | ValueType::Routing => between(record, &mut line),
    }
    line.0
}

fn business_id(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<ProcessInstanceBusinessIdRecord<'_>>().unwrap();
    line.text("businessId", &value.business_id);
}

fn business_id_hold(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<BusinessIdHoldRecord<'_>>().unwrap();
    line.text("bpmnProcessId", &value.bpmn_process_id).text("businessId", &value.business_id);
    line.field("partitionId", value.partition_id.0.to_native());
    line.field("messageKey", Key::of(&value.message_key));
}

fn error(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<ErrorRecord<'_>>().unwrap();
    line.field("processInstanceKey", Key::of(&value.process_instance_key)).text("message", &value.message);
}

fn variable(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<VariableRecord<'_>>().unwrap();
    line.text("name", &value.name).field("scopeKey", Key::of(&value.scope_key));
    line.field("value", String::from_utf8_lossy(&value.value));
}

fn runtime_instruction(record: &RecordRef<'_>, line: &mut Line, names: &Names) {
    let value = record.value::<RuntimeInstructionRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    line.text("elementId", &names.element(definition, ElementIndex::of(&value.element_index)));
}

fn modification(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<ProcessInstanceModificationRecord<'_>>().unwrap();
    line.field("processInstanceKey", Key::of(&value.instance.process_instance_key));
    let ended = value.terminate.iter().map(|key| {
        let mut inner = Line::default();
        inner.field("elementInstanceKey", Key::of(key));
        inner
    });
    line.list("terminateInstructions", ended);
}

fn migration(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<ProcessInstanceMigrationRecord<'_>>().unwrap();
    line.field("processInstanceKey", Key::of(&value.instance.process_instance_key));
    line.field("targetProcessDefinitionKey", Key::of(&value.target_process_definition_key));
    let mappings = value.mappings.iter().map(|mapping| {
        let mut inner = Line::default();
        inner.text("sourceElementId", &mapping.source_element_id);
        inner.text("targetElementId", &mapping.target_element_id);
        inner
    });
    line.list("mappingInstructions", mappings);
}

/// What passes between partitions, and between publishers and instances.
fn between(record: &RecordRef<'_>, line: &mut Line) {
    match record.header.intent.value_type() {
        ValueType::Message => {
            let value = record.value::<MessageRecord<'_>>().unwrap();
            line.text("name", &value.name).text("correlationKey", &value.correlation_key);
            line.text("messageId", &value.message_id);
            if !matches!(value.time_to_live.0.to_native(), 0 | -1) {
                line.field("timeToLive", value.time_to_live.0.to_native());
            }
            line.time("deadline", TimestampMs::of(&value.deadline));
        }
        ValueType::MessageCorrelation => {
            let value = record.value::<MessageCorrelationRecord<'_>>().unwrap();
            line.text("name", &value.name).text("correlationKey", &value.correlation_key);
            line.field("messageKey", record.header.key);
            line.key("processInstanceKey", Key::of(&value.process_instance_key));
        }
        ValueType::MessageSubscription => {
            let value = record.value::<MessageSubscriptionRecord<'_>>().unwrap();
            line.text("messageName", &value.message_name).text("correlationKey", &value.correlation_key);
            line.text("bpmnProcessId", &value.bpmn_process_id);
            line.field("elementInstanceKey", Key::of(&value.element_instance_key));
            line.key("messageKey", Key::of(&value.message_key));
        }
        ValueType::CommandDistribution => {
            let value = record.value::<CommandDistributionRecord>().unwrap();
            line.field("partitionId", PartitionId::of(&value.partition_id));
        }
        ValueType::PartitionMessage => {
            let value = record.value::<PartitionMessageRecord<'_>>().unwrap();
            line.field("partitionId", PartitionId::of(&value.partition_id));
            line.field("sequence", value.sequence.to_native());
        }
        ValueType::Routing => {
            let value = record.value::<RoutingRecord>().unwrap();
            line.field("partitionCount", value.partition_count.to_native());
        }
        other => panic!("{other} is printed elsewhere"),
    }
}

fn message_start(record: &RecordRef<'_>, line: &mut Line, names: &Names) {
    let value = record.value::<MessageStartEventSubscriptionRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    line.text("messageName", &value.message_name);
    line.text("startEventId", &names.element(definition, ElementIndex::of(&value.element_index)));
    line.text("bpmnProcessId", &value.bpmn_process_id).text("correlationKey", &value.correlation_key);
    line.key("messageKey", Key::of(&value.message_key));
    line.key("processInstanceKey", Key::of(&value.instance.process_instance_key));
    line.field("processDefinitionKey", definition);
}

fn signal(record: &RecordRef<'_>, line: &mut Line, names: &Names) {
    if record.header.intent.value_type() == ValueType::Signal {
        let value = record.value::<SignalRecord<'_>>().unwrap();
        line.text("signalName", &value.name).field("variables", String::from_utf8_lossy(&value.variables));
        return;
    }
    let value = record.value::<SignalSubscriptionRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    line.text("signalName", &value.signal_name);
    line.text("catchEventId", &names.element(definition, ElementIndex::of(&value.element_index)));
    line.key("catchEventInstanceKey", Key::of(&value.element_instance_key));
    line.text("bpmnProcessId", &value.bpmn_process_id).field("processDefinitionKey", definition);
}

fn message_wait(record: &RecordRef<'_>, line: &mut Line, names: &Names) {
    let value = record.value::<ProcessMessageSubscriptionRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    line.text("messageName", &value.message_name).text("correlationKey", &value.correlation_key);
    line.key("messageKey", Key::of(&value.message_key)).text("bpmnProcessId", &names.process_id(definition));
    line.text("elementId", &names.element(definition, ElementIndex::of(&value.element_index)));
    line.field("elementInstanceKey", Key::of(&value.element_instance_key));
}

fn timer(record: &RecordRef<'_>, line: &mut Line, names: &Names) {
    let value = record.value::<TimerRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    let element = names.element(definition, ElementIndex::of(&value.element_index));
    line.text("targetElementId", &element);
    line.key("elementInstanceKey", Key::of(&value.element_instance_key));
    line.field("dueDate", format!("+{}", value.due.0.to_native() - START.0));
    line.field("repetitions", value.repetitions);
}

fn escalation(record: &RecordRef<'_>, line: &mut Line, names: &Names) {
    let value = record.value::<EscalationRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    let thrower = names.element(definition, ElementIndex::of(&value.element_index));
    line.text("escalationCode", &value.code).text("throwElementId", &thrower);
    let caught_in = Key::of(&value.caught_in);
    if caught_in.is_some() {
        line.text("catchElementId", &names.element(caught_in, ElementIndex::of(&value.catcher)));
    }
}

fn process_event(record: &RecordRef<'_>, line: &mut Line, names: &Names) {
    let value = record.value::<ProcessEventRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    let element = names.element(definition, ElementIndex::of(&value.element_index));
    line.text("targetElementId", &element).field("scopeKey", Key::of(&value.scope_key));
    if !value.variables.is_empty() {
        line.field("variables", String::from_utf8_lossy(&value.variables));
    }
}

fn process(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    let value = record.value::<ProcessRecord<'_>>().unwrap();
    if record.header.intent.name() == "CREATED" {
        let parsed =
            ringbolt_model::parse(&value.resource_name, &value.resource, &ringbolt_model::Limits::default());
        let processes = parsed.expect("a deployed resource").processes;
        let process = processes.into_iter().find(|p| p.bpmn_process_id == *value.bpmn_process_id).unwrap();
        names.processes.insert(record.header.key, process);
        names.definitions.push(record.header.key);
    }
    line.text("bpmnProcessId", &value.bpmn_process_id).field("version", value.version);
    line.text("versionTag", &value.version_tag);
    line.field("processDefinitionKey", Key::of(&value.process_definition_key));
    line.text("resourceName", &value.resource_name);
}

fn deployment(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<DeploymentRecord<'_>>().unwrap();
    let processes = value.processes.iter().map(|process| {
        let mut inner = Line::default();
        inner.text("bpmnProcessId", &process.bpmn_process_id);
        if process.is_duplicate {
            inner.field("duplicate", true);
        }
        inner.field("processDefinitionKey", Key::of(&process.process_definition_key));
        inner.text("resourceName", &process.resource_name).field("version", process.version);
        inner
    });
    line.list("processesMetadata", processes);
    metadata(value, line);
    print_deployed::metadata(value, line);
}

fn creation(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    let value = record.value::<ProcessInstanceCreationRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    line.text("bpmnProcessId", &names.process_id(definition)).field("version", value.version);
    let instance = Key::of(&value.instance.process_instance_key);
    if !names.instances.contains(&instance) {
        names.instances.push(instance);
    }
    line.field("processInstanceKey", instance).field("processDefinitionKey", definition);
    let tags: Vec<&str> = value.tags.iter().map(|tag| &**tag).collect();
    if !tags.is_empty() {
        line.field("tags", format!("[{}]", tags.join(" ")));
    }
}

fn process_instance(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    let value = record.value::<ProcessInstanceRecord<'_>>().unwrap();
    let element = &value.element;
    let element_type = BpmnElementType::of(&element.element_type);
    let definition = Key::of(&element.instance.process_definition_key);
    let instance = Key::of(&element.instance.process_instance_key);
    let index = ElementIndex::of(&element.element_index);
    let id = match element_type {
        BpmnElementType::SequenceFlow => names.flow(definition, index),
        _ => names.element(definition, index),
    };
    line.field("bpmnElementType", element_type);
    if BpmnEventType::of(&element.event_type) != BpmnEventType::Unspecified {
        line.field("bpmnEventType", BpmnEventType::of(&element.event_type));
    }
    line.text("elementId", &id);
    if Key::of(&element.flow_scope_key).is_some() {
        line.field("flowScopeKey", Key::of(&element.flow_scope_key));
    }
    names.elements.push((instance, id, record.header.key));
    if element_type == BpmnElementType::Process && !names.instances.contains(&instance) {
        names.instances.push(instance);
    }
    line.field("processInstanceKey", instance).field("processDefinitionKey", definition);
    line.key("parentProcessInstanceKey", Key::of(&value.parent_process_instance_key));
    line.key("parentElementInstanceKey", Key::of(&value.parent_element_instance_key));
}

fn cluster_variable(record: &RecordRef<'_>, line: &mut Line) {
    let value = record.value::<ClusterVariableRecord<'_>>().unwrap();
    line.text("name", &value.name).field("value", String::from_utf8_lossy(&value.value));
    line.field("scope", ClusterVariableScope::of(&value.scope)).text("tenantId", &value.tenant_id);
}

fn job(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    let value = record.value::<JobRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    if record.header.intent.name() == "CREATED" {
        names.jobs.push(record.header.key);
    }
    line.text("type", &value.job_type).field("retries", value.retries).text("worker", &value.worker);
    if value.priority.to_native() != 0 {
        line.field("priority", value.priority);
    }
    line.time("deadline", TimestampMs::of(&value.deadline));
    if value.retry_backoff.0.to_native() != 0 {
        line.field("retryBackoff", value.retry_backoff.0);
    }
    line.time("recurringTime", TimestampMs::of(&value.recurring_time));
    line.text("errorCode", &value.error_code).text("errorMessage", &value.error_message);
    if &*value.custom_headers != "{}" && !value.custom_headers.is_empty() {
        line.field("customHeaders", &*value.custom_headers);
    }
    let kind = JobKind::of(&value.kind);
    if kind != JobKind::BpmnElement {
        line.field("jobKind", kind);
    }
    let listened_to = JobListenerEventType::of(&value.listener_event_type);
    if listened_to != JobListenerEventType::Unspecified {
        line.field("jobListenerEventType", listened_to);
    }
    line.text("elementId", &names.element(definition, ElementIndex::of(&value.element_index)));
    line.field("elementInstanceKey", Key::of(&value.element_instance_key));
}

fn incident(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    let value = record.value::<IncidentRecord<'_>>().unwrap();
    let definition = Key::of(&value.instance.process_definition_key);
    if record.header.intent.name() == "CREATED" {
        names.incidents.push(record.header.key);
    }
    line.field("errorType", ErrorType::of(&value.error_type)).text("errorMessage", &value.error_message);
    line.text("elementId", &names.element(definition, ElementIndex::of(&value.element_index)));
    line.field("elementInstanceKey", Key::of(&value.element_instance_key));
    if Key::of(&value.job_key).is_some() {
        line.field("jobKey", Key::of(&value.job_key));
    }
    line.field("variableScopeKey", Key::of(&value.variable_scope_key));
}
