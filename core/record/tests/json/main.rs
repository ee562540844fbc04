//! One record of every value type as JSON, with and without the names of its definition.

mod batches;
mod business_ids;
mod instructions;
mod messages;
mod subscriptions;

use expect_test::expect;
use ringbolt_record::json::{DefinitionNames, Names, NoNames, Resources, Style, position_of, write_record};
use ringbolt_record::partition_message::DeploymentReference;
use ringbolt_record::values::{
    Arrival, CommandDistributionRecord, DecisionEvaluationRecord, DecisionRecord, DecisionRequirementsRecord,
    DeploymentRecord, ElementInstanceRef, ErrorRecord, EscalationRecord, FormRecord, IncidentRecord,
    InstanceRef, Interrupts, ItemListBuilder, JobBatchRecord, JobRecord, MultiInstanceRecord,
    PartitionMessageRecord, PendingCommandRecord, ProcessEventRecord, ProcessInstanceCreationRecord,
    ProcessInstanceRecord, ProcessInstanceResultRecord, ProcessMetadata, ProcessRecord,
    ResourceDeletionRecord, ResourceRecord, RoutingRecord, RuntimeInstructionRecord, SignalRecord,
    SignalSubscriptionRecord, TimerRecord, VariableDocumentRecord, VariableRecord,
};
use ringbolt_record::{
    BpmnElementType, BpmnEventType, CommandDistributionIntent, DecisionEvaluationIntent, DecisionIntent,
    DecisionRequirementsIntent, DeploymentIntent, DurationMs, ElementIndex, EntryBuilder, EntryMeta,
    EntryRef, ErrorIntent, ErrorType, EscalationIntent, FollowUp, FormIntent, IncidentIntent, JobBatchIntent,
    JobIntent, JobKind, JobListenerEventType, Key, MultiInstanceIntent, PartitionId, PartitionMessage,
    PartitionMessageIntent, PendingCommandIntent, Position, ProcessEventIntent,
    ProcessInstanceCreationIntent, ProcessInstanceIntent, ProcessInstanceResultIntent, ProcessIntent,
    RecordType, ResourceDeletionIntent, ResourceIntent, RoutingIntent, RuntimeInstructionIntent,
    SignalIntent, SignalSubscriptionIntent, TimerIntent, TimestampMs, ValueType, VariableDocumentIntent,
    VariableIntent,
};
use std::collections::BTreeSet;

const EVENT: RecordType = RecordType::Event;
const INSTANCE: InstanceRef = InstanceRef {
    process_definition_key: Key(7),
    process_instance_key: Key(8),
    root_process_instance_key: Key(8),
};

fn element(element_type: BpmnElementType) -> ElementInstanceRef {
    ElementInstanceRef {
        instance: INSTANCE,
        flow_scope_key: Key(8),
        element_index: ElementIndex(1),
        element_type,
        event_type: BpmnEventType::Unspecified,
    }
}

fn push_definitions(entry: &mut EntryBuilder) {
    let process = ProcessMetadata {
        bpmn_process_id: "p",
        version: 2,
        process_definition_key: Key(7),
        resource_name: "p.bpmn",
        is_duplicate: true,
    };
    let value = DeploymentRecord {
        tenant_id: "",
        resource_names: vec!["p.bpmn"],
        processes: vec![process],
        decisions: Vec::new(),
        decision_requirements: Vec::new(),
        forms: Vec::new(),
        resources: Vec::new(),
    };
    entry.push(EVENT, DeploymentIntent::Created.into(), Key(6), &value);
    let value = ProcessRecord {
        process_definition_key: Key(7),
        bpmn_process_id: "p",
        version: 2,
        version_tag: "v",
        deployment_key: Key(6),
        resource_name: "p.bpmn",
        checksum: [1; 16],
        resource: b"<xml/>",
        tenant_id: "t",
    };
    entry.push(EVENT, ProcessIntent::Created.into(), Key(7), &value);
    let value = CommandDistributionRecord {
        partition_id: PartitionId(2),
        value_type: ValueType::Deployment,
        intent: DeploymentIntent::Create.number(),
    };
    entry.push(EVENT, CommandDistributionIntent::Distributing.into(), Key(6), &value);
    let message = DeploymentReference { deployment_key: Key(6), definitions: vec![Key(7)] };
    let message = PartitionMessage::DeploymentReference(message).to_bytes();
    let value = PartitionMessageRecord { partition_id: PartitionId(2), sequence: 1, message: &message };
    entry.push(EVENT, PartitionMessageIntent::Sent.into(), Key(12), &value);
}

