//! Watching what changes: keys of process instances, told when what happened to them can be found.

use std::fmt;
use std::net::IpAddr;
use std::task::{Context, Poll};

/// Instances that one stream watches at most.
pub const INSTANCES_MAX: usize = 64;

/// What somebody watches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// These instances, by key; at most [`INSTANCES_MAX`].
    pub instances: Vec<i64>,
    /// Whether anything changes at all.
    pub anything: bool,
    /// The mark of what was seen last, as it was told.
    pub after: Option<String>,
    /// From where it is watched, as far as that is known.
    pub from: Option<IpAddr>,
}

/// What has changed since it was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// By which to go on later.
    pub mark: String,
    /// Those of the instances that are watched.
    pub instances: Vec<i64>,
    /// Something, of which no more is said.
    pub anything: bool,
    /// Nobody knows what was missed: everything is to be looked at again.
    pub is_anew: bool,
}

/// One that watches, until it is dropped.
pub trait Watching: fmt::Debug {
    /// Where it begins.
    fn mark(&self) -> String;
    /// What has changed, when something has; none when there will be nothing more.
    fn poll_changes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Changes>>;
}
