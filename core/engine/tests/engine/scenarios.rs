//! Runs the recorded scenarios of the reference engine and compares events, answers and rejections.
//!
//! Both sides are reduced to what Ringbolt's records hold: fields that no record has are left out, keys are numbered
//! in the order in which they appear, JSON is sorted. Recorded commands and the reference's internal record types are
//! not compared.

use crate::print::quote;
use crate::rig::{OpenStream, Rig, START};
use bytes::Bytes;
use ringbolt_engine::Effect;
use ringbolt_record::command::{
    ActivateJobs, AwaitResult, CreateDeployment, CreateProcessInstance, DefinitionSelector, FailJob,
    JobUpdateKind, Resource, UpdateSemantics,
};
use ringbolt_record::reply::ProcessInstanceReply;
use ringbolt_record::{
    ActivatedJob, Command, DEFAULT_TENANT, DurationMs, Key, Rejection, Reply, RequestId, VariableDocument,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Fields that are compared, by the line's first words; others are only in the reference's records.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "E PROCESS ",
        &["key", "bpmnProcessId", "version", "versionTag", "processDefinitionKey", "resourceName"],
    ),
    ("E DEPLOYMENT ", &["key", "processesMetadata"]),
    (
        "E PROCESS_INSTANCE_CREATION ",
        &["key", "bpmnProcessId", "version", "processInstanceKey", "processDefinitionKey", "tags"],
    ),
    (
        "E PROCESS_INSTANCE ",
        &[
            "key",
            "bpmnElementType",
            "bpmnEventType",
            "elementId",
            "flowScopeKey",
            "processInstanceKey",
            "processDefinitionKey",
        ],
    ),
    (
        "E JOB ",
        &[
            "key",
            "type",
            "retries",
            "worker",
            "deadline",
            "retryBackoff",
            "recurringTime",
            "errorCode",
            "errorMessage",
            "customHeaders",
            "elementInstanceKey",
        ],
    ),
    ("E JOB_BATCH ", &["key", "type", "worker", "jobKeys"]),
    ("E VARIABLE ", &["key", "name", "scopeKey", "value"]),
    ("E VARIABLE_DOCUMENT ", &["key", "scopeKey", "updateSemantics"]),
    (
        "E INCIDENT ",
        &[
            "key",
            "errorType",
            "errorMessage",
            "elementId",
            "elementInstanceKey",
            "jobKey",
            "variableScopeKey",
        ],
    ),
    ("R ", &["rejection", "reason"]),
    (
        "= ",
        &[
            "key",
            "type",
            "retries",
            "worker",
            "deadline",
            "customHeaders",
            "elementId",
            "elementInstanceKey",
            "bpmnProcessId",
            "version",
            "processDefinitionVersion",
            "processDefinitionKey",
            "processInstanceKey",
            "resourceName",
            "variables",
            "tags",
        ],
    ),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
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
            let (expected, actual) = (reduce(&expected), reduce(&actual));
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

/// Reduces a protocol of a run to what is compared.
fn reduce(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut step_start = 0;
    for line in text.lines() {
        if line.starts_with("> ") {
            lines[step_start..].sort_by_key(|line| order_of_answers(line));
            step_start = lines.len();
            lines.push(line.to_owned());
        } else if let Some(line) = reduce_line(line) {
            lines.push(line);
        }
    }
    lines[step_start..].sort_by_key(|line| order_of_answers(line));
    sort_variables(&mut lines);
    renumber(&lines)
}

/// Neighboring variables of one scope come in the order of their names: the reference leaves theirs to chance.
fn sort_variables(lines: &mut [String]) {
    let scope = |line: &String| {
        let fields = split(line).1;
        line.starts_with("E VARIABLE ").then(|| fields.get("scopeKey").cloned())
    };
    lines.chunk_by_mut(|a, b| scope(a).is_some() && scope(a) == scope(b)).for_each(|chunk| {
        if chunk.len() > 1 {
            chunk.sort_by_key(|line| split(line).1.get("name").cloned());
        }
    });
}

/// Answers come after events, by their step; the order of events and of the lines of one answer stays.
fn order_of_answers(line: &str) -> (bool, String) {
    match line.starts_with('=') {
        false => (false, String::new()),
        true => (true, line.split(' ').next().unwrap_or_default().to_owned()),
    }
}

