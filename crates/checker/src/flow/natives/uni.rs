//! uni-app's runtime: `uni`, the functions that register apps, pages and components, and as much of Vue and Vuex as pages use.
//! They are modelled by name; their own code does not run.

use super::super::{
    context::Trigger,
    heap::{Kind, Object},
    machine::Machine,
    value::{Atom, ObjectId, Value},
};
use crate::{flow::facts::Place, platform, project::Known};

impl Machine<'_> {
    /// The exports of a recognised module.
    pub(crate) fn known_exports(&mut self, known: Known) -> Value {
        let name = match known {
            Known::Regenerator => return self.native("babel.regenerator"),
            Known::Helper(name) => return self.native(&format!("helper.{name}")),
            Known::Taro => return self.native("taro"),
            Known::Mpx => return self.native("mpx"),
            Known::React => return self.native("react"),
            Known::VueCore => return self.native("vueCore"),
            Known::Pinia => return self.native("piniaCore"),
            Known::Messages => return self.native("package:vue-i18n"),
            Known::Uni { .. } => "vue:uni",
            Known::Uni3 { .. } => "uni3",
            Known::UniCloud => "uniCloud:module",
            Known::Vue => "vue:module",
            Known::Vuex => "vuex:module",
        };
        if let Some(id) = self.natives.get(name) {
            return Value::object(*id);
        }
        if let Known::Uni { by_button } | Known::Uni3 { by_button } = known {
            self.user_info_by_button = by_button;
        }
        let exports = self.native(name);
        let fields: &[(&str, &str)] = match known {
            Known::Uni { .. } => &[
                ("default", "uni"),
                ("createApp", "vue.createApp"),
                ("createSubpackageApp", "vue.createApp"),
                ("createPage", "vue.createPage"),
                ("createComponent", "vue.createComponent"),
            ],
            Known::Uni3 { .. } => &[("index", "uni")],
            Known::UniCloud => &[("default", "uniCloud")],
            Known::Vue => &[("default", "Vue")],
            _ => &[
                ("default", "vuex"),
                ("Store", "vuex.Store"),
                ("mapState", "vuex.mapState"),
                ("mapGetters", "vuex.mapGetters"),
                ("mapMutations", "vuex.mapMutations"),
                ("mapActions", "vuex.mapActions"),
            ],
        };
        self.vue_prototype();
        for (field, native) in fields {
            let value = self.native(native);
            for id in exports.objects() {
                self.heap.edit(id).fields.insert((*field).into(), value.clone());
            }
        }
        for id in exports.objects() {
            self.heap.edit(id).fields.insert("__esModule".into(), Value::one(Atom::Truth(true)));
        }
        exports
    }

    /// Calls a framework's function; `None` if the name is not one.
    pub(super) fn call_framework(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        if let Some(helper) = name.strip_prefix("helper.") {
            // An export that a minifier has renamed.
            return self.call_helper(helper.split('.').next().unwrap_or(helper), arguments, place);
        }
        if let Some(api) = name.strip_prefix("uni.").filter(|_| self.natives.contains_key("Vue")) {
            return Some(self.call_uni(api, arguments, place));
        }
        if let Some(call) = name.strip_prefix("uniCloud.") {
            return self.call_uni_cloud(call, arguments, place);
        }
        if let Some(name) = name.strip_prefix("uni3.").or_else(|| name.strip_prefix("new uni3.")) {
            return self.call_vue3(name, arguments, place);
        }
        if let Some(name) = name.strip_prefix("my.create").filter(|_| self.project.is_uni3) {
            return self.call_vue(&format!("create{name}"), arguments, place);
        }
        if let Some(name) = name.strip_prefix("taro.") {
            return self.call_taro(name, arguments, place);
        }
        if let Some(name) = name.strip_prefix("mpx.") {
            return self.call_mpx(name, arguments, place);
        }
        if name.starts_with("piniaCore.") {
            return Some(self.call_pinia_core(arguments, place));
        }
        if name.starts_with("vueCore.") {
            return Some(self.call_vue_core(arguments, place));
        }
        if let Some(name) = name.strip_prefix("react.") {
            return self.call_react(name, arguments, place);
        }
        if let Some(name) = name.strip_prefix("vue.") {
            return self.call_vue(name, arguments, place);
        }
        if let Some(name) = name.strip_prefix("new vuex.").or_else(|| name.strip_prefix("vuex.")) {
            return self.call_vuex(name, arguments, place);
        }
        let first = arguments.first().cloned().unwrap_or_default();
        Some(match name {
            "new Vue" => {
                let options = self.force(&first);
                let options = options.objects().first().copied().unwrap_or_else(|| self.new_object());
                Value::object(self.view_of(options, None, place))
            }
            "Vue.extend" | "Vue.observable" => first,
            "Vue.mixin" => {
                self.global_mixins.extend(first.objects());
                Value::undefined()
            }
            "Vue.use" => {
                let plugin = self.force(&first);
                let install = self.read(&plugin, &"install".into(), place);
                let install = if self.heap.is_callable(&install) { install } else { plugin };
                let is_own = |id: &ObjectId| matches!(self.heap.get(*id).kind, Kind::Closure(_));
                if install.objects().iter().any(is_own) {
                    let vue = self.native("Vue");
                    self.call(&install, Value::undefined(), vec![vue], place);
                }
                Value::undefined()
            }
            "Vue.set" => return Some(self.call_view("set", self.vue_object()?, arguments, place)),
            "Vue.nextTick" => return Some(self.call_view("nextTick", self.vue_object()?, arguments, place)),
            "Vue.component" | "Vue.filter" | "Vue.directive" => Value::undefined(),
            _ => return None,
        })
    }

    fn vue_object(&self) -> Option<ObjectId> {
        self.natives.get("Vue").copied()
    }

    fn call_vue(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let kind = match name {
            "createApp" | "createSubpackageApp" => "App",
            "createPage" => "Page",
            "createComponent" => "Component",
            _ => return None,
        };
        let first = arguments.first().cloned().unwrap_or_default();
        self.register_view(kind, &first, place);
        Some(Value::unknown())
    }

    /// `uni.login(...)` and the others: the platform's own calls, mostly under the same name.
    fn call_uni(&mut self, api: &str, arguments: &[Value], place: Place) -> Value {
        let first = arguments.first().cloned().unwrap_or_default();
        match api {
            "login" => self.call_platform("getAuthCode", arguments, place),
            "getUserInfo" | "getUserProfile" => {
                // uni-app's version decides which call of the platform this makes, and so whether it needs the button.
                let api = if self.user_info_by_button { "getOpenUserInfo" } else { "getAuthUserInfo" };
                match platform::call(api) {
                    Some(call) => self.call_for_person(api, call, &first, place),
                    None => {
                        let answer = self.display(place, &format!("uni.{api}"));
                        self.with_callbacks(&first, answer, None, place)
                    }
                }
            }
            "getStorageSync" => self.stored(&first, place),
            "showModal" => self.call_platform("confirm", arguments, place),
            "$emit" => {
                if let Some(channel) = first.whole_texts().next().cloned() {
                    self.emit(&channel, arguments.get(1), place);
                }
                Value::undefined()
            }
            "$on" | "$once" => {
                if let Some(channel) = first.whole_texts().next().cloned() {
                    self.listen(&channel, arguments.get(1).cloned().unwrap_or_default(), place);
                }
                Value::undefined()
            }
            api => self.call_platform(api, arguments, place),
        }
    }
}

