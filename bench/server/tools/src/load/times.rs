//! The times of answers, and the failures.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

/// Each answer's time in microseconds, and the number of failures by status.
#[derive(Default)]
pub(crate) struct Times {
    microseconds: Vec<u32>,
    failed: BTreeMap<u16, usize>,
}

impl Times {
    pub(crate) fn record(&mut self, time: Duration, status: u16) {
        self.microseconds.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
        if !(200..300).contains(&status) {
            *self.failed.entry(status).or_default() += 1;
        }
    }

    pub(crate) fn add(&mut self, others: Self) {
        self.microseconds.extend(others.microseconds);
        for (status, count) in others.failed {
            *self.failed.entry(status).or_default() += count;
        }
    }

    /// Returns number, rate and percentiles.
    pub(crate) fn summary(mut self, elapsed: Duration) -> Value {
        self.microseconds.sort_unstable();
        json!({
            "requests": self.microseconds.len(),
            "failed": self.failed,
            "seconds": elapsed.as_secs_f64(),
            "p50_us": self.percentile(0.5),
            "p99_us": self.percentile(0.99),
        })
    }

    fn percentile(&self, share: f64) -> u32 {
        let index = (self.microseconds.len() as f64 * share) as usize;
        self.microseconds.get(index.min(self.microseconds.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_all_connections_together() {
        let mut times = Times::default();
        for millisecond in 1..=100 {
            let mut one = Times::default();
            one.record(Duration::from_millis(millisecond), if millisecond % 50 == 7 { 503 } else { 204 });
            times.add(one);
        }
        let summary = times.summary(Duration::from_secs(2));
        assert_eq!(summary["requests"], 100);
        assert_eq!(summary["failed"], json!({ "503": 2 }));
        assert_eq!((&summary["p50_us"], &summary["p99_us"]), (&json!(51_000), &json!(100_000)));
    }
}
