//! Evaluation: first what a decision requires, each once, then the decision itself.
//!
//! Requirements are walked without recursion. Boxed expressions and calls recurse; they take levels from the same
//! budget as FEEL's own nesting, so that no model overflows the stack.

mod functions;
mod hit_policy;
mod scope;
mod table;
mod types;

use std::cell::RefCell;
use std::sync::Arc;

use ringbolt_feel::{Budget, Context, Environment, Failure, FailureKind, List, Value, Variables, Warnings};

use crate::limits::{LEVELS_PER_CALL, RECORDS_MAX, STEP_UNITS, TEXT_SHOWN_BYTES_MAX};
use crate::model::{Decision, Logic, Model, Name};
use crate::result::{
    DecisionEvaluation, DecisionFailure, DecisionType, EvaluatedDecision, EvaluatedElement, EvaluatedInput,
    MatchedRule,
};
use crate::rule::Literal;
use scope::Scope;

/// How an assertion's failure starts in FEEL.
const ASSERTION: &str = "assertion failure: ";

/// Why something has no value.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It failed; inside a function, the call gives null.
    Failed(String),
    /// A bound was hit: everything ends.
    Aborted(String),
}

/// What is shared by everything one evaluation does.
pub(crate) struct Run<'a> {
    pub(crate) model: &'a Model,
    pub(crate) root: &'a dyn Variables,
    pub(crate) env: &'a Environment,
    /// The budget of the environment.
    pub(crate) budget: &'a Budget,
    records: RefCell<Records>,
}

/// What the evaluation leaves besides the result.
#[derive(Default)]
struct Records {
    evaluated: Vec<EvaluatedDecision>,
    warnings: Warnings,
    rules: usize,
}

/// The record of a decision table, as far as it got.
#[derive(Default)]
pub(crate) struct TableRecord {
    pub(crate) inputs: Vec<EvaluatedInput>,
    pub(crate) rules: Vec<MatchedRule>,
}

/// Whose logic is evaluated.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) element: EvaluatedElement,
    pub(crate) id: &'a Name,
    pub(crate) name: &'a Name,
}

/// Results by decision.
type Results = Vec<Option<Value>>;

/// Evaluates a decision of a model.
pub(crate) fn evaluate(
    model: &Model,
    decision_id: &str,
    variables: &dyn Variables,
    env: &Environment,
) -> DecisionEvaluation {
    let budget = env.budget.clone().unwrap_or_else(|| Budget::new(env.limits.units));
    let env = &env.within(budget.clone());
    let run = Run { model, root: variables, env, budget: &budget, records: RefCell::default() };
    let outcome = match model.decision(decision_id) {
        Some(decision) => run.decisions(decision, &mut vec![None; model.decisions.len()], None),
        None => Err(Stop::Failed(format!("no decision found with id '{decision_id}'"))),
    };
    let records = run.records.into_inner();
    let output = outcome.map_err(|stop| {
        let (Stop::Failed(reason) | Stop::Aborted(reason)) = stop;
        let message = format!("Expected to evaluate decision '{decision_id}', but {reason}");
        let last = records.evaluated.last().map(|record| record.id.clone());
        DecisionFailure { decision_id: last.unwrap_or_else(|| Arc::from(decision_id)), message }
    });
    DecisionEvaluation { output, evaluated: records.evaluated, warnings: records.warnings }
}

impl<'a> Run<'a> {
    /// Evaluates a decision after everything it requires that has no result yet.
    fn decisions(
        &self,
        wanted: usize,
        results: &mut Results,
        around: Option<&Scope<'_>>,
    ) -> Result<Value, Stop> {
        self.charge(results.len() as u64)?;
        let mut path = vec![(wanted, 0)];
        while let Some((at, next)) = path.last_mut() {
            let decision = &self.model.decisions[*at];
            self.charge(STEP_UNITS)?;
            if let Some(required) = decision.required_decisions.get(*next) {
                *next += 1;
                if results[*required as usize].is_none() {
                    path.push((*required as usize, 0));
                }
                continue;
            }
            let at = *at;
            path.pop();
            let value = self.decision(decision, results, around)?;
            if path.is_empty() {
                return Ok(value);
            }
            results[at] = Some(value);
        }
        Ok(Value::Null)
    }

