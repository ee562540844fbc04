//! Reads Prometheus' text format and takes the difference of two pages: what happened in between.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every metric of the engine begins so.
const PREFIX: &str = "ringbolt_";
const MILLIS: f64 = 1000.0;

/// A histogram's counts over some time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Distribution {
    /// Upper bound in seconds, and how many lie at or below it.
    buckets: Vec<(f64, f64)>,
    sum_seconds: f64,
    count: f64,
}

impl Distribution {
    /// Milliseconds; evenly spread inside the bucket it falls into. None without samples.
    pub(crate) fn quantile_ms(&self, q: f64) -> Option<f64> {
        if self.count <= 0.0 {
            return None;
        }
        let rank = self.count * q;
        let (mut low, mut below) = (0.0, 0.0);
        for &(bound, total) in &self.buckets {
            if total >= rank && total > below {
                let high = if bound.is_infinite() { low } else { bound };
                return Some((low + (high - low) * (rank - below) / (total - below)) * MILLIS);
            }
            (low, below) = (if bound.is_infinite() { low } else { bound }, total);
        }
        Some(low * MILLIS)
    }

    pub(crate) fn mean_ms(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum_seconds / self.count * MILLIS)
    }

    pub(crate) fn count(&self) -> f64 {
        self.count
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "count": self.count,
            "mean_ms": self.mean_ms(),
            "p50_ms": self.quantile_ms(0.5),
            "p99_ms": self.quantile_ms(0.99),
        })
    }
}

/// One page: every sample by its name with labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Page {
    samples: BTreeMap<String, f64>,
}

impl Page {
    /// Lines that are no samples are left out.
    pub(crate) fn parse(text: &str) -> Self {
        let sample = |line: &str| {
            let (name, value) = line.trim().rsplit_once(' ')?;
            let name = name.strip_prefix(PREFIX)?.trim().to_owned();
            Some((name, value.parse().ok()?))
        };
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self { samples: lines.filter_map(sample).collect() }
    }

    /// One value.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.samples.get(name).copied()
    }

    /// What was added since `before`; samples that are new count from 0.
    pub(crate) fn since(&self, before: &Self) -> Self {
        let change = |(name, value): (&String, &f64)| {
            (name.clone(), value - before.samples.get(name).copied().unwrap_or(0.0))
        };
        Self { samples: self.samples.iter().map(change).collect() }
    }

    /// The histogram `<name>_seconds`.
    pub(crate) fn distribution(&self, name: &str) -> Option<Distribution> {
        let start = format!("{name}_seconds_bucket{{le=\"");
        let bucket = |(sample, total): (&String, &f64)| {
            let bound = sample.strip_prefix(&start)?.strip_suffix("\"}")?;
            let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().ok()? };
            Some((bound, *total))
        };
        let mut buckets: Vec<(f64, f64)> = self
            .samples
            .range(start.clone()..)
            .take_while(|(name, _)| name.starts_with(&start))
            .filter_map(bucket)
            .collect();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(Distribution {
            buckets,
            sum_seconds: self.value(&format!("{name}_seconds_sum"))?,
            count: self.value(&format!("{name}_seconds_count"))?,
        })
    }

    /// Names of all histograms in seconds.
    pub(crate) fn distributions(&self) -> Vec<String> {
        self.samples
            .keys()
            .filter_map(|name| name.strip_suffix("_seconds_count"))
            .map(str::to_owned)
            .collect()
    }

    /// All counters, by name with labels.
    pub(crate) fn counters(&self) -> BTreeMap<&str, f64> {
        let is_counter = |name: &str| name.split('{').next().is_some_and(|name| name.ends_with("_total"));
        self.samples
            .iter()
            .filter(|(name, _)| is_counter(name))
            .map(|(name, value)| (name.as_str(), *value))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    fn page(counts: [u32; 4], total: u32) -> Page {
        let [a, b, c, all] = counts;
        Page::parse(&format!(
            "# HELP ringbolt_flush_seconds x\n# TYPE ringbolt_flush_seconds histogram\n\
             ringbolt_flush_seconds_bucket{{le=\"0.001\"}} {a}\nringbolt_flush_seconds_bucket{{le=\"0.002\"}} {b}\n\
             ringbolt_flush_seconds_bucket{{le=\"0.010\"}} {c}\nringbolt_flush_seconds_bucket{{le=\"+Inf\"}} {all}\n\
             ringbolt_flush_seconds_sum 0.5\nringbolt_flush_seconds_count {all}\n\
             ringbolt_refusals_total{{reason=\"overload\"}} {total}\nringbolt_x 1\nelse_total 3\n"
        ))
    }

    #[test]
    fn a_difference_has_its_own_quantiles() {
        let change = page([100, 150, 160, 160], 5).since(&page([100, 100, 100, 100], 2));
        let flush = change.distribution("flush").expect("there");
        assert_eq!(flush.count(), 60.0);
        let p50 = flush.quantile_ms(0.5).expect("samples");
        assert!((p50 - 1.6).abs() < 1e-9, "{p50}");
        let p99 = flush.quantile_ms(0.99).expect("samples");
        assert!((9.5..9.6).contains(&p99), "{p99}");
        assert_eq!(
            change.counters().into_iter().collect::<Vec<_>>(),
            [("refusals_total{reason=\"overload\"}", 3.0)]
        );
        assert_eq!(change.distributions(), ["flush"]);
        let nothing = page([1, 2, 3, 4], 0).since(&page([1, 2, 3, 4], 0));
        assert_eq!(nothing.distribution("flush").expect("there").quantile_ms(0.5), None);
        assert_eq!(nothing.distribution("commit"), None);
    }

    #[test]
    fn beyond_the_last_bound_the_bound_is_told() {
        let flush = page([0, 0, 0, 7], 0).distribution("flush").expect("there");
        assert_eq!(flush.quantile_ms(0.5), Some(10.0));
    }
}
