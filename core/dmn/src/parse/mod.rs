//! The entry: bytes of a resource -> a compiled model, or everything that is wrong with it.

mod expressions;
mod graph;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use ringbolt_feel::{Expression, UnaryTests};
use ringbolt_xml::{Findings, Node, Violation, attr, clip, document_violation, is_valid_id, local};

use crate::DecisionRequirements;
use crate::limits::Limits;
use crate::model::{Decision, Function, Logic, Model, Name};

/// The namespaces of DMN 1.1 to 1.5.
const NAMESPACES: &[&str] = &[
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/DMN13.xsd",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
];

/// Elements of DMN that carry logic, or stand around it. Everything else in DMN's namespaces is a spelling mistake.
const ELEMENTS: &[&str] = &[
    "allowedAnswers",
    "allowedValue",
    "allowedValues",
    "annotation",
    "annotationEntry",
    "artifact",
    "association",
    "authorityRequirement",
    "binding",
    "businessContextElement",
    "businessKnowledgeModel",
    "column",
    "conditional",
    "context",
    "contextEntry",
    "decision",
    "decisionMaker",
    "decisionOwner",
    "decisionOwned",
    "decisionMade",
    "decisionService",
    "decisionTable",
    "defaultOutputEntry",
    "definitions",
    "description",
    "drgElement",
    "elementCollection",
    "else",
    "encapsulatedDecision",
    "encapsulatedLogic",
    "every",
    "extensionElements",
    "filter",
    "for",
    "formalParameter",
    "functionDefinition",
    "functionItem",
    "group",
    "if",
    "impactedPerformanceIndicator",
    "impactingDecision",
    "import",
    "importedElement",
    "importedValues",
    "in",
    "informationRequirement",
    "input",
    "inputData",
    "inputDecision",
    "inputEntry",
    "inputExpression",
    "inputValues",
    "invocation",
    "itemComponent",
    "itemDefinition",
    "knowledgeRequirement",
    "knowledgeSource",
    "list",
    "literalExpression",
    "match",
    "organizationUnit",
    "output",
    "outputDecision",
    "outputEntry",
    "outputValues",
    "owner",
    "parameter",
    "parameters",
    "performanceIndicator",
    "question",
    "relation",
    "requiredAuthority",
    "requiredDecision",
    "requiredInput",
    "requiredKnowledge",
    "return",
    "row",
    "rule",
    "satisfies",
    "some",
    "sourceRef",
    "supportedObjective",
    "targetRef",
    "text",
    "textAnnotation",
    "then",
    "type",
    "typeConstraint",
    "typeRef",
    "usingProcess",
    "usingTask",
    "variable",
];

/// Reads, checks and compiles one DMN resource.
///
/// On an error the list holds every violation that was found, in document order, and is not empty. Unreadable XML is
/// a single violation, since nothing after it can be judged.
pub fn parse(
    resource_name: &str,
    xml: &[u8],
    limits: &Limits,
) -> Result<DecisionRequirements, Vec<Violation>> {
    if resource_name.len() > limits.name_bytes_max {
        let message = format!("The resource name is longer than {} bytes", limits.name_bytes_max);
        return Err(vec![document_violation(None, message)]);
    }
    let text = ringbolt_xml::read(xml, &limits.document).map_err(|violation| vec![violation])?;
    let document = ringbolt_xml::parse(&text, &limits.document).map_err(|violation| vec![violation])?;
    let root = document.root_element();
    let mut compiler = Compiler {
        namespace: root.tag_name().namespace().unwrap_or_default().to_owned(),
        limits,
        findings: Findings::new(identity),
        decisions: Vec::new(),
        functions: Vec::new(),
        callable: BTreeMap::new(),
        expressions: BTreeMap::new(),
        tests: BTreeMap::new(),
    };
    let model = compiler.definitions(root);
    if compiler.findings.is_empty() {
        Ok(DecisionRequirements { model: Arc::new(model) })
    } else {
        Err(compiler.findings.into_violations(&text))
    }
}

/// The id by which a violation names an element. Every element of DMN may have one; the model as a whole counts not.
fn identity(node: Node<'_>) -> Option<&str> {
    let is_dmn = node.tag_name().namespace().is_some_and(|namespace| NAMESPACES.contains(&namespace));
    if is_dmn && local(node) != "definitions" { attr(node, "id") } else { None }
}

