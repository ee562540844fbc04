//! All operations of the REST protocol, by topic; `tests/facts.rs` holds them against the facts of both levels.
//!
//! An operation is one block: see `docs/dev/adding-an-operation.md`.

use crate::operation::{Group, Operation};

mod ad_hoc_sub_process;
mod agent_definition;
mod agent_instance;
mod audit_log;
mod authentication;
mod authorization;
mod backup;
mod batch_operation;
mod batches;
pub mod clock;
pub mod cluster;
mod cluster_variable;
mod conditional;
mod decision_definition;
mod decision_instance;
mod decision_requirements;
mod document;
mod element_instance;
pub mod exporting;
mod expression;
mod figures;
mod form;
mod global_listener;
mod group;
mod incident;
mod instance_changes;
pub mod job;
mod job_figures;
mod license;
mod mapping_rule;
mod message;
mod message_subscription;
mod migration;
mod modification;
mod process_definition;
mod process_instance;
mod recovery;
mod resource;
mod ringbolt;
mod role;
mod secret;
mod setup;
mod signal;
mod system;
mod tenant;
mod user;
mod user_task;
mod variable;

/// All topics, by name.
pub static TABLE: &[&Group] = &[
    &ad_hoc_sub_process::GROUP,
    &agent_definition::GROUP,
    &agent_instance::GROUP,
    &audit_log::GROUP,
    &authentication::GROUP,
    &authorization::GROUP,
    &backup::GROUP,
    &batch_operation::GROUP,
    &clock::GROUP,
    &cluster::GROUP,
    &cluster_variable::GROUP,
    &conditional::GROUP,
    &decision_definition::GROUP,
    &decision_instance::GROUP,
    &decision_requirements::GROUP,
    &document::GROUP,
    &element_instance::GROUP,
    &exporting::GROUP,
    &expression::GROUP,
    &form::GROUP,
    &global_listener::GROUP,
    &group::GROUP,
    &incident::GROUP,
    &job::GROUP,
    &license::GROUP,
    &mapping_rule::GROUP,
    &message::GROUP,
    &message_subscription::GROUP,
    &process_definition::GROUP,
    &process_instance::GROUP,
    &recovery::GROUP,
    &resource::GROUP,
    &ringbolt::GROUP,
    &role::GROUP,
    &secret::GROUP,
    &setup::GROUP,
    &signal::GROUP,
    &system::GROUP,
    &tenant::GROUP,
    &user::GROUP,
    &user_task::GROUP,
    &variable::GROUP,
];

/// All operations.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    TABLE.iter().flat_map(|group| group.operations)
}
