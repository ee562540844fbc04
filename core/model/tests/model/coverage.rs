//! `docs/coverage.md`: what of BPMN and of Zeebe's extension elements is supported, and which recorded scenarios execute it. The events
//! come from the table of kinds; the scenarios are found by what stands in their models and what their recordings say was entered.
//! `RINGBOLT_UPDATE_DOCS=1` writes the page.

use crate::support::{deploy, process};
use ringbolt_model::EVENTS_RUN;
use ringbolt_record::{BpmnElementType, BpmnEventType};
use roxmltree::{Document, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const ZEEBE: &str = "http://camunda.org/schema/zeebe/1.0";
/// Most scenarios that a row names.
const NAMED_MAX: usize = 2;

/// What a row of the page is about: whether an element of a model is that.
type Matches = Box<dyn Fn(Node<'_, '_>) -> bool>;

struct Row {
    name: String,
    matches: Matches,
    /// The file of the engine's tests that executes what the engine of the recordings does not know.
    tests: Option<&'static str>,
}

fn row(name: impl Into<String>, matches: impl Fn(Node<'_, '_>) -> bool + 'static) -> Row {
    Row { name: name.into(), matches: Box::new(matches), tests: None }
}

/// What came with Camunda 8.9, and is in the engine's own tests.
const CONDITIONS: &str = "conditions.rs";
const CONDITION_STARTS: &str = "condition_starts.rs";
/// What came with Camunda 8.10.
const PRIORITIES: &str = "priorities.rs";

fn name<'d>(node: Node<'_, 'd>) -> &'d str {
    node.tag_name().name()
}

fn extensions<'a, 'd: 'a>(node: Node<'a, 'd>) -> impl Iterator<Item = Node<'a, 'd>> {
    let holders = node.children().filter(|child| name(*child) == "extensionElements");
    holders.flat_map(|holder| holder.children()).filter(|child| child.tag_name().namespace() == Some(ZEEBE))
}

fn has(node: Node<'_, '_>, extension: &str) -> bool {
    extensions(node).any(|child| name(child) == extension)
}

fn is(node: Node<'_, '_>, attribute: &str, or: &str, wanted: &str) -> bool {
    node.attribute(attribute).unwrap_or(or) == wanted
}

/// The local name of an event's definition; empty of a none event.
fn definition(of: BpmnEventType) -> &'static str {
    match of {
        BpmnEventType::Conditional => "conditionalEventDefinition",
        BpmnEventType::Compensation => "compensateEventDefinition",
        BpmnEventType::Error => "errorEventDefinition",
        BpmnEventType::Escalation => "escalationEventDefinition",
        BpmnEventType::Link => "linkEventDefinition",
        BpmnEventType::Message => "messageEventDefinition",
        BpmnEventType::Signal => "signalEventDefinition",
        BpmnEventType::Terminate => "terminateEventDefinition",
        BpmnEventType::Timer => "timerEventDefinition",
        _ => "",
    }
}

fn is_defined_by(node: Node<'_, '_>, definition: &str) -> bool {
    let mut definitions = node.children().filter(|child| name(*child).ends_with("EventDefinition"));
    match definition {
        "" => definitions.next().is_none(),
        definition => definitions.any(|child| name(child) == definition),
    }
}