impl Machine<'_> {
    /// `uniCloud.callFunction({ name, data })` and the methods of a cloud object. Collections work as in any cloud.
    fn call_uni_cloud(&mut self, call: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let method = call.rsplit('.').next().unwrap_or_default();
        match method {
            "importObject" => return Some(self.native("uniCloud.object")),
            "database" | "databaseForJQL" => return Some(self.native("uniCloud.database")),
            "callFunction" | "uploadFile" => {}
            _ if call.starts_with("object.") => {}
            _ => return None,
        }
        self.sink_all(&format!("uniCloud.{call}"), arguments, place);
        let (options, answer) = (arguments.first().cloned().unwrap_or_default(), self.anything());
        Some(self.with_callbacks(&options, answer, None, place))
    }
}

/// Hidden fields of a store, which no code can name.
const MUTATIONS: &str = "(mutations)";
const ACTIONS: &str = "(actions)";

impl Machine<'_> {
    fn call_vuex(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        if let Some((what, field)) = name.split_once(':') {
            let store = self.store.clone().unwrap_or_else(Value::unknown);
            let state = self.read(&store, &what.into(), place);
            if matches!(what, "state" | "getters") {
                let mut value = state;
                for part in field.split('/') {
                    value = self.read(&value, &part.into(), place);
                }
                return Some(value);
            }
            let store = store.objects().first().copied()?;
            let mut all = vec![Value::text(&field.into())];
            all.extend(arguments.iter().cloned());
            return Some(self.call_store(what, store, &all, place));
        }
        Some(match name.trim_start_matches("default.") {
            "Store" => {
                let store = self.new_object();
                for table in [MUTATIONS, ACTIONS] {
                    let table_object = self.new_object();
                    self.heap.edit(store).fields.insert(table.into(), Value::object(table_object));
                }
                for method in ["commit", "dispatch"] {
                    let value = self.method(&format!("store.{method}"), store);
                    self.heap.edit(store).fields.insert(method.into(), value);
                }
                let getters = self.new_object();
                self.heap.edit(store).fields.insert("getters".into(), Value::object(getters));
                self.store = Some(Value::object(store));
                let state = self.add_store_module(store, &first, "", 0, place);
                self.heap.edit(store).fields.insert("state".into(), state);
                Value::object(store)
            }
            "mapState" => self.mapped("state", arguments, place),
            "mapGetters" => self.mapped("getters", arguments, place),
            "mapMutations" => self.mapped("commit", arguments, place),
            "mapActions" => self.mapped("dispatch", arguments, place),
            _ => return None,
        })
    }

    /// Adds a module to the store and returns its state.
    fn add_store_module(&mut self, store: ObjectId, options: &Value, prefix: &str, depth: u32, place: Place) -> Value {
        let options = self.force(options);
        let mut state = self.read(&options, &"state".into(), place);
        if self.heap.is_callable(&state) {
            state = self.call(&state, Value::undefined(), Vec::new(), place);
        }
        if state.objects().is_empty() {
            state = Value::object(self.new_object());
        }
        let whole = Value::object(store);
        let context = self.new_object();
        self.copy_fields(context, &whole, place);
        self.heap.edit(context).fields.insert("state".into(), state.clone());
        let context = Value::object(context);
        for (part, table) in [("mutations", MUTATIONS), ("actions", ACTIONS)] {
            let functions = self.read(&options, &part.into(), place);
            let table = self.read(&whole, &table.into(), place);
            let receiver = if part == "mutations" { state.clone() } else { context.clone() };
            for key in self.names_of(&functions) {
                let function = self.read(&functions, &key, place);
                let bound = Kind::Bound(std::rc::Rc::new((function, whole.clone(), vec![receiver.clone()])));
                let bound = Value::object(self.heap.add(Object::new(bound)));
                for name in [format!("{prefix}{key}"), key.to_string()] {
                    self.write(&table, &name.as_str().into(), bound.clone(), place, true);
                }
            }
        }
        let getters = self.read(&options, &"getters".into(), place);
        let all = self.read(&whole, &"getters".into(), place);
        for key in self.names_of(&getters) {
            let getter = self.read(&getters, &key, place);
            let bound = Kind::Bound(std::rc::Rc::new((getter, Value::unknown(), vec![state.clone(), all.clone()])));
            let bound = Value::object(self.heap.add(Object::new(bound)));
            for target in all.objects() {
                self.define_getter(target, &format!("{prefix}{key}").as_str().into(), bound.clone());
            }
        }
        let modules = self.read(&options, &"modules".into(), place);
        if depth < 3 {
            for key in self.names_of(&modules) {
                let module = self.read(&modules, &key, place);
                let inner = self.add_store_module(store, &module, &format!("{prefix}{key}/"), depth + 1, place);
                self.write(&state, &key, inner, place, false);
            }
        }
        state
    }

    /// `store.commit(name, payload)` and `store.dispatch(name, payload)`
    pub(super) fn call_store(&mut self, method: &str, store: ObjectId, arguments: &[Value], place: Place) -> Value {
        let table = if method == "commit" { MUTATIONS } else { ACTIONS };
        let table = self.read(&Value::object(store), &table.into(), place);
        let name = arguments.first().cloned().unwrap_or_default();
        let function = self.read_index(&table, &name, place);
        let payload = arguments.get(1).cloned().unwrap_or_default();
        let value = if self.heap.is_callable(&function) {
            self.call(&function, Value::undefined(), vec![payload], place)
        } else {
            Value::unknown()
        };
        if method == "commit" { Value::undefined() } else { self.resolved(value, place) }
    }

    /// `mapState(['user'])`, `mapActions('account', { enter: 'login' })`: functions by name.
    fn mapped(&mut self, what: &str, arguments: &[Value], place: Place) -> Value {
        let (prefix, names) = match arguments {
            [prefix, names, ..] => {
                (prefix.whole_texts().next().map(|prefix| format!("{}/", prefix.trim_end_matches('/'))), names.clone())
            }
            [names] => (None, names.clone()),
            [] => (None, Value::undefined()),
        };
        let prefix = prefix.unwrap_or_default();
        let result = self.new_object();
        for element in self.elements_of(&names).0 {
            for name in element.whole_texts() {
                let function = self.native(&format!("vuex.{what}:{prefix}{name}"));
                self.heap.edit(result).fields.insert(name.clone(), function);
            }
        }
        for key in self.names_of(&names) {
            let target = self.read(&names, &key, place);
            let text = target.whole_texts().next().cloned();
            let function = match text {
                Some(name) => self.native(&format!("vuex.{what}:{prefix}{name}")),
                // `mapState({ name: (state) => state.user.name })`
                None => {
                    let store = self.store.clone().unwrap_or_else(Value::unknown);
                    let state = self.read(&store, &"state".into(), place);
                    let bound = Kind::Bound(std::rc::Rc::new((target, Value::unknown(), vec![state])));
                    Value::object(self.heap.add(Object::new(bound)))
                }
            };
            self.heap.edit(result).fields.insert(key, function);
        }
        Value::object(result)
    }
}

