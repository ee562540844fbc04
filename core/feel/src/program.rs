//! Compiled expressions: nodes in an arena, names resolved to stack slots or to numbered outside names, calls
//! resolved to built-in functions. Immutable and shared between threads.

use crate::ast::{Arithmetic, Comparison, Name, Quantifier};
use crate::builtins::Builtin;
use crate::number::Decimal;
use crate::value::Value;

/// A node of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) u32);

/// A place where a name may be found, innermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// A slot that always holds the variable: an iterator, a parameter, `item`.
    Local(u32),
    /// A slot with an entry of a context that is being built: a variable, or a function.
    Entry(u32),
    /// A slot with a list's item: where it is a context, its entries are in scope.
    Item(u32),
}

/// A name looked up outside the expression.
#[derive(Clone, Debug)]
pub(crate) struct OutsideName {
    pub(crate) name: Name,
    /// Whether the name can really mean a variable (and is not only tried, such as `item` before a filter).
    pub(crate) listed: bool,
}

/// One step after a value.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Path(Name),
    /// A position known at compile time.
    Index(Decimal),
    /// A condition per item; `probe` is the same filter outside the item's scope, which may give a position.
    Filter {
        probe: Option<NodeId>,
        body: NodeId,
    },
}

/// The arguments of a call.
#[derive(Clone, Debug)]
pub(crate) enum CallArguments {
    Positional(Box<[NodeId]>),
    Named(Box<[(Name, NodeId)]>),
}

/// A call by name.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) name: Name,
    pub(crate) candidates: Box<[Candidate]>,
    /// The built-in function that fits name and arguments.
    pub(crate) builtin: Option<&'static Builtin>,
    pub(crate) arguments: CallArguments,
}

/// A loop's iterators (evaluated in the outer scope) and what is evaluated per combination.
#[derive(Clone, Debug)]
pub(crate) struct Loop {
    pub(crate) lists: Box<[NodeId]>,
    pub(crate) body: NodeId,
    /// Whether the body reads the results so far; building that list costs a copy per round.
    pub(crate) partial: bool,
}

/// A node.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Constant(Value),
    ZonedTime(Name),
    /// `?`
    Question,
    /// The implicit input by its name.
    CellInput,
    List(Box<[NodeId]>),
    Context(Box<[(Name, NodeId)]>),
    Range {
        start: NodeId,
        start_closed: bool,
        end: NodeId,
        end_closed: bool,
    },
    /// A name from outside.
    Outside(u32),
    /// A slot of the stack.
    Local(u32),
    /// A name that is in one of several places, or else outside.
    Scoped {
        candidates: Box<[Candidate]>,
        outside: u32,
    },
    /// A name with a path: where there is no such variable, the path is not followed.
    Path(NodeId, Box<[Name]>),
    Access(NodeId, Box<[Step]>),
    Arithmetic(NodeId, Box<[(Arithmetic, NodeId)]>),
    Negate(NodeId),
    Compare(Comparison, NodeId, NodeId),
    InstanceOf(NodeId, Name),
    In(NodeId, NodeId),
    And(Box<[NodeId]>),
    Or(Box<[NodeId]>),
    If(NodeId, NodeId, NodeId),
    For(Loop),
    Quantified(Quantifier, Loop),
    Iteration(NodeId, NodeId),
    Call(Call),
    QualifiedCall {
        path: NodeId,
        name: Name,
        arguments: CallArguments,
    },
    /// A function; `captured` slots of the surrounding scope come with it.
    Function {
        params: std::sync::Arc<[Box<str>]>,
        body: NodeId,
        captured: u32,
    },
    InputEquals(NodeId),
    InputCompare(Comparison, NodeId),
    InputIn {
        start: NodeId,
        start_closed: bool,
        end: NodeId,
        end_closed: bool,
    },
    Test(NodeId),
    AnyTest(Box<[NodeId]>),
    Not(NodeId),
}

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: NodeId,
    pub(crate) outside: Vec<OutsideName>,
}

impl Program {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}
