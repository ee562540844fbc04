//! Merges variables into the scope of an element instance, or upwards from there.

use crate::aspects::task_listeners;
use crate::behaviors::conditions;
use crate::behaviors::suspended::{self, HELD_MAX};
use crate::behaviors::user_tasks::{self, With};
use crate::behaviors::variables::Owner;
use crate::commands::{check_not_banned, check_not_suspended};
use crate::failure::{Refusal, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::command::UpdateSemantics;
use ringbolt_record::values::VariableDocumentRecord;
use ringbolt_record::{
    ChangedAttributes, Key, Reply, UserTaskIntent, VariableDocument, VariableDocumentIntent,
};
use ringbolt_tables::{DocumentOfChange, UserTaskState};

pub(crate) fn process_update(
    p: &mut Processing<'_>,
    scope_key: Key,
    variables: &VariableDocument,
    semantics: UpdateSemantics,
) -> Result<(), Refusal> {
    let Some(scope) = p.tables().element_instance(scope_key) else {
        return Err(not_found(format!(
            "Expected to update variables for element with key '{}', but no such element was found",
            scope_key.to_wire()
        )));
    };
    let instance = scope.element.instance;
    check_not_banned(p, instance.process_instance_key)?;
    let definition = p.definition_of(instance.process_definition_key, instance.process_instance_key)?;
    let owner = Owner { instance, tenant_id: &definition.tenant_id };
    let is_local = semantics == UpdateSemantics::Local;
    let record = VariableDocumentRecord { scope_key, is_local, tenant_id: &definition.tenant_id };
    // Variables of a user task are something of the task that changes.
    let task = p.tables().user_task(scope.waits_for);
    if let Some(task) = &task {
        check_not_suspended(p, instance.process_instance_key, scope_key)?;
        // Another change is under way, or its end, which listeners are asked about.
        if task.state != UserTaskState::Created {
            return Err(invalid_state(format!(
                "Expected to trigger update transition for user task with key '{}', but it is in state '{}'",
                scope.waits_for.to_wire(),
                task.state.name()
            )));
        }
    }
    if suspended::is_full(p, instance.process_instance_key) {
        let key = instance.process_instance_key;
        return Err(invalid_state(format!(
            "Expected to update variables of process instance with key '{key}', but it is suspended and keeps {HELD_MAX} steps until it \
             is resumed, which is as many as it may"
        )));
    }
    let with = With { changed: ChangedAttributes::VARIABLES, ..With::default() };
    let key = p.next_key();
    if let Some(task) = &task {
        p.append(VariableDocumentIntent::Updating, key, &record);
        let json = if variables.is_empty() { Vec::new() } else { variables.to_json() };
        let document = Some(DocumentOfChange { key, is_local });
        let with = With { variables: &json, document, ..with };
        let under_way = (UserTaskIntent::Updating, UserTaskState::Updating);
        if task_listeners::begin_asked(p, scope.waits_for, under_way, task, with)? {
            return Ok(());
        }
    }
    match is_local {
        true => conditions::set_local(p, owner, scope_key, variables.iter())?,
        false => conditions::propagate(p, owner, scope_key, variables.iter())?,
    }
    if let Some(task) = &task {
        user_tasks::append(p, UserTaskIntent::Updated, scope.waits_for, task, with);
    }
    p.append(VariableDocumentIntent::Updated, key, &record);
    p.reply(Reply::VariablesSet { key });
    Ok(())
}
