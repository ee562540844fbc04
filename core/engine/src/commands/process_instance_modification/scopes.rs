//! The element instances around an element that is entered by a modification: those that are there, and those that are entered for
//! it.

use super::check::takes_elements;
use super::instructions::{Activation, around};
use crate::at::{At, element_ref};
use crate::behaviors::conditions;
use crate::behaviors::variables::Owner;
use crate::commands::subscribe;
use crate::failure::{Refusal, Unexpected, invalid_argument};
use crate::lifecycle;
use crate::writers::Processing;
use ringbolt_record::values::Arrival;
use ringbolt_record::{BpmnElementType, ElementIndex, Key};
use std::collections::BTreeMap;

/// Finds or enters the element instances around an element, from the process inwards, each with the variables for it.
pub(super) fn enter_around(
    p: &mut Processing<'_>,
    process: &At,
    activation: &Activation<'_>,
    element: ElementIndex,
) -> Result<Vec<Key>, Refusal> {
    let chosen = chosen(p, activation.ancestor_key);
    let mut keys: Vec<Key> = Vec::new();
    for scope in around(&process.definition, element) {
        let found = match keys.last() {
            None => Some(process.key),
            Some(_) if activation.ancestor_key.is_some() => chosen.get(&scope).copied(),
            Some(outer_key) => only_instance(p, process, *outer_key, scope)?,
        };
        let key = match found {
            Some(key) => {
                check_takes_elements(p, process, key)?;
                set_variables(p, process, activation, scope, key)?;
                key
            }
            None => {
                let outer_key = keys.last().copied().unwrap_or_default();
                enter(p, process, activation, scope, outer_key)?
            }
        };
        keys.push(key);
    }
    Ok(keys)
}

/// The chosen ancestor and what is around it, by element.
fn chosen(p: &Processing<'_>, ancestor_key: Key) -> BTreeMap<ElementIndex, Key> {
    let mut found = BTreeMap::new();
    let mut key = ancestor_key;
    while let Some(row) = p.tables().element_instance(key) {
        found.insert(row.element.element_index, key);
        key = row.element.flow_scope_key;
    }
    found
}

/// The one instance of a scope in another, if there is any.
fn only_instance(
    p: &Processing<'_>,
    process: &At,
    outer_key: Key,
    scope: ElementIndex,
) -> Result<Option<Key>, Refusal> {
    let is_of_scope =
        |key: &Key| p.tables().element_instance(*key).is_some_and(|row| row.element.element_index == scope);
    let mut found = p.tables().children_after(outer_key, Key::NONE).filter(is_of_scope);
    let first = found.next();
    if found.next().is_none() {
        return Ok(first);
    }
    let definition = &process.definition;
    Err(invalid_argument(format!(
        "Expected to modify instance of process '{}' but it contains one or more activate instructions for an element that has a \
         flow scope with more than one active instance: '{}'. Can't decide in which instance of the flow scope the element should \
         be activated. Please specify an ancestor element instance key for this activate instruction.",
        definition.bpmn_process_id,
        definition.element(scope).id
    )))
}

fn check_takes_elements(p: &Processing<'_>, process: &At, key: Key) -> Result<(), Refusal> {
    if p.tables().element_instance(key).is_some_and(|row| takes_elements(&row)) {
        return Ok(());
    }
    Err(invalid_argument(format!(
        "Expected to modify instance of process '{}' but it contains one or more activate instructions for elements whose flow \
         scope instance is not in an active state: '{key}'",
        process.definition.bpmn_process_id
    )))
}

/// Enters a scope without its mappings; it waits for its events.
fn enter(
    p: &mut Processing<'_>,
    process: &At,
    activation: &Activation<'_>,
    scope: ElementIndex,
    outer_key: Key,
) -> Result<Key, Refusal> {
    let definition = &process.definition;
    let is_body =
        |index: ElementIndex| definition.element(index).element_type == BpmnElementType::MultiInstanceBody;
    if is_body(scope) || is_body(ElementIndex(definition.element(scope).parent.0)) {
        return Err(invalid_argument(format!(
            "Expected to modify instance of process '{}' but it contains one or more activate instructions that would result in \
             the activation of multi-instance element '{}', which is currently unsupported.",
            definition.bpmn_process_id,
            definition.element(scope).id
        )));
    }
    let key = p.next_key();
    let at = process.other(key, element_ref(definition, process.element.instance, scope, outer_key));
    lifecycle::activating(p, &at, Arrival::None);
    set_variables(p, process, activation, scope, key)?;
    lifecycle::activated(p, &at, 0);
    subscribe(p, &at)?;
    Ok(key)
}

/// Sets the variables that an activation has for an element in exactly that scope.
pub(super) fn set_variables(
    p: &mut Processing<'_>,
    process: &At,
    activation: &Activation<'_>,
    element: ElementIndex,
    scope_key: Key,
) -> Result<(), Unexpected> {
    let id = &process.definition.element(element).id;
    let owner = Owner { instance: process.element.instance, tenant_id: &process.definition.tenant_id };
    for instruction in activation.variables {
        let is_meant = match instruction.scope_id.as_str() {
            "" => element == ElementIndex::PROCESS,
            scope_id => **id == *scope_id,
        };
        if is_meant {
            conditions::set_local(p, owner, scope_key, instruction.variables.iter())?;
        }
    }
    Ok(())
}