/// The functions of Vue's runtime that compiled pages and templates call but that are not modelled. They send nothing.
const VUE_RUN_TIME: &[&str] = &[
    "c",
    "d",
    "defineAsyncComponent",
    "defineEmits",
    "defineExpose",
    "effectScope",
    "gei",
    "getCurrentScope",
    "h",
    "j",
    "m",
    "mergeModels",
    "mergeProps",
    "normalizeClass",
    "normalizeStyle",
    "onBeforeUnmount",
    "onBeforeUpdate",
    "onDeactivated",
    "onErrorCaptured",
    "onScopeDispose",
    "onUnmounted",
    "p",
    "r",
    "resolveComponent",
    "resolveDirective",
    "resolveEasycom",
    "shallowReactive",
    "shallowReadonly",
    "sr",
    "stop",
    "toValue",
    "triggerRef",
    "useAttrs",
    "useCssVars",
    "useModel",
    "useSlots",
    "w",
    "watchPostEffect",
    "watchSyncEffect",
    "withCtx",
    "withDirectives",
    "withModifiers",
];

/// Hooks that exist as functions in Vue 3, besides the platform's. The functions passed to them run without a tap.
const VUE_HOOKS: &[&str] = &["onMounted", "onBeforeMount", "onUpdated", "onActivated", "onResize"];