fn push_thrown(entry: &mut EntryBuilder) {
    let value =
        SignalRecord { kept_under: Key::NONE, name: "alarm", variables: br#"{"n":1}"#, tenant_id: "" };
    entry.push(EVENT, SignalIntent::Broadcasted.into(), Key(17), &value);
    let value = SignalSubscriptionRecord {
        instance: INSTANCE,
        element_instance_key: Key(9),
        element_index: ElementIndex(1),
        bpmn_process_id: "p",
        signal_name: "alarm",
        tenant_id: "",
    };
    entry.push(EVENT, SignalSubscriptionIntent::Created.into(), Key(18), &value);
    subscriptions::push(entry);
    let value = EscalationRecord {
        instance: INSTANCE,
        element_index: ElementIndex(1),
        caught_in: Key(7),
        catcher: ElementIndex(1),
        code: "late",
        tenant_id: "",
    };
    entry.push(EVENT, EscalationIntent::Escalated.into(), Key(17), &value);
    entry.push(EVENT, RoutingIntent::Changed.into(), Key::NONE, &RoutingRecord { partition_count: 2 });
}

fn push_repeated(entry: &mut EntryBuilder) {
    let escalation = EscalationRecord {
        instance: INSTANCE,
        element_index: ElementIndex(1),
        caught_in: Key(7),
        catcher: ElementIndex(0),
        code: "late",
        tenant_id: "",
    };
    entry.push(EVENT, EscalationIntent::Escalated.into(), Key(17), &escalation);
    let mut items = ItemListBuilder::default();
    items.add(|out| out.extend_from_slice(b"7"));
    let items = items.finish();
    for (intent, value) in [
        (MultiInstanceIntent::Created, &items[..]),
        (MultiInstanceIntent::Collected, b"[1]"),
        (MultiInstanceIntent::Satisfied, b""),
        (MultiInstanceIntent::Forgotten, b""),
    ] {
        let record = MultiInstanceRecord {
            instance: INSTANCE,
            element_index: ElementIndex(1),
            number: 4,
            value,
            tenant_id: "",
        };
        entry.push(EVENT, intent.into(), Key(16), &record);
    }
    instructions::push(entry);
    business_ids::push(entry);
    let interrupted =
        RuntimeInstructionRecord { instance: INSTANCE, element_index: ElementIndex(1), tenant_id: "" };
    entry.push(EVENT, RuntimeInstructionIntent::Interrupted.into(), Key(2), &interrupted);
}

fn push_resources(entry: &mut EntryBuilder) {
    let resource = |resource_key, resource_id| ResourceRecord {
        resource_key,
        resource_id,
        version: 2,
        version_tag: "v",
        deployment_key: Key(6),
        resource_name: "a.form",
        checksum: [3; 16],
        content: b"{}",
        tenant_id: "",
    };
    entry.push(EVENT, FormIntent::Created.into(), Key(22), &FormRecord(resource(Key(22), "form")));
    entry.push(EVENT, ResourceIntent::Created.into(), Key(23), &resource(Key(23), "robot"));
    let value = ResourceDeletionRecord { resource_key: Key(23), tenant_id: "" };
    entry.push(EVENT, ResourceDeletionIntent::Deleting.into(), Key(24), &value);
}

fn push_decisions(entry: &mut EntryBuilder) {
    let value = DecisionRequirementsRecord {
        decision_requirements_key: Key(20),
        decision_requirements_id: "drg",
        decision_requirements_name: "Model",
        decision_requirements_version: 1,
        namespace: "n",
        deployment_key: Key(6),
        resource_name: "d.dmn",
        checksum: [2; 16],
        resource: b"<xml/>",
        tenant_id: "",
    };
    entry.push(EVENT, DecisionRequirementsIntent::Created.into(), Key(20), &value);
    let value = DecisionRecord {
        decision_key: Key(21),
        decision_id: "d",
        decision_name: "D",
        version: 1,
        version_tag: "",
        decision_requirements_id: "drg",
        decision_requirements_key: Key(20),
        deployment_key: Key(6),
        tenant_id: "",
    };
    entry.push(EVENT, DecisionIntent::Created.into(), Key(21), &value);
    let value = DecisionEvaluationRecord {
        decision_key: Key(21),
        decision_id: "d",
        decision_name: "D",
        decision_version: 1,
        decision_requirements_key: Key(20),
        decision_requirements_id: "drg",
        decision_output: b"\"yes\"",
        evaluated_decisions: Vec::new(),
        evaluation_failure_message: "",
        failed_decision_id: "",
        instance: INSTANCE,
        element_instance_key: Key(9),
        element_index: ElementIndex(1),
        tenant_id: "",
    };
    entry.push(EVENT, DecisionEvaluationIntent::Evaluated.into(), Key(22), &value);
}

fn push_instance(entry: &mut EntryBuilder) {
    let value = ProcessInstanceCreationRecord {
        instance: INSTANCE,
        version: 2,
        start_element_ids: vec!["a"],
        terminate_after_element_ids: vec!["b"],
        tags: vec!["x"],
        business_id: "b-1",
        tenant_id: "",
    };
    entry.push(EVENT, ProcessInstanceCreationIntent::Created.into(), Key(8), &value);
    for (element_type, intent) in [
        (BpmnElementType::ServiceTask, ProcessInstanceIntent::ElementActivated),
        (BpmnElementType::SequenceFlow, ProcessInstanceIntent::SequenceFlowTaken),
    ] {
        let value = ProcessInstanceRecord {
            element: element(element_type),
            parent_process_instance_key: Key::NONE,
            parent_element_instance_key: Key::NONE,
            arrival: Arrival::None,
            promised: 0,
            tenant_id: "",
        };
        entry.push(EVENT, intent.into(), Key(9), &value);
    }
    let value = ProcessInstanceResultRecord { instance: INSTANCE, tenant_id: "" };
    entry.push(EVENT, ProcessInstanceResultIntent::Completed.into(), Key(8), &value);
    let activate = FollowUp::Activate {
        key: Key(9),
        element: element(BpmnElementType::ServiceTask),
        arrival: Arrival::Direct,
    };
    let (activate, complete) = (activate.to_bytes(), FollowUp::Complete { key: Key(8) }.to_bytes());
    let value = PendingCommandRecord {
        process_instance_key: Key(8),
        last: Key(11),
        follow_ups: vec![&activate, &complete],
    };
    entry.push(EVENT, PendingCommandIntent::Created.into(), Key(10), &value);
    let value = ErrorRecord { process_instance_key: Key(8), message: "broken\n\"badly\"" };
    entry.push(EVENT, ErrorIntent::Created.into(), Key(8), &value);
}

fn push_job(entry: &mut EntryBuilder) {
    let value = JobRecord {
        instance: INSTANCE,
        element_instance_key: Key(9),
        element_index: ElementIndex(1),
        kind: JobKind::BpmnElement,
        listener_event_type: JobListenerEventType::Unspecified,
        has_own_headers: false,
        listener_index: 0,
        job_type: "work",
        worker: "w",
        retries: 3,
        priority: -7,
        lease: Key(10),
        deadline: TimestampMs(99),
        retry_backoff: DurationMs(5),
        recurring_time: TimestampMs(0),
        custom_headers: "{\n \"a\": \"b\"}",
        error_message: "",
        error_code: "",
        is_caught: false,
        tenant_id: "",
    };
    entry.push(EVENT, JobIntent::Created.into(), Key(11), &value);
}

fn push_work(entry: &mut EntryBuilder) {
    push_job(entry);
    let value = JobBatchRecord {
        job_type: "work",
        worker: "w",
        deadline: TimestampMs(99),
        with_leases: true,
        job_keys: &[Key(11)],
    };
    entry.push(EVENT, JobBatchIntent::Activated.into(), Key(12), &value);
    let value = VariableRecord {
        instance: INSTANCE,
        scope_key: Key(8),
        name: "total",
        value: br#"{"a":"\u00e9"}"#,
        tenant_id: "",
    };
    entry.push(EVENT, VariableIntent::Created.into(), Key(13), &value);
    let value = VariableDocumentRecord { scope_key: Key(8), is_local: false, tenant_id: "" };
    entry.push(EVENT, VariableDocumentIntent::Updated.into(), Key(14), &value);
    let value = TimerRecord {
        instance: INSTANCE,
        element_instance_key: Key(9),
        element_index: ElementIndex(1),
        due: TimestampMs(99),
        repetitions: -1,
        tenant_id: "",
    };
    entry.push(EVENT, TimerIntent::Created.into(), Key(16), &value);
    let value = ProcessEventRecord {
        instance: INSTANCE,
        scope_key: Key(9),
        caught_by: Key(9),
        element_index: ElementIndex(1),
        interrupts: Interrupts::Element,
        entered_in: Key::NONE,
        variables: b"{\"a\": 1}",
        tenant_id: "",
    };
    entry.push(EVENT, ProcessEventIntent::Triggering.into(), Key(17), &value);
    let value = IncidentRecord {
        instance: INSTANCE,
        error_type: ErrorType::JobNoRetries,
        error_message: "no retries",
        element_instance_key: Key(9),
        element_index: ElementIndex(1),
        job_key: Key(11),
        variable_scope_key: Key(9),
        tenant_id: "",
    };
    entry.push(EVENT, IncidentIntent::Created.into(), Key(15), &value);
}

fn entry() -> Vec<u8> {
    let mut entry = EntryBuilder::default();
    entry.begin(&EntryMeta {
        timestamp: TimestampMs(1_000),
        first_position: Position(100),
        operation_reference: 4,
        broker_version: (1, 20, 300),
        ..EntryMeta::default()
    });
    entry.push_command(DeploymentIntent::Create.into(), Key::NONE);
    push_definitions(&mut entry);
    push_repeated(&mut entry);
    messages::push(&mut entry);
    push_thrown(&mut entry);
    push_instance(&mut entry);
    push_work(&mut entry);
    push_decisions(&mut entry);
    push_resources(&mut entry);
    instructions::push_user_task(&mut entry);
    batches::push(&mut entry);
    entry.finish(15).to_vec()
}

fn lines(names: &dyn Names, resources: Resources) -> Vec<String> {
    let bytes = entry();
    let entry = EntryRef::parse(&bytes).expect("just built");
    let mut seen = BTreeSet::new();
    let line = |record: Result<ringbolt_record::RecordRef<'_>, _>| {
        let record = record.expect("just built");
        seen.insert(record.header.intent.value_type());
        let mut out = Vec::new();
        write_record(&mut out, 1, &entry, &record, Style { names, resources }).expect("of its layout");
        assert_eq!(position_of(&out), Some((1, record.position)));
        let line = String::from_utf8(out).expect("UTF-8");
        assert!(!line.contains('\n'), "{line}");
        sonic_rs::from_str::<sonic_rs::LazyValue<'_>>(&line).expect("valid JSON");
        line
    };
    let lines: Vec<String> = entry.records().map(line).collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ValueType::ALL, "a sample of every value type");
    lines
}

