//! Steps of scenarios that change where an instance stands; and what of it the reference engine of the recordings does not know.

use crate::budget::{flow, task};
use crate::rig::Rig;
use crate::scenarios::Step;
use ringbolt_engine::EngineSettings;
use ringbolt_record::command::{CreateProcessInstance, DefinitionSelector};
use ringbolt_record::modification::{
    ActivateInstruction, AncestorScope, ElementInstanceSelector, MoveInstruction, VariableInstruction,
};
use ringbolt_record::{
    Command, DEFAULT_TENANT, DurationMs, Key, ModifyProcessInstance, PartitionId, RejectionType, Reply,
    VariableDocument,
};
use ringbolt_tables::ElementInstanceState;
use serde_json::Value;

/// The command of a `modify` step; `key` finds what has a name.
pub(crate) fn command(step: &Step, key: impl Fn(&str) -> Key) -> Command {
    let json: Value =
        step.json.as_deref().map_or(Value::Null, |json| serde_json::from_str(json).expect("JSON"));
    let list = |of: &Value, name: &str| of[name].as_array().cloned().unwrap_or_default();
    let text = |of: &Value, name: &str| of[name].as_str().unwrap_or_default().to_owned();
    let variables = |of: &Value| VariableInstruction {
        scope_id: text(of, "scope"),
        variables: VariableDocument::parse(of["values"].to_string().into()).expect("a document"),
    };
    let activate = list(&json, "activate").into_iter().map(|instruction| ActivateInstruction {
        element_id: text(&instruction, "element"),
        ancestor_element_instance_key: instruction["ancestor"].as_str().map_or(Key::NONE, &key),
        variables: list(&instruction, "variables").iter().map(variables).collect(),
    });
    let terminate = list(&json, "terminate");
    let terminate =
        terminate.iter().map(|name| ElementInstanceSelector::Key(key(name.as_str().expect("a name"))));
    Command::ModifyProcessInstance(ModifyProcessInstance {
        process_instance_key: key(&step.words[1]),
        activate: activate.collect(),
        terminate: terminate.collect(),
        moves: Vec::new(),
    })
}

/// `a` in a sub-process `inner` in a sub-process `outer`, then `b`.
fn nested() -> String {
    let start = r#"<bpmn:startEvent id="is" />"#;
    let inner = format!(
        r#"<bpmn:subProcess id="inner">{start}{}{}</bpmn:subProcess>"#,
        task("a", "work", ""),
        flow("is", "a")
    );
    let outer = format!(
        r#"<bpmn:subProcess id="outer"><bpmn:startEvent id="os" />{inner}{}{}{}</bpmn:subProcess>"#,
        flow("os", "inner"),
        task("c", "work", ""),
        flow("inner", "c")
    );
    format!("{outer}{}{}{}", task("b", "work", ""), flow("s", "outer"), flow("outer", "b"))
}

impl Rig {
    pub(crate) fn modify(&mut self, modify: ModifyProcessInstance) -> Result<(), (RejectionType, String)> {
        let request = self.send(&Command::ModifyProcessInstance(modify));
        match self.answer(request).expect("an answer") {
            Ok(_) => Ok(()),
            Err(rejection) => Err((rejection.kind, rejection.reason)),
        }
    }

    /// The element instances of an element that are there, the oldest first.
    pub(crate) fn standing(&self, id: &str) -> Vec<Key> {
        let mut found: Vec<Key> = Vec::new();
        for (_, of, key) in &self.names.elements {
            if of == id && self.tables.element_instance_state(*key).is_some() && !found.contains(key) {
                found.push(*key);
            }
        }
        found
    }

    /// The element instance around another.
    fn around(&self, key: Key) -> Key {
        self.tables.element_instance_scope(key).expect("it is there").0
    }
}

pub(crate) fn of(process_instance_key: Key) -> ModifyProcessInstance {
    ModifyProcessInstance { process_instance_key, ..ModifyProcessInstance::default() }
}

pub(crate) fn activate(id: &str, ancestor_element_instance_key: Key) -> ActivateInstruction {
    ActivateInstruction { element_id: id.into(), ancestor_element_instance_key, variables: Vec::new() }
}

fn by_id(id: &str) -> ElementInstanceSelector {
    ElementInstanceSelector::ElementId(id.into())
}

fn move_to(source: ElementInstanceSelector, target: &str, ancestor: AncestorScope) -> MoveInstruction {
    MoveInstruction { source, target_element_id: target.into(), ancestor, variables: Vec::new() }
}

/// Two instances of `outer`, each with `inner` and `a`.
fn two_outer(rig: &mut Rig) -> Key {
    rig.deploy_body("p", &nested());
    let key = rig.start("p", VariableDocument::default()).unwrap();
    rig.modify(ModifyProcessInstance { activate: vec![activate("a", key)], ..of(key) }).unwrap();
    assert_eq!(rig.standing("a").len(), 2);
    key
}

