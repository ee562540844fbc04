//! Every entry keeps its budget: what does not fit is undone alone and put off, raises an incident where it does not
//! even fit alone, and is a rejection where a command itself does not. The rig holds every entry against the budget.

use crate::rig::{OpenStream, Rig};
use ringbolt_engine::{EngineSettings, TEXT_BYTES_MAX};
use ringbolt_record::command::{
    ActivateJobs, CreateDeployment, CreateProcessInstance, DefinitionSelector, FailJob, Resource,
    UpdateSemantics,
};
use ringbolt_record::{
    ActivatedJob, Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, RejectionType, Reply,
    VariableDocument,
};
use std::fmt::Write;

/// What entries hold in most of these tests.
const SMALL: usize = 64 * 1024;

fn small() -> Rig {
    Rig::with(EngineSettings { entry_bytes_max: SMALL, ..EngineSettings::new(PartitionId(1)) })
}

pub(crate) fn flow(from: &str, to: &str) -> String {
    format!(r#"<bpmn:sequenceFlow id="{from}_to_{to}" sourceRef="{from}" targetRef="{to}" />"#)
}

pub(crate) fn task(id: &str, job_type: &str, mappings: &str) -> String {
    format!(
        r#"<bpmn:serviceTask id="{id}"><bpmn:extensionElements><zeebe:taskDefinition type="{job_type}" /><zeebe:ioMapping>{mappings}</zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask>"#
    )
}

pub(crate) fn inputs(source: &str, count: usize) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = write!(text, r#"<zeebe:input source="{source}" target="v{number}" />"#);
        text
    })
}

const START: &str = r#"<bpmn:startEvent id="s" />"#;

pub(crate) fn variables(json: String) -> VariableDocument {
    VariableDocument::parse(json.into()).unwrap()
}

impl Rig {
    pub(crate) fn deploy_body(&mut self, id: &str, body: &str) {
        self.deploy_with("", id, body);
    }

