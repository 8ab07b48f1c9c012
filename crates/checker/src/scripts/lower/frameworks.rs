//! The functions of frameworks' runtimes that create pages, and miniauth's client. They are recognised by their shape: a bundler
//! joins modules, and a minifier renames functions and exports, but neither changes the fields that the functions use.

/// A function longer than this is a whole module.
const MAX_LENGTH: usize = 16_000;

/// Words in Taro's function that creates an app.
pub(crate) const TARO_APP: &[&str] = &["taroGlobalData", "onPageNotFound", ".mount("];

/// Words in Taro's function that creates a page.
pub(crate) const TARO_PAGE: &[&str] = &["$taroTimestamp", "performUpdate", ".mount("];

/// Fields of Taro's public object.
pub(crate) const TARO_OBJECT: &[&str] = &["ENV_TYPE", "getEnv", "interceptors"];

/// Fields that the constructor of miniauth's client sets.
const CLIENT: &[&str] =
    &["this.prepare", "this.authorize", "this.getAuthUserInfo", "this.consentState", "this.onRequest"];

/// The part of a framework's runtime that a function is, whatever its current name. `parameters` counts its declared parameters.
pub(super) fn part_of(source: &str, parameters: usize) -> Option<&'static str> {
    if source.len() > MAX_LENGTH {
        return None;
    }
    let has = |words: &[&str]| words.iter().all(|word| source.contains(word));
    match parameters {
        2.. if has(TARO_APP) => Some("taro:app"),
        1.. if has(TARO_PAGE) => Some("taro:page"),
        4.. if has(CLIENT) => Some("miniauth:client"),
        1.. if has(&["pageIdCache", "$taroInstances", ".mount("]) => Some("taro:page"),
        _ if has(&["currentCtor", "customCtor"]) => {
            let is_maker = parameters == 1 && has(&["__nativeRender__"]) && returns_function(source);
            Some(if is_maker { "mpx:maker" } else { "mpx:create" })
        }
        2.. if has(&[".isUnmounted()", ".hooks[", " hook"]) && !returns_function(source) => Some("mpx:inject"),
        // The function that adds the platform's calls to mpx. These calls are modelled by name.
        _ if has(&["usePromise", "whiteList", "blackList"]) => Some("mpx:calls"),
        _ => None,
    }
}

/// Whether a function only returns another function.
fn returns_function(source: &str) -> bool {
    let body = source.split_once('{').map_or("", |(_, body)| body).trim_start();
    let given = body.strip_prefix("return").map(str::trim_start);
    given.is_some_and(|given| given.starts_with("function") || given.starts_with('('))
}

/// The framework whose public object has these field names.
pub(super) fn object_of<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().all(|word| names.clone().any(|name| name == *word));
    has(TARO_OBJECT).then_some("taro")
}

/// The framework that is configured with these fields.
pub(super) fn configured_by<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Option<&'static str> {
    let has = |word: &str| names.clone().any(|name| name == word);
    (has("ignoreProxyWhiteList") || has("proxyEventHandler") && has("useStrictDiff")).then_some("mpx")
}
