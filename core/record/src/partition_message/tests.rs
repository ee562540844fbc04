//! Messages between partitions are read as they were written, and their layouts stay.

use super::{
    AnsweredStart, AskedStart, BusinessId, BusinessIdChange, BusinessIdNews, CorrelateMessage,
    DeleteResource, DeploymentReference, DistributedBatchOperation, DistributedBatchOperationChange,
    DistributedClusterVariable, DistributedDecision, DistributedDecisionRequirements, DistributedDeployment,
    DistributedProcess, DistributedResource, DistributedSignal, EndedBatchOperationPart, OpenSubscription,
    PartitionMessage,
};
use crate::follow_up::MessageStep;
use crate::ids::{ElementIndex, Key};
use crate::values::InstanceRef;
use crate::wire_enums::{
    BatchOperationErrorType, BatchOperationLifecycleManagementIntent, BatchOperationType,
};
use crate::{ClusterVariableChange, ClusterVariableScope};
use expect_test::expect;
use xxhash_rust::xxh3::xxh3_64;

fn decision() -> DistributedDecision {
    DistributedDecision {
        decision_key: Key(5),
        decision_id: "d".to_owned(),
        decision_name: "D".to_owned(),
        version: 3,
        version_tag: "v".to_owned(),
    }
}

fn signal() -> DistributedSignal {
    let (name, tenant_id) = ("alarm".to_owned(), "t".to_owned());
    DistributedSignal { signal_key: Key(12), name, variables: b"{}".to_vec(), tenant_id }
}

fn cluster_variable() -> DistributedClusterVariable {
    DistributedClusterVariable {
        key: Key(13),
        change: ClusterVariableChange::Update,
        scope: ClusterVariableScope::Tenant,
        name: "url".to_owned(),
        value: b"1".to_vec(),
        metadata: b"{}".to_vec(),
        tenant_id: "t".to_owned(),
    }
}

fn subscription() -> OpenSubscription {
    OpenSubscription {
        instance: InstanceRef::default(),
        element_instance_key: Key(6),
        owner_key: Key(7),
        is_interrupting: true,
        bpmn_process_id: "p".to_owned(),
        message_name: "m".to_owned(),
        correlation_key: "c".to_owned(),
        business_id: "b".to_owned(),
        tenant_id: String::new(),
    }
}

fn business_ids() -> [PartitionMessage; 3] {
    let of =
        BusinessId { tenant_id: String::new(), bpmn_process_id: "p".to_owned(), business_id: "b".to_owned() };
    let asked = AskedStart {
        of: of.clone(),
        holder_key: Key(15),
        subscription_key: Key(16),
        definition_key: Key(3),
        event: ElementIndex(1),
        message_key: Key(9),
        is_kept: false,
        message_name: "m".to_owned(),
        correlation_key: "c".to_owned(),
        variables: b"{}".to_vec(),
        has_turn: true,
    };
    let news = BusinessIdNews { change: BusinessIdChange::Released, of, holder_key: Key(15) };
    [
        PartitionMessage::BusinessId(news),
        PartitionMessage::AskForBusinessId(asked.clone()),
        PartitionMessage::AnswerForBusinessId(AnsweredStart { asked, is_granted: true }),
    ]
}

fn batches() -> [PartitionMessage; 3] {
    [
        PartitionMessage::BatchOperation(DistributedBatchOperation {
            batch_operation_key: Key(13),
            kind: BatchOperationType::CancelProcessInstance,
            filter: "{}".to_owned(),
            plan: vec![1, 0],
        }),
        PartitionMessage::BatchOperationChange(DistributedBatchOperationChange {
            change_key: Key(14),
            batch_operation_key: Key(13),
            intent: BatchOperationLifecycleManagementIntent::Suspend,
        }),
        PartitionMessage::BatchOperationPart(EndedBatchOperationPart {
            batch_operation_key: Key(13),
            source_partition_id: 2,
            error: Some((BatchOperationErrorType::QueryFailed, "why".to_owned())),
        }),
    ]
}

