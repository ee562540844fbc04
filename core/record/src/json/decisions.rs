//! Decisions, their models and their evaluations as JSON.

use super::derived::{self, Placed};
use super::values::{Written, element_id, instance, tenant};
use super::writer::Object;
use super::{Resources, Style};
use crate::entry::RecordRef;
use crate::ids::{ElementIndex, Key};
use crate::values::{
    ArchivedDeploymentRecord, DecisionEvaluationRecord, DecisionRecord, DecisionRequirementsRecord,
};
use crate::wire_enums::{DecisionRequirementsIntent, DecisionType};

/// What a deployment brought of decisions.
pub(super) fn write_metadata(
    out: &mut Object<'_>,
    value: &ArchivedDeploymentRecord<'_>,
    placed: Placed<'_>,
) -> Written {
    let deployment = placed.record.header.key;
    let mut failure = None;
    out.objects("decisionsMetadata", value.decisions.iter(), |out, decision| {
        out.text("decisionId", &decision.decision_id);
        out.text("decisionName", &decision.decision_name);
        out.number("version", decision.version.to_native());
        out.text("versionTag", &decision.version_tag);
        out.key("decisionKey", Key::of(&decision.decision_key));
        out.text("decisionRequirementsId", &decision.decision_requirements_id);
        out.key("decisionRequirementsKey", Key::of(&decision.decision_requirements_key));
        out.boolean("duplicate", decision.is_duplicate);
        if !decision.is_duplicate {
            out.key("deploymentKey", deployment);
        }
        tenant(out, &value.tenant_id);
    });
    out.objects("decisionRequirementsMetadata", value.decision_requirements.iter(), |out, model| {
        out.text("decisionRequirementsId", &model.decision_requirements_id);
        out.text("decisionRequirementsName", &model.decision_requirements_name);
        out.number("decisionRequirementsVersion", model.decision_requirements_version.to_native());
        out.key("decisionRequirementsKey", Key::of(&model.decision_requirements_key));
        out.text("namespace", &model.namespace);
        out.text("resourceName", &model.resource_name);
        out.boolean("duplicate", model.is_duplicate);
        tenant(out, &value.tenant_id);
        let key = Key::of(&model.decision_requirements_key);
        let made = DecisionRequirementsIntent::Created.into();
        let checksum = derived::checksum_of(placed, key, made, |record| {
            Ok(record.value::<DecisionRequirementsRecord<'_>>()?.checksum)
        });
        match checksum {
            Ok(checksum) => checksum.iter().for_each(|checksum| out.base64("checksum", checksum)),
            Err(error) => drop(failure.get_or_insert(error)),
        }
    });
    failure.map_or(Ok(()), Err)
}

pub(super) fn write_decision(out: &mut Object<'_>, record: &RecordRef<'_>) -> Written {
    let value = record.value::<DecisionRecord<'_>>()?;
    out.text("decisionId", &value.decision_id);
    out.text("decisionName", &value.decision_name);
    out.number("version", value.version.to_native());
    out.text("versionTag", &value.version_tag);
    out.key("decisionKey", Key::of(&value.decision_key));
    out.text("decisionRequirementsId", &value.decision_requirements_id);
    out.key("decisionRequirementsKey", Key::of(&value.decision_requirements_key));
    out.key("deploymentKey", Key::of(&value.deployment_key));
    // What is unchanged brings no event.
    out.boolean("duplicate", false);
    tenant(out, &value.tenant_id);
    Ok(())
}

pub(super) fn write_requirements(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<DecisionRequirementsRecord<'_>>()?;
    out.text("decisionRequirementsId", &value.decision_requirements_id);
    out.text("decisionRequirementsName", &value.decision_requirements_name);
    out.number("decisionRequirementsVersion", value.decision_requirements_version.to_native());
    out.key("decisionRequirementsKey", Key::of(&value.decision_requirements_key));
    out.text("namespace", &value.namespace);
    out.key("deploymentKey", Key::of(&value.deployment_key));
    out.text("resourceName", &value.resource_name);
    out.base64("checksum", &value.checksum);
    match style.resources {
        Resources::Whole => out.base64("resource", &value.resource),
        Resources::Size => out.number("resourceBytes", value.resource.len()),
    }
    out.boolean("duplicate", false);
    tenant(out, &value.tenant_id);
    Ok(())
}

pub(super) fn write_evaluation(out: &mut Object<'_>, record: &RecordRef<'_>, style: Style<'_>) -> Written {
    let value = record.value::<DecisionEvaluationRecord<'_>>()?;
    out.text("decisionId", &value.decision_id);
    out.text("decisionName", &value.decision_name);
    out.number("decisionVersion", value.decision_version.to_native());
    out.key("decisionKey", Key::of(&value.decision_key));
    out.text("decisionRequirementsId", &value.decision_requirements_id);
    out.key("decisionRequirementsKey", Key::of(&value.decision_requirements_key));
    out.json_text("decisionOutput", &value.decision_output);
    out.text("evaluationFailureMessage", &value.evaluation_failure_message);
    out.text("failedDecisionId", &value.failed_decision_id);
    instance(out, &value.instance, None, style);
    out.key("elementInstanceKey", Key::of(&value.element_instance_key));
    if Key::of(&value.element_instance_key).is_some() {
        element_id(out, &value.instance, ElementIndex(value.element_index.0.to_native()), style);
    } else {
        out.name_of("bpmnProcessId", "");
        out.name_of("elementId", "");
    }
    // Zeebe writes none either: inputs stand in the evaluated decisions.
    out.raw("variables", "{}");
    tenant(out, &value.tenant_id);
    let mut number = 0;
    out.objects("evaluatedDecisions", value.evaluated_decisions.iter(), |out, decision| {
        number += 1;
        out.text("decisionEvaluationInstanceKey", &format!("{}-{number}", record.header.key));
        out.text("decisionId", &decision.decision_id);
        out.text("decisionName", &decision.decision_name);
        out.number("decisionVersion", decision.decision_version.to_native());
        out.key("decisionKey", Key::of(&decision.decision_key));
        out.name_of("decisionType", DecisionType::of(&decision.decision_type).name());
        out.json_text("decisionOutput", &decision.decision_output);
        tenant(out, &value.tenant_id);
        out.objects("evaluatedInputs", decision.evaluated_inputs.iter(), |out, input| {
            out.text("inputId", &input.input_id);
            out.text("inputName", &input.input_name);
            out.json_text("inputValue", &input.input_value);
        });
        out.objects("matchedRules", decision.matched_rules.iter(), |out, rule| {
            out.text("ruleId", &rule.rule_id);
            out.number("ruleIndex", rule.rule_index.to_native());
            out.objects("evaluatedOutputs", rule.evaluated_outputs.iter(), |out, output| {
                out.text("outputId", &output.output_id);
                out.text("outputName", &output.output_name);
                out.json_text("outputValue", &output.output_value);
            });
        });
    });
    Ok(())
}
