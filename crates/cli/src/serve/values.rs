//! The settings' values as text, from file and environment.

use super::{
    fault::Faults,
    settings::{self, Setting},
};
use std::{collections::HashMap, ffi::OsString, fs, path::Path};
use toml::Value;

/// What was set. Nothing is checked yet but that each setting is known and a text, a whole number or a list of texts, which is
/// kept with commas.
#[derive(Default)]
pub(super) struct Values {
    own: HashMap<&'static str, String>,
    /// What is set of each of the `[[apps]]`.
    pub(super) apps: Vec<Values>,
}

impl Values {
    /// Reads the file, if there is one, and the variables, which win. An empty variable counts as not set.
    pub(super) fn read(file: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>, faults: &mut Faults) -> Self {
        let mut values = file.map_or_else(Self::default, |path| read_file(path, faults));
        for setting in settings::ALL {
            match variable(&setting.variable()).map(OsString::into_string) {
                Some(Ok(text)) if !text.is_empty() => {
                    values.own.insert(setting.key, text);
                }
                Some(Err(_)) => faults.add(setting, "the variable's value is not UTF-8; correct it"),
                _ => {}
            }
        }
        for setting in [settings::GATEWAY, settings::CHARSET] {
            if let Some(text) = values.own.get(setting.key) {
                for app in &mut values.apps {
                    app.own.entry(setting.key).or_insert_with(|| text.clone());
                }
            }
        }
        values
    }

    /// The value of a setting.
    pub(super) fn get(&self, setting: &Setting) -> Option<&str> {
        self.own.get(setting.key).map(String::as_str)
    }
}

fn read_file(path: &Path, faults: &mut Faults) -> Values {
    let place = path.display().to_string();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(fault) => {
            faults.add_at(place, format!("cannot be read: {fault}; check --config"));
            return Values::default();
        }
    };
    let mut table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(fault) => {
            faults.add_at(place, format!("is not TOML: {}", fault.to_string().trim_end()));
            return Values::default();
        }
    };
    let mut apps = Vec::new();
    match table.remove(settings::APPS) {
        Some(Value::Array(tables)) if tables.iter().all(Value::is_table) => {
            for (index, table) in tables.into_iter().filter_map(|value| value.try_into().ok()).enumerate() {
                let place = format!("{place}, [[apps]] number {}", index + 1);
                apps.push(Values { own: read_table(table, settings::OF_AN_APP, &place, faults), apps: Vec::new() });
            }
        }
        Some(_) => faults.add_at(format!("apps ({place})"), "must be tables, each begun with [[apps]]"),
        None => {}
    }
    Values { own: read_table(table, settings::ALL, &place, faults), apps }
}

fn read_table(
    table: toml::Table,
    known: &'static [Setting],
    place: &str,
    faults: &mut Faults,
) -> HashMap<&'static str, String> {
    let mut values = HashMap::new();
    for (key, value) in table {
        let Some(setting) = known.iter().find(|setting| setting.key == key) else {
            let known: Vec<_> = known.iter().map(|setting| setting.key).collect();
            faults.add_at(format!("{key} ({place})"), format!("is not a setting; there are {}", known.join(", ")));
            continue;
        };
        match value {
            Value::String(text) => values.insert(setting.key, text),
            Value::Integer(number) => values.insert(setting.key, number.to_string()),
            Value::Array(elements) if elements.iter().all(Value::is_str) => {
                let texts: Vec<_> = elements.iter().filter_map(Value::as_str).collect();
                values.insert(setting.key, texts.join(","))
            }
            _ => {
                faults.add(setting, format!("must be a text or a whole number in {place}"));
                None
            }
        };
    }
    values
}
