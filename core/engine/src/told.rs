//! The state told as records: what events would say of everything that is there now.
//!
//! Secondary storage that begins when the log does not go back far enough asks for it. Each record is what the event would say that brought its row there, or
//! as much of that as the state still knows; nothing is applied, and nothing of it is ever in the log. What has ended, which flows were taken and when something
//! began is not in the state.
//!
//! Invariants: it is told in parts of bounded size, in the order of the tables' keys; each part is as the state is at one position.

mod batch_operations;

use ringbolt_record::values::{
    Arrival, ClusterVariableRecord, ConditionalSubscriptionRecord, DecisionRecord,
    DecisionRequirementsRecord, FormRecord, IncidentRecord, InstanceRef, JobRecord,
    MessageStartEventSubscriptionRecord, ProcessInstanceBusinessIdRecord, ProcessInstanceCreationRecord,
    ProcessInstanceRecord, ProcessMessageSubscriptionRecord, ProcessRecord, ResourceRecord,
    SignalSubscriptionRecord, TimerRecord, UserTaskRecord, VariableRecord,
};
use ringbolt_record::{
    BpmnElementType, ClusterVariableIntent, ConditionalSubscriptionIntent, DEFAULT_TENANT, DecisionIntent,
    DecisionRequirementsIntent, EntryBuilder, FormIntent, IncidentIntent, Intent, JobIntent, Key,
    MessageStartEventSubscriptionIntent, ProcessInstanceBusinessIdIntent, ProcessInstanceCreationIntent,
    ProcessInstanceIntent, ProcessIntent, ProcessMessageSubscriptionIntent, RecordType, ResourceIntent,
    SignalSubscriptionIntent, TimerIntent, UserTaskIntent, VariableIntent,
};
use ringbolt_tables::{
    JobState, Listed, MessageWaitState, NamedKind, ResourceKind, Suspension, Tables, UserTaskState,
    listed_key,
};

/// Records of one part, at most.
const RECORDS_MAX: u32 = 1_000;
/// Bytes of a part after which no more is added.
const BYTES_MAX: usize = 256 * 1024;

/// A part of the state was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where the next part begins; none when that was all.
    pub next: Option<Vec<u8>>,
    /// With it the last of the process instances that there are has been told.
    pub is_past_instances: bool,
}

/// Tells a part of the state into an entry that was begun, from where an earlier part says; from the begin for nothing. What says so is a table's place among
/// [`Listed::ALL`] and the key of the last row of it that was told.
pub fn tell(tables: &Tables, from: &[u8], entry: &mut EntryBuilder) -> Told {
    let instances = Listed::ALL.iter().position(|listed| *listed == Listed::ElementInstances);
    let instances = instances.expect("it is among them");
    let (first, mut behind) = from.split_first().map_or((0, from), |(table, key)| (usize::from(*table), key));
    let told = |next: Option<Vec<u8>>, number: usize| Told {
        next,
        is_past_instances: first <= instances && number > instances,
    };
    for (number, listed) in Listed::ALL.into_iter().enumerate().skip(first) {
        for key in tables.keys_behind(listed, behind) {
            if entry.record_count() >= RECORDS_MAX || entry.len() >= BYTES_MAX {
                return told(Some([&[number as u8], behind].concat()), number);
            }
            tell_row(tables, listed, key, entry);
            behind = key;
        }
        behind = &[];
    }
    told(None, Listed::ALL.len())
}

/// The owner of a definition's instances.
fn tenant(tables: &Tables, instance: InstanceRef) -> &str {
    tables.process(instance.process_definition_key).map_or(DEFAULT_TENANT, |process| process.tenant_id)
}

fn tell_row(tables: &Tables, listed: Listed, row_key: &[u8], entry: &mut EntryBuilder) {
    let key = || listed_key(row_key, 0);
    match listed {
        Listed::Processes => tell_process(tables, key(), entry),
        Listed::DecisionRequirements | Listed::Decisions => tell_decision(tables, listed, key(), entry),
        Listed::Resources => tell_resource(tables, key(), entry),
        Listed::ClusterVariables => tell_cluster_variable(tables, row_key, entry),
        Listed::ElementInstances => tell_element(tables, key(), entry),
        Listed::Variables => tell_variable(tables, key(), &row_key[8..], entry),
        Listed::Jobs => tell_job(tables, key(), entry),
        Listed::Incidents => tell_incident(tables, key(), entry),
        Listed::UserTasks => tell_user_task(tables, key(), entry),
        Listed::MessageWaits => tell_message_wait(tables, key(), entry),
        Listed::NamedSubscriptions => tell_named(tables, key(), listed_key(row_key, 8), entry),
        Listed::Timers => tell_timer(tables, key(), entry),
        Listed::Conditions => tell_condition(tables, key(), listed_key(row_key, 8), entry),
        Listed::BatchOperations => batch_operations::tell(tables, key(), entry),
        Listed::BatchChunks => batch_operations::tell_chunk(tables, key(), listed_key(row_key, 8), entry),
    }
}

