//! Who waits for conditions: by the element instance that waits, and by each scope around that. The start events of a process wait at
//! their definition, in no instance.

use crate::key::{RowKey, key_at};
use crate::row::{RowReader, RowWriter};
use crate::{Tables, table};
use ringbolt_record::values::InstanceRef;
use ringbolt_record::{ElementIndex, Key};
use ringbolt_store::RowOwner;

const VERSION: u8 = 1;

/// Who waits for a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionalSubscriptionRow<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The event.
    pub element_index: ElementIndex,
    /// Whether nobody waits any more once it holds.
    pub is_interrupting: bool,
    /// The condition as it stands in the model.
    pub condition: &'a str,
    /// Variables whose changes are looked at, with commas between them; empty for all.
    pub variable_names: &'a str,
    /// Changes that are looked at, with commas between them; empty for all.
    pub variable_events: &'a str,
}

fn place(owner: Key, key: Key) -> RowKey {
    RowKey::new().key(owner).key(key)
}

impl Tables {
    /// Who waits with a key.
    pub fn conditional_subscription(
        &self,
        scope_key: Key,
        key: Key,
    ) -> Option<ConditionalSubscriptionRow<'_>> {
        let row = self.get_of(table::CONDITIONAL_SUBSCRIPTIONS, scope_key, &place(scope_key, key))?;
        let mut row = RowReader::begin(row, VERSION);
        Some(ConditionalSubscriptionRow {
            instance: row.instance(),
            element_index: ElementIndex(row.u32()),
            is_interrupting: row.u8() != 0,
            condition: row.text(),
            variable_names: row.text(),
            variable_events: row.text(),
        })
    }

    /// Who waits at one place, an element instance or a definition: their keys, oldest first.
    pub fn conditional_subscriptions_at(&self, scope_key: Key) -> impl Iterator<Item = Key> {
        let rows = self.range_of(table::CONDITIONAL_SUBSCRIPTIONS, scope_key);
        rows.map(|(key, _)| key_at(key, 8))
    }

    /// All at an element instance or inside it, or all start events where it is none: their keys and where they wait, oldest first.
    pub fn conditional_subscriptions(&self, scope_key: Key) -> impl Iterator<Item = (Key, Key)> {
        let rows = self.range_of(table::CONDITIONS_INSIDE, scope_key);
        rows.map(|(key, scope)| (key_at(key, 8), key_at(scope, 0)))
    }

    /// Writes that somebody waits, and notes it for each scope around, so that whoever sets a variable somewhere finds those who see it
    /// and no others.
    pub fn put_conditional_subscription(
        &mut self,
        scope_key: Key,
        key: Key,
        row: &ConditionalSubscriptionRow<'_>,
    ) {
        RowWriter::begin(&mut self.scratch, VERSION)
            .instance(row.instance)
            .u32(row.element_index.0)
            .u8(u8::from(row.is_interrupting))
            .bytes(row.condition.as_bytes())
            .bytes(row.variable_names.as_bytes())
            .bytes(row.variable_events.as_bytes());
        self.store.put(table::CONDITIONAL_SUBSCRIPTIONS, &place(scope_key, key), &self.scratch);
        for around in self.places_of_condition(scope_key, row.instance) {
            self.store.put(table::CONDITIONS_INSIDE, &place(around, key), &scope_key.0.to_be_bytes());
        }
    }

    /// Deletes that somebody waits, if somebody does.
    pub fn delete_conditional_subscription(&mut self, scope_key: Key, key: Key) {
        let Some(row) = self.conditional_subscription(scope_key, key) else { return };
        let places = self.places_of_condition(scope_key, row.instance);
        let owner = RowOwner::Generated(key.0);
        self.store.delete(table::CONDITIONAL_SUBSCRIPTIONS, &place(scope_key, key), owner);
        for around in places {
            self.store.delete(table::CONDITIONS_INSIDE, &place(around, key), owner);
        }
    }

    /// Under what somebody who waits is found: where that is, each scope around it, and the process instance, which is none of a start
    /// event. All of them outlive whoever waits there.
    fn places_of_condition(&self, scope_key: Key, instance: InstanceRef) -> Vec<Key> {
        let process_instance_key = instance.process_instance_key;
        if process_instance_key.is_none() {
            return vec![Key::NONE];
        }
        let outer = |key: &Key| self.element_instance_scope(*key).map(|(outer, _)| outer);
        let outwards = std::iter::successors(Some(scope_key), |key| outer(key).filter(|key| key.is_some()));
        let mut places: Vec<Key> = outwards.filter(|key| *key != process_instance_key).collect();
        places.push(process_instance_key);
        places
    }
}

#[cfg(test)]
mod tests {
    use super::ConditionalSubscriptionRow;
    use crate::Tables;
    use ringbolt_record::values::InstanceRef;
    use ringbolt_record::{ElementIndex, Key};
    use ringbolt_store::open_memory;

    #[test]
    fn who_waits_is_found_by_place_and_by_instance() {
        let mut tables = Tables::new(open_memory());
        let row = ConditionalSubscriptionRow {
            instance: InstanceRef {
                process_definition_key: Key(1),
                process_instance_key: Key(2),
                root_process_instance_key: Key(3),
            },
            element_index: ElementIndex(4),
            is_interrupting: true,
            condition: "=x > 1",
            variable_names: "x,y",
            variable_events: "create",
        };
        tables.put_conditional_subscription(Key(5), Key(7), &row);
        tables.put_conditional_subscription(Key(6), Key(8), &row);
        assert_eq!(tables.conditional_subscription(Key(5), Key(7)), Some(row));
        let of = |tables: &Tables| tables.conditional_subscriptions(Key(2)).collect::<Vec<_>>();
        assert_eq!(of(&tables), [(Key(7), Key(5)), (Key(8), Key(6))]);
        assert_eq!(tables.conditional_subscriptions_at(Key(5)).collect::<Vec<_>>(), [Key(7)]);
        for (scope, key) in [(5, 7), (5, 7), (6, 8)] {
            tables.delete_conditional_subscription(Key(scope), Key(key));
        }
        assert_eq!((of(&tables), tables.store().dump().count()), (vec![], 0));
    }
}
