//! Records of decisions as lines of text.

use crate::print::{Line, Names};
use ringbolt_record::values::{
    ArchivedDeploymentRecord, DecisionEvaluationRecord, DecisionRecord, DecisionRequirementsRecord,
    InstanceRef,
};
use ringbolt_record::{DecisionType, ElementIndex, Key, RecordRef};

/// JSON as text in quotes, except where it is one plain word.
fn json(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

/// What a deployment brought of decisions.
pub(crate) fn metadata(value: &ArchivedDeploymentRecord<'_>, line: &mut Line) {
    let decisions = value.decisions.iter().map(|decision| {
        let mut inner = Line::default();
        inner.text("decisionId", &decision.decision_id).field("decisionKey", Key::of(&decision.decision_key));
        inner.text("decisionName", &decision.decision_name);
        inner.text("decisionRequirementsId", &decision.decision_requirements_id);
        inner.field("decisionRequirementsKey", Key::of(&decision.decision_requirements_key));
        if decision.is_duplicate {
            inner.field("duplicate", true);
        }
        inner.field("version", decision.version).text("versionTag", &decision.version_tag);
        inner
    });
    line.list("decisionsMetadata", decisions);
    let models = value.decision_requirements.iter().map(|model| {
        let mut inner = Line::default();
        inner.text("decisionRequirementsId", &model.decision_requirements_id);
        inner.field("decisionRequirementsKey", Key::of(&model.decision_requirements_key));
        inner.text("decisionRequirementsName", &model.decision_requirements_name);
        inner.field("decisionRequirementsVersion", model.decision_requirements_version);
        if model.is_duplicate {
            inner.field("duplicate", true);
        }
        inner.text("namespace", &model.namespace).text("resourceName", &model.resource_name);
        inner
    });
    line.list("decisionRequirementsMetadata", models);
}

pub(crate) fn decision(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    let value = record.value::<DecisionRecord<'_>>().unwrap();
    if record.header.intent.name() == "CREATED" {
        names.decisions.push(record.header.key);
    }
    line.text("decisionId", &value.decision_id).field("decisionKey", Key::of(&value.decision_key));
    line.text("decisionName", &value.decision_name);
    line.text("decisionRequirementsId", &value.decision_requirements_id);
    line.field("decisionRequirementsKey", Key::of(&value.decision_requirements_key));
    line.field("version", value.version).text("versionTag", &value.version_tag);
}

pub(crate) fn requirements(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    let value = record.value::<DecisionRequirementsRecord<'_>>().unwrap();
    if record.header.intent.name() == "CREATED" {
        names.decision_requirements.push(record.header.key);
    }
    line.text("decisionRequirementsId", &value.decision_requirements_id);
    line.text("decisionRequirementsName", &value.decision_requirements_name);
    line.field("decisionRequirementsVersion", value.decision_requirements_version);
    line.field("decisionRequirementsKey", Key::of(&value.decision_requirements_key));
    line.text("namespace", &value.namespace).text("resourceName", &value.resource_name);
}

pub(crate) fn evaluation(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    let value = record.value::<DecisionEvaluationRecord<'_>>().unwrap();
    let instance = InstanceRef::of(&value.instance);
    line.text("decisionId", &value.decision_id).field("decisionKey", Key::of(&value.decision_key));
    line.text("decisionName", &value.decision_name).text("decisionOutput", &json(&value.decision_output));
    line.text("decisionRequirementsId", &value.decision_requirements_id);
    line.field("decisionRequirementsKey", Key::of(&value.decision_requirements_key));
    line.field("decisionVersion", value.decision_version);
    if instance.process_definition_key.is_some() {
        let index = ElementIndex::of(&value.element_index);
        line.text("elementId", &names.element(instance.process_definition_key, index));
    }
    line.key("elementInstanceKey", Key::of(&value.element_instance_key));
    let decisions = value.evaluated_decisions.iter().map(|decision| {
        let mut inner = Line::default();
        inner.text("decisionId", &decision.decision_id).key("decisionKey", Key::of(&decision.decision_key));
        inner.text("decisionName", &decision.decision_name);
        inner.text("decisionOutput", &json(&decision.decision_output));
        inner.text("decisionType", DecisionType::of(&decision.decision_type).name());
        if decision.decision_version.to_native() != -1 {
            inner.field("decisionVersion", decision.decision_version);
        }
        let inputs = decision.evaluated_inputs.iter().map(|input| {
            let mut inner = Line::default();
            inner.text("inputId", &input.input_id).text("inputName", &input.input_name);
            inner.text("inputValue", &json(&input.input_value));
            inner
        });
        inner.list("evaluatedInputs", inputs);
        let rules = decision.matched_rules.iter().map(|rule| {
            let mut inner = Line::default();
            let outputs = rule.evaluated_outputs.iter().map(|output| {
                let mut inner = Line::default();
                inner.text("outputId", &output.output_id).text("outputName", &output.output_name);
                inner.text("outputValue", &json(&output.output_value));
                inner
            });
            inner.list("evaluatedOutputs", outputs);
            inner.text("ruleId", &rule.rule_id).field("ruleIndex", rule.rule_index);
            inner
        });
        inner.list("matchedRules", rules);
        inner
    });
    line.list("evaluatedDecisions", decisions);
    line.text("evaluationFailureMessage", &value.evaluation_failure_message);
    line.text("failedDecisionId", &value.failed_decision_id);
    line.key("processDefinitionKey", instance.process_definition_key);
    line.key("processInstanceKey", instance.process_instance_key);
}
