//! Reading what `cargo test` prints.

use super::tally::Tally;

/// Counts as the output comes, in pieces of any length.
#[derive(Default)]
pub(super) struct Reader {
    line: Vec<u8>,
    tally: Tally,
}

impl Reader {
    /// Takes the next piece.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == b'\n' {
                let line = String::from_utf8_lossy(&self.line).into_owned();
                read_line(&line, &mut self.tally);
                self.line.clear();
            } else {
                self.line.push(byte);
            }
        }
    }

    /// What was counted.
    pub(super) fn finish(self) -> Tally {
        self.tally
    }
}

/// Results are counted from each test binary's own sum: the lines of single tests can be torn by what tests print.
fn read_line(line: &str, tally: &mut Tally) {
    if let Some(sum) = line.strip_prefix("test result: ") {
        tally.passed += count(sum, "passed");
        tally.failed += count(sum, "failed");
    } else if let Some((name, result)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) {
        if result.starts_with("ignored") {
            tally.skipped.push(name.to_owned());
        } else if result == "FAILED" {
            tally.failures.push(name.to_owned());
        }
    }
}

/// The number before a word, in `ok. 3 passed; 0 failed; 1 ignored; …`.
fn count(sum: &str, word: &str) -> usize {
    let mut previous = "";
    for token in sum.split([' ', ';', '.']) {
        if token == word {
            return previous.parse().unwrap_or(0);
        }
        previous = token;
    }
    0
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

    fn expected() -> Tally {
        Tally {
            passed: 3,
            failed: 1,
            failures: vec!["guard::finds_base64".to_owned()],
            skipped: vec!["session::slow_one".to_owned()],
        }
    }

    #[test]
    fn every_binary_and_the_documentation_is_counted() {
        let mut reader = Reader::default();
        reader.read(OUTPUT.as_bytes());
        assert_eq!(reader.finish(), expected());
    }

    #[test]
    fn it_does_not_matter_how_the_output_is_cut() {
        for size in [1, 7, 64] {
            let mut reader = Reader::default();
            for piece in OUTPUT.as_bytes().chunks(size) {
                reader.read(piece);
            }
            assert_eq!(reader.finish(), expected(), "in pieces of {size}");
        }
    }
}
