//! How the work grows with the size of a project. It is counted in steps, which do not depend on the machine.

use miniauth_checker::{Options, check, project::MemoryFiles};
use std::collections::BTreeSet;

/// The steps of a project whose pages share a library: objects that refer to one another, and a loop that passes all of them to a
/// function of a missing package. Adapters between platforms look like this.
fn steps(pages: usize, objects: usize) -> u64 {
    let mut memory = MemoryFiles::default();
    let routes: Vec<String> = (0..pages).map(|page| format!("\"pages/p{page}/index\"")).collect();
    memory.0.insert("app.json".to_owned(), format!("{{ \"pages\": [{}] }}", routes.join(", ")).into_bytes());
    memory.0.insert("lib/adapter.js".to_owned(), library(objects).into_bytes());
    for page in 0..pages {
        let code =
            "const { wrap } = require('../../lib/adapter');\nPage(wrap({ onLoad() { wrap(this); }, tap() {} }));";
        memory.0.insert(format!("pages/p{page}/index.js"), code.as_bytes().to_vec());
        memory.0.insert(format!("pages/p{page}/index.axml"), b"<view onTap=\"tap\" />".to_vec());
    }
    let report =
        check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read");
    assert_eq!((report.coverage.followed, report.cut.len()), (pages, 0));
    report.steps
}

fn library(objects: usize) -> String {
    let mut code = String::from("const { handle } = require('adapter-tools');\nconst relations = { root: {} };\n");
    for object in 0..objects {
        let (one, other) = (object / 2, object / 3);
        code += &format!(
            "relations.r{object} = {{ up: relations.r{one}, over: relations.r{other}, root: relations.root }};\n"
        );
        code += &format!("handle(relations, relations.r{object});\n");
    }
    code + "function wrap(page) { for (const key in relations) { relations[key].page = key; } return page; }\nexports.wrap = wrap;\n"
}

/// Checks that the work grows no faster than n log n, with a tolerance of a tenth for small sizes.
fn grows_well(of: impl Fn(usize) -> u64, sizes: [usize; 2]) {
    let [small, large] = sizes.map(|size| of(size) as f64);
    let [n, m] = sizes.map(|size| size as f64);
    let allowed = 1.1 * (m * m.log2()) / (n * n.log2());
    assert!(large / small <= allowed, "{small} steps, then {large}: {:.2} times, {allowed:.2} would do", large / small);
}

#[test]
fn twice_the_pages_cost_no_more_than_n_log_n() {
    grows_well(|pages| steps(pages, 100), [20, 80]);
}

#[test]
fn a_larger_library_costs_no_more_than_n_log_n() {
    grows_well(|objects| steps(3, objects), [100, 800]);
}

/// The steps of pages that all require the same helpers. Each helper does something when it is loaded.
fn steps_of_sharing(pages: usize, helpers: usize) -> u64 {
    let mut memory = MemoryFiles::default();
    let routes: Vec<String> = (0..pages).map(|page| format!("\"pages/p{page}/index\"")).collect();
    memory.0.insert("app.json".to_owned(), format!("{{ \"pages\": [{}] }}", routes.join(", ")).into_bytes());
    let all: String = (0..helpers).map(|helper| format!("export * from './u{helper}';\n")).collect();
    memory.0.insert("utils/index.js".to_owned(), all.into_bytes());
    for helper in 0..helpers {
        let code = format!(
            "const table = {{}};\n['a', 'b', 'c'].forEach((key) => {{ table[key] = key + {helper}; }});\nexport const of{helper} = table;"
        );
        memory.0.insert(format!("utils/u{helper}.js"), code.into_bytes());
    }
    for page in 0..pages {
        let code = "import { of0 } from '../../utils/index';\nPage({ onLoad() { this.setData({ text: of0.a }); } });";
        memory.0.insert(format!("pages/p{page}/index.js"), code.as_bytes().to_vec());
        memory.0.insert(format!("pages/p{page}/index.axml"), b"<view />".to_vec());
    }
    let report =
        check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read");
    assert_eq!((report.coverage.followed, report.cut.len()), (pages, 0));
    report.steps
}

