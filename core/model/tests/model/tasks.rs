//! Tasks that the engine does or keeps itself: script tasks and user tasks.

use crate::support::{check, process};
use expect_test::expect;
use ringbolt_model::{Candidates, Element, Limits, Text, UserTask, parse};

fn user_task(extensions: &str) -> String {
    process(&format!(
        r#"<startEvent id="s"/><userTask id="u"><extensionElements>{extensions}</extensionElements></userTask>"#
    ))
}

fn read(document: &str) -> Element {
    let parsed = parse("x.bpmn", document.as_bytes(), &Limits::default());
    let parsed = parsed.unwrap_or_else(|violations| panic!("{violations:?}"));
    let process = &parsed.processes[0];
    process.element(process.by_id("u").expect("it is there")).clone()
}

fn shown(text: Option<&Text>) -> String {
    match text {
        None => "-".to_owned(),
        Some(Text::Static(text)) => format!("'{text}'"),
        Some(Text::Number { text, .. }) => format!("number {text}"),
        Some(Text::Expression(expression)) => format!("= {}", expression.text()),
    }
}

fn candidates(candidates: Option<&Candidates>) -> String {
    match candidates {
        None => "-".to_owned(),
        Some(Candidates::Static(names)) => format!("{names:?}"),
        Some(Candidates::Expression(expression)) => format!("= {}", expression.text()),
    }
}

fn outline(task: &UserTask) -> String {
    [
        shown(task.assignee.as_ref()),
        candidates(task.candidate_groups.as_ref()),
        candidates(task.candidate_users.as_ref()),
        shown(task.due_date.as_ref()),
        shown(task.follow_up_date.as_ref()),
        shown(task.priority.as_ref()),
        shown(task.external_form_reference.as_ref()),
        task.headers_json.to_string(),
    ]
    .join("; ")
}

const STATIC: &str = r#"<zeebe:assignmentDefinition assignee="123" candidateGroups=" a , 2" candidateUsers=" "/>
    <zeebe:taskSchedule dueDate="2026-01-01T00:00:00Z" followUpDate="=later"/><zeebe:priorityDefinition priority="7"/>
    <zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>"#;

#[test]
fn a_task_for_people() {
    let native = read(&user_task(&format!(
        r#"<zeebe:userTask/><zeebe:formDefinition externalReference="https://f"/>{STATIC}"#
    )));
    expect![[r#"'123'; ["a", "2"]; -; '2026-01-01T00:00Z'; = later; number 7; 'https://f'; {"k":"v"}"#]]
        .assert_eq(&outline(native.user_task().expect("a user task")));
    assert!(native.job().is_none() && native.headers_json() == Some(r#"{"k":"v"}"#));
}

#[test]
fn a_task_for_people_that_is_a_job() {
    let element = read(&user_task(&format!(r#"<zeebe:formDefinition formKey="=f"/>{STATIC}"#)));
    let job = element.job().expect("a job");
    assert_eq!(shown(Some(&job.job_type)), "'io.camunda.zeebe:userTask'");
    assert_eq!(shown(Some(&job.retries)), "number 1");
    assert_eq!(element.headers_json(), Some(r#"{"k":"v","io.camunda.zeebe:formKey":"=f"}"#));
    expect![[r#"'123'; ["a", "2"]; -; '2026-01-01T00:00Z'; = later; -; -; "#]]
        .assert_eq(&outline(job.user_task.as_deref().expect("people and dates")));
}

#[test]
fn forms_by_id_are_refused_by_name() {
    check(
        &user_task(r#"<zeebe:userTask/><zeebe:formDefinition formId="f"/>"#),
        expect![[r#"
            process p name=None tag=None
              s START_EVENT
              u USER_TASK
        "#]],
    );
}

#[test]
fn a_script_that_is_both_or_without_a_name() {
    check(
        &process(
            r#"<startEvent id="s"/><scriptTask id="a"><extensionElements><zeebe:script expression="=1"/></extensionElements></scriptTask>
            <scriptTask id="b"><extensionElements><zeebe:script expression="=1" resultVariable="r"/>
            <zeebe:taskDefinition type="w"/></extensionElements></scriptTask>"#,
        ),
        expect![[r#"
            'x.bpmn': - Element: a > extensionElements > script
                - ERROR: Attribute 'resultVariable' must be present and not empty
            - Element: b
                - ERROR: Must have either one 'zeebe:script' or one 'zeebe:taskDefinition' extension element
        "#]],
    );
}

#[test]
fn priorities_of_jobs() {
    let wrong = ["", "high", "1.5", "2147483648", "=1 +"].iter().enumerate();
    let tasks: String = wrong
        .map(|(number, text)| {
            let extension = format!(r#"<zeebe:jobPriorityDefinition priority="{text}"/>"#);
            crate::support::service_task(&format!("p{number}"), &extension)
        })
        .collect();
    check(
        &process(&format!(r#"<startEvent id="s"/>{tasks}"#)),
        expect![[r#"
            'x.bpmn': - Element: p0 > extensionElements > jobPriorityDefinition
                - ERROR: Expected 'priority' to be a literal integer or a FEEL expression (starting with '='), but got ''.
            - Element: p1 > extensionElements > jobPriorityDefinition
                - ERROR: Expected 'priority' to be a literal integer or a FEEL expression (starting with '='), but got 'high'.
            - Element: p2 > extensionElements > jobPriorityDefinition
                - ERROR: Expected 'priority' to be a literal integer or a FEEL expression (starting with '='), but got '1.5'.
            - Element: p3 > extensionElements > jobPriorityDefinition
                - ERROR: Expected 'priority' to be a literal integer or a FEEL expression (starting with '='), but got '2147483648'.
            - Element: p4 > extensionElements > jobPriorityDefinition
                - ERROR: failed to parse expression '1 +': expected a name or a value at 1:4, found the end
        "#]],
    );
}
