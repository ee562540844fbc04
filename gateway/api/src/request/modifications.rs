//! Changes of where an instance stands.

use super::{Mapper, Missing, Request, rejected};
use crate::error::ApiError;
use ringbolt_record::modification::{AncestorScope, ElementInstanceSelector};
use ringbolt_record::{Command, Key, ModifyProcessInstance};

const INTENT: &str = "MODIFY";

impl Mapper<'_> {
    /// Which element instances an instruction means: one by its key, or all of an element. A key that is not above 0 and an empty
    /// id are none.
    ///
    /// # Errors
    /// With neither or both.
    pub fn element_instances(
        &self,
        key: i64,
        element_id: String,
    ) -> Result<ElementInstanceSelector, ApiError> {
        match (key > 0, element_id.is_empty()) {
            (true, true) => Ok(ElementInstanceSelector::Key(Key::from_wire(key))),
            (false, false) => Ok(ElementInstanceSelector::ElementId(element_id)),
            (is_given, _) => {
                let what = if is_given {
                    "both an element instance key and an element id"
                } else {
                    "neither an element instance key nor an element id"
                };
                let reason = format!(
                    "Expected to modify a process instance, but one or more instructions have {what}"
                );
                Err(rejected(INTENT, reason))
            }
        }
    }

    /// An instance of a scope in which an element is to be entered; a key that is not above 0 is none.
    pub fn ancestor(&self, key: i64) -> Key {
        if key > 0 { Key::from_wire(key) } else { Key::NONE }
    }

    /// Where the target of a move is entered.
    ///
    /// # Errors
    /// When more than one place is given.
    pub fn ancestor_scope(
        &self,
        key: i64,
        is_inferred: bool,
        is_source_parent: bool,
    ) -> Result<AncestorScope, ApiError> {
        match (self.ancestor(key), is_inferred, is_source_parent) {
            (Key::NONE, false, false) => Ok(AncestorScope::Only),
            (Key::NONE, true, false) => Ok(AncestorScope::Inferred),
            (Key::NONE, false, true) => Ok(AncestorScope::SourceParent),
            (key, false, false) => Ok(AncestorScope::Direct(key)),
            _ => Err(rejected(
                INTENT,
                "Expected to modify a process instance, but one or more move instructions have multiple ancestor scope options set",
            )),
        }
    }

    /// Lets an instance stand elsewhere.
    ///
    /// # Errors
    /// When an id is longer than any element's.
    pub fn modify_instance(
        &self,
        modify: ModifyProcessInstance,
        operation_reference: u64,
    ) -> Result<Request, ApiError> {
        let ids = modify.activate.iter().map(|instruction| &instruction.element_id);
        for id in ids.chain(modify.moves.iter().map(|instruction| &instruction.target_element_id)) {
            self.check_length("elementId", id, self.limits.id_bytes_max)?;
        }
        let key = modify.process_instance_key.to_wire();
        let missing = Missing::new("modify a process instance", "process instance");
        Ok(self.for_key(key, missing, Command::ModifyProcessInstance(modify)).referring(operation_reference))
    }
}