struct One(DefinitionNames);

fn one() -> One {
    One(DefinitionNames {
        bpmn_process_id: "p".to_owned(),
        version: 2,
        element_ids: vec!["p".into(), "task".into()],
        flow_ids: vec!["in".into(), "out".into()],
        parents: vec![0, 0],
        headers: vec!["".into(), r#"{"h":"1"}"#.into()],
    })
}

impl Names for One {
    fn definition(&self, key: Key) -> Option<&DefinitionNames> {
        (key == Key(7)).then_some(&self.0)
    }
}

/// What every line of the entry has, and its value.
fn values(lines: &[String]) -> String {
    let value = |line: &String| {
        let (envelope, value) = line.split_once(",\"value\":").expect("a value");
        let value_type = envelope.split_once("\"valueType\":\"").expect("a type").1;
        format!("{} {}\n", value_type.split_once('"').expect("its end").0, &value[..value.len() - 1])
    };
    lines.iter().map(value).collect()
}

#[test]
fn every_value_type_has_the_shape_of_zeebes_records() {
    let lines = lines(&one(), Resources::Whole);
    expect![[r#"{"partitionId":1,"position":100,"sourceRecordPosition":-1,"key":-1,"timestamp":1000,"recordType":"COMMAND","valueType":"DEPLOYMENT","intent":"CREATE","rejectionType":"NULL_VAL","rejectionReason":"","brokerVersion":"1.20.300","recordVersion":1,"operationReference":4,"batchOperationReference":-1,"authorizations":{},"value":{}}"#]].assert_eq(lines[0].as_str());
    expect![[r#"{"partitionId":1,"position":101,"sourceRecordPosition":100,"key":6,"timestamp":1000,"recordType":"EVENT","valueType":"DEPLOYMENT","intent":"CREATED","rejectionType":"NULL_VAL","rejectionReason":"","brokerVersion":"1.20.300","recordVersion":1,"operationReference":4,"batchOperationReference":-1,"authorizations":{}"#]].assert_eq(lines[1].split_once(",\"value\"").expect("a value").0);
    expect![[r#"
        DEPLOYMENT {}
        DEPLOYMENT {"resources":[],"processesMetadata":[{"bpmnProcessId":"p","version":2,"processDefinitionKey":7,"resourceName":"p.bpmn","duplicate":true,"tenantId":"<default>","versionTag":"v","checksum":"AQEBAQEBAQEBAQEBAQEBAQ=="}],"deploymentKey":6,"decisionsMetadata":[],"decisionRequirementsMetadata":[],"formMetadata":[],"resourceMetadata":[],"tenantId":"<default>"}
        PROCESS {"bpmnProcessId":"p","version":2,"versionTag":"v","processDefinitionKey":7,"deploymentKey":6,"resourceName":"p.bpmn","checksum":"AQEBAQEBAQEBAQEBAQEBAQ==","resource":"PHhtbC8+","duplicate":false,"tenantId":"t"}
        COMMAND_DISTRIBUTION {"partitionId":2,"queueId":null,"valueType":"DEPLOYMENT","intent":"CREATE","commandValue":{}}
        PARTITION_MESSAGE {"partitionId":2,"sequence":1,"messageBytes":26,"messageType":"DEPLOYMENT_REFERENCE"}
        ESCALATION {"processInstanceKey":8,"escalationCode":"late","throwElementId":"task","catchElementId":"p","tenantId":"<default>"}
        MULTI_INSTANCE {"bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementId":"task","numberOfItems":1,"tenantId":"<default>"}
        MULTI_INSTANCE {"bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementId":"task","loopCounter":5,"result":[1],"tenantId":"<default>"}
        MULTI_INSTANCE {"bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementId":"task","tenantId":"<default>"}
        MULTI_INSTANCE {"bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementId":"task","tenantId":"<default>"}
        PROCESS_INSTANCE_MODIFICATION {"processInstanceKey":8,"rootProcessInstanceKey":8,"activateInstructions":[{"elementId":"task","ancestorScopeKey":2,"ancestorScopeKeys":[2,18]}],"terminateInstructions":[{"elementInstanceKey":9}],"ancestorScopeKeys":[2,18],"tenantId":"<default>"}
        AD_HOC_SUB_PROCESS_INSTRUCTION {"adHocSubProcessInstanceKey":9,"activateElements":[{"elementId":"a","variables":{"x":1}},{"elementId":"b","variables":{}}],"completionConditionFulfilled":true,"cancelRemainingInstances":false,"tenantId":"<default>"}
        PROCESS_INSTANCE_MIGRATION {"processInstanceKey":8,"rootProcessInstanceKey":8,"processDefinitionKey":7,"targetProcessDefinitionKey":30,"mappingInstructions":[{"sourceElementId":"a","targetElementId":"b"}],"tenantId":"<default>"}
        PROCESS_INSTANCE_BUSINESS_ID {"bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"businessId":"b","tenantId":"<default>"}
        BUSINESS_ID_HOLD {"bpmnProcessId":"p","businessId":"b","partitionId":2,"messageKey":9,"tenantId":"<default>"}
        RUNTIME_INSTRUCTION {"processInstanceKey":8,"elementId":"task","tenantId":"<default>"}
        MESSAGE {"name":"paid","correlationKey":"order-1","timeToLive":10,"variables":{"n":1},"messageId":"","businessId":"b-1","deadline":20,"tenantId":"<default>"}
        MESSAGE_SUBSCRIPTION {"processInstanceKey":8,"rootProcessInstanceKey":8,"processDefinitionKey":7,"elementInstanceKey":9,"bpmnProcessId":"p","messageKey":-1,"messageName":"paid","correlationKey":"order-1","interrupting":true,"tenantId":"<default>"}
        PROCESS_MESSAGE_SUBSCRIPTION {"bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementInstanceKey":9,"elementId":"task","messageKey":-1,"messageName":"paid","correlationKey":"order-1","interrupting":true,"tenantId":"<default>"}
        PROCESS_MESSAGE_SUBSCRIPTION {"bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementInstanceKey":9,"elementId":"task","messageKey":-1,"messageName":"paid","correlationKey":"order-1","interrupting":true,"closedForSuspend":true,"tenantId":"<default>"}
        MESSAGE_START_EVENT_SUBSCRIPTION {"processDefinitionKey":7,"processInstanceKey":8,"bpmnProcessId":"p","startEventId":"task","messageName":"paid","correlationKey":"order-1","messageKey":13,"businessId":"b-1","tenantId":"<default>"}
        MESSAGE_CORRELATION {"name":"paid","correlationKey":"order-1","messageKey":13,"processInstanceKey":8,"tenantId":"<default>"}
        SIGNAL {"signalName":"alarm","variables":{"n":1},"tenantId":"<default>"}
        SIGNAL_SUBSCRIPTION {"signalName":"alarm","processDefinitionKey":7,"bpmnProcessId":"p","catchEventId":"task","catchEventInstanceKey":9,"tenantId":"<default>"}
        COMPENSATION_SUBSCRIPTION {"processInstanceKey":8,"processDefinitionKey":7,"compensableActivityId":"task","compensationHandlerId":"","throwEventId":"","compensableActivityInstanceKey":9,"compensableActivityScopeKey":2,"compensationHandlerInstanceKey":-1,"throwEventInstanceKey":-1,"variables":{},"tenantId":"<default>"}
        COMPENSATION_SUBSCRIPTION {"processInstanceKey":8,"processDefinitionKey":7,"compensableActivityId":"task","compensationHandlerId":"task","throwEventId":"task","compensableActivityInstanceKey":9,"compensableActivityScopeKey":2,"compensationHandlerInstanceKey":24,"throwEventInstanceKey":25,"variables":{},"tenantId":"<default>"}
        CONDITIONAL_SUBSCRIPTION {"scopeKey":9,"elementInstanceKey":9,"processInstanceKey":8,"processDefinitionKey":7,"bpmnProcessId":"p","catchEventId":"task","condition":"=x > 1","variableNames":["x","y"],"variableEvents":[],"interrupting":true,"tenantId":"<default>"}
        CONDITIONAL_EVALUATION {"processDefinitionKey":-1,"variables":{"x":2},"startedProcessInstances":[{"processDefinitionKey":7,"processInstanceKey":30},{"processDefinitionKey":7,"processInstanceKey":31}],"tenantId":"<default>"}
        ESCALATION {"processInstanceKey":8,"escalationCode":"late","throwElementId":"task","catchElementId":"task","tenantId":"<default>"}
        ROUTING {"partitionCount":2}
        PROCESS_INSTANCE_CREATION {"bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"version":2,"startInstructions":[{"elementId":"a"}],"runtimeInstructions":[{"type":"TERMINATE_PROCESS_INSTANCE","afterElementId":"b"}],"tags":["x"],"businessId":"b-1","variables":{},"tenantId":"<default>"}
        PROCESS_INSTANCE {"bpmnProcessId":"p","version":2,"processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementId":"task","flowScopeKey":8,"bpmnElementType":"SERVICE_TASK","bpmnEventType":"UNSPECIFIED","parentProcessInstanceKey":-1,"parentElementInstanceKey":-1,"elementInstancePath":[],"processDefinitionPath":[],"callingElementPath":[],"tags":[],"tenantId":"<default>"}
        PROCESS_INSTANCE {"bpmnProcessId":"p","version":2,"processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementId":"out","flowScopeKey":8,"bpmnElementType":"SEQUENCE_FLOW","bpmnEventType":"UNSPECIFIED","parentProcessInstanceKey":-1,"parentElementInstanceKey":-1,"elementInstancePath":[],"processDefinitionPath":[],"callingElementPath":[],"tags":[],"tenantId":"<default>"}
        PROCESS_INSTANCE_RESULT {"bpmnProcessId":"p","version":2,"processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"tenantId":"<default>"}
        PENDING_COMMAND {"processInstanceKey":8,"lastKey":11,"followUps":[{"type":"ACTIVATE_ELEMENT","elementInstanceKey":9},{"type":"COMPLETE_ELEMENT","elementInstanceKey":8}]}
        ERROR {"exceptionMessage":"broken\n\"badly\"","processInstanceKey":8}
        JOB {"type":"work","bpmnProcessId":"p","processDefinitionVersion":2,"processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementId":"task","elementInstanceKey":9,"jobKind":"BPMN_ELEMENT","worker":"w","retries":3,"priority":-7,"leaseToken":"b2bb5e4df99abde017f17d3dac01d9e6","deadline":99,"retryBackoff":5,"recurringTime":-1,"customHeaders":{  "a": "b"},"timeout":-1,"changedAttributes":[],"jobListenerEventType":"UNSPECIFIED","result":{"type":"USER_TASK","deniedReason":"","activateElements":[],"cancelRemainingInstances":false,"completionConditionFulfilled":false,"denied":false,"correctedAttributes":[],"corrections":{"priority":-1,"dueDate":"","candidateGroupsList":[],"candidateUsersList":[],"assignee":"","followUpDate":""}},"jobToUserTaskMigration":false,"variables":{},"errorMessage":"","errorCode":"","tenantId":"<default>"}
        JOB_BATCH {"type":"work","worker":"w","timeout":-901,"tenantIds":["<default>"],"withLease":true,"jobKeys":[11]}
        VARIABLE {"name":"total","value":"{\"a\":\"\\u00e9\"}","scopeKey":8,"bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"tenantId":"<default>"}
        VARIABLE_DOCUMENT {"scopeKey":8,"updateSemantics":"PROPAGATE","tenantId":"<default>"}
        TIMER {"elementInstanceKey":9,"processInstanceKey":8,"dueDate":99,"targetElementId":"task","repetitions":-1,"processDefinitionKey":7,"tenantId":"<default>"}
        PROCESS_EVENT {"scopeKey":9,"targetElementId":"task","variables":{"a": 1},"processDefinitionKey":7,"processInstanceKey":8,"tenantId":"<default>"}
        INCIDENT {"errorType":"JOB_NO_RETRIES","errorMessage":"no retries","bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementId":"task","elementInstanceKey":9,"jobKey":11,"variableScopeKey":9,"elementInstancePath":[[8,9]],"processDefinitionPath":[7],"callingElementPath":[],"tenantId":"<default>"}
        DECISION_REQUIREMENTS {"decisionRequirementsId":"drg","decisionRequirementsName":"Model","decisionRequirementsVersion":1,"decisionRequirementsKey":20,"namespace":"n","deploymentKey":6,"resourceName":"d.dmn","checksum":"AgICAgICAgICAgICAgICAg==","resource":"PHhtbC8+","duplicate":false,"tenantId":"<default>"}
        DECISION {"decisionId":"d","decisionName":"D","version":1,"versionTag":"","decisionKey":21,"decisionRequirementsId":"drg","decisionRequirementsKey":20,"deploymentKey":6,"duplicate":false,"tenantId":"<default>"}
        DECISION_EVALUATION {"decisionId":"d","decisionName":"D","decisionVersion":1,"decisionKey":21,"decisionRequirementsId":"drg","decisionRequirementsKey":20,"decisionOutput":"\"yes\"","evaluationFailureMessage":"","failedDecisionId":"","bpmnProcessId":"p","processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementInstanceKey":9,"elementId":"task","variables":{},"tenantId":"<default>","evaluatedDecisions":[]}
        FORM {"formId":"form","version":2,"versionTag":"v","formKey":22,"deploymentKey":6,"resourceName":"a.form","checksum":"AwMDAwMDAwMDAwMDAwMDAw==","duplicate":false,"tenantId":"<default>","resource":"e30="}
        RESOURCE {"resourceId":"robot","version":2,"versionTag":"v","resourceKey":23,"deploymentKey":6,"resourceName":"a.form","checksum":"AwMDAwMDAwMDAwMDAwMDAw==","duplicate":false,"tenantId":"<default>","resourceProp":"{}"}
        RESOURCE_DELETION {"resourceKey":23,"tenantId":""}
        USER_TASK {"userTaskKey":16,"bpmnProcessId":"p","processDefinitionVersion":2,"processDefinitionKey":7,"processInstanceKey":8,"rootProcessInstanceKey":8,"elementId":"task","elementInstanceKey":9,"assignee":"anna","candidateGroupsList":["sales","ops"],"candidateUsersList":[],"dueDate":"2026-01-01T00:00Z","followUpDate":"","priority":50,"formKey":-1,"externalFormReference":"https://f","changedAttributes":["assignee"],"action":"assign","deniedReason":"","creationTimestamp":900,"customHeaders":{"h":"1"},"variables":{},"tenantId":"<default>"}
        BATCH_OPERATION_CREATION {"batchOperationKey":40,"batchOperationType":"CANCEL_PROCESS_INSTANCE","entityFilter":"{\"state\":\"ACTIVE\"}","migrationPlan":{"targetProcessDefinitionKey":-1,"mappingInstructions":[]},"modificationPlan":{"moveInstructions":[]},"partitionIds":[1,2]}
        BATCH_OPERATION_CREATION {"batchOperationKey":42,"batchOperationType":"UPDATE_JOB","entityFilter":"{\"type\":\"work\"}","migrationPlan":{"targetProcessDefinitionKey":-1,"mappingInstructions":[]},"modificationPlan":{"moveInstructions":[]},"jobUpdatePlan":{"retries":3,"timeout":null,"priority":-1},"partitionIds":[1,2]}
        BATCH_OPERATION_INITIALIZATION {"batchOperationKey":40,"searchResultCursor":"8","searchQueryPageSize":1}
        BATCH_OPERATION_CHUNK {"batchOperationKey":40,"items":[{"itemKey":8,"processInstanceKey":8,"rootProcessInstanceKey":8}]}
        BATCH_OPERATION_EXECUTION {"batchOperationKey":40,"itemKeys":[8],"failureType":"NOT_FOUND","failureReason":"it is gone"}
        BATCH_OPERATION_PARTITION_LIFECYCLE {"batchOperationKey":40,"sourcePartitionId":1,"error":{"partitionId":1,"type":"QUERY_FAILED","message":"nobody searches"}}
        BATCH_OPERATION_LIFECYCLE_MANAGEMENT {"batchOperationKey":40,"errors":[{"partitionId":1,"type":"QUERY_FAILED","message":"nobody searches"}]}
        HISTORY_DELETION {"resourceKey":8,"resourceType":"PROCESS_INSTANCE","processId":"","decisionDefinitionId":"","tenantId":"<default>"}
        CLUSTER_VARIABLE {"name":"url","value":"{\"a\":1}","scope":"GLOBAL","kind":"JSON","metadata":{"owner":"ops"},"tenantId":""}
    "#]].assert_eq(&values(&lines));
}

#[test]
fn without_names_elements_are_indexes_and_resources_may_be_sizes() {
    let values = values(&lines(&NoNames, Resources::Size));
    assert!(values.contains(r#""resourceBytes":6"#) && !values.contains(r#""resource":"#), "{values}");
    assert_eq!(values.matches(r#""elementIndex":1"#).count(), 14, "{values}");
    assert!(!values.contains(r#""elementId":"task""#), "{values}");
}
