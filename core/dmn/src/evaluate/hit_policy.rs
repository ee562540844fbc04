//! From the outputs of the matching rules to one result.
//!
//! A rule's outputs are a value where the table has one output, else a context. Two outputs of one name count as one,
//! and the later value is taken, as in the reference.

use ringbolt_feel::{Budget, Decimal, Exhausted, Value};

use super::{Stop, new_context, new_list};
use crate::limits::STEP_UNITS;
use crate::model::{Aggregation, DecisionTable, HitPolicy};

impl DecisionTable {
    /// The result of at least one matching rule; each comes with the values of its outputs in their order.
    pub(super) fn result(&self, rules: &[&[Value]], budget: &Budget) -> Result<Value, Stop> {
        match self.hit_policy {
            HitPolicy::First => self.first(rules),
            HitPolicy::Unique if rules.len() == 1 => self.first(rules),
            HitPolicy::Unique => {
                let found = self.list_text(rules);
                let message =
                    format!("multiple values aren't allowed for UNIQUE hit policy. found: '{found}'");
                Err(Stop::Failed(message))
            }
            HitPolicy::Any => self.any(rules, budget),
            HitPolicy::Priority => self.first(&self.by_priority(rules)),
            HitPolicy::OutputOrder => self.all(&self.by_priority(rules)),
            HitPolicy::RuleOrder => self.all(rules),
            HitPolicy::Collect(Aggregation::List) => self.all(rules),
            HitPolicy::Collect(Aggregation::Count) => Ok(Value::integer(rules.len() as i64)),
            HitPolicy::Collect(aggregation) => self.aggregate(aggregation, rules),
        }
    }

    /// Units of work of a result of these rules, beside comparing them.
    pub(super) fn result_units(&self, rules: &[&[Value]]) -> u64 {
        let outputs = self.outputs.len() as u64;
        let each = match self.hit_policy {
            HitPolicy::First | HitPolicy::Unique => 1,
            HitPolicy::Any => outputs,
            HitPolicy::Priority | HitPolicy::OutputOrder => {
                let listed: usize = self.outputs.iter().map(|output| output.priorities.len()).sum();
                outputs * 2 + listed as u64 / 8
            }
            HitPolicy::RuleOrder | HitPolicy::Collect(_) => 1 + outputs,
        };
        // Two outputs of one name are looked for.
        let names = if self.names_repeat { outputs * outputs / 8 } else { 0 };
        STEP_UNITS * rules.len() as u64 * (each + names)
    }

    /// The result of a table without a matching rule: the outputs that have a default, by position.
    pub(super) fn default_result(&self, defaults: Vec<(usize, Value)>) -> Result<Value, Stop> {
        let mut named: Vec<(&str, &Value)> = Vec::with_capacity(defaults.len());
        for (at, value) in &defaults {
            replace(&mut named, self.output_name(*at), value);
        }
        if named.is_empty() { Ok(Value::Null) } else { one(&named) }
    }

    fn output_name(&self, at: usize) -> &str {
        self.outputs[at].name.as_deref().unwrap_or("null")
    }

