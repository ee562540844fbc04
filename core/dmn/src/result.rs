//! What an evaluation leaves: the result or the failure, and a record of everything that was evaluated on the way.

use std::sync::Arc;

use ringbolt_feel::{Value, Warnings};

/// The outcome of an evaluation.
#[derive(Debug)]
pub struct DecisionEvaluation {
    /// The decision's result, or why there is none.
    pub output: Result<Value, DecisionFailure>,
    /// Every decision and function that was evaluated, in the order they ended; on a failure up to the failed one.
    pub evaluated: Vec<EvaluatedDecision>,
    /// What went wrong in expressions without failing them. The cells of rules give none.
    pub warnings: Warnings,
}

/// Why a decision has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionFailure {
    /// The decision that failed: the one asked for, or one that it requires.
    pub decision_id: Arc<str>,
    /// What happened, as a client gets to read it.
    pub message: String,
}

/// What kind of logic was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionType {
    /// A decision table.
    DecisionTable,
    /// A FEEL expression.
    LiteralExpression,
    /// A boxed context.
    Context,
    /// A boxed invocation.
    Invocation,
    /// A boxed list.
    List,
    /// A relation.
    Relation,
    /// Nothing of these.
    Unknown,
}

impl DecisionType {
    /// The name on the wire, such as `DECISION_TABLE`.
    pub fn name(self) -> &'static str {
        match self {
            DecisionType::DecisionTable => "DECISION_TABLE",
            DecisionType::LiteralExpression => "LITERAL_EXPRESSION",
            DecisionType::Context => "CONTEXT",
            DecisionType::Invocation => "INVOCATION",
            DecisionType::List => "LIST",
            DecisionType::Relation => "RELATION",
            DecisionType::Unknown => "UNKNOWN",
        }
    }
}

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvaluatedElement {
    /// A decision.
    Decision,
    /// A business knowledge model that was called.
    BusinessKnowledgeModel,
}

/// A decision or business knowledge model that was evaluated.
#[derive(Clone, Debug)]
pub struct EvaluatedDecision {
    /// Whether it is a decision.
    pub element: EvaluatedElement,
    /// Its id.
    pub id: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// The kind of its logic.
    pub decision_type: DecisionType,
    /// Its result; null where it failed.
    pub output: Value,
    /// The inputs of a decision table.
    pub inputs: Vec<EvaluatedInput>,
    /// The rules of a decision table that matched.
    pub matched_rules: Vec<MatchedRule>,
}

/// An evaluated input of a decision table.
#[derive(Clone, Debug)]
pub struct EvaluatedInput {
    /// The input's id; empty if it has none.
    pub id: Arc<str>,
    /// The input's label, or else the start of its expression.
    pub name: Arc<str>,
    /// The value that the rules were tested with.
    pub value: Value,
}

/// A rule that matched.
#[derive(Clone, Debug)]
pub struct MatchedRule {
    /// The rule's id; empty if it has none.
    pub id: Arc<str>,
    /// The rule's position in its table, from 1.
    pub index: u32,
    /// What it gave.
    pub outputs: Vec<EvaluatedOutput>,
}

/// An evaluated output of a rule.
#[derive(Clone, Debug)]
pub struct EvaluatedOutput {
    /// The output's id; empty if it has none.
    pub id: Arc<str>,
    /// The output's label, or else its name.
    pub name: Arc<str>,
    /// The value.
    pub value: Value,
}
