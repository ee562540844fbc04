//! Entries of the log: the decoder and the layouts of their values, without the journal's checksums before them.

use crate::run::{Target, signature};
use ringbolt_record::entry::{EntryError, RecordRef};
use ringbolt_record::values::{
    AdHocSubProcessInstructionRecord, BatchOperationChunkRecord, BatchOperationCreationRecord,
    BatchOperationExecutionRecord, BatchOperationInitializationRecord,
    BatchOperationLifecycleManagementRecord, BatchOperationPartitionLifecycleRecord, BusinessIdHoldRecord,
    ClusterVariableRecord, CommandDistributionRecord, CompensationSubscriptionRecord,
    ConditionalEvaluationRecord, ConditionalSubscriptionRecord, DecisionEvaluationRecord, DecisionMetadata,
    DecisionRecord, DecisionRequirementsMetadata, DecisionRequirementsRecord, DeploymentRecord, ErrorRecord,
    EscalationRecord, EvaluatedDecisionValue, EvaluatedInputValue, EvaluatedOutputValue, FormRecord,
    HistoryDeletionRecord, IncidentRecord, InstanceRef, Interrupts, ItemList, JobBatchRecord, JobRecord,
    MatchedRuleValue, MessageCorrelationRecord, MessageRecord, MessageStartEventSubscriptionRecord,
    MessageSubscriptionRecord, MultiInstanceRecord, PartitionMessageRecord, PendingCommandRecord,
    ProcessEventRecord, ProcessInstanceBusinessIdRecord, ProcessInstanceCreationRecord,
    ProcessInstanceMigrationRecord, ProcessInstanceModificationRecord, ProcessInstanceRecord,
    ProcessInstanceResultRecord, ProcessMessageSubscriptionRecord, ProcessMetadata, ProcessRecord,
    ResourceDeletionRecord, ResourceMetadata, ResourceRecord, RoutingRecord, RuntimeInstructionRecord,
    SignalRecord, SignalSubscriptionRecord, TimerRecord, UserTaskRecord, VariableDocumentRecord,
    VariableRecord,
};
use ringbolt_record::{
    BatchItem, BatchPlan, DecisionEvaluationIntent, DecisionIntent, DecisionRequirementsIntent, DecisionType,
    DeploymentIntent, EntryBuilder, EntryMeta, EntryRef, ErrorType, FormIntent, IncidentIntent,
    JobBatchIntent, JobIntent, Key, PartitionId, PartitionMessage, Position, ProcessInstanceCreationIntent,
    ProcessIntent, RecordType, TimestampMs, ValueType, VariableIntent,
};
use std::time::Duration;

/// Entries.
pub(crate) const TARGET: Target = Target {
    name: "entry",
    corpus,
    tokens: &[],
    length_max: 8 * 1024,
    memory_base: 64 * 1024,
    memory_per_byte: 64,
    time_max: Duration::from_secs(3),
    check,
};

fn key(counter: u64) -> Key {
    Key::new(PartitionId(1), counter)
}

fn instance() -> InstanceRef {
    InstanceRef {
        process_definition_key: key(1),
        process_instance_key: key(2),
        root_process_instance_key: key(2),
    }
}

fn begin() -> EntryBuilder {
    let mut builder = EntryBuilder::default();
    builder.begin(&EntryMeta {
        timestamp: TimestampMs(1_700_000_000_000),
        first_position: Position(41),
        operation_reference: 7,
        trace_id: 9,
        claims: b"{\"who\":1}".to_vec(),
        ..EntryMeta::default()
    });
    builder
}