#[test]
fn what_all_pages_require_is_not_run_for_each_of_them() {
    grows_well(|size| steps_of_sharing(size, 2 * size), [20, 80]);
}

/// The steps of a page that asks a package for many texts. For each one, the package runs fifty comparisons.
fn steps_of_texts(calls: usize) -> u64 {
    let mut memory = MemoryFiles::default();
    memory.0.insert("app.json".to_owned(), b"{ \"pages\": [\"pages/a/index\"] }".to_vec());
    memory.0.insert("node_modules/texts/package.json".to_owned(), b"{ \"main\": \"index.js\" }".to_vec());
    let work: String = (0..50).map(|line| format!("  if (key === 'k{line}') text = text + {line};\n")).collect();
    let package = format!("exports.t = function (key) {{\n  let text = '' + key;\n{work}  return text;\n}};");
    memory.0.insert("node_modules/texts/index.js".to_owned(), package.into_bytes());
    let asked: String = (0..calls).map(|call| format!("    this.title{call} = t('k{call}');\n")).collect();
    let page = format!("const {{ t }} = require('texts');\nPage({{ onLoad() {{\n{asked}}} }});");
    memory.0.insert("pages/a/index.js".to_owned(), page.into_bytes());
    memory.0.insert("pages/a/index.axml".to_owned(), b"<view />".to_vec());
    let report =
        check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read");
    report.steps
}

#[test]
fn a_package_that_only_computes_is_not_run_for_every_call() {
    let [few, many] = [8, 64].map(steps_of_texts);
    assert!(many < 3 * few, "{few} steps for 8 calls, {many} for 64");
}

/// The steps of a page whose template uses the same component and binds the same handler many times.
fn steps_of_repeating(uses: usize) -> u64 {
    let mut memory = MemoryFiles::default();
    let mut add = |path: &str, text: &str| memory.0.insert(path.to_owned(), text.as_bytes().to_vec());
    let work = "for (const key of [1, 2, 3, 4, 5, 6, 7, 8]) { this.count = [key, key, key].map((one) => one + key); }";
    add("app.json", "{ \"pages\": [\"pages/a/index\"] }");
    add("pages/a/index.json", "{ \"usingComponents\": { \"icon\": \"/icon/index\" } }");
    add("pages/a/index.js", &format!("Page({{ tap() {{ {work} }} }});"));
    let used = "<icon name=\"star\" /><view onTap=\"tap\" />";
    add("pages/a/index.axml", &format!("<view>{}</view>", used.repeat(uses)));
    add("icon/index.json", "{ \"component\": true }");
    add("icon/index.js", &format!("Component({{ didMount() {{ {work} }} }});"));
    add("icon/index.axml", "<view />");
    check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read").steps
}

#[test]
fn what_a_template_repeats_is_not_run_each_time() {
    let [few, many] = [2, 40].map(steps_of_repeating);
    assert!(many < 2 * few, "{few} steps, then {many}");
}

/// The steps of a project of 12 pages with this code each, and these other files.
fn steps_of_pages(page: &str, others: &[(&str, &str)]) -> u64 {
    let mut memory = MemoryFiles::default();
    let routes: Vec<String> = (0..12).map(|page| format!("\"pages/p{page}/index\"")).collect();
    memory.0.insert("app.json".to_owned(), format!("{{ \"pages\": [{}] }}", routes.join(", ")).into_bytes());
    for (path, code) in others {
        memory.0.insert((*path).to_owned(), code.as_bytes().to_vec());
    }
    for place in 0..12 {
        memory.0.insert(format!("pages/p{place}/index.js"), page.replace("PLACE", &place.to_string()).into_bytes());
        memory.0.insert(format!("pages/p{place}/index.axml"), b"<view onTap=\"tap\" />".to_vec());
    }
    let report =
        check(&memory, &Options { threads: Some(1), ..Options::default() }).expect("files in memory can be read");
    assert_eq!((report.coverage.followed, report.cut.len()), (12, 0));
    // Every page puts display information into the store, and sends what another page has put there.
    let forwarded = report.findings.iter().filter(|finding| finding.rule == "display-only-forwarded");
    let senders: BTreeSet<&str> = forwarded.map(|finding| &*finding.place.file).collect();
    assert_eq!(senders.len(), if page.contains("state.user") { 12 } else { 0 });
    report.steps
}

