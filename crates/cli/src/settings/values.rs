//! The settings' values as text, from file and environment.

use super::{ALL, APPS, CHARSET, GATEWAY, OF_AN_APP, Setting, SettingsError, variable};
use std::{collections::HashMap, ffi::OsString, fs, path::Path};
use toml::Value;

/// What was set. Nothing is checked yet but that each setting is known and a text, a whole number or a list of texts, which is
/// kept with commas.
#[derive(Default)]
pub(crate) struct Values {
    own: HashMap<&'static str, String>,
    /// What is set of each of the `[[apps]]`.
    pub(crate) apps: Vec<Values>,
    /// What is set under an old name.
    pub(crate) warnings: Vec<String>,
}

impl Values {
    /// Reads the file, if there is one, and the variables, which win. An empty variable counts as not set.
    pub(crate) fn read(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<OsString>,
        error: &mut SettingsError,
    ) -> Self {
        let mut values = file.map_or_else(Self::default, |path| read_file(path, error));
        for setting in ALL {
            for key in setting.keys() {
                match environment(&variable(key)).map(OsString::into_string) {
                    Some(Ok(text)) if !text.is_empty() => values.set(setting, key, &variable(key), text),
                    Some(Err(_)) => error.add(setting, "the variable's value is not UTF-8; correct it"),
                    _ => {}
                }
            }
        }
        for setting in [GATEWAY, CHARSET] {
            if let Some(text) = values.own.get(setting.key) {
                for app in &mut values.apps {
                    app.own.entry(setting.key).or_insert_with(|| text.clone());
                }
            }
        }
        values
    }

    fn take(&mut self, mut table: toml::Table, known: &[Setting], place: &str, error: &mut SettingsError) {
        for setting in known {
            for key in setting.keys() {
                match table.remove(key) {
                    Some(Value::String(text)) => self.set(setting, key, &format!("{key} ({place})"), text),
                    Some(Value::Integer(number)) => {
                        self.set(setting, key, &format!("{key} ({place})"), number.to_string())
                    }
                    Some(Value::Array(elements)) if elements.iter().all(Value::is_str) => {
                        let texts: Vec<_> = elements.iter().filter_map(Value::as_str).collect();
                        self.set(setting, key, &format!("{key} ({place})"), texts.join(","));
                    }
                    Some(_) => error.add(setting, format!("must be a text or a whole number in {place}")),
                    None => {}
                }
            }
        }
        for key in table.keys() {
            let known: Vec<_> = known.iter().map(|setting| setting.key).collect();
            error.add_at(format!("{key} ({place})"), format!("is not a setting; there are {}", known.join(", ")));
        }
    }

    fn set(&mut self, setting: &Setting, key: &str, place: &str, text: String) {
        if key != setting.key {
            self.warnings.push(format!("{place} is now called {setting}: rename it"));
        }
        self.own.insert(setting.key, text);
    }

    /// The value of a setting.
    pub(crate) fn get(&self, setting: &Setting) -> Option<&str> {
        self.own.get(setting.key).map(String::as_str)
    }
}

fn read_file(path: &Path, error: &mut SettingsError) -> Values {
    let place = path.display().to_string();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(unreadable) => {
            error.add_at(place, format!("cannot be read: {unreadable}; check --config"));
            return Values::default();
        }
    };
    let mut table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(unreadable) => {
            error.add_at(place, format!("is not TOML: {}", unreadable.to_string().trim_end()));
            return Values::default();
        }
    };
    let mut values = Values::default();
    match table.remove(APPS) {
        Some(Value::Array(tables)) if tables.iter().all(Value::is_table) => {
            for (index, table) in tables.into_iter().filter_map(|value| value.try_into().ok()).enumerate() {
                let mut app = Values::default();
                app.take(table, OF_AN_APP, &format!("{place}, [[apps]] number {}", index + 1), error);
                values.apps.push(app);
            }
        }
        Some(_) => error.add_at(format!("apps ({place})"), "must be tables, each begun with [[apps]]"),
        None => {}
    }
    values.take(table, ALL, &place, error);
    values
}