fn deployment() -> Vec<u8> {
    let mut builder = begin();
    builder.push_command(DeploymentIntent::Create.into(), Key::NONE);
    let process = ProcessRecord {
        process_definition_key: key(4),
        bpmn_process_id: "order",
        version: 2,
        version_tag: "",
        deployment_key: key(3),
        resource_name: "order.bpmn",
        checksum: [7; 16],
        resource: b"<definitions/>",
        tenant_id: "",
    };
    builder.push(RecordType::Event, ProcessIntent::Created.into(), key(4), &process);
    let metadata = ProcessMetadata {
        bpmn_process_id: "order",
        version: 2,
        process_definition_key: key(4),
        resource_name: "order.bpmn",
        is_duplicate: false,
    };
    let deployment = DeploymentRecord {
        tenant_id: "",
        resource_names: vec!["order.bpmn", "b"],
        processes: vec![metadata],
        decisions: vec![DecisionMetadata {
            decision_id: "dish",
            decision_name: "Dish",
            version: 2,
            version_tag: "v1",
            decision_key: key(6),
            decision_requirements_id: "dinner",
            decision_requirements_key: key(5),
            is_duplicate: true,
        }],
        decision_requirements: vec![DecisionRequirementsMetadata {
            decision_requirements_id: "dinner",
            decision_requirements_name: "Dinner",
            decision_requirements_version: 3,
            decision_requirements_key: key(5),
            namespace: "n",
            resource_name: "dinner.dmn",
            is_duplicate: true,
        }],
        forms: vec![ResourceMetadata {
            resource_id: "form",
            version: 1,
            version_tag: "v1",
            resource_key: key(8),
            resource_name: "a.form",
            is_duplicate: false,
        }],
        resources: Vec::new(),
    };
    let form = ResourceRecord {
        resource_key: key(8),
        resource_id: "form",
        version: 1,
        version_tag: "v1",
        deployment_key: key(3),
        resource_name: "a.form",
        checksum: [7; 16],
        content: b"{}",
        tenant_id: "",
    };
    builder.push(RecordType::Event, FormIntent::Created.into(), key(8), &FormRecord(form));
    builder.push(RecordType::Event, DeploymentIntent::Created.into(), key(3), &deployment);
    builder.finish(4).to_vec()
}

fn decisions() -> Vec<u8> {
    let mut builder = begin();
    let model = DecisionRequirementsRecord {
        decision_requirements_key: key(5),
        decision_requirements_id: "dinner",
        decision_requirements_name: "Dinner",
        decision_requirements_version: 3,
        namespace: "n",
        deployment_key: key(3),
        resource_name: "dinner.dmn",
        checksum: [7; 16],
        resource: b"<definitions/>",
        tenant_id: "",
    };
    builder.push(RecordType::Event, DecisionRequirementsIntent::Created.into(), key(5), &model);
    let decision = DecisionRecord {
        decision_key: key(6),
        decision_id: "dish",
        decision_name: "Dish",
        version: 2,
        version_tag: "v1",
        decision_requirements_id: "dinner",
        decision_requirements_key: key(5),
        deployment_key: key(3),
        tenant_id: "",
    };
    builder.push(RecordType::Event, DecisionIntent::Created.into(), key(6), &decision);
    builder.push_command(DecisionEvaluationIntent::Evaluate.into(), Key::NONE);
    let output = EvaluatedOutputValue { output_id: "o", output_name: "dish", output_value: b"\"stew\"" };
    let evaluated = EvaluatedDecisionValue {
        decision_id: "dish",
        decision_name: "Dish",
        decision_key: key(6),
        decision_version: 2,
        decision_type: DecisionType::DecisionTable,
        decision_output: b"null",
        evaluated_inputs: vec![EvaluatedInputValue { input_id: "i", input_name: "Month", input_value: b"1" }],
        matched_rules: vec![MatchedRuleValue {
            rule_id: "r",
            rule_index: 1,
            evaluated_outputs: vec![output],
        }],
    };
    let evaluation = DecisionEvaluationRecord {
        decision_key: key(6),
        decision_id: "dish",
        decision_name: "Dish",
        decision_version: 2,
        decision_requirements_key: key(5),
        decision_requirements_id: "dinner",
        decision_output: b"null",
        evaluated_decisions: vec![evaluated],
        evaluation_failure_message: "no luck",
        failed_decision_id: "dish",
        instance: instance(),
        element_instance_key: key(10),
        element_index: ringbolt_record::ElementIndex(3),
        tenant_id: "<default>",
    };
    builder.push(RecordType::Event, DecisionEvaluationIntent::Failed.into(), key(7), &evaluation);
    builder.finish(7).to_vec()
}