#[test]
fn a_move_by_id_takes_every_instance_of_the_element() {
    let mut rig = Rig::default();
    let key = two_outer(&mut rig);
    let outer = rig.standing("outer");
    rig.modify(ModifyProcessInstance {
        moves: vec![move_to(by_id("a"), "c", AncestorScope::Inferred)],
        ..of(key)
    })
    .unwrap();
    let moved = rig.standing("c");
    assert_eq!(
        moved.iter().map(|key| rig.around(*key)).collect::<Vec<_>>(),
        outer,
        "each in the scope that it was in"
    );
    assert!(rig.standing("a").is_empty() && rig.standing("inner").is_empty(), "what is empty ends");
}

#[test]
fn where_the_target_of_a_move_is_entered_is_the_clients_choice() {
    let mut rig = Rig::default();
    let key = two_outer(&mut rig);
    let (outer, a) = (rig.standing("outer"), rig.standing("a"));
    let source = || ElementInstanceSelector::Key(a[0]);
    let moved = |ancestor| ModifyProcessInstance { moves: vec![move_to(source(), "c", ancestor)], ..of(key) };
    let ambiguous = rig.modify(moved(AncestorScope::Only)).unwrap_err();
    assert!(ambiguous.1.contains("more than one active instance: 'outer'"), "{ambiguous:?}");
    let wrong = rig.modify(moved(AncestorScope::SourceParent)).unwrap_err();
    assert!(wrong.1.contains("is not an ancestor of element 'c'"), "{wrong:?}");
    rig.modify(moved(AncestorScope::Direct(outer[1]))).unwrap();
    assert_eq!(rig.around(rig.standing("c")[0]), outer[1]);
    assert_eq!(rig.standing("outer"), [outer[1]], "the other one is empty and ends");
    let gone = rig.modify(moved(AncestorScope::Inferred)).unwrap_err();
    assert!(
        gone.1.contains("move instructions with a source element instance that could not be found"),
        "{gone:?}"
    );
    let twice =
        vec![move_to(by_id("a"), "c", AncestorScope::Only), move_to(by_id("a"), "b", AncestorScope::Only)];
    let twice = rig.modify(ModifyProcessInstance { moves: twice, ..of(key) }).unwrap_err();
    assert!(
        twice.1.contains("multiple move instructions with identical source element ids: 'a'"),
        "{twice:?}"
    );
}

#[test]
fn all_of_an_element_are_ended_by_its_id() {
    let mut rig = Rig::default();
    rig.deploy_body("q", &format!("{}{}", task("t", "work", ""), flow("s", "t")));
    let rows = rig.dump();
    let key = two_outer(&mut rig);
    let ended = |id| ModifyProcessInstance { terminate: vec![by_id(id)], ..of(key) };
    rig.modify(ended("nothing")).unwrap();
    rig.modify(ended("b")).unwrap();
    assert_eq!(rig.standing("a").len(), 2, "nothing of that name stands");
    rig.modify(ended("a")).unwrap();
    assert!(rig.standing("p").is_empty(), "nothing stands in the instance any more");
    assert_eq!(rig.names.instances.len(), 1);
    rig.send(&Command::DeleteResource { resource_key: rig.names.definitions[1], delete_history: false });
    assert_eq!(rig.dump().len(), rows.len() + 1, "only that there was a version of it is known");
}

#[test]
fn what_belongs_to_another_instance_is_not_found() {
    let mut rig = Rig::default();
    let key = two_outer(&mut rig);
    let other = rig.start("p", VariableDocument::default()).unwrap();
    let foreign = *rig.standing("a").last().unwrap();
    let ended = vec![ElementInstanceSelector::Key(foreign)];
    let refused = rig.modify(ModifyProcessInstance { terminate: ended, ..of(key) }).unwrap_err();
    assert!(
        refused.1.contains("terminate instructions with an element instance that could not be found"),
        "{refused:?}"
    );
    let moves = vec![move_to(ElementInstanceSelector::Key(foreign), "b", AncestorScope::Only)];
    let refused = rig.modify(ModifyProcessInstance { moves, ..of(key) }).unwrap_err();
    assert!(refused.1.contains("does not belong to the modified process instance"), "{refused:?}");
    let scope = rig.standing("outer")[0];
    assert_eq!(rig.modify(of(scope)).unwrap_err().0, RejectionType::NotFound, "a scope is no instance");
    assert_eq!(rig.standing("p"), [key, other]);
}

