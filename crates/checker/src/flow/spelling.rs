//! How names are written: with hyphens in markup and paths, with capitals in code.

use crate::scripts::ir::Name;

/// `user-name` is `userName`.
pub(super) fn camel_case(name: &str) -> Name {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| name + &capital(part)).into()
}

/// `userName` is `UserName`.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