    fn decision(
        &self,
        decision: &Decision,
        results: &Results,
        around: Option<&Scope<'_>>,
    ) -> Result<Value, Stop> {
        let known = decision.required_decisions.len() + decision.knowledge.len();
        self.charge(STEP_UNITS * (1 + known as u64))?;
        let mut values = Vec::with_capacity(known);
        for required in &decision.required_decisions {
            let value = results[*required as usize].clone().unwrap_or(Value::Null);
            values.push((self.model.decisions[*required as usize].result_name.clone(), value));
        }
        self.add_functions(&decision.knowledge, &[], &mut values)?;
        let scope = Scope { run: self, values: &values, around };
        let owner = Owner { element: EvaluatedElement::Decision, id: &decision.id, name: &decision.name };
        let value = self.owned_logic(owner, &decision.logic, &scope)?;
        match &decision.result_type {
            Some(type_ref) => types::check(value, type_ref),
            None => Ok(value),
        }
    }

    /// Evaluates the logic of a decision or business knowledge model and records it, also where it fails.
    pub(crate) fn owned_logic(
        &self,
        owner: Owner<'_>,
        logic: &Logic,
        scope: &Scope<'_>,
    ) -> Result<Value, Stop> {
        let mut table = TableRecord::default();
        let outcome = self.logic(logic, scope, Some(&mut table));
        let mut records = self.records.borrow_mut();
        records.rules += 1 + table.rules.len();
        if records.rules > RECORDS_MAX {
            return Err(Stop::Aborted(format!("the evaluation leaves more than {RECORDS_MAX} records")));
        }
        records.evaluated.push(EvaluatedDecision {
            element: owner.element,
            id: owner.id.clone(),
            name: owner.name.clone(),
            decision_type: decision_type(logic),
            output: outcome.as_ref().cloned().unwrap_or(Value::Null),
            inputs: table.inputs,
            matched_rules: table.rules,
        });
        outcome
    }

    /// Evaluates a boxed expression.
    pub(crate) fn logic(
        &self,
        logic: &Logic,
        scope: &Scope<'_>,
        record: Option<&mut TableRecord>,
    ) -> Result<Value, Stop> {
        match logic {
            Logic::Literal(literal) => self.literal(literal, scope),
            Logic::Table(table) => self.table(table, scope, record),
            Logic::Empty => Ok(Value::Null),
            Logic::Context(..)
            | Logic::List(_)
            | Logic::Relation(_)
            | Logic::Invocation(..)
            | Logic::Conditional(_)
            | Logic::Function(_) => self.deeper(|| self.nested(logic, scope)),
        }
    }

    fn nested(&self, logic: &Logic, scope: &Scope<'_>) -> Result<Value, Stop> {
        match logic {
            Logic::Context(entries, result) => self.context(entries, result.as_deref(), scope),
            Logic::List(items) => {
                self.charge(STEP_UNITS * items.len() as u64)?;
                let items: Result<Vec<Value>, Stop> =
                    items.iter().map(|item| self.logic(item, scope, None)).collect();
                new_list(items?)
            }
            Logic::Relation(rows) => {
                let mut values = Vec::with_capacity(rows.len());
                for row in rows {
                    self.charge(STEP_UNITS * (1 + row.len() as u64))?;
                    let mut entries = Vec::with_capacity(row.len());
                    for (name, cell) in row {
                        entries.push((name.to_string(), self.logic(cell, scope, None)?));
                    }
                    values.push(new_context(entries)?);
                }
                new_list(values)
            }
            Logic::Invocation(bindings, function) => self.invocation(bindings, *function, scope),
            Logic::Conditional(parts) => {
                let [condition, positive, negative] = &**parts;
                let chosen = match self.logic(condition, scope, None)? {
                    Value::Bool(true) => positive,
                    Value::Bool(false) | Value::Null => negative,
                    _ => return Ok(Value::Null),
                };
                self.logic(chosen, scope, None)
            }
            Logic::Function(function) => self.definition(*function, scope),
            Logic::Literal(_) | Logic::Table(_) | Logic::Empty => self.logic(logic, scope, None),
        }
    }