#[test]
fn no_scope_is_ended_that_something_is_entered_in() {
    let mut rig = Rig::default();
    let key = two_outer(&mut rig);
    let (outer, inner) = (rig.standing("outer"), rig.standing("inner"));
    for ended in [outer[0], inner[0]] {
        let refused = rig.modify(ModifyProcessInstance {
            activate: vec![activate("a", inner[0])],
            terminate: vec![ElementInstanceSelector::Key(ended)],
            ..of(key)
        });
        let refused = refused.unwrap_err();
        assert!(refused.1.contains("required flow scope instance is also being terminated"), "{refused:?}");
    }
    assert_eq!(rig.standing("outer"), outer);
}

#[test]
fn more_than_a_step_may_do_is_refused_whole() {
    let mut rig = Rig::default();
    let collection = r#"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=for i in 1..1100 return i" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"#;
    let many = r#"<bpmn:serviceTask id="many"><bpmn:extensionElements><zeebe:taskDefinition type="work" /></bpmn:extensionElements>"#;
    rig.deploy_body("p", &format!("{many}{collection}</bpmn:serviceTask>{}", flow("s", "many")));
    let key = rig.start("p", VariableDocument::default()).unwrap();
    rig.run_due();
    let standing = rig.standing("many").len();
    assert_eq!(standing, 1101);
    for modify in [
        ModifyProcessInstance { terminate: vec![by_id("many")], ..of(key) },
        ModifyProcessInstance { activate: vec![activate("many", Key::NONE); 1001], ..of(key) },
    ] {
        let (kind, reason) = rig.modify(modify).unwrap_err();
        assert_eq!(kind, RejectionType::InvalidArgument);
        assert!(reason.contains("exceeds the maximum batch size"), "{reason}");
    }
    assert_eq!(rig.standing("many").len(), standing);
}

#[test]
fn a_called_instance_is_not_ended_without_its_caller() {
    let mut rig = Rig::default();
    rig.deploy_body("called", &format!("{}{}", task("t", "work", ""), flow("s", "t")));
    let call = r#"<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="called" /></bpmn:extensionElements></bpmn:callActivity>"#;
    rig.deploy_body("calling", &format!("{call}{}", flow("s", "call")));
    rig.start("calling", VariableDocument::default()).unwrap();
    let called = rig.standing("called")[0];
    let ended = ModifyProcessInstance { terminate: vec![ElementInstanceSelector::Key(called)], ..of(called) };
    let refused = rig.modify(ended).unwrap_err();
    assert!(refused.1.contains("please modify the parent process instead"), "{refused:?}");
    assert_eq!(rig.standing("t").len(), 1);
}

#[test]
fn what_was_put_off_finds_nothing_of_what_was_ended_at_once() {
    let mut rig = Rig::with(EngineSettings { batch_steps_max: 1, ..EngineSettings::new(PartitionId(1)) });
    let timed = r#"<bpmn:boundaryEvent id="late" attachedToRef="outer"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"#;
    rig.deploy_body("p", &format!("{}{timed}{}{}", nested(), task("e", "work", ""), flow("late", "e")));
    let rows = rig.dump();
    let key = rig.start("p", VariableDocument::default()).unwrap();
    rig.run_due();
    rig.now = rig.now.plus(DurationMs(1000));
    let timer_key = rig.engine.due_commands(&rig.tables, rig.now, 1).pop().expect("the timer is due");
    rig.send(&timer_key);
    let refused = rig
        .modify(ModifyProcessInstance { activate: vec![activate("a", Key::NONE)], ..of(key) })
        .unwrap_err();
    assert!(refused.1.contains("not in an active state"), "it is being interrupted: {refused:?}");
    rig.modify(ModifyProcessInstance { terminate: vec![ElementInstanceSelector::Key(key)], ..of(key) })
        .unwrap();
    rig.run_due();
    rig.check_counts();
    assert_eq!(rig.dump(), rows);
}

/// An instance with `other` and, in `sub`, a call that a timer interrupts; of `called`, with these listeners.
fn calling(rig: &mut Rig, listeners: &str) -> Key {
    let extensions = format!("<bpmn:extensionElements>{listeners}</bpmn:extensionElements>");
    rig.deploy_body("called", &format!("{extensions}{}{}", task("t", "work", ""), flow("s", "t")));
    let call = r#"<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="called" /></bpmn:extensionElements></bpmn:callActivity>"#;
    let timed = r#"<bpmn:boundaryEvent id="late" attachedToRef="call"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"#;
    let sub = format!(
        r#"<bpmn:subProcess id="sub"><bpmn:startEvent id="is" />{call}{timed}{}</bpmn:subProcess>"#,
        flow("is", "call")
    );
    rig.deploy_body("calling", &format!("{sub}{}{}", flow("s", "sub"), task("other", "work", "")));
    rig.start_at("calling", &["sub", "other"])
}

