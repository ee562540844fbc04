//! Who has which business id by what the logs say, independently of the tables. Where ids have to differ at every start, no two instances of
//! a process have the same one, on all partitions together and at any moment.
//!
//! Migrations ask for nothing and may bring an id to where another instance has it: who was migrated is not held against others.

use std::collections::{BTreeMap, BTreeSet};

use ringbolt_record::values::{
    ErrorRecord, MessageStartEventSubscriptionRecord, ProcessInstanceBusinessIdRecord,
    ProcessInstanceCreationRecord, ProcessInstanceMigrationRecord, ProcessRecord,
};
use ringbolt_record::{
    DEFAULT_TENANT, ErrorIntent, Intent, Key, MessageStartEventSubscriptionIntent, PartitionId,
    ProcessInstanceCreationIntent, ProcessInstanceIntent, ProcessInstanceMigrationIntent, ProcessIntent,
    RecordRef,
};
use ringbolt_tables::OfBusiness;

use super::World;

/// What an instance has.
#[derive(Clone, Debug)]
struct Held {
    bpmn_process_id: String,
    business_id: String,
    /// It had to ask for it where ids have to differ.
    has_asked: bool,
}

/// The fold of one partition's log.
#[derive(Clone, Debug, Default)]
pub(crate) struct BusinessIds {
    processes: BTreeMap<Key, String>,
    holders: BTreeMap<Key, Held>,
    /// How often instances began to have one, and how many of those that had one were banned.
    pub(crate) counts: [u64; 2],
}

impl BusinessIds {
    /// Adds an event.
    pub(crate) fn fold(&mut self, record: &RecordRef<'_>) {
        let key = record.header.key;
        match record.header.intent {
            Intent::Process(ProcessIntent::Created) => {
                let value = record.value::<ProcessRecord<'_>>().expect("a process");
                self.processes.insert(key, value.bpmn_process_id.to_string());
            }
            Intent::ProcessInstanceCreation(ProcessInstanceCreationIntent::Created) => {
                let value = record.value::<ProcessInstanceCreationRecord<'_>>().expect("a creation");
                let [instance, definition] =
                    [&value.instance.process_instance_key, &value.instance.process_definition_key]
                        .map(Key::of);
                self.hold(instance, definition, &value.business_id, true);
            }
            Intent::MessageStartEventSubscription(MessageStartEventSubscriptionIntent::Correlated) => {
                let value =
                    record.value::<MessageStartEventSubscriptionRecord<'_>>().expect("a subscription");
                let [instance, definition] =
                    [&value.instance.process_instance_key, &value.instance.process_definition_key]
                        .map(Key::of);
                self.hold(instance, definition, &value.business_id, true);
            }
            Intent::ProcessInstanceBusinessId(_) => {
                let value = record.value::<ProcessInstanceBusinessIdRecord<'_>>().expect("an assignment");
                let definition = Key::of(&value.instance.process_definition_key);
                self.hold(key, definition, &value.business_id, true);
            }
            Intent::ProcessInstanceMigration(ProcessInstanceMigrationIntent::Migrated) => {
                let value = record.value::<ProcessInstanceMigrationRecord<'_>>().expect("a migration");
                if let Some(held) = self.holders.remove(&key) {
                    let target = Key::of(&value.target_process_definition_key);
                    self.hold(key, target, &held.business_id, false);
                }
            }
            Intent::ProcessInstance(
                ProcessInstanceIntent::ElementCompleted | ProcessInstanceIntent::ElementTerminated,
            ) => {
                self.holders.remove(&key);
            }
            Intent::Error(ErrorIntent::Created) => {
                let value = record.value::<ErrorRecord<'_>>().expect("an error");
                let held = self.holders.remove(&Key::of(&value.process_instance_key));
                self.counts[1] += u64::from(held.is_some());
            }
            _ => {}
        }
    }

    fn hold(&mut self, instance: Key, definition: Key, business_id: &str, has_asked: bool) {
        if !business_id.is_empty() {
            let bpmn_process_id = self.processes[&definition].clone();
            let business_id = business_id.to_owned();
            self.counts[0] += 1;
            self.holders.insert(instance, Held { bpmn_process_id, business_id, has_asked });
        }
    }
}

impl World {
    fn holders(&self) -> impl Iterator<Item = (Key, &Held)> {
        let logs = self.oracle.partitions.values().map(|oracle| &oracle.facts.business_ids.holders);
        logs.flatten().map(|(key, held)| (*key, held))
    }

    /// Nobody has the business id of another.
    pub(crate) fn check_business_ids(&self) {
        if !(self.settings.business_ids_are_unique && self.settings.business_ids_stay_so) {
            return;
        }
        let mut found = BTreeSet::new();
        for (key, Held { bpmn_process_id, business_id, has_asked }) in self.holders() {
            let is_first = !has_asked || found.insert((bpmn_process_id, business_id));
            assert!(is_first, "{key} has {business_id} of {bpmn_process_id}, and another one");
        }
    }

    /// The partition that an id falls to knows who has it, and who waits for it waits for somebody.
    pub(crate) fn check_business_ids_at_rest(&self) {
        if !self.stopped.is_empty() || !self.settings.compares_states {
            return;
        }
        let mut all: BTreeMap<(&str, &str), BTreeSet<Key>> = BTreeMap::new();
        for (key, held) in self.holders() {
            all.entry((&held.bpmn_process_id, &held.business_id)).or_default().insert(key);
        }
        let ids: Vec<String> =
            (0..crate::models::BUSINESS_IDS).map(|number| format!("business-{number}")).collect();
        for business_id in &ids {
            let id = PartitionId::of_correlation_key(business_id, self.settings.partitions);
            for bpmn_process_id in crate::models::PROCESS_IDS {
                let tables = self.node.of(id).tables();
                let of = OfBusiness { tenant_id: DEFAULT_TENANT, bpmn_process_id, business_id };
                let known: BTreeSet<Key> = tables.holders_of_business_id(of).collect();
                let found = all.remove(&(bpmn_process_id, business_id)).unwrap_or_default();
                assert_eq!(known, found, "who has {business_id} of {bpmn_process_id}");
                let waits = tables.waits_for_business_id(of);
                assert!(
                    waits.is_empty() || !found.is_empty(),
                    "{waits:?} wait for {business_id} of {bpmn_process_id}, which is free"
                );
            }
        }
        assert!(all.is_empty(), "{all:?}");
    }
}
