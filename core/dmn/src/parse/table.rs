//! Decision tables.

use ringbolt_xml::{Node, attr, clip, text_content};

use super::{Compiler, text_of};
use crate::index::TableIndex;
use crate::model::{Aggregation, DecisionTable, HitPolicy, Input, Name, Output};
use crate::rule::{Cell, Literal, Rule};

/// How much of an input's expression stands for its missing label, in characters.
const SHOWN_EXPRESSION_CHARS: usize = 30;

impl Compiler<'_> {
    pub(super) fn table(&mut self, node: Node<'_>) -> Option<DecisionTable> {
        let hit_policy = self.hit_policy(node);
        let inputs = self.inputs(node);
        let outputs = self.outputs(node, hit_policy);
        let nodes: Vec<Node<'_>> = self.children_named(node, "rule").collect();
        let rules: Vec<Option<Rule>> = nodes.into_iter().map(|rule| self.rule(rule)).collect();
        let (hit_policy, inputs, outputs) = (hit_policy?, inputs?, outputs?);
        let rules: Vec<Rule> = rules.into_iter().collect::<Option<_>>()?;
        let mut names: Vec<&Option<Name>> = outputs.iter().map(|output| &output.name).collect();
        names.sort_unstable();
        names.dedup();
        let names_repeat = names.len() < outputs.len();
        let index = TableIndex::build(&rules, inputs.len());
        Some(DecisionTable { hit_policy, inputs, outputs, rules, names_repeat, index })
    }

    fn hit_policy(&mut self, node: Node<'_>) -> Option<HitPolicy> {
        let aggregation = match node.attribute("aggregation") {
            None => Aggregation::List,
            Some("SUM") => Aggregation::Sum,
            Some("MIN") => Aggregation::Min,
            Some("MAX") => Aggregation::Max,
            Some("COUNT") => Aggregation::Count,
            Some(other) => {
                self.findings.add(node, format!("'{}' is no aggregation", clip(other)));
                return None;
            }
        };
        Some(match node.attribute("hitPolicy") {
            None | Some("UNIQUE") => HitPolicy::Unique,
            Some("FIRST") => HitPolicy::First,
            Some("ANY") => HitPolicy::Any,
            Some("PRIORITY") => HitPolicy::Priority,
            Some("RULE ORDER") => HitPolicy::RuleOrder,
            Some("OUTPUT ORDER") => HitPolicy::OutputOrder,
            Some("COLLECT") => HitPolicy::Collect(aggregation),
            Some(other) => {
                self.findings.add(node, format!("'{}' is no hit policy", clip(other)));
                return None;
            }
        })
    }

    fn inputs(&mut self, node: Node<'_>) -> Option<Vec<Input>> {
        let nodes: Vec<Node<'_>> = self.children_named(node, "input").collect();
        let mut inputs = Some(Vec::with_capacity(nodes.len()));
        for node in nodes {
            let Some(expression) = self.child(node, "inputExpression") else {
                self.findings.add(node, "The input has no expression");
                inputs = None;
                continue;
            };
            let expression = self.literal(expression);
            match (expression, &mut inputs) {
                (Some(expression), Some(inputs)) => {
                    let text = expression.expression.text();
                    let shown = || text.chars().take(SHOWN_EXPRESSION_CHARS).collect::<String>();
                    let shown_name = attr(node, "label").map_or_else(|| shown().into(), Name::from);
                    inputs.push(Input { id: text_of(node, "id"), shown_name, expression });
                }
                (None, _) => inputs = None,
                (Some(_), None) => {}
            }
        }
        inputs
    }

    fn outputs(&mut self, node: Node<'_>, hit_policy: Option<HitPolicy>) -> Option<Vec<Output>> {
        let nodes: Vec<Node<'_>> = self.children_named(node, "output").collect();
        let many = nodes.len() > 1;
        if nodes.is_empty() {
            self.findings.add(node, "A decision table must have an output");
            return None;
        }
        let aggregated =
            matches!(hit_policy, Some(HitPolicy::Collect(aggregation)) if aggregation != Aggregation::List);
        if many && aggregated {
            self.findings
                .add(node, "hit policy 'COLLECT' with aggregator is not defined for compound output");
        }
        let mut outputs = Some(Vec::with_capacity(nodes.len()));
        for node in nodes {
            let name = attr(node, "name").map(Name::from);
            let label = attr(node, "label").map(Name::from);
            if many && name.is_none() {
                let label = label.as_deref().unwrap_or("null");
                self.findings.add(node, format!("no output name defined for `{}`", clip(label)));
                outputs = None;
            }
            let default = match self.child(node, "defaultOutputEntry") {
                Some(entry) => {
                    let literal = self.literal(entry);
                    if literal.is_none() {
                        outputs = None;
                    }
                    literal
                }
                None => None,
            };
            let shown_name = label.or_else(|| name.clone()).unwrap_or_default();
            let (id, priorities) = (text_of(node, "id"), self.priorities(node));
            if let Some(outputs) = &mut outputs {
                outputs.push(Output { id, name, shown_name, priorities, default });
            }
        }
        outputs
    }

    /// The allowed values of an output as the reference reads them for priorities: split at commas, without quotes.
    fn priorities(&self, output: Node<'_>) -> Vec<Box<str>> {
        let values = self.child(output, "outputValues").and_then(|values| self.child(values, "text"));
        let Some(text) = values.map(text_content) else { return Vec::new() };
        text.split(',').map(|value| value.trim().replace(['"', '\''], "").into()).collect()
    }

    fn rule(&mut self, node: Node<'_>) -> Option<Rule> {
        let inputs: Vec<Node<'_>> = self.children_named(node, "inputEntry").collect();
        let outputs: Vec<Node<'_>> = self.children_named(node, "outputEntry").collect();
        let cells: Vec<Option<Cell>> = inputs.into_iter().map(|entry| self.cell(entry)).collect();
        let outputs: Vec<Option<Literal>> = outputs.into_iter().map(|entry| self.literal(entry)).collect();
        let cells = cells.into_iter().collect::<Option<Vec<Cell>>>()?;
        let outputs = outputs.into_iter().collect::<Option<Vec<Literal>>>()?;
        Some(Rule { id: text_of(node, "id"), cells, outputs })
    }
}
