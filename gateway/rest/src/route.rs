//! Which operation a request is.
//!
//! The table's paths stand in a tree, a part at a time. A request's path is walked once; parts with percent signs are decoded, so that
//! an encoded slash is a part of its part. Nothing is allocated for a path that is found and has no percent sign.

use crate::answer::JSON;
use crate::disposition::percent_decoded;
use ringbolt_api::call::{PARAMETERS_MAX, Parameters};
use ringbolt_api::operation::{Documents, Kind, Method, Operation, Special};
use ringbolt_api::schema::Level;
use ringbolt_api::table;
use ringbolt_web::{Place, place};
use std::borrow::Cow;
use std::sync::LazyLock;

/// All paths begin with it.
const BASE: &str = "/v2/";
/// Longest part of a path, bytes of what it says. Longer ones are refused.
const PART_BYTES_MAX: usize = 1024;
/// Methods that an operation may have.
const METHODS: usize = 5;

/// What a request asks for.
#[derive(Clone, Debug)]
pub enum Route<'a> {
    /// An operation of the table, and the parameters in its path, by their places.
    Operation(&'static Operation, Parameters<'a>),
    /// A description of the operations, or a page for people.
    Page(Page),
    /// A path of the protocol, but not with this method: with these.
    MethodNotAllowed(String),
    /// A path that cannot be read, and why.
    Malformed(&'static str),
    /// No path of the protocol.
    NotFound,
}

/// What stands beside the operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The operations as an OpenAPI document.
    OpenApi,
    /// A page for people, or something that it loads.
    Web(Place),
}

/// Where the description is found, also where users of Camunda look for it.
const DESCRIPTIONS: &[&str] = &["/openapi.json", "/v3/api-docs"];

impl Route<'_> {
    /// The command that starts new work, by its name on the wire; none for requests that bring work to its end, or ask.
    pub fn new_work(&self) -> Option<&'static str> {
        match self {
            Self::Operation(operation, _) => operation.starts(),
            Self::Page(_) | Self::MethodNotAllowed(_) | Self::Malformed(_) | Self::NotFound => None,
        }
    }

    /// Whether the answer is known whatever its body says.
    pub fn needs_no_body(&self) -> bool {
        match self {
            Self::Operation(operation, _) => matches!(operation.kind, Kind::Later),
            Self::Page(_) | Self::MethodNotAllowed(_) | Self::Malformed(_) | Self::NotFound => true,
        }
    }

    /// The content type of what it gives when all is well; empty for what gives nothing.
    pub fn media(&self, level: Level) -> &'static str {
        match self {
            // A document is whatever its client said, which is not known yet.
            Self::Operation(
                Operation {
                    kind: Kind::Special(Special::Documents(Documents::Get | Documents::Follow)), ..
                },
                _,
            ) => "",
            Self::Operation(operation, _) => operation.answer_at(level).map_or("", |answer| answer.media),
            Self::Page(Page::OpenApi) => JSON,
            Self::Page(Page::Web(_)) | Self::MethodNotAllowed(_) | Self::Malformed(_) | Self::NotFound => "",
        }
    }

    /// Whether it is a page, which a browser shows.
    pub fn is_page(&self) -> bool {
        matches!(self, Self::Page(Page::Web(_)))
    }

    /// Whether it is a poll for jobs, which waits.
    pub fn is_poll(&self) -> bool {
        matches!(self, Self::Operation(Operation { kind: Kind::Special(Special::ActivateJobs), .. }, _))
    }

    /// Whether something is looked up, which may take long.
    pub fn is_search(&self) -> bool {
        let looks =
            |kind: &Kind| matches!(kind, Kind::Search(_) | Kind::Row(_) | Kind::Look(_) | Kind::Joined(_));
        matches!(self, Self::Operation(operation, _) if looks(&operation.kind))
    }

    /// Whether it has an expression evaluated, which may take long.
    pub fn is_evaluation(&self) -> bool {
        matches!(self, Self::Operation(Operation { id: "evaluateExpression", .. }, _))
    }
}

