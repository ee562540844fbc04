//! Deleting a process whose instances run on several partitions. As in the reference engine the partition that keeps deployments asks only
//! itself: a partition that learns of the deletion while instances run there keeps the definition for them alone, until the last has ended.

use crate::batch_operations::add;
use crate::outbox::Cluster;
use ringbolt_record::{
    BatchOperationType, Command, Key, PartitionId, RejectionType, Reply, VariableDocument,
};

const TASK: &str = r#"<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements></bpmn:serviceTask><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="t" />"#;
const KEEPER: PartitionId = PartitionId(1);
const OTHER: PartitionId = PartitionId(2);

/// Two partitions that know a process `p`, and its key.
fn deployed() -> (Cluster, Key) {
    let mut cluster = Cluster::new(2);
    cluster.rig(KEEPER).deploy_with("", "p", TASK);
    cluster.collect();
    cluster.settle();
    let key = cluster.rig(KEEPER).tables.latest_process(ringbolt_record::DEFAULT_TENANT, "p").unwrap().key;
    (cluster, key)
}

fn start(cluster: &mut Cluster, partition: PartitionId) -> Result<Key, RejectionType> {
    cluster.rig(partition).start("p", VariableDocument::default())
}

#[test]
fn what_runs_elsewhere_ends_as_it_would_and_the_process_is_gone_then() {
    let (mut cluster, resource_key) = deployed();
    let instances = [0, 1].map(|_| start(&mut cluster, OTHER).unwrap());
    cluster.rig(KEEPER).told(&Command::DeleteResource { resource_key, delete_history: false }).unwrap();
    cluster.collect();
    cluster.settle();
    assert!(cluster.rig(KEEPER).tables.process(resource_key).is_none());
    let other = cluster.rig(OTHER);
    assert!(other.tables.process(resource_key).is_some(), "its instances need it");
    assert_eq!(other.start("p", VariableDocument::default()), Err(RejectionType::NotFound));
    other.restart();
    other.told(&Command::CancelProcessInstance { process_instance_key: instances[0] }).unwrap();
    assert_eq!(other.count("PROCESS DELETED"), 0);
    let job = *other.take_jobs("work").last().expect("the other instance's job");
    other.finish(job, VariableDocument::default()).unwrap();
    assert_eq!(other.count("PROCESS DELETED"), 1);
    assert!(other.tables.process(resource_key).is_none(), "the last has ended");
}

#[test]
fn what_runs_on_the_partition_of_deployments_keeps_the_process_everywhere() {
    let (mut cluster, resource_key) = deployed();
    let process_instance_key = start(&mut cluster, KEEPER).unwrap();
    let (kind, reason) = cluster
        .rig(KEEPER)
        .told(&Command::DeleteResource { resource_key, delete_history: false })
        .unwrap_err();
    assert_eq!(kind, RejectionType::InvalidState);
    assert!(reason.ends_with("but there are still running instances"), "{reason}");
    assert!(start(&mut cluster, OTHER).is_ok(), "nobody else has heard of it");
    cluster.rig(KEEPER).told(&Command::CancelProcessInstance { process_instance_key }).unwrap();
    cluster.rig(KEEPER).told(&Command::DeleteResource { resource_key, delete_history: false }).unwrap();
}

/// The lines of one kind that a partition wrote.
fn written(cluster: &mut Cluster, partition: PartitionId, what: &str) -> usize {
    cluster.rig(partition).count(what)
}

#[test]
fn what_is_known_of_a_process_goes_after_what_is_known_of_its_instances() {
    let (mut cluster, resource_key) = deployed();
    let ended = [KEEPER, OTHER].map(|partition| {
        let process_instance_key = start(&mut cluster, partition).unwrap();
        cluster.rig(partition).told(&Command::CancelProcessInstance { process_instance_key }).unwrap();
        process_instance_key
    });
    let delete = Command::DeleteResource { resource_key, delete_history: true };
    let keeper = cluster.rig(KEEPER);
    let request = keeper.send(&delete);
    let Some(Ok(Reply::ResourceDeleted { history: Some((batch, kind)), .. })) = keeper.answer(request) else {
        panic!("it is deleted, with a batch operation for its instances");
    };
    assert_eq!(kind, BatchOperationType::DeleteProcessInstance);
    cluster.collect();
    cluster.settle();
    for (partition, instance) in [KEEPER, OTHER].into_iter().zip(ended) {
        assert_eq!(
            written(&mut cluster, partition, "HISTORY_DELETION DELETED"),
            0,
            "nothing is selected yet"
        );
        let rig = cluster.rig(partition);
        let filter = rig.tables.batch_operation(batch).expect("it is everywhere").filter.to_owned();
        assert_eq!(filter, format!(r#"{{"processDefinitionKey":"{}"}}"#, resource_key.to_wire()));
        add(rig, batch, &[instance], 100);
        rig.run_due();
        assert_eq!(
            written(&mut cluster, partition, "HISTORY_DELETION DELETED"),
            2,
            "the instance, then its process"
        );
    }
    cluster.collect();
    cluster.settle();
    assert_eq!(written(&mut cluster, KEEPER, "BATCH_OPERATION_LIFECYCLE_MANAGEMENT COMPLETED"), 1);
    let delete = Command::DeleteResource { resource_key, delete_history: true };
    assert_eq!(cluster.rig(KEEPER).told(&delete).unwrap_err().0, RejectionType::NotFound);
}