/// The rows of one kind of event in one position.
fn event_rows(element: BpmnElementType, in_event_sub_process: bool, of: BpmnEventType) -> Vec<Row> {
    let (tag, position, interrupts) = match (element, in_event_sub_process) {
        (BpmnElementType::StartEvent, false) => ("startEvent", "start event", None),
        (BpmnElementType::StartEvent, true) => {
            ("startEvent", "start event of an event sub-process", Some("isInterrupting"))
        }
        (BpmnElementType::EndEvent, _) => ("endEvent", "end event", None),
        (BpmnElementType::IntermediateCatchEvent, _) => {
            ("intermediateCatchEvent", "intermediate catch event", None)
        }
        (BpmnElementType::IntermediateThrowEvent, _) => {
            ("intermediateThrowEvent", "intermediate throw event", None)
        }
        (BpmnElementType::BoundaryEvent, _) => ("boundaryEvent", "boundary event", Some("cancelActivity")),
        (other, _) => panic!("no event can be a {other}"),
    };
    let is_it = move |node: Node<'_, '_>| {
        let is_in = node.parent().is_some_and(|parent| is(parent, "triggeredByEvent", "false", "true"));
        name(node) == tag && is_in == in_event_sub_process && is_defined_by(node, definition(of))
    };
    let kind = of.name().to_lowercase();
    let only_interrupts = matches!(of, BpmnEventType::Error | BpmnEventType::Compensation);
    let mut rows = match interrupts.filter(|_| !only_interrupts) {
        None => vec![row(format!("{kind} {position}"), is_it)],
        Some(attribute) => [("true", "interrupting"), ("false", "not interrupting")]
            .map(|(value, how)| {
                let matches = move |node: Node<'_, '_>| is_it(node) && is(node, attribute, "true", value);
                row(format!("{kind} {position}, {how}"), matches)
            })
            .into(),
    };
    if of == BpmnEventType::Conditional {
        let is_start = element == BpmnElementType::StartEvent && !in_event_sub_process;
        let tests = if is_start { CONDITION_STARTS } else { CONDITIONS };
        rows.iter_mut().for_each(|row| row.tests = Some(tests));
    }
    rows
}

/// The activities, by the local name and by what makes them run otherwise.
const ACTIVITIES: [(&str, &str, &str); 18] = [
    ("service task", "serviceTask", ""),
    ("send task as a job", "sendTask", ""),
    ("receive task", "receiveTask", ""),
    ("script task, an expression", "scriptTask", "script"),
    ("script task as a job", "scriptTask", "taskDefinition"),
    ("business rule task, a decision", "businessRuleTask", "calledDecision"),
    ("business rule task as a job", "businessRuleTask", "taskDefinition"),
    ("user task", "userTask", "userTask"),
    ("user task as a job", "userTask", "-userTask"),
    ("manual task", "manualTask", ""),
    ("undefined task", "task", ""),
    ("call activity", "callActivity", ""),
    ("sub-process", "subProcess", "=triggeredByEvent:false"),
    ("event sub-process", "subProcess", "=triggeredByEvent:true"),
    ("ad-hoc sub-process, an expression or clients choose", "adHocSubProcess", "-taskDefinition"),
    ("ad-hoc sub-process, a worker chooses", "adHocSubProcess", "taskDefinition"),
    ("message end event as a job", "endEvent", "taskDefinition"),
    ("message throw event as a job", "intermediateThrowEvent", "taskDefinition"),
];

fn activity_rows() -> Vec<Row> {
    let one = |(title, tag, with): (&'static str, &'static str, &'static str)| {
        row(title, move |node| {
            name(node) == tag
                && match (with.strip_prefix('='), with.strip_prefix('-')) {
                    _ if with.is_empty() => true,
                    (Some(equals), _) => {
                        let (attribute, value) = equals.split_once(':').expect("a name and a value");
                        is(node, attribute, "false", value)
                    }
                    (None, Some(without)) => !has(node, without),
                    (None, None) => has(node, with),
                }
        })
    };
    ACTIVITIES.map(one).into()
}

/// What can be repeated.
const REPEATED: [&str; 12] = [
    "serviceTask",
    "sendTask",
    "receiveTask",
    "scriptTask",
    "businessRuleTask",
    "userTask",
    "manualTask",
    "task",
    "callActivity",
    "subProcess",
    "adHocSubProcess",
    "",
];