/// A part of the tree: where to go from here, and which operations end here.
#[derive(Default)]
struct Node {
    /// Parts as they are, in order, and where they lead.
    literals: Vec<(&'static str, usize)>,
    /// Where any part leads.
    parameter: Option<usize>,
    /// What ends here, by method.
    operations: [Option<&'static Operation>; METHODS],
}

static TREE: LazyLock<Vec<Node>> = LazyLock::new(|| {
    let mut nodes = vec![Node::default()];
    for operation in table::operations() {
        let mut at = 0;
        for part in operation.path.split('/').skip(1) {
            let next = nodes.len();
            let node = &mut nodes[at];
            let found = if part.starts_with('{') {
                *node.parameter.get_or_insert(next)
            } else {
                match node.literals.binary_search_by_key(&part, |(name, _)| *name) {
                    Ok(found) => node.literals[found].1,
                    Err(place) => {
                        node.literals.insert(place, (part, next));
                        next
                    }
                }
            };
            if found == next {
                nodes.push(Node::default());
            }
            at = found;
        }
        nodes[at].operations[operation.method as usize] = Some(operation);
    }
    nodes
});

/// A walk along a path.
struct Walk<'a> {
    method: Option<Method>,
    parameters: Parameters<'a>,
    /// Methods of other operations at the same path.
    allowed: Vec<Method>,
}

/// What a request asks for. `HEAD` is as `GET`.
pub fn route<'a>(method: &str, path: &'a str) -> Route<'a> {
    let Some(below) = path.strip_prefix(BASE) else { return beside(method, path) };
    let method = if method == "HEAD" { "GET" } else { method };
    let mut walk =
        Walk { method: Method::of(method), parameters: Parameters::default(), allowed: Vec::new() };
    match walk.go(0, Some(below), 0) {
        Ok(Some(operation)) => Route::Operation(operation, walk.parameters),
        Ok(None) if walk.allowed.is_empty() => Route::NotFound,
        Ok(None) => {
            let names: Vec<&str> = walk.allowed.iter().map(|method| method.name()).collect();
            Route::MethodNotAllowed(names.join(", "))
        }
        Err(why) => Route::Malformed(why),
    }
}

fn beside(method: &str, path: &str) -> Route<'static> {
    let found = if DESCRIPTIONS.contains(&path) { Some(Page::OpenApi) } else { place(path).map(Page::Web) };
    match (found, method) {
        (Some(page), "GET" | "HEAD") => Route::Page(page),
        (Some(Page::Web(Place::Nowhere(_))), _) => Route::NotFound,
        (Some(_), _) => Route::MethodNotAllowed("GET".to_owned()),
        (None, _) => Route::NotFound,
    }
}

impl<'a> Walk<'a> {
    /// Goes on from a node with what is left of the path. Parts as they are go before parameters; with both the walk is bounded, since
    /// the tree is.
    fn go(
        &mut self,
        at: usize,
        rest: Option<&'a str>,
        depth: usize,
    ) -> Result<Option<&'static Operation>, &'static str> {
        let node = &TREE[at];
        let Some(rest) = rest else {
            if let Some(found) = self.method.and_then(|method| node.operations[method as usize]) {
                return Ok(Some(found));
            }
            for operation in node.operations.iter().flatten() {
                if !self.allowed.contains(&operation.method) {
                    self.allowed.push(operation.method);
                }
            }
            return Ok(None);
        };
        let (raw, rest) = match rest.split_once('/') {
            Some((part, rest)) => (part, Some(rest)),
            None => (rest, None),
        };
        let part = decoded(raw)?;
        if is_no_name(&part) {
            return Ok(None);
        }
        if let Ok(found) = node.literals.binary_search_by_key(&part.as_ref(), |(name, _)| *name)
            && let Some(operation) = self.go(node.literals[found].1, rest, depth)?
        {
            return Ok(Some(operation));
        }
        let Some(next) = node.parameter else { return Ok(None) };
        let Some(place) = self.parameters.get_mut(depth) else { return Ok(None) };
        *place = part;
        self.go(next, rest, depth + 1)
    }
}

/// What means another place, wherever it stands in a path.
fn is_no_name(part: &str) -> bool {
    part.is_empty() || part == "." || part == ".."
}

/// Whether a text can be a parameter of a path, with percent signs where it needs them.
pub(crate) fn may_be_part(text: &str) -> bool {
    !is_no_name(text) && text.len() <= PART_BYTES_MAX && !text.chars().any(char::is_control)
}

/// A part without its percent signs.
fn decoded(raw: &str) -> Result<Cow<'_, str>, &'static str> {
    // Each byte may be written as three.
    if raw.len() > 3 * PART_BYTES_MAX {
        return Err("a part of the path is too long");
    }
    let part = match percent_decoded(raw) {
        None => return Err("a part of the path is not encoded as RFC 3986 says"),
        // Control characters come in no path as they are.
        Some(Cow::Borrowed(_)) => Cow::Borrowed(raw),
        Some(Cow::Owned(bytes)) => {
            let part = String::from_utf8(bytes).map_err(|_| "a part of the path is not UTF-8")?;
            if part.chars().any(char::is_control) {
                return Err("a part of the path has control characters");
            }
            Cow::Owned(part)
        }
    };
    if part.len() > PART_BYTES_MAX { Err("a part of the path is too long") } else { Ok(part) }
}

const _: () = assert!(PARAMETERS_MAX >= 3);
