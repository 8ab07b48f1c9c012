//! Reading the TAP report that `node --test` writes.

use super::tally::Tally;

/// Counts from the report's last lines; a test that was cancelled failed, one that is to do was skipped.
pub(super) fn read(report: &str) -> Tally {
    let mut tally = Tally::default();
    for line in report.lines() {
        if let Some((word, number)) = line.strip_prefix("# ").and_then(|sum| sum.split_once(' ')) {
            let number = number.parse().unwrap_or(0);
            match word {
                "pass" => tally.passed = number,
                "fail" | "cancelled" => tally.failed += number,
                _ => {}
            }
        } else if let Some(point) = TestPoint::parse(line) {
            point.count(&mut tally);
        }
    }
    tally
}

/// A line such as `not ok 3 - name # SKIP reason`, at any depth.
struct TestPoint<'a> {
    ok: bool,
    name: &'a str,
    directive: &'a str,
}

impl<'a> TestPoint<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let line = line.trim_start();
        let (ok, rest) = match line.strip_prefix("not ok ") {
            Some(rest) => (false, rest),
            None => (true, line.strip_prefix("ok ")?),
        };
        let (number, rest) = rest.split_once(" - ")?;
        number.parse::<usize>().ok()?;
        let (name, directive) = rest.rsplit_once(" # ").unwrap_or((rest, ""));
        Some(Self { ok, name, directive })
    }

    fn count(&self, tally: &mut Tally) {
        if self.directive.starts_with("SKIP") || self.directive.starts_with("TODO") {
            tally.skipped.push(self.name.to_owned());
        } else if !self.ok {
            tally.failures.push(self.name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let tally = read(report);
        assert_eq!(tally.passed, 1);
        assert_eq!(tally.failed, 2);
        assert_eq!(tally.failures, ["asks once", "the phone"]);
        assert_eq!(tally.skipped, ["with an old engine", "a price of 5 # 6"]);
    }

    #[test]
    fn a_report_that_broke_off_counts_nothing() {
        assert_eq!(read("TAP version 13\n# Subtest: the phone\n"), Tally::default());
    }
}
