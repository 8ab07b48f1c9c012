//! How many tests passed and how many did not, by part.

use std::fmt::Write as _;
use std::time::Duration;

use crate::steps::seconds;

/// What a test runner counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) failed: usize,
    /// The failed tests' names, as far as the runner told them.
    pub(super) failures: Vec<String>,
    /// The names of the tests that were not run.
    pub(super) skipped: Vec<String>,
}

/// One runner's result.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) tally: Tally,
    pub(super) time: Duration,
    /// Whether the runner itself said that all was well.
    pub(super) succeeded: bool,
}

impl Part {
    /// Everything that keeps the part from being good, in sentences.
    fn faults(&self) -> Vec<String> {
        let tally = &self.tally;
        let mut faults: Vec<String> = Vec::new();
        faults.extend(tally.failures.iter().map(|name| format!("failed: {name}")));
        faults.extend(tally.skipped.iter().map(|name| format!("skipped, which counts as failed: {name}")));
        if self.crashed() {
            faults.push("did not compile, or crashed; its output is above".to_owned());
        } else if tally.passed + tally.failed == 0 {
            faults.push("executed no test".to_owned());
        }
        faults
    }

    /// Skips, a crash and an empty part count as failures, so that the sum cannot look better than the run was.
    fn failed(&self) -> usize {
        let tally = &self.tally;
        let empty = tally.passed + tally.failed == 0;
        tally.failed + tally.skipped.len() + usize::from(self.crashed() || empty)
    }

    /// A runner that fails without a failed test did not come to run them all.
    fn crashed(&self) -> bool {
        self.tally.failed == 0 && !self.succeeded
    }
}

/// The parts' table, what went wrong in each, and the line that counts all.
pub(super) fn report(parts: &[Part]) -> (String, bool) {
    let mut text = format!("\n{:<24} {:>7} {:>7} {:>14}\n", "part", "passed", "failed", "time");
    for part in parts {
        let _ = writeln!(
            text,
            "{:<24} {:>7} {:>7} {:>14}",
            part.name,
            part.tally.passed,
            part.failed(),
            seconds(part.time)
        );
    }
    for part in parts {
        for fault in part.faults() {
            let _ = writeln!(text, "{}: {fault}", part.name);
        }
    }
    let passed: usize = parts.iter().map(|part| part.tally.passed).sum();
    let failed: usize = parts.iter().map(Part::failed).sum();
    let _ = write!(text, "{passed} passed, {failed} failed");
    (text, failed == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(passed: usize, failed: usize, succeeded: bool) -> Part {
        Part {
            name: "a part",
            tally: Tally { passed, failed, ..Tally::default() },
            time: Duration::from_secs(1),
            succeeded,
        }
    }

    fn last_line(parts: &[Part]) -> (String, bool) {
        let (text, good) = report(parts);
        (text.lines().last().unwrap().to_owned(), good)
    }

    #[test]
    fn the_last_line_counts_all_parts() {
        let parts = [part(3, 0, true), part(4, 0, true)];
        assert_eq!(last_line(&parts), ("7 passed, 0 failed".to_owned(), true));
        let parts = [part(3, 0, true), part(4, 2, false)];
        assert_eq!(last_line(&parts), ("7 passed, 2 failed".to_owned(), false));
    }

    #[test]
    fn a_part_without_a_test_fails() {
        let parts = [part(3, 0, true), part(0, 0, true)];
        assert_eq!(last_line(&parts), ("3 passed, 1 failed".to_owned(), false));
        assert!(report(&parts).0.contains("a part: executed no test"));
    }

    #[test]
    fn a_crash_fails_even_where_no_test_did() {
        let parts = [part(3, 0, false)];
        assert_eq!(last_line(&parts), ("3 passed, 1 failed".to_owned(), false));
    }

    #[test]
    fn tests_that_do_not_compile_are_not_taken_for_none() {
        let (text, good) = report(&[part(0, 0, false)]);
        assert!(!good);
        assert!(text.contains("a part: did not compile, or crashed"));
        assert!(text.ends_with("0 passed, 1 failed"));
    }

    #[test]
    fn a_skipped_test_fails_and_is_named() {
        let mut skipping = part(3, 0, true);
        skipping.tally.skipped.push("the slow one".to_owned());
        let (text, good) = report(&[skipping]);
        assert!(!good);
        assert!(text.contains("a part: skipped, which counts as failed: the slow one"));
        assert!(text.ends_with("3 passed, 1 failed"));
    }
}
