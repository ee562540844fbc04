//! Runs the recorded scenarios of the reference engine and compares events, answers and rejections.

use crate::answers::{deployment_lines, evaluation_line, job_text, variables_text};
use crate::print::quote;
use crate::reduce::{reduce, split};
use crate::rig::{OpenStream, Rig};
use crate::{ad_hoc, business_ids, migrations, modifications, user_tasks};
use bytes::Bytes;
use ringbolt_engine::Effect;
use ringbolt_record::command::{
    ActivateJobs, AwaitResult, BroadcastSignal, CorrelateMessage, CreateDeployment, CreateProcessInstance,
    DecisionSelector, DefinitionSelector, EvaluateDecision, FailJob, JobUpdateKind, PublishMessage, Resource,
    UpdateSemantics,
};
use ringbolt_record::reply::ProcessInstanceReply;
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, Key, Rejection, Reply, RequestId, VariableDocument,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the scenarios are: `RINGBOLT_SCENARIOS`, for a run over others than the project's own.
pub(crate) fn folder() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    std::env::var_os("RINGBOLT_SCENARIOS").map_or_else(own, PathBuf::from)
}

/// How a scenario is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    /// The engine is lost after every step and comes back from the log.
    RestartEachStep,
}

#[test]
fn as_the_reference_engine_answers() {
    run_all(Way::Plain);
}

#[test]
fn the_same_with_a_restart_after_every_step() {
    run_all(Way::RestartEachStep);
}

/// What is known to differ, and wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Only the texts of rejections.
    Texts,
    /// Events or answers too.
    All,
}

/// Reads `- area/name (texts): reason` and `- area/name: reason`.
fn known_differences() -> BTreeMap<String, Known> {
    let text = std::fs::read_to_string(folder().join("DIFFERENCES.md")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(": "));
    lines
        .map(|(name, _)| match name.strip_suffix(" (texts)") {
            Some(name) => (name.to_owned(), Known::Texts),
            None => (name.to_owned(), Known::All),
        })
        .collect()
}

fn without_texts(lines: &[String]) -> Vec<String> {
    let shorten = |line: &String| match line.starts_with("R ") {
        true => line.split(" reason=").next().unwrap_or_default().to_owned(),
        false => line.clone(),
    };
    lines.iter().map(shorten).collect()
}

fn run_all(way: Way) {
    let differences = known_differences();
    let only = std::env::var("SCENARIO").unwrap_or_default();
    let mut failed = Vec::new();
    let mut count = 0;
    for area in sorted(&folder()) {
        for file in sorted(&area) {
            let name = format!("{}/{}", stem(&area), stem(&file));
            if file.extension().is_none_or(|ending| ending != "scn") || !name.contains(&only) {
                continue;
            }
            // Who waits for a result is forgotten with the engine.
            if way == Way::RestartEachStep && name.starts_with("result/") {
                continue;
            }
            count += 1;
            let text = std::fs::read_to_string(&file).unwrap();
            let expected = std::fs::read_to_string(file.with_extension("expected")).unwrap();
            let actual = Runner::new(way).run(&text);
            let (mut expected, mut actual) = (reduce(&expected), reduce(&actual));
            if way == Way::RestartEachStep {
                expected.retain(|line| !is_late(line));
                actual.retain(|line| !is_late(line));
            }
            let known = differences.get(&name).copied();
            if (expected == actual) == known.is_some() {
                failed
                    .push(format!("{name} (known to differ: {known:?})\n{}", difference(&expected, &actual)));
            } else if known == Some(Known::Texts) {
                let (expected, actual) = (without_texts(&expected), without_texts(&actual));
                if expected != actual {
                    failed.push(format!("{name} without texts\n{}", difference(&expected, &actual)));
                }
            }
        }
    }
    assert!(count > 100 || !only.is_empty(), "only {count} scenarios were found");
    let names: Vec<&str> = failed.iter().filter_map(|text| text.lines().next()).collect();
    assert!(failed.is_empty(), "{} of {count} differ: {names:#?}\n{}", failed.len(), failed.join("\n"));
}

