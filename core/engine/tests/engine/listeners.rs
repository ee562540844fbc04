//! Execution listeners as no recorded scenario shows them: once for all instances of a repeated activity, before a process
//! instance has been ended, with headers of their own, and where what follows does not fit.

use crate::budget::{flow, variables};
use crate::rig::Rig;
use expect_test::expect;
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::{FailJob, JobUpdateKind};
use ringbolt_record::{Command, DurationMs, JobListenerEventType, Key, PartitionId, VariableDocument};

/// Execution listeners, each with its own type.
fn listeners(kinds: &[(&str, &str)]) -> String {
    let each = kinds
        .iter()
        .map(|(kind, name)| format!(r#"<zeebe:executionListener eventType="{kind}" type="{name}" />"#));
    format!("<zeebe:executionListeners>{}</zeebe:executionListeners>", each.collect::<String>())
}

fn task(extensions: &str, repeats: &str) -> String {
    format!(
        r#"<bpmn:serviceTask id="t"><bpmn:extensionElements><zeebe:taskDefinition type="work" />{extensions}</bpmn:extensionElements>{repeats}</bpmn:serviceTask>{}"#,
        flow("s", "t")
    )
}

impl Rig {
    /// The last job that was made: its type, and what its listener listens to.
    fn last_job(&self) -> (Key, String, JobListenerEventType) {
        let key = *self.names.jobs.last().expect("a job");
        let job = self.tables.job(key).expect("it is still there");
        (key, job.job_type().to_owned(), job.listener_event_type)
    }

    fn fail(&mut self, job_key: Key) {
        self.send(&Command::FailJob(FailJob {
            job_key,
            retries: 0,
            retry_backoff: DurationMs(0),
            error_message: String::new(),
            variables: VariableDocument::default(),
        }));
    }

    fn cancel(&mut self, process_instance_key: Key) {
        self.send(&Command::CancelProcessInstance { process_instance_key });
    }
}

#[test]
fn one_is_asked_before_all_instances_and_may_bring_their_items() {
    let mut rig = Rig::default();
    let repeats = r#"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="= items" inputElement="item" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"#;
    rig.deploy_body("p", &task(&listeners(&[("start", "each"), ("beforeAll", "all")]), repeats));
    rig.start("p", VariableDocument::default()).unwrap();
    let (job, name, event) = rig.last_job();
    assert_eq!((&*name, event), ("all", JobListenerEventType::BeforeAll));
    rig.finish(job, variables(r#"{"items":[1,2]}"#.to_owned())).unwrap();
    let made: Vec<String> =
        rig.names.jobs[1..].iter().map(|key| rig.tables.job(*key).unwrap().job_type().to_owned()).collect();
    assert_eq!(made, ["each", "each"]);
}

#[test]
fn a_process_instance_that_ends_asks_once_all_in_it_has_ended() {
    let mut rig = Rig::default();
    let body = format!(
        "<bpmn:extensionElements>{}</bpmn:extensionElements>{}",
        listeners(&[("cancel", "one"), ("cancel", "two"), ("end", "never")]),
        task(&listeners(&[("cancel", "never")]).replace("cancel", "end"), "")
    );
    rig.deploy_body("p", &body);
    let rows = rig.dump();
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    rig.records.clear();
    rig.cancel(instance);
    rig.check(&expect![[r#"
        E PROCESS_INSTANCE ELEMENT_TERMINATING elementId=p
        E PROCESS_INSTANCE ELEMENT_TERMINATING elementId=t
        E JOB CANCELED type=work retries=3 elementId=t
        E PROCESS_INSTANCE ELEMENT_TERMINATED elementId=t
        E JOB CREATED type=one retries=3 jobKind=EXECUTION_LISTENER jobListenerEventType=CANCEL elementId=p
    "#]]);
    let (job, name, event) = rig.last_job();
    assert_eq!((&*name, event), ("one", JobListenerEventType::Cancel));
    rig.fail(job);
    rig.send(&Command::UpdateJob {
        job_key: job,
        retries: Some(1),
        timeout: None,
        kind: JobUpdateKind::Retries,
        priority: None,
    });
    rig.send(&Command::ResolveIncident { incident_key: rig.names.incidents[0] });
    rig.records.clear();
    rig.finish(job, variables(r#"{"why":1}"#.to_owned())).unwrap();
    let (job, name, _) = rig.last_job();
    assert_eq!(name, "two");
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.check(&expect![[r#"
        E JOB COMPLETED type=one retries=1 jobKind=EXECUTION_LISTENER jobListenerEventType=CANCEL elementId=p
        E VARIABLE CREATED name=why value=1
        E JOB CREATED type=two retries=3 jobKind=EXECUTION_LISTENER jobListenerEventType=CANCEL elementId=p
        E JOB COMPLETED type=two retries=3 jobKind=EXECUTION_LISTENER jobListenerEventType=CANCEL elementId=p
        E PROCESS_INSTANCE ELEMENT_TERMINATED elementId=p
    "#]]);
    assert_eq!(rig.dump(), rows, "nothing stays");
}

#[test]
fn headers_of_a_listener_stand_beside_those_of_its_element() {
    let mut rig = Rig::default();
    let own = r#"<zeebe:taskHeaders><zeebe:header key="a" value="mine" /><zeebe:header key="c" value="3" /></zeebe:taskHeaders>"#;
    let extensions = format!(
        r#"<zeebe:taskHeaders><zeebe:header key="a" value="1" /><zeebe:header key="b" value="2" /></zeebe:taskHeaders>{}"#,
        listeners(&[("start", "before")])
            .replace(r#"type="before" />"#, &format!(r#"type="before">{own}</zeebe:executionListener>"#))
    );
    rig.deploy_body("p", &task(&extensions, ""));
    rig.start("p", VariableDocument::default()).unwrap();
    let headers = rig.tables.job_headers(rig.last_job().0).map(str::to_owned);
    assert_eq!(headers.as_deref(), Some(r#"{"b":"2","a":"mine","c":"3"}"#));
}

#[test]
fn what_does_not_fit_after_a_listener_is_an_incident() {
    let settings = EngineSettings { entry_bytes_max: 24 << 10, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    let long = "x".repeat(100);
    let script = format!(
        r#"<bpmn:scriptTask id="t"><bpmn:extensionElements><zeebe:script expression="= if small then 1 else for i in 1..300 return &quot;{long}&quot;" resultVariable="r" />{}</bpmn:extensionElements></bpmn:scriptTask>{}"#,
        listeners(&[("start", "before")]),
        flow("s", "t")
    );
    rig.deploy_body("p", &script);
    let rows = rig.dump();
    rig.start("p", variables(r#"{"small":false}"#.to_owned())).unwrap();
    rig.records.clear();
    let job = rig.last_job().0;
    rig.finish(job, variables(r#"{"l":1}"#.to_owned())).unwrap();
    rig.check(&expect![[r#"
        E JOB COMPLETED type=before retries=3 jobKind=EXECUTION_LISTENER jobListenerEventType=START elementId=t
        E VARIABLE CREATED name=l value=1
        E INCIDENT CREATED errorType=MESSAGE_SIZE_EXCEEDED errorMessage="Expected to process element 't', but exceeded MAX_MESSAGE_SIZE limitation. If you have large or many variables consider reducing these." elementId=t
    "#]]);
    rig.send(&Command::ResolveIncident { incident_key: rig.names.incidents[0] });
    rig.run_due();
    assert_eq!(rig.names.incidents.len(), 1, "the listener is asked again");
    let again = rig.last_job().0;
    assert_ne!(again, job);
    rig.finish(again, variables(r#"{"l":2}"#.to_owned())).unwrap();
    assert_eq!(rig.names.incidents.len(), 2);
    let instance = rig.names.instances[0];
    rig.cancel(instance);
    assert_eq!(rig.dump(), rows);
}

#[test]
fn what_ends_an_element_instance_ends_the_job_of_its_listener() {
    let mut rig = Rig::default();
    rig.deploy_body("p", &task(&listeners(&[("start", "before")]), ""));
    let rows = rig.dump();
    let instance = rig.start("p", VariableDocument::default()).unwrap();
    let job = rig.last_job().0;
    rig.fail(job);
    rig.cancel(instance);
    assert_eq!(rig.dump(), rows, "with its incident");
}
