//! What a modification must satisfy before anything is done, in the order of the reference engine and with its words.

use super::instructions::{Activation, Instructions, around};
use crate::commands::process_instance_creation::STARTABLE_TYPES;
use crate::definitions::Definition;
use crate::failure::{Refusal, invalid_argument};
use crate::writers::Processing;
use ringbolt_model::Flags;
use ringbolt_record::{BpmnElementType, ElementIndex, Key};
use ringbolt_tables::{Afterwards, ElementInstanceFlags, ElementInstanceRow, ElementInstanceState};

/// The one who checks.
pub(super) struct Checker<'c, 'p> {
    pub(super) p: &'c Processing<'p>,
    pub(super) definition: &'c Definition,
    pub(super) process_instance_key: Key,
}

/// Each once, in order, as the texts of rejections list them.
fn listed<'t>(texts: impl IntoIterator<Item = impl Into<std::borrow::Cow<'t, str>>>) -> Option<String> {
    let mut seen: Vec<std::borrow::Cow<'t, str>> = Vec::new();
    for text in texts {
        let text = text.into();
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    (!seen.is_empty()).then(|| seen.join("', '"))
}

/// Whether elements may be entered in an element instance: it does its work, and nothing is about to take its place.
pub(super) fn takes_elements(row: &ElementInstanceRow) -> bool {
    let is_interrupted = row.flags.has(ElementInstanceFlags::INTERRUPTED);
    let is_being_interrupted = match row.afterwards {
        // An instance that was told to end is about to.
        Afterwards::Usual => is_interrupted,
        Afterwards::Boundary(_) | Afterwards::Completed => true,
        Afterwards::EventSubProcess(_) => is_interrupted && row.arriving > 0,
    };
    row.state == ElementInstanceState::Activated && !is_being_interrupted
}

impl Checker<'_, '_> {
    fn refuse(&self, what: &str) -> Refusal {
        invalid_argument(format!(
            "Expected to modify instance of process '{}' but it contains one or more {what}",
            self.definition.bpmn_process_id
        ))
    }

    /// Refuses what is listed, if there is any.
    fn refuse_listed(&self, what: &str, listed: Option<String>, end: &str) -> Result<(), Refusal> {
        listed.map_or(Ok(()), |listed| Err(self.refuse(&format!("{what}: '{listed}'{end}"))))
    }

    /// Checks everything; the elements to enter, in order.
    pub(super) fn check(&self, instructions: &Instructions<'_>) -> Result<Vec<ElementIndex>, Refusal> {
        let Instructions { activate, terminate } = instructions;
        let elements = self.check_elements(activate)?;
        self.check_terminated(terminate)?;
        self.check_variable_scopes(activate, &elements)?;
        self.check_ancestors(activate, &elements)?;
        self.check_kept(activate, &elements, terminate)?;
        Ok(elements)
    }

    fn check_elements(&self, activate: &[Activation<'_>]) -> Result<Vec<ElementIndex>, Refusal> {
        const UNSUPPORTED: &str = "activate instructions for elements that are unsupported";
        let process = &self.definition.process;
        let ids = || activate.iter().map(|instruction| instruction.element_id);
        let is_missing = |id: &&str| process.by_id(id).is_none() && process.flow_by_id(id).is_none();
        self.refuse_listed(
            "activate instructions with an element that could not be found",
            listed(ids().filter(is_missing)),
            "",
        )?;
        let has =
            |id: &str, flag| process.by_id(id).is_some_and(|index| process.element(index).flags.has(flag));
        self.refuse_listed(
            UNSUPPORTED,
            listed(ids().filter(|id| has(id, Flags::IS_BRANCH))),
            ". The activation of events belonging to an event-based gateway is not supported.",
        )?;
        let is_process = |id: &&str| process.by_id(id) == Some(ElementIndex::PROCESS);
        self.refuse_listed(
            UNSUPPORTED,
            listed(ids().filter(is_process)),
            ". The activation of the process itself is not supported.",
        )?;
        let is_unsupported = |id: &&str| !has(id, Flags::STARTABLE);
        let type_of = |id: &str| match process.by_id(id) {
            Some(index) => process.element(index).element_type,
            None => BpmnElementType::SequenceFlow,
        };
        if let Some(unsupported) = listed(ids().filter(is_unsupported)) {
            let types = listed(ids().filter(is_unsupported).map(|id| type_of(id).to_string()));
            return Err(self.refuse(&format!(
                "{UNSUPPORTED}: '{unsupported}'. The activation of elements with type '{}' is not supported. Supported element \
                 types are: {STARTABLE_TYPES}.",
                types.unwrap_or_default()
            )));
        }
        Ok(ids().filter_map(|id| process.by_id(id)).collect())
    }

    fn check_terminated(&self, terminate: &[Key]) -> Result<(), Refusal> {
        let missing = terminate.iter().filter(|key| self.own(**key).is_none());
        self.refuse_listed(
            "terminate instructions with an element instance that could not be found",
            listed(missing.map(|key| key.to_wire().to_string())),
            "",
        )
    }

    /// An element instance of this process instance.
    fn own(&self, key: Key) -> Option<ElementInstanceRow> {
        let row = self.p.tables().element_instance(key)?;
        (row.element.instance.process_instance_key == self.process_instance_key).then_some(row)
    }

    /// Whether an element instance is another, or stands in it.
    fn is_within(&self, key: Key, outer_key: Key) -> bool {
        let around = |key: &Key| self.p.tables().element_instance_scope(*key).map(|(scope_key, _)| scope_key);
        std::iter::successors(Some(key), around).any(|key| key == outer_key)
    }

    fn check_variable_scopes(
        &self,
        activate: &[Activation<'_>],
        elements: &[ElementIndex],
    ) -> Result<(), Refusal> {
        let process = &self.definition.process;
        let named = || {
            activate.iter().zip(elements).flat_map(|(instruction, element)| {
                let scopes = instruction.variables.iter().map(|variables| variables.scope_id.as_str());
                scopes.filter(|id| !id.is_empty()).map(|id| (instruction.element_id, *element, id))
            })
        };
        let missing = named().map(|(_, _, id)| id).filter(|id| process.by_id(id).is_none());
        self.refuse_listed(
            "variable instructions with a scope element id that could not be found",
            listed(missing),
            "",
        )?;
        let is_foreign = |(own_id, element, id): (&str, ElementIndex, &str)| {
            own_id != id
                && !around(self.definition, element).iter().any(|scope| *process.element(*scope).id == *id)
        };
        if named().any(is_foreign) {
            return Err(self.refuse(
                "variable instructions with a scope element that doesn't belong to the activating element's flow scope. These \
                 variables should be set before or after the modification.",
            ));
        }
        Ok(())
    }

    fn check_ancestors(&self, activate: &[Activation<'_>], elements: &[ElementIndex]) -> Result<(), Refusal> {
        let asked =
            || activate.iter().zip(elements).filter(|(instruction, _)| instruction.ancestor_key.is_some());
        let keys = || asked().map(|(instruction, _)| instruction.ancestor_key);
        let row = |key: Key| self.p.tables().element_instance(key);
        let is_idle = |key: &Key| row(*key).is_none_or(|row| row.state != ElementInstanceState::Activated);
        self.refuse_listed(
            "activate instructions with an ancestor scope key that does not exist, or is not in an active state",
            listed(keys().filter(is_idle).map(|key| key.to_wire().to_string())),
            "",
        )?;
        self.refuse_listed(
            "activate instructions with an ancestor scope key that does not belong to the modified process instance",
            listed(keys().filter(|key| self.own(*key).is_none()).map(|key| key.to_wire().to_string())),
            "",
        )?;
        let mut wrong = String::new();
        for (instruction, element) in asked() {
            let Some(ancestor) = row(instruction.ancestor_key).map(|row| row.element.element_index) else {
                continue;
            };
            if !around(self.definition, *element).contains(&ancestor) {
                wrong.push_str(&format!(
                    "\n- instance '{}' of element '{}' is not an ancestor of element '{}'",
                    instruction.ancestor_key,
                    self.definition.element(ancestor).id,
                    instruction.element_id
                ));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(self.refuse(&format!(
            "activate instructions with an ancestor scope key that is not an ancestor of the element to activate:{wrong}"
        )))
    }

    /// What is entered needs scopes that are not ended by the same command.
    fn check_kept(
        &self,
        activate: &[Activation<'_>],
        elements: &[ElementIndex],
        terminate: &[Key],
    ) -> Result<(), Refusal> {
        let mut conflicts = Vec::new();
        for key in terminate {
            let Some(ended) = self.own(*key).map(|row| row.element.element_index) else { continue };
            for (instruction, element) in activate.iter().zip(elements) {
                let is_needed = match instruction.ancestor_key {
                    Key::NONE => around(self.definition, *element).contains(&ended),
                    ancestor_key => self.is_within(ancestor_key, *key),
                };
                if is_needed {
                    conflicts.push(format!(
                        "element '{}' requires flow scope instance '{key}' which is being terminated",
                        instruction.element_id
                    ));
                }
            }
        }
        if conflicts.is_empty() {
            return Ok(());
        }
        Err(self.refuse(&format!(
            "activate instructions for elements whose required flow scope instance is also being terminated: {}. Please provide a \
             valid ancestor scope key for the activation or avoid terminating the required flow scope.",
            conflicts.join(", ")
        )))
    }
}
