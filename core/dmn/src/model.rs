//! A compiled model: index arenas that the evaluation reads. Immutable and shared between threads.
//!
//! Every index is valid for its model; the requirements have no cycles.

use std::sync::Arc;

use ringbolt_feel::Value;

use crate::index::TableIndex;
use crate::rule::{Literal, Rule};

/// A name or id; empty where the model has none.
pub(crate) type Name = Arc<str>;

/// A compiled model.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) id: Name,
    pub(crate) name: Name,
    pub(crate) namespace: Name,
    pub(crate) decisions: Vec<Decision>,
    /// Positions in `decisions`, sorted by id.
    pub(crate) by_id: Vec<u32>,
    pub(crate) functions: Vec<Function>,
}

/// A decision of a model.
#[derive(Clone, Debug)]
pub struct Decision {
    pub(crate) id: Name,
    pub(crate) name: Name,
    /// Under this name other decisions see the result.
    pub(crate) result_name: Name,
    pub(crate) result_type: Option<Name>,
    /// Empty where the model has none.
    pub(crate) version_tag: Name,
    pub(crate) required_decisions: Vec<u32>,
    pub(crate) knowledge: Vec<Knowledge>,
    pub(crate) logic: Logic,
}

impl Decision {
    /// The id, unique in its model.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of `zeebe:versionTag`; empty where the model has none.
    pub fn version_tag(&self) -> &str {
        &self.version_tag
    }
}

/// Something a decision or function may call.
#[derive(Clone, Debug)]
pub(crate) struct Knowledge {
    pub(crate) name: Name,
    pub(crate) function: u32,
}

/// What can be called: a business knowledge model, a decision service, or a function definition in an expression.
#[derive(Debug)]
pub(crate) struct Function {
    /// Empty for a function definition.
    pub(crate) id: Name,
    pub(crate) name: Name,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) knowledge: Vec<Knowledge>,
    pub(crate) body: Body,
    /// The function as a value, without anything captured.
    pub(crate) value: Value,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Name,
    pub(crate) type_ref: Option<Name>,
}

/// What a function does.
#[derive(Debug)]
pub(crate) enum Body {
    Knowledge(Logic),
    Definition(Literal),
    Service(Service),
}

/// A decision service: decisions to evaluate with the arguments in place of some decisions' results.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) outputs: Vec<u32>,
    /// The decisions whose results are arguments, and which parameter each takes.
    pub(crate) inputs: Vec<(u32, u32)>,
}

/// A boxed expression.
#[derive(Clone, Debug)]
pub(crate) enum Logic {
    Table(Arc<DecisionTable>),
    Literal(Literal),
    Context(Vec<(Name, Logic)>, Option<Box<Logic>>),
    List(Vec<Logic>),
    Relation(Vec<Vec<(Name, Logic)>>),
    Invocation(Vec<(Name, Logic)>, u32),
    /// Condition, then, else.
    Conditional(Box<[Logic; 3]>),
    /// A function definition.
    Function(u32),
    /// A business knowledge model without logic.
    Empty,
}

/// How the outputs of several matching rules become one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HitPolicy {
    Unique,
    First,
    Any,
    Priority,
    RuleOrder,
    OutputOrder,
    Collect(Aggregation),
}

/// What a table with the hit policy COLLECT does with its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aggregation {
    List,
    Sum,
    Min,
    Max,
    Count,
}

/// A decision table.
#[derive(Debug)]
pub(crate) struct DecisionTable {
    pub(crate) hit_policy: HitPolicy,
    pub(crate) inputs: Vec<Input>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) rules: Vec<Rule>,
    /// Whether two outputs share a name, so that the later one replaces the earlier one.
    pub(crate) names_repeat: bool,
    pub(crate) index: TableIndex,
}

/// A column on the input side.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) id: Name,
    /// The label, or else the start of the expression.
    pub(crate) shown_name: Name,
    pub(crate) expression: Literal,
}

/// A column on the output side.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) id: Name,
    pub(crate) name: Option<Name>,
    /// The label, or else the name.
    pub(crate) shown_name: Name,
    /// The allowed values as texts, the most important one first.
    pub(crate) priorities: Vec<Box<str>>,
    pub(crate) default: Option<Literal>,
}

impl Model {
    pub(crate) fn decision(&self, id: &str) -> Option<usize> {
        let found = self.by_id.binary_search_by(|at| (*self.decisions[*at as usize].id).cmp(id)).ok()?;
        Some(self.by_id[found] as usize)
    }
}