fn creation() -> Vec<u8> {
    let mut builder = begin();
    let created = ProcessInstanceCreationRecord {
        instance: instance(),
        version: 3,
        start_element_ids: vec!["a"],
        terminate_after_element_ids: vec!["b", "c"],
        tags: vec!["fast"],
        business_id: "o-1",
        tenant_id: "<default>",
    };
    builder.push(RecordType::Event, ProcessInstanceCreationIntent::Created.into(), key(5), &created);
    let variable = VariableRecord {
        instance: instance(),
        scope_key: key(2),
        name: "total",
        value: b"12.50",
        tenant_id: "",
    };
    builder.push(RecordType::Event, VariableIntent::Created.into(), key(6), &variable);
    let job_keys = [key(7), key(8)];
    let batch = JobBatchRecord {
        job_type: "work",
        worker: "w",
        deadline: TimestampMs(5),
        with_leases: true,
        job_keys: &job_keys,
    };
    builder.push(RecordType::Event, JobBatchIntent::Activated.into(), key(9), &batch);
    builder.finish(9).to_vec()
}

fn incident() -> Vec<u8> {
    let mut builder = begin();
    builder.push_command(JobIntent::Fail.into(), key(7));
    let incident = IncidentRecord {
        instance: instance(),
        error_type: ErrorType::ALL[0],
        error_message: "no luck",
        element_instance_key: key(10),
        element_index: ringbolt_record::ElementIndex(3),
        job_key: key(7),
        variable_scope_key: key(10),
        tenant_id: "",
    };
    builder.push(RecordType::Event, IncidentIntent::Created.into(), key(11), &incident);
    builder.finish(11).to_vec()
}

fn corpus() -> Vec<Vec<u8>> {
    vec![deployment(), decisions(), creation(), incident(), begin().finish(0).to_vec()]
}

/// What a deployment brings beside processes.
fn deployed(record: &RecordRef<'_>) -> Result<(), EntryError> {
    match record.header.intent.value_type() {
        ValueType::Decision => record.value::<DecisionRecord<'_>>().map(|v| drop(v.decision_id.to_owned())),
        ValueType::DecisionRequirements => {
            record.value::<DecisionRequirementsRecord<'_>>().map(|v| drop(v.resource.to_vec()))
        }
        ValueType::Form => record.value::<FormRecord<'_>>().map(|v| drop(v.0.content.to_vec())),
        ValueType::Resource => record.value::<ResourceRecord<'_>>().map(|v| drop(v.content.to_vec())),
        ValueType::ResourceDeletion => record.value::<ResourceDeletionRecord<'_>>().map(drop),
        other => panic!("{other} is read elsewhere"),
    }
}

/// What clients ask of an instance.
fn asked_of_instance(record: &RecordRef<'_>) -> Result<(), EntryError> {
    match record.header.intent.value_type() {
        ValueType::ProcessInstanceCreation => record.value::<ProcessInstanceCreationRecord<'_>>().map(|v| {
            drop(v.tags.iter().map(|tag| tag.to_owned()).collect::<Vec<_>>());
        }),
        ValueType::AdHocSubProcessInstruction => {
            record.value::<AdHocSubProcessInstructionRecord<'_>>().map(|v| {
                drop(v.activate.iter().map(|element| element.element_id.to_owned()).collect::<Vec<_>>());
            })
        }
        ValueType::ProcessInstanceBusinessId => {
            record.value::<ProcessInstanceBusinessIdRecord<'_>>().map(|v| drop(v.business_id.to_owned()))
        }
        ValueType::BusinessIdHold => {
            record.value::<BusinessIdHoldRecord<'_>>().map(|v| drop(v.business_id.to_owned()))
        }
        ValueType::RuntimeInstruction => record.value::<RuntimeInstructionRecord<'_>>().map(drop),
        ValueType::ProcessInstanceModification => {
            record.value::<ProcessInstanceModificationRecord<'_>>().map(|v| drop(v.terminate.to_vec()))
        }
        ValueType::ProcessInstanceMigration => {
            record.value::<ProcessInstanceMigrationRecord<'_>>().map(|v| {
                drop(
                    v.mappings.iter().map(|mapping| mapping.target_element_id.to_owned()).collect::<Vec<_>>(),
                );
            })
        }
        other => panic!("{other} is read elsewhere"),
    }
}

fn deployed_together(record: &RecordRef<'_>) -> Result<(), EntryError> {
    record.value::<DeploymentRecord<'_>>().map(|v| {
        let names: usize = v.resource_names.iter().map(|name| name.len()).sum();
        assert!(names + v.processes.len() <= record.value_bytes().len() * 2);
    })
}

fn multi_instance(record: &RecordRef<'_>) -> Result<(), EntryError> {
    record.value::<MultiInstanceRecord<'_>>().map(|v| {
        let items = ItemList::new(&v.value);
        drop(items.get(items.len().saturating_sub(1)).map(<[u8]>::to_vec));
    })
}

