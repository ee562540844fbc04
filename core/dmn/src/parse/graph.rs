//! The requirements graph: which decision requires which decisions and functions. References must lead somewhere and
//! never back. Logic is compiled in the order of requirements, so that an invocation finds what it calls.

use std::collections::BTreeMap;

use ringbolt_xml::{Node, attr, clip, local};

use super::{Compiler, text_of};
use crate::model::{Body, Decision, Knowledge, Logic, Name, Parameter, Service};

/// The namespace of Zeebe's extension elements.
const ZEEBE: &str = "http://camunda.org/schema/zeebe/1.0";

/// Where an id leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Decision(usize),
    Callable(usize),
    InputData,
}

/// What can be required by `requiredKnowledge`: a business knowledge model or a decision service.
struct Callable<'d> {
    node: Node<'d>,
    requires: Vec<usize>,
    /// Decisions that a service evaluates.
    decisions: Vec<usize>,
    function: Option<u32>,
}

/// The nodes of the graph and their edges, by position among decisions and callables.
struct Graph<'d> {
    nodes: Vec<Node<'d>>,
    callables: Vec<Callable<'d>>,
    targets: BTreeMap<&'d str, (Target, Node<'d>)>,
    /// For each decision the callables it requires.
    knowledge: Vec<Vec<usize>>,
}

