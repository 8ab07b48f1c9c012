//! Modules of frameworks, known by what stands in them whatever a tool has named them: what they do is modelled, not run.

/// What a module is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// uni-app's run-time for Vue 2: `createApp`, `createPage`, `createComponent`, and `uni` as the default. Says whether its
    /// `getUserInfo` calls `my.getOpenUserInfo`.
    Uni { by_button: bool },
    /// uni-app's run-time for Vue 3 with Vue in it: `createSSRApp`, `ref`, `onLoad` and so on, and `uni` as `index`.
    Uni3 { by_button: bool },
    /// uni-app's cloud: `uniCloud` as the default.
    UniCloud,
    /// Vue 2.
    Vue,
    /// Vuex.
    Vuex,
    /// vue-i18n: what it gives are texts, made of what it is given.
    Messages,
    /// Taro's run-time: `createPageConfig` and so on.
    Taro,
    /// mpx's run-time: what makes pages, and `mpx` as the default.
    Mpx,
    /// React, or what makes its elements.
    React,
    /// `regenerator-runtime`.
    Regenerator,
    /// A helper of Babel, by the name that Babel gives it in a file.
    Helper(&'static str),
}

/// A helper of Babel is short.
const LONGEST_HELPER: usize = 1_200;

/// The words by any of which Taro's modules are known: they are names of fields and texts, which a minifier keeps.
const TAROS: &[&[&str]] = &[
    &["createPageConfig", "createRecursiveComponentConfig"],
    &["$taroTimestamp", "performUpdate", ".mount("],
    &["taroGlobalData", "onPageNotFound", ".mount("],
    &["ENV_TYPE", "getEnv", "interceptors"],
    &["initNativeApi", ".call("],
    &["initNativeApi", "addPhoneContact"],
];

/// The same of mpx's modules.
const MPXES: &[&[&str]] = &[&["currentCtor", "customCtor", "__nativeRender__"], &["ignoreProxyWhiteList"]];

/// Within how many bytes a module's exports begin.
const EXPORTS_WITHIN: usize = 200;

impl Known {
    /// Tells a packed module by its id, its text and its file; what requires others is no helper.
    pub(super) fn of(id: &str, text: &str, requires_others: bool, file: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().all(|word| text.contains(word));
        let assigns = |name: &str| has(&[&format!(".{name} = ")]) || has(&[&format!(".{name}=")]);
        if ["createApp", "createPage", "createComponent"].iter().all(|name| assigns(name)) {
            return Some(Self::Uni { by_button: text.contains("getOpenUserInfo") });
        }
        if has(&["serverless.function.runtime.invoke"]) {
            return Some(Self::UniCloud);
        }
        if has(&["_isVue", "$destroy", "prototype._init"]) {
            return Some(Self::Vue);
        }
        if has(&["_wrappedGetters", "registerModule"]) {
            return Some(Self::Vuex);
        }
        if has(&["fallbackLocale", "dateTimeFormats", "_interpolate"]) {
            return Some(Self::Messages);
        }
        let is_taros = TAROS.iter().any(|words| has(words)) || id.contains("plugin-framework-react/dist/runtime");
        // Taro keeps its run-time in a file of its own; the names of the platform's elements stand there too.
        let names_elements = !requires_others && has(&["\"view\""]);
        if is_taros || (file == "taro.js" || file.ends_with("/taro.js")) && !names_elements {
            return Some(Self::Taro);
        }
        // What exports something first of all is no page that a bundler has joined with the run-time.
        let begins = text.get(..text.len().min(EXPORTS_WITHIN)).unwrap_or_default();
        if MPXES.iter().any(|words| has(words)) && begins.contains(".d(") {
            return Some(Self::Mpx);
        }
        if has(&["react.element", "useState", "useEffect"]) || has(&["react.element", "jsxs"]) {
            return Some(Self::React);
        }
        // Its helper may also stand in a module of the app's: there it is known as a function.
        if has(&["Generator is already running", "regeneratorRuntime"]) {
            return Some(Self::Regenerator);
        }
        if text.len() > LONGEST_HELPER || requires_others || !text.contains("exports") {
            return None;
        }
        if has(&["\"throw\"", "\"next\"", "new Promise", "arguments"]) {
            return Some(Self::Helper("_asyncToGenerator"));
        }
        let is_short = text.len() < LONGEST_HELPER / 4;
        let is_interop = has(&["__esModule"]) && (has(&["default:"]) || has(&["\"default\":"]));
        (is_short && is_interop).then_some(Self::Helper("_interopRequireDefault"))
    }
}

/// Tells a file that a tool has made of a framework.
pub(crate) fn of_file(text: &str) -> Option<Known> {
    let is_vendor = text.contains("my.createPage = ") || text.contains("my.createPage=");
    is_vendor.then(|| Known::Uni3 { by_button: text.contains("getOpenUserInfo") })
}
