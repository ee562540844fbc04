//! How many connections the process's descriptors are enough for.
//!
//! Connections must never take the descriptors that log and state need, or clients could stop a core by connecting. So a
//! part is set aside, and what the limit leaves is shared out among cores and ports.

use crate::config::{CONNECTIONS_MAX_DEFAULT, Config, ConfigError, error};
use crate::logging::{Level, log};
use std::fmt;

/// Most connections of a core that the setting takes.
const CONNECTIONS_MAX: usize = 1_000_000;

/// The setting: connections that one core may hold at one port; none for as many as there are descriptors for.
pub(crate) fn connections_max(given: Option<usize>) -> Result<Option<usize>, ConfigError> {
    match given {
        None | Some(1..=CONNECTIONS_MAX) => Ok(given),
        Some(n) => Err(error("connections-max", format!("{n} is not between 1 and {CONNECTIONS_MAX}"))),
    }
}

/// Descriptors of the process as a whole: standard streams, signals, side threads, what libraries open.
const PROCESS: u64 = 64;
/// Of each core: executor, wake-ups, listeners, and its log with the segments that are prepared and released.
const CORE: u64 = 32;
/// Of each partition: its state.
const PARTITION: u64 = 8;
/// Of each exporter of a partition: what it reads, its position, a spill, its output.
const READER: u64 = 6;
/// Of a partition's secondary storage: who writes its files, makes new ones, and how far it has read the log.
const STORAGE: u64 = 16;
/// Of each thread that searches a partition: its newest rows.
const SEARCH: u64 = 4;
/// Files of finished instances that all searches together have open, where the limit is not low.
const FINISHED_FILES: u64 = 512;
/// Fewer connections of a core and port than this are no service.
const CONNECTIONS_MIN: u64 = 8;

/// What is open beside connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    /// Cores.
    pub(crate) cores: usize,
    /// Partitions.
    pub(crate) partitions: usize,
    /// Exporters, each of which reads every partition.
    pub(crate) exporters: usize,
    /// Threads that search secondary storage; none without it.
    pub(crate) search_threads: Option<usize>,
}

/// A limit that is too low to serve.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLow {
    limit: u64,
    needed: u64,
}

impl fmt::Display for TooLow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, needed } = self;
        write!(
            f,
            "the process may have {limit} files open, at least {needed} are needed for these cores and partitions: \
             raise the limit (ulimit -n, LimitNOFILE), or give it fewer cores"
        )
    }
}

impl Use {
    fn reserve(&self, limit: u64) -> u64 {
        let (cores, partitions) = (self.cores as u64, self.partitions as u64);
        let storage = self.search_threads.map_or(0, |threads| STORAGE + SEARCH * threads as u64);
        let finished = if self.search_threads.is_some() { finished_files_max(limit) } else { 0 };
        PROCESS
            + cores * CORE
            + partitions * (PARTITION + READER * self.exporters as u64 + storage)
            + finished
    }

    /// Connections share it: those of REST and gRPC on each core, and those of the management port.
    fn shares(&self) -> u64 {
        2 * self.cores as u64 + 1
    }

    /// How many connections one core may hold at one port, at most `wanted`.
    ///
    /// # Errors
    /// When the limit is too low for any service.
    pub(crate) fn connections_max(&self, limit: u64, wanted: usize) -> Result<usize, TooLow> {
        let each = limit.saturating_sub(self.reserve(limit)) / self.shares();
        if each < CONNECTIONS_MIN {
            return Err(TooLow { limit, needed: self.reserve(limit) + self.shares() * CONNECTIONS_MIN });
        }
        Ok(usize::try_from(each).unwrap_or(usize::MAX).min(wanted))
    }
}

/// Files of finished instances that all searches together have open under a limit.
pub(crate) fn finished_files_max(limit: u64) -> u64 {
    (limit / 8).min(FINISHED_FILES)
}

/// How many connections the process's descriptors are enough for, at most what is configured.
pub(crate) fn connections_for(config: &Config, descriptors: u64, partitions: u16) -> Result<usize, String> {
    let used = Use {
        cores: config.cores.len(),
        partitions: usize::from(partitions),
        exporters: config.exporters.len(),
        search_threads: config.storage.map(|_| config.searches.threads),
    };
    used.connections_max(descriptors, config.connections_max.unwrap_or(CONNECTIONS_MAX_DEFAULT))
        .map_err(|too_low| too_low.to_string())
}

/// The same, telling when it is less than is configured: a warning for who asked for more than can be had.
pub(crate) fn fit_connections(config: &Config, descriptors: u64, partitions: u16) -> Result<usize, String> {
    let connections = connections_for(config, descriptors, partitions)?;
    let open_files_max: (&str, &dyn fmt::Display) = ("open_files_max", &descriptors);
    match config.connections_max {
        Some(wanted) if connections < wanted => log(
            Level::Warn,
            "fewer connections than --connections-max, because the process may not have more files open (ulimit -n, LimitNOFILE)",
            &[("connections", &connections), ("wanted", &wanted), open_files_max],
        ),
        None if connections < CONNECTIONS_MAX_DEFAULT => log(
            Level::Info,
            "each core takes as many connections at a port as the limit of open files allows",
            &[("connections", &connections), open_files_max],
        ),
        Some(_) | None => {}
    }
    Ok(connections)
}

#[cfg(test)]
mod tests {
    use super::Use;

    #[test]
    fn connections_leave_what_log_and_state_need() {
        let one = Use { cores: 2, partitions: 3, exporters: 1, search_threads: Some(2) };
        assert_eq!(one.connections_max(1 << 20, 10_000), Ok(10_000), "the setting is honored");
        let few = one.connections_max(1_024, 10_000).unwrap();
        assert_eq!(few as u64, (1_024 - one.reserve(1_024)) / 5);
        assert!(few as u64 * 5 + one.reserve(1_024) <= 1_024);
        assert_eq!(one.connections_max(1_024, 20), Ok(20));
        let refused = one.connections_max(100, 10_000).unwrap_err().to_string();
        assert!(refused.contains("100 files open") && refused.contains("ulimit"), "{refused}");
    }
}