fn other_rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for tag in REPEATED.into_iter().filter(|tag| !tag.is_empty()) {
        for (value, how) in [("false", "parallel"), ("true", "sequential")] {
            rows.push(row(format!("multi-instance `{tag}`, {how}"), move |node| {
                name(node) == tag
                    && node.children().any(|child| {
                        name(child) == "multiInstanceLoopCharacteristics"
                            && is(child, "isSequential", "false", value)
                    })
            }));
        }
    }
    for (title, tag) in [
        ("exclusive gateway", "exclusiveGateway"),
        ("inclusive gateway", "inclusiveGateway"),
        ("parallel gateway", "parallelGateway"),
        ("event-based gateway", "eventBasedGateway"),
        ("sequence flow", "sequenceFlow"),
        ("condition of a sequence flow", "conditionExpression"),
        ("completion condition", "completionCondition"),
        ("timer: a date", "timeDate"),
        ("timer: a duration", "timeDuration"),
        ("timer: a cycle", "timeCycle"),
    ] {
        rows.push(row(title, move |node| name(node) == tag));
    }
    for (title, attribute) in [
        ("default flow", "default"),
        ("handler of a compensation", "isForCompensation"),
        ("activity that is compensated by name", "activityRef"),
        ("ad-hoc sub-process that keeps what still runs", "cancelRemainingInstances"),
    ] {
        rows.push(row(title, move |node| node.attribute(attribute).is_some()));
    }
    rows
}

/// Zeebe's extension elements with the attributes that mean something in them, parents before their children.
const EXTENSIONS: [(&str, &[&str]); 27] = [
    ("adHoc", &["activeElementsCollection", "outputCollection", "outputElement"]),
    ("assignmentDefinition", &["assignee", "candidateGroups", "candidateUsers"]),
    ("calledDecision", &["decisionId", "resultVariable", "bindingType", "versionTag"]),
    (
        "calledElement",
        &[
            "processId",
            "bindingType",
            "versionTag",
            "propagateAllParentVariables",
            "propagateAllChildVariables",
        ],
    ),
    ("conditionalFilter", &["variableNames", "variableEvents"]),
    ("executionListeners", &[]),
    ("executionListener", &["eventType", "type", "retries"]),
    ("formDefinition", &["formId", "formKey", "externalReference", "bindingType", "versionTag"]),
    ("ioMapping", &[]),
    ("input", &["source", "target"]),
    ("output", &["source", "target"]),
    ("jobPriorityDefinition", &["priority"]),
    ("linkedResources", &[]),
    ("linkedResource", &["resourceId", "resourceType", "linkName", "bindingType", "versionTag"]),
    ("loopCharacteristics", &["inputCollection", "inputElement", "outputCollection", "outputElement"]),
    ("priorityDefinition", &["priority"]),
    ("properties", &[]),
    ("property", &["name", "value"]),
    ("script", &["expression", "resultVariable"]),
    ("subscription", &["correlationKey"]),
    ("taskDefinition", &["type", "retries"]),
    ("taskHeaders", &[]),
    ("header", &["key", "value"]),
    ("taskListeners", &[]),
    ("taskListener", &["eventType", "type", "retries"]),
    ("taskSchedule", &["dueDate", "followUpDate"]),
    ("userTask", &[]),
];
/// Those that only whole processes have.
const OF_PROCESSES: [(&str, &[&str]); 2] = [("userTaskForm", &["id"]), ("versionTag", &["value"])];

fn extension_rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (extension, attributes) in EXTENSIONS.into_iter().chain(OF_PROCESSES) {
        let tests = match extension {
            "conditionalFilter" => Some(CONDITIONS),
            "jobPriorityDefinition" => Some(PRIORITIES),
            _ => None,
        };
        let is_it =
            move |node: Node<'_, '_>| name(node) == extension && node.tag_name().namespace() == Some(ZEEBE);
        rows.push(Row { tests, ..row(format!("`zeebe:{extension}`"), is_it) });
        for attribute in attributes {
            let matches = move |node: Node<'_, '_>| is_it(node) && node.attribute(*attribute).is_some();
            rows.push(Row { tests, ..row(format!("`zeebe:{extension}` `{attribute}`"), matches) });
        }
    }
    rows
}

/// What is refused by name, as it stands in a process.
const REFUSED: [(&str, &str); 3] = [
    (
        "complex gateway",
        r#"<startEvent id="s"/><complexGateway id="x"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/>"#,
    ),
    (
        "transaction",
        r#"<startEvent id="s"/><transaction id="x"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/>"#,
    ),
    (
        "choreography task",
        r#"<startEvent id="s"/><choreographyTask id="x"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/>"#,
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// What a recorded scenario did.
struct Scenario {
    name: String,
    /// The texts of the models that it deploys, by the names of the resources.
    models: BTreeMap<String, String>,
    /// The resource and the id of each element that was entered, and of each flow that was taken.
    entered: BTreeSet<(String, String)>,
}

fn field<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let from = line.find(&format!(" {name}="))? + name.len() + 2;
    let rest = &line[from..];
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split(' ').next(),
    }
}

