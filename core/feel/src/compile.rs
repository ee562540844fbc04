//! From the syntax tree to a program: resolves names to slots, calls to built-in functions, and folds what is
//! constant. Recursion follows the tree, whose depth the parser bounds.

use crate::ast::{Access, Arguments, Comparison, Exp, ExpId, Name};
use crate::builtins;
use crate::error::ParseError;
use crate::parser::Tree;
use crate::program::{Call, CallArguments, Candidate, Loop, Node, NodeId, OutsideName, Program, Step};
use crate::value::Val;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Nodes of one program; nested filters are compiled twice per level, so a small text can ask for many.
const NODES_MAX: usize = 50_000;
/// The variable that holds the implicit input of unary tests.
pub(crate) const INPUT_VARIABLE: &str = "cellInput";

/// What a slot of the stack holds while a node is evaluated.
#[derive(Clone)]
enum Binding {
    Local(Name),
    Entry(Name),
    /// A list's item: its own name, and its entries where it is a context.
    Item,
}

struct Compiler<'t> {
    tree: &'t [Exp],
    nodes: Vec<Node>,
    scope: Vec<Binding>,
    outside: Vec<OutsideName>,
    known: FxHashMap<Name, u32>,
    /// Set where the name `partial` was resolved to a loop's results.
    partial_read: bool,
    /// Above zero while a filter is compiled outside its item's scope.
    probing: u32,
    overflow: bool,
}

/// Compiles a tree.
pub(crate) fn compile(tree: &Tree) -> Result<Program, ParseError> {
    let mut compiler = Compiler {
        tree: &tree.nodes,
        nodes: Vec::new(),
        scope: Vec::new(),
        outside: Vec::new(),
        known: FxHashMap::default(),
        partial_read: false,
        probing: 0,
        overflow: false,
    };
    let root = compiler.node(tree.root);
    if compiler.overflow {
        let message = format!("the expression compiles to more than {NODES_MAX} steps");
        return Err(ParseError { line: 1, column: 1, message });
    }
    Ok(Program { nodes: compiler.nodes, root, outside: compiler.outside })
}

