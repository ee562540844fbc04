//! Boxed expressions, and the FEEL texts in them. A `None` says that a violation was added.

use std::sync::Arc;

use ringbolt_feel::{
    Function as FeelFunction, HostFunction, ParseError, Value, parse_expression, parse_unary_tests,
};
use ringbolt_xml::{Node, attr, clip, local, text_content};

use super::{Compiler, text_of};
use crate::model::{Body, Function, Logic, Name, Parameter};
use crate::rule::{Cell, Literal};

/// How models name FEEL, in lower case.
const FEEL: &[&str] = &[
    "feel",
    "http://www.omg.org/spec/feel/20140401",
    "http://www.omg.org/spec/dmn/20180521/feel/",
    "https://www.omg.org/spec/dmn/20191111/feel/",
    "https://www.omg.org/spec/dmn/20211108/feel/",
    "https://www.omg.org/spec/dmn/20230324/feel/",
    // Taken for the language of DMN 1.5 by the reference.
    "https://www.omg.org/spec/dmn/20230324/model/",
];

/// Expressions that DMN has and this engine has not.
const UNSUPPORTED: &[&str] = &["filter", "for", "some", "every"];

/// Expressions that stand inside others.
const EXPRESSIONS: &[&str] = &[
    "decisionTable",
    "literalExpression",
    "context",
    "list",
    "relation",
    "invocation",
    "functionDefinition",
    "conditional",
];