impl Machine<'_> {
    /// A library's function in the vendor file, or a method of its result.
    fn call_library(&mut self, name: &str, arguments: &[Value], place: Place) -> Value {
        let result = self.call_unknown(&Value::undefined(), arguments, place);
        if VUE_RUN_TIME.contains(&name) {
            return result;
        }
        self.note_library_call(name.trim_start_matches("()"), arguments, place);
        let library = name.split('.').next().unwrap_or(name).trim_start_matches("()");
        let made = self.native(&format!("uni3.(){library}"));
        result.joined(&made)
    }

    /// The exports of uni-app's vendor file for Vue 3.
    fn call_vue3(&mut self, name: &str, arguments: &[Value], place: Place) -> Option<Value> {
        let first = arguments.first().cloned().unwrap_or_default();
        let second = arguments.get(1).cloned().unwrap_or_default();
        let own = platform::hooks().own.iter().find(|(hook, _)| name.starts_with("on") && &**hook == name);
        if own.is_some() || VUE_HOOKS.contains(&name) {
            let context = self.context.clone();
            let is_request = own.is_some_and(|(_, is_request)| *is_request);
            self.context = super::super::context::Context::starting(Trigger::of(is_request), place, &name.into());
            let given = self.anything();
            self.later(Some(&first), vec![given], place);
            self.context = context;
            return Some(Value::undefined());
        }
        Some(match name {
            "_export_sfc" => {
                for pair in self.elements_of(&second).0 {
                    let parts = self.elements_of(&pair).0;
                    if let [key, value, ..] = parts.as_slice() {
                        self.write_index(&first, key, value.clone(), place);
                    }
                }
                first
            }
            "defineComponent" | "reactive" | "readonly" | "toRaw" | "markRaw" | "unref" | "o" | "toRefs" | "n"
            | "s" => first,
            "t" | "toDisplayString" => self.shown(&first, place),
            "ref" | "shallowRef" | "toRef" => {
                let value = if name == "toRef" { self.read_index(&first, &second, place) } else { first };
                let holder = self.new_object();
                self.heap.edit(holder).fields.insert("value".into(), value);
                Value::object(holder)
            }
            "computed" => {
                let holder = self.new_object();
                let getter =
                    if self.heap.is_callable(&first) { first } else { self.read(&first, &"get".into(), place) };
                self.define_getter(holder, &"value".into(), getter);
                Value::object(holder)
            }
            "f" | "renderList" => {
                return Some(self.call_array_method(&first, &"map".into(), &[second], place).unwrap_or_default());
            }
            "e" | "extend" => self.copied_into(&first, arguments, place),
            "watch" | "watchEffect" => {
                let callback = if name == "watch" { second } else { first };
                let context = self.context.clone();
                self.context.trigger =
                    if context.trigger == Trigger::Unseen { Trigger::Unseen } else { Trigger::Unasked };
                self.later(Some(&callback), vec![Value::unknown(), Value::unknown()], place);
                self.context = context;
                Value::unknown()
            }
            "nextTick" | "nextTick$1" => {
                self.later(Some(&first), Vec::new(), place);
                self.resolved(Value::unknown(), place)
            }
            "getCurrentInstance" => self.setting_up.map_or_else(Value::unknown, |view| {
                let holder = self.new_object();
                self.heap.edit(holder).fields.insert("proxy".into(), Value::object(view));
                Value::object(holder)
            }),
            "createSSRApp" | "createApp" => {
                self.register_view("App", &first, place);
                let app = self.new_object();
                let (use_plugin, config) = (self.native("Vue.use"), self.new_object());
                let prototype = self.vue_prototype();
                self.heap.edit(config).fields.insert("globalProperties".into(), Value::object(prototype));
                let fields = &mut self.heap.edit(app).fields;
                fields.insert("config".into(), Value::object(config));
                fields.insert("use".into(), use_plugin);
                Value::object(app)
            }
            // A Pinia store is defined by options with a state and actions, or by a function that creates it.
            "defineStore" => {
                let options = if arguments.len() > 1 { second } else { first };
                self.define_store(options, place)
            }
            "storeToRefs" => self.store_to_refs(&first, place),
            _ => {
                let is_client = self.call_vendored_miniauth(&first, place);
                return Some(is_client.unwrap_or_else(|| self.call_library(name, arguments, place)));
            }
        })
    }
}
