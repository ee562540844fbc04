//! CPU time and memory of another process, as the kernel accounts them.

use std::fs;

/// Kernel clock ticks per second in `/proc/<pid>/stat`; fixed by the Linux ABI.
const TICKS_PER_SECOND: f64 = 100.0;
/// Bytes per KiB in `/proc/<pid>/status`.
const KIB: u64 = 1024;

/// Figures of a process at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProcessUsage {
    /// User and system time since its start, seconds.
    pub cpu_seconds: f64,
    /// Resident memory, bytes.
    pub resident_bytes: u64,
    /// Resident memory that no file backs, bytes.
    pub anonymous_bytes: u64,
    /// Highest resident memory so far, bytes.
    pub peak_bytes: u64,
}

fn parse_stat(stat: &str) -> Option<f64> {
    // The command's name may hold spaces and brackets; what follows the last bracket is plain.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

fn parse_status(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * KIB)
}

impl ProcessUsage {
    /// Reads a process's figures; none when it is gone.
    pub fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        Some(Self {
            cpu_seconds: parse_stat(&stat)?,
            resident_bytes: parse_status(&status, "VmRSS")?,
            anonymous_bytes: parse_status(&status, "RssAnon").unwrap_or(0),
            peak_bytes: parse_status(&status, "VmHWM").unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{ProcessUsage, parse_stat};

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 3 0";
        assert_eq!(parse_stat(stat), Some(2.0));
    }

    #[test]
    fn this_process_has_memory() {
        let usage = ProcessUsage::read(std::process::id()).expect("it runs");
        assert!(usage.resident_bytes > 100_000 && usage.peak_bytes >= usage.resident_bytes);
    }
}
