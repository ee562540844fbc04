//! Deleting a process whose instances run on several partitions. As in the reference engine the partition that keeps deployments asks only
//! itself: a partition that learns of the deletion while instances run there keeps the definition for them alone, until the last has ended.

use crate::outbox::Cluster;
use ringbolt_record::{Command, Key, PartitionId, RejectionType, VariableDocument};

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
    cluster.rig(KEEPER).told(&Command::DeleteResource { resource_key }).unwrap();
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
    let (kind, reason) = cluster.rig(KEEPER).told(&Command::DeleteResource { resource_key }).unwrap_err();
    assert_eq!(kind, RejectionType::InvalidState);
    assert!(reason.ends_with("but there are still running instances"), "{reason}");
    assert!(start(&mut cluster, OTHER).is_ok(), "nobody else has heard of it");
    cluster.rig(KEEPER).told(&Command::CancelProcessInstance { process_instance_key }).unwrap();
    cluster.rig(KEEPER).told(&Command::DeleteResource { resource_key }).unwrap();
}