fn scenario(file: &Path) -> Scenario {
    let area = file.parent().expect("an area");
    let stem = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    let name = format!("{}/{}", stem(area), stem(file));
    let (mut models, mut entered) = (BTreeMap::new(), BTreeSet::new());
    let steps = std::fs::read_to_string(file).unwrap();
    for word in steps.lines().filter_map(|line| line.strip_prefix("deploy ")).flat_map(|line| line.split(' '))
    {
        let (path, resource) = word.split_once('>').unwrap_or((word, word));
        let found =
            [area.join(path), area.join("../models").join(path)].into_iter().find(|path| path.is_file());
        if let Some(text) = found.filter(|_| path.ends_with(".bpmn")).map(std::fs::read) {
            models.insert(resource.to_owned(), String::from_utf8_lossy(&text.unwrap()).into_owned());
        }
    }
    let recorded = std::fs::read_to_string(file.with_extension("expected")).unwrap();
    let mut resources = BTreeMap::new();
    for line in recorded.lines() {
        if line.starts_with("E PROCESS CREATED") {
            resources.insert(field(line, "key"), field(line, "resourceName").unwrap_or_default().to_owned());
        }
        let is_entered = ["E PROCESS_INSTANCE ELEMENT_ACTIVATED", "E PROCESS_INSTANCE SEQUENCE_FLOW_TAKEN"];
        if is_entered.iter().any(|start| line.starts_with(start))
            && let Some(resource) = resources.get(&field(line, "processDefinitionKey"))
        {
            entered.insert((resource.clone(), field(line, "elementId").unwrap_or_default().to_owned()));
        }
    }
    Scenario { name, models, entered }
}

impl Scenario {
    /// Which rows it executes: something in its models is that, and the element that it belongs to was entered.
    fn executes(&self, rows: &[Row]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for (resource, text) in &self.models {
            let Ok(document) = Document::parse(text) else { continue };
            let was_entered = |node: &Node<'_, '_>| {
                let id = node.attribute("id").unwrap_or_default();
                self.entered.contains(&(resource.clone(), id.to_owned()))
            };
            let is_run = document.descendants().any(|node| was_entered(&node));
            for node in document.descendants().filter(Node::is_element) {
                // What stands beside the processes is referred to by one of them.
                let is_beside = node.ancestors().all(|node| name(node) != "process");
                let owner = node.ancestors().find(|node| was_entered(node));
                let is_own = owner.is_some_and(|owner| node == owner || belongs_to(node, owner));
                if is_own || is_beside && is_run {
                    let matching = rows.iter().enumerate().filter(|(_, row)| (row.matches)(node));
                    found.extend(matching.map(|(number, _)| number));
                }
            }
        }
        found
    }
}

/// Whether something is a part of an element and of none inside that.
fn belongs_to(node: Node<'_, '_>, owner: Node<'_, '_>) -> bool {
    let between = node.ancestors().take_while(|other| *other != owner);
    let is_part = |node: Node<'_, '_>| {
        node.tag_name().namespace() == Some(ZEEBE)
            || matches!(name(node), "extensionElements" | "conditionExpression" | "completionCondition")
            || name(node).ends_with("EventDefinition")
            || name(node).ends_with("LoopCharacteristics")
            || name(node).starts_with("time")
            || name(node).starts_with("loop")
    };
    between.into_iter().all(is_part)
}

fn table(title: &str, rows: &[Row], by_row: &BTreeMap<usize, Vec<&str>>, first: usize, page: &mut String) {
    let _ = write!(page, "\n## {title}\n\n| | supported | executed by |\n|---|---|---|\n");
    for (number, row) in rows.iter().enumerate() {
        let scenarios = by_row.get(&(first + number));
        let by = match (scenarios, row.tests) {
            (Some(names), _) => names.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", "),
            (None, Some(tests)) => format!("the engine's tests `{tests}`"),
            (None, None) => String::new(),
        };
        let _ = writeln!(page, "| {} | yes | {by} |", row.name);
    }
}