impl Compiler<'_> {
    pub(super) fn graph(&mut self, root: Node<'_>) {
        let mut graph = self.collect(root);
        let count = graph.nodes.len() + graph.callables.len();
        if count > self.limits.elements_max {
            let max = self.limits.elements_max;
            self.findings.add(root, format!("The model has more than {max} decisions and functions"));
            return;
        }
        self.references(&mut graph);
        if !self.findings.is_empty() {
            return;
        }
        if let Some(message) = self.find_cycle(&graph) {
            self.findings.add(root, message);
            return;
        }
        for at in 0..graph.nodes.len() {
            self.compile_decision(&mut graph, at);
        }
    }

    fn collect<'d>(&mut self, root: Node<'d>) -> Graph<'d> {
        let mut graph = Graph {
            nodes: Vec::new(),
            callables: Vec::new(),
            targets: BTreeMap::new(),
            knowledge: Vec::new(),
        };
        let children: Vec<Node<'d>> = self.children(root).collect();
        for node in children {
            let target = match local(node) {
                "decision" => {
                    self.decision_header(node);
                    graph.nodes.push(node);
                    Target::Decision(graph.nodes.len() - 1)
                }
                "businessKnowledgeModel" | "decisionService" => {
                    let (requires, decisions) = (Vec::new(), Vec::new());
                    graph.callables.push(Callable { node, requires, decisions, function: None });
                    Target::Callable(graph.callables.len() - 1)
                }
                "inputData" => Target::InputData,
                _ => continue,
            };
            if let Some(id) = attr(node, "id") {
                graph.targets.insert(id, (target, node));
            }
        }
        graph
    }

    /// A decision without its requirements and logic.
    fn decision_header(&mut self, node: Node<'_>) {
        for required in ["id", "name"] {
            if attr(node, required).is_none() {
                self.findings.add(node, format!("The attribute '{required}' is missing"));
            }
        }
        let variable = self.child(node, "variable");
        let id = text_of(node, "id");
        let result_name = variable.map(|variable| text_of(variable, "name")).filter(|name| !name.is_empty());
        self.decisions.push(Decision {
            result_name: result_name.unwrap_or_else(|| id.clone()),
            result_type: variable.and_then(|variable| self.type_ref(variable)),
            version_tag: self.version_tag(node),
            id,
            name: text_of(node, "name"),
            required_decisions: Vec::new(),
            knowledge: Vec::new(),
            logic: Logic::Empty,
        });
    }

    fn version_tag(&self, decision: Node<'_>) -> Name {
        let holder = self.child(decision, "extensionElements");
        let tag = holder
            .and_then(|holder| holder.children().find(|child| child.has_tag_name((ZEEBE, "versionTag"))));
        tag.map(|tag| text_of(tag, "value")).unwrap_or_default()
    }

    /// Resolves every reference of every element.
    fn references(&mut self, graph: &mut Graph<'_>) {
        for at in 0..graph.nodes.len() {
            let node = graph.nodes[at];
            let required = self.references_in(graph, node, "informationRequirement", "requiredDecision");
            self.decisions[at].required_decisions = required.into_iter().filter_map(as_decision).collect();
            let knowledge = self.references_in(graph, node, "knowledgeRequirement", "requiredKnowledge");
            graph.knowledge.push(knowledge.into_iter().filter_map(as_callable).collect());
        }
        for at in 0..graph.callables.len() {
            let node = graph.callables[at].node;
            let knowledge = self.references_in(graph, node, "knowledgeRequirement", "requiredKnowledge");
            graph.callables[at].requires = knowledge.into_iter().filter_map(as_callable).collect();
        }
        // A decision service is only looked into where something calls it: the reference ignores them all.
        let called: Vec<usize> = (0..graph.callables.len()).filter(|at| self.is_called(graph, *at)).collect();
        for at in called {
            let node = graph.callables[at].node;
            let holders: Vec<Node<'_>> = self.children_named(node, "outputDecision").collect();
            let outputs: Vec<Target> = holders
                .into_iter()
                .filter_map(|holder| self.reference(graph, holder, "outputDecision"))
                .collect();
            graph.callables[at].decisions =
                outputs.into_iter().filter_map(as_decision).map(|decision| decision as usize).collect();
        }
    }

    fn is_called(&self, graph: &Graph<'_>, at: usize) -> bool {
        let by_functions = graph.callables.iter().flat_map(|callable| &callable.requires);
        graph.knowledge.iter().flatten().chain(by_functions).any(|required| *required == at)
    }

    fn references_in(
        &mut self,
        graph: &Graph<'_>,
        node: Node<'_>,
        requirement: &'static str,
        name: &'static str,
    ) -> Vec<Target> {
        let holders: Vec<Node<'_>> = self.children_named(node, requirement).collect();
        let holders: Vec<Node<'_>> =
            holders.into_iter().filter_map(|holder| self.child(holder, name)).collect();
        holders.into_iter().filter_map(|holder| self.reference(graph, holder, name)).collect()
    }

    /// Where the `href` of a node leads, if that is what its name says.
    fn reference(&mut self, graph: &Graph<'_>, node: Node<'_>, name: &str) -> Option<Target> {
        let href = node.attribute("href").unwrap_or_default().trim();
        let id = href.rsplit_once('#').map_or(href, |(_, id)| id);
        let Some((target, _)) = graph.targets.get(id) else {
            self.findings.add(node, format!("Unable to find a model element instance for id {}", clip(id)));
            return None;
        };
        let fits = match name {
            "requiredKnowledge" => matches!(target, Target::Callable(_)),
            "inputData" => *target == Target::InputData,
            _ => matches!(target, Target::Decision(_)),
        };
        if !fits {
            self.findings.add(node, format!("'{}' is not what '{name}' may refer to", clip(id)));
            return None;
        }
        Some(*target)
    }

    /// Walks the graph; decisions come first in the numbering, then callables.
    fn find_cycle(&self, graph: &Graph<'_>) -> Option<String> {
        let decisions = graph.nodes.len();
        let edges = |at: usize| -> Vec<usize> {
            if at < decisions {
                let required = self.decisions[at].required_decisions.iter().map(|to| *to as usize);
                required.chain(graph.knowledge[at].iter().map(|to| to + decisions)).collect()
            } else {
                let callable = &graph.callables[at - decisions];
                let required = callable.requires.iter().map(|to| to + decisions);
                required.chain(callable.decisions.iter().copied()).collect()
            }
        };
        let cycle = cycle(decisions + graph.callables.len(), &edges)?;
        let what = if cycle.iter().all(|at| *at < decisions) {
            "decisions"
        } else if cycle.iter().all(|at| *at >= decisions) {
            "BKMs"
        } else {
            "decisions and decision services"
        };
        let id = |at: &usize| {
            let node = if *at < decisions { graph.nodes[*at] } else { graph.callables[*at - decisions].node };
            clip(attr(node, "id").unwrap_or_default()).to_owned()
        };
        let path = cycle.iter().take(CYCLE_SHOWN_MAX).map(id).collect::<Vec<_>>().join(" > ");
        Some(format!("Invalid DMN model: Cyclic dependencies between {what} detected. ({path})"))
    }

    fn compile_decision(&mut self, graph: &mut Graph<'_>, at: usize) {
        let required = graph.knowledge[at].clone();
        self.compile_callables(graph, &required);
        let node = graph.nodes[at];
        let logic = match self.expression_in(node) {
            Some(expression) if local(expression) == "functionDefinition" => {
                self.fail(expression, "unsupported decision expression 'functionDefinition'")
            }
            Some(expression) => self.logic(expression),
            None => self.fail(node, "unsupported decision expression 'null'"),
        };
        self.decisions[at].knowledge = self.knowledge(graph, &required);
        if let Some(logic) = logic {
            self.decisions[at].logic = logic;
        }
    }

    fn knowledge(&self, graph: &Graph<'_>, required: &[usize]) -> Vec<Knowledge> {
        let functions = required.iter().filter_map(|at| graph.callables[*at].function);
        functions
            .map(|function| Knowledge { name: self.functions[function as usize].name.clone(), function })
            .collect()
    }

    /// Compiles functions, what they require first.
    fn compile_callables(&mut self, graph: &mut Graph<'_>, wanted: &[usize]) {
        let mut stack: Vec<(usize, bool)> = wanted.iter().rev().map(|at| (*at, false)).collect();
        while let Some((at, ready)) = stack.pop() {
            if graph.callables[at].function.is_some() {
                continue;
            }
            if ready {
                let function = self.compile_callable(graph, at);
                graph.callables[at].function = Some(function);
            } else {
                stack.push((at, true));
                stack.extend(graph.callables[at].requires.iter().rev().map(|to| (*to, false)));
            }
        }
    }

    fn compile_callable(&mut self, graph: &Graph<'_>, at: usize) -> u32 {
        let node = graph.callables[at].node;
        let (id, name) = (text_of(node, "id"), text_of(node, "name"));
        if name.is_empty() {
            self.findings.add(node, "The attribute 'name' is missing");
        }
        let (parameters, body) = if local(node) == "decisionService" {
            self.service(graph, at)
        } else {
            let logic = self.child(node, "encapsulatedLogic");
            let parameters = logic.and_then(|logic| self.parameters(logic)).unwrap_or_default();
            let body = match logic {
                Some(logic) if self.check_kind(logic).is_none() => Logic::Empty,
                Some(logic) => self.logic_in(logic).unwrap_or(Logic::Empty),
                None => Logic::Empty,
            };
            (parameters, Body::Knowledge(body))
        };
        let is_model = matches!(body, Body::Knowledge(_));
        let function = self.add_function(id, name.clone(), parameters, body);
        self.functions[function as usize].knowledge = self.knowledge(graph, &graph.callables[at].requires);
        if is_model {
            self.callable.entry(name.to_string()).or_insert(function);
        }
        function
    }

    /// A decision service takes its input data first and then the results of its input decisions.
    fn service(&mut self, graph: &Graph<'_>, at: usize) -> (Vec<Parameter>, Body) {
        let node = graph.callables[at].node;
        let mut parameters = Vec::new();
        let holders: Vec<Node<'_>> = self.children_named(node, "inputData").collect();
        for holder in holders {
            if self.reference(graph, holder, "inputData").is_some() {
                let href = holder.attribute("href").unwrap_or_default().trim();
                let id = href.rsplit_once('#').map_or(href, |(_, id)| id);
                let data = graph.targets[id].1;
                let variable = self.child(data, "variable");
                let name: Option<Name> = variable.map(|variable| text_of(variable, "name"));
                let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| text_of(data, "name"));
                let type_ref = variable.and_then(|variable| self.type_ref(variable));
                parameters.push(Parameter { name, type_ref });
            }
        }
        let mut inputs = Vec::new();
        let holders: Vec<Node<'_>> = self.children_named(node, "inputDecision").collect();
        for holder in holders {
            if let Some(Target::Decision(decision)) = self.reference(graph, holder, "inputDecision") {
                inputs.push((decision as u32, parameters.len() as u32));
                let Decision { result_name, result_type, .. } = &self.decisions[decision];
                parameters.push(Parameter { name: result_name.clone(), type_ref: result_type.clone() });
            }
        }
        let outputs: Vec<u32> = graph.callables[at].decisions.iter().map(|at| *at as u32).collect();
        if outputs.is_empty() {
            self.findings.add(node, "A decision service must have an output decision");
        }
        (parameters, Body::Service(Service { outputs, inputs }))
    }
}

