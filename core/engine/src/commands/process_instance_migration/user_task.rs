//! A user task that is a job becomes one that the engine keeps. What the job says in its headers of people, dates and forms is the task's;
//! whom it belongs to and how urgent it is the new element says, as in the reference engine.

use super::map::Map;
use crate::at::At;
use crate::behaviors::assignments::{self, Assignment};
use crate::behaviors::user_tasks::{self, With};
use crate::behaviors::variables::ObjectWriter;
use crate::behaviors::{incidents, jobs};
use crate::failure::{Refusal, invalid_state};
use crate::writers::Processing;
use ringbolt_feel::Val;
use ringbolt_model::UserTask;
use ringbolt_record::values::{ElementInstanceRef, InstanceRef};
use ringbolt_record::{ChangedAttributes, ElementIndex, JobKind, Key, UserTaskIntent, VariableDocument};
use ringbolt_tables::{ElementInstanceRow, UserTaskRow};

/// How the names of the headers begin that the engine gives a user task's job.
const RESERVED: &str = "io.camunda.zeebe:";
/// What a form's key has in it that stands in the model itself.
const EMBEDDED: &str = "bpmn:usertaskform";

/// Whether the user task of an element instance is a job and is to be none.
pub(super) fn converts(map: &Map<'_>, index: ElementIndex, target: ElementIndex) -> bool {
    let source = map.source.element(index);
    let is_job = source.job().is_some_and(|job| job.user_task.is_some());
    is_job && map.target.element(target).user_task().is_some()
}

/// Makes the user task and cancels its job; the headers that the task has.
pub(super) fn convert(
    p: &mut Processing<'_>,
    map: &Map<'_>,
    key: Key,
    row: &ElementInstanceRow,
    target: ElementIndex,
) -> Result<String, Refusal> {
    let source_id = map.source_id(row.element.element_index);
    let job_key = row.waits_for;
    if p.tables().job(job_key).is_none_or(|job| job.kind != JobKind::BpmnElement) {
        return Err(invalid_state(format!(
            "Expected to migrate a job for user task '{source_id}' on process instance with key '{}', but could not find job with \
             key '{job_key}'. Please resolve any incidents on the user task before migrating the process instance.",
            map.process_instance_key
        )));
    }
    let headers = p.tables().job_headers(job_key).unwrap_or_default().to_owned();
    let headers = Headers(VariableDocument::parse(headers.into()).unwrap_or_default());
    let instance = InstanceRef { process_definition_key: map.target.key, ..row.element.instance };
    let element = ElementInstanceRef { instance, element_index: target, ..row.element };
    let at = At { key, element, definition: map.target.clone() };
    let custom_headers = headers.others();
    let Some(model) = map.target.element(target).user_task() else { return Ok(custom_headers) };
    let assignment = assignment(p, map, &at, model, &headers, row.element.element_index)?;
    create(p, &at, assignment, &custom_headers);
    let tenant_id = &map.source.tenant_id;
    jobs::cancel(p, job_key, tenant_id);
    incidents::resolve_of(p, job_key, tenant_id);
    Ok(custom_headers)
}

/// Writes that there is a user task, and whose it is.
fn create(p: &mut Processing<'_>, at: &At, assignment: Assignment, custom_headers: &str) {
    let mut task: UserTaskRow = user_tasks::of(p, at, assignment);
    let assignee = std::mem::take(&mut task.assignee);
    let key = p.next_key();
    let with = With { custom_headers, ..With::default() };
    user_tasks::append(p, UserTaskIntent::Creating, key, &task, with);
    user_tasks::append(p, UserTaskIntent::Created, key, &task, with);
    task.assignee = assignee;
    let with = With { changed: ChangedAttributes::ASSIGNEE, ..with };
    user_tasks::append(p, UserTaskIntent::Assigning, key, &task, with);
    user_tasks::append(p, UserTaskIntent::Assigned, key, &task, with);
}

/// What the task says, by its job's headers and its new element.
fn assignment(
    p: &Processing<'_>,
    map: &Map<'_>,
    at: &At,
    model: &UserTask,
    headers: &Headers,
    source: ElementIndex,
) -> Result<Assignment, Refusal> {
    // Its own variables are none of the new element's.
    let around = at.other(at.element.flow_scope_key, at.element);
    let mut assignment = Assignment {
        assignee: assignments::text(p, model.assignee.as_ref(), around.key).unwrap_or_default(),
        candidate_groups: headers.list("candidateGroups"),
        candidate_users: headers.list("candidateUsers"),
        due_date: headers.text("dueDate").unwrap_or_default(),
        follow_up_date: headers.text("followUpDate").unwrap_or_default(),
        form_key: Key::NONE,
        external_form_reference: String::new(),
        priority: assignments::priority(p, model.priority.as_ref(), around.key)
            .unwrap_or(assignments::PRIORITY_DEFAULT),
    };
    let Some(form_key) = headers.text("formKey") else { return Ok(assignment) };
    let has_form = |element: &ringbolt_model::Element| {
        element.job().and_then(|job| job.user_task.as_ref()).is_some_and(|task| task.form.is_some())
    };
    if form_key.to_lowercase().contains(EMBEDDED) {
        let refuse = |kind: &str, reference: &str, why: &str| {
            Err(invalid_state(format!(
                "Expected to migrate form of user task with id '{}' to {kind} form with reference '{reference}' defined in target \
                 element '{}', but reference evaluation failed with message: {why}",
                map.source_id(source),
                at.model().id
            )))
        };
        if let Some(reference) = &model.external_form_reference {
            match assignments::text(p, Some(reference), around.key) {
                Ok(text) => assignment.external_form_reference = text,
                Err(failure) => return refuse("external", &assignments::shown(reference), &failure.message),
            }
        } else if let Some(form) = &model.form {
            match assignments::form_key(p, &around, form) {
                Ok(key) => assignment.form_key = key,
                Err(failure) => {
                    return refuse("internal", &assignments::shown(&form.form_id), &failure.message);
                }
            }
        }
    } else if has_form(map.source.element(source)) {
        assignment.form_key = form_key.parse().map_or(Key::NONE, Key);
    } else {
        assignment.external_form_reference = form_key;
    }
    Ok(assignment)
}

/// The headers of a user task's job.
struct Headers(VariableDocument);

impl Headers {
    /// One of those that the engine gives it.
    fn text(&self, name: &str) -> Option<String> {
        let json = self.0.get(&format!("{RESERVED}{name}"))?;
        Val::from_json(json)?.as_str().map(str::to_owned)
    }

    /// One that is the text of a list.
    fn list(&self, name: &str) -> Option<Vec<String>> {
        let text = self.text(name)?;
        let names = Val::from_json(text.as_bytes())?;
        let names = names.as_list()?.to_vec();
        Some(names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
    }

    /// All others as a JSON object.
    fn others(&self) -> String {
        let mut object = ObjectWriter::new();
        for (name, value) in self.0.iter().filter(|(name, _)| !name.starts_with(RESERVED)) {
            object.member(name, value);
        }
        String::from_utf8(object.finish()).expect("it is made of text")
    }
}
