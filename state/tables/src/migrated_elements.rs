//! Element instances that go on in another definition.

use crate::element_instances::place;
use crate::{ElementInstanceRow, Tables, table};
use ringbolt_record::{ElementIndex, Key};
use ringbolt_store::RowOwner;

impl Tables {
    /// An element instance goes on as one of another element, or of the same, in another definition. `interrupter` is what has
    /// interrupted it there.
    pub fn migrate_element_instance(
        &mut self,
        key: Key,
        definition_key: Key,
        element_index: ElementIndex,
        interrupter: ElementIndex,
    ) {
        let before = self.look(key, ElementInstanceRow::stands_in);
        self.change_element_instance(key, |row| {
            row.element.instance.process_definition_key = definition_key;
            row.element.element_index = element_index;
            row.interrupter = interrupter;
        });
        let after = self.look(key, ElementInstanceRow::stands_in);
        let (Some(before), Some(after)) = (before, after) else { return };
        let elements = self.elements.get_mut();
        if before != after && !(elements.is_open() && elements.give_place(key)) {
            let owner = RowOwner::Generated(key.0);
            self.store.delete(table::ELEMENT_CHILDREN, &place(before, key), owner);
            self.store.put(table::ELEMENT_CHILDREN, &place(after, key), &[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringbolt_record::values::{ElementInstanceRef, InstanceRef};
    use ringbolt_record::{BpmnElementType, BpmnEventType};
    use ringbolt_store::open_memory;

    /// A process instance is listed by its definition, whatever it was before, and before it has reached the store too.
    #[test]
    fn a_migrated_process_instance_is_listed_by_its_new_definition() {
        let mut tables = Tables::new(open_memory());
        let instance = InstanceRef {
            process_definition_key: Key(1),
            process_instance_key: Key(9),
            ..InstanceRef::default()
        };
        let element = ElementInstanceRef {
            instance,
            flow_scope_key: Key::NONE,
            element_index: ElementIndex::PROCESS,
            element_type: BpmnElementType::Process,
            event_type: BpmnEventType::Unspecified,
        };
        let listed = |tables: &Tables| [1, 2].map(|of| tables.children_after(Key(of), Key::NONE).count());
        tables.savepoint();
        tables.put_element_instance(Key(9), &ElementInstanceRow::new(element));
        tables.put_child(Key(1), Key(9));
        tables.migrate_element_instance(Key(9), Key(2), ElementIndex::PROCESS, ElementIndex(4));
        assert_eq!(listed(&tables), [0, 1]);
        tables.release();
        assert_eq!(listed(&tables), [0, 1]);
        for (definition, expected) in [(1, [1, 0]), (2, [0, 1])] {
            tables.savepoint();
            tables.migrate_element_instance(Key(9), Key(definition), ElementIndex(3), ElementIndex(5));
            assert_eq!(listed(&tables), expected);
            tables.release();
            assert_eq!(listed(&tables), expected);
        }
        let row = tables.element_instance(Key(9)).expect("it is there");
        assert_eq!((row.element.element_index, row.interrupter), (ElementIndex(3), ElementIndex(5)));
        tables.delete_element_instance(Key(9), row.stands_in());
        assert_eq!(tables.store().dump().count(), 0);
    }
}