/// Reads the value of a record by its layout.
fn value(record: &RecordRef<'_>) -> Result<(), EntryError> {
    match record.header.intent.value_type() {
        ValueType::Job => record.value::<JobRecord<'_>>().map(|v| drop(v.job_type.to_owned())),
        ValueType::Deployment => deployed_together(record),
        ValueType::ProcessInstance => record.value::<ProcessInstanceRecord<'_>>().map(drop),
        ValueType::Incident => record.value::<IncidentRecord<'_>>().map(|v| {
            drop(v.error_message.to_owned());
            let _ = ErrorType::of(&v.error_type);
        }),
        ValueType::JobBatch => record.value::<JobBatchRecord<'_>>().map(|v| drop(v.job_keys.to_vec())),
        ValueType::Timer => record.value::<TimerRecord<'_>>().map(|v| {
            let _ = InstanceRef::of(&v.instance);
        }),
        ValueType::ProcessEvent => record.value::<ProcessEventRecord<'_>>().map(|v| {
            let _ = Interrupts::of(&v.interrupts);
            drop(v.variables.to_vec());
        }),
        ValueType::Escalation => record.value::<EscalationRecord<'_>>().map(|v| drop(v.code.to_owned())),
        ValueType::Variable => record.value::<VariableRecord<'_>>().map(|v| {
            assert!(v.name.len() + v.value.len() <= record.value_bytes().len() * 2);
            let _ = InstanceRef::of(&v.instance);
        }),
        ValueType::VariableDocument => record.value::<VariableDocumentRecord<'_>>().map(drop),
        ValueType::ProcessInstanceCreation
        | ValueType::AdHocSubProcessInstruction
        | ValueType::ProcessInstanceBusinessId
        | ValueType::BusinessIdHold
        | ValueType::RuntimeInstruction
        | ValueType::ProcessInstanceModification
        | ValueType::ProcessInstanceMigration => asked_of_instance(record),
        ValueType::Error => record.value::<ErrorRecord<'_>>().map(drop),
        ValueType::ProcessInstanceResult => record.value::<ProcessInstanceResultRecord<'_>>().map(drop),
        ValueType::Process => record.value::<ProcessRecord<'_>>().map(|v| drop(v.resource.to_vec())),
        ValueType::Message
        | ValueType::MessageSubscription
        | ValueType::ProcessMessageSubscription
        | ValueType::MessageStartEventSubscription
        | ValueType::MessageCorrelation
        | ValueType::Signal
        | ValueType::ClusterVariable
        | ValueType::CompensationSubscription
        | ValueType::ConditionalSubscription
        | ValueType::ConditionalEvaluation
        | ValueType::SignalSubscription => message(record),
        ValueType::CommandDistribution => record.value::<CommandDistributionRecord>().map(drop),
        ValueType::Routing => record.value::<RoutingRecord>().map(drop),
        ValueType::MultiInstance => multi_instance(record),
        ValueType::PartitionMessage => record.value::<PartitionMessageRecord<'_>>().map(|v| {
            let _ = PartitionMessage::read(&v.message);
        }),
        ValueType::DecisionEvaluation => evaluation(record),
        ValueType::Decision
        | ValueType::DecisionRequirements
        | ValueType::Form
        | ValueType::Resource
        | ValueType::ResourceDeletion => deployed(record),
        ValueType::UserTask => record.value::<UserTaskRecord<'_>>().map(|v| {
            drop(v.candidate_groups.iter().map(|name| name.to_string()).collect::<Vec<_>>());
            drop((v.assignee.to_owned(), v.custom_headers.to_owned()));
        }),
        ValueType::PendingCommand => record.value::<PendingCommandRecord<'_>>().map(drop),
        ValueType::BatchOperationCreation
        | ValueType::BatchOperationInitialization
        | ValueType::BatchOperationChunk
        | ValueType::BatchOperationExecution
        | ValueType::BatchOperationLifecycleManagement
        | ValueType::BatchOperationPartitionLifecycle
        | ValueType::HistoryDeletion => batch_operation(record),
    }
}

