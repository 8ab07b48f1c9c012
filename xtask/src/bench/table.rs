//! The figures of a script, and the table of a run.

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

const HEADS: [&str; 5] = ["", "ratio", "wanted", "figure", "against"];

/// Which columns are right-aligned.
const NUMBERS: [bool; 5] = [false, true, false, true, false];

/// Draws the table: one line per figure, under the name of its group, with missed limits marked.
pub(crate) fn draw(figures: &[Figure]) -> String {
    let rows: Vec<[String; 5]> = figures.iter().map(row).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADS[column].len()]).max().unwrap_or_default()
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    let mut text = line(&HEADS.map(str::to_owned), &widths);
    let mut group = None;
    for (figure, row) in figures.iter().zip(&rows) {
        if figure.group != group {
            group.clone_from(&figure.group);
            text += &format!("{}\n", group.as_deref().unwrap_or_default());
        }
        text += &line(row, &widths);
    }
    text
}

fn row(figure: &Figure) -> [String; 5] {
    [
        format!("  {}", figure.name),
        figure.ratio.map(readable).unwrap_or_default(),
        wanted(figure),
        format!("{} {}", readable(figure.value), figure.unit),
        figure.against.clone().unwrap_or_default(),
    ]
}

fn wanted(figure: &Figure) -> String {
    let limits = [("≤", figure.at_most), ("≥", figure.at_least)];
    let unit = if figure.judged.is_some() { format!(" {}", figure.unit) } else { String::new() };
    let mut words: Vec<_> = limits
        .iter()
        .filter_map(|(sign, limit)| limit.map(|limit| format!("{sign} {}{unit}", readable(limit))))
        .collect();
    if figure.kept() == Some(false) {
        words.push("MISSED".to_owned());
    }
    words.join(" ")
}

fn line(cells: &[String; 5], widths: &[usize; 5]) -> String {
    let mut text = String::new();
    for ((cell, width), number) in cells.iter().zip(widths).zip(NUMBERS) {
        let padding = " ".repeat(width - cell.chars().count());
        text += &if number { format!("{padding}{cell}  ") } else { format!("{cell}{padding}  ") };
    }
    format!("{}\n", text.trim_end())
}

/// Formats a number of any size, with three significant digits and separated thousands.
pub(crate) fn readable(number: f64) -> String {
    let size = number.abs();
    if size >= 100.0 || size.fract() == 0.0 {
        return with_thousands(number.round() as i64);
    }
    let decimals = match size {
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        _ => 4,
    };
    format!("{number:.decimals$}")
}

fn with_thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A measured figure; bench/README.md explains each member.
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

/// What a limit applies to, even if there is a ratio.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Judged {
    Value,
}

impl Figure {
    /// Returns the number that limits apply to: the ratio if there is one, unless the script says otherwise.
    fn limited(&self) -> f64 {
        match (self.judged, self.ratio) {
            (None, Some(ratio)) => ratio,
            _ => self.value,
        }
    }

    /// Whether the figure keeps its limits; `None` if it has none.
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

/// Reads figures from a JSON array.
pub(crate) fn read(text: &str) -> Result<Vec<Figure>> {
    let figures: Vec<Figure> = serde_json::from_str(text).context("not as bench/README.md describes them")?;
    figures.iter().try_for_each(Figure::check)?;
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_significant_digits() {
        for (number, text) in [
            (0.0, "0"),
            (0.01234, "0.0123"),
            (0.5678, "0.568"),
            (1.0, "1"),
            (1.256, "1.26"),
            (12.34, "12.3"),
            (123.6, "124"),
            (1_234_567.8, "1\u{202f}234\u{202f}568"),
        ] {
            assert_eq!(readable(number), text);
        }
    }

    #[test]
    fn figures_stand_in_columns_under_their_group() {
        let figures = read(
            r#"[{"group":"Size","name":"wasm","value":78.0,"unit":"KB","at_most":64},
                {"group":"Size","name":"plain","value":90.5,"unit":"KB","ratio":1.16,"against":"wasm"}]"#,
        )
        .unwrap();
        let expected = "         ratio  wanted        figure  against
Size
  wasm          ≤ 64 MISSED    78 KB
  plain   1.16               90.5 KB  wasm
";
        assert_eq!(draw(&figures), expected);
    }

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
