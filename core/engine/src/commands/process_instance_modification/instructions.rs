//! What a modification asks for, as elements to enter and element instances to end: moves and ids are looked up here.

use crate::definitions::Definition;
use crate::failure::{Refusal, invalid_argument};
use crate::writers::Processing;
use ringbolt_record::modification::{
    AncestorScope, ElementInstanceSelector, ModifyProcessInstance, MoveInstruction, VariableInstruction,
};
use ringbolt_record::{ElementIndex, Key};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Most element instances that one command enters or ends, the scopes around and the elements inside included: it is one step
/// of one entry.
pub(super) const ELEMENTS_MAX: usize = 1_000;

/// An element to be entered.
pub(super) struct Activation<'a> {
    pub(super) element_id: &'a str,
    /// None where the only instances of the scopes around it are meant.
    pub(super) ancestor_key: Key,
    pub(super) variables: &'a [VariableInstruction],
}

/// All that is asked for.
pub(super) struct Instructions<'a> {
    pub(super) activate: Vec<Activation<'a>>,
    pub(super) terminate: Vec<Key>,
}

/// Refuses what is more than one command may do.
pub(super) fn too_much(process_instance_key: Key) -> Refusal {
    invalid_argument(format!(
        "Unable to modify process instance with key '{process_instance_key}' as the size exceeds the maximum batch size. \
         Please reduce the size by splitting the modification into multiple commands."
    ))
}

/// The elements around an element, from the process inwards.
pub(super) fn around(definition: &Definition, element: ElementIndex) -> Vec<ElementIndex> {
    let mut scopes = Vec::new();
    let mut inner = element;
    while inner != ElementIndex::PROCESS {
        inner = ElementIndex(definition.element(inner).parent.0);
        scopes.push(inner);
    }
    scopes.reverse();
    scopes
}

/// Looks up what is meant.
pub(super) fn resolve<'a>(
    p: &Processing<'_>,
    definition: &Definition,
    modify: &'a ModifyProcessInstance,
) -> Result<Instructions<'a>, Refusal> {
    let activate = modify.activate.iter().map(|instruction| Activation {
        element_id: &instruction.element_id,
        ancestor_key: instruction.ancestor_element_instance_key,
        variables: &instruction.variables,
    });
    let mut found = Instructions { activate: activate.collect(), terminate: Vec::new() };
    let mut moves = BTreeMap::new();
    for instruction in &modify.moves {
        match &instruction.source {
            ElementInstanceSelector::Key(key) => {
                check_source(p, definition, modify.process_instance_key, *key)?;
                found.add_move(p, definition, instruction, *key);
            }
            ElementInstanceSelector::ElementId(id) => {
                if moves.insert(id.as_str(), instruction).is_some() {
                    return Err(refuse(
                        definition,
                        "multiple move instructions with identical source element ids",
                        id,
                    ));
                }
            }
        }
    }
    let mut ended_ids = BTreeSet::new();
    for selector in &modify.terminate {
        match selector {
            ElementInstanceSelector::Key(key) => found.terminate.push(*key),
            ElementInstanceSelector::ElementId(id) => drop(ended_ids.insert(id.as_str())),
        }
    }
    if !moves.is_empty() || !ended_ids.is_empty() {
        found.add_by_id(p, definition, modify.process_instance_key, &moves, &ended_ids)?;
    }
    let count = found.activate.len() + found.terminate.len();
    if count > ELEMENTS_MAX { Err(too_much(modify.process_instance_key)) } else { Ok(found) }
}

/// What is moved has to be there, in this instance.
fn check_source(
    p: &Processing<'_>,
    definition: &Definition,
    process_instance_key: Key,
    key: Key,
) -> Result<(), Refusal> {
    let why = match p.tables().element_instance(key) {
        None => "that could not be found",
        Some(row) if row.element.instance.process_instance_key != process_instance_key => {
            "that does not belong to the modified process instance"
        }
        Some(_) => return Ok(()),
    };
    let what = format!("one or more move instructions with a source element instance {why}");
    Err(refuse(definition, &what, &key.to_wire().to_string()))
}

fn refuse(definition: &Definition, what: &str, which: &str) -> Refusal {
    invalid_argument(format!(
        "Expected to modify instance of process '{}' but it contains {what}: '{which}'",
        definition.bpmn_process_id
    ))
}

impl<'a> Instructions<'a> {
    fn add_move(
        &mut self,
        p: &Processing<'_>,
        definition: &Definition,
        instruction: &'a MoveInstruction,
        key: Key,
    ) {
        let parent_key = p.tables().element_instance_scope(key).map_or(Key::NONE, |(scope_key, _)| scope_key);
        let ancestor_key = match instruction.ancestor {
            AncestorScope::Only => Key::NONE,
            AncestorScope::Direct(key) => key,
            AncestorScope::SourceParent => parent_key,
            AncestorScope::Inferred => nearest(p, definition, parent_key, &instruction.target_element_id),
        };
        let element_id = &instruction.target_element_id;
        self.activate.push(Activation { element_id, ancestor_key, variables: &instruction.variables });
        self.terminate.push(key);
    }

    /// Looks through the whole instance for what is named by its element. What is inside of something that ends is not looked at.
    fn add_by_id(
        &mut self,
        p: &Processing<'_>,
        definition: &Definition,
        process_instance_key: Key,
        moves: &BTreeMap<&str, &'a MoveInstruction>,
        ended_ids: &BTreeSet<&str>,
    ) -> Result<(), Refusal> {
        let ended_keys: BTreeSet<Key> = self.terminate.iter().copied().collect();
        let mut scopes = VecDeque::from([process_instance_key]);
        while let Some(scope_key) = scopes.pop_front() {
            for key in p.tables().children_after(scope_key, Key::NONE) {
                let Some(row) = p.tables().element_instance(key) else { continue };
                let id = &*definition.element(row.element.element_index).id;
                if let Some(instruction) = moves.get(id) {
                    self.add_move(p, definition, instruction, key);
                } else if ended_ids.contains(id) {
                    self.terminate.push(key);
                } else if row.active_children > 0 && !ended_keys.contains(&key) {
                    scopes.push_back(key);
                }
                if self.terminate.len() > ELEMENTS_MAX {
                    return Err(too_much(process_instance_key));
                }
            }
        }
        Ok(())
    }
}

/// The nearest element instance, from one outwards, that is of a scope around an element; none where there is none.
fn nearest(p: &Processing<'_>, definition: &Definition, from: Key, target_id: &str) -> Key {
    let Some(target) = definition.process.by_id(target_id) else { return from };
    let scopes = around(definition, target);
    let mut key = from;
    while let Some(row) = p.tables().element_instance(key) {
        if scopes.contains(&row.element.element_index) {
            return key;
        }
        key = row.element.flow_scope_key;
    }
    Key::NONE
}
