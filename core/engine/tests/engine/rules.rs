//! Rules that no recorded scenario shows: bounds, bans, credit, sizes.

use crate::rig::{OpenStream, Rig};
use expect_test::{Expect, expect};
use ringbolt_engine::{Effect, EngineSettings, Outcome};
use ringbolt_record::command::{
    ActivateJobs, CreateDeployment, CreateProcessInstance, DecisionSelector, DefinitionSelector,
    EvaluateDecision, EvaluateExpression, Resource,
};
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, Key, PartitionId, RejectionType, Reply, VariableDocument,
};
use ringbolt_store::TableId;

fn model(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/models");
    std::fs::read(format!("{folder}/{name}.bpmn")).unwrap()
}

impl Rig {
    pub(crate) fn deploy(&mut self, name: &str) {
        let resources = vec![Resource { name: format!("{name}.bpmn"), content: model(name).into() }];
        let tenant_id = DEFAULT_TENANT.to_owned();
        self.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
        self.records.clear();
    }

    pub(crate) fn create(&mut self, id: &str, json: &str) -> Key {
        let variables = VariableDocument::parse(bytes::Bytes::copy_from_slice(json.as_bytes())).unwrap();
        let request = self.send(&create(id, variables));
        match self.answer(request) {
            Some(Ok(Reply::ProcessInstanceCreated(created))) => created.process_instance_key,
            other => panic!("{other:?}"),
        }
    }

    /// Keys of the jobs that a worker gets, whether there would be more, and in how many bytes.
    pub(crate) fn activate(&mut self, job_type: &str, jobs_max: u32, bytes_max: u32) -> (Vec<Key>, bool) {
        let request = self.send(&Command::ActivateJobs(ActivateJobs {
            job_type: job_type.into(),
            worker: "w".into(),
            timeout: DurationMs(60_000),
            jobs_max,
            bytes_max,
            fetch_variables: Vec::new(),
            tenant_ids: Vec::new(),
            with_leases: false,
        }));
        match self.answer(request) {
            Some(Ok(Reply::JobsActivated(batch))) => {
                (batch.jobs.iter().map(|job| job.key).collect(), batch.truncated)
            }
            other => panic!("{other:?}"),
        }
    }

    /// A stream of jobs of the type `work`.
    pub(crate) fn open_stream(&mut self, credit: u32) {
        self.streams.open.push(Some(OpenStream {
            job_type: "work".into(),
            worker: "s".into(),
            timeout: DurationMs(1000),
            fetch: [].into(),
            credit,
        }));
    }

    /// What the stream that was opened first has left.
    fn credit(&self) -> u32 {
        self.streams.open[0].as_ref().expect("it is open").credit
    }

    pub(crate) fn complete(&mut self, job_key: Key) {
        self.send(&Command::CompleteJob { job_key, variables: VariableDocument::default() });
    }

    /// What was written since the last check, without keys.
    pub(crate) fn check(&mut self, expected: &Expect) {
        let mut text = String::new();
        for record in std::mem::take(&mut self.records) {
            let words = record.split(' ').filter(|word| {
                let name = word.split('=').next().unwrap_or_default().to_lowercase();
                !name.ends_with("key") && !name.ends_with("keys") && name != "bpmnelementtype"
            });
            text.push_str(&words.collect::<Vec<_>>().join(" "));
            text.push('\n');
        }
        expected.assert_eq(&text);
    }
}

pub(crate) fn create(id: &str, variables: VariableDocument) -> Command {
    Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: id.into() },
        variables,
        start_element_ids: Vec::new(),
        terminate_after_element_ids: Vec::new(),
        tenant_id: DEFAULT_TENANT.into(),
        tags: Vec::new(),
        business_id: String::new(),
        await_result: None,
    })
}

