//! Steps of scenarios that let an instance run another definition; and what of it the reference engine of the recordings does not
//! know.

use crate::scenarios::Step;
use ringbolt_record::migration::MigrateMapping;
use ringbolt_record::{Command, Key, MigrateProcessInstance};

/// The command of a `migrate` step; `key` finds what has a name.
pub(crate) fn command(step: &Step, key: impl Fn(&str) -> Key) -> Command {
    let mappings = step.list("map").into_iter().map(|mapping| {
        let (source, target) = mapping.split_once('>').expect("a mapping");
        MigrateMapping { source_element_id: source.to_owned(), target_element_id: target.to_owned() }
    });
    Command::MigrateProcessInstance(MigrateProcessInstance {
        process_instance_key: key(&step.words[1]),
        target_process_definition_key: key(&step.words[2]),
        mappings: mappings.collect(),
    })
}