/// Whether a line is the answer to an earlier step: who waits for one is forgotten with the engine.
fn is_late(line: &str) -> bool {
    line.starts_with('=') && line.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The first lines that differ, with what is around them.
fn difference(expected: &[String], actual: &[String]) -> String {
    let at =
        expected.iter().zip(actual).position(|(a, b)| a != b).unwrap_or(expected.len().min(actual.len()));
    let from = at.saturating_sub(2);
    let show = |lines: &[String]| -> String {
        let shown = lines.iter().skip(from).take(6);
        shown.map(|line| format!("    {}\n", line.chars().take(400).collect::<String>())).collect()
    };
    format!("  expected:\n{}  actual:\n{}", show(expected), show(actual))
}

/// A step: its words, its options and its JSON document.
pub(crate) struct Step {
    pub(crate) words: Vec<String>,
    options: BTreeMap<String, String>,
    pub(crate) json: Option<String>,
}

impl Step {
    fn of(line: &str) -> Self {
        let (command, json) = match line.find(" {") {
            Some(at) => (&line[..at], Some(line[at + 1..].to_owned())),
            None => match line.strip_suffix(" null") {
                Some(command) => (command, Some("null".to_owned())),
                None => (line, None),
            },
        };
        let (words, options) = split(command);
        let plain = |text: &String| match text.strip_prefix('"') {
            Some(_) => serde_json::from_str(text).unwrap(),
            None => text.clone(),
        };
        let options = options.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        Self { words: words.iter().map(plain).collect(), options, json }
    }

    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.option(name).map(|value| value.parse().unwrap())
    }

    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let list = self.option(name).unwrap_or_default();
        list.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// The document with sorted names, as the recorder sent it.
    pub(crate) fn variables(&self) -> VariableDocument {
        let Some(json) = &self.json else { return VariableDocument::default() };
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        VariableDocument::parse(Bytes::from(value.to_string())).unwrap()
    }
}

fn update(job_key: Key, retries: Option<i32>, timeout: Option<DurationMs>, kind: JobUpdateKind) -> Command {
    Command::UpdateJob { job_key, retries, timeout, priority: None, kind }
}

/// What instances wait for.
fn thrown(step: &Step) -> Command {
    let text = |name: &str| step.option(name).unwrap_or_default().to_owned();
    let name = step.words.get(1).cloned().unwrap_or_default();
    let (variables, tenant_id) = (step.variables(), DEFAULT_TENANT.to_owned());
    let (correlation_key, business_id) = (text("key"), text("business-id"));
    match step.words[0].as_str() {
        "correlate" => {
            let message = CorrelateMessage { name, correlation_key, business_id, variables, tenant_id };
            Command::CorrelateMessage(message)
        }
        "broadcast" => Command::BroadcastSignal(BroadcastSignal { name, variables, tenant_id }),
        _ => Command::PublishMessage(PublishMessage {
            name,
            correlation_key,
            time_to_live: DurationMs(step.number("ttl").unwrap_or(0)),
            message_id: text("id"),
            business_id,
            variables,
            tenant_id,
        }),
    }
}

/// The log's entries after a scenario.
pub(crate) fn entries_of(scenario: &str) -> Vec<Vec<u8>> {
    rig_of(scenario).entries
}

/// What a scenario leaves behind.
pub(crate) fn rig_of(scenario: &str) -> Rig {
    let mut runner = Runner::new(Way::Plain);
    runner.play(scenario);
    runner.rig
}

struct Runner {
    rig: Rig,
    way: Way,
    out: String,
    /// Requests not answered yet, with the number of their step.
    waiting: Vec<(RequestId, usize)>,
    streams: Vec<(String, usize)>,
}

impl Runner {
    fn new(way: Way) -> Self {
        Self { rig: Rig::default(), way, out: String::new(), waiting: Vec::new(), streams: Vec::new() }
    }

    fn run(mut self, text: &str) -> String {
        self.play(text);
        self.out
    }

    fn play(&mut self, text: &str) {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for (number, line) in lines.enumerate() {
            self.out.push_str(&format!("> {line}\n"));
            self.step(&Step::of(line), number + 1);
            // The reference looks for what is due once a second, so scenarios let time pass for it.
            if line.starts_with("advance") {
                self.rig.run_due();
            }
            for record in std::mem::take(&mut self.rig.records) {
                self.out.push_str(&format!("{record}\n"));
            }
            self.answers(number + 1);
            if self.way == Way::RestartEachStep {
                self.rig.restart();
            }
        }
    }

    /// The key of what has that name; none if this engine did not make it, so that the scenario goes on and differs.
    fn key(&self, name: &str) -> Key {
        if let Some((instance, element)) = name.split_once(':') {
            let instance = self.key(instance);
            // An id may have a # of its own.
            let numbered = element.rsplit_once('#').and_then(|(id, number)| Some((id, number.parse().ok()?)));
            let (element, number): (&str, usize) = numbered.unwrap_or((element, 1));
            let mut found: Vec<Key> = Vec::new();
            for (of, id, key) in &self.rig.names.elements {
                if *of == instance && id == element && !found.contains(key) {
                    found.push(*key);
                }
            }
            return found.get(number - 1).copied().unwrap_or(Key::NONE);
        }
        let names = &self.rig.names;
        let lists = [
            ("job", &names.jobs),
            ("incident", &names.incidents),
            ("pi", &names.instances),
            ("process", &names.definitions),
            ("decision", &names.decisions),
            ("drg", &names.decision_requirements),
            ("form", &names.forms),
            ("resource", &names.resources),
            ("task", &names.user_tasks),
        ];
        for (prefix, keys) in lists {
            if let Some(number) = name.strip_prefix(prefix).and_then(|number| number.parse::<usize>().ok()) {
                return keys.get(number - 1).copied().unwrap_or(Key::NONE);
            }
        }
        Key::from_wire(name.parse().unwrap_or_else(|_| panic!("no key {name}")))
    }

