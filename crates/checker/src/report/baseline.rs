//! Known findings: a project that starts using the checker fails only on new ones.

use super::{Finding, Report};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The findings of an earlier check, identified by what stays the same when lines move.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// Rule, file and fingerprint, with the number of times.
    findings: BTreeMap<(String, String, String), usize>,
}

/// Why a baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is not JSON, or not in the form that `--write-baseline` writes.
    #[error("it is not what --write-baseline writes ({0})")]
    Malformed(#[from] serde_json::Error),
    /// It was written by a later version.
    #[error("its version is {0}, this program knows {VERSION}: write it again with --write-baseline")]
    Version(u32),
}

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    file: String,
    fingerprint: String,
    count: usize,
}

impl Baseline {
    /// Reads what [`Baseline::written`] gave.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let written: Written = serde_json::from_str(text)?;
        if written.version != VERSION {
            return Err(BaselineError::Version(written.version));
        }
        let entries = written.findings.into_iter();
        Ok(Self { findings: entries.map(|entry| ((entry.rule, entry.file, entry.fingerprint), entry.count)).collect() })
    }

    /// A report's findings, including those already in an earlier baseline, but not silenced ones, which need no entry.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut baseline = Self::default();
        for finding in report.findings.iter().chain(&report.known) {
            let places = [&finding.place].into_iter().chain(&finding.others);
            for (place, fingerprint) in places.zip(&finding.fingerprints) {
                let key = (finding.rule.to_owned(), place.file.clone(), fingerprint.clone());
                *baseline.findings.entry(key).or_default() += 1;
            }
        }
        baseline
    }

    /// The file's text: one entry per finding, in order, so that a diff shows what has changed.
    ///
    /// # Errors
    /// Never in practice: every field can be written as JSON.
    pub fn written(&self) -> serde_json::Result<String> {
        let entry = |((rule, file, fingerprint), count): (&(String, String, String), &usize)| Entry {
            rule: rule.clone(),
            file: file.clone(),
            fingerprint: fingerprint.clone(),
            count: *count,
        };
        let written = Written { version: VERSION, findings: self.findings.iter().map(entry).collect() };
        Ok(serde_json::to_string_pretty(&written)? + "\n")
    }

    /// Whether it contains a finding. Each entry covers as many findings as it counts.
    pub(super) fn take(&mut self, finding: &Finding) -> bool {
        let fingerprint = finding.fingerprints.first().cloned().unwrap_or_default();
        let key = (finding.rule.to_owned(), finding.place.file.clone(), fingerprint);
        match self.findings.get_mut(&key) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// How many of its findings were not found again.
    pub(super) fn left(&self) -> usize {
        self.findings.values().sum()
    }
}

/// The part of a finding that stays the same when lines move: 16 hexadecimal digits. Spaces do not count, and a secret cannot be
/// read back from it.
pub(super) fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        for word in part.split_whitespace() {
            hash.update(word);
        }
        hash.update([0]);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
