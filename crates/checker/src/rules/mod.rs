//! The rules, each in a file with its documentation, texts and code; the rules about the check itself share one file.

mod auth_code_misspelt;
mod authorize_button;
mod consent_again_after_refusal;
mod consent_unneeded;
mod consent_without_tap;
mod display_only_forwarded;
pub(crate) mod insecure_url;
mod removed_api;
mod secret_in_package;
mod unchecked;

use crate::{
    flow::{Analysis, facts::RawFinding},
    project::Project,
};
use serde::Serialize;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The text in that language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// A language of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `zh`
    Chinese,
    /// `en`
    English,
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It breaks the platform's rules, or the code cannot work.
    Error,
    /// It works, but should be changed.
    Warning,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name in comments, on the command line and in every format.
    pub id: &'static str,
    /// The level of its findings.
    pub level: Level,
    /// What it is about, in one line: Chinese, then English.
    pub title: (&'static str, &'static str),
    /// What to do about a finding: Chinese, then English.
    pub advice: (&'static str, &'static str),
    /// The reason for it, the platform's rule, an example that breaks it and one that follows it.
    pub documentation: &'static str,
    pub(crate) check: fn(&Project, &Analysis) -> Vec<RawFinding>,
    pub(crate) message: fn(&RawFinding) -> Text,
}

impl Rule {
    /// Its findings, without those in files that are not reported on.
    pub(crate) fn findings(&self, project: &Project, analysis: &Analysis) -> Vec<RawFinding> {
        let mut findings = (self.check)(project, analysis);
        findings.retain(|finding| project.is_reported_in(self.id, finding.place.file));
        findings
    }
}

/// Every rule, most important first.
pub const RULES: &[&Rule] = &[
    &consent_without_tap::RULE,
    &authorize_button::RULE,
    &consent_again_after_refusal::RULE,
    &consent_unneeded::RULE,
    &display_only_forwarded::RULE,
    &auth_code_misspelt::RULE,
    &secret_in_package::RULE,
    &insecure_url::RULE,
    &removed_api::RULE,
    &unchecked::UNREADABLE,
    &unchecked::IGNORED,
];

/// The rule of that name.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

/// Whether a rule has one finding per call or host, with all places: each is the same mistake with the same fix.
pub(crate) fn is_grouped_by_subject(rule: &str) -> bool {
    [insecure_url::RULE.id, removed_api::RULE.id].contains(&rule)
}

/// The findings of the analysis for a rule.
fn found(analysis: &Analysis, rule: &str) -> Vec<RawFinding> {
    analysis.findings.iter().filter(|finding| finding.rule == rule).cloned().collect()
}
