//! Business ids in messages. The reference engine that others are compared with does not know them; what is asked for here is in the
//! sources of Camunda 8.10 (`zeebe/docs/adr/0001-810-message-correlation-business-id-cross-partition.md`, `MessageCorrelateBehavior`).

use crate::rig::Rig;
use crate::scenarios::rig_of;
use ringbolt_record::Key;

/// The business ids of the instances whose jobs nobody has, in the order of the jobs.
fn ids(rig: &mut Rig, job_type: &str) -> Vec<String> {
    let jobs = rig.take_jobs_up_to(job_type, 10);
    jobs.iter().map(|job| job.business_id.to_string()).collect()
}

#[test]
fn what_a_message_starts_has_its_business_id() {
    let mut rig = rig_of(
        "deploy message_start.bpmn\n\
         publish begin key=a ttl=60000 business-id=x\n\
         publish begin key=a ttl=60000 business-id=y\n\
         publish begin key=a ttl=60000\n\
         publish begin key=b business-id=x\n\
         correlate begin key=c business-id=z",
    );
    // One at a time for a correlation key, whatever the business id is; the oldest comes next.
    assert_eq!(ids(&mut rig, "a"), ["x", "x", "z"]);
    let mut rig = rig_of(
        "deploy message_start.bpmn\n\
         publish begin key=a ttl=60000 business-id=x\n\
         publish begin key=a ttl=60000 business-id=y\n\
         publish begin key=a ttl=60000\n\
         complete job1",
    );
    assert_eq!(ids(&mut rig, "a"), ["y"]);
    let mut rig = rig_of(
        "deploy message_start.bpmn\n\
         publish begin key=a ttl=60000 business-id=x\n\
         publish begin key=a ttl=60000\n\
         publish begin key=a ttl=60000 business-id=y\n\
         complete job1",
    );
    assert_eq!(ids(&mut rig, "a"), [""]);
}

#[test]
fn an_instance_waits_with_its_business_id() {
    let rig = rig_of(
        "deploy catch_message.bpmn\n\
         create catch_message business-id=x {\"orderId\":\"k\"}\n\
         create catch_message business-id=y {\"orderId\":\"k\"}\n\
         create catch_message {\"orderId\":\"k\"}\n\
         publish paid key=k ttl=60000 business-id=z\n\
         correlate paid key=k business-id=z\n\
         correlate paid key=k business-id=y",
    );
    let stands = |key: &&Key| rig.tables.element_instance_state(**key).is_some();
    let instances = &rig.names.instances;
    assert_eq!(instances.iter().filter(stands).collect::<Vec<_>>(), [&instances[0], &instances[2]]);
}
