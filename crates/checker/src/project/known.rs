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
    /// React, or what makes its elements.
    React,
    /// `regenerator-runtime`.
    Regenerator,
    /// A helper of Babel, by the name that Babel gives it in a file.
    Helper(&'static str),
}

/// A helper of Babel is short.
const LONGEST_HELPER: usize = 1_200;

impl Known {
    /// Tells a packed module by its id and text; what requires others is no helper.
    pub(super) fn of(id: &str, text: &str, requires_others: bool) -> Option<Self> {
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
        if has(&["createPageConfig", "createRecursiveComponentConfig"])
            || id.contains("plugin-framework-react/dist/runtime")
        {
            return Some(Self::Taro);
        }
        if has(&["react.element", "useState", "useEffect"]) || has(&["react.element", "jsxs"]) {
            return Some(Self::React);
        }
        if has(&["Generator is already running"]) {
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
