//! Decisions, their models and their evaluations as JSON.

use super::{Object, tenant};
use crate::entry::{EntryError, RecordRef};
use crate::ids::Key;
use crate::values::{
    ArchivedDeploymentRecord, DecisionEvaluationRecord, DecisionRecord, DecisionRequirementsRecord,
};
use crate::wire_enums::DecisionType;

/// What a deployment brought of decisions.
pub(super) fn write_metadata(out: &mut Object<'_>, value: &ArchivedDeploymentRecord<'_>) {
    out.objects("decisionsMetadata", value.decisions.iter(), |out, decision| {
        out.text("decisionId", &decision.decision_id);
        out.text("decisionName", &decision.decision_name);
        out.number("version", decision.version);
        out.text("versionTag", &decision.version_tag);
        out.key("decisionKey", Key::of(&decision.decision_key));
        out.text("decisionRequirementsId", &decision.decision_requirements_id);
        out.key("decisionRequirementsKey", Key::of(&decision.decision_requirements_key));
        out.number("isDuplicate", decision.is_duplicate);
    });
    out.objects("decisionRequirementsMetadata", value.decision_requirements.iter(), |out, model| {
        out.text("decisionRequirementsId", &model.decision_requirements_id);
        out.text("decisionRequirementsName", &model.decision_requirements_name);
        out.number("decisionRequirementsVersion", model.decision_requirements_version);
        out.key("decisionRequirementsKey", Key::of(&model.decision_requirements_key));
        out.text("namespace", &model.namespace);
        out.text("resourceName", &model.resource_name);
        out.number("isDuplicate", model.is_duplicate);
    });
}

pub(super) fn write_decision(out: &mut Object<'_>, record: &RecordRef<'_>) -> Result<(), EntryError> {
    let value = record.value::<DecisionRecord<'_>>()?;
    out.text("decisionId", &value.decision_id);
    out.text("decisionName", &value.decision_name);
    out.number("version", value.version);
    out.text("versionTag", &value.version_tag);
    out.key("decisionKey", record.header.key);
    out.text("decisionRequirementsId", &value.decision_requirements_id);
    out.key("decisionRequirementsKey", Key::of(&value.decision_requirements_key));
    out.key("deploymentKey", Key::of(&value.deployment_key));
    out.text("tenantId", tenant(&value.tenant_id));
    Ok(())
}

pub(super) fn write_requirements(out: &mut Object<'_>, record: &RecordRef<'_>) -> Result<(), EntryError> {
    let value = record.value::<DecisionRequirementsRecord<'_>>()?;
    out.text("decisionRequirementsId", &value.decision_requirements_id);
    out.text("decisionRequirementsName", &value.decision_requirements_name);
    out.number("decisionRequirementsVersion", value.decision_requirements_version);
    out.key("decisionRequirementsKey", record.header.key);
    out.text("namespace", &value.namespace);
    out.key("deploymentKey", Key::of(&value.deployment_key));
    out.text("resourceName", &value.resource_name);
    out.number("resourceBytes", value.resource.len());
    out.text("tenantId", tenant(&value.tenant_id));
    Ok(())
}

pub(super) fn write_evaluation(out: &mut Object<'_>, record: &RecordRef<'_>) -> Result<(), EntryError> {
    let value = record.value::<DecisionEvaluationRecord<'_>>()?;
    let tenant_id = tenant(&value.tenant_id);
    out.text("decisionId", &value.decision_id);
    out.text("decisionName", &value.decision_name);
    out.number("decisionVersion", value.decision_version);
    out.key("decisionKey", Key::of(&value.decision_key));
    out.text("decisionRequirementsId", &value.decision_requirements_id);
    out.key("decisionRequirementsKey", Key::of(&value.decision_requirements_key));
    out.json_text("decisionOutput", &value.decision_output);
    out.text("evaluationFailureMessage", &value.evaluation_failure_message);
    out.text("failedDecisionId", &value.failed_decision_id);
    out.instance(&value.instance);
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    out.number("elementIndex", value.element_index.0);
    out.text("tenantId", tenant_id);
    let mut number = 0;
    out.objects("evaluatedDecisions", value.evaluated_decisions.iter(), |out, decision| {
        number += 1;
        out.text("decisionEvaluationInstanceKey", &format!("{}-{number}", record.header.key));
        out.text("decisionId", &decision.decision_id);
        out.text("decisionName", &decision.decision_name);
        out.number("decisionVersion", decision.decision_version);
        out.key("decisionKey", Key::of(&decision.decision_key));
        out.text("decisionType", DecisionType::of(&decision.decision_type).name());
        out.json_text("decisionOutput", &decision.decision_output);
        out.text("tenantId", tenant_id);
        out.objects("evaluatedInputs", decision.evaluated_inputs.iter(), |out, input| {
            out.text("inputId", &input.input_id);
            out.text("inputName", &input.input_name);
            out.json_text("inputValue", &input.input_value);
        });
        out.objects("matchedRules", decision.matched_rules.iter(), |out, rule| {
            out.text("ruleId", &rule.rule_id);
            out.number("ruleIndex", rule.rule_index);
            out.objects("evaluatedOutputs", rule.evaluated_outputs.iter(), |out, output| {
                out.text("outputId", &output.output_id);
                out.text("outputName", &output.output_name);
                out.json_text("outputValue", &output.output_value);
            });
        });
    });
    Ok(())
}
