//! What records say about decisions: their models, their definitions, their evaluations.
//!
//! Results stand in an evaluation's record as JSON text, whole: an evaluation is kept for those who ask later how an answer came about.

use super::InstanceRef;
use crate::ids::{ElementIndex, Key};
use crate::wire_enums::DecisionType;
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// A model of decisions, with its resource.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct DecisionRequirementsRecord<'a> {
    /// Key of the model; the record of its deletion has one of its own.
    pub decision_requirements_key: Key,
    /// The model's id.
    #[rkyv(with = InlineAsBox)]
    pub decision_requirements_id: &'a str,
    /// The model's name.
    #[rkyv(with = InlineAsBox)]
    pub decision_requirements_name: &'a str,
    /// Counted from 1 for each id and tenant.
    pub decision_requirements_version: i32,
    /// The model's namespace.
    #[rkyv(with = InlineAsBox)]
    pub namespace: &'a str,
    /// The deployment that brought it.
    pub deployment_key: Key,
    /// The resource's file name.
    #[rkyv(with = InlineAsBox)]
    pub resource_name: &'a str,
    /// Digest of the resource's bytes, by which a redeployment is recognized.
    pub checksum: [u8; 16],
    /// The resource itself.
    #[rkyv(with = InlineAsBox)]
    pub resource: &'a [u8],
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// A decision of a model.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct DecisionRecord<'a> {
    /// Key of the decision; the record of its deletion has one of its own.
    pub decision_key: Key,
    /// The decision's id in the model.
    #[rkyv(with = InlineAsBox)]
    pub decision_id: &'a str,
    /// The decision's name in the model.
    #[rkyv(with = InlineAsBox)]
    pub decision_name: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// The model's own label of the version; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub version_tag: &'a str,
    /// The model's id.
    #[rkyv(with = InlineAsBox)]
    pub decision_requirements_id: &'a str,
    /// The model.
    pub decision_requirements_key: Key,
    /// The deployment that brought it.
    pub deployment_key: Key,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// A model of decisions in a deployment.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct DecisionRequirementsMetadata<'a> {
    /// The model's id.
    #[rkyv(with = InlineAsBox)]
    pub decision_requirements_id: &'a str,
    /// The model's name.
    #[rkyv(with = InlineAsBox)]
    pub decision_requirements_name: &'a str,
    /// Counted from 1 for each id and tenant.
    pub decision_requirements_version: i32,
    /// Key of the model.
    pub decision_requirements_key: Key,
    /// The model's namespace.
    #[rkyv(with = InlineAsBox)]
    pub namespace: &'a str,
    /// The resource that it stands in.
    #[rkyv(with = InlineAsBox)]
    pub resource_name: &'a str,
    /// Whether an equal model was there already, so that none was made.
    pub is_duplicate: bool,
}

/// A decision in a deployment.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct DecisionMetadata<'a> {
    /// The decision's id in the model.
    #[rkyv(with = InlineAsBox)]
    pub decision_id: &'a str,
    /// The decision's name in the model.
    #[rkyv(with = InlineAsBox)]
    pub decision_name: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// The model's own label of the version; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub version_tag: &'a str,
    /// Key of the decision.
    pub decision_key: Key,
    /// The model's id.
    #[rkyv(with = InlineAsBox)]
    pub decision_requirements_id: &'a str,
    /// The model.
    pub decision_requirements_key: Key,
    /// Whether an equal decision was there already, so that none was made.
    pub is_duplicate: bool,
}

/// An evaluation of a decision, by a client or by an element instance.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct DecisionEvaluationRecord<'a> {
    /// The decision that was asked for.
    pub decision_key: Key,
    /// Its id in the model.
    #[rkyv(with = InlineAsBox)]
    pub decision_id: &'a str,
    /// Its name in the model.
    #[rkyv(with = InlineAsBox)]
    pub decision_name: &'a str,
    /// Its version.
    pub decision_version: i32,
    /// Its model.
    pub decision_requirements_key: Key,
    /// Its model's id.
    #[rkyv(with = InlineAsBox)]
    pub decision_requirements_id: &'a str,
    /// The result as JSON text; `null` where there is none.
    #[rkyv(with = InlineAsBox)]
    pub decision_output: &'a [u8],
    /// Everything that was evaluated, in the order in which it ended; up to what failed.
    pub evaluated_decisions: Vec<EvaluatedDecisionValue<'a>>,
    /// Why there is no result; empty where there is one.
    #[rkyv(with = InlineAsBox)]
    pub evaluation_failure_message: &'a str,
    /// The decision that failed; empty where none did.
    #[rkyv(with = InlineAsBox)]
    pub failed_decision_id: &'a str,
    /// Definition and instance that it was evaluated in; none for a client's.
    pub instance: InstanceRef,
    /// The element instance that it was evaluated for; none for a client's.
    pub element_instance_key: Key,
    /// Its element.
    pub element_index: ElementIndex,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// A decision, or something that it calls, that was evaluated.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct EvaluatedDecisionValue<'a> {
    /// Its id in the model.
    #[rkyv(with = InlineAsBox)]
    pub decision_id: &'a str,
    /// Its name in the model.
    #[rkyv(with = InlineAsBox)]
    pub decision_name: &'a str,
    /// The decision; none for what is no decision.
    pub decision_key: Key,
    /// Its version; -1 for what is no decision.
    pub decision_version: i32,
    /// The kind of its logic.
    pub decision_type: DecisionType,
    /// Its result as JSON text.
    #[rkyv(with = InlineAsBox)]
    pub decision_output: &'a [u8],
    /// The inputs of a decision table.
    pub evaluated_inputs: Vec<EvaluatedInputValue<'a>>,
    /// The rules of a decision table that matched.
    pub matched_rules: Vec<MatchedRuleValue<'a>>,
}

/// An input of a decision table.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct EvaluatedInputValue<'a> {
    /// Its id in the model; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub input_id: &'a str,
    /// Its label, or else the start of its expression.
    #[rkyv(with = InlineAsBox)]
    pub input_name: &'a str,
    /// What the rules were tested with, as JSON text.
    #[rkyv(with = InlineAsBox)]
    pub input_value: &'a [u8],
}

/// A rule that matched.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct MatchedRuleValue<'a> {
    /// Its id in the model.
    #[rkyv(with = InlineAsBox)]
    pub rule_id: &'a str,
    /// Its place in the table, counted from 1.
    pub rule_index: u32,
    /// What it gave.
    pub evaluated_outputs: Vec<EvaluatedOutputValue<'a>>,
}

/// An output of a rule.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct EvaluatedOutputValue<'a> {
    /// Its id in the model; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub output_id: &'a str,
    /// Its label, or else its name.
    #[rkyv(with = InlineAsBox)]
    pub output_name: &'a str,
    /// The value as JSON text.
    #[rkyv(with = InlineAsBox)]
    pub output_value: &'a [u8],
}
