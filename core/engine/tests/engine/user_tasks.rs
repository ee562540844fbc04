//! Steps of scenarios about user tasks, as the gateway makes commands of them.

use crate::budget::{flow, variables};
use crate::rig::Rig;
use crate::scenarios::Step;
use ringbolt_record::command::{CompleteListener, UpdateSemantics};
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{
    Command, Key, RejectionType, TaskListenerResult, UserTaskChanges, UserTaskCommand, VariableDocument,
};
use serde_json::Value;

pub(crate) fn command(step: &Step, user_task_key: Key) -> UserTaskCommand {
    let text = |name: &str| step.option(name).unwrap_or_default().to_owned();
    let verb = step.words[0].as_str();
    let operation = match verb {
        "complete-task" => UserTaskOperation::Complete { variables: step.variables() },
        "claim" => UserTaskOperation::Claim { assignee: text("assignee") },
        "update-task" => UserTaskOperation::Update(changes(step)),
        _ => UserTaskOperation::Assign { assignee: text("assignee") },
    };
    let action = match verb {
        "unassign" if text("action").is_empty() => verb.to_owned(),
        _ => text("action"),
    };
    UserTaskCommand { user_task_key, action, operation }
}

/// The completion of a job, with what a task listener answers.
pub(crate) fn completion(step: &Step, job_key: Key) -> Command {
    let variables = step.variables();
    let (denied, correct) = (step.option("denied"), step.option("correct"));
    if denied.is_none() && correct.is_none() {
        return Command::CompleteJob { job_key, variables };
    }
    let mut result = TaskListenerResult {
        is_denied: denied.is_some(),
        denied_reason: denied.unwrap_or_default().to_owned(),
        ..TaskListenerResult::default()
    };
    let corrections = &mut result.corrections;
    for (name, value) in correct.iter().flat_map(|text| text.split(';')).filter_map(|one| one.split_once(':'))
    {
        let names = || Some(value.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect());
        match name {
            "assignee" => result.assignee = Some(value.to_owned()),
            "candidateGroups" => corrections.candidate_groups = names(),
            "candidateUsers" => corrections.candidate_users = names(),
            "dueDate" => corrections.due_date = Some(value.to_owned()),
            "followUpDate" => corrections.follow_up_date = Some(value.to_owned()),
            _ => corrections.priority = Some(value.parse().expect("a number")),
        }
    }
    Command::CompleteListener(Box::new(CompleteListener { job_key, variables, result }))
}

fn changes(step: &Step) -> UserTaskChanges {
    let json: Value = serde_json::from_str(step.json.as_deref().expect("a document")).expect("JSON");
    let text = |name: &str| json.get(name).map(|value| value.as_str().expect("text").to_owned());
    let texts = |name: &str| {
        let items = json.get(name)?.as_array().expect("a list").iter();
        Some(items.map(|item| item.as_str().expect("text").to_owned()).collect())
    };
    UserTaskChanges {
        candidate_groups: texts("candidateGroups"),
        candidate_users: texts("candidateUsers"),
        due_date: text("dueDate"),
        follow_up_date: text("followUpDate"),
        priority: json.get("priority").map(|value| value.as_i64().expect("a number") as i32),
    }
}

/// Variables of a task are a change of it: while its listeners are asked about another one, or about its end, they are refused, in the
/// words of the reference engine (`VariableDocumentUpdateProcessor`). They took the place of what was under way, and the task never ended.
#[test]
fn a_task_that_is_being_ended_takes_no_variables() {
    let mut rig = Rig::default();
    let listener = r#"<zeebe:taskListeners><zeebe:taskListener eventType="canceling" type="ask" /></zeebe:taskListeners>"#;
    let task = format!(
        r#"<bpmn:userTask id="u"><bpmn:extensionElements><zeebe:userTask />{listener}</bpmn:extensionElements></bpmn:userTask>{}"#,
        flow("s", "u")
    );
    rig.deploy_body("p", &task);
    let rows = rig.dump();
    let process_instance_key = rig.start("p", VariableDocument::default()).unwrap();
    rig.send(&Command::CancelProcessInstance { process_instance_key });
    rig.run_due();
    let user_task_key = *rig.names.user_tasks.last().unwrap();
    let element_instance_key = rig.standing("u")[0];
    let (variables, semantics) = (variables(r#"{"x":1}"#.into()), UpdateSemantics::Local);
    let request = rig.send(&Command::SetVariables { element_instance_key, variables, semantics });
    let rejection = rig.answer(request).unwrap().unwrap_err();
    let reason = format!(
        "Expected to trigger update transition for user task with key '{user_task_key}', but it is in state 'CANCELING'"
    );
    assert_eq!((rejection.kind, rejection.reason), (RejectionType::InvalidState, reason));
    let job = rig.take_jobs("ask")[0];
    rig.finish(job, VariableDocument::default()).unwrap();
    rig.run_due();
    assert_eq!(rig.dump(), rows);
}
