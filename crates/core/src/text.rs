//! Small text functions. They replace `format!` and others, which would add more code than most uses are worth.

/// Returns whether a text contains a part. `str::contains` would add 4 KB to the module.
///
/// ```
/// assert!(miniauth_core::text::holds("请输入合法的scope", "合法"));
/// assert!(!miniauth_core::text::holds("", "合法"));
/// ```
pub fn holds(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|here| here == part.as_bytes())
}

/// Splits before the first of some ASCII characters, or at the end.
///
/// ```
/// assert_eq!(miniauth_core::text::split_before("path?query", b"?#"), ("path", "?query"));
/// ```
pub fn split_before<'text>(text: &'text str, ends: &[u8]) -> (&'text str, &'text str) {
    let at = text.bytes().position(|byte| ends.contains(&byte)).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// Joins several texts.
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