fn reduce_line(line: &str) -> Option<String> {
    const LEFT_OUT: &[&str] = &[
        "C ",
        "! ",
        "#",
        "E PROCESS_EVENT ",
        "E PROCESS_INSTANCE_BATCH ",
        "E ASYNC_REQUEST ",
        "R PROCESS_INSTANCE ACTIVATE_ELEMENT",
        "R PROCESS_INSTANCE COMPLETE_ELEMENT",
        "E PROCESS_INSTANCE_RESULT ",
        "E PENDING_COMMAND ",
    ];
    if line.is_empty() || LEFT_OUT.iter().any(|start| line.starts_with(start)) || line.ends_with(" no answer")
    {
        return None;
    }
    let (words, fields) = split(line);
    let kind = format!("{} ", words.join(" "));
    // An activation that finds nothing is no event.
    if kind == "E JOB_BATCH ACTIVATED " && !fields.contains_key("jobKeys") {
        return None;
    }
    // Answers to earlier steps name the step.
    let lookup = if kind.starts_with('=') { "= ".to_owned() } else { kind.clone() };
    let (_, wanted) = FIELDS.iter().find(|(start, _)| lookup.starts_with(start)).unwrap_or(&("", &[]));
    let mut out = if kind.starts_with("R ") { "R".to_owned() } else { kind.trim().to_owned() };
    for name in *wanted {
        let value = fields.get(*name).map(|value| reduce_value(&kind, name, value));
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            out.push_str(&format!(" {name}={value}"));
        }
    }
    Some(out)
}

fn reduce_value(kind: &str, name: &str, value: &str) -> String {
    match name {
        // Headers stand in the event that makes the job alone.
        "customHeaders" if kind.starts_with("E JOB ") && kind != "E JOB CREATED " => String::new(),
        "value" | "variables" | "customHeaders" => match serde_json::from_str::<serde_json::Value>(value) {
            Ok(json) => json.to_string(),
            Err(_) => value.to_owned(),
        },
        "processesMetadata" => {
            let known = [
                "(bpmnProcessId=",
                "[(bpmnProcessId=",
                "duplicate=",
                "processDefinitionKey=",
                "resourceName=",
            ];
            let words = value.split(' ').filter(|word| known.iter().any(|start| word.starts_with(start)));
            words.collect::<Vec<_>>().join(" ")
        }
        _ if kind.starts_with("E JOB") && name == "retries" && value == "-1" => String::new(),
        _ => value.to_owned(),
    }
}

/// The words before the first field, and the fields.
fn split(line: &str) -> (Vec<String>, BTreeMap<String, String>) {
    let mut words = Vec::new();
    let mut fields = BTreeMap::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        match after.strip_prefix('=') {
            Some(value) if !word.is_empty() => {
                let len = value_len(value);
                fields.insert(word.to_owned(), value[..len].to_owned());
                rest = value[len..].trim_start();
            }
            _ => {
                let end = rest.find(' ').unwrap_or(rest.len());
                words.push(rest[..end].to_owned());
                rest = rest[end..].trim_start();
            }
        }
    }
    (words, fields)
}

