//! DMN 1.1 to 1.5 models -> a compiled decision requirements graph -> results with a record of everything evaluated,
//! with the answers of Camunda 8's own engine.
//!
//! Code map, in the order a model takes:
//! - `parse`: XML to `model`; `expressions` (boxed expressions), `table`, `graph` (references and cycles).
//! - `model`: the result, index arenas. `rule`: a row of a table. `index`: which rules of a table accept an input.
//! - `evaluate`: the decisions a decision requires, each once; `scope` (what an expression sees), `table`,
//!   `hit_policy`, `types`, `functions` (business knowledge models, decision services, function definitions).
//! - `result`: what an evaluation leaves. `cli`: lines in, lines out, for the command line and comparisons.
//!
//! Invariants: pure and deterministic; any model and any input end in bounded time and memory; what is not supported
//! is refused by name when the model is read, never ignored; a decision is evaluated at most once.
//!
//! Deliberately not here: keys, versions and the comparison of a deployment with an earlier one; checks of values
//! against item definitions and allowed values, which the reference does not make either.

pub mod cli;
mod evaluate;
mod index;
mod limits;
mod model;
mod parse;
mod result;
mod rule;

use std::sync::Arc;

use ringbolt_feel::{Environment, Variables};
pub use ringbolt_xml::{DocumentLimits, Violation};

pub use limits::Limits;
pub use model::Decision;
pub use parse::parse;
pub use result::{
    DecisionEvaluation, DecisionFailure, DecisionType, EvaluatedDecision, EvaluatedElement, EvaluatedInput,
    EvaluatedOutput, MatchedRule,
};

/// A compiled model: its decisions and everything they require. Cheap to clone, shareable between threads.
#[derive(Clone, Debug)]
pub struct DecisionRequirements {
    model: Arc<model::Model>,
}

impl DecisionRequirements {
    /// The id of the model.
    pub fn id(&self) -> &str {
        &self.model.id
    }

    /// The name of the model.
    pub fn name(&self) -> &str {
        &self.model.name
    }

    /// The namespace of the model.
    pub fn namespace(&self) -> &str {
        &self.model.namespace
    }

    /// The decisions, in document order.
    pub fn decisions(&self) -> &[Decision] {
        &self.model.decisions
    }

    /// Evaluates a decision with everything it requires.
    pub fn evaluate(
        &self,
        decision_id: &str,
        variables: &dyn Variables,
        env: &Environment,
    ) -> DecisionEvaluation {
        evaluate::evaluate(&self.model, decision_id, variables, env)
    }
}
