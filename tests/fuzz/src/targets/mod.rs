//! The targets, one file each.

mod bpmn;
mod dmn;
mod entry;
mod feel;
mod grpc;
mod http1;
mod http2;
mod journal;
mod json;
mod rest;
mod store;

use crate::run::Target;

/// Every target.
pub const ALL: &[&Target] = &[
    &json::TARGET,
    &entry::TARGET,
    &feel::EXPRESSION,
    &feel::UNARY_TESTS,
    &bpmn::TARGET,
    &dmn::TARGET,
    &rest::REQUESTS,
    &rest::FORMS,
    &grpc::TARGET,
    &http1::TARGET,
    &http2::TARGET,
    &journal::SCAN,
    &journal::DECODE,
    &store::TARGET,
];

/// The target of this name.
pub fn by_name(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name).copied()
}