    /// A rule's values by name.
    fn named<'v>(&'v self, values: &'v [Value]) -> Vec<(&'v str, &'v Value)> {
        let mut named = Vec::with_capacity(values.len());
        for (at, value) in values.iter().enumerate() {
            if self.names_repeat {
                replace(&mut named, self.output_name(at), value);
            } else {
                named.push((self.output_name(at), value));
            }
        }
        named
    }

    fn first(&self, rules: &[&[Value]]) -> Result<Value, Stop> {
        match rules.first() {
            Some(values) => one(&self.named(values)),
            None => Ok(Value::Null),
        }
    }

    fn all(&self, rules: &[&[Value]]) -> Result<Value, Stop> {
        let results: Result<Vec<Value>, Stop> = rules.iter().map(|values| one(&self.named(values))).collect();
        new_list(results?)
    }

    fn any(&self, rules: &[&[Value]], budget: &Budget) -> Result<Value, Stop> {
        let mut distinct: Vec<&[Value]> = Vec::new();
        for values in rules {
            if !is_among(&distinct, values, budget)? {
                distinct.push(values);
            }
            // Enough to know; the reference lists all.
            if distinct.len() > DISTINCT_SHOWN_MAX {
                break;
            }
        }
        if distinct.len() > 1 {
            let found = self.list_text(&distinct);
            let message = format!("different values aren't allowed for ANY hit policy. found: '{found}'");
            return Err(Stop::Failed(message));
        }
        self.first(rules)
    }

    /// The rules by the positions of their outputs among the allowed values. The positions are compared as texts and
    /// a value that is not listed comes last, as in the reference.
    fn by_priority<'v>(&self, rules: &[&'v [Value]]) -> Vec<&'v [Value]> {
        let key = |values: &[Value]| {
            let mut key = String::new();
            for (at, output) in self.outputs.iter().enumerate() {
                let text = match values.get(at) {
                    Some(Value::Str(text)) => Some(text.as_str().to_owned()),
                    Some(Value::Number(number)) => Some(number.to_string()),
                    _ => None,
                };
                // Of a value that is listed twice the last position counts.
                let found =
                    text.and_then(|text| output.priorities.iter().rposition(|known| **known == *text));
                match found {
                    Some(position) => key.push_str(&position.to_string()),
                    None => key.push('_'),
                }
            }
            key
        };
        let mut sorted: Vec<(String, &[Value])> = rules.iter().map(|values| (key(values), *values)).collect();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        sorted.into_iter().map(|(_, values)| values).collect()
    }

    fn aggregate(&self, aggregation: Aggregation, rules: &[&[Value]]) -> Result<Value, Stop> {
        let mut numbers = Vec::with_capacity(rules.len());
        for values in rules {
            match values.first() {
                Some(Value::Number(number)) => numbers.push(*number),
                Some(other) => return Err(Stop::Failed(format!("expected number but found '{other}'"))),
                None => return Err(Stop::Failed("expected number but found nothing".to_owned())),
            }
        }
        let total = match aggregation {
            Aggregation::Sum => {
                let sum = numbers.into_iter().try_fold(Decimal::ZERO, Decimal::add);
                Some(sum.map_err(|error| Stop::Aborted(error.to_string()))?)
            }
            Aggregation::Min => numbers.into_iter().reduce(|a, b| if b < a { b } else { a }),
            Aggregation::Max => numbers.into_iter().reduce(|a, b| if b > a { b } else { a }),
            Aggregation::Count | Aggregation::List => None,
        };
        Ok(total.map_or(Value::Null, Value::Number))
    }

    /// Outputs as the reference writes them in messages.
    fn list_text(&self, rules: &[&[Value]]) -> String {
        let mut text = String::from("List(");
        for (at, values) in rules.iter().enumerate() {
            if at > 0 {
                text.push_str(", ");
            }
            if text.len() > LIST_TEXT_BYTES_MAX {
                text.push_str("...");
                break;
            }
            let entries: Vec<String> =
                self.named(values).into_iter().map(|(name, value)| format!("{name} -> {value}")).collect();
            text.push_str(&format!("Map({})", entries.join(", ")));
        }
        text.push(')');
        text
    }
}

/// Whether the outputs of one rule are the same as those of another before it.
fn is_among(known: &[&[Value]], values: &[Value], budget: &Budget) -> Result<bool, Stop> {
    let aborted = |exhausted: Exhausted| Stop::Aborted(exhausted.to_string());
    for other in known {
        let mut same = other.len() == values.len();
        for (a, b) in other.iter().zip(values) {
            same = same && a.is_same(b, budget).map_err(aborted)?;
        }
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many different outputs the message about them lists.
const DISTINCT_SHOWN_MAX: usize = 100;
/// How long a list of outputs in a message becomes before the rest is left out, in bytes.
const LIST_TEXT_BYTES_MAX: usize = 2_000;

fn replace<'v>(named: &mut Vec<(&'v str, &'v Value)>, name: &'v str, value: &'v Value) {
    match named.iter_mut().find(|(known, _)| *known == name) {
        Some(entry) => entry.1 = value,
        None => named.push((name, value)),
    }
}

/// One rule's result.
fn one(named: &[(&str, &Value)]) -> Result<Value, Stop> {
    match named {
        [(_, value)] => Ok((*value).clone()),
        _ => new_context(named.iter().map(|(name, value)| ((*name).to_owned(), (*value).clone())).collect()),
    }
}
