//! CPUs: lists of them, and those that this process may run on.

use crate::config::{ConfigError, error};

/// Reads a list of CPUs like `0,2-3`.
pub(crate) fn cpu_list(text: &str) -> Result<Vec<usize>, ConfigError> {
    const CPUS_MAX: usize = 256;
    let wrong = |part: &str| error("cores", format!("{part:?} is no CPU or range of CPUs like 0,2-3"));
    let mut cpus = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let first: usize = first.trim().parse().map_err(|_| wrong(part))?;
        let last: usize = last.trim().parse().map_err(|_| wrong(part))?;
        if last < first || last - first >= CPUS_MAX {
            return Err(wrong(part));
        }
        cpus.extend(first..=last);
    }
    if cpus.len() > CPUS_MAX {
        return Err(error("cores", format!("more than {CPUS_MAX} CPUs")));
    }
    let mut sorted = cpus.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() != cpus.len() {
        return Err(error("cores", "a CPU stands twice in the list"));
    }
    Ok(cpus)
}

/// The CPUs that this process may use.
pub(crate) fn usable_cpus() -> Vec<usize> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    match allowed.and_then(|list| cpu_list(list.trim()).ok()) {
        Some(cpus) if !cpus.is_empty() => cpus,
        Some(_) | None => (0..std::thread::available_parallelism().map_or(1, usize::from)).collect(),
    }
}
