//! Instances that call others: deep chains in bounded steps, what is passed on, and ends that meet on their way.

use crate::budget::{flow, task, variables};
use crate::rig::Rig;
use ringbolt_engine::{CALL_DEPTH_MAX, EngineSettings};
use ringbolt_record::command::{ActivateJobs, CreateProcessInstance, DefinitionSelector};
use ringbolt_record::{Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, Reply, VariableDocument};

/// A call activity in a process that begins with it and ends there.
fn call(process_id: &str, before: &str) -> String {
    format!(
        r#"<bpmn:callActivity id="c"><bpmn:extensionElements><zeebe:calledElement processId="{process_id}" /></bpmn:extensionElements></bpmn:callActivity>{}"#,
        flow(before, "c")
    )
}

/// A process that calls itself while `n` is more than 0.
fn countdown() -> String {
    let gate = r#"<bpmn:exclusiveGateway id="g" default="g_to_e" /><bpmn:endEvent id="e" /><bpmn:scriptTask id="less"><bpmn:extensionElements><zeebe:script expression="= n - 1" resultVariable="n" /></bpmn:extensionElements></bpmn:scriptTask><bpmn:sequenceFlow id="on" sourceRef="g" targetRef="less"><bpmn:conditionExpression>= n &gt; 0</bpmn:conditionExpression></bpmn:sequenceFlow>"#;
    format!("{gate}{}{}{}", flow("s", "g"), flow("g", "e"), call("again", "less"))
}

impl Rig {
    fn rows_of(&self, wanted: u8) -> usize {
        self.dump().iter().filter(|(table, _, _)| *table == wanted).count()
    }
}

#[test]
fn a_process_that_calls_itself_without_an_end_stops_at_a_depth() {
    let mut rig = Rig::default();
    rig.deploy_body("again", &call("again", "s"));
    let rows = rig.dump();
    let instance = rig.start("again", VariableDocument::default()).unwrap();
    rig.run_due();
    let incidents: Vec<&String> = rig.records.iter().filter(|r| r.contains("INCIDENT CREATED")).collect();
    assert_eq!(incidents.len(), 1);
    let text = "The call activity has reached the maximum depth of 1000. This is likely due to a recursive call. Cancel \
                the root process instance if this was unintentional. Otherwise, consider increasing the maximum depth, \
                or use process instance modification to adjust the process instance.";
    assert!(incidents[0].contains("CALLED_ELEMENT_ERROR") && incidents[0].contains(text), "{}", incidents[0]);
    assert_eq!(rig.rows_of(6), CALL_DEPTH_MAX as usize - 1, "all but the first know how deep they are");
    rig.send(&Command::CancelProcessInstance { process_instance_key: instance });
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}

