//! One figure, as a script hands it over.

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

/// What was measured; bench/README.md says what each member means.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ratio: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) against: Option<String>,
    pub(crate) value: f64,
    pub(crate) unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at_most: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at_least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) judged: Option<Judged>,
}

/// What a limit is about although there is a ratio.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Judged {
    Value,
}

impl Figure {
    /// What a limit is about: the ratio where there is one, unless the script says otherwise.
    fn limited(&self) -> f64 {
        match (self.judged, self.ratio) {
            (None, Some(ratio)) => ratio,
            _ => self.value,
        }
    }

    /// Whether it is what is wanted of it; nothing where nothing was wanted.
    pub(crate) fn kept(&self) -> Option<bool> {
        if self.at_most.is_none() && self.at_least.is_none() {
            return None;
        }
        let low = self.at_most.is_none_or(|limit| self.limited() <= limit);
        let high = self.at_least.is_none_or(|limit| self.limited() >= limit);
        Some(low && high)
    }

    fn check(&self) -> Result<()> {
        ensure!(!self.name.is_empty(), "a figure has no name");
        ensure!(self.value.is_finite() && self.value >= 0.0, "`{}` is {}", self.name, self.value);
        ensure!(self.ratio.is_none_or(|ratio| ratio.is_finite() && ratio >= 0.0), "the ratio of `{}`", self.name);
        ensure!(
            self.ratio.is_some() == self.against.is_some(),
            "`{}` has one of `ratio` and `against` without the other",
            self.name
        );
        Ok(())
    }
}

/// The figures of a JSON array.
pub(crate) fn read(text: &str) -> Result<Vec<Figure>> {
    let figures: Vec<Figure> = serde_json::from_str(text).context("not as bench/README.md describes them")?;
    figures.iter().try_for_each(Figure::check)?;
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Figure> {
        Ok(read(&format!("[{text}]"))?.remove(0))
    }

    #[test]
    fn limits_are_about_the_ratio_where_there_is_one() {
        let figure = one(r#"{"name":"a","value":900,"unit":"µs","ratio":1.2,"against":"b","at_most":1.25}"#).unwrap();
        assert_eq!(figure.kept(), Some(true));
        let figure = one(r#"{"name":"a","value":80,"unit":"KB","at_most":64}"#).unwrap();
        assert_eq!(figure.kept(), Some(false));
        let figure = one(r#"{"name":"a","value":0.7,"unit":"s","at_least":0.8}"#).unwrap();
        assert_eq!(figure.kept(), Some(false));
        let figure =
            r#"{"name":"a","value":120,"unit":"MB/s","ratio":0.5,"against":"b","at_least":100,"judged":"value"}"#;
        assert_eq!(one(figure).unwrap().kept(), Some(true));
        assert_eq!(one(r#"{"name":"a","value":1,"unit":"s"}"#).unwrap().kept(), None);
    }

    #[test]
    fn figures_that_tell_nothing_are_refused() {
        for bad in [
            r#"{"name":"","value":1,"unit":"s"}"#,
            r#"{"name":"a","value":-1,"unit":"s"}"#,
            r#"{"name":"a","value":null,"unit":"s"}"#,
            r#"{"name":"a","value":1,"unit":"s","ratio":2}"#,
            r#"{"name":"a","value":1,"unit":"s","against":"b"}"#,
            r#"{"name":"a","value":1,"unit":"s","limit":3}"#,
        ] {
            assert!(one(bad).is_err(), "{bad}");
        }
    }
}
