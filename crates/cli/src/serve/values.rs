//! The settings' values as text, from file and environment.

use super::{
    fault::Faults,
    settings::{self, Setting},
};
use std::{collections::HashMap, ffi::OsString, fs, path::Path};
use toml::Value;

/// What was set. Nothing is checked yet but that each setting is known and a text, a whole number or a list of texts, which is
/// kept with commas.
pub(super) struct Values(HashMap<&'static str, String>);

impl Values {
    /// Reads the file, if there is one, and the variables, which win. An empty variable counts as not set.
    pub(super) fn read(file: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>, faults: &mut Faults) -> Self {
        let mut values = file.map_or_else(HashMap::new, |path| read_file(path, faults));
        for setting in settings::ALL {
            match variable(setting.variable).map(OsString::into_string) {
                Some(Ok(text)) if !text.is_empty() => {
                    values.insert(setting.key, text);
                }
                Some(Err(_)) => faults.add(setting, "the variable's value is not UTF-8; correct it"),
                _ => {}
            }
        }
        Self(values)
    }

    /// The value of a setting.
    pub(super) fn get(&self, setting: &Setting) -> Option<&str> {
        self.0.get(setting.key).map(String::as_str)
    }
}

fn read_file(path: &Path, faults: &mut Faults) -> HashMap<&'static str, String> {
    let place = path.display();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(fault) => {
            faults.add_at(place.to_string(), format!("cannot be read: {fault}; check --config"));
            return HashMap::new();
        }
    };
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(fault) => {
            faults.add_at(place.to_string(), format!("is not TOML: {}", fault.to_string().trim_end()));
            return HashMap::new();
        }
    };
    let mut values = HashMap::new();
    for (key, value) in table {
        let Some(setting) = settings::ALL.iter().find(|setting| setting.key == key) else {
            let known: Vec<_> = settings::ALL.iter().map(|setting| setting.key).collect();
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