#[test]
fn a_called_instance_that_ends_before_its_turn_comes_is_not_entered() {
    let mut rig = Rig::with(EngineSettings { batch_steps_max: 1, ..EngineSettings::new(PartitionId(1)) });
    let key = calling(&mut rig, "");
    while rig.standing("called").is_empty() {
        let turn = rig.engine.next_turn(&rig.tables).expect("something was put off");
        rig.process(&turn, None);
    }
    let called = rig.standing("called")[0];
    assert_eq!(rig.tables.element_instance_state(called), Some(ElementInstanceState::Activating));
    rig.modify(ModifyProcessInstance { terminate: vec![by_id("sub")], ..of(key) }).unwrap();
    rig.run_due();
    rig.check_counts();
    let standing = ["called", "t", "other"].map(|id| rig.standing(id).len());
    assert_eq!(standing, [0, 0, 1]);
}

/// An instance that ends with the first element that it is told to enter: what was set for the second one goes.
#[test]
fn variables_of_an_element_that_is_never_entered_do_not_stay() {
    let mut rig = Rig::default();
    let gateway = r#"<bpmn:exclusiveGateway id="g" />"#;
    rig.deploy_body(
        "p",
        &[gateway, &task("t", "work", ""), &task("u", "work", ""), &flow("s", "t")].concat(),
    );
    let rows = rig.dump();
    let request = rig.send(&Command::CreateProcessInstance(CreateProcessInstance {
        definition: DefinitionSelector::Latest { bpmn_process_id: "p".into() },
        variables: VariableDocument::default(),
        start_element_ids: Vec::new(),
        terminate_after_element_ids: vec!["g".into()],
        tenant_id: DEFAULT_TENANT.into(),
        tags: Vec::new(),
        business_id: String::new(),
        await_result: None,
    }));
    let Some(Ok(Reply::ProcessInstanceCreated(created))) = rig.answer(request) else { panic!("it is there") };
    let variables = VariableDocument::parse(r#"{"x":1}"#.into()).unwrap();
    let own = ActivateInstruction {
        variables: vec![VariableInstruction { scope_id: "u".into(), variables }],
        ..activate("u", Key::NONE)
    };
    let modify = ModifyProcessInstance {
        activate: vec![activate("g", Key::NONE), own],
        ..of(created.process_instance_key)
    };
    rig.modify(modify).unwrap();
    rig.run_due();
    assert_eq!(rig.dump(), rows);
    assert_eq!(rig.count("VARIABLE_DOCUMENT DELETED"), 1);
}

#[test]
fn what_waits_for_a_listener_before_it_ends_is_ended_with_its_job() {
    let mut rig = Rig::default();
    let listener = r#"<zeebe:executionListener eventType="cancel" type="canceling" />"#;
    let key = calling(&mut rig, &format!("<zeebe:executionListeners>{listener}</zeebe:executionListeners>"));
    rig.now = rig.now.plus(DurationMs(1000));
    rig.run_due();
    let called = rig.standing("called")[0];
    assert_eq!(rig.tables.element_instance_state(called), Some(ElementInstanceState::Terminating));
    let job = *rig.names.jobs.last().expect("the listener is asked");
    rig.modify(ModifyProcessInstance { terminate: vec![by_id("sub")], ..of(key) }).unwrap();
    assert!(rig.tables.job(job).is_none(), "nobody asks it any more");
    assert_eq!(["called", "other"].map(|id| rig.standing(id).len()), [0, 1]);
}

/// A client asks for an event sub-process by hand beside what throws the event that starts it: it is entered for the event alone.
#[test]
fn what_was_promised_before_its_event_came_is_not_entered_beside_it() {
    let mut rig = Rig::with(EngineSettings { batch_steps_max: 1, ..EngineSettings::new(PartitionId(1)) });
    let roots = r#"<bpmn:escalation id="escalation" escalationCode="X" />"#;
    let definition = r#"<bpmn:escalationEventDefinition escalationRef="escalation" />"#;
    let thrown =
        format!(r#"<bpmn:intermediateThrowEvent id="raise">{definition}</bpmn:intermediateThrowEvent>"#);
    let caught = format!(
        r#"<bpmn:subProcess id="caught" triggeredByEvent="true"><bpmn:startEvent id="cs">{definition}</bpmn:startEvent>{}{}</bpmn:subProcess>"#,
        task("t", "work", ""),
        flow("cs", "t")
    );
    rig.deploy_with(roots, "p", &format!("{thrown}{caught}{}", flow("s", "raise")));
    let rows = rig.dump();
    let key = rig.start_at("p", &["raise", "caught"]);
    rig.run_due();
    rig.check_counts();
    assert_eq!((rig.standing("caught").len(), rig.standing("t").len()), (1, 1));
    rig.send(&Command::CancelProcessInstance { process_instance_key: key });
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}
