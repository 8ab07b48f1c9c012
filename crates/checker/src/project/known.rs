//! Modules of frameworks, recognised by their contents, whatever a tool has named them. They are modelled; their code does not run.

use crate::scripts::{TARO_APP, TARO_OBJECT, TARO_PAGE};

/// What a module has been recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// uni-app's runtime for Vue 2: `createApp`, `createPage`, `createComponent`, and `uni` as the default. The flag says whether
    /// its `getUserInfo` calls `my.getOpenUserInfo`.
    Uni { by_button: bool },
    /// uni-app's runtime for Vue 3, including Vue: `createSSRApp`, `ref`, `onLoad` and so on, and `uni` as `index`.
    Uni3 { by_button: bool },
    /// uni-app's cloud: `uniCloud` as the default.
    UniCloud,
    /// Vue 2.
    Vue,
    /// A part of Vue 3's runtime as bundled with Taro's: elements and components, or reactive values.
    VueCore,
    /// Pinia as bundled with Taro's runtime.
    Pinia,
    /// Vuex.
    Vuex,
    /// vue-i18n, which returns texts made from its arguments.
    Messages,
    /// Taro's runtime: `createPageConfig` and so on.
    Taro,
    /// mpx's runtime: the functions that create pages, and `mpx` as the default.
    Mpx,
    /// React, or the function that creates its elements.
    React,
    /// `regenerator-runtime`.
    Regenerator,
    /// A helper of Babel, by the name that Babel gives it in a file.
    Helper(&'static str),
}

/// The longest text of a Babel helper.
const MAX_HELPER_LENGTH: usize = 1_200;

/// Sets of words that identify Taro's modules; one set is enough. They are field names and texts, which a minifier keeps.
const TARO_FIELDS: &[&[&str]] = &[
    &["createPageConfig", "createRecursiveComponentConfig"],
    TARO_PAGE,
    TARO_APP,
    TARO_OBJECT,
    &["initNativeApi", ".call("],
    &["initNativeApi", "addPhoneContact"],
];

/// The same for mpx's modules.
const MPX_FIELDS: &[&[&str]] = &[&["currentCtor", "customCtor", "__nativeRender__"], &["ignoreProxyWhiteList"]];

/// What uni-app's runtime for Vue 2 says of calls that the platform lacks. Early versions only export `uni`; Vue registers the pages.
const UNI_REFUSAL: &[&str] = &["支付宝小程序", "暂不支持"];

/// A module's exports begin within this many bytes.
const EXPORTS_WITHIN: usize = 200;

impl Known {
    /// Recognises a packed module by its id, text and file. A module that requires others is not a helper.
    pub(super) fn of(id: &str, text: &str, requires_others: bool, file: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().all(|word| text.contains(word));
        let assigns = |name: &str| has(&[&format!(".{name} = ")]) || has(&[&format!(".{name}=")]);
        let registers = ["createApp", "createPage", "createComponent"].iter().all(|name| assigns(name));
        if registers || has(UNI_REFUSAL) {
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
        let is_taros = TARO_FIELDS.iter().any(|words| has(words)) || id.contains("plugin-framework-react/dist/runtime");
        // Taro's runtime has a file of its own. That file also holds a module with the names of the platform's elements, which is not it.
        let names_elements = !requires_others && has(&["\"view\""]);
        if is_taros || (file == "taro.js" || file.ends_with("/taro.js")) && !names_elements {
            return Some(Self::Taro);
        }
        // Other frameworks contain parts of Vue too, but not its components.
        let is_core =
            has(&["__v_isVNode", "__v_skip", "setupState"]) || has(&["__v_isRef", "__v_isReactive", "__v_skip"]);
        let is_pinia = has(&["$onAction", "$patch", "$subscribe", "_p"]);
        if (is_core || is_pinia) && file.ends_with("vendors.js") {
            return Some(if is_core { Self::VueCore } else { Self::Pinia });
        }
        // The exports come first in mpx's own module, but not in a page that a bundler joined with mpx's runtime.
        let begins = text.get(..text.len().min(EXPORTS_WITHIN)).unwrap_or_default();
        if MPX_FIELDS.iter().any(|words| has(words)) && begins.contains(".d(") {
            return Some(Self::Mpx);
        }
        let is_reacts = has(&["react.element"]) || has(&["react.transitional.element"]);
        if is_reacts && (has(&["useState", "useEffect"]) || has(&["jsxs"])) {
            return Some(Self::React);
        }
        // The app's own modules may also contain the helper `_regenerator`, which is recognised as a function instead.
        if has(&["Generator is already running", "regeneratorRuntime"]) {
            return Some(Self::Regenerator);
        }
        if text.len() > MAX_HELPER_LENGTH || requires_others || !text.contains("exports") {
            return None;
        }
        if has(&["\"throw\"", "\"next\"", "new Promise", "arguments"]) {
            return Some(Self::Helper("_asyncToGenerator"));
        }
        let is_short = text.len() < MAX_HELPER_LENGTH / 4;
        let is_interop = has(&["__esModule"]) && (has(&["default:"]) || has(&["\"default\":"]));
        (is_short && is_interop).then_some(Self::Helper("_interopRequireDefault"))
    }
}

/// Recognises a file that a tool has made from a framework.
pub(crate) fn of_file(text: &str) -> Option<Known> {
    let is_vendor = text.contains("my.createPage = ") || text.contains("my.createPage=");
    is_vendor.then(|| Known::Uni3 { by_button: text.contains("getOpenUserInfo") })
}
