//! The table of a run, and how numbers are written.

use super::figure::Figure;

const HEADS: [&str; 5] = ["", "ratio", "wanted", "figure", "against"];

/// Columns whose text is flush right.
const NUMBERS: [bool; 5] = [false, true, false, true, false];

/// One line to a figure, under the name of its group; a missed limit is marked.
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

/// A number of any size, with three digits that count and its thousands apart.
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

#[cfg(test)]
mod tests {
    use super::super::figure;
    use super::*;

    #[test]
    fn numbers_keep_three_digits_that_count() {
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
        let figures = figure::read(
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
}