#[test]
fn the_page_of_coverage_is_as_the_scenarios() {
    let events: Vec<Row> = EVENTS_RUN
        .into_iter()
        .flat_map(|(element, inside, kinds)| {
            kinds.iter().flat_map(move |of| event_rows(element, inside, *of))
        })
        .collect();
    let groups = [
        ("Events", events),
        ("Activities", activity_rows()),
        ("Gateways, flows and other parts", other_rows()),
        ("Extension elements and their attributes", extension_rows()),
    ];
    let (titles, groups): (Vec<&str>, Vec<Vec<Row>>) = groups.into_iter().unzip();
    let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
    let rows: Vec<Row> = groups.into_iter().flatten().collect();
    let mut scenarios = Vec::new();
    for area in sorted(&root().join("tests/scenarios")).iter().filter(|path| path.is_dir()) {
        let files = sorted(area).into_iter().filter(|path| path.extension().is_some_and(|it| it == "scn"));
        scenarios.extend(files.map(|file| scenario(&file)));
    }
    let mut by_row: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for scenario in &scenarios {
        for number in scenario.executes(&rows) {
            by_row.entry(number).or_default().push(&scenario.name);
        }
    }
    let mut page = String::from(
        "# Coverage\n\nWhat of BPMN and of Zeebe's extension elements is supported, and which of the scenarios in `tests/scenarios` execute it, the \
         first two of each: their models\nhave it, and their recordings of Camunda's engine say that the element was entered. What that engine does not know \
         is in the engine's own tests. What is meant by each, and how\nit behaves: [bpmn.md](bpmn.md). A test writes this page (`RINGBOLT_UPDATE_DOCS=1 \
         cargo test -p ringbolt-model coverage`) and fails where something that is supported is executed\nby nothing.\n",
    );
    let mut first = 0;
    for (title, size) in titles.into_iter().zip(sizes) {
        table(title, &rows[first..first + size], &by_row, first, &mut page);
        first += size;
    }
    page.push_str("\n## Refused by name\n\n| | supported |\n|---|---|\n");
    for (what, body) in REFUSED {
        let said = deploy(&process(body));
        assert!(said.contains("Element: x"), "{what}: {said}");
        let _ = writeln!(page, "| {what} | no |");
    }
    let lacking: Vec<&str> = (0..rows.len())
        .filter(|number| !by_row.contains_key(number) && rows[*number].tests.is_none())
        .map(|number| rows[number].name.as_str())
        .collect();
    assert!(lacking.is_empty(), "no scenario executes {lacking:#?}");
    let path = root().join("docs/coverage.md");
    if std::env::var_os("RINGBOLT_UPDATE_DOCS").is_some() {
        return std::fs::write(&path, page).expect("writable");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/coverage.md is stale: RINGBOLT_UPDATE_DOCS=1 writes it");
}

/// The names of extension elements and attributes that the compiler reads are those of the page.
#[test]
fn every_extension_that_is_read_is_a_row() {
    let known: BTreeSet<&str> = EXTENSIONS
        .iter()
        .chain(&OF_PROCESSES)
        .flat_map(|(extension, attributes)| std::iter::once(*extension).chain(attributes.iter().copied()))
        .collect();
    let mut read = BTreeSet::new();
    for file in sorted(&root().join("core/model/src/compile")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for call in ["extensions_named(", "zeebe_children(", "attr("] {
            for (at, _) in code.match_indices(call) {
                let arguments = code[at + call.len()..].split(')').next().unwrap_or_default();
                let literal = arguments.split_once(", \"").and_then(|(_, rest)| rest.split('"').next());
                read.extend(literal.map(str::to_owned));
            }
        }
    }
    assert!(read.len() > 30, "{read:?}");
    // `name` is BPMN's own; the rest of what is read is Zeebe's.
    let unknown: Vec<&String> =
        read.iter().filter(|name| *name != "name" && !known.contains(name.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?} stands in no row");
}
