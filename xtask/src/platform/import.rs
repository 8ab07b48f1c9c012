//! Turns a probe's report from a phone into observed rows. The report is not trusted: it comes from a person, by any channel.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use miniauth_platform::{
    Status,
    behaviours::{Behaviours, Row},
    calls,
};
use serde::Deserialize;
use serde_json::{Deserializer, Value};

/// Imports the whole report into the file, or nothing if any part is invalid.
pub(super) fn run(report: &Path, behaviours: &Path) -> Result<ExitCode> {
    let read = |file: &Path| fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
    let (text, messages) = import(&read(report)?, &read(behaviours)?)?;
    fs::write(behaviours, text).with_context(|| format!("cannot write {}", behaviours.display()))?;
    for line in messages {
        println!("{line}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the changed file, and messages about the changes.
fn import(report: &str, file: &str) -> Result<(String, Vec<String>)> {
    let report = Report::parse(report)?;
    let behaviours: Behaviours = serde_json::from_str(file).context("behaviours.json cannot be read")?;
    let mut rows = Rows::new(file);
    let mut messages = Vec::new();
    for (id, answer) in &report.rows {
        let row = behaviours.row(id).with_context(|| format!("there is no row {id}"))?;
        ensure!(row.can_be_answered(answer), "{answer:?} is not an answer of the row {id}");
        let mut source = row.fact.source.clone();
        if row.fact.status == Status::Assumed {
            let statement = row.probe.as_ref().and_then(|probe| probe.answers.get(answer));
            let statement =
                statement.with_context(|| format!("the row {id} is assumed and has no words for {answer}"))?;
            rows.set(row, "what", &Value::from(statement.as_str()))?;
            rows.set(row, "status", &Value::from(Status::Observed.as_str()))?;
            source.retain(|source| source != "settled by no source");
            messages.push(format!("observed    {id}: {statement}"));
        } else {
            messages.push(format!("seen again  {id}: {answer}"));
        }
        let seen = format!("{}: {answer}", report.device());
        if !source.contains(&seen) {
            source.push(seen);
            rows.set(row, "source", &Value::from(source))?;
        }
        if let Some(acts) = row.probe.as_ref().map(|probe| &probe.acts).filter(|acts| *acts != answer) {
            messages.push(format!("  TO CHANGE {id}: the simulator acts as {acts}: see {}", row.places.join(", ")));
        }
    }
    for (id, seen) in &report.others {
        let row = behaviours.row(id).with_context(|| format!("there is no row {id}"))?;
        messages.push(format!("not written {}: {seen} is not a known answer", row.id));
    }
    if !report.calls.is_empty() {
        messages.extend(absent_calls(&report.calls).map(|call| format!("absent      my.{call}")));
    }
    let text = rows.text();
    let _: Behaviours = serde_json::from_str(&text).context("the changed file can no longer be read")?;
    Ok((text, messages))
}

/// Lists the calls of the current platform that the phone lacks.
fn absent_calls(there: &[String]) -> impl Iterator<Item = &'static str> {
    let current = calls().all().filter(|(_, call)| call.generations.iter().any(|generation| generation == "current"));
    current.map(|(name, _)| name).filter(|name| !name.contains('.') && !there.iter().any(|known| known == name))
}

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

    /// Sets a field of a row.
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

/// Writes a value as the file does, with a space after a comma.
fn written(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// The format that `example-miniapp/pages/probe/report.js` writes.
const FORMAT: &str = "miniauth-probe-1";

/// The longest report in bytes.
const MAXIMUM_REPORT: usize = 64 * 1024;

/// The longest text in a report, in characters.
const MAXIMUM_TEXT: usize = 80;

/// A probe's report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    format: String,
    #[serde(rename = "where")]
    place: Place,
    /// The answer to each settled row.
    pub(super) rows: BTreeMap<String, String>,
    /// Observations that match no known answer.
    #[serde(default)]
    pub(super) others: BTreeMap<String, String>,
    /// The functions of `my`.
    #[serde(default)]
    pub(super) calls: Vec<String>,
}

/// Where the probe ran.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    kind: String,
    brand: String,
    model: String,
    system: String,
    client: String,
    library: String,
}

impl Report {
    /// Reads a report and refuses one that is not a phone's.
    pub(super) fn parse(text: &str) -> Result<Self> {
        ensure!(text.len() <= MAXIMUM_REPORT, "a report has at most {MAXIMUM_REPORT} bytes");
        let report: Self = serde_json::from_str(text).context("this is not a report of pages/probe")?;
        ensure!(report.format == FORMAT, "the report's format is {:?}, not {FORMAT:?}", report.format);
        match report.place.kind.as_str() {
            "phone" => {}
            "simulator" => bail!("the report is the simulator's, which proves nothing about a phone"),
            "ide" => bail!("the report is of the vendor's IDE; only a phone's settles a row"),
            _ => bail!("the report does not say that it is a phone's"),
        }
        for text in report.texts() {
            let plain = text.chars().all(|character| !character.is_control() && !"\"\\<>".contains(character));
            ensure!(
                plain && !text.is_empty() && text.chars().count() <= MAXIMUM_TEXT,
                "{text:?} is not a short plain text"
            );
        }
        ensure!(!report.rows.is_empty(), "the report settles nothing");
        Ok(report)
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        let Place { kind: _, brand, model, system, client, library } = &self.place;
        let answers = self.rows.iter().chain(&self.others).flat_map(|(row, answer)| [row, answer]);
        [brand, model, system, client, library].into_iter().chain(answers).chain(&self.calls)
    }

    /// Returns the phone's name as a source.
    pub(super) fn device(&self) -> String {
        let Place { brand, model, system, client, library, .. } = &self.place;
        format!("probe {brand} {model}, {system}, client {client}, base library {library}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// An example of behaviours.json. The real file may change with each phone's report.
    const FILE: &str = r#"{
  "profiles": { "close": { "values": ["3", "10"], "acts_in": "simulator", "what": "how a closed panel ends", "zh": "弹窗关闭后如何结束" } },
  "rows": [
    { "id": "auth-code-closed", "what": "A closed panel.", "status": "conflict", "source": ["OD a: 3"], "conformance": "5", "profiles": ["close:3", "close:10"], "outcomes": { "close:3": "3", "close:10": "10" }, "where": [], "tests": [] },
    { "id": "auth-code-refused", "what": "Refused: 11.", "status": "documented", "source": ["OD b"], "conformance": "5", "where": [], "tests": [] },
    { "id": "storage-units", "what": "That \"200 KB\" are characters is assumed.", "status": "assumed", "source": ["settled by no source"], "conformance": "20", "probe": { "acts": "characters", "answers": { "characters": "They are characters.", "bytes": "They are bytes." } }, "where": ["simulator/storage.mjs"], "tests": [] },
    { "id": "engine-big-int", "what": "There is no BigInt.", "status": "observed", "source": ["C a, b"], "conformance": "assumed", "probe": { "acts": "absent", "answers": { "absent": "There is no BigInt.", "there": "There is BigInt." } }, "where": [], "tests": [] }
  ]
}
"#;

    fn report(rows: Value) -> String {
        let mut report = probe();
        report["rows"] = rows;
        report["others"] = json!({ "auth-code-closed": "6" });
        report["calls"] = json!(["getAuthCode", "request"]);
        report.to_string()
    }

    fn row(text: &str, id: &str) -> Value {
        let file: Value = serde_json::from_str(text).unwrap();
        file["rows"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone()
    }

    #[test]
    fn an_assumed_row_becomes_observed_in_the_words_of_the_answer() {
        let (text, told) = import(&report(json!({ "storage-units": "bytes" })), FILE).unwrap();
        let changed = row(&text, "storage-units");
        assert_eq!(changed["status"], "observed");
        assert_eq!(changed["what"], "They are bytes.");
        let source = "probe vivo V2309A, Android 14, client 10.6.20, base library 2.9.40: bytes";
        assert_eq!(changed["source"], json!([source]));
        assert!(told.iter().any(|line| {
            line.contains("TO CHANGE storage-units: the simulator acts as characters: see simulator/storage.mjs")
        }));
        assert!(told.contains(&"not written auth-code-closed: 6 is not a known answer".to_owned()));
        assert!(told.iter().any(|line| line == "absent      my.getOpenUserInfo"));
        assert!(!told.iter().any(|line| line == "absent      my.request"));

        let others =
            |text: &str| text.lines().filter(|line| !line.contains("\"storage-units\"")).collect::<Vec<_>>().join("\n");
        assert_eq!(others(&text), others(FILE), "nothing else is touched");
        let (again, _) = import(&report(json!({ "storage-units": "bytes" })), &text).unwrap();
        assert_eq!(again, text, "the same report changes nothing more");
    }

    #[test]
    fn other_rows_keep_their_words_and_get_a_source() {
        let claims = json!({ "auth-code-closed": "10", "engine-big-int": "there" });
        let (text, _) = import(&report(claims), FILE).unwrap();
        for (id, answer) in [("auth-code-closed", "10"), ("engine-big-int", "there")] {
            let (before, after) = (row(FILE, id), row(&text, id));
            assert_eq!((&after["what"], &after["status"]), (&before["what"], &before["status"]));
            let sources = after["source"].as_array().unwrap();
            assert_eq!(sources.len(), before["source"].as_array().unwrap().len() + 1);
            assert!(sources.last().unwrap().as_str().unwrap().ends_with(&format!("2.9.40: {answer}")));
        }
    }

    #[test]
    fn claims_about_other_things_are_refused() {
        let refused = |rows| format!("{:#}", import(&report(rows), FILE).unwrap_err());
        assert!(refused(json!({ "no-such-row": "yes" })).contains("there is no row no-such-row"));
        assert!(refused(json!({ "storage-units": "litres" })).contains("not an answer of the row storage-units"));
        assert!(refused(json!({ "auth-code-refused": "yes" })).contains("not an answer"), "nothing to be probed there");
    }

    #[test]
    fn every_row_of_the_projects_own_file_can_be_changed_where_it_stands() {
        let file = include_str!("../../../platform/behaviours.json");
        let behaviours: Behaviours = serde_json::from_str(file).unwrap();
        for row in &behaviours.rows {
            let mut rows = Rows::new(file);
            for field in ["what", "status", "source"] {
                rows.set(row, field, &Value::from("x")).unwrap();
            }
        }
    }

    fn probe() -> Value {
        json!({
            "format": FORMAT,
            "where": {
                "kind": "phone", "brand": "vivo", "model": "V2309A", "system": "Android 14",
                "client": "10.6.20", "library": "2.9.40",
            },
            "rows": { "storage-units": "bytes" },
        })
    }

    fn refused(change: impl FnOnce(&mut Value)) -> String {
        let mut changed = probe();
        change(&mut changed);
        format!("{:#}", Report::parse(&changed.to_string()).unwrap_err())
    }

    #[test]
    fn a_phones_report_names_its_device() {
        let device = Report::parse(&probe().to_string()).unwrap().device();
        assert_eq!(device, "probe vivo V2309A, Android 14, client 10.6.20, base library 2.9.40");
    }

    #[test]
    fn a_report_that_is_not_from_a_phone_is_refused() {
        assert!(refused(|report| report["where"]["kind"] = json!("simulator")).contains("proves nothing"));
        assert!(refused(|report| report["where"]["kind"] = json!("ide")).contains("vendor's IDE"));
        assert!(refused(|report| report["where"]["kind"] = json!("unknown")).contains("does not say"));
        assert!(refused(|report| report["where"] = json!({ "kind": "phone" })).contains("missing field"));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        assert!(Report::parse("{}").is_err() && Report::parse("").is_err());
        assert!(refused(|report| report["format"] = json!("miniauth-probe-2")).contains("format"));
        assert!(refused(|report| report["nickName"] = json!("x")).contains("unknown field"));
        assert!(refused(|report| report["rows"] = json!({})).contains("settles nothing"));
        assert!(refused(|report| report["rows"]["storage-units"] = json!(["bytes"])).contains("invalid type"));
        for text in ["a\"b", "a\nb", "", &"长".repeat(81)] {
            assert!(refused(|report| report["where"]["model"] = json!(text)).contains("plain text"), "{text}");
        }
        assert!(Report::parse(&format!("{}{}", probe(), " ".repeat(MAXIMUM_REPORT))).is_err());
    }
}
