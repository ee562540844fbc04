//! Steps of scenarios about user tasks, as the gateway makes commands of them.

use crate::scenarios::Step;
use ringbolt_record::command::CompleteListener;
use ringbolt_record::user_task::UserTaskOperation;
use ringbolt_record::{Command, Key, TaskListenerResult, UserTaskChanges, UserTaskCommand};
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
