//! What the probe page shows on a phone, read with suspicion: it comes from a person, by whatever way.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

/// The format that `example-miniapp/pages/probe/report.js` writes.
const FORMAT: &str = "miniauth-probe-1";

/// Longest report, in bytes.
const MAXIMUM_REPORT: usize = 64 * 1024;

/// Longest text in it, in characters.
const MAXIMUM_TEXT: usize = 80;

/// A probe's report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    format: String,
    #[serde(rename = "where")]
    place: Place,
    /// The answer of each row that was settled.
    pub(super) rows: BTreeMap<String, String>,
    /// What was seen where no known answer fits.
    #[serde(default)]
    pub(super) others: BTreeMap<String, String>,
    /// The functions that `my` has.
    #[serde(default)]
    pub(super) calls: Vec<String>,
}

/// Where it ran.
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
                "{text:?} is no short plain text"
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

    /// The phone, as a source names it.
    pub(super) fn device(&self) -> String {
        let Place { brand, model, system, client, library, .. } = &self.place;
        format!("probe {brand} {model}, {system}, client {client}, base library {library}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn report() -> Value {
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
        let mut changed = report();
        change(&mut changed);
        format!("{:#}", Report::parse(&changed.to_string()).unwrap_err())
    }

    #[test]
    fn a_phones_report_names_its_device() {
        let device = Report::parse(&report().to_string()).unwrap().device();
        assert_eq!(device, "probe vivo V2309A, Android 14, client 10.6.20, base library 2.9.40");
    }

    #[test]
    fn what_is_not_a_phones_is_refused() {
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
        assert!(Report::parse(&format!("{}{}", report(), " ".repeat(MAXIMUM_REPORT))).is_err());
    }
}