const WORK: &str =
    "for (const key of [1, 2, 3, 4, 5, 6, 7, 8]) { table[key] = [key, key, key].map((one) => one + key); }";

/// A store puts functions of modules that it does not require itself into its own object, as Vuex's stores do. Every page loads the store
/// with these functions, so no page needs those of another page.
#[test]
fn functions_that_a_module_holds_when_it_is_loaded_are_not_run_again_for_other_pages() {
    let page = "const store = require('../../store/index');\nPage({\n  onLoad() { store.actions.load(); my.request({ url: 'https://a.example/PLACE', data: store.state.user }); },\n  tap() { my.getOpenUserInfo({ success(answer) { store.state.user = answer.response; } }); },\n});";
    let user = format!("const table = {{}};\nexports.actions = {{ load() {{ {WORK} }} }};");
    let [own, far] = ["./user", "./modules"].map(|from| {
        let store =
            format!("const {{ actions }} = require('{from}');\nmodule.exports = {{ state: {{}}, actions: {{ load: actions.load }} }};");
        let modules = "exports.actions = require('./user').actions;";
        steps_of_pages(page, &[("store/index.js", &store), ("store/modules.js", modules), ("store/user.js", &user)])
    });
    assert!(far * 10 < own * 12, "{own} steps with the store's own functions, {far} with others'");
}

/// A compiler's helper puts a hook into an object of another module each time it is loaded.
#[test]
fn what_every_page_leaves_in_a_module_is_news_for_none() {
    let page = format!(
        "const options = require('../../shared/component');\nconst table = {{}};\nPage({{ onLoad() {{ {WORK} options.data(); }}, tap() {{}} }});"
    );
    let component = "module.exports = require('./normalize')(require('./options').component);";
    let [without, with] = ["", "options.hook = function () { return options.data(); };"].map(|hook| {
        let normalize = format!("module.exports = function (options) {{ {hook} return options; }};");
        let options = "exports.component = { data() { return {}; } };";
        let files =
            [("shared/component.js", component), ("shared/normalize.js", &normalize), ("shared/options.js", options)];
        steps_of_pages(&page, &files)
    });
    assert!(with * 10 < without * 15, "{without} steps without the hook, {with} with it");
}

/// Bundlers wrap whole modules in functions that are called at once.
#[test]
fn a_function_called_where_it_is_defined_is_not_run_again() {
    let code = format!("const table = {{}};\n{WORK}\n{WORK}\nPage({{ tap() {{}} }});");
    let plain = steps_of_pages(&code, &[]);
    for wrapped in [format!("(function (self) {{ {code} }})(this);"), format!("(function () {{ {code} }}).call(this);")]
    {
        let steps = steps_of_pages(&wrapped, &[]);
        assert!(steps * 10 < plain * 13, "{plain} steps, {steps} for {wrapped}");
    }
}

/// A failed request leads to a login, whose own request can fail, which leads back to the first request.
#[test]
fn callbacks_that_come_round_again_are_not_followed_for_ever() {
    let page = |fail: &str| {
        format!(
            "const app = {{\n  login(then) {{ send('/login', () => app.user(then)); }},\n  user(then) {{ send('/user', then); }},\n}};\nfunction send(path, then) {{ my.request({{ url: 'https://a.example' + path, success(answer) {{ then(answer); }}, fail() {{ {fail} }} }}); }}\nPage({{ tap() {{ send('/PLACE', () => {{}}); }}, onLoad() {{ app.login(() => {{}}); }} }});"
        )
    };
    let [once, again] = ["", "app.login(() => send(path, then));"].map(|fail| steps_of_pages(&page(fail), &[]));
    assert!(again < 15 * once, "{once} steps, {again} where a failure tries again");
}
