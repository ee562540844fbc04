//! Jobs of task listeners: what their workers are told about the user task, which stands in their headers, and what they answer.

use crate::json::{put_key, put_number, put_text, put_text_or_null, put_texts};
use crate::value::Value;
use ringbolt_record::reply::ActivatedJob;
use ringbolt_record::{JobKind, Key, TaskListenerResult, UserTaskChanges};

/// What the headers begin with that say something about the task.
const PREFIX: &str = "io.camunda.zeebe:";

/// A user task as the worker of its listener sees it: as it will be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskOfListener {
    /// The client's word for what it does; empty when no client does it.
    pub action: String,
    /// Who has it; empty for nobody.
    pub assignee: String,
    /// The groups whose members may do it.
    pub candidate_groups: Vec<String>,
    /// The people who may do it.
    pub candidate_users: Vec<String>,
    /// What changes.
    pub changed_attributes: Vec<String>,
    /// When it is to be done; empty for never.
    pub due_date: String,
    /// When it is to be looked after; empty for never.
    pub follow_up_date: String,
    /// Its form, as clients write keys.
    pub form_key: Option<i64>,
    /// From 0 to 100.
    pub priority: Option<i32>,
    /// The task, as clients write keys.
    pub user_task_key: Option<i64>,
}

impl TaskOfListener {
    /// The task that a job's listener is asked about; none for other jobs.
    pub fn of(job: &ActivatedJob) -> Option<Self> {
        if job.kind != JobKind::TaskListener {
            return None;
        }
        let mut task = Self::default();
        let list = |text: &str| Value::new(text.as_bytes()).items().filter_map(owned).collect();
        for (name, value) in Value::new(job.custom_headers.as_bytes()).members() {
            let (Some(name), Some(text)) = (name.strip_prefix(PREFIX), owned(value)) else { continue };
            match name {
                "action" => task.action = text,
                "assignee" => task.assignee = text,
                "candidateGroups" => task.candidate_groups = list(&text),
                "candidateUsers" => task.candidate_users = list(&text),
                "changedAttributes" => task.changed_attributes = list(&text),
                "dueDate" => task.due_date = text,
                "followUpDate" => task.follow_up_date = text,
                "formKey" => task.form_key = text.parse().ok(),
                "priority" => task.priority = text.parse().ok(),
                "userTaskKey" => task.user_task_key = text.parse().ok(),
                _ => {}
            }
        }
        Some(task)
    }

    /// The task as a document.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let text = |out: &mut Vec<u8>, name: &str, text: &str| {
            out.extend_from_slice(name.as_bytes());
            put_text_or_null(out, text);
        };
        out.extend_from_slice(br#"{"action":"#);
        put_text(out, &self.action);
        text(out, r#","assignee":"#, &self.assignee);
        for (name, names) in [
            ("candidateGroups", &self.candidate_groups),
            ("candidateUsers", &self.candidate_users),
            ("changedAttributes", &self.changed_attributes),
        ] {
            out.extend_from_slice(format!(r#","{name}":"#).as_bytes());
            put_texts(out, names);
        }
        text(out, r#","dueDate":"#, &self.due_date);
        text(out, r#","followUpDate":"#, &self.follow_up_date);
        let key = |out: &mut Vec<u8>, name: &str, key: Option<i64>| {
            out.extend_from_slice(name.as_bytes());
            match key {
                Some(key) => put_key(out, Key::from_wire(key)),
                None => out.extend_from_slice(b"null"),
            }
        };
        key(out, r#","formKey":"#, self.form_key);
        out.extend_from_slice(br#","priority":"#);
        match self.priority {
            Some(priority) => put_number(out, priority),
            None => out.extend_from_slice(b"null"),
        }
        key(out, r#","userTaskKey":"#, self.user_task_key);
        out.push(b'}');
    }
}

fn owned(value: Value<'_>) -> Option<String> {
    value.text().map(|text| text.into_owned())
}

/// The attributes that a document of changes or corrections names; those that are null stay.
pub(crate) fn changes(document: Option<Value<'_>>) -> UserTaskChanges {
    let value = |name: &str| document?.member(name).filter(|value| !value.is_null());
    let texts = |name: &str| Some(value(name)?.items().filter_map(owned).collect());
    UserTaskChanges {
        candidate_groups: texts("candidateGroups"),
        candidate_users: texts("candidateUsers"),
        due_date: value("dueDate").and_then(owned),
        follow_up_date: value("followUpDate").and_then(owned),
        priority: value("priority").and_then(|value| value.long()?.try_into().ok()),
    }
}

/// The result of a completion over REST.
pub(crate) fn result(document: Value<'_>) -> TaskListenerResult {
    let corrections = document.member("corrections").filter(|value| !value.is_null());
    TaskListenerResult {
        is_denied: document.member("denied").and_then(Value::flag).unwrap_or_default(),
        denied_reason: document.member("deniedReason").and_then(owned).unwrap_or_default(),
        assignee: corrections.and_then(|document| owned(document.member("assignee")?)),
        corrections: changes(corrections),
    }
}

#[cfg(test)]
mod tests {
    use super::{TaskOfListener, result};
    use crate::fake::job;
    use crate::value::Value;
    use ringbolt_record::JobKind;
    use ringbolt_record::reply::ActivatedJob;

    #[test]
    fn a_task_stands_in_the_headers_of_its_listeners_job() {
        let headers = r#"{"own":"1","io.camunda.zeebe:assignee":"anna","io.camunda.zeebe:candidateGroups":"[\"a\",\"b\"]","io.camunda.zeebe:priority":"50","io.camunda.zeebe:userTaskKey":"2251799813685256"}"#;
        let listener = ActivatedJob { kind: JobKind::TaskListener, custom_headers: headers.into(), ..job(1) };
        let task = TaskOfListener::of(&listener).expect("a task");
        assert_eq!((&*task.assignee, task.priority), ("anna", Some(50)));
        let mut out = Vec::new();
        task.put(&mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"action":"","assignee":"anna","candidateGroups":["a","b"],"candidateUsers":[],"changedAttributes":[],"dueDate":null,"followUpDate":null,"formKey":null,"priority":50,"userTaskKey":"2251799813685256"}"#
        );
        assert_eq!(TaskOfListener::of(&job(1)), None);
    }

    #[test]
    fn what_is_null_is_not_corrected() {
        let text = br#"{"type":"userTask","denied":false,"corrections":{"assignee":"","dueDate":null,"candidateUsers":["u"],"priority":7}}"#;
        let result = result(Value::new(text));
        assert!(!result.is_denied && result.has_corrections());
        assert_eq!(result.assignee.as_deref(), Some(""));
        let corrections = result.corrections;
        assert_eq!((corrections.due_date, corrections.priority), (None, Some(7)));
        assert_eq!(corrections.candidate_users, Some(vec!["u".to_owned()]));
    }
}
