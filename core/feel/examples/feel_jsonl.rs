//! Reads lines `{"expression": .., "variables": {..}}` from standard input and writes one answer line each.

use ringbolt_feel::{Environment, Zone, cli};
use std::io::{BufRead, Write};

fn main() -> std::io::Result<()> {
    // A fixed time, so that two runs give the same answers; pass another one in milliseconds.
    let now = std::env::args().nth(1).and_then(|t| t.parse().ok()).unwrap_or(1_750_000_000_123);
    let mut env = Environment::at(now);
    if let Some(zone) = std::env::args().nth(2).and_then(|id| Zone::by_id(&id)) {
        env.zone = zone;
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        writeln!(out, "{}", cli::answer_line(&line?, &env))?;
        out.flush()?;
    }
    Ok(())
}
