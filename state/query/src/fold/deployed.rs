//! What is deployed, and evaluations of decisions.

use super::{Deleted, Folded, Folding, json_text, some_key, some_text, tenant};
use crate::codes::{CLUSTER_VARIABLE_SCOPES, DECISION_DEFINITION_TYPES, DECISION_INSTANCE_STATES, code_of};
use crate::definitions::definition_rows;
use crate::rows::{
    ClusterVariable, DecisionDefinition, DecisionInstance, DecisionRequirements, Form, Resource, Text,
};
use ringbolt_exporters::Definition;
use ringbolt_record::values::{
    ArchivedEvaluatedDecisionValue, ArchivedResourceRecord, ClusterVariableRecord, DecisionEvaluationRecord,
    DecisionRecord, DecisionRequirementsRecord, FormRecord, InstanceRef, ProcessRecord, ResourceRecord,
};
use ringbolt_record::{
    ClusterVariableIntent, ClusterVariableScope, DecisionEvaluationIntent, DecisionIntent,
    DecisionRequirementsIntent, DecisionType, FormIntent, Key, ProcessIntent, RecordRef, ResourceIntent,
};
use serde_json::{Value, json};

impl Folding<'_> {
    pub(super) fn process(&mut self, record: &RecordRef<'_>, intent: ProcessIntent) -> Folded {
        let value = record.value::<ProcessRecord<'_>>()?;
        let key = Key::of(&value.process_definition_key);
        match intent {
            ProcessIntent::Created => {
                let definition = Definition {
                    bpmn_process_id: value.bpmn_process_id.to_string(),
                    version: value.version.to_native(),
                    resource_name: value.resource_name.to_string(),
                    resource: value.resource.to_vec(),
                };
                let deployment = Key::of(&value.deployment_key);
                let rows = definition_rows(
                    key,
                    &definition,
                    deployment,
                    &value.version_tag,
                    tenant(&value.tenant_id),
                );
                self.batch.definitions.push(rows);
            }
            ProcessIntent::Deleted => self.batch.deleted.push(Deleted::Process(key.to_wire())),
            ProcessIntent::Deleting => {}
        }
        Ok(())
    }

    pub(super) fn decision_requirements(
        &mut self,
        record: &RecordRef<'_>,
        intent: DecisionRequirementsIntent,
    ) -> Folded {
        let value = record.value::<DecisionRequirementsRecord<'_>>()?;
        let key = Key::of(&value.decision_requirements_key).to_wire();
        if intent == DecisionRequirementsIntent::Deleted {
            self.batch.deleted.push(Deleted::DecisionRequirements(key));
            return Ok(());
        }
        self.batch.decision_xml.push((key, (*value.resource).into()));
        self.batch.decision_requirements.put(DecisionRequirements {
            tenant_id: tenant(&value.tenant_id),
            decision_requirements_key: key,
            decision_requirements_id: (*value.decision_requirements_id).into(),
            decision_requirements_name: (*value.decision_requirements_name).into(),
            version: value.decision_requirements_version.to_native(),
            namespace: (*value.namespace).into(),
            resource_name: (*value.resource_name).into(),
            deployment_key: some_key(Key::of(&value.deployment_key)),
            is_deleted: false,
        });
        Ok(())
    }

    pub(super) fn decision(&mut self, record: &RecordRef<'_>, intent: DecisionIntent) -> Folded {
        let value = record.value::<DecisionRecord<'_>>()?;
        let key = Key::of(&value.decision_key).to_wire();
        if intent == DecisionIntent::Deleted {
            self.batch.deleted.push(Deleted::Decision(key));
            return Ok(());
        }
        self.batch.decisions.put(DecisionDefinition {
            tenant_id: tenant(&value.tenant_id),
            decision_definition_key: key,
            decision_definition_id: (*value.decision_id).into(),
            name: (*value.decision_name).into(),
            version: value.version.to_native(),
            version_tag: some_text(&value.version_tag),
            decision_requirements_id: (*value.decision_requirements_id).into(),
            decision_requirements_key: Key::of(&value.decision_requirements_key).to_wire(),
            deployment_key: some_key(Key::of(&value.deployment_key)),
            is_deleted: false,
        });
        Ok(())
    }

    /// An evaluation is one row for each decision in it.
    pub(super) fn evaluation(&mut self, record: &RecordRef<'_>, intent: DecisionEvaluationIntent) -> Folded {
        if intent == DecisionEvaluationIntent::Evaluate {
            return Ok(());
        }
        let value = record.value::<DecisionEvaluationRecord<'_>>()?;
        let instance = InstanceRef::of(&value.instance);
        let count = value.evaluated_decisions.len();
        self.batch.usage.evaluation(self.now, record.header.key.to_wire());
        if instance.process_instance_key.is_none() {
            self.batch.decisions_alone += count as u64;
            self.batch.ended_at.get_or_insert(self.now);
        }
        for (number, decision) in (1..).zip(value.evaluated_decisions.iter()) {
            // Of an evaluation that failed, the last decision is the one that did.
            let failed = intent == DecisionEvaluationIntent::Failed && number == count;
            let state = if failed { "FAILED" } else { "EVALUATED" };
            let key = Key::of(&decision.decision_key);
            self.batch.decision_instances.put(DecisionInstance {
                tenant_id: tenant(&value.tenant_id),
                decision_evaluation_key: record.header.key.to_wire(),
                decision_evaluation_number: number as i64,
                process_instance_key: some_key(instance.process_instance_key),
                process_definition_key: some_key(instance.process_definition_key),
                root_process_instance_key: some_key(instance.root_process_instance_key),
                element_instance_key: some_key(Key::of(&value.element_instance_key)),
                state: code_of(&DECISION_INSTANCE_STATES, state).expect("it is in the list"),
                evaluation_date: self.now,
                evaluation_failure: if failed { some_text(&value.evaluation_failure_message) } else { None },
                decision_definition_key: key.to_wire(),
                decision_definition_id: (*decision.decision_id).into(),
                decision_definition_name: (*decision.decision_name).into(),
                decision_definition_version: decision.decision_version.to_native(),
                decision_definition_type: type_code(DecisionType::of(&decision.decision_type)),
                root_decision_definition_key: Key::of(&value.decision_key).to_wire(),
                decision_requirements_key: Key::of(&value.decision_requirements_key).to_wire(),
                result: json_text(&decision.decision_output),
                evaluated_inputs: evaluated_inputs(decision),
                matched_rules: matched_rules(decision),
            });
        }
        Ok(())
    }

    pub(super) fn form(&mut self, record: &RecordRef<'_>, intent: FormIntent) -> Folded {
        let value = &record.value::<FormRecord<'_>>()?.0;
        let key = Key::of(&value.resource_key).to_wire();
        if intent == FormIntent::Deleted {
            self.batch.deleted.push(Deleted::Form(key));
            return Ok(());
        }
        let of = resource_row(key, value);
        self.batch.forms.put(Form {
            tenant_id: of.tenant_id,
            form_key: key,
            form_id: of.resource_id,
            version: of.version,
            version_tag: of.version_tag,
            resource_name: of.resource_name,
            schema: of.content,
            deployment_key: of.deployment_key,
            is_deleted: false,
        });
        Ok(())
    }

    /// One that is deleted is written as such, so that a batch in which it comes back leaves it there.
    pub(super) fn cluster_variable(
        &mut self,
        record: &RecordRef<'_>,
        intent: ClusterVariableIntent,
    ) -> Folded {
        let value = record.value::<ClusterVariableRecord<'_>>()?;
        let scope = ClusterVariableScope::of(&value.scope);
        let metadata = if value.metadata.is_empty() { b"{}" } else { &*value.metadata };
        self.batch.cluster_variables.put(ClusterVariable {
            tenant_id: tenant(&value.tenant_id),
            id: format!("{} {} {}", scope.name(), &*value.tenant_id, &*value.name).into(),
            scope: code_of(&CLUSTER_VARIABLE_SCOPES, scope.name()).expect("it is in the list"),
            name: (*value.name).into(),
            value: String::from_utf8_lossy(&value.value).into(),
            metadata: String::from_utf8_lossy(metadata).into(),
            is_deleted: intent == ClusterVariableIntent::Deleted,
        });
        Ok(())
    }

    pub(super) fn resource(&mut self, record: &RecordRef<'_>, intent: ResourceIntent) -> Folded {
        let value = record.value::<ResourceRecord<'_>>()?;
        let key = Key::of(&value.resource_key).to_wire();
        match intent {
            ResourceIntent::Created => self.batch.resources.put(resource_row(key, value)),
            ResourceIntent::Deleted => self.batch.deleted.push(Deleted::Resource(key)),
            ResourceIntent::Fetch => {}
        }
        Ok(())
    }
}