    /// Every entry sees the ones before it.
    fn context(
        &self,
        entries: &[(Name, Logic)],
        result: Option<&Logic>,
        scope: &Scope<'_>,
    ) -> Result<Value, Stop> {
        self.charge(STEP_UNITS * entries.len() as u64)?;
        let mut values: Vec<(Name, Value)> = Vec::with_capacity(entries.len());
        for (name, logic) in entries {
            let inner = Scope { run: self, values: &values, around: Some(scope) };
            let value = self.logic(logic, &inner, None)?;
            values.push((name.clone(), value));
        }
        match result {
            Some(logic) => {
                let inner = Scope { run: self, values: &values, around: Some(scope) };
                self.logic(logic, &inner, None)
            }
            None => new_context(values.into_iter().map(|(name, value)| (name.to_string(), value)).collect()),
        }
    }

    /// Evaluates a FEEL expression, with failures in the words of the reference.
    pub(crate) fn literal(&self, literal: &Literal, scope: &Scope<'_>) -> Result<Value, Stop> {
        if let Some(value) = literal.expression.as_constant() {
            return Ok(value.clone());
        }
        let evaluation = literal.expression.evaluate(scope, self.env);
        self.records.borrow_mut().warnings.absorb(evaluation.warnings);
        evaluation.result.map_err(|failure| stop(literal.expression.text(), &failure))
    }

    /// Charges units of work to the budget.
    pub(crate) fn charge(&self, units: u64) -> Result<(), Stop> {
        self.budget.charge(units).map_err(|exhausted| Stop::Aborted(exhausted.to_string()))
    }

    /// Runs what may nest again, within the levels that the limits allow.
    pub(crate) fn deeper<T>(&self, work: impl FnOnce() -> Result<T, Stop>) -> Result<T, Stop> {
        let (depth, depth_max) = (self.budget.depth(), self.env.limits.depth);
        if depth + LEVELS_PER_CALL > depth_max {
            return Err(Stop::Aborted(format!("the evaluation is nested deeper than {depth_max} levels")));
        }
        self.charge(STEP_UNITS)?;
        self.budget.set_depth(depth + LEVELS_PER_CALL);
        let outcome = work();
        self.budget.set_depth(depth);
        outcome
    }
}

/// A failed expression as the reason of a decision's failure.
pub(crate) fn stop(text: &str, failure: &Failure) -> Stop {
    let message = failure.message.as_str();
    let text = shown(text);
    let reason = match message.strip_prefix(ASSERTION) {
        Some(message) => format!("Assertion failure on evaluate the expression '{text}': {message}"),
        None => format!("failed to evaluate expression '{text}': {message}"),
    };
    match failure.kind {
        FailureKind::Aborted => Stop::Aborted(reason),
        FailureKind::Failed => Stop::Failed(reason),
    }
}

/// An expression in a message, as far as there is room for it.
fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_SHOWN_BYTES_MAX)]
}

pub(crate) fn new_list(items: Vec<Value>) -> Result<Value, Stop> {
    let list = List::new(items).ok_or_else(|| Stop::Aborted("a list is too large".to_owned()))?;
    Ok(Value::List(list))
}

pub(crate) fn new_context(entries: Vec<(String, Value)>) -> Result<Value, Stop> {
    let context =
        Context::boxed(entries).ok_or_else(|| Stop::Aborted("a context is too large".to_owned()))?;
    Ok(Value::Context(context))
}

fn decision_type(logic: &Logic) -> DecisionType {
    match logic {
        Logic::Table(_) => DecisionType::DecisionTable,
        Logic::Literal(_) => DecisionType::LiteralExpression,
        Logic::Context(..) => DecisionType::Context,
        Logic::List(_) => DecisionType::List,
        Logic::Relation(_) => DecisionType::Relation,
        Logic::Invocation(..) => DecisionType::Invocation,
        Logic::Conditional(_) | Logic::Function(_) | Logic::Empty => DecisionType::Unknown,
    }
}
