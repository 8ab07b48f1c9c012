//! Numbered lines that tell the person who waits what is going on and how long it took.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// A sequence of steps whose number is known beforehand.
pub(crate) struct Steps {
    total: usize,
    started: usize,
    begin: Instant,
}

impl Steps {
    /// Announces nothing yet.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, started: 0, begin: Instant::now() }
    }

    /// Announces the next step.
    pub(crate) fn start(&mut self, what: impl Display) -> Step {
        self.started += 1;
        println!("[{}/{}] {what}", self.started, self.total);
        Step(Instant::now())
    }

    /// The time since the first step could start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }
}

/// A step that was announced.
pub(crate) struct Step(Instant);

impl Step {
    /// Says what came of the step.
    pub(crate) fn done(self, result: impl Display) {
        println!("      {result} ({})", seconds(self.0.elapsed()));
    }
}

/// A duration to read: tenths of a second, from a minute on whole seconds.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 { format!("{:.1} s", duration.as_secs_f64()) } else { format!("{} min {} s", whole / 60, whole % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(1_249)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }
}