/// What an expression is compiled with, and what comes of it.
struct Compiler<'l> {
    namespace: String,
    limits: &'l Limits,
    findings: Findings,
    decisions: Vec<Decision>,
    functions: Vec<Function>,
    /// Business knowledge models read so far, by name: what an invocation may call.
    callable: BTreeMap<String, u32>,
    /// Texts read before. Tables repeat themselves; a text is compiled once.
    expressions: BTreeMap<String, Expression>,
    tests: BTreeMap<String, UnaryTests>,
}

impl Compiler<'_> {
    fn definitions(&mut self, root: Node<'_>) -> Model {
        let mut model = Model {
            id: text_of(root, "id"),
            name: text_of(root, "name"),
            namespace: text_of(root, "namespace"),
            decisions: Vec::new(),
            by_id: Vec::new(),
            functions: Vec::new(),
        };
        if !NAMESPACES.contains(&self.namespace.as_str()) || local(root) != "definitions" {
            let message = "The root element must be 'definitions' in a namespace of DMN 1.1 to 1.5";
            self.findings.add(root, message);
            return model;
        }
        self.check_names(root);
        self.check_elements(root);
        if !self.findings.is_empty() {
            return model;
        }
        self.graph(root);
        model.decisions = std::mem::take(&mut self.decisions);
        model.functions = std::mem::take(&mut self.functions);
        model.by_id = (0..model.decisions.len() as u32).collect();
        model.by_id.sort_by(|a, b| {
            let id = |at: &u32| model.decisions[*at as usize].id.clone();
            id(a).cmp(&id(b))
        });
        model
    }

    /// The model's own id and name, which become parts of keys.
    fn check_names(&mut self, root: Node<'_>) {
        for required in ["id", "name"] {
            if attr(root, required).is_none() {
                self.findings.add(root, format!("The attribute '{required}' is missing"));
            }
        }
    }

    /// Names of elements, ids and the length of names, in the whole document.
    fn check_elements(&mut self, root: Node<'_>) {
        let mut ids: Vec<(&str, Node<'_>)> = Vec::new();
        for node in root.descendants().filter(|node| node.is_element()) {
            if node.tag_name().namespace() != Some(&self.namespace) {
                continue;
            }
            if node.ancestors().skip(1).any(|around| self.is(around, "extensionElements")) {
                continue;
            }
            if !ELEMENTS.contains(&local(node)) {
                self.findings.add(node, format!("'{}' is no element of DMN", clip(local(node))));
            }
            for named in ["name", "label"] {
                if node.attribute(named).is_some_and(|name| name.len() > self.limits.name_bytes_max) {
                    let max = self.limits.name_bytes_max;
                    self.findings.add(node, format!("The {named} is longer than {max} bytes"));
                }
            }
            let Some(id) = node.attribute("id") else { continue };
            if !is_valid_id(id) {
                self.findings
                    .add(node, format!("'{id}' is not a valid id: it must be an XML name without a colon"));
            } else if id.len() > self.limits.id_bytes_max {
                let max = self.limits.id_bytes_max;
                self.findings.add(
                    node,
                    format!("IDs must not be longer than the configured max-id-length of {max} bytes."),
                );
            }
            ids.push((id, node));
        }
        ids.sort_by_key(|(id, _)| *id);
        for pair in ids.windows(2) {
            if pair[0].0 == pair[1].0 {
                self.findings.add(pair[1].1, format!("The id '{}' is used more than once", pair[1].0));
            }
        }
    }

    /// Whether a node is the DMN element of that name.
    fn is(&self, node: Node<'_>, name: &str) -> bool {
        node.is_element() && node.tag_name().namespace() == Some(&self.namespace) && local(node) == name
    }

    fn children<'d>(&self, node: Node<'d>) -> impl Iterator<Item = Node<'d>> {
        let namespace = self.namespace.clone();
        node.children().filter(move |child| {
            child.is_element() && child.tag_name().namespace() == Some(namespace.as_str())
        })
    }

    fn children_named<'d>(&self, node: Node<'d>, name: &'static str) -> impl Iterator<Item = Node<'d>> {
        self.children(node).filter(move |child| local(*child) == name)
    }

    fn child<'d>(&self, node: Node<'d>, name: &'static str) -> Option<Node<'d>> {
        self.children_named(node, name).next()
    }

    fn fail(&mut self, node: Node<'_>, message: impl Into<String>) -> Option<Logic> {
        self.findings.add(node, message);
        None
    }
}

/// An attribute as a name; empty where it is missing.
fn text_of(node: Node<'_>, attribute: &str) -> Name {
    attr(node, attribute).unwrap_or_default().into()
}
