//! Putting texts together without the machinery behind `format!`, which weighs more than most of what it would be used for.

/// One text from several.
///
/// ```
/// assert_eq!(miniauth_core::text::joined(&["my.", "request", " is missing"]), "my.request is missing");
/// ```
pub fn joined(parts: &[&str]) -> String {
    let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        text.push_str(part);
    }
    text
}