    /// The same with what stands beside the process.
    pub(crate) fn deploy_with(&mut self, roots: &str, id: &str, body: &str) {
        let content = format!(
            r#"<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">{roots}<bpmn:process id="{id}" isExecutable="true">{START}{body}</bpmn:process></bpmn:definitions>"#
        );
        let resources = vec![Resource { name: format!("{id}.bpmn"), content: content.into() }];
        let tenant_id = DEFAULT_TENANT.to_owned();
        let request = self.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
        match self.answer(request) {
            Some(Ok(Reply::Deployed(_))) => self.records.clear(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn start(&mut self, id: &str, variables: VariableDocument) -> Result<Key, RejectionType> {
        self.create_at("", id, variables, &[])
    }

    /// The same of an instance with a business id.
    pub(crate) fn start_of(
        &mut self,
        business_id: &str,
        id: &str,
        variables: VariableDocument,
    ) -> Result<Key, RejectionType> {
        self.create_at(business_id, id, variables, &[])
    }

    pub(crate) fn start_at(&mut self, id: &str, elements: &[&str]) -> Key {
        self.create_at("", id, VariableDocument::default(), elements).unwrap()
    }

    fn create_at(
        &mut self,
        business_id: &str,
        id: &str,
        variables: VariableDocument,
        elements: &[&str],
    ) -> Result<Key, RejectionType> {
        let request = self.send(&Command::CreateProcessInstance(CreateProcessInstance {
            definition: DefinitionSelector::Latest { bpmn_process_id: id.into() },
            variables,
            start_element_ids: elements.iter().map(|id| (*id).to_owned()).collect(),
            terminate_after_element_ids: Vec::new(),
            tenant_id: DEFAULT_TENANT.into(),
            tags: Vec::new(),
            business_id: business_id.to_owned(),
            await_result: None,
        }));
        match self.answer(request) {
            Some(Ok(Reply::ProcessInstanceCreated(created))) => Ok(created.process_instance_key),
            Some(Err(rejection)) => Err(rejection.kind),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn take_jobs(&mut self, job_type: &str) -> Vec<Key> {
        self.take_jobs_up_to(job_type, 1_000).iter().map(|job| job.key).collect()
    }

    /// So many jobs at most, as whoever polls gets them.
    pub(crate) fn take_jobs_up_to(&mut self, job_type: &str, jobs_max: u32) -> Vec<ActivatedJob> {
        let request = self.send(&Command::ActivateJobs(ActivateJobs {
            job_type: job_type.into(),
            worker: "w".into(),
            timeout: DurationMs(60_000),
            jobs_max,
            bytes_max: 4 << 20,
            fetch_variables: vec!["nothing".into()],
            tenant_ids: Vec::new(),
            with_leases: false,
        }));
        match self.answer(request) {
            Some(Ok(Reply::JobsActivated(batch))) => batch.jobs,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn finish(&mut self, job_key: Key, variables: VariableDocument) -> Result<(), RejectionType> {
        let request = self.send(&Command::CompleteJob { job_key, variables });
        self.answer(request).unwrap().map(|_| ()).map_err(|rejection| rejection.kind)
    }

    pub(crate) fn count(&self, wanted: &str) -> usize {
        self.records.iter().filter(|record| record.contains(wanted)).count()
    }

    /// The only incident since the last look, which is about a step that fits nowhere.
    fn expect_too_large(&mut self, element_id: &str) -> Key {
        let found: Vec<&String> = self.records.iter().filter(|r| r.contains("INCIDENT CREATED")).collect();
        assert_eq!(found.len(), 1, "{:#?}", self.records);
        let text = format!(
            "Expected to process element '{element_id}', but exceeded MAX_MESSAGE_SIZE limitation. If you have large \
             or many variables consider reducing these."
        );
        assert!(found[0].contains("MESSAGE_SIZE_EXCEEDED") && found[0].contains(&text), "{}", found[0]);
        assert_eq!(self.count(" ERROR CREATED"), 0, "nobody is banned");
        self.records.clear();
        self.names.incidents.pop().unwrap()
    }

    fn resolve(&mut self, incident_key: Key) {
        let request = self.send(&Command::ResolveIncident { incident_key });
        assert!(matches!(self.answer(request), Some(Ok(Reply::Done))));
    }
}

#[test]
fn inputs_that_fit_into_no_entry_raise_an_incident_and_nobody_else_notices() {
    let mut rig = small();
    let of = |mappings: &str| [&task("t", "w", mappings)[..], &flow("s", "t")].concat();
    rig.deploy_body("large", &of(&inputs("=x", 6)));
    rig.deploy_body("neighbor", &of(""));
    let instance = rig.start("large", variables(format!(r#"{{"x":"{}"}}"#, "y".repeat(12_000)))).unwrap();
    rig.run_due();
    let incident = rig.expect_too_large("t");
    rig.restart();
    rig.run_due();
    rig.start("neighbor", VariableDocument::default()).unwrap();
    let jobs = rig.take_jobs("w");
    assert_eq!(jobs.len(), 1);
    rig.finish(jobs[0], VariableDocument::default()).unwrap();
    // As large as before it gives the same incident again; made smaller it goes on.
    rig.records.clear();
    rig.resolve(incident);
    rig.run_due();
    let incident = rig.expect_too_large("t");
    let smaller = variables(r#"{"x":"small"}"#.to_owned());
    let semantics = UpdateSemantics::Propagate;
    rig.send(&Command::SetVariables { element_instance_key: instance, variables: smaller, semantics });
    rig.resolve(incident);
    rig.run_due();
    let jobs = rig.take_jobs("w");
    assert_eq!(jobs.len(), 1);
    rig.finish(jobs[0], VariableDocument::default()).unwrap();
    assert!(rig.tables.element_instance(instance).is_none());
}

#[test]
fn six_inputs_of_three_megabytes_are_an_incident_with_the_usual_limits() {
    // Copying them takes more work than the expressions of an entry may do by default.
    let settings =
        EngineSettings { expression_units_max: 100_000_000, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy_body("large", &[&task("t", "w", &inputs("=x", 6))[..], &flow("s", "t")].concat());
    rig.start("large", variables(format!(r#"{{"x":"{}"}}"#, "y".repeat(3_000_000)))).unwrap();
    rig.run_due();
    rig.expect_too_large("t");
}

/// A step that was put off is taken in an entry with the record that says so, which must not be what does not fit.
#[test]
fn a_step_that_fills_an_entry_to_its_last_bytes_is_taken_or_raises_an_incident() {
    let (mut taken, mut too_large) = (0, 0);
    for length in (21_400..21_800).step_by(5) {
        let id = PartitionId(1);
        let settings =
            EngineSettings { entry_bytes_max: SMALL, batch_steps_max: 2, ..EngineSettings::new(id) };
        let mut rig = Rig::with(settings);
        rig.deploy_body("p", &[&task("t", "w", &inputs("=x", 3))[..], &flow("s", "t")].concat());
        rig.start("p", variables(format!(r#"{{"x":"{}"}}"#, "y".repeat(length)))).unwrap();
        rig.run_due();
        taken += rig.count("JOB CREATED");
        too_large += rig.count("INCIDENT CREATED");
    }
    assert_eq!(taken + too_large, 80, "{taken} taken, {too_large} too large");
    assert!(taken > 5 && too_large > 5, "{taken} taken, {too_large} too large");
}

/// What many mappings give is held until the last one is there, so it is bounded too: the last one is never reached.
#[test]
fn values_of_mappings_are_not_gathered_beyond_all_measure() {
    let mut rig = small();
    let last = r#"<zeebe:input source="=assert(x, false)" target="last" />"#;
    let mappings = format!("{}{last}", inputs("=x", 40));
    rig.deploy_body("large", &[&task("t", "w", &mappings)[..], &flow("s", "t")].concat());
    rig.start("large", variables(format!(r#"{{"x":"{}"}}"#, "y".repeat(12_000)))).unwrap();
    rig.run_due();
    rig.expect_too_large("t");
}

#[test]
fn an_expression_that_grows_beyond_an_entry_raises_an_incident() {
    let mut rig = small();
    let grow = format!("=for i in 1..1000 return &quot;{}&quot;", "0123456789".repeat(7));
    rig.deploy_body("grow", &[&task("t", "w", &inputs(&grow, 1))[..], &flow("s", "t")].concat());
    rig.start("grow", VariableDocument::default()).unwrap();
    rig.run_due();
    rig.expect_too_large("t");
    let instance = rig.names.instances[0];
    rig.send(&Command::CancelProcessInstance { process_instance_key: instance });
    rig.run_due();
    assert!(rig.tables.element_instance(instance).is_none());
}

/// A step that does not fit beside what the entry holds is taken in the next one, and leaves no trace in this one.
#[test]
fn the_step_that_does_not_fit_is_put_off_alone() {
    let mut rig = small();
    let body = [&task("t", "w", "")[..], &task("u", "w", &inputs("=x", 3)), &flow("s", "t"), &flow("t", "u")];
    rig.deploy_body("two", &body.concat());
    rig.streams.open.push(Some(OpenStream {
        job_type: "w".into(),
        worker: "s".into(),
        timeout: DurationMs(60_000),
        fetch: ["nothing".to_owned()].into(),
        credit: 10,
    }));
    rig.start("two", VariableDocument::default()).unwrap();
    let job = rig.names.jobs[0];
    rig.records.clear();
    // 16 KB beside 48 KB is too much; 48 KB alone is not.
    rig.finish(job, variables(format!(r#"{{"x":"{}"}}"#, "y".repeat(16_300)))).unwrap();
    assert_eq!((rig.count("JOB CREATED"), rig.count("PENDING_COMMAND CREATED")), (0, 1));
    assert_eq!(rig.streams.open[0].as_ref().unwrap().credit, 9, "the credit of the undone step is back");
    rig.restart();
    rig.run_due();
    assert_eq!((rig.count("INCIDENT CREATED"), rig.names.jobs.len()), (0, 2));
    assert_eq!(rig.streams.open[0].as_ref().unwrap().credit, 8);
}

#[test]
fn large_events_of_an_element_behind_a_completed_job_raise_an_incident_there() {
    let mut rig =
        Rig::with(EngineSettings { entry_bytes_max: 1 << 20, ..EngineSettings::new(PartitionId(1)) });
    let orders = inputs("=for o in orders return {order: o, customer: customer}", 1);
    let body = [&task("t", "w", "")[..], &task("u", "w", &orders), &flow("s", "t"), &flow("t", "u")].concat();
    rig.deploy_body("orders", &body);
    rig.deploy_body("neighbor", &[&task("t", "n", "")[..], &flow("s", "t")].concat());
    let orders: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    let json =
        format!(r#"{{"orders":[{}],"customer":{{"name":"{}"}}}}"#, orders.join(","), "c".repeat(20_000));
    rig.start("orders", variables(json)).unwrap();
    let job = rig.take_jobs("w")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.restart();
    rig.run_due();
    rig.expect_too_large("u");
    rig.restart();
    rig.start("neighbor", VariableDocument::default()).unwrap();
    let job = rig.take_jobs("n")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    assert_eq!(rig.engine.next_due(&rig.tables), None);
}

#[test]
fn a_completion_whose_outputs_do_not_fit_keeps_what_the_worker_brought() {
    let mut rig = small();
    let outputs = inputs("=x", 6).replace("zeebe:input", "zeebe:output");
    rig.deploy_body("out", &[&task("t", "w", &outputs)[..], &flow("s", "t")].concat());
    let instance = rig.start("out", VariableDocument::default()).unwrap();
    let job = rig.take_jobs("w")[0];
    rig.records.clear();
    rig.finish(job, variables(format!(r#"{{"x":"{}"}}"#, "y".repeat(12_000)))).unwrap();
    assert_eq!((rig.count("JOB COMPLETED"), rig.count("VARIABLE CREATED")), (1, 1));
    let incident = rig.expect_too_large("t");
    let element = rig.names.elements.last().unwrap().2;
    let (variables, semantics) = (variables(r#"{"x":1}"#.to_owned()), UpdateSemantics::Local);
    rig.send(&Command::SetVariables { element_instance_key: element, variables, semantics });
    rig.resolve(incident);
    rig.run_due();
    assert!(rig.tables.element_instance(instance).is_none());
}

#[test]
fn a_command_that_fits_into_no_entry_is_rejected_and_changes_nothing() {
    let mut rig = small();
    rig.deploy_body("one", &[&task("t", "w", "")[..], &flow("s", "t")].concat());
    let large = || variables(format!(r#"{{"x":"{}"}}"#, "y".repeat(SMALL)));
    assert_eq!(rig.start("one", large()), Err(RejectionType::ExceededBatchRecordSize));
    let instance = rig.start("one", VariableDocument::default()).unwrap();
    let job = rig.take_jobs("w")[0];
    assert_eq!(rig.finish(job, large()), Err(RejectionType::ExceededBatchRecordSize));
    let semantics = UpdateSemantics::Local;
    let request =
        rig.send(&Command::SetVariables { element_instance_key: instance, variables: large(), semantics });
    assert_eq!(rig.answer(request).unwrap().unwrap_err().kind, RejectionType::ExceededBatchRecordSize);
    rig.finish(job, VariableDocument::default()).unwrap();
    assert!(rig.tables.element_instance(instance).is_none());
}

#[test]
fn as_many_variables_as_an_entry_has_records_are_rejected() {
    let mut rig = Rig::default();
    rig.deploy_body("one", &[&task("t", "w", "")[..], &flow("s", "t")].concat());
    let many = |count: usize| {
        let members: Vec<String> = (0..count).map(|number| format!("\"v{number}\":1")).collect();
        variables(format!("{{{}}}", members.join(",")))
    };
    assert_eq!(rig.start("one", many(65_534)), Err(RejectionType::ExceededBatchRecordSize));
    // What follows finds no room and waits for the next entry.
    rig.start("one", many(65_530)).unwrap();
    rig.run_due();
    assert_eq!(rig.take_jobs("w").len(), 1);
}

/// Forks whose flows do not fit into one entry together: each waits for its turn, also after a restart.
#[test]
fn wide_forks_behind_each_other_wait_for_their_turn() {
    let mut rig =
        Rig::with(EngineSettings { entry_bytes_max: 256 << 10, ..EngineSettings::new(PartitionId(1)) });
    let width = 300;
    let mut body = String::from(
        r#"<bpmn:parallelGateway id="g0" /><bpmn:exclusiveGateway id="x" /><bpmn:parallelGateway id="g1" /><bpmn:manualTask id="t" />"#,
    );
    body.push_str(&flow("s", "g0"));
    for number in 0..4 {
        body.push_str(&format!(r#"<bpmn:sequenceFlow id="x{number}" sourceRef="g0" targetRef="x" />"#));
    }
    body.push_str(&flow("x", "g1"));
    for number in 0..width {
        body.push_str(&format!(r#"<bpmn:sequenceFlow id="t{number}" sourceRef="g1" targetRef="t" />"#));
    }
    rig.deploy_body("forks", &body);
    let instance = rig.start("forks", VariableDocument::default()).unwrap();
    rig.restart();
    rig.run_due();
    let is_task_left = |record: &&String| record.contains("COMPLETED") && record.contains("MANUAL_TASK");
    assert_eq!(rig.records.iter().filter(is_task_left).count(), 4 * width);
    assert!(rig.tables.element_instance(instance).is_none());
}

#[test]
fn texts_of_incidents_and_rejections_are_bounded() {
    let mut rig = Rig::default();
    rig.deploy_body("one", &[&task("t", "w", "")[..], &flow("s", "t")].concat());
    rig.start("one", VariableDocument::default()).unwrap();
    let job_key = rig.take_jobs("w")[0];
    rig.send(&Command::FailJob(FailJob {
        job_key,
        retries: 0,
        retry_backoff: DurationMs(0),
        error_message: "ä".repeat(1 << 20),
        variables: VariableDocument::default(),
    }));
    let incident = rig.tables.incident(rig.names.incidents[0]).unwrap();
    assert_eq!(incident.error_message.len(), TEXT_BYTES_MAX);
    assert!(rig.tables.job(job_key).unwrap().error_message().len() <= TEXT_BYTES_MAX);
    let request = rig.send(&Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: "x".repeat(1 << 20) },
        variables: VariableDocument::default(),
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: DEFAULT_TENANT.into(),
        tags: Vec::new(),
        business_id: String::new(),
        await_result: None,
    }));
    assert!(rig.answer(request).unwrap().unwrap_err().reason.len() <= TEXT_BYTES_MAX);
}
