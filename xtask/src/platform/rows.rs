//! Changes rows of `behaviours.json` where they stand: each has a line of its own, and all others stay as they are.

use anyhow::{Context as _, Result};
use miniauth_platform::behaviours::Row;
use serde_json::{Deserializer, Value};

/// The lines of the file.
pub(super) struct Rows {
    lines: Vec<String>,
}

impl Rows {
    pub(super) fn new(text: &str) -> Self {
        Self { lines: text.lines().map(str::to_owned).collect() }
    }

    pub(super) fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// Gives a field of a row another value.
    pub(super) fn set(&mut self, row: &Row, field: &str, value: &Value) -> Result<()> {
        let missing = || format!("the row {} has no {field} on a line of its own", row.id);
        let start = format!("\"id\": {},", Value::from(row.id.as_str()));
        let line = self.lines.iter_mut().find(|line| line.contains(&start)).with_context(missing)?;
        let name = format!(", \"{field}\": ");
        let from = line.find(&name).with_context(missing)? + name.len();
        let mut values = Deserializer::from_str(&line[from..]).into_iter::<Value>();
        values.next().with_context(missing)??;
        let to = from + values.byte_offset();
        line.replace_range(from..to, &written(value));
        Ok(())
    }
}

/// As the file has it, with a space after a comma.
fn written(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