/// How many elements of a cycle a violation shows.
const CYCLE_SHOWN_MAX: usize = 20;

fn as_decision(target: Target) -> Option<u32> {
    match target {
        Target::Decision(at) => Some(at as u32),
        Target::Callable(_) | Target::InputData => None,
    }
}

fn as_callable(target: Target) -> Option<usize> {
    match target {
        Target::Callable(at) => Some(at),
        Target::Decision(_) | Target::InputData => None,
    }
}

/// A cycle in a graph, without recursion: a graph may be one long chain.
fn cycle(count: usize, edges: &dyn Fn(usize) -> Vec<usize>) -> Option<Vec<usize>> {
    let mut done = vec![false; count];
    let mut on_path = vec![false; count];
    for start in 0..count {
        if done[start] {
            continue;
        }
        let mut path = vec![(start, edges(start))];
        on_path[start] = true;
        while let Some((at, left)) = path.last_mut() {
            let Some(to) = left.pop() else {
                (on_path[*at], done[*at]) = (false, true);
                path.pop();
                continue;
            };
            if on_path[to] {
                let from = path.iter().position(|(at, _)| *at == to).unwrap_or(0);
                return Some(path[from..].iter().map(|(at, _)| *at).collect());
            }
            if !done[to] {
                on_path[to] = true;
                path.push((to, edges(to)));
            }
        }
    }
    None
}
