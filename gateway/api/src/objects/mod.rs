//! Objects of the REST protocol: bodies of requests, documents of answers and their parts, by topic.
//!
//! Fields stand in the order in which Ringbolt writes them and reports missing ones. `tests/facts.rs` holds all of them against the
//! facts of both levels.

pub mod ad_hoc_sub_process;
pub mod agent_definition;
pub mod agent_instance;
pub mod audit_log;
pub mod authentication;
pub mod authorization;
pub mod backup;
pub mod batch_operation;
pub mod clock;
pub mod cluster;
pub mod cluster_variable;
pub mod conditional;
pub mod creation;
pub mod decision_definition;
pub mod decision_instance;
pub mod decision_requirements;
pub mod document;
pub mod element_instance;
pub mod enums;
pub mod exporting;
pub mod expression;
pub mod form;
pub mod global_listener;
pub mod group;
pub mod incident;
pub mod job;
pub mod job_search;
pub mod license;
pub mod mapping_rule;
pub mod message;
pub mod message_subscription;
pub mod parts;
pub mod process_definition;
pub mod process_instance;
pub mod process_instance_search;
pub mod recovery;
pub mod resource;
pub mod ringbolt;
pub mod role;
pub mod secret;
pub mod shared;
pub mod signal;
pub mod system;
pub mod tenant;
pub mod user;
pub mod user_task;
pub mod variable;
