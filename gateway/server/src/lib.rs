//! The binary `ringbolt`: configuration and wiring, nothing else.
//!
//! Code map: `demo_start` the command `ringbolt demo`, `demo` what runs beside its server; `config` settings from command line, environment and file; `start` the server's life; `doors` its
//! sockets and their TLS; `site_config` names and origins; `api_config` the protocols' level; `time_config` time limits; `flow_config` the write limit; `banner` what a start says, `service` what a service manager is told; `port` the gateway's port over a core's broker; `management` metrics and health on a thread of their own, from `snapshots` of the cores;
//! `evaluations` expressions by request, beside the cores; `documents` the store of documents, `document_config` its bounds; `test_endpoints` what tests may do; `job_streams` which streams are open; `live` streams of what changes; `past` what the log has of an instance; `flow_actuator` what limits requests; `logging` lines on standard error; `exporting` the exporters' threads; `log_print` the journal as text;
//! `verify` a data directory offline; `feel_eval` expressions; `dmn_eval` decisions.

mod api_config;
mod banner;
mod bounded_side;
pub mod config;
pub mod config_sample;
mod cpus;
mod demo;
pub mod demo_start;
mod descriptors;
pub mod dmn_eval;
mod document_config;
mod documents;
mod doors;
mod evaluations;
pub mod export_config;
mod exporting;
pub mod feel_eval;
mod figures;
mod flow_actuator;
mod flow_config;
mod job_streams;
mod live;
pub mod log_print;
pub mod logging;
mod management;
pub mod message_config;
mod notices;
mod past;
mod port;
mod search_config;
mod searches;
mod selecting;
mod service;
mod site_config;
mod snapshots;
pub mod start;
mod stopping;
mod storage_config;
mod storing;
mod test_endpoints;
mod time_config;
pub mod verify;
mod web_config;
