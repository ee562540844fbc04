//! A model of decisions, compiled, with the keys of its decisions.

use ringbolt_dmn::{DecisionRequirements, Limits};
use ringbolt_record::Key;
use ringbolt_tables::Tables;
use std::sync::Arc;

/// A model of decisions, ready to be evaluated.
#[derive(Debug)]
pub(crate) struct DecisionModel {
    pub(crate) key: Key,
    pub(crate) id: Arc<str>,
    pub(crate) tenant_id: Arc<str>,
    pub(crate) requirements: DecisionRequirements,
    /// Ordered by id.
    decisions: Box<[DeployedDecision]>,
}

/// A decision of a model.
#[derive(Debug)]
pub(crate) struct DeployedDecision {
    pub(crate) key: Key,
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) version: i32,
}

impl DecisionModel {
    /// Compiles the model under a key; none when there is no such model.
    pub(crate) fn read(tables: &Tables, key: Key, limits: &Limits) -> Result<Option<Self>, String> {
        let Some(row) = tables.decision_requirements(key) else { return Ok(None) };
        let requirements = ringbolt_dmn::parse(row.resource_name, row.resource, limits)
            .map_err(|_| format!("the resource of the decision requirements {key} is no longer accepted"))?;
        let decisions = tables.decisions_of(key).filter_map(|key| {
            let row = tables.decision(key)?;
            let (id, name) = (row.decision_id.into(), row.decision_name.into());
            Some(DeployedDecision { key, id, name, version: row.version })
        });
        let mut decisions: Vec<DeployedDecision> = decisions.collect();
        decisions.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Some(Self {
            key,
            id: row.decision_requirements_id.into(),
            tenant_id: row.tenant_id.into(),
            requirements,
            decisions: decisions.into(),
        }))
    }

    /// The decision with this id.
    pub(crate) fn decision(&self, id: &str) -> Option<&DeployedDecision> {
        let found = self.decisions.binary_search_by(|decision| (*decision.id).cmp(id)).ok()?;
        Some(&self.decisions[found])
    }
}
