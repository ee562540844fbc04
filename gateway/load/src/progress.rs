//! The live line: once a second, over itself on a terminal, one below the other elsewhere.

use crate::timeline::Second;
use std::io::{IsTerminal, Write, stderr};

const MIB: f64 = 1024.0 * 1024.0;

/// Where the line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Nowhere,
    Terminal,
    Log,
}

/// Shows seconds on standard error.
pub(crate) struct Live(Where);

impl Live {
    pub(crate) fn new(quiet: bool) -> Self {
        Self(match (quiet, stderr().is_terminal()) {
            (true, _) => Where::Nowhere,
            (false, true) => Where::Terminal,
            (false, false) => Where::Log,
        })
    }

    pub(crate) fn show(&mut self, second: &Second) {
        // A closed standard error is no reason to stop measuring.
        let _ = match self.0 {
            Where::Nowhere => Ok(()),
            Where::Terminal => write!(stderr(), "\r\x1b[2K{}", line(second)).and_then(|()| stderr().flush()),
            Where::Log => writeln!(stderr(), "{}", line(second)),
        };
    }

    /// Leaves the line standing.
    pub(crate) fn end(&mut self) {
        if self.0 == Where::Terminal {
            let _ = writeln!(stderr());
        }
    }
}

/// One second in a line of less than 80 columns: what somebody who tries it wants to see.
pub(crate) fn short_line(second: &Second) -> String {
    let per_second = |count: u64| count as f64 / second.seconds.max(1e-3);
    let mut text = format!(
        "{:>5.0} s  {:.0} started/s  {:.0} done/s",
        second.elapsed.as_secs_f64(),
        per_second(second.counts.created),
        per_second(second.counts.completed),
    );
    let [_, p99] = second.cycle_ms;
    if p99 > 0.0 {
        text += &format!("  99% within {p99:.1} ms");
    }
    match (second.all.errors, second.server) {
        (0, None) => {}
        (0, Some(server)) => {
            text += &format!("  {:.2} CPU  {:.0} MiB", server.cores, server.resident_bytes as f64 / MIB);
        }
        (errors, _) => text += &format!("  errors {errors}"),
    }
    text
}

/// One second in one line.
pub(crate) fn line(second: &Second) -> String {
    let per_second = |count: u64| count as f64 / second.seconds.max(1e-3);
    let mut text = format!(
        "{:>5.0} s{} created {:.0}/s  completed {:.0}/s  under way {}",
        second.elapsed.as_secs_f64(),
        if second.is_warmup { " (warm-up)" } else { "" },
        per_second(second.counts.created),
        per_second(second.counts.completed),
        second.under_way
    );
    for (name, [p50, p99]) in
        [("create", second.create_ms), ("job", second.job_ms), ("cycle", second.cycle_ms)]
    {
        if p99 > 0.0 {
            text += &format!("  {name} {p50:.1}/{p99:.1} ms");
        }
    }
    if let Some(server) = second.server {
        text += &format!("  server {:.2} cores {:.0} MiB", server.cores, server.resident_bytes as f64 / MIB);
    }
    if second.all.errors > 0 {
        text += &format!("  errors {}", second.all.errors);
    }
    if second.all.duplicates > 0 {
        text += &format!("  duplicates {}", second.all.duplicates);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{line, short_line};
    use crate::server_watch::Glimpse;
    use crate::stats::Counts;
    use crate::timeline::Second;
    use std::time::Duration;

    #[test]
    fn a_line_leaves_out_what_is_not_there() {
        let counts = Counts { created: 300, completed: 298, ..Counts::default() };
        let second = Second {
            elapsed: Duration::from_secs(7),
            is_warmup: false,
            seconds: 2.0,
            counts,
            all: Counts { errors: 3, ..counts },
            create_ms: [1.0, 2.5],
            job_ms: [0.0, 0.0],
            cycle_ms: [0.0, 0.0],
            under_way: 4,
            server: None,
        };
        let expected = "    7 s created 150/s  completed 149/s  under way 4  create 1.0/2.5 ms  errors 3";
        assert_eq!(line(&second), expected);
        assert_eq!(short_line(&second), "    7 s  150 started/s  149 done/s  errors 3");
        let server = Some(Glimpse { cores: 1.25, resident_bytes: 1 << 30 });
        let second = Second {
            elapsed: Duration::from_secs(86_400),
            all: counts,
            cycle_ms: [12.3, 1_234.5],
            server,
            ..second
        };
        let wanted = "86400 s  150 started/s  149 done/s  99% within 1234.5 ms  1.25 CPU  1024 MiB";
        assert_eq!(short_line(&second), wanted);
        assert!(wanted.len() < 80);
    }
}