fn samples() -> Vec<PartitionMessage> {
    let model = DistributedDecisionRequirements {
        decision_requirements_key: Key(4),
        decision_requirements_id: "drg".to_owned(),
        decision_requirements_name: "Model".to_owned(),
        version: 2,
        namespace: "n".to_owned(),
        resource_name: "d.dmn".to_owned(),
        checksum: [9; 16],
        resource: b"<definitions/>".to_vec(),
        decisions: vec![decision()],
    };
    let process = DistributedProcess {
        process_definition_key: Key(3),
        bpmn_process_id: "p".to_owned(),
        version: 1,
        version_tag: String::new(),
        resource_name: "p.bpmn".to_owned(),
        checksum: [8; 16],
        resource: b"<definitions/>".to_vec(),
    };
    let form = DistributedResource {
        resource_key: Key(10),
        resource_id: "f".to_owned(),
        version: 1,
        version_tag: "v".to_owned(),
        resource_name: "f.form".to_owned(),
        checksum: [7; 16],
        content: b"{}".to_vec(),
    };
    vec![
        PartitionMessage::DeploymentReference(DeploymentReference {
            deployment_key: Key(2),
            definitions: vec![Key(3), Key(4)],
        }),
        PartitionMessage::Deployment(DistributedDeployment {
            deployment_key: Key(2),
            tenant_id: "t".to_owned(),
            processes: vec![process],
            decision_requirements: vec![model],
            forms: vec![form.clone()],
            resources: vec![form],
        }),
        PartitionMessage::OpenSubscription(subscription()),
        PartitionMessage::CorrelateMessage(CorrelateMessage {
            owner_key: Key(7),
            subscription_key: Key(8),
            message_key: Key(9),
            variables: b"{}".to_vec(),
        }),
        PartitionMessage::Messages(MessageStep::Closed { owner_key: Key(7) }),
        PartitionMessage::Signal(signal()),
        PartitionMessage::ClusterVariable(cluster_variable()),
        PartitionMessage::DeleteResource(DeleteResource { deletion_key: Key(11), resource_key: Key(3) }),
        PartitionMessage::MigrateSubscription(subscription()),
    ]
}

#[test]
fn every_message_is_read_as_it_was_written() {
    for message in samples().into_iter().chain(batches()).chain(business_ids()) {
        assert_eq!(PartitionMessage::read(&message.to_bytes()), Ok(message));
    }
}

/// Messages stand in logs and states of partitions and cross to others, perhaps to an older version of Ringbolt.
#[test]
fn layouts_are_as_they_were() {
    let line = |message: PartitionMessage| {
        let bytes = message.to_bytes();
        format!("{} {} {} {:016x}\n", bytes[0], bytes[1], bytes.len(), xxh3_64(&bytes))
    };
    let lines: String = samples().into_iter().chain(batches()).chain(business_ids()).map(line).collect();
    expect![[r#"
        1 1 34 7f10b347d1094aa1
        1 2 374 b6c8167f882a9352
        1 3 83 b68a9e087d2c1886
        1 4 36 a8ff673f3df45f11
        1 5 27 0cf695e4235d2662
        1 6 36 509e1c8702814b00
        1 60 47 8d77eaa82c51581f
        1 20 18 487d0da16189bc2f
        1 30 83 67699795047b1dd2
        1 40 29 34e0583bfaa054ff
        1 41 19 5b2dea4da57be50c
        1 42 22 a769e29d772f279b
        1 70 35 cf28b0c2181b5646
        1 71 90 d4af58b0c290e21e
        1 72 91 db7c30d11e71e161
    "#]]
    .assert_eq(&lines);
}

#[test]
fn damaged_bytes_are_errors_never_panics() {
    for message in samples().into_iter().chain(batches()).chain(business_ids()) {
        let bytes = message.to_bytes();
        for cut in 0..bytes.len() {
            assert!(PartitionMessage::read(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            let _ = PartitionMessage::read(&damaged);
        }
    }
}