    fn step(&mut self, step: &Step, number: usize) {
        let command = match step.words[0].as_str() {
            "advance" => {
                self.rig.now = self.rig.now.plus(DurationMs(step.words[1].parse().unwrap()));
                return;
            }
            "open-stream" => {
                self.streams.push((step.words[1].clone(), number));
                self.rig.streams.open.push(Some(OpenStream {
                    job_type: step.words[1].clone(),
                    worker: step.option("worker").unwrap_or_default().into(),
                    timeout: DurationMs(step.number("timeout").unwrap_or(60_000)),
                    fetch: step.list("fetch").into(),
                    credit: 1000,
                }));
                return;
            }
            "close-stream" => {
                self.rig.streams.open.iter_mut().for_each(|stream| *stream = None);
                return;
            }
            _ => self.command(step),
        };
        let request = self.rig.send(&command);
        self.waiting.push((request, number));
    }

    fn command(&self, step: &Step) -> Command {
        let target = |at: usize| self.key(&step.words[at]);
        let text = |name: &str| step.option(name).unwrap_or_default().to_owned();
        let retries = step.number("retries").map(|number| number as i32);
        let timeout = step.number("timeout").map(DurationMs);
        match step.words[0].as_str() {
            "deploy" => self.deploy(step),
            "create" => self.create(step),
            "evaluate" => self.evaluate(step),
            "cancel" => Command::CancelProcessInstance { process_instance_key: target(1) },
            "assign-business-id" => Command::AssignBusinessId {
                process_instance_key: target(1),
                business_id: step.words[2].clone(),
            },
            "suspend" => Command::SuspendProcessInstance { process_instance_key: target(1) },
            "resume" => Command::ResumeProcessInstance { process_instance_key: target(1) },
            "activate" => Command::ActivateJobs(ActivateJobs {
                job_type: step.words.get(1).cloned().unwrap_or_default(),
                worker: text("worker"),
                timeout: timeout.unwrap_or(DurationMs(60_000)),
                jobs_max: step.number("max").unwrap_or(1).max(0) as u32,
                bytes_max: 4 << 20,
                fetch_variables: step.list("fetch"),
                tenant_ids: Vec::new(),
                with_leases: false,
            }),
            "ad-hoc" | "complete-ad-hoc" => ad_hoc::command(step, target(1)),
            "complete" => business_ids::completion(step, target(1)),
            "fail" => Command::FailJob(FailJob {
                job_key: target(1),
                retries: retries.unwrap_or(0),
                retry_backoff: DurationMs(step.number("backoff").unwrap_or(0)),
                error_message: text("message"),
                variables: step.variables(),
            }),
            "throw" => Command::ThrowJobError {
                job_key: target(1),
                error_code: text("code"),
                error_message: text("message"),
                variables: step.variables(),
            },
            "update-retries" => update(target(1), Some(retries.unwrap_or(0)), None, JobUpdateKind::Retries),
            "update-timeout" => update(target(1), None, timeout, JobUpdateKind::Timeout),
            "update" => update(target(1), retries, timeout, JobUpdateKind::Both),
            "complete-task" | "assign" | "unassign" | "claim" | "update-task" => {
                Command::UserTask(user_tasks::command(step, target(1)))
            }
            "publish" | "correlate" | "broadcast" => thrown(step),
            "migrate" => migrations::command(step, |name| self.key(name)),
            "modify" => modifications::command(step, |name| self.key(name)),
            "delete" => Command::DeleteResource { resource_key: target(1), delete_history: false },
            "resolve" => Command::ResolveIncident { incident_key: target(1) },
            "set-variables" => Command::SetVariables {
                element_instance_key: target(1),
                variables: step.variables(),
                semantics: match step.words.get(2).map(String::as_str) {
                    Some("local") => UpdateSemantics::Local,
                    _ => UpdateSemantics::Propagate,
                },
            },
            other => panic!("no step {other}"),
        }
    }

    fn deploy(&self, step: &Step) -> Command {
        let resources = step.words[1..].iter().map(|word| {
            let (file, name) = word.split_once('>').unwrap_or((word, word));
            let content = std::fs::read(folder().join("models").join(file)).unwrap();
            Resource { name: name.to_owned(), content: content.into() }
        });
        Command::CreateDeployment(CreateDeployment {
            resources: resources.collect(),
            tenant_id: DEFAULT_TENANT.to_owned(),
        })
    }

