//! Process instances that are suspended, or that go on after that and do not do all again yet.
//!
//! Mostly there are none at all, which is known without a look at the store: everything that an instance does asks for it.

use crate::row::{RowReader, RowWriter, known};
use crate::{ElementInstanceFlags, Tables, table};
use ringbolt_record::Key;
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// How far the suspension of an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Suspension {
    /// It does nothing by itself.
    Suspended = 1,
    /// It goes on; what it has kept and what rested is being taken up.
    Resuming = 2,
}

impl Suspension {
    fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Suspended),
            2 => Some(Self::Resuming),
            _ => None,
        }
    }
}

impl Tables {
    /// Whether any instance may be suspended, or go on after that.
    #[inline]
    pub fn has_suspended(&self) -> bool {
        self.suspended
            .may_be_there(|| self.store.range(table::SUSPENDED_INSTANCES, &[], &[]).next().is_some())
    }

    /// Whether an instance is suspended.
    #[inline]
    pub fn is_suspended(&self, process_instance_key: Key) -> bool {
        self.has_suspended()
            && self
                .element_instance_scope(process_instance_key)
                .is_some_and(|(_, flags)| flags.has(ElementInstanceFlags::SUSPENDED))
    }

    /// How far the suspension of an instance is; none where it is not suspended, nor was lately.
    pub fn suspension(&self, process_instance_key: Key) -> Option<Suspension> {
        if !self.has_suspended() {
            return None;
        }
        Some(self.read_suspension(process_instance_key)?.0)
    }

    fn read_suspension(&self, process_instance_key: Key) -> Option<(Suspension, u32)> {
        let row = self.store.get(table::SUSPENDED_INSTANCES, &process_instance_key.0.to_be_bytes())?;
        let mut row = RowReader::begin(row, VERSION);
        Some((known(Suspension::from_number(row.u8())), row.u32()))
    }

    fn write_suspension(&mut self, process_instance_key: Key, suspension: Suspension, held: u32) {
        RowWriter::begin(&mut self.scratch, VERSION).u8(suspension as u8).u32(held);
        let key = process_instance_key.0.to_be_bytes();
        self.store.put(table::SUSPENDED_INSTANCES, &key, &self.scratch);
        self.suspended.inserted();
    }

    /// How many follow-ups an instance keeps that is suspended, or goes on after that.
    pub fn held_count(&self, process_instance_key: Key) -> u32 {
        if !self.has_suspended() {
            return 0;
        }
        self.read_suspension(process_instance_key).map_or(0, |(_, held)| held)
    }

    /// Changes how many follow-ups an instance keeps; nothing where it has ended.
    pub fn change_held_count(&mut self, process_instance_key: Key, change: impl FnOnce(u32) -> u32) {
        if self.has_suspended()
            && let Some((suspension, held)) = self.read_suspension(process_instance_key)
        {
            self.write_suspension(process_instance_key, suspension, change(held));
        }
    }

    /// Sets how far the suspension of an instance is.
    pub fn put_suspension(&mut self, process_instance_key: Key, suspension: Suspension) {
        let held = self.held_count(process_instance_key);
        self.write_suspension(process_instance_key, suspension, held);
        self.change_element_instance_flags(process_instance_key, |flags| match suspension {
            Suspension::Suspended => flags.with(ElementInstanceFlags::SUSPENDED),
            Suspension::Resuming => flags.without(ElementInstanceFlags::SUSPENDED),
        });
    }

    /// An instance that is there is not suspended any more; nothing where it was not.
    pub fn end_suspension(&mut self, process_instance_key: Key) {
        if self.suspension(process_instance_key).is_none() {
            return;
        }
        let key = process_instance_key.0;
        self.store.delete(table::SUSPENDED_INSTANCES, &key.to_be_bytes(), RowOwner::Generated(key));
        self.suspended.deleted();
        if self.is_suspended_by_row(process_instance_key) {
            self.change_element_instance_flags(process_instance_key, |flags| {
                flags.without(ElementInstanceFlags::SUSPENDED)
            });
        }
    }

    fn is_suspended_by_row(&self, process_instance_key: Key) -> bool {
        self.element_instance_scope(process_instance_key)
            .is_some_and(|(_, flags)| flags.has(ElementInstanceFlags::SUSPENDED))
    }
}

#[cfg(test)]
mod tests {
    use super::Suspension;
    use crate::{ElementInstanceRow, Tables};
    use ringbolt_record::Key;
    use ringbolt_record::values::{ElementInstanceRef, InstanceRef};
    use ringbolt_record::{BpmnElementType, BpmnEventType, ElementIndex};
    use ringbolt_store::open_memory;

    fn tables() -> Tables {
        let mut tables = Tables::new(open_memory());
        let element = ElementInstanceRef {
            instance: InstanceRef::default(),
            flow_scope_key: Key::NONE,
            element_index: ElementIndex::PROCESS,
            element_type: BpmnElementType::Process,
            event_type: BpmnEventType::Unspecified,
        };
        tables.put_element_instance(Key(7), &ElementInstanceRow::new(element));
        tables
    }

    #[test]
    fn what_is_known_of_them_survives_whatever_is_undone() {
        let mut tables = tables();
        assert!(!tables.has_suspended() && !tables.is_suspended(Key(7)));
        tables.savepoint();
        tables.put_suspension(Key(7), Suspension::Suspended);
        assert!(tables.is_suspended(Key(7)) && !tables.is_suspended(Key(8)));
        tables.rollback();
        assert!(!tables.is_suspended(Key(7)));
        tables.put_suspension(Key(7), Suspension::Suspended);
        tables.savepoint();
        tables.end_suspension(Key(7));
        assert!(!tables.is_suspended(Key(7)));
        tables.rollback();
        assert!(tables.is_suspended(Key(7)));
        assert_eq!(tables.suspension(Key(7)), Some(Suspension::Suspended));
        tables.change_held_count(Key(7), |held| held + 3);
        tables.put_suspension(Key(7), Suspension::Resuming);
        assert_eq!((tables.held_count(Key(7)), tables.held_count(Key(8))), (3, 0));
        assert!(tables.has_suspended() && !tables.is_suspended(Key(7)));
        tables.end_suspension(Key(7));
        assert_eq!(tables.suspension(Key(7)), None);
    }
}
