//! An element instance that is being worked on, with its definition.

use crate::definitions::Definition;
use crate::failure::Unexpected;
use crate::writers::Processing;
use ringbolt_record::values::{ElementInstanceRef, InstanceRef};
use ringbolt_record::{ElementIndex, Key};
use std::sync::Arc;

/// An element instance that is being worked on.
#[derive(Clone, Debug)]
pub(crate) struct At {
    pub(crate) key: Key,
    pub(crate) element: ElementInstanceRef,
    pub(crate) definition: Arc<Definition>,
}

impl At {
    /// An element instance with its definition.
    pub(crate) fn find(
        p: &mut Processing<'_>,
        key: Key,
        element: ElementInstanceRef,
    ) -> Result<Self, Unexpected> {
        let instance = element.instance;
        let definition = p.definition_of(instance.process_definition_key, instance.process_instance_key)?;
        Ok(Self { key, element, definition })
    }

    /// Its element in the model.
    pub(crate) fn model(&self) -> &ringbolt_model::Element {
        self.definition.element(self.element.element_index)
    }

    /// The same place for another element instance of the same definition.
    pub(crate) fn other(&self, key: Key, element: ElementInstanceRef) -> Self {
        Self { key, element, definition: self.definition.clone() }
    }

    /// The instance that it belongs to.
    pub(crate) fn process_instance_key(&self) -> Key {
        self.element.instance.process_instance_key
    }

    pub(crate) fn unexpected(&self, message: impl Into<String>) -> Unexpected {
        Unexpected::new(self.process_instance_key(), message)
    }
}

/// The reference of an element of a definition in a scope.
pub(crate) fn element_ref(
    definition: &Definition,
    instance: InstanceRef,
    index: ElementIndex,
    flow_scope_key: Key,
) -> ElementInstanceRef {
    let element = definition.element(index);
    ElementInstanceRef {
        instance,
        flow_scope_key,
        element_index: index,
        element_type: element.element_type,
        event_type: element.event_type,
    }
}
