//! An operation of the REST protocol as one block of static data, and the builder that writes such blocks.

mod parts;
mod special;

pub use parts::{empty, json, media, path, query, query_required};
pub use special::{ClockWish, Documents, Exporting, Special, Tell};

use crate::broker::Topology;
use crate::call::Call;
use crate::error::ApiError;
use crate::limits::Limits;
use crate::request::Request;
use crate::schema::{Level, Object, Schema, Since};
use crate::search::{Look, OneRow, Search};
use ringbolt_record::Reply;

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads; `HEAD` is as it, without the body.
    Get,
    /// Asks, creates, commands.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// As HTTP writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method of that name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| method.name() == name)
    }
}

/// The version of Camunda that brought an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 8.5.
    V8_5,
    /// 8.6.
    V8_6,
    /// 8.7.
    V8_7,
    /// 8.8.
    V8_8,
    /// 8.9.
    V8_9,
    /// 8.10.
    V8_10,
    /// None: it is Ringbolt's own.
    Own,
}

impl Version {
    /// As text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V8_5 => "8.5",
            Self::V8_6 => "8.6",
            Self::V8_7 => "8.7",
            Self::V8_8 => "8.8",
            Self::V8_9 => "8.9",
            Self::V8_10 => "8.10",
            Self::Own => "Ringbolt",
        }
    }
}

/// A parameter of the path or the query.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub schema: Schema,
    /// Whether it must be there; those of the path must.
    pub required: bool,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A part of the path.
    Path,
    /// After the question mark.
    Query,
}

/// What a request carries.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// Nothing; what comes is not looked at.
    None,
    /// A JSON document.
    Json(Schema, Presence),
    /// A form of several parts.
    Form(Schema, Presence),
}

/// Whether a body must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// Nothing is as an empty object.
    Optional,
}

/// How large a body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// As variables, and what is around them.
    Request,
    /// As all resources of a deployment.
    Deployment,
    /// As all documents of a request.
    Documents,
}

/// An answer that is no error.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Status of HTTP.
    pub status: u16,
    /// Content type; none without a body.
    pub media: &'static str,
    /// The body; [`Schema::Any`] without one.
    pub schema: Schema,
    /// At which levels.
    pub span: Since,
}

/// Reads a request for something that is looked up.
pub type PrepareLook = fn(&mut Call<'_>, &'static Operation) -> Result<Look, ApiError>;