impl Compiler<'_> {
    fn add(&mut self, node: Node) -> NodeId {
        if self.nodes.len() >= NODES_MAX {
            self.overflow = true;
            return NodeId(0);
        }
        self.nodes.push(node);
        NodeId(self.nodes.len() as u32 - 1)
    }

    fn all(&mut self, ids: &[ExpId]) -> Box<[NodeId]> {
        ids.iter().map(|id| self.node(*id)).collect()
    }

    /// A first operand and the others, as one list.
    fn joined(&mut self, first: ExpId, rest: &[ExpId]) -> Box<[NodeId]> {
        std::iter::once(&first).chain(rest).map(|id| self.node(*id)).collect()
    }

    fn node(&mut self, id: ExpId) -> NodeId {
        if self.overflow {
            return NodeId(0);
        }
        let tree = self.tree;
        let node = match &tree[id.0 as usize] {
            Exp::Constant(value) => Node::Constant(value.clone()),
            Exp::Number(number) => Node::Constant(Val::Number(*number)),
            Exp::ZonedTime(text) => Node::ZonedTime(text.clone()),
            Exp::Input => Node::Question,
            Exp::List(items) => Node::List(self.all(items)),
            Exp::Context(entries) => self.context(entries),
            Exp::Range { start, start_closed, end, end_closed } => Node::Range {
                start: self.node(*start),
                start_closed: *start_closed,
                end: self.node(*end),
                end_closed: *end_closed,
            },
            Exp::Reference(names) => return self.reference(names),
            Exp::Access(base, steps) => self.access(*base, steps),
            Exp::Arithmetic(first, rest) => {
                let first = self.node(*first);
                Node::Arithmetic(first, rest.iter().map(|(op, id)| (*op, self.node(*id))).collect())
            }
            Exp::Negate(inner) => match &tree[inner.0 as usize] {
                Exp::Number(number) => Node::Constant(Val::Number(number.neg())),
                _ => Node::Negate(self.node(*inner)),
            },
            Exp::Compare(op, left, right) => Node::Compare(*op, self.node(*left), self.node(*right)),
            Exp::Between(value, low, high) => self.between(*value, *low, *high),
            Exp::InstanceOf(value, name) => Node::InstanceOf(self.node(*value), name.clone()),
            Exp::In(value, test) => Node::In(self.node(*value), self.node(*test)),
            Exp::And(first, rest) => Node::And(self.joined(*first, rest)),
            Exp::Or(first, rest) => Node::Or(self.joined(*first, rest)),
            Exp::If(condition, positive, negative) => {
                Node::If(self.node(*condition), self.node(*positive), self.node(*negative))
            }
            Exp::For(iterators, body) => Node::For(self.iterate(iterators, *body, true)),
            Exp::Quantified(quantifier, iterators, body) => {
                Node::Quantified(*quantifier, self.iterate(iterators, *body, false))
            }
            Exp::Iteration(start, end) => Node::Iteration(self.node(*start), self.node(*end)),
            Exp::Call(name, arguments) => self.call(name, arguments),
            Exp::QualifiedCall(path, name, arguments) => Node::QualifiedCall {
                path: self.reference(path),
                name: name.clone(),
                arguments: self.arguments(arguments),
            },
            Exp::Function(params, body) => self.function(params, *body),
            Exp::InputEquals(value) => Node::InputEquals(self.node(*value)),
            Exp::InputCompare(op, value) => Node::InputCompare(*op, self.node(*value)),
            Exp::InputIn(range) => self.input_in(*range),
            Exp::Test(inner) => Node::Test(self.node(*inner)),
            Exp::AnyTest(tests) => Node::AnyTest(self.all(tests)),
            Exp::Not(inner) => Node::Not(self.node(*inner)),
        };
        self.add(node)
    }

    fn input_in(&mut self, range: ExpId) -> Node {
        match &self.tree[range.0 as usize] {
            Exp::Range { start, start_closed, end, end_closed } => Node::InputIn {
                start: self.node(*start),
                start_closed: *start_closed,
                end: self.node(*end),
                end_closed: *end_closed,
            },
            // The parser builds nothing else; a test of the value itself would be the meaning.
            _ => Node::Test(self.node(range)),
        }
    }

    /// Two comparisons of the same value, as the reference evaluates it.
    fn between(&mut self, value: ExpId, low: ExpId, high: ExpId) -> Node {
        let value = self.node(value);
        let low = self.node(low);
        let high = self.node(high);
        let above = self.add(Node::Compare(Comparison::GreaterOrEqual, value, low));
        let below = self.add(Node::Compare(Comparison::LessOrEqual, value, high));
        Node::And([above, below].into())
    }

    /// Every entry sees the ones before it.
    fn context(&mut self, entries: &[(Name, ExpId)]) -> Node {
        let outer = self.scope.len();
        let mut compiled = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            compiled.push((name.clone(), self.node(*value)));
            self.scope.push(Binding::Entry(name.clone()));
        }
        self.scope.truncate(outer);
        Node::Context(compiled.into())
    }

    fn reference(&mut self, names: &[Name]) -> NodeId {
        let Some((first, path)) = names.split_first() else { return self.add(Node::Constant(Val::Null)) };
        let base = self.variable(first);
        let base = self.add(base);
        if path.is_empty() {
            return base;
        }
        self.add(Node::Path(base, path.into()))
    }

    fn variable(&mut self, name: &Name) -> Node {
        let mut candidates = Vec::new();
        for (slot, binding) in self.scope.iter().enumerate().rev() {
            let slot = slot as u32;
            match binding {
                Binding::Local(n) if n == name => {
                    self.partial_read |= name.as_ref() == "partial";
                    candidates.push(Candidate::Local(slot));
                    break;
                }
                Binding::Entry(n) if n == name => candidates.push(Candidate::Entry(slot)),
                Binding::Item => {
                    candidates.push(Candidate::Item(slot));
                    if name.as_ref() == "item" {
                        candidates.push(Candidate::Local(slot));
                        break;
                    }
                }
                Binding::Local(_) | Binding::Entry(_) => {}
            }
        }
        if let [Candidate::Local(slot)] = candidates.as_slice() {
            return Node::Local(*slot);
        }
        if candidates.is_empty() && name.as_ref() == INPUT_VARIABLE {
            self.outside(name);
            return Node::CellInput;
        }
        let found = matches!(candidates.last(), Some(Candidate::Local(_)));
        let outside = if found { self.unlisted(name) } else { self.outside(name) };
        if candidates.is_empty() {
            return Node::Outside(outside);
        }
        Node::Scoped { candidates: candidates.into(), outside }
    }

    fn outside(&mut self, name: &Name) -> u32 {
        let id = self.unlisted(name);
        if self.probing == 0 {
            self.outside[id as usize].listed = true;
        }
        id
    }

    fn unlisted(&mut self, name: &Name) -> u32 {
        if let Some(id) = self.known.get(name) {
            return *id;
        }
        let id = self.outside.len() as u32;
        self.outside.push(OutsideName { name: name.clone(), listed: false });
        self.known.insert(name.clone(), id);
        id
    }

    fn access(&mut self, base: ExpId, steps: &[Access]) -> Node {
        let base = self.node(base);
        let steps = steps
            .iter()
            .map(|step| match step {
                Access::Path(name) => Step::Path(name.clone()),
                Access::Filter(filter) => self.filter(*filter),
            })
            .collect();
        Node::Access(base, steps)
    }

    fn filter(&mut self, filter: ExpId) -> Step {
        let probe = match &self.tree[filter.0 as usize] {
            Exp::Number(index) => return Step::Index(*index),
            Exp::Negate(inner) => match &self.tree[inner.0 as usize] {
                Exp::Number(index) => return Step::Index(index.neg()),
                _ => true,
            },
            // These can only be conditions (or calls, which are evaluated per item).
            Exp::Compare(op, ..) => *op == Comparison::NotEqual,
            Exp::Call(..) | Exp::QualifiedCall(..) => false,
            _ => true,
        };
        let probe = probe.then(|| {
            self.probing += 1;
            let node = self.node(filter);
            self.probing -= 1;
            node
        });
        self.scope.push(Binding::Item);
        let body = self.node(filter);
        self.scope.pop();
        Step::Filter { probe, body }
    }

    fn iterate(&mut self, iterators: &[(Name, ExpId)], body: ExpId, partial: bool) -> Loop {
        let lists = iterators.iter().map(|(_, list)| self.node(*list)).collect();
        let outer = self.scope.len();
        for (i, (name, _)) in iterators.iter().enumerate() {
            // Of equal names the first iterator wins; the others stay unreachable.
            let shadowed = iterators[..i].iter().any(|(n, _)| n == name);
            self.scope.push(Binding::Local(if shadowed { "".into() } else { name.clone() }));
        }
        if partial {
            self.scope.push(Binding::Local("partial".into()));
        }
        // An inner loop's reading counts for the outer one too: that only costs time.
        let before = std::mem::take(&mut self.partial_read);
        let body = self.node(body);
        let partial = partial && self.partial_read;
        self.partial_read |= before;
        self.scope.truncate(outer);
        Loop { lists, body, partial }
    }

    fn arguments(&mut self, arguments: &Arguments) -> CallArguments {
        match arguments {
            Arguments::Positional(values) => CallArguments::Positional(self.all(values)),
            Arguments::Named(named) => {
                CallArguments::Named(named.iter().map(|(n, id)| (n.clone(), self.node(*id))).collect())
            }
        }
    }

    fn call(&mut self, name: &Name, arguments: &Arguments) -> Node {
        let mut candidates = Vec::new();
        for (slot, binding) in self.scope.iter().enumerate().rev() {
            match binding {
                Binding::Entry(n) if n == name => candidates.push(Candidate::Entry(slot as u32)),
                Binding::Item => candidates.push(Candidate::Item(slot as u32)),
                Binding::Entry(_) | Binding::Local(_) => {}
            }
        }
        let builtin = match arguments {
            Arguments::Positional(values) => builtins::find_positional(name, values.len()),
            Arguments::Named(named) => builtins::find_named(name, named.iter().map(|(n, _)| n.as_ref())),
        };
        let arguments = self.arguments(arguments);
        Node::Call(Call { name: name.clone(), candidates: candidates.into(), builtin, arguments })
    }

    /// A function sees the scope it is defined in, then its parameters.
    fn function(&mut self, params: &[Name], body: ExpId) -> Node {
        let captured = self.scope.len();
        for param in params {
            self.scope.push(Binding::Local(param.clone()));
        }
        let body = self.node(body);
        self.scope.truncate(captured);
        let params: Arc<[Box<str>]> = params.iter().map(|p| Box::from(p.as_ref())).collect();
        Node::Function { params, body, captured: captured as u32 }
    }
}
