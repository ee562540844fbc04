//! The models of decisions of a deployment. A model and its decisions are versioned together.

use super::checksum;
use crate::writers::Processing;
use ringbolt_dmn::DecisionRequirements;
use ringbolt_record::command::Resource;
use ringbolt_record::reply::{DeployedDecision, DeployedDecisionRequirements};
use ringbolt_record::values::{
    DecisionMetadata, DecisionRecord, DecisionRequirementsMetadata, DecisionRequirementsRecord,
};
use ringbolt_record::{DecisionIntent, DecisionRequirementsIntent, Key};

/// A model of decisions of a deployment.
pub(super) struct FoundModel<'a> {
    resource: &'a Resource,
    checksum: [u8; 16],
    requirements: DecisionRequirements,
    version: i32,
    pub(super) key: Key,
    pub(super) is_duplicate: bool,
    /// Key and version of each decision, in the model's order; empty until they are known.
    decisions: Vec<(Key, i32)>,
}

impl<'a> FoundModel<'a> {
    pub(super) fn new(resource: &'a Resource, requirements: DecisionRequirements) -> Self {
        Self {
            resource,
            checksum: checksum(resource),
            requirements,
            version: 0,
            key: Key::NONE,
            is_duplicate: false,
            decisions: Vec::new(),
        }
    }

    pub(super) fn decision_ids(&self) -> impl Iterator<Item = &str> {
        self.requirements.decisions().iter().map(|decision| decision.id())
    }

    /// What is said of two models of one deployment that have an id in common.
    pub(super) fn shares_id_with(&self, first: &Self) -> Option<String> {
        let found = |what: &str, id: &str| {
            let (one, two) = (&first.resource.name, &self.resource.name);
            Some(format!(
                "Expected the {what} ids to be unique within a deployment but found a duplicated id '{id}' in the \
                 resources '{one}' and '{two}'."
            ))
        };
        if self.requirements.id() == first.requirements.id() {
            return found("decision requirements", self.requirements.id());
        }
        let mut ids: Vec<&str> = self.decision_ids().collect();
        ids.sort_unstable();
        let shared = first.decision_ids().find(|other| ids.binary_search(other).is_ok());
        shared.and_then(|shared| found("decision", shared))
    }

    /// Marks what is the newest of its id already: the same bytes under the same resource name, and every decision in
    /// it is still the newest of its id too.
    pub(super) fn find_duplicate(&mut self, p: &Processing<'_>, tenant_id: &str) {
        let tables = p.tables();
        let Some(key) = tables.latest_decision_requirements(tenant_id, self.requirements.id()) else {
            return;
        };
        let Some(latest) = tables.decision_requirements(key) else { return };
        if latest.checksum != self.checksum || latest.resource_name != self.resource.name {
            return;
        }
        let decisions = self.requirements.decisions().iter().map(|decision| {
            let decision_key = tables.latest_decision(tenant_id, decision.id())?;
            let row = tables.decision(decision_key)?;
            (row.decision_requirements_key == key).then_some((decision_key, row.version))
        });
        if let Some(decisions) = decisions.collect::<Option<Vec<_>>>() {
            (self.key, self.version, self.is_duplicate) = (key, latest.version, true);
            self.decisions = decisions;
        }
    }

    /// Makes the next version of its id, and of the id of each decision.
    pub(super) fn make(&mut self, p: &mut Processing<'_>, tenant_id: &str, deployment_key: Key) {
        let id = self.requirements.id();
        let latest = p.tables().latest_decision_requirements(tenant_id, id);
        let latest = latest.and_then(|key| p.tables().decision_requirements(key)).map(|row| row.version);
        self.is_duplicate = false;
        self.version = latest.unwrap_or(0) + 1;
        self.key = p.next_key();
        let record = DecisionRequirementsRecord {
            decision_requirements_key: self.key,
            decision_requirements_id: id,
            decision_requirements_name: self.requirements.name(),
            decision_requirements_version: self.version,
            namespace: self.requirements.namespace(),
            deployment_key,
            resource_name: &self.resource.name,
            checksum: self.checksum,
            resource: &self.resource.content,
            tenant_id,
        };
        p.append(DecisionRequirementsIntent::Created, self.key, &record);
        self.decisions.clear();
        for decision in self.requirements.decisions() {
            let latest = p.tables().latest_decision(tenant_id, decision.id());
            let latest = latest.and_then(|key| p.tables().decision(key)).map(|row| row.version);
            let (key, version) = (p.next_key(), latest.unwrap_or(0) + 1);
            let record = DecisionRecord {
                decision_key: key,
                decision_id: decision.id(),
                decision_name: decision.name(),
                version,
                version_tag: decision.version_tag(),
                decision_requirements_id: id,
                decision_requirements_key: self.key,
                deployment_key,
                tenant_id,
            };
            p.append(DecisionIntent::Created, key, &record);
            self.decisions.push((key, version));
        }
    }

    fn decisions(&self) -> impl Iterator<Item = (&ringbolt_dmn::Decision, Key, i32)> {
        let keys = self.decisions.iter();
        self.requirements
            .decisions()
            .iter()
            .zip(keys)
            .map(|(decision, (key, version))| (decision, *key, *version))
    }

    pub(super) fn metadata(&self) -> DecisionRequirementsMetadata<'_> {
        DecisionRequirementsMetadata {
            decision_requirements_id: self.requirements.id(),
            decision_requirements_name: self.requirements.name(),
            decision_requirements_version: self.version,
            decision_requirements_key: self.key,
            namespace: self.requirements.namespace(),
            resource_name: &self.resource.name,
            is_duplicate: self.is_duplicate,
        }
    }

    pub(super) fn decisions_metadata(&self) -> impl Iterator<Item = DecisionMetadata<'_>> {
        self.decisions().map(|(decision, decision_key, version)| DecisionMetadata {
            decision_id: decision.id(),
            decision_name: decision.name(),
            version,
            version_tag: decision.version_tag(),
            decision_key,
            decision_requirements_id: self.requirements.id(),
            decision_requirements_key: self.key,
            is_duplicate: self.is_duplicate,
        })
    }

    pub(super) fn deployed(&self) -> DeployedDecisionRequirements {
        DeployedDecisionRequirements {
            decision_requirements_id: self.requirements.id().to_owned(),
            decision_requirements_name: self.requirements.name().to_owned(),
            version: self.version,
            decision_requirements_key: self.key,
            resource_name: self.resource.name.clone(),
        }
    }

    pub(super) fn deployed_decisions(&self) -> impl Iterator<Item = DeployedDecision> {
        self.decisions().map(|(decision, decision_key, version)| DeployedDecision {
            decision_id: decision.id().to_owned(),
            decision_name: decision.name().to_owned(),
            version,
            decision_key,
            decision_requirements_id: self.requirements.id().to_owned(),
            decision_requirements_key: self.key,
        })
    }
}
