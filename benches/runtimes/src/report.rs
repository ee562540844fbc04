//! The best of the rounds per row, as a table and as lines of the results' history.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::options::Options;

/// One row: what its best round was.
pub(crate) struct Best {
    name: String,
    rate: f64,
    cpu_us: f64,
    p50_us: f64,
    p99_us: f64,
    n: u64,
}

impl Best {
    /// A row without a round yet.
    pub(crate) fn new(name: String) -> Best {
        Best { name, rate: 0.0, cpu_us: f64::MAX, p50_us: 0.0, p99_us: 0.0, n: 0 }
    }

    /// Takes a round: rate and latencies of the fastest one, the least processor time of any.
    pub(crate) fn take(&mut self, count: u64, elapsed: Duration, cpu: Duration, latencies: &Histogram<u64>) {
        let rate = count as f64 / elapsed.as_secs_f64();
        self.cpu_us = self.cpu_us.min(cpu.as_secs_f64() * 1e6 / count.max(1) as f64);
        if rate > self.rate {
            self.rate = rate;
            self.p50_us = latencies.value_at_quantile(0.5) as f64 / 1e3;
            self.p99_us = latencies.value_at_quantile(0.99) as f64 / 1e3;
            self.n = count;
        }
    }
}

/// Prints the rows; `what` is counted.
pub(crate) fn print(what: &str, rows: &[Best]) {
    println!("{:<24} {:>12} {:>10} {:>10} {:>10}", "", format!("{what}/s"), "CPU us", "p50 us", "p99 us");
    for row in rows {
        println!(
            "{:<24} {:>12.0} {:>10.2} {:>10.0} {:>10.0}",
            row.name, row.rate, row.cpu_us, row.p50_us, row.p99_us
        );
    }
}

/// Appends the rows to the history, if there is one.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn history(options: &Options, area: &str, one: &str, rows: &[Best]) -> io::Result<()> {
    let Some(path) = &options.history else { return Ok(()) };
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    for row in rows {
        let name = row.name.to_lowercase().replace([' ', '-'], "_");
        let figures = [
            ("rate".to_owned(), "1/s", row.rate),
            (format!("cpu_per_{one}"), "us", row.cpu_us),
            ("p50".to_owned(), "us", row.p50_us),
            ("p99".to_owned(), "us", row.p99_us),
        ];
        for (figure, unit, value) in figures {
            writeln!(
                file,
                "{{\"commit\":{:?},\"machine\":{:?},\"median\":{value:.3},\"metric\":\"{area}/{name}/{figure}_best\",\"n\":{},\"unit\":\"{unit}\"}}",
                options.commit, options.machine, row.n
            )?;
        }
    }
    Ok(())
}