/// How an operation is answered.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// It is not yet: it is refused by name.
    Later,
    /// By a command to the engine.
    Command(Command),
    /// From what the server knows of itself: writes the document, if there is one.
    Get(fn(&View<'_>, &mut Vec<u8>) -> Result<(), ApiError>),
    /// From the request alone: writes the document.
    Answered(fn(&mut Call<'_>, &mut Vec<u8>) -> Result<(), ApiError>),
    /// Rows of secondary storage, a page of them.
    Search(Search),
    /// One row of it.
    Row(OneRow),
    /// Something else that is looked up there.
    Look(PrepareLook),
    /// The same of what several partitions tell together: all that they have committed is waited for first.
    Joined(PrepareLook),
    /// In a way of its own.
    Special(Special),
}

/// A command behind an operation.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// The request as a command.
    pub request: fn(&mut Call<'_>) -> Result<Request, ApiError>,
    /// The engine's reply as a document.
    pub answer: fn(&Reply, Level, &mut Vec<u8>) -> Written,
    /// What the key in the path must be of, where secondary storage is asked first.
    pub of: Option<OneRow>,
    /// The command's name on the wire if it starts new work, which is refused first when there is too much.
    pub new_work: Option<&'static str>,
}

/// Whether a reply was one that the operation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was, and its document is written.
    Yes,
    /// It was not: an error of ours.
    Unexpected,
    /// It was, but it is not what the answer's type can hold, as this says.
    NotAcceptable(&'static str),
}

/// What the server knows of itself.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The cluster.
    pub topology: &'a Topology,
    /// Bounds of requests, and the level.
    pub limits: &'a Limits,
    /// What exporters were told.
    pub exporting: Exporting,
}

/// The answer to a command that has nothing to say.
pub fn done(reply: &Reply, _: Level, _: &mut Vec<u8>) -> Written {
    match reply {
        Reply::Done | Reply::VariablesSet { .. } => Written::Yes,
        _ => Written::Unexpected,
    }
}

/// Statuses of errors that any request may meet: it is no HTTP or no JSON, comes too slowly, is too large, or asks for what there is not.
const EVERYWHERE: &[u16] = &[400, 406, 408, 413, 415, 501];

/// The same for what is looked up: too much is, it cannot be read, or takes too long.
const LOOKED_UP: &[u16] = &[503, 504];

/// The content type of most answers.
pub const JSON: &str = "application/json";

/// An operation.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name in the protocol.
    pub id: &'static str,
    /// How it is asked.
    pub method: Method,
    /// Below `/v2`; a part in braces is a parameter.
    pub path: &'static str,
    /// Since which version of Camunda.
    pub since: Version,
    /// At which levels; what is Ringbolt's own is there at both.
    pub span: Since,
    /// What it does, in one sentence without an end; empty for what its name says well enough.
    pub says: &'static str,
    /// What comes in the path and the query.
    pub parameters: &'static [Parameter],
    /// What comes in the body.
    pub body: Body,
    /// The object that a JSON body is read as: that of its schema, or one that has the fields of all that it may be.
    pub reads: Option<&'static Object>,
    /// How large that may be.
    pub limit: Limit,
    /// How it is answered.
    pub kind: Kind,
    /// What comes back.
    pub answers: &'static [Answer],
    /// Statuses of errors.
    pub errors: &'static [u16],
    /// Statuses of errors that 8.10 added.
    pub errors_8_10: &'static [u16],
    /// Statuses of errors that Ringbolt has and the protocol's description has not.
    pub errors_own: &'static [u16],
}

/// Operations about one topic.
#[derive(Debug)]
pub struct Group {
    /// The topic, as the protocol names it.
    pub tag: &'static str,
    /// By path.
    pub operations: &'static [Operation],
}

/// The begin of an operation's block.
pub const fn op(id: &'static str, method: Method, path: &'static str, since: Version) -> Operation {
    Operation {
        id,
        method,
        path,
        since,
        span: if matches!(since, Version::V8_10) { Since::V8_10 } else { Since::Always },
        says: "",
        parameters: &[],
        body: Body::None,
        reads: None,
        limit: Limit::Request,
        kind: Kind::Later,
        answers: &[],
        errors: &[],
        errors_8_10: &[],
        errors_own: &[],
    }
}

impl Operation {
    /// Whether it changes nothing: what it evaluates leaves no trace.
    pub fn is_read_only(&self) -> bool {
        let is_asking = matches!(
            self.kind,
            Kind::Get(_)
                | Kind::Answered(_)
                | Kind::Search(_)
                | Kind::Row(_)
                | Kind::Look(_)
                | Kind::Joined(_)
        );
        is_asking || self.method == Method::Get || self.id == "evaluateExpression"
    }

    /// What it does.
    pub const fn says(mut self, says: &'static str) -> Self {
        self.says = says;
        self
    }
    /// What comes in the path and the query.
    pub const fn takes(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }
    /// A JSON body that must be there.
    pub const fn json(mut self, schema: Schema) -> Self {
        self.body = Body::Json(schema, Presence::Required);
        self.reads = schema.object();
        self
    }
    /// A JSON body that may be absent.
    pub const fn json_or_nothing(mut self, schema: Schema) -> Self {
        self.body = Body::Json(schema, Presence::Optional);
        self.reads = schema.object();
        self
    }
    /// The object that a body of several forms is read as.
    pub const fn read_as(mut self, object: &'static Object) -> Self {
        self.reads = Some(object);
        self
    }
    /// A form.
    pub const fn form(mut self, schema: Schema, limit: Limit) -> Self {
        self.body = Body::Form(schema, Presence::Required);
        self.limit = limit;
        self
    }
    /// What comes back.
    pub const fn gives(mut self, answers: &'static [Answer]) -> Self {
        self.answers = answers;
        self
    }
    /// Statuses of errors.
    pub const fn errors(mut self, errors: &'static [u16]) -> Self {
        self.errors = errors;
        self
    }
    /// Statuses of errors that 8.10 added.
    pub const fn errors_8_10(mut self, errors: &'static [u16]) -> Self {
        self.errors_8_10 = errors;
        self
    }
    /// Statuses of errors that the protocol's description has not.
    pub const fn errors_own(mut self, errors: &'static [u16]) -> Self {
        self.errors_own = errors;
        self
    }

    /// Rows of secondary storage.
    pub const fn search(mut self, search: Search) -> Self {
        self.kind = Kind::Search(search);
        self.errors_own = LOOKED_UP;
        self
    }
    /// One row of it.
    pub const fn row(mut self, row: OneRow) -> Self {
        self.kind = Kind::Row(row);
        self.errors_own = LOOKED_UP;
        self
    }
    /// Something else that is looked up there.
    pub const fn look(mut self, look: PrepareLook) -> Self {
        self.kind = Kind::Look(look);
        self.errors_own = LOOKED_UP;
        self
    }
    /// Something that several partitions tell together.
    pub const fn joined(mut self, look: PrepareLook) -> Self {
        self.kind = Kind::Joined(look);
        self.errors_own = LOOKED_UP;
        self
    }

    /// A command: how a request becomes one, and its reply the answer.
    pub const fn command(
        mut self,
        request: fn(&mut Call<'_>) -> Result<Request, ApiError>,
        answer: fn(&Reply, Level, &mut Vec<u8>) -> Written,
    ) -> Self {
        self.kind = Kind::Command(Command { request, answer, of: None, new_work: None });
        self
    }
    /// The same for one that starts new work, with the command's name on the wire.
    pub const fn new_work(
        mut self,
        intent: &'static str,
        request: fn(&mut Call<'_>) -> Result<Request, ApiError>,
        answer: fn(&Reply, Level, &mut Vec<u8>) -> Written,
    ) -> Self {
        self.kind = Kind::Command(Command { request, answer, of: None, new_work: Some(intent) });
        self
    }
    /// A command about something that secondary storage must know.
    pub const fn command_of(
        mut self,
        row: OneRow,
        request: fn(&mut Call<'_>) -> Result<Request, ApiError>,
        answer: fn(&Reply, Level, &mut Vec<u8>) -> Written,
    ) -> Self {
        self.kind = Kind::Command(Command { request, answer, of: Some(row), new_work: None });
        self.errors_own = LOOKED_UP;
        self
    }
    /// Something that the server knows of itself.
    pub const fn get(mut self, write: fn(&View<'_>, &mut Vec<u8>) -> Result<(), ApiError>) -> Self {
        self.kind = Kind::Get(write);
        self
    }
    /// Something that the request alone says.
    pub const fn answered(mut self, write: fn(&mut Call<'_>, &mut Vec<u8>) -> Result<(), ApiError>) -> Self {
        self.kind = Kind::Answered(write);
        self
    }
    /// An operation unlike others.
    pub const fn special(mut self, special: Special) -> Self {
        self.kind = Kind::Special(special);
        self
    }

    /// It is there at both levels, although its version says otherwise.
    pub const fn at_both_levels(mut self) -> Self {
        self.span = Since::Always;
        self
    }

    /// The command's name on the wire, if the operation starts new work.
    pub const fn starts(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Command(Command { new_work, .. }) => new_work,
            Kind::Special(Special::Deploy) => Some("CREATE"),
            Kind::Later
            | Kind::Get(_)
            | Kind::Answered(_)
            | Kind::Search(_)
            | Kind::Row(_)
            | Kind::Look(_)
            | Kind::Joined(_)
            | Kind::Special(_) => None,
        }
    }

    /// What comes back when all is well.
    pub fn answer_at(&self, level: Level) -> Option<&'static Answer> {
        self.answers.iter().find(|answer| answer.span.holds(level))
    }

    /// Statuses of all errors at a level, in order: what the protocol describes, what Ringbolt adds, and what any request may meet.
    pub fn all_errors_at(&self, level: Level) -> Vec<u16> {
        let mut errors = [&self.errors_at(level), self.errors_own, EVERYWHERE].concat();
        errors.sort_unstable();
        errors.dedup();
        errors
    }

    /// Statuses of errors that the protocol describes at a level, in order.
    pub fn errors_at(&self, level: Level) -> Vec<u16> {
        let newer = if level == Level::V8_10 { self.errors_8_10 } else { &[] };
        let mut errors = [self.errors, newer].concat();
        errors.sort_unstable();
        errors
    }
}

impl Answer {
    /// It comes since 8.10.
    pub const fn since_8_10(mut self) -> Self {
        self.span = Since::V8_10;
        self
    }
    /// It came at 8.9.
    pub const fn until_8_9(mut self) -> Self {
        self.span = Since::Until8_9;
        self
    }
}
