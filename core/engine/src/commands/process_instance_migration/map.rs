//! Which elements become which: looked up by id, once for all that stands in an instance.

use crate::definitions::Definition;
use crate::failure::{Refusal, invalid_argument, invalid_state};
use ringbolt_model::FlowIndex;
use ringbolt_record::{ElementIndex, Key, MigrateProcessInstance};
use ringbolt_tables::ElementInstanceRow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Both definitions and what is between them.
pub(super) struct Map<'a> {
    pub(super) process_instance_key: Key,
    pub(super) source: Arc<Definition>,
    pub(super) target: Arc<Definition>,
    by_id: BTreeMap<&'a str, &'a str>,
    targets: BTreeSet<&'a str>,
}

impl<'a> Map<'a> {
    /// The map of a command whose source and target elements are there.
    pub(super) fn of(
        migrate: &'a MigrateProcessInstance,
        source: Arc<Definition>,
        target: Arc<Definition>,
    ) -> Result<Self, Refusal> {
        let process_instance_key = migrate.process_instance_key;
        let mut map =
            Self { process_instance_key, source, target, by_id: BTreeMap::new(), targets: BTreeSet::new() };
        for mapping in &migrate.mappings {
            let (from, to) = (mapping.source_element_id.as_str(), mapping.target_element_id.as_str());
            for (definition, id, which) in [(&map.source, from, "source"), (&map.target, to, "target")] {
                let process = &definition.process;
                if process.by_id(id).is_none() && process.flow_by_id(id).is_none() {
                    return Err(invalid_argument(map.but(&format!(
                        "mapping instructions contain a non-existing {which} element id '{id}'. Elements provided in mapping \
                         instructions must exist in the {which} process definition."
                    ))));
                }
            }
            map.by_id.insert(from, to);
            map.targets.insert(to);
        }
        Ok(map)
    }

    /// How rejections begin.
    pub(super) fn but(&self, why: &str) -> String {
        format!("Expected to migrate process instance '{}' but {why}", self.process_instance_key)
    }

    /// Refuses what the instance's state does not allow.
    pub(super) fn refuse<T>(&self, why: &str) -> Result<T, Refusal> {
        Err(invalid_state(self.but(why)))
    }

    /// Refuses because something is under way that was not expected to be.
    pub(super) fn refuse_concurrent<T>(&self) -> Result<T, Refusal> {
        self.refuse("a concurrent command was executed on the process instance. Please retry the migration.")
    }

    /// What an id of the source is mapped to.
    pub(super) fn target_of(&self, source_id: &str) -> Option<&'a str> {
        self.by_id.get(source_id).copied()
    }

    /// The id of an element of the source.
    pub(super) fn source_id(&self, index: ElementIndex) -> &str {
        &self.source.element(index).id
    }

    /// Whether anything is mapped to an element of the target.
    pub(super) fn is_target(&self, index: ElementIndex) -> bool {
        self.targets.contains(&*self.target.element(index).id)
    }

    /// The element of the target that an element of the source is mapped to. Processes are; of a repeated activity and its body the
    /// body is named.
    pub(super) fn element(&self, index: ElementIndex) -> Option<ElementIndex> {
        if index == ElementIndex::PROCESS {
            return Some(ElementIndex::PROCESS);
        }
        let named = self.target.process.by_id(self.target_of(self.source_id(index))?)?;
        let is_repeated = is_repeated(&self.source, index) && self.target.element(named).repeats().is_some();
        Some(if is_repeated { repeated_by(named) } else { named })
    }

    /// The sequence flow of the target that one of the source is mapped to.
    pub(super) fn flow(&self, flow: FlowIndex) -> Option<FlowIndex> {
        self.target.process.flow_by_id(self.target_of(&self.source.flow(flow).id)?)
    }

    /// What has interrupted an element instance, as its new definition has it; its own element where that is nothing there.
    pub(super) fn interrupter(&self, row: &ElementInstanceRow, own: ElementIndex) -> ElementIndex {
        match row.interrupter {
            ElementIndex::PROCESS => ElementIndex::PROCESS,
            interrupter => self.element(interrupter).unwrap_or(own),
        }
    }
}

/// Whether an element is an activity that a body repeats.
fn is_repeated(definition: &Definition, index: ElementIndex) -> bool {
    let parent = definition.element(index).parent;
    index != ElementIndex::PROCESS && definition.element(parent).repeats().is_some()
}

/// The activity that a body repeats stands behind it.
fn repeated_by(body: ElementIndex) -> ElementIndex {
    ElementIndex(body.0 + 1)
}