impl Compiler<'_> {
    /// The expression a decision, function, entry or binding holds.
    pub(super) fn expression_in<'d>(&self, holder: Node<'d>) -> Option<Node<'d>> {
        self.children(holder)
            .find(|child| EXPRESSIONS.contains(&local(*child)) || UNSUPPORTED.contains(&local(*child)))
    }

    /// Compiles the expression inside `holder`.
    pub(super) fn logic_in(&mut self, holder: Node<'_>) -> Option<Logic> {
        match self.expression_in(holder) {
            Some(expression) => self.logic(expression),
            None => self.fail(holder, format!("An expression is missing in '{}'", local(holder))),
        }
    }

    pub(super) fn logic(&mut self, node: Node<'_>) -> Option<Logic> {
        match local(node) {
            "decisionTable" => self.table(node).map(|table| Logic::Table(Arc::new(table))),
            "literalExpression" => self.literal(node).map(Logic::Literal),
            "context" => self.context(node),
            "list" => {
                let items: Vec<Node<'_>> = self
                    .children(node)
                    .filter(|child| {
                        EXPRESSIONS.contains(&local(*child)) || UNSUPPORTED.contains(&local(*child))
                    })
                    .collect();
                let items: Vec<Option<Logic>> = items.into_iter().map(|item| self.logic(item)).collect();
                items.into_iter().collect::<Option<Vec<Logic>>>().map(Logic::List)
            }
            "relation" => self.relation(node),
            "invocation" => self.invocation(node),
            "functionDefinition" => self.function_definition(node),
            "conditional" => self.conditional(node),
            other => self.fail(node, format!("The expression '{other}' is not supported")),
        }
    }

    /// An expression that chooses between two others, new in DMN 1.4.
    fn conditional(&mut self, node: Node<'_>) -> Option<Logic> {
        let mut part = |name: &'static str| match self.child(node, name) {
            Some(holder) => self.logic_in(holder),
            None => self.fail(node, format!("The element '{name}' is missing")),
        };
        let (condition, positive, negative) = (part("if"), part("then"), part("else"));
        Some(Logic::Conditional(Box::new([condition?, positive?, negative?])))
    }

    fn context(&mut self, node: Node<'_>) -> Option<Logic> {
        let entries: Vec<Node<'_>> = self.children_named(node, "contextEntry").collect();
        let Some(last) = entries.len().checked_sub(1) else {
            return self.fail(node, "A context must have at least one entry");
        };
        let mut named = Vec::with_capacity(entries.len());
        let mut result = None;
        let mut sound = true;
        for (at, entry) in entries.into_iter().enumerate() {
            let name = self.child(entry, "variable").map(|variable| text_of(variable, "name"));
            let logic = self.logic_in(entry);
            match (name, logic) {
                (Some(name), Some(logic)) if !name.is_empty() => named.push((name, logic)),
                (None, Some(logic)) if at == last => result = Some(Box::new(logic)),
                (_, Some(_)) => {
                    self.findings
                        .add(entry, "Only the last entry of a context may be without a variable's name");
                    sound = false;
                }
                (_, None) => sound = false,
            }
        }
        sound.then_some(Logic::Context(named, result))
    }

    fn relation(&mut self, node: Node<'_>) -> Option<Logic> {
        let columns: Vec<Name> =
            self.children_named(node, "column").map(|column| text_of(column, "name")).collect();
        let nodes: Vec<Node<'_>> = self.children_named(node, "row").collect();
        let mut rows = Vec::with_capacity(nodes.len());
        let mut sound = true;
        for row in nodes {
            let cells: Vec<Node<'_>> = self
                .children(row)
                .filter(|child| EXPRESSIONS.contains(&local(*child)) || UNSUPPORTED.contains(&local(*child)))
                .collect();
            if cells.len() != columns.len() {
                let (expected, found) = (columns.len(), cells.len());
                self.findings
                    .add(row, format!("expected row with '{expected}' elements but found '{found}'"));
                sound = false;
                continue;
            }
            let mut entries = Vec::with_capacity(cells.len());
            for (name, cell) in columns.iter().zip(cells) {
                match self.logic(cell) {
                    Some(logic) => entries.push((name.clone(), logic)),
                    None => sound = false,
                }
            }
            rows.push(entries);
        }
        sound.then_some(Logic::Relation(rows))
    }

    fn invocation(&mut self, node: Node<'_>) -> Option<Logic> {
        let Some(called) = self.child(node, "literalExpression") else {
            return self.fail(node, "An invocation must name what it calls in a literal expression");
        };
        let name = self.child(called, "text").map(text_content).unwrap_or_default();
        let function = self.callable.get(&name).copied();
        if function.is_none() {
            self.findings.add(node, format!("no BKM found with name '{}'", clip(&name)));
        }
        let nodes: Vec<Node<'_>> = self.children_named(node, "binding").collect();
        let mut bindings = Some(Vec::with_capacity(nodes.len()));
        for binding in nodes {
            let parameter = self.child(binding, "parameter").map(|parameter| text_of(parameter, "name"));
            let logic = self.logic_in(binding);
            match (parameter, logic) {
                (Some(name), Some(logic)) if !name.is_empty() => {
                    if let Some(bindings) = &mut bindings {
                        bindings.push((name, logic));
                    }
                }
                (_, None) => bindings = None,
                (_, Some(_)) => {
                    self.findings.add(binding, "A binding must name its parameter");
                    bindings = None;
                }
            }
        }
        Some(Logic::Invocation(bindings?, function?))
    }

    /// A function definition as an expression: its body is a FEEL expression.
    fn function_definition(&mut self, node: Node<'_>) -> Option<Logic> {
        self.check_kind(node)?;
        let parameters = self.parameters(node);
        let body = match self.expression_in(node) {
            Some(body) if local(body) == "literalExpression" => self.literal(body)?,
            Some(body) => {
                let found = local(body);
                return self.fail(node, format!("expected literal expression but found '{found}'"));
            }
            None => return self.fail(node, "The function definition has no expression"),
        };
        Some(Logic::Function(self.add_function("".into(), "".into(), parameters?, Body::Definition(body))))
    }

    /// Functions in Java or PMML come from outside the model.
    pub(super) fn check_kind(&mut self, node: Node<'_>) -> Option<()> {
        match attr(node, "kind") {
            None | Some("FEEL" | "F") => Some(()),
            Some(kind) => {
                self.findings.add(node, format!("The function kind '{}' is not supported", clip(kind)));
                None
            }
        }
    }

    pub(super) fn parameters(&mut self, node: Node<'_>) -> Option<Vec<Parameter>> {
        let nodes: Vec<Node<'_>> = self.children_named(node, "formalParameter").collect();
        let mut parameters = Some(Vec::with_capacity(nodes.len()));
        for parameter in nodes {
            let name = text_of(parameter, "name");
            if name.is_empty() {
                self.findings.add(parameter, "A parameter must have a name");
                parameters = None;
            } else if let Some(parameters) = &mut parameters {
                parameters.push(Parameter { name, type_ref: self.type_ref(parameter) });
            }
        }
        parameters
    }

    /// The declared type: an attribute, in DMN 1.1 also an element.
    pub(super) fn type_ref(&self, node: Node<'_>) -> Option<Name> {
        let element = || self.child(node, "typeRef").map(text_content).filter(|text| !text.is_empty());
        attr(node, "typeRef").map(Name::from).or_else(|| element().map(Name::from))
    }

    pub(super) fn add_function(
        &mut self,
        id: Name,
        name: Name,
        parameters: Vec<Parameter>,
        body: Body,
    ) -> u32 {
        let index = self.functions.len() as u32;
        let names: Vec<&str> = parameters.iter().map(|parameter| &*parameter.name).collect();
        let value = match HostFunction::new(index, Arc::new([])) {
            Some(host) => Value::Function(Arc::new(FeelFunction::host(&names, host))),
            None => Value::Null,
        };
        self.functions.push(Function { id, name, parameters, knowledge: Vec::new(), body, value });
        index
    }

    /// The FEEL expression in a literal expression or an output entry.
    pub(super) fn literal(&mut self, node: Node<'_>) -> Option<Literal> {
        let Some(text) = self.child(node, "text").map(text_content) else {
            let id = clip(attr(node, "id").unwrap_or_default());
            self.findings.add(node, format!("The expression '{id}' must not be empty."));
            return None;
        };
        self.check_text(node, &text)?;
        if let Some(expression) = self.expressions.get(&text) {
            return Some(Literal { expression: expression.clone() });
        }
        match parse_expression(&text) {
            Ok(expression) => {
                self.expressions.insert(text, expression.clone());
                Some(Literal { expression })
            }
            Err(error) => {
                self.findings.add(node, describe("expression", &text, &error));
                None
            }
        }
    }

    /// The unary tests in an input entry.
    pub(super) fn cell(&mut self, node: Node<'_>) -> Option<Cell> {
        let Some(text) = self.child(node, "text").map(text_content) else {
            self.findings.add(node, "The text of the input entry is missing");
            return None;
        };
        self.check_text(node, &text)?;
        if text.is_empty() {
            return Some(Cell::Any);
        }
        let tests = match self.tests.get(&text) {
            Some(tests) => tests.clone(),
            None => match parse_unary_tests(&text) {
                Ok(tests) => {
                    self.tests.insert(text, tests.clone());
                    tests
                }
                Err(error) => {
                    self.findings.add(node, describe("unary-tests", &text, &error));
                    return None;
                }
            },
        };
        Some(if tests.accepts_all() { Cell::Any } else { Cell::Tests(tests) })
    }

    fn check_text(&mut self, node: Node<'_>, text: &str) -> Option<()> {
        let language = attr(node, "expressionLanguage").unwrap_or("feel").to_lowercase();
        if !FEEL.contains(&language.as_str()) {
            self.findings.add(node, format!("Expression language '{}' is not supported", clip(&language)));
            return None;
        }
        if text.len() > self.limits.expression_bytes_max {
            let max = self.limits.expression_bytes_max;
            self.findings.add(node, format!("The expression is longer than {max} bytes"));
            return None;
        }
        Some(())
    }
}

/// How much of an expression a violation shows, in bytes.
const SHOWN_BYTES_MAX: usize = 200;

fn describe(what: &str, text: &str, error: &ParseError) -> String {
    let shown = &text[..text.floor_char_boundary(SHOWN_BYTES_MAX)];
    format!("FEEL {what}: failed to parse expression '{shown}': {error}")
}