/// The same for batch operations.
fn batch_operation(record: &RecordRef<'_>) -> Result<(), EntryError> {
    match record.header.intent.value_type() {
        ValueType::BatchOperationCreation => record.value::<BatchOperationCreationRecord<'_>>().map(|v| {
            let _ = BatchPlan::read(&v.plan);
            drop(v.filter.to_owned());
        }),
        ValueType::BatchOperationInitialization => {
            record.value::<BatchOperationInitializationRecord>().map(drop)
        }
        ValueType::BatchOperationChunk => record.value::<BatchOperationChunkRecord>().map(|v| {
            drop(v.items.iter().map(BatchItem::of).collect::<Vec<_>>());
        }),
        ValueType::BatchOperationExecution => record.value::<BatchOperationExecutionRecord<'_>>().map(|v| {
            drop(v.failure.as_ref().map(|failure| failure.reason.to_string()));
        }),
        ValueType::BatchOperationLifecycleManagement => {
            record.value::<BatchOperationLifecycleManagementRecord<'_>>().map(|v| {
                drop(v.errors.iter().map(|error| error.message.to_string()).collect::<Vec<_>>());
            })
        }
        ValueType::BatchOperationPartitionLifecycle => {
            record.value::<BatchOperationPartitionLifecycleRecord<'_>>().map(drop)
        }
        ValueType::HistoryDeletion => record.value::<HistoryDeletionRecord>().map(drop),
        other => panic!("{other} is read elsewhere"),
    }
}

/// The same for messages, and who waits for them.
fn message(record: &RecordRef<'_>) -> Result<(), EntryError> {
    match record.header.intent.value_type() {
        ValueType::Message => record.value::<MessageRecord<'_>>().map(|v| drop(v.variables.to_vec())),
        ValueType::MessageSubscription => record.value::<MessageSubscriptionRecord<'_>>().map(drop),
        ValueType::ProcessMessageSubscription => {
            record.value::<ProcessMessageSubscriptionRecord<'_>>().map(drop)
        }
        ValueType::MessageStartEventSubscription => {
            record.value::<MessageStartEventSubscriptionRecord<'_>>().map(drop)
        }
        ValueType::Signal => record.value::<SignalRecord<'_>>().map(|v| drop(v.variables.to_vec())),
        ValueType::ClusterVariable => {
            record.value::<ClusterVariableRecord<'_>>().map(|v| drop(v.value.to_vec()))
        }
        ValueType::SignalSubscription => record.value::<SignalSubscriptionRecord<'_>>().map(drop),
        ValueType::ConditionalSubscription => record.value::<ConditionalSubscriptionRecord<'_>>().map(drop),
        ValueType::ConditionalEvaluation => record
            .value::<ConditionalEvaluationRecord<'_>>()
            .map(|v| drop((v.variables.to_vec(), v.started.len()))),
        ValueType::CompensationSubscription => record.value::<CompensationSubscriptionRecord<'_>>().map(drop),
        ValueType::MessageCorrelation => record.value::<MessageCorrelationRecord<'_>>().map(drop),
        other => panic!("{other} is read elsewhere"),
    }
}

/// The same for the value that has most in it.
fn evaluation(record: &RecordRef<'_>) -> Result<(), EntryError> {
    let value = record.value::<DecisionEvaluationRecord<'_>>()?;
    for decision in value.evaluated_decisions.iter() {
        let _ = DecisionType::of(&decision.decision_type);
        drop(decision.decision_output.to_vec());
        drop(decision.evaluated_inputs.iter().map(|input| input.input_value.to_vec()).collect::<Vec<_>>());
        for rule in decision.matched_rules.iter() {
            let outputs = rule.evaluated_outputs.iter().map(|output| output.output_id.to_owned());
            drop(outputs.collect::<Vec<_>>());
        }
    }
    Ok(())
}

fn check(input: &[u8]) -> u64 {
    let entry = match EntryRef::parse(input) {
        Ok(entry) => entry,
        Err(error) => return signature(&error.to_string()),
    };
    let meta = entry.meta();
    assert!(meta.claims.len() <= input.len(), "claims out of nothing");
    let (mut seen, mut records) = (0, 0u64);
    for record in entry.records() {
        let what = match &record {
            Ok(record) => value(record).map_or_else(|error| signature(&error.to_string()), |()| 1),
            Err(error) => signature(&error.to_string()),
        };
        seen = what ^ u64::rotate_left(seen, 5);
        records += 1;
        assert!(records <= 1 + input.len() as u64, "more records than bytes");
    }
    seen
}
