//! Start events of processes whose conditions a client has evaluated.

use crate::behaviors::expressions::{self, GivenVariables};
use crate::behaviors::{events, starts};
use crate::definitions::Definition;
use crate::writers::Processing;
use ringbolt_model::EventDefinition;
use ringbolt_record::values::StartedInstance;
use ringbolt_record::{ElementIndex, Key, VariableDocument};
use std::sync::Arc;

/// Most start events whose conditions are evaluated together: it is one step, during which nothing else of the partition goes on.
pub(crate) const EVALUATED_MAX: usize = 1000;
/// What a start takes in an entry beside what it brings, bytes.
const START_BYTES: usize = 1024;

/// Why nothing was started.
pub(crate) enum TooMuch {
    /// More start events wait than are evaluated together.
    Waits,
    /// The conditions need more work than an entry has for expressions.
    Work,
    /// What the instances begin with does not go into an entry.
    Bytes,
}

/// A start event whose condition holds.
pub(crate) struct Holds {
    definition: Arc<Definition>,
    event: ElementIndex,
}

/// The start events whose conditions hold over variables, of one definition or of all of a tenant, oldest first. A condition that fails
/// does not hold, and neither does one of a model that this version of Ringbolt cannot read.
pub(crate) fn find(
    p: &mut Processing<'_>,
    definition_key: Key,
    tenant_id: &str,
    variables: &VariableDocument,
) -> Result<Vec<Holds>, TooMuch> {
    let tables = p.tables();
    let waits: Vec<(Key, Key)> = if definition_key.is_none() {
        let is_of_tenant = |key| tables.process(key).is_some_and(|row| row.tenant_id == tenant_id);
        let all = tables.conditional_subscriptions(Key::NONE);
        all.filter(|(_, definition_key)| is_of_tenant(*definition_key)).take(EVALUATED_MAX + 1).collect()
    } else {
        let all = tables.conditional_subscriptions_at(definition_key);
        all.map(|key| (key, definition_key)).take(EVALUATED_MAX + 1).collect()
    };
    if waits.len() > EVALUATED_MAX {
        return Err(TooMuch::Waits);
    }
    let given = GivenVariables::of(variables);
    let mut found = Vec::new();
    for (key, definition_key) in waits {
        let Some(row) = p.tables().conditional_subscription(definition_key, key) else { continue };
        let event = row.element_index;
        let names = row.variable_names;
        let is_meant = names.is_empty() || names.split(',').any(|name| given.has(name));
        let Some(definition) = is_meant.then(|| p.definition(definition_key).ok().flatten()).flatten() else {
            continue;
        };
        let condition = definition.element(event).event().and_then(EventDefinition::condition);
        let holds = condition.is_some_and(|condition| {
            let seen = given.beside(p.tables());
            expressions::evaluate_condition_of(p, &condition.expression, Key::NONE, &seen).unwrap_or(false)
        });
        if p.expressions_are_exhausted() {
            return Err(TooMuch::Work);
        }
        if holds {
            found.push(Holds { definition, event });
        }
    }
    Ok(found)
}

/// Begins an instance at each of them.
pub(crate) fn start(
    p: &mut Processing<'_>,
    found: &[Holds],
    variables: &[u8],
) -> Result<Vec<StartedInstance>, TooMuch> {
    if !p.has_room((found.len() + 1) * (2 * variables.len() + START_BYTES)) {
        return Err(TooMuch::Bytes);
    }
    let brought = events::brought(variables);
    let start = |Holds { definition, event }: &Holds| {
        let key = p.next_key();
        starts::begin(p, definition, key, *event, brought);
        StartedInstance { process_definition_key: definition.key, process_instance_key: key }
    };
    Ok(found.iter().map(start).collect())
}
