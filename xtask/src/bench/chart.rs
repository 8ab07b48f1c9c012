//! A group of figures as horizontal bars: a small SVG that is the same for the same figures and legible on light and dark.

use super::figure::Figure;
use super::table::readable;

/// Sizes in pixels.
const WIDTH: usize = 860;
const LABELS: usize = 400;
const BARS: usize = 250;
const ROW: usize = 24;
const HEAD: usize = 44;

const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#1f2328}\
.title{font-weight:600;font-size:15px}\
.back{fill:#fff;stroke:#d1d9e0}\
.bar{fill:#0969da}\
.missed{fill:#cf222e}\
.figure{fill:#59636e}\
@media(prefers-color-scheme:dark){\
text{fill:#f0f6fc}\
.back{fill:#0d1117;stroke:#3d444d}\
.bar{fill:#4493f8}\
.missed{fill:#f85149}\
.figure{fill:#9198a1}}";

/// Draws what the group's figures have in common: their values where all have one unit, else their ratios.
pub(crate) fn draw(title: &str, figures: &[Figure]) -> String {
    let same_unit = figures.iter().all(|figure| figure.unit == figures[0].unit);
    let length = |figure: &Figure| if same_unit { figure.value } else { figure.ratio.unwrap_or_default() };
    let longest = figures.iter().map(length).fold(f64::MIN_POSITIVE, f64::max);
    let height = HEAD + figures.len() * ROW + 12;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\"><title>{0}</title><style>{STYLE}</style>\n\
         <rect class=\"back\" x=\".5\" y=\".5\" width=\"{1}\" height=\"{2}\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"16\" y=\"28\">{0}</text>\n",
        escape(title),
        WIDTH - 1,
        height - 1,
    );
    for (index, figure) in figures.iter().enumerate() {
        let top = HEAD + index * ROW;
        let bar = (length(figure) / longest * BARS as f64).max(1.0);
        let class = if figure.kept() == Some(false) { "missed" } else { "bar" };
        svg += &format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{LABELS}\" y=\"{}\" width=\"{bar:.1}\" height=\"16\" rx=\"2\"/>\
             <text class=\"figure\" x=\"{:.1}\" y=\"{}\">{}</text>\n",
            LABELS - 8,
            top + 13,
            escape(&figure.name),
            top,
            LABELS as f64 + bar + 8.0,
            top + 13,
            escape(&caption(figure)),
        );
    }
    svg + "</svg>\n"
}

fn caption(figure: &Figure) -> String {
    let value = format!("{} {}", readable(figure.value), figure.unit);
    figure.ratio.map_or_else(|| value.clone(), |ratio| format!("{value} · {}×", readable(ratio)))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::figure;
    use super::*;

    fn chart(text: &str) -> String {
        draw("Size & start", &figure::read(text).unwrap())
    }

    #[test]
    fn the_longest_bar_fills_the_room_and_the_others_follow() {
        let svg = chart(r#"[{"name":"a<b","value":50,"unit":"KB"},{"name":"c","value":100,"unit":"KB","at_most":64}]"#);
        assert!(svg.contains("<title>Size &amp; start</title>") && svg.contains("a&lt;b"), "{svg}");
        assert!(svg.contains("class=\"bar\" x=\"400\" y=\"44\" width=\"125.0\""), "{svg}");
        assert!(svg.contains("class=\"missed\" x=\"400\" y=\"68\" width=\"250.0\""), "{svg}");
    }

    #[test]
    fn figures_of_different_units_are_drawn_by_their_ratios() {
        let svg = chart(
            r#"[{"name":"a","value":50,"unit":"KB","ratio":1,"against":"x"},{"name":"b","value":3,"unit":"ms","ratio":2,"against":"x"}]"#,
        );
        assert!(svg.contains("width=\"125.0\"") && svg.contains("50 KB · 1×"), "{svg}");
    }
}
