//! Counts passed and failed tests of each part, from the runners' output.

use crate::process::seconds;
use std::{fmt::Write as _, time::Duration};

/// The counts of a test runner.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) failed: usize,
    /// The names of failed tests that the runner printed.
    pub(super) failures: Vec<String>,
    /// The names of skipped tests.
    pub(super) skipped: Vec<String>,
}

impl Tally {
    /// Counts the output of `cargo test`, by the total of each test binary: the tests' own output can break lines of single tests.
    pub(super) fn of_cargo(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            if let Some(sum) = line.strip_prefix("test result: ") {
                tally.passed += before(sum, " passed");
                tally.failed += before(sum, " failed");
            } else if let Some((name, result)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) {
                if result.starts_with("ignored") {
                    tally.skipped.push(name.to_owned());
                } else if result == "FAILED" {
                    tally.failures.push(name.to_owned());
                }
            }
        }
        tally
    }

    /// Counts the TAP report of `node --test`, by its last lines. A cancelled test counts as failed, a "todo" test as skipped.
    pub(super) fn of_node(report: &str) -> Self {
        let mut tally = Self::default();
        for line in report.lines() {
            if let Some((word, number)) = line.strip_prefix("# ").and_then(|sum| sum.split_once(' ')) {
                let number = number.parse().unwrap_or(0);
                match word {
                    "pass" => tally.passed = number,
                    "fail" | "cancelled" => tally.failed += number,
                    _ => {}
                }
                continue;
            }
            // `not ok 3 - name # SKIP reason`, at any depth.
            let line = line.trim_start();
            let failed = line.starts_with("not ok ");
            let Some((number, rest)) =
                line.trim_start_matches("not ").strip_prefix("ok ").and_then(|rest| rest.split_once(" - "))
            else {
                continue;
            };
            let (name, directive) = rest.rsplit_once(" # ").unwrap_or((rest, ""));
            if number.parse::<usize>().is_err() {
                continue;
            } else if directive.starts_with("SKIP") || directive.starts_with("TODO") {
                tally.skipped.push(name.to_owned());
            } else if failed {
                tally.failures.push(name.to_owned());
            }
        }
        tally
    }
}

/// Returns the number before a word, in `ok. 3 passed; 0 failed; 1 ignored; …`.
fn before(sum: &str, word: &str) -> usize {
    let number = sum.split_once(word).and_then(|(start, _)| start.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// One runner's result.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) tally: Tally,
    pub(super) time: Duration,
    /// Whether the runner exited with success.
    pub(super) succeeded: bool,
}

impl Part {
    /// Describes every fault of the part.
    fn faults(&self) -> Vec<String> {
        let tally = &self.tally;
        let mut faults: Vec<String> = Vec::new();
        faults.extend(tally.failures.iter().map(|name| format!("failed: {name}")));
        faults.extend(tally.skipped.iter().map(|name| format!("skipped, which counts as failed: {name}")));
        if self.crashed() {
            faults.push("did not compile, or crashed; its output is above".to_owned());
        } else if tally.passed + tally.failed == 0 {
            faults.push("ran no test".to_owned());
        }
        faults
    }

    /// Counts failures. Skips, a crash and an empty part count as failures too, so that the total cannot look better than the run was.
    fn failed(&self) -> usize {
        let tally = &self.tally;
        let empty = tally.passed + tally.failed == 0;
        tally.failed + tally.skipped.len() + usize::from(self.crashed() || empty)
    }

    /// Whether the runner failed although no test failed: it then did not run all tests.
    fn crashed(&self) -> bool {
        self.tally.failed == 0 && !self.succeeded
    }
}

/// Returns the table of parts, their faults and the line with the totals, and whether all is well.
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

    const OUTPUT: &str = "
running 4 tests
test guard::finds_percent_encoding ... ok
test guard::finds_base64 ... FAILED
test session::slow_one ... ignored, takes an hour
test session::expires - should panic ... ok

failures:

---- guard::finds_base64 stdout ----
a line that a test printed: test result: 99 passed

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s

   Doc-tests miniauth_core

running 1 test
test crates/core/src/lib.rs - (line 12) - compile fail ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.25s
";

    #[test]
    fn cargo_every_binary_and_the_documentation_is_counted() {
        let expected = Tally {
            passed: 3,
            failed: 1,
            failures: vec!["guard::finds_base64".to_owned()],
            skipped: vec!["session::slow_one".to_owned()],
        };
        assert_eq!(Tally::of_cargo(OUTPUT), expected);
    }

    #[test]
    fn sums_and_names_are_read() {
        let report = "\
TAP version 13
# Subtest: the phone
    ok 1 - shows the page
      ---
      duration_ms: 1.2
      ...
    not ok 2 - asks once
    ok 3 - with an old engine # SKIP no such engine
    1..3
not ok 1 - the phone
ok 2 - a price of 5 # 6 # TODO later
1..2
# tests 4
# suites 1
# pass 1
# fail 1
# cancelled 1
# skipped 1
# todo 1
# duration_ms 80.1
";
        let tally = Tally::of_node(report);
        assert_eq!(tally.passed, 1);
        assert_eq!(tally.failed, 2);
        assert_eq!(tally.failures, ["asks once", "the phone"]);
        assert_eq!(tally.skipped, ["with an old engine", "a price of 5 # 6"]);
    }

    #[test]
    fn a_truncated_report_counts_no_tests() {
        assert_eq!(Tally::of_node("TAP version 13\n# Subtest: the phone\n"), Tally::default());
    }

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
    fn a_part_without_tests_fails() {
        let parts = [part(3, 0, true), part(0, 0, true)];
        assert_eq!(last_line(&parts), ("3 passed, 1 failed".to_owned(), false));
        assert!(report(&parts).0.contains("a part: ran no test"));
    }

    #[test]
    fn a_crash_fails_even_where_no_test_did() {
        let parts = [part(3, 0, false)];
        assert_eq!(last_line(&parts), ("3 passed, 1 failed".to_owned(), false));
    }

    #[test]
    fn tests_that_do_not_compile_count_as_a_failure() {
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
