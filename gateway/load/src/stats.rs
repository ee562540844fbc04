//! What a run measured: latencies as HDR histograms, counts, and the report.

use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::time::Duration;

/// Longest latency told apart, microseconds: ten minutes.
const LATENCY_US_MAX: u64 = 600_000_000;
/// Significant digits of a latency.
const DIGITS: u8 = 3;

/// Latencies of one kind.
#[derive(Clone, Debug)]
pub struct Latency(Histogram<u64>);

impl Default for Latency {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, LATENCY_US_MAX, DIGITS).expect("the bounds are valid"))
    }
}

impl Latency {
    /// Counts one latency; one beyond the range counts as the longest.
    pub fn record(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.0.saturating_record(us.clamp(1, LATENCY_US_MAX));
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The latency that a part `q` (0 to 1) stays below, milliseconds.
    pub fn quantile_ms(&self, q: f64) -> f64 {
        self.0.value_at_quantile(q) as f64 / 1000.0
    }

    /// Forgets everything: the warm-up is over.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// For the report, milliseconds.
    pub fn json(&self) -> Value {
        json!({
            "count": self.count(),
            "p50_ms": self.quantile_ms(0.5),
            "p90_ms": self.quantile_ms(0.9),
            "p99_ms": self.quantile_ms(0.99),
            "p999_ms": self.quantile_ms(0.999),
            "max_ms": self.0.max() as f64 / 1000.0,
        })
    }

    /// For people.
    pub fn line(&self) -> String {
        format!(
            "p50 {:.2}  p90 {:.2}  p99 {:.2}  max {:.2} ms ({} samples)",
            self.quantile_ms(0.5),
            self.quantile_ms(0.9),
            self.quantile_ms(0.99),
            self.0.max() as f64 / 1000.0,
            self.count()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Latency;
    use std::time::Duration;

    #[test]
    fn quantiles_are_within_a_thousandth() {
        let mut latency = Latency::default();
        (1..=1000).for_each(|ms| latency.record(Duration::from_millis(ms)));
        assert!((latency.quantile_ms(0.5) - 500.0).abs() < 1.0);
        assert!((latency.quantile_ms(0.99) - 990.0).abs() < 2.0);
        latency.record(Duration::from_secs(100_000));
        assert_eq!(latency.count(), 1001);
    }
}
