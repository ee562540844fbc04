//! Decision tables: inputs, matching rules, outputs, and then the hit policy.

use ringbolt_feel::Value;

use super::{Run, Scope, Stop, TableRecord, stop};
use crate::index::positions;
use crate::limits::{RECORDS_MAX, STEP_UNITS};
use crate::model::{DecisionTable, HitPolicy};
use crate::result::{EvaluatedInput, EvaluatedOutput, MatchedRule};
use crate::rule::{Cell, Rule};

impl Run<'_> {
    pub(crate) fn table(
        &self,
        table: &DecisionTable,
        scope: &Scope<'_>,
        record: Option<&mut TableRecord>,
    ) -> Result<Value, Stop> {
        let mut inputs = Vec::with_capacity(table.inputs.len());
        for input in &table.inputs {
            inputs.push(self.literal(&input.expression, scope)?);
        }
        let mut matched = Vec::new();
        let outcome = self.matching(table, &inputs, scope).and_then(|rules| {
            if rules.is_empty() {
                return self.defaults(table, scope);
            }
            matched = self.outputs(table, &rules, scope)?;
            let values: Vec<&[Value]> = matched.iter().map(|(_, values)| values.as_slice()).collect();
            self.charge(table.result_units(&values))?;
            table.result(&values, self.budget)
        });
        if let Some(record) = record {
            record.inputs = table
                .inputs
                .iter()
                .zip(inputs)
                .map(|(input, value)| EvaluatedInput {
                    id: input.id.clone(),
                    name: input.shown_name.clone(),
                    value,
                })
                .collect();
            record.rules = matched.into_iter().map(|(rule, values)| table.matched(rule, values)).collect();
        }
        outcome
    }

    /// The rules that match, in order; with the hit policy FIRST the first of them.
    fn matching(
        &self,
        table: &DecisionTable,
        inputs: &[Value],
        scope: &Scope<'_>,
    ) -> Result<Vec<usize>, Stop> {
        // The index is a bit per rule and column.
        let (rules, columns) = (table.rules.len() as u64, inputs.len() as u64);
        self.charge(STEP_UNITS + rules / 8 + columns * (STEP_UNITS + rules / 16))?;
        for input in inputs {
            self.charge(input.size() / 8)?;
        }
        let candidates = table.index.candidates(inputs);
        let mut rules = Vec::new();
        for at in positions(&candidates.rules) {
            self.charge(STEP_UNITS / 4)?;
            let rule = &table.rules[at];
            let from = table.index.open_cell(at, candidates.columns);
            if self.accepts(rule, from, inputs, scope)? {
                rules.push(at);
            }
        }
        if table.hit_policy == HitPolicy::First {
            // All rules were tested all the same: a failing cell fails the table, as in the reference.
            rules.truncate(1);
        }
        Ok(rules)
    }

    /// Whether all cells of a rule accept their inputs, from a cell on.
    fn accepts(&self, rule: &Rule, from: usize, inputs: &[Value], scope: &Scope<'_>) -> Result<bool, Stop> {
        for (cell, input) in rule.cells.iter().zip(inputs).skip(from) {
            let Cell::Tests(tests) = cell else { continue };
            let evaluation = tests.evaluate(input, scope, self.env);
            match evaluation.result {
                Ok(Value::Bool(true)) => {}
                Ok(Value::Bool(false) | Value::Null) => return Ok(false),
                Ok(other) => {
                    let message =
                        format!("input entry must return true, false, or null, but found '{other}'");
                    return Err(Stop::Failed(message));
                }
                Err(failure) => return Err(stop(tests.text(), &failure)),
            }
        }
        Ok(true)
    }

    fn outputs(
        &self,
        table: &DecisionTable,
        rules: &[usize],
        scope: &Scope<'_>,
    ) -> Result<Vec<(usize, Vec<Value>)>, Stop> {
        if rules.len() > RECORDS_MAX {
            return Err(Stop::Aborted(format!("more than {RECORDS_MAX} rules match")));
        }
        self.charge(STEP_UNITS * (rules.len() * (1 + table.outputs.len())) as u64)?;
        let mut matched = Vec::with_capacity(rules.len());
        for at in rules {
            let entries = table.rules[*at].outputs.iter().take(table.outputs.len());
            let values: Result<Vec<Value>, Stop> = entries.map(|entry| self.literal(entry, scope)).collect();
            matched.push((*at, values?));
        }
        Ok(matched)
    }

    /// What a table gives where no rule matches: the default outputs there are.
    fn defaults(&self, table: &DecisionTable, scope: &Scope<'_>) -> Result<Value, Stop> {
        let mut named = Vec::new();
        for (at, output) in table.outputs.iter().enumerate() {
            if let Some(default) = &output.default {
                named.push((at, self.literal(default, scope)?));
            }
        }
        table.default_result(named)
    }
}

impl DecisionTable {
    fn matched(&self, rule: usize, values: Vec<Value>) -> MatchedRule {
        let outputs = self.outputs.iter().zip(values).map(|(output, value)| EvaluatedOutput {
            id: output.id.clone(),
            name: output.shown_name.clone(),
            value,
        });
        MatchedRule { id: self.rules[rule].id.clone(), index: rule as u32 + 1, outputs: outputs.collect() }
    }
}
