//! The functions of frameworks' run-times that make pages, known by their shape: a bundler joins modules, and a minifier takes the names of
//! functions and exports away, but not the names of the fields that they use.

/// A function that is longer than this is a whole module.
const LONGEST: usize = 16_000;

/// What a function of a framework's does, however it is called now. `parameters` are those that it names.
pub(super) fn part_of(source: &str, parameters: usize) -> Option<&'static str> {
    if source.len() > LONGEST {
        return None;
    }
    let has = |words: &[&str]| words.iter().all(|word| source.contains(word));
    match parameters {
        2.. if has(&["taroGlobalData", "onPageNotFound", ".mount("]) => Some("taro:app"),
        1.. if has(&["$taroTimestamp", "performUpdate", ".mount("]) => Some("taro:page"),
        1.. if has(&["pageIdCache", "$taroInstances", ".mount("]) => Some("taro:page"),
        _ if has(&["currentCtor", "customCtor"]) => {
            let is_maker = parameters == 1 && has(&["__nativeRender__"]) && returns_function(source);
            Some(if is_maker { "mpx:maker" } else { "mpx:create" })
        }
        2.. if has(&[".isUnmounted()", ".hooks[", " hook"]) && !returns_function(source) => Some("mpx:inject"),
        // What gives mpx the platform's calls: they are known by their names.
        _ if has(&["usePromise", "whiteList", "blackList"]) => Some("mpx:calls"),
        _ => None,
    }
}

/// Whether all that a function does is to give another.
fn returns_function(source: &str) -> bool {
    let body = source.split_once('{').map_or("", |(_, body)| body).trim_start();
    let given = body.strip_prefix("return").map(str::trim_start);
    given.is_some_and(|given| given.starts_with("function") || given.starts_with('('))
}

/// The object that a framework gives its users, told by the names of its fields.
pub(super) fn object_of<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().all(|word| names.clone().any(|name| name == *word));
    has(&["ENV_TYPE", "getEnv", "interceptors"]).then_some("taro")
}

/// What is given a configuration with such fields.
pub(super) fn configured_by<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Option<&'static str> {
    let has = |word: &str| names.clone().any(|name| name == word);
    (has("ignoreProxyWhiteList") || has("proxyEventHandler") && has("useStrictDiff")).then_some("mpx")
}