fn tell_process(tables: &Tables, key: Key, entry: &mut EntryBuilder) {
    let (Some(row), Some(resource)) = (tables.process(key), tables.process_resource(key)) else { return };
    let value = ProcessRecord {
        process_definition_key: key,
        bpmn_process_id: row.bpmn_process_id,
        version: row.version,
        version_tag: row.version_tag,
        deployment_key: row.deployment_key,
        resource_name: row.resource_name,
        checksum: row.checksum,
        resource,
        tenant_id: row.tenant_id,
    };
    entry.push(RecordType::Event, Intent::from(ProcessIntent::Created), key, &value);
}

fn tell_decision(tables: &Tables, listed: Listed, key: Key, entry: &mut EntryBuilder) {
    if listed == Listed::DecisionRequirements {
        let Some(row) = tables.decision_requirements(key) else { return };
        let value = DecisionRequirementsRecord {
            decision_requirements_key: key,
            decision_requirements_id: row.decision_requirements_id,
            decision_requirements_name: row.decision_requirements_name,
            decision_requirements_version: row.version,
            namespace: row.namespace,
            deployment_key: row.deployment_key,
            resource_name: row.resource_name,
            checksum: row.checksum,
            resource: row.resource,
            tenant_id: row.tenant_id,
        };
        entry.push(RecordType::Event, Intent::from(DecisionRequirementsIntent::Created), key, &value);
        return;
    }
    let Some(row) = tables.decision(key) else { return };
    let value = DecisionRecord {
        decision_key: key,
        decision_id: row.decision_id,
        decision_name: row.decision_name,
        version: row.version,
        version_tag: row.version_tag,
        decision_requirements_id: row.decision_requirements_id,
        decision_requirements_key: row.decision_requirements_key,
        deployment_key: row.deployment_key,
        tenant_id: row.tenant_id,
    };
    entry.push(RecordType::Event, Intent::from(DecisionIntent::Created), key, &value);
}

fn tell_resource(tables: &Tables, key: Key, entry: &mut EntryBuilder) {
    let Some(row) = tables.resource(key) else { return };
    let value = ResourceRecord {
        resource_key: key,
        resource_id: row.resource_id,
        version: row.version,
        version_tag: row.version_tag,
        deployment_key: row.deployment_key,
        resource_name: row.resource_name,
        checksum: row.checksum,
        content: row.content,
        tenant_id: row.tenant_id,
    };
    match row.kind {
        ResourceKind::Form => {
            entry.push(RecordType::Event, Intent::from(FormIntent::Created), key, &FormRecord(value));
        }
        ResourceKind::Other => {
            entry.push(RecordType::Event, Intent::from(ResourceIntent::Created), key, &value);
        }
    }
}

fn tell_cluster_variable(tables: &Tables, row_key: &[u8], entry: &mut EntryBuilder) {
    let Some(row) = tables.cluster_variable_at(row_key) else { return };
    let value = ClusterVariableRecord {
        scope: row.scope,
        name: row.name,
        value: row.value,
        metadata: row.metadata,
        tenant_id: row.tenant_id,
    };
    entry.push(RecordType::Event, Intent::from(ClusterVariableIntent::Created), Key::NONE, &value);
}

