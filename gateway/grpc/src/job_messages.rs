//! Jobs as messages, and what the workers of task listeners and ad-hoc sub-processes answer.

use crate::messages as m;
use bytes::Bytes;
use ringbolt_api::ApiError;
use ringbolt_api::listeners::TaskOfListener;
use ringbolt_api::request::Mapper;
use ringbolt_record::reply::ActivatedJob;
use ringbolt_record::{
    AdHocActivation, AdHocInstruction, DEFAULT_TENANT, JobKind, JobListenerEventType, TaskListenerResult,
    UserTaskChanges,
};

/// A job as it travels.
pub(crate) fn job_message(job: ActivatedJob) -> m::ActivatedJob {
    let user_task = TaskOfListener::of(&job).map(task_message);
    m::ActivatedJob {
        key: job.key.to_wire(),
        r#type: job.job_type.to_string(),
        process_instance_key: job.process_instance_key.to_wire(),
        bpmn_process_id: job.bpmn_process_id.to_string(),
        process_definition_version: job.process_definition_version,
        process_definition_key: job.process_definition_key.to_wire(),
        element_id: job.element_id.to_string(),
        element_instance_key: job.element_instance_key.to_wire(),
        // Clients parse both as objects, also when there is nothing in them.
        custom_headers: if job.custom_headers.is_empty() {
            "{}".to_owned()
        } else {
            job.custom_headers.to_string()
        },
        worker: job.worker.to_string(),
        retries: job.retries,
        deadline: job.deadline.0,
        variables: if job.variables.is_empty() { Bytes::from_static(b"{}") } else { job.variables },
        tenant_id: if job.tenant_id.is_empty() {
            DEFAULT_TENANT.to_owned()
        } else {
            job.tenant_id.to_string()
        },
        user_task,
        kind: match job.kind {
            JobKind::BpmnElement => m::JobKind::BpmnElement,
            JobKind::ExecutionListener => m::JobKind::ExecutionListener,
            JobKind::TaskListener => m::JobKind::TaskListener,
            JobKind::AdHocSubProcess => m::JobKind::AdHocSubProcess,
        }
        .into(),
        listener_event_type: match job.listener_event_type {
            // The protocol's gRPC half has no word for the last two.
            JobListenerEventType::Unspecified
            | JobListenerEventType::BeforeAll
            | JobListenerEventType::Cancel => m::ListenerEventType::Unspecified,
            JobListenerEventType::Start => m::ListenerEventType::Start,
            JobListenerEventType::End => m::ListenerEventType::End,
            JobListenerEventType::Creating => m::ListenerEventType::Creating,
            JobListenerEventType::Assigning => m::ListenerEventType::Assigning,
            JobListenerEventType::Updating => m::ListenerEventType::Updating,
            JobListenerEventType::Completing => m::ListenerEventType::Completing,
            JobListenerEventType::Canceling => m::ListenerEventType::Canceling,
        }
        .into(),
        tags: job.tags.to_vec(),
    }
}

/// Whether a result says that it is of an ad-hoc sub-process, or what only one of that does.
pub(crate) fn is_of_ad_hoc(result: &m::JobResult) -> bool {
    let flags = [result.is_completion_condition_fulfilled, result.is_cancel_remaining_instances];
    let says_so = result.r#type.as_deref() == Some("adHocSubProcess");
    says_so || !result.activate_elements.is_empty() || flags.contains(&Some(true))
}

/// What an ad-hoc sub-process is told by the worker of its job.
pub(crate) fn ad_hoc_instruction(
    mapper: &Mapper<'_>,
    result: m::JobResult,
) -> Result<AdHocInstruction, ApiError> {
    let activation = |element: m::JobResultActivateElement| {
        Ok(AdHocActivation {
            element_id: element.element_id,
            variables: mapper.variables(element.variables)?,
        })
    };
    Ok(AdHocInstruction {
        activate: result.activate_elements.into_iter().map(activation).collect::<Result<_, ApiError>>()?,
        is_completion_condition_fulfilled: result.is_completion_condition_fulfilled.unwrap_or_default(),
        cancels_remaining_instances: result.is_cancel_remaining_instances.unwrap_or_default(),
    })
}

/// What a task listener answers.
pub(crate) fn listener_result(result: m::JobResult) -> TaskListenerResult {
    let corrections = result.corrections.unwrap_or_default();
    let values = |list: Option<m::StringList>| list.map(|list| list.values);
    TaskListenerResult {
        is_denied: result.denied.unwrap_or_default(),
        denied_reason: result.denied_reason.unwrap_or_default(),
        assignee: corrections.assignee,
        corrections: UserTaskChanges {
            candidate_groups: values(corrections.candidate_groups),
            candidate_users: values(corrections.candidate_users),
            due_date: corrections.due_date,
            follow_up_date: corrections.follow_up_date,
            priority: corrections.priority,
        },
    }
}

/// The user task that a job's listener is asked about.
fn task_message(task: TaskOfListener) -> m::UserTaskProperties {
    let text = |text: String| (!text.is_empty()).then_some(text);
    m::UserTaskProperties {
        action: text(task.action),
        assignee: text(task.assignee),
        candidate_groups: task.candidate_groups,
        candidate_users: task.candidate_users,
        changed_attributes: task.changed_attributes,
        due_date: text(task.due_date),
        follow_up_date: text(task.follow_up_date),
        form_key: task.form_key,
        priority: task.priority,
        user_task_key: task.user_task_key,
    }
}
