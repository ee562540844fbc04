//! Instances that call others: finding what is called, beginning it, and what comes back.
//!
//! Whoever called an instance waits for its key, and stands in each of its records. What comes back is kept in the step that
//! leaves the called instance; the call activity is left in a step of its own.

use crate::at::{At, element_ref};
use crate::behaviors::expressions;
use crate::behaviors::variables::{self, Owner, Seen};
use crate::definitions::Definition;
use crate::failure::{Failure, Interruption};
use crate::lifecycle::{self, Caller};
use crate::writers::Processing;
use ringbolt_model::{Binding, Flags, Text};
use ringbolt_record::values::{Arrival, InstanceRef};
use ringbolt_record::{ElementIndex, ErrorType, FollowUp, Key, VariableDocument};
use std::sync::Arc;

/// What a call activity calls.
pub(crate) fn prepare(p: &mut Processing<'_>, at: &At) -> Result<Arc<Definition>, Interruption> {
    let Some(call) = at.model().call() else {
        return Err(at.unexpected(format!("'{}' calls nothing", at.model().id)).into());
    };
    let process_id = match &call.process_id {
        Text::Static(text) => text.to_string(),
        Text::Number { text, .. } => {
            return Err(expressions::wrong_static_type(text, "STRING", "NUMBER").into());
        }
        Text::Expression(expression) => expressions::evaluate_any_text(p, expression, at.key)?,
    };
    let wrong = |message| Failure::new(ErrorType::CalledElementError, message);
    let key = find(p, at, &call.binding, &process_id).map_err(wrong)?;
    let definition = p.definition(key).ok().flatten().ok_or_else(|| wrong(not_deployed(&process_id)))?;
    if definition.element(ElementIndex::PROCESS).none_start.is_none() {
        return Err(wrong(format!(
            "Expected process with BPMN process id '{process_id}' to have a none start event, but not found."
        ))
        .into());
    }
    let max = p.settings.call_depth_max;
    if depth(p, at) >= max {
        return Err(wrong(format!(
            "The call activity has reached the maximum depth of {max}. This is likely due to a recursive call. Cancel the \
             root process instance if this was unintentional. Otherwise, consider increasing the maximum depth, or use \
             process instance modification to adjust the process instance."
        ))
        .into());
    }
    Ok(definition)
}

fn not_deployed(process_id: &str) -> String {
    format!("Expected process with BPMN process id '{process_id}' to be deployed, but not found.")
}

/// Instances that are called one by another, down to the one that an element instance belongs to; one at the top.
fn depth(p: &Processing<'_>, at: &At) -> u32 {
    let above = match at.element.instance.is_called() {
        false => 0,
        true => p.tables().instance_metadata(at.process_instance_key()).map_or(0, |row| row.call_depth),
    };
    above + 1
}

/// The version that a call activity is bound to.
fn find(p: &Processing<'_>, at: &At, binding: &Binding, process_id: &str) -> Result<Key, String> {
    let (tables, tenant_id) = (p.tables(), &at.definition.tenant_id);
    match binding {
        Binding::Latest => {
            let latest = tables.latest_process(tenant_id, process_id);
            latest.map(|latest| latest.key).ok_or_else(|| not_deployed(process_id))
        }
        Binding::Deployment => {
            let deployment_key = tables.process(at.definition.key).map_or(Key::NONE, |row| row.deployment_key);
            tables.process_by_deployment(deployment_key, process_id).ok_or_else(|| {
                format!(
                    "Expected to call process with BPMN process id '{process_id}' with binding type 'deployment', but no \
                     such process found in the deployment with key {deployment_key} which contained the current process. \
                     To resolve this incident, migrate the process instance to a process definition that is deployed \
                     together with the intended process definition to call."
                )
            })
        }
        Binding::VersionTag(tag) => tables.process_by_version_tag(tenant_id, process_id, tag).ok_or_else(|| {
            format!(
                "Expected to call process with BPMN process id '{process_id}' and version tag '{tag}', but no such process \
                 found. To resolve this incident, deploy a process with the given process id and version tag."
            )
        }),
    }
}

/// Begins the called instance of a call activity that has just become active; it goes on in a later step. It is there from
/// now on, so that nothing of it can be left behind should its caller end before that.
pub(crate) fn begin(p: &mut Processing<'_>, at: &At, definition: Arc<Definition>) {
    let key = p.next_key();
    let instance = InstanceRef {
        process_definition_key: definition.key,
        process_instance_key: key,
        root_process_instance_key: at.element.instance.root_process_instance_key,
    };
    let seen = match at.model().call() {
        Some(call) if call.propagates_all_down => Some(Seen::All),
        Some(_) | None => at.model().flags.has(Flags::HAS_INPUTS).then_some(Seen::Own),
    };
    if let Some(seen) = seen {
        let variables = variables::copy(p, at.key, seen);
        let owner = Owner { instance, tenant_id: &definition.tenant_id };
        for (name, value) in variables.iter() {
            variables::set_local(p, owner, key, name, value);
        }
    }
    let element = element_ref(&definition, instance, ElementIndex::PROCESS, Key::NONE);
    let caller = Caller { process_instance_key: at.process_instance_key(), element_instance_key: at.key };
    lifecycle::called(p, &At { key, element, definition }, caller);
    p.follow_up(key, FollowUp::Activate { key, element, arrival: Arrival::Again });
}

/// What comes back to a call activity.
pub(crate) struct Returned {
    /// The call activity's instance.
    pub(crate) caller: Key,
    /// None where nothing comes back.
    pub(crate) variables: Option<VariableDocument>,
}

/// What comes back from a called instance that is about to complete; nothing where nobody called it, or where its caller
/// cannot go on.
pub(crate) fn result(p: &mut Processing<'_>, at: &At) -> Result<Option<Returned>, Interruption> {
    if !at.element.instance.is_called() || at.element.flow_scope_key.is_some() {
        return Ok(None);
    }
    let caller = lifecycle::caller(p, at.element.instance);
    let is_banned = p.tables().is_banned(caller.process_instance_key);
    let Some(row) = p.tables().element_instance(caller.element_instance_key).filter(|_| !is_banned) else {
        return Ok(None);
    };
    let outer = At::find(p, caller.element_instance_key, row.element)?;
    let call = outer.model().call();
    let comes_back = !outer.model().outputs.is_empty() || call.is_some_and(|call| call.propagates_all_up);
    let variables = comes_back.then(|| variables::copy(p, at.key, Seen::Own));
    Ok(Some(Returned { caller: caller.element_instance_key, variables }))
}