fn tell_element(tables: &Tables, key: Key, entry: &mut EntryBuilder) {
    let Some(row) = tables.element_instance(key) else { return };
    let tenant_id = tenant(tables, row.element.instance);
    let value = ProcessInstanceRecord {
        element: row.element,
        parent_process_instance_key: row.parent_process_instance_key,
        parent_element_instance_key: row.parent_element_instance_key,
        arrival: Arrival::None,
        promised: 0,
        tenant_id,
    };
    // What is activating and what is active are one to those who look; only an event on a border is active at once.
    let intent = match row.element.element_type {
        BpmnElementType::BoundaryEvent => ProcessInstanceIntent::ElementActivated,
        _ => ProcessInstanceIntent::ElementActivating,
    };
    entry.push(RecordType::Event, Intent::from(intent), key, &value);
    if row.element.element_type != BpmnElementType::Process {
        return;
    }
    if tables.suspension(key) == Some(Suspension::Suspended) {
        entry.push(RecordType::Event, Intent::from(ProcessInstanceIntent::Suspended), key, &value);
    }
    let Some(metadata) = tables.instance_metadata(key) else { return };
    let value = ProcessInstanceCreationRecord {
        instance: row.element.instance,
        version: 0,
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tags: metadata.tags.iter().map(String::as_str).collect(),
        business_id: &metadata.business_id,
        tenant_id,
    };
    entry.push(RecordType::Event, Intent::from(ProcessInstanceCreationIntent::Created), key, &value);
    if !metadata.business_id_since.is_none() {
        let (instance, since) = (row.element.instance, metadata.business_id_since);
        let business_id = &metadata.business_id;
        let value = ProcessInstanceBusinessIdRecord { instance, business_id, since, tenant_id };
        let intent = ProcessInstanceBusinessIdIntent::Assigned;
        entry.push(RecordType::Event, Intent::from(intent), key, &value);
    }
}

fn tell_variable(tables: &Tables, scope_key: Key, name: &[u8], entry: &mut EntryBuilder) {
    let Ok(name) = std::str::from_utf8(name) else { return };
    let Some((key, value)) = tables.variable(scope_key, name) else { return };
    let Some(scope) = tables.element_instance(scope_key) else { return };
    let instance = scope.element.instance;
    let value = VariableRecord { instance, scope_key, name, value, tenant_id: tenant(tables, instance) };
    entry.push(RecordType::Event, Intent::from(VariableIntent::Created), key, &value);
}

fn tell_job(tables: &Tables, key: Key, entry: &mut EntryBuilder) {
    let Some(row) = tables.job(key) else { return };
    let own_headers = if row.has_own_headers { tables.job_headers(key) } else { None };
    let value = JobRecord {
        instance: row.instance,
        element_instance_key: row.element_instance_key,
        element_index: row.element_index,
        kind: row.kind,
        listener_event_type: row.listener_event_type,
        listener_index: row.listener_index,
        has_own_headers: own_headers.is_some(),
        job_type: row.job_type(),
        worker: row.worker(),
        retries: row.retries,
        priority: row.priority,
        lease: row.lease,
        deadline: row.deadline,
        retry_backoff: row.retry_backoff,
        recurring_time: row.recurring_time,
        custom_headers: own_headers.unwrap_or_default(),
        error_message: row.error_message(),
        error_code: row.error_code(),
        is_caught: false,
        tenant_id: row.tenant_id(),
    };
    let intent = match row.state {
        JobState::Failed => JobIntent::Failed,
        JobState::ErrorThrown => JobIntent::ErrorThrown,
        // That a job rests is its instance's state, and that somebody has it its deadline's: neither is its own. One whose worker failed
        // before says so by its error.
        JobState::Activatable | JobState::Activated | JobState::Suspended => {
            if row.error_message().is_empty() { JobIntent::Created } else { JobIntent::Failed }
        }
    };
    entry.push(RecordType::Event, Intent::from(intent), key, &value);
}

fn tell_incident(tables: &Tables, key: Key, entry: &mut EntryBuilder) {
    let Some(row) = tables.incident(key) else { return };
    let value = IncidentRecord {
        instance: row.instance,
        error_type: row.error_type,
        error_message: &row.error_message,
        element_instance_key: row.element_instance_key,
        element_index: row.element_index,
        job_key: row.job_key,
        variable_scope_key: row.variable_scope_key,
        tenant_id: tenant(tables, row.instance),
    };
    entry.push(RecordType::Event, Intent::from(IncidentIntent::Created), key, &value);
}