#[test]
fn a_long_way_back_is_taken_in_bounded_steps() {
    let mut rig = Rig::default();
    rig.deploy_body("again", &countdown());
    let rows = rig.dump();
    rig.start("again", variables(r#"{"n":900}"#.into())).unwrap();
    rig.run_due();
    assert_eq!(rig.count("INCIDENT"), 0);
    let completed = |kind: &str| {
        let is_it = |record: &&String| record.contains("ELEMENT_COMPLETED") && record.contains(kind);
        rig.records.iter().filter(is_it).count()
    };
    assert_eq!((completed("=PROCESS "), completed("=CALL_ACTIVITY ")), (901, 900));
    assert_eq!(rig.dump(), rows);
}

#[test]
fn the_bound_of_the_depth_is_a_setting() {
    let settings = EngineSettings { call_depth_max: 3, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy_body("again", &countdown());
    rig.start("again", variables(r#"{"n":2}"#.into())).unwrap();
    rig.run_due();
    assert_eq!(rig.count("INCIDENT"), 0);
    rig.start("again", variables(r#"{"n":3}"#.into())).unwrap();
    rig.run_due();
    assert_eq!(rig.count("reached the maximum depth of 3."), 1);
}

#[test]
fn a_called_instance_carries_its_callers_id_and_root() {
    let mut rig = Rig::default();
    rig.deploy_body("inner", &format!("{}{}", task("t", "work", ""), flow("s", "t")));
    rig.deploy_body("middle", &call("inner", "s"));
    rig.deploy_body("outer", &call("middle", "s"));
    let request = rig.send(&Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: "outer".into() },
        variables: VariableDocument::default(),
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: DEFAULT_TENANT.into(),
        tags: vec!["tag".into()],
        business_id: "order-7".into(),
        await_result: None,
    }));
    let Some(Ok(Reply::ProcessInstanceCreated(created))) = rig.answer(request) else { panic!("an instance") };
    let request = rig.send(&Command::ActivateJobs(ActivateJobs {
        job_type: "work".into(),
        worker: "w".into(),
        timeout: DurationMs(1000),
        jobs_max: 1,
        bytes_max: 1 << 20,
        fetch_variables: Vec::new(),
        tenant_ids: Vec::new(),
        with_leases: false,
    }));
    let Some(Ok(Reply::JobsActivated(batch))) = rig.answer(request) else { panic!("jobs") };
    let job = &batch.jobs[0];
    assert_eq!((&*job.business_id, job.tags.len()), ("order-7", 0));
    assert_eq!(job.root_process_instance_key, created.process_instance_key);
    assert_ne!(job.process_instance_key, created.process_instance_key);
}

/// A called instance ends while its caller, which was told to end, waits for it.
#[test]
fn an_end_that_meets_the_end_of_its_caller() {
    for batch_steps_max in [1, 2, 3, 100] {
        let settings = EngineSettings { batch_steps_max, ..EngineSettings::new(PartitionId(1)) };
        let mut rig = Rig::with(settings);
        rig.deploy_body("inner", &format!("{}{}", task("t", "work", ""), flow("s", "t")));
        rig.deploy_body("outer", &call("inner", "s"));
        let rows = rig.dump();
        let instance = rig.start("outer", VariableDocument::default()).unwrap();
        rig.run_due();
        let jobs = rig.take_jobs("work");
        // Nothing of either goes on before both were told.
        rig.finish(jobs[0], VariableDocument::default()).unwrap();
        rig.send(&Command::CancelProcessInstance { process_instance_key: instance });
        rig.run_due();
        assert_eq!(rig.dump(), rows, "{batch_steps_max} steps in an entry");
    }
}

#[test]
fn a_banned_caller_holds_nothing_up_and_can_be_ended() {
    let mut rig = Rig::default();
    rig.deploy_body("inner", &format!("{}{}", task("t", "work", ""), flow("s", "t")));
    rig.deploy_body("outer", &call("inner", "s"));
    let rows = rig.dump();
    let instance = rig.start("outer", VariableDocument::default()).unwrap();
    rig.change_both(|tables| tables.put_banned(instance));
    let jobs = rig.take_jobs("work");
    rig.finish(jobs[0], VariableDocument::default()).unwrap();
    assert_eq!(rig.rows_of(4), 2, "the caller and its call activity");
    rig.send(&Command::CancelProcessInstance { process_instance_key: instance });
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}

#[test]
fn variables_that_fit_into_no_entry_are_an_incident_of_the_call() {
    let settings = EngineSettings { entry_bytes_max: 64 * 1024, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy_body("inner", &flow("s", "e").replace("<bpmn:seq", r#"<bpmn:endEvent id="e" /><bpmn:seq"#));
    rig.deploy_body("outer", &format!("{}{}{}", task("t", "work", ""), flow("s", "t"), call("inner", "t")));
    let rows = rig.dump();
    let value = |length: usize| format!("\"{}\"", "x".repeat(length));
    let instance = rig.start("outer", variables(format!(r#"{{"a":{}}}"#, value(40_000)))).unwrap();
    let jobs = rig.take_jobs("work");
    rig.records.clear();
    rig.finish(jobs[0], variables(format!(r#"{{"b":{}}}"#, value(40_000)))).unwrap();
    rig.run_due();
    assert_eq!(rig.count("MESSAGE_SIZE_EXCEEDED"), 1);
    let incident: Key = rig.names.incidents[0];
    rig.send(&Command::SetVariables {
        element_instance_key: instance,
        variables: variables(r#"{"b":1}"#.into()),
        semantics: ringbolt_record::command::UpdateSemantics::Local,
    });
    rig.send(&Command::ResolveIncident { incident_key: incident });
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}
