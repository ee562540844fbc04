//! What the model of a user task says of people, dates and forms, evaluated; and the headers that its job has because of it.

use crate::at::At;
use crate::behaviors::variables::{ObjectWriter, write_json_text};
use crate::behaviors::{deployed, expressions};
use crate::failure::Failure;
use crate::writers::Processing;
use ringbolt_feel::Expression;
use ringbolt_model::{Candidates, FormOfTask, Header, Text, UserTask};
use ringbolt_record::{ErrorType, Key};
use ringbolt_tables::ResourceKind;

/// The priority of a task whose model does not say.
pub(crate) const PRIORITY_DEFAULT: i32 = 50;
/// What a priority may be.
const PRIORITIES: std::ops::RangeInclusive<i32> = 0..=100;

/// See the module. Texts are empty where the model says nothing.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) assignee: String,
    /// None where the model says nothing.
    pub(crate) candidate_groups: Option<Vec<String>>,
    /// None where the model says nothing.
    pub(crate) candidate_users: Option<Vec<String>>,
    pub(crate) due_date: String,
    pub(crate) follow_up_date: String,
    /// None where it has no form that was deployed.
    pub(crate) form_key: Key,
    pub(crate) external_form_reference: String,
    pub(crate) priority: i32,
}

/// Evaluates what a user task says, in the order in which the reference engine does.
pub(crate) fn evaluate(p: &Processing<'_>, task: &UserTask, at: &At) -> Result<Assignment, Failure> {
    let scope_key = at.key;
    Ok(Assignment {
        assignee: text(p, task.assignee.as_ref(), scope_key)?,
        candidate_groups: candidates(p, task.candidate_groups.as_ref(), scope_key)?,
        candidate_users: candidates(p, task.candidate_users.as_ref(), scope_key)?,
        due_date: date(p, task.due_date.as_ref(), scope_key)?,
        follow_up_date: date(p, task.follow_up_date.as_ref(), scope_key)?,
        form_key: task.form.as_ref().map_or(Ok(Key::NONE), |form| form_key(p, at, form))?,
        external_form_reference: text(p, task.external_form_reference.as_ref(), scope_key)?,
        priority: priority(p, task.priority.as_ref(), scope_key)?,
    })
}

/// A text, which is empty where the model says nothing.
pub(crate) fn text(p: &Processing<'_>, text: Option<&Text>, scope_key: Key) -> Result<String, Failure> {
    read(text, |expression| expressions::evaluate_any_text(p, expression, scope_key))
}

/// The form that a task is bound to.
pub(crate) fn form_key(p: &Processing<'_>, at: &At, form: &FormOfTask) -> Result<Key, Failure> {
    let form_id = match &form.form_id {
        Text::Static(text) => text.to_string(),
        Text::Number { text, .. } => return Err(expressions::wrong_static_type(text, "STRING", "NUMBER")),
        Text::Expression(expression) => expressions::evaluate_any_text(p, expression, at.key)?,
    };
    deployed::find(p, at, ResourceKind::Form, &form_id, &form.binding)
}

fn date(p: &Processing<'_>, text: Option<&Text>, scope_key: Key) -> Result<String, Failure> {
    read(text, |expression| expressions::evaluate_date_time(p, expression, scope_key))
}

/// A text as it stands in the model, without the sign of an expression.
pub(crate) fn shown(text: &Text) -> String {
    match text {
        Text::Static(text) | Text::Number { text, .. } => text.to_string(),
        Text::Expression(expression) => expressions::shown(expression.text()).to_owned(),
    }
}

/// A text as it stands in the model, or what its expression gives.
fn read(
    text: Option<&Text>,
    evaluate: impl FnOnce(&Expression) -> Result<String, Failure>,
) -> Result<String, Failure> {
    match text {
        None => Ok(String::new()),
        Some(Text::Static(text) | Text::Number { text, .. }) => Ok(text.to_string()),
        Some(Text::Expression(expression)) => evaluate(expression),
    }
}

fn candidates(
    p: &Processing<'_>,
    candidates: Option<&Candidates>,
    scope_key: Key,
) -> Result<Option<Vec<String>>, Failure> {
    match candidates {
        None => Ok(None),
        Some(Candidates::Static(names)) => Ok(Some(names.iter().map(|name| name.to_string()).collect())),
        Some(Candidates::Expression(expression)) => {
            expressions::evaluate_texts(p, expression, scope_key).map(Some)
        }
    }
}

/// The priority that the model says, or the default one.
pub(crate) fn priority(p: &Processing<'_>, text: Option<&Text>, scope_key: Key) -> Result<i32, Failure> {
    let priority = match text {
        None => return Ok(PRIORITY_DEFAULT),
        // The lowest 32 bits, as in the reference engine.
        Some(Text::Number { whole, .. }) => *whole as i32,
        Some(Text::Static(text)) => return Err(expressions::wrong_static_type(text, "NUMBER", "STRING")),
        Some(Text::Expression(expression)) => expressions::evaluate_integer(p, expression, scope_key)?,
    };
    if PRIORITIES.contains(&priority) {
        return Ok(priority);
    }
    let message = format!("Expected priority to be in the range [0,100] but was '{priority}'.");
    Err(Failure::new(ErrorType::ExtractValueError, message))
}

/// The headers of a user task's job as a JSON object: those of its model, then what was evaluated.
pub(crate) fn headers(headers: &[Header], assignment: &Assignment) -> String {
    let mut object = ObjectWriter::new();
    let mut add = |key: &str, value: &str| {
        let mut json = Vec::with_capacity(value.len() + 2);
        write_json_text(&mut json, value);
        object.member(key, &json);
    };
    for header in headers {
        add(&header.key, &header.value);
    }
    let groups = assignment.candidate_groups.as_deref().map(list_literal);
    let users = assignment.candidate_users.as_deref().map(list_literal);
    let evaluated = [
        ("assignee", Some(&assignment.assignee)),
        ("candidateGroups", groups.as_ref()),
        ("candidateUsers", users.as_ref()),
        ("dueDate", Some(&assignment.due_date)),
        ("followUpDate", Some(&assignment.follow_up_date)),
    ];
    let form_key = assignment.form_key.is_some().then(|| assignment.form_key.to_wire().to_string());
    let evaluated = evaluated.into_iter().chain([("formKey", form_key.as_ref())]);
    for (name, value) in evaluated {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            add(&format!("io.camunda.zeebe:{name}"), value);
        }
    }
    String::from_utf8(object.finish()).expect("it is made of text")
}

/// A list as an expression has it; quotes in it are not escaped, as in the reference engine.
pub(crate) fn list_literal(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", names.join(","))
}