fn tell_user_task(tables: &Tables, key: Key, entry: &mut EntryBuilder) {
    let Some(row) = tables.user_task(key) else { return };
    let value = UserTaskRecord {
        instance: row.instance,
        element_instance_key: row.element_instance_key,
        element_index: row.element_index,
        assignee: &row.assignee,
        candidate_groups: row.candidate_groups.iter().map(String::as_str).collect(),
        candidate_users: row.candidate_users.iter().map(String::as_str).collect(),
        due_date: &row.due_date,
        follow_up_date: &row.follow_up_date,
        priority: row.priority,
        form_key: row.form_key,
        external_form_reference: &row.external_form_reference,
        changed_attributes: 0,
        action: "",
        denied_reason: "",
        asks: false,
        variables: &[],
        document_key: Key::NONE,
        document_is_local: false,
        creation_timestamp: row.creation_timestamp,
        custom_headers: tables.job_headers(key).unwrap_or_default(),
        tenant_id: &row.tenant_id,
    };
    let intent = match row.state {
        UserTaskState::Creating => UserTaskIntent::Creating,
        _ => UserTaskIntent::Created,
    };
    entry.push(RecordType::Event, Intent::from(intent), key, &value);
    // What is under way is a state alone.
    let under_way = match row.state {
        UserTaskState::Creating | UserTaskState::Created => return,
        UserTaskState::Assigning | UserTaskState::Claiming => UserTaskIntent::Assigning,
        UserTaskState::Updating => UserTaskIntent::Updating,
        UserTaskState::Completing => UserTaskIntent::Completing,
        UserTaskState::Canceling => UserTaskIntent::Canceling,
    };
    entry.push(RecordType::Event, Intent::from(under_way), key, &value);
}

fn tell_message_wait(tables: &Tables, key: Key, entry: &mut EntryBuilder) {
    // One that is being opened or closed is told by the event that follows.
    let open = |row: &ringbolt_tables::MessageWaitRow<'_>| row.state == MessageWaitState::Open;
    let Some(row) = tables.message_wait(key).filter(open) else { return };
    let value = ProcessMessageSubscriptionRecord {
        instance: row.instance,
        element_instance_key: row.element_instance_key,
        element_index: row.element_index,
        partition_id: row.partition_id,
        message_key: row.message_key,
        is_interrupting: row.is_interrupting,
        is_for_suspension: false,
        message_name: row.message_name,
        correlation_key: row.correlation_key,
        tenant_id: row.tenant_id,
    };
    entry.push(RecordType::Event, Intent::from(ProcessMessageSubscriptionIntent::Created), key, &value);
}

fn tell_named(tables: &Tables, scope_key: Key, key: Key, entry: &mut EntryBuilder) {
    let Some(row) = tables.named_subscription(scope_key, key) else { return };
    let process = tables.process(row.instance.process_definition_key);
    let bpmn_process_id = process.map_or("", |process| process.bpmn_process_id);
    match row.kind {
        NamedKind::MessageStart => {
            let value = MessageStartEventSubscriptionRecord {
                instance: row.instance,
                element_index: row.element_index,
                message_key: Key::NONE,
                bpmn_process_id,
                message_name: row.name,
                correlation_key: "",
                business_id: "",
                tenant_id: row.tenant_id,
            };
            let intent = MessageStartEventSubscriptionIntent::Created;
            entry.push(RecordType::Event, Intent::from(intent), key, &value);
        }
        NamedKind::Signal => {
            let is_start = row.instance.process_instance_key.is_none();
            let value = SignalSubscriptionRecord {
                instance: row.instance,
                element_instance_key: if is_start { Key::NONE } else { scope_key },
                element_index: row.element_index,
                bpmn_process_id,
                signal_name: row.name,
                tenant_id: row.tenant_id,
            };
            entry.push(RecordType::Event, Intent::from(SignalSubscriptionIntent::Created), key, &value);
        }
    }
}

fn tell_timer(tables: &Tables, key: Key, entry: &mut EntryBuilder) {
    let Some(row) = tables.timer(key) else { return };
    let value = TimerRecord {
        instance: row.instance,
        element_instance_key: row.element_instance_key,
        element_index: row.element_index,
        due: row.due,
        repetitions: row.repetitions,
        tenant_id: tenant(tables, row.instance),
    };
    entry.push(RecordType::Event, Intent::from(TimerIntent::Created), key, &value);
}

fn tell_condition(tables: &Tables, scope_key: Key, key: Key, entry: &mut EntryBuilder) {
    let Some(row) = tables.conditional_subscription(scope_key, key) else { return };
    let process = tables.process(row.instance.process_definition_key);
    let value = ConditionalSubscriptionRecord {
        instance: row.instance,
        element_instance_key: scope_key,
        element_index: row.element_index,
        is_interrupting: row.is_interrupting,
        bpmn_process_id: process.map_or("", |process| process.bpmn_process_id),
        condition: row.condition,
        variable_names: row.variable_names,
        variable_events: row.variable_events,
        tenant_id: tenant(tables, row.instance),
    };
    entry.push(RecordType::Event, Intent::from(ConditionalSubscriptionIntent::Created), key, &value);
}
