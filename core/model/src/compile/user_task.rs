//! Tasks for people. With `zeebe:userTask` the engine keeps them itself, without it they are jobs of a type of their own, whose
//! headers say what the engine knows.

use super::Compiler;
use super::expression::marked;
use super::task::headers_json;
use crate::number::whole_part;
use crate::process::{Binding, ElementKind, Header, JobWorkerTask, TaskKind, Text};
use crate::user_task::{Candidates, FormOfTask, UserTask, date_time_text, names_of};
use crate::xml::{Node, attr, extensions_named, text_content};
use ringbolt_record::USER_TASK_JOB_TYPE;

/// How often such a job may fail.
const JOB_RETRIES: i64 = 1;
/// The header with the key of the form.
const FORM_KEY_HEADER: &str = "io.camunda.zeebe:formKey";
/// What a priority may be.
const PRIORITIES: std::ops::RangeInclusive<i32> = 0..=100;

/// Extension elements of which a user task has one of each.
const SINGLE: [&str; 5] =
    ["userTask", "assignmentDefinition", "formDefinition", "taskSchedule", "priorityDefinition"];

/// Whether a form's id or key is missing.
fn is_blank(value: Option<&str>) -> bool {
    value.is_none_or(|value| value.trim().is_empty())
}

impl<'d> Compiler<'d, '_> {
    pub(super) fn user_task(&mut self, node: Node<'d>) -> ElementKind {
        for name in SINGLE {
            self.at_most_one(node, name);
        }
        let is_native = extensions_named(node, "userTask").next().is_some();
        let mut task = UserTask::default();
        self.assignment(node, &mut task);
        self.schedule(node, &mut task);
        let form_key = self.form(node, is_native, &mut task);
        let priority = extensions_named(node, "priorityDefinition").next();
        // It is checked even where nobody asks for it.
        task.priority = priority.and_then(|definition| self.priority(definition)).filter(|_| is_native);
        task.headers = self.task_headers(node);
        if is_native {
            task.headers_json = headers_json(&task.headers).into();
            task.listeners = self.task_listeners(node, &task.headers);
            return ElementKind::UserTask(task);
        }
        let form_key = form_key.map(|value| Header { key: FORM_KEY_HEADER.into(), value: value.into() });
        let headers: Box<[Header]> = std::mem::take(&mut task.headers).into_iter().chain(form_key).collect();
        ElementKind::JobWorkerTask(JobWorkerTask {
            kind: TaskKind::User,
            job_type: Text::Static(USER_TASK_JOB_TYPE.into()),
            retries: Text::Number { text: JOB_RETRIES.to_string().into(), whole: JOB_RETRIES },
            priority: None,
            headers_json: headers_json(&headers).into(),
            headers,
            linked_resources: Box::default(),
            user_task: Some(Box::new(task)),
        })
    }

    fn assignment(&mut self, node: Node<'d>, task: &mut UserTask) {
        let Some(definition) = extensions_named(node, "assignmentDefinition").next() else { return };
        task.assignee = self.static_or_expression(definition, "assignee");
        task.candidate_groups = self.candidates(definition, "candidateGroups");
        task.candidate_users = self.candidates(definition, "candidateUsers");
    }

    /// Text of which static text that is a number stays text.
    fn static_or_expression(&mut self, node: Node<'d>, name: &str) -> Option<Text> {
        let value = attr(node, name).filter(|value| !is_blank(Some(value)))?;
        match marked(value) {
            Some(expression) => self.parse(node, expression).map(Text::Expression),
            None => self.within_limit(node, value).map(|value| Text::Static(value.into())),
        }
    }

    fn candidates(&mut self, node: Node<'d>, name: &str) -> Option<Candidates> {
        match self.static_or_expression(node, name)? {
            Text::Expression(expression) => Some(Candidates::Expression(expression)),
            Text::Static(text) | Text::Number { text, .. } => {
                let names = names_of(&text);
                if names.is_none() {
                    self.static_finding(node, "be a list of comma-separated values, e.g. 'a,b,c'", &text);
                }
                names.map(Candidates::Static)
            }
        }
    }

    fn schedule(&mut self, node: Node<'d>, task: &mut UserTask) {
        let Some(schedule) = extensions_named(node, "taskSchedule").next() else { return };
        task.due_date = self.date(schedule, "dueDate");
        task.follow_up_date = self.date(schedule, "followUpDate");
    }

    fn date(&mut self, node: Node<'d>, name: &str) -> Option<Text> {
        match self.static_or_expression(node, name)? {
            Text::Static(text) => {
                let shown = date_time_text(&text);
                if shown.is_none() {
                    let wanted = "be a valid DateTime String, e.g. '2023-03-02T15:35+02:00'";
                    self.static_finding(node, wanted, &text);
                }
                shown.map(|text| Text::Static(text.into()))
            }
            other => Some(other),
        }
    }

    fn static_finding(&mut self, node: Node<'d>, wanted: &str, found: &str) {
        self.findings.add(node, format!("Expected static value to {wanted}, but found '{found}'."));
    }

    fn priority(&mut self, node: Node<'d>) -> Option<Text> {
        let value = attr(node, "priority")?;
        let priority = self.text(node, Some(value))?;
        if matches!(priority, Text::Expression(_)) {
            return Some(priority);
        }
        let is_integer = value.parse::<f64>().is_ok_and(|number| number % 1.0 == 0.0);
        if whole_part(value).is_none() || !is_integer {
            self.static_finding(node, "be a valid Number between 0 and 100", value);
            return None;
        }
        if value.parse().is_ok_and(|number: i32| !PRIORITIES.contains(&number)) {
            let message = format!("Priority must be a number between 0 and 100, but was '{value}'.");
            self.findings.add(node, message);
            return None;
        }
        Some(priority)
    }

    /// Reads the form. The key of a form, which only jobs have.
    fn form(&mut self, node: Node<'d>, is_native: bool, task: &mut UserTask) -> Option<&'d str> {
        let definition = extensions_named(node, "formDefinition").next()?;
        let form_id = attr(definition, "formId");
        let (other, behind) =
            if is_native { ("externalReference", " for native user tasks") } else { ("formKey", "") };
        let other_value = attr(definition, other);
        if is_blank(form_id) == is_blank(other_value) {
            let message = format!(
                "Exactly one of the attributes 'formId, {other}' must be present and not blank{behind}"
            );
            self.findings.add(definition, message);
        }
        let binding = self.binding(definition);
        if !is_blank(form_id) {
            task.form = self.form_by_id(definition, binding);
        }
        if is_native {
            task.external_form_reference = self.static_or_expression(definition, other);
            return None;
        }
        other_value
    }

    fn form_by_id(&mut self, definition: Node<'d>, binding: Option<Binding>) -> Option<FormOfTask> {
        let form_id = self.text(definition, attr(definition, "formId"));
        Some(FormOfTask { form_id: form_id?, binding: binding? })
    }

    /// Forms that stand in the model itself. Only clients read them.
    pub(super) fn user_task_forms(&mut self, process: Node<'d>) {
        for form in extensions_named(process, "userTaskForm") {
            if text_content(form).is_empty() {
                self.findings.add(form, "User task form text content has to be present and not empty");
            }
        }
    }
}