    fn create(&self, step: &Step) -> Command {
        let id = step.words.get(1).filter(|word| *word != "result").cloned().unwrap_or_default();
        let definition = match (step.option("key"), step.number("version")) {
            (Some(key), _) if id.is_empty() => DefinitionSelector::Key(self.key(key)),
            (_, Some(version)) if version != -1 => {
                DefinitionSelector::Version { bpmn_process_id: id, version: version as i32 }
            }
            _ => DefinitionSelector::Latest { bpmn_process_id: id },
        };
        let waits = step.words.iter().any(|word| word == "result");
        Command::CreateProcessInstance(CreateProcessInstance {
            definition,
            variables: step.variables(),
            start_element_ids: step.list("start"),
            terminate_after_element_ids: step.list("terminate-after"),
            tenant_id: DEFAULT_TENANT.to_owned(),
            tags: step.list("tags"),
            business_id: step.option("business-id").unwrap_or_default().to_owned(),
            await_result: waits.then(|| AwaitResult { fetch_variables: step.list("fetch") }),
        })
    }

    fn evaluate(&self, step: &Step) -> Command {
        let decision_id = step.words.get(1).cloned().unwrap_or_default();
        let decision = match step.option("key").filter(|key| decision_id.is_empty() && *key != "-1") {
            Some(key) => DecisionSelector::Key(self.key(key)),
            None => DecisionSelector::Latest { decision_id },
        };
        let tenant_id = DEFAULT_TENANT.to_owned();
        Command::EvaluateDecision(EvaluateDecision { decision, variables: step.variables(), tenant_id })
    }

    /// Writes the answers that have come, and the jobs that were pushed.
    fn answers(&mut self, now: usize) {
        for (request, step) in std::mem::take(&mut self.waiting) {
            let prefix = if step == now { "=".to_owned() } else { format!("={step}") };
            match self.rig.answer(request) {
                None => self.waiting.push((request, step)),
                Some(Ok(reply)) => self.reply(&prefix, &reply),
                Some(Err(Rejection { kind, reason })) if step != now => {
                    self.out.push_str(&format!("{prefix} refused {kind} {reason}\n"));
                }
                Some(Err(Rejection { kind, reason })) => {
                    self.out.push_str(&format!("R X Y rejection={kind} reason={}\n", quote(&reason)));
                }
            }
        }
        for effect in std::mem::take(&mut self.rig.effects) {
            if let Effect::PushJob { stream, job } = effect {
                let step = self.streams[stream.0 as usize].1;
                self.out.push_str(&format!("={step} pushed{}\n", job_text(&job)));
            }
        }
    }

    fn reply(&mut self, prefix: &str, reply: &Reply) {
        let instance = |i: &ProcessInstanceReply| {
            let tags =
                if i.tags.is_empty() { String::new() } else { format!(" tags=[{}]", i.tags.join(" ")) };
            format!(
                " bpmnProcessId={} version={} processDefinitionKey={} processInstanceKey={}{tags}",
                i.bpmn_process_id, i.version, i.process_definition_key, i.process_instance_key
            )
        };
        let lines = match reply {
            Reply::Done | Reply::ResourceDeleted { .. } | Reply::BatchOperationCreated { .. } => {
                vec![" ok".to_owned()]
            }
            Reply::MessagePublished { message_key } => vec![format!(" ok key={message_key}")],
            Reply::MessageCorrelated { .. }
            | Reply::SignalBroadcasted { .. }
            | Reply::ConditionalsEvaluated { .. }
            | Reply::ClusterVariableChanged(_)
            | Reply::ClusterVariables(_) => vec![" ok".to_owned()],
            Reply::VariablesSet { key } => vec![format!(" ok key={key}")],
            Reply::Deployed(deployed) => deployment_lines(deployed),
            Reply::Resource(resource) => vec![format!(" resource {}", resource.deployed.resource_id)],
            Reply::DecisionEvaluated(evaluation) => vec![evaluation_line(evaluation)],
            Reply::ExpressionEvaluated(evaluation) => {
                vec![format!(" result {}", String::from_utf8_lossy(&evaluation.result))]
            }
            Reply::ProcessInstanceCreated(i) => vec![format!(" created{}", instance(i))],
            Reply::ProcessInstanceResult { instance: i, variables } => {
                vec![format!(" result{}{}", instance(i), variables_text(variables))]
            }
            Reply::JobsActivated(batch) if batch.jobs.is_empty() => vec![" no jobs".to_owned()],
            Reply::JobsActivated(batch) => {
                batch.jobs.iter().map(|job| format!(" job{}", job_text(job))).collect()
            }
        };
        for line in lines {
            self.out.push_str(&format!("{prefix}{line}\n"));
        }
    }
}