/// Up to the next blank outside of quotes and brackets.
fn value_len(text: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        if in_string {
            (in_string, escaped) = (escaped || c != '"', !escaped && c == '\\');
            continue;
        }
        match c {
            '"' => in_string = true,
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth -= 1,
            ' ' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// Numbers keys in the order in which they appear: `k7` of the recording, 16 digits of ours.
fn renumber(lines: &[String]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    lines
        .iter()
        .map(|line| {
            let mut out = String::new();
            let mut rest = line.as_str();
            while let Some((before, key, after)) = next_key(rest) {
                let next = seen.len() + 1;
                let number = *seen.entry(key.to_owned()).or_insert(next);
                out.push_str(&format!("{before}k{number}"));
                rest = after;
            }
            out + rest
        })
        .collect()
}

fn next_key(text: &str) -> Option<(&str, &str, &str)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    for at in 0..bytes.len() {
        let starts = at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'_';
        if !starts {
            continue;
        }
        let len = match bytes[at] {
            b'k' if digits(at + 1) > 0 => 1 + digits(at + 1),
            // Keys of partition 1 that the scenarios make; the ones they make up are larger.
            b'2' if digits(at) == 16 && text[at..].starts_with("22517998136852") => 16,
            _ => continue,
        };
        if bytes.get(at + len).is_none_or(|b| !b.is_ascii_alphanumeric()) {
            return Some((&text[..at], &text[at..at + len], &text[at + len..]));
        }
    }
    None
}

/// A step: its words, its options and its JSON document.
struct Step {
    words: Vec<String>,
    options: BTreeMap<String, String>,
    json: Option<String>,
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

    fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.option(name).map(|value| value.parse().unwrap())
    }

    fn list(&self, name: &str) -> Vec<String> {
        let list = self.option(name).unwrap_or_default();
        list.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// The document with sorted names, as the recorder sent it.
    fn variables(&self) -> VariableDocument {
        let Some(json) = &self.json else { return VariableDocument::default() };
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        VariableDocument::parse(Bytes::from(value.to_string())).unwrap()
    }
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
        self.out
    }

    fn key(&self, name: &str) -> Key {
        if let Some((instance, element)) = name.split_once(':') {
            let instance = self.key(instance);
            let found =
                self.rig.names.elements.iter().rev().find(|(i, id, _)| *i == instance && id == element);
            return found.unwrap_or_else(|| panic!("no element instance {name}")).2;
        }
        let names = &self.rig.names;
        let lists = [
            ("job", &names.jobs),
            ("incident", &names.incidents),
            ("pi", &names.instances),
            ("process", &names.definitions),
        ];
        for (prefix, keys) in lists {
            if let Some(number) = name.strip_prefix(prefix).and_then(|number| number.parse::<usize>().ok()) {
                return keys[number - 1];
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
            "cancel" => Command::CancelProcessInstance { process_instance_key: target(1) },
            "activate" => Command::ActivateJobs(ActivateJobs {
                job_type: step.words.get(1).cloned().unwrap_or_default(),
                worker: text("worker"),
                timeout: timeout.unwrap_or(DurationMs(60_000)),
                jobs_max: step.number("max").unwrap_or(1).max(0) as u32,
                bytes_max: 4 << 20,
                fetch_variables: step.list("fetch"),
                tenant_ids: Vec::new(),
            }),
            "complete" => Command::CompleteJob { job_key: target(1), variables: step.variables() },
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
            "update-retries" => {
                let retries = Some(retries.unwrap_or(0));
                Command::UpdateJob {
                    job_key: target(1),
                    retries,
                    timeout: None,
                    kind: JobUpdateKind::Retries,
                }
            }
            "update-timeout" => Command::UpdateJob {
                job_key: target(1),
                retries: None,
                timeout,
                kind: JobUpdateKind::Timeout,
            },
            "update" => {
                Command::UpdateJob { job_key: target(1), retries, timeout, kind: JobUpdateKind::Both }
            }
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
            terminate_after_element_ids: Vec::new(),
            tenant_id: DEFAULT_TENANT.to_owned(),
            tags: step.list("tags"),
            business_id: String::new(),
            await_result: waits.then(|| AwaitResult { fetch_variables: step.list("fetch") }),
        })
    }

    /// Writes the answers that have come, and the jobs that were pushed.
    fn answers(&mut self, now: usize) {
        for (request, step) in std::mem::take(&mut self.waiting) {
            let prefix = if step == now { "=".to_owned() } else { format!("={step}") };
            match self.rig.answer(request) {
                None => self.waiting.push((request, step)),
                Some(Ok(reply)) => self.reply(&prefix, &reply),
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
            Reply::Done => vec![" ok".to_owned()],
            Reply::VariablesSet { key } => vec![format!(" ok key={key}")],
            Reply::Deployed(deployed) => {
                let processes = deployed.processes.iter().map(|p| {
                    format!(
                        " process bpmnProcessId={} version={} processDefinitionKey={} resourceName={}",
                        p.bpmn_process_id,
                        p.version,
                        p.process_definition_key,
                        quote(&p.resource_name)
                    )
                });
                std::iter::once(format!(" deployed key={}", deployed.deployment_key))
                    .chain(processes)
                    .collect()
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

fn variables_text(variables: &Bytes) -> String {
    match &variables[..] {
        b"{}" => String::new(),
        other => format!(" variables={}", String::from_utf8_lossy(other)),
    }
}

fn job_text(job: &ActivatedJob) -> String {
    let worker = if job.worker.is_empty() { String::new() } else { format!(" worker={}", job.worker) };
    let headers = if &*job.custom_headers == "{}" {
        String::new()
    } else {
        format!(" customHeaders={}", job.custom_headers)
    };
    let tags = if job.tags.is_empty() { String::new() } else { format!(" tags=[{}]", job.tags.join(" ")) };
    format!(
        " key={} type={} retries={}{worker} deadline={:+}{headers} elementId={} elementInstanceKey={} bpmnProcessId={} \
         processDefinitionVersion={} processDefinitionKey={} processInstanceKey={}{tags}{}",
        job.key,
        job.job_type,
        job.retries,
        job.deadline.0 - START.0,
        job.element_id,
        job.element_instance_key,
        job.bpmn_process_id,
        job.process_definition_version,
        job.process_definition_key,
        job.process_instance_key,
        variables_text(&job.variables)
    )
}
