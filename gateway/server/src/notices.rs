//! What a core's broker has to say, as lines of the log and as health.

use crate::logging::{Level, log};
use ringbolt_broker::{ClockJump, CoreBroker, Notice};

/// What gRPC's health service says: not serving once every partition has stopped.
pub(crate) fn tell_health(broker: &CoreBroker, health: &ringbolt_grpc::Health) {
    let serves = broker.partitions().iter().any(|partition| !broker.has_stopped(*partition));
    let serving = if serves { ringbolt_grpc::Serving::Serving } else { ringbolt_grpc::Serving::NotServing };
    for service in ["", ringbolt_grpc_gateway::GATEWAY_SERVICE] {
        health.set(service, serving);
    }
}

/// Logs what the broker has to say, and passes on what concerns health, for as long as the core runs.
pub(crate) async fn heed_notices(broker: CoreBroker, health: ringbolt_grpc::Health) {
    loop {
        match broker.next_notice().await {
            Notice::Stopped { partition, cause } => {
                tell_health(&broker, &health);
                log(
                    Level::Error,
                    "a partition has stopped and serves nothing until the next start",
                    &[("partition", &partition), ("cause", &cause)],
                );
            }
            Notice::StoppedElsewhere { .. } => tell_health(&broker, &health),
            Notice::NoSpace { cause } => log(
                Level::Error,
                "no room for another log segment: new work is refused until there is",
                &[("core", &broker.core()), ("cause", &cause)],
            ),
            Notice::SpillFailed { partition, reader, cause } => log(
                Level::Warn,
                "entries cannot be copied out of the log for an exporter that is behind: it is tried again",
                &[("exporter", &reader), ("partition", &partition), ("cause", &cause)],
            ),
            Notice::ReaderDamaged { partition, reader, cause } => log(
                Level::Error,
                "files of an exporter are damaged: it goes on with what its sink and the log know",
                &[("exporter", &reader), ("partition", &partition), ("cause", &cause)],
            ),
            Notice::HistoryDamaged { partition, cause } => log(
                Level::Error,
                "the history of a partition is damaged: exporters refuse what their sinks hold of it until told to begin anew",
                &[("partition", &partition), ("cause", &cause)],
            ),
            Notice::Clock(ClockJump::Seen { ahead_ms }) => log(
                Level::Warn,
                "the wall clock was set: deadlines go on by the monotonic clock",
                &[("ahead_ms", &ahead_ms)],
            ),
            Notice::Clock(ClockJump::Followed { by_ms }) => log(
                Level::Warn,
                "the wall clock has stayed ahead: time goes on from there",
                &[("by_ms", &by_ms)],
            ),
            Notice::SpillsRemoved { partition, files } => log(
                Level::Warn,
                "copies of entries for exporters that are no longer configured were removed",
                &[("partition", &partition), ("files", &files)],
            ),
            Notice::SpaceAgain => {
                log(Level::Info, "the log has space again: new work is accepted", &[("core", &broker.core())])
            }
            Notice::CheckpointWritten { partition } => log(
                Level::Info,
                "the state has space again: new work is accepted",
                &[("partition", &partition)],
            ),
            Notice::CheckpointWaits { partition, cause } => log(
                Level::Warn,
                "no space for a checkpoint: it is tried again, and new work is refused until then",
                &[("partition", &partition), ("cause", &cause)],
            ),
        }
    }
}