fn resource_row(key: i64, value: &ArchivedResourceRecord<'_>) -> Resource {
    Resource {
        tenant_id: tenant(&value.tenant_id),
        resource_key: key,
        resource_id: (*value.resource_id).into(),
        version: value.version.to_native(),
        version_tag: some_text(&value.version_tag),
        resource_name: (*value.resource_name).into(),
        content: (*value.content).into(),
        deployment_key: some_key(Key::of(&value.deployment_key)),
        is_deleted: false,
    }
}

/// The API has two kinds of logic by name.
fn type_code(kind: DecisionType) -> u8 {
    let known = code_of(&DECISION_DEFINITION_TYPES, kind.name());
    known.or(code_of(&DECISION_DEFINITION_TYPES, "UNKNOWN")).expect("it is in the list")
}

/// A list of objects as JSON; none for an empty one.
fn objects(list: Vec<Value>) -> Option<Text> {
    (!list.is_empty()).then(|| Value::Array(list).to_string().into())
}

/// Values are JSON texts within JSON, as the API shows them.
fn evaluated_inputs(decision: &ArchivedEvaluatedDecisionValue<'_>) -> Option<Text> {
    let inputs = decision.evaluated_inputs.iter().map(|input| {
        json!({
            "inputId": &*input.input_id,
            "inputName": &*input.input_name,
            "inputValue": &*json_text(&input.input_value),
        })
    });
    objects(inputs.collect())
}

fn matched_rules(decision: &ArchivedEvaluatedDecisionValue<'_>) -> Option<Text> {
    let rules = decision.matched_rules.iter().map(|rule| {
        let outputs = rule.evaluated_outputs.iter().map(|output| {
            json!({
                "outputId": &*output.output_id,
                "outputName": &*output.output_name,
                "outputValue": &*json_text(&output.output_value),
                "ruleId": &*rule.rule_id,
                "ruleIndex": rule.rule_index.to_native(),
            })
        });
        json!({
            "ruleId": &*rule.rule_id,
            "ruleIndex": rule.rule_index.to_native(),
            "evaluatedOutputs": outputs.collect::<Vec<_>>(),
        })
    });
    objects(rules.collect())
}