#[test]
fn follow_ups_beyond_the_bound_wait_for_the_next_entry() {
    let settings = EngineSettings { batch_steps_max: 2, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy("start_end");
    rig.create("start_end", "{}");
    rig.check(&expect![[r#"
        E PROCESS_INSTANCE_CREATION CREATED bpmnProcessId=start_end version=1
        E PROCESS_INSTANCE ELEMENT_ACTIVATING elementId=start_end
        E PROCESS_INSTANCE ELEMENT_ACTIVATED elementId=start_end
        E PROCESS_INSTANCE ELEMENT_ACTIVATING bpmnEventType=NONE elementId=start
        E PROCESS_INSTANCE ELEMENT_ACTIVATED bpmnEventType=NONE elementId=start
        E PENDING_COMMAND CREATED count=1
    "#]]);
    rig.restart();
    let entries = rig.entries.len();
    rig.run_due();
    assert!(rig.entries.len() > entries + 1, "each entry takes its share");
    assert_eq!(rig.tables.instance_with_follow_ups(Key(0)), None);
    assert_eq!(rig.engine.next_due(&rig.tables), None);
    let last: Vec<&String> = rig.records.iter().rev().take(1).collect();
    assert!(last[0].contains("ELEMENT_COMPLETED"), "{last:?}");
}

#[test]
fn an_entry_past_its_bytes_takes_no_more_steps() {
    let settings = EngineSettings { batch_bytes_max: 1, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.deploy("start_end");
    rig.create("start_end", "{}");
    rig.check(&expect![[r#"
        E PROCESS_INSTANCE_CREATION CREATED bpmnProcessId=start_end version=1
        E PENDING_COMMAND CREATED count=1
    "#]]);
}

#[test]
fn an_unexpected_failure_bans_the_instance_until_it_is_canceled() {
    const PROCESSES: TableId = TableId(1);
    let mut rig = Rig::default();
    rig.deploy("one_task");
    let instance = rig.create("one_task", "{}");
    rig.create("one_task", "{}");
    let (jobs, _) = rig.activate("work", 2, 1000);
    rig.check(&expect![[r#"
        E PROCESS_INSTANCE_CREATION CREATED bpmnProcessId=one_task version=1
        E PROCESS_INSTANCE ELEMENT_ACTIVATING elementId=one_task
        E PROCESS_INSTANCE ELEMENT_ACTIVATED elementId=one_task
        E PROCESS_INSTANCE ELEMENT_ACTIVATING bpmnEventType=NONE elementId=start
        E PROCESS_INSTANCE ELEMENT_ACTIVATED bpmnEventType=NONE elementId=start
        E PROCESS_INSTANCE ELEMENT_COMPLETING bpmnEventType=NONE elementId=start
        E PROCESS_INSTANCE ELEMENT_COMPLETED bpmnEventType=NONE elementId=start
        E PROCESS_INSTANCE SEQUENCE_FLOW_TAKEN elementId=start_to_task
        E PROCESS_INSTANCE ELEMENT_ACTIVATING elementId=task
        E JOB CREATED type=work retries=3 elementId=task
        E PROCESS_INSTANCE ELEMENT_ACTIVATED elementId=task
        E PROCESS_INSTANCE_CREATION CREATED bpmnProcessId=one_task version=1
        E PROCESS_INSTANCE ELEMENT_ACTIVATING elementId=one_task
        E PROCESS_INSTANCE ELEMENT_ACTIVATED elementId=one_task
        E PROCESS_INSTANCE ELEMENT_ACTIVATING bpmnEventType=NONE elementId=start
        E PROCESS_INSTANCE ELEMENT_ACTIVATED bpmnEventType=NONE elementId=start
        E PROCESS_INSTANCE ELEMENT_COMPLETING bpmnEventType=NONE elementId=start
        E PROCESS_INSTANCE ELEMENT_COMPLETED bpmnEventType=NONE elementId=start
        E PROCESS_INSTANCE SEQUENCE_FLOW_TAKEN elementId=start_to_task
        E PROCESS_INSTANCE ELEMENT_ACTIVATING elementId=task
        E JOB CREATED type=work retries=3 elementId=task
        E PROCESS_INSTANCE ELEMENT_ACTIVATED elementId=task
        E JOB_BATCH ACTIVATED type=work worker=w 2251799813685262]
    "#]]);
    // The definition is lost: what cannot happen has happened.
    rig.restart();
    let definition = rig.names.definitions[0].0.to_be_bytes();
    let row = rig.tables.store().get(PROCESSES, &definition).unwrap().to_vec();
    rig.change_both(|tables| {
        tables.store_mut().delete(PROCESSES, &definition, ringbolt_store::RowOwner::Shared);
    });
    rig.complete(jobs[0]);
    rig.complete(jobs[0]);
    rig.check(&expect![[r#"
        E ERROR CREATED message="Expected to find process definition with '2251799813685250', but none found"
    "#]]);
    let kinds: Vec<RejectionType> = rig
        .effects
        .drain(..)
        .filter_map(|effect| match effect {
            Effect::Reply { result: Err(rejection), .. } => Some(rejection.kind),
            Effect::Reply { .. }
            | Effect::PushJob { .. }
            | Effect::JobsAvailable { .. }
            | Effect::Send { .. } => None,
        })
        .collect();
    assert_eq!(kinds, [RejectionType::ProcessingError, RejectionType::InvalidState]);
    // A job that times out meanwhile is due only once.
    rig.now = rig.now.plus(DurationMs(60_000));
    rig.run_due();
    assert_eq!(rig.engine.next_due(&rig.tables), None);
    rig.records.clear();
    // Back again; the other instance goes on, the banned one can only be canceled.
    rig.change_both(|tables| tables.store_mut().put(PROCESSES, &definition, &row));
    assert_eq!(rig.activate("work", 1, 1000).0, [jobs[1]]);
    rig.complete(jobs[1]);
    rig.records.clear();
    rig.complete(jobs[0]);
    rig.send(&Command::CancelProcessInstance { process_instance_key: instance });
    rig.check(&expect![[r#"
        E PROCESS_INSTANCE ELEMENT_TERMINATING elementId=one_task
        E PROCESS_INSTANCE ELEMENT_TERMINATING elementId=task
        E PROCESS_INSTANCE ELEMENT_TERMINATED elementId=task
        E PROCESS_INSTANCE ELEMENT_TERMINATED elementId=one_task
    "#]]);
    assert!(!rig.tables.is_banned(instance));
}

#[test]
fn a_batch_stops_at_its_bytes_and_a_job_that_fits_nowhere_raises_an_incident() {
    let mut rig = Rig::with(EngineSettings { job_bytes_max: 3000, ..EngineSettings::new(PartitionId(1)) });
    rig.deploy("one_task");
    for bytes in [1000, 1000, 1000, 3000, 1000] {
        rig.create("one_task", &format!(r#"{{"text":"{}"}}"#, "x".repeat(bytes)));
    }
    let (jobs, truncated) = rig.activate("work", 4, 3000);
    assert_eq!((jobs.len(), truncated), (2, true));
    rig.records.clear();
    // For what is left of a poll's bytes when others gave it jobs, a job may be too large, but nothing is wrong with it.
    assert_eq!(rig.activate("work", 4, 1000), (Vec::new(), false));
    assert_eq!(rig.records, Vec::<String>::new());
    let (jobs, truncated) = rig.activate("work", 4, 3000);
    assert_eq!((jobs.len(), truncated), (1, true));
    rig.records.clear();
    let (jobs, truncated) = rig.activate("work", 4, 3000);
    assert_eq!((jobs.len(), truncated), (0, true));
    assert!(rig.records[0].contains("errorType=MESSAGE_SIZE_EXCEEDED"), "{:?}", rig.records);
    assert_eq!(rig.activate("work", 4, 3000).0.len(), 1);
}

#[test]
fn a_job_that_fits_nowhere_is_pushed_to_nobody() {
    let mut rig = Rig::with(EngineSettings { job_bytes_max: 3000, ..EngineSettings::new(PartitionId(1)) });
    rig.deploy("one_task");
    rig.open_stream(2);
    rig.create("one_task", &format!(r#"{{"text":"{}"}}"#, "x".repeat(3000)));
    assert_eq!(
        (rig.count("JOB_BATCH ACTIVATED"), rig.count("MESSAGE_SIZE_EXCEEDED"), rig.credit()),
        (0, 1, 2)
    );
    rig.create("one_task", "{}");
    assert_eq!((rig.count("JOB_BATCH ACTIVATED"), rig.credit()), (1, 1));
}

#[test]
fn a_job_that_waits_behind_others_takes_no_credit() {
    let mut rig = Rig::default();
    rig.deploy("one_task");
    rig.create("one_task", "{}");
    rig.open_stream(5);
    rig.create("one_task", "{}");
    assert_eq!(rig.credit(), 5);
    let available = |rig: &Rig| {
        rig.effects.iter().filter(|effect| matches!(effect, Effect::JobsAvailable { .. })).count()
    };
    assert_eq!(available(&rig), 2);
    let (jobs, _) = rig.activate("work", 5, 10_000);
    assert_eq!(jobs.len(), 2);
    rig.create("one_task", "{}");
    assert_eq!((rig.credit(), available(&rig)), (4, 2));
}

#[test]
fn an_activation_without_jobs_writes_nothing() {
    let mut rig = Rig::default();
    let command = Command::ActivateJobs(ActivateJobs {
        job_type: "work".into(),
        worker: "w".into(),
        timeout: DurationMs(1),
        jobs_max: 1,
        bytes_max: 1,
        fetch_variables: Vec::new(),
        tenant_ids: Vec::new(),
        with_leases: false,
    });
    assert_eq!(rig.process(&command, None), Outcome::RejectionOnly);
    assert!(rig.entries.is_empty());
}

/// Takes the commands that are for another partition.
fn sent(rig: &mut Rig) -> Vec<Command> {
    rig.effects
        .drain(..)
        .filter_map(|effect| match effect {
            Effect::Send { command, .. } => Some(command),
            Effect::Reply { .. } | Effect::PushJob { .. } | Effect::JobsAvailable { .. } => None,
        })
        .collect()
}

#[test]
fn a_deployment_that_no_entry_holds_is_refused() {
    let mut rig = Rig::default();
    let process = |number: usize| {
        format!(r#"<process id="p{number}" isExecutable="true"><startEvent id="s{number}"/></process>"#)
    };
    let content = format!(
        r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><!--{}-->{}</definitions>"#,
        "x".repeat(3 << 20),
        (0..5).map(process).collect::<String>()
    );
    let resources = vec![Resource { name: "many.bpmn".to_owned(), content: content.into_bytes().into() }];
    let tenant_id = DEFAULT_TENANT.to_owned();
    let request = rig.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
    let rejection = rig.answer(request).unwrap().unwrap_err();
    assert_eq!(rejection.kind, RejectionType::ExceededBatchRecordSize);
    assert!(rig.entries.is_empty());
}

#[test]
fn decisions_reach_another_partition_whole() {
    let (one, two) = (PartitionId(1), PartitionId(2));
    let settings = EngineSettings { partition_count: 2, ..EngineSettings::new(one) };
    let mut first = Rig::with(settings);
    let mut second = Rig::with(EngineSettings { partition_count: 2, ..EngineSettings::new(two) });
    let names = ["tagged.dmn", "rule_version_tag.bpmn"];
    first.send(&deployment(&names));
    first.send(&deployment(&names));
    let sent = sent(&mut first);
    assert_eq!(sent.len(), 1, "what changes nothing is not sent");
    second.send(&sent[0]);
    second.check(&expect![[r#"
        E ROUTING CHANGED partitionCount=2
        E PARTITION_MESSAGE RECEIVED partitionId=1 sequence=1
        E PROCESS CREATED bpmnProcessId=rule_version_tag version=1 resourceName=rule_version_tag.bpmn
        E DECISION_REQUIREMENTS CREATED decisionRequirementsId=tagged_answers decisionRequirementsName="Tagged answers" decisionRequirementsVersion=1 namespace=http://camunda.org/schema/1.0/dmn resourceName=tagged.dmn
        E DECISION CREATED decisionId=tagged decisionName=Tagged decisionRequirementsId=tagged_answers version=1 versionTag=stable
        E DECISION CREATED decisionId=untagged decisionName=Untagged decisionRequirementsId=tagged_answers version=1
        E DEPLOYMENT DISTRIBUTED processesMetadata=[(bpmnProcessId=rule_version_tag resourceName=rule_version_tag.bpmn version=1)] decisionsMetadata=[(decisionId=tagged decisionName=Tagged decisionRequirementsId=tagged_answers version=1 versionTag=stable) (decisionId=untagged decisionName=Untagged decisionRequirementsId=tagged_answers version=1)] decisionRequirementsMetadata=[(decisionRequirementsId=tagged_answers decisionRequirementsName="Tagged answers" decisionRequirementsVersion=1 namespace=http://camunda.org/schema/1.0/dmn resourceName=tagged.dmn)]
    "#]]);
    second.create("rule_version_tag", "{}");
    let evaluated =
        second.records.iter().filter(|line| line.contains("DECISION_EVALUATION EVALUATED")).count();
    assert_eq!(evaluated, 1);
}

fn deployment(names: &[&str]) -> Command {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/models");
    let resource = |name: &&str| Resource {
        name: (*name).to_owned(),
        content: std::fs::read(format!("{folder}/{name}")).unwrap().into(),
    };
    let resources = names.iter().map(resource).collect();
    Command::CreateDeployment(CreateDeployment { resources, tenant_id: DEFAULT_TENANT.to_owned() })
}

fn evaluate(decision_id: &str, json: &str) -> Command {
    Command::EvaluateDecision(EvaluateDecision {
        decision: DecisionSelector::Latest { decision_id: decision_id.to_owned() },
        variables: VariableDocument::parse(bytes::Bytes::copy_from_slice(json.as_bytes())).unwrap(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    })
}

#[test]
fn an_evaluation_that_is_too_large_to_be_recorded_is_refused() {
    let settings = EngineSettings { batch_bytes_max: 2_000, ..EngineSettings::new(PartitionId(1)) };
    let mut rig = Rig::with(settings);
    rig.send(&deployment(&["dinner.dmn", "failing.dmn", "rule_checked.bpmn"]));
    rig.records.clear();
    let request = rig.send(&evaluate("guests", r#"{"names":[1]}"#));
    assert!(matches!(rig.answer(request), Some(Ok(Reply::DecisionEvaluated(_)))));
    let request = rig.send(&evaluate("warned", &format!(r#"{{"missing":"{}"}}"#, "x".repeat(1_000))));
    let rejection = rig.answer(request).unwrap().unwrap_err();
    assert_eq!(rejection.kind, RejectionType::ExceededBatchRecordSize);
    assert_eq!(rig.records.len(), 1, "{:?}", rig.records);
}

#[test]
fn an_expression_is_evaluated_without_an_entry() {
    let mut rig = Rig::default();
    let mut outcome = |expression: &str| {
        let variables = VariableDocument::parse(bytes::Bytes::from_static(br#"{"x":[1,2]}"#)).unwrap();
        let expression = expression.to_owned();
        let command = Command::EvaluateExpression(EvaluateExpression { expression, variables });
        let request = rig.send(&command);
        match rig.answer(request) {
            Some(Ok(Reply::ExpressionEvaluated(evaluation))) => {
                format!("{} {:?}", String::from_utf8_lossy(&evaluation.result), evaluation.warnings)
            }
            Some(Err(rejection)) => format!("{} {}", rejection.kind, rejection.reason),
            other => panic!("{other:?}"),
        }
    };
    let shown: String = ["=sum(x)", "=y", "= x[1] = now()", "static", "=x +", "=assert(x, false)", " "]
        .iter()
        .map(|expression| format!("{expression}: {}\n", outcome(expression)))
        .collect();
    expect![[r#"
        =sum(x): 3 []
        =y: null ["No variable found with name 'y'"]
        = x[1] = now(): null ["Can't compare '1' with '2030-01-01T00:00:00Z'"]
        static: "static" []
        =x +: INVALID_ARGUMENT Failed to parse expression: failed to parse expression 'x +': expected a name or a value at 1:4, found the end
        =assert(x, false): PROCESSING_ERROR Assertion failure on evaluate the expression 'assert(x, false)': The condition is not fulfilled The evaluation reported the following warnings:
        [ASSERT_FAILURE] The condition is not fulfilled
         : INVALID_ARGUMENT The expression must not be blank or empty
    "#]].assert_eq(&shown);
    assert!(rig.entries.is_empty());
}

#[test]
fn the_rejection_of_a_large_deployment_fits_into_a_header() {
    let mut rig = Rig::default();
    let resource = |number| Resource { name: format!("{number}.bpmn"), content: vec![b'<'; 4].into() };
    let request = rig.send(&Command::CreateDeployment(CreateDeployment {
        resources: (0..200).map(resource).collect(),
        tenant_id: DEFAULT_TENANT.to_owned(),
    }));
    let rejection = rig.answer(request).unwrap().unwrap_err();
    assert!(rejection.reason.len() < 4_500, "{}", rejection.reason.len());
    expect!["and 152 more errors"].assert_eq(rejection.reason.lines().last().unwrap_or_default());
}
