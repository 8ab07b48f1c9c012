//! What was analysed, and what could not be: "no findings" means little if little was analysed.

mod gap;

pub use gap::{Gap, GapKind};

use crate::{
    flow::{Analysis, of_babels_runtime},
    project::{NotReported, Project, Target, join},
    rules::Text,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// What a check has covered.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Coverage {
    /// How many pages `app.json` names.
    pub pages: usize,
    /// How many of them were followed: their script ran and registered a page with known contents.
    pub followed: usize,
    /// Scripts that ran without registering anything known: pages of `app.json`, and `app.js`.
    pub not_followed: Vec<String>,
    /// Pages of `app.json` that have no script.
    pub without_script: Vec<String>,
    /// How many life cycle functions, events and other handlers were run.
    pub handlers: usize,
    /// How many of the scripts that register something were cut short because of their size.
    #[serde(skip)]
    pub cut: usize,
    /// What the app's own scripts require or its templates name, but the folder lacks.
    pub missing: Vec<String>,
    /// Places that were reached and could not be followed.
    pub gaps: Vec<Gap>,
    /// The framework or tool behind the code, if the code cannot be followed.
    pub framework: Option<Framework>,
    /// Whether there is an `app.json`.
    pub app_json: bool,
    /// Scripts whose run reached the time limit.
    pub out_of_time: Vec<String>,
    /// Scripts that did not run, or did not run again with what other runs had left, because the time was up.
    pub not_run: Vec<String>,
    /// Files that were read because other files use them, but that are not reported on.
    pub not_reported: NotReported,
}

/// A framework whose source or output cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framework {
    /// Sources of uni-app.
    UniAppSource,
    /// Sources of Taro.
    TaroSource,
    /// Sources of mpx.
    MpxSource,
    /// uni-app's output.
    UniAppOutput,
    /// Taro's output.
    TaroOutput,
    /// mpx's output.
    MpxOutput,
    /// Another tool's output with webpack's runtime.
    WebpackOutput,
}

impl Framework {
    /// Recognises sources by the files of a folder without `app.json`.
    pub(crate) fn of_sources<'f>(paths: impl Iterator<Item = &'f str> + Clone) -> Option<Self> {
        let has = |test: fn(&str) -> bool| paths.clone().any(test);
        let named = |path: &str, name: &str| path.rsplit('/').next() == Some(name);
        if has(|path| path.ends_with(".mpx")) {
            return Some(Self::MpxSource);
        }
        let configured = ["app.config.ts", "app.config.js"];
        if paths.clone().any(|path| configured.iter().any(|name| named(path, name))) {
            return Some(Self::TaroSource);
        }
        let is_uni = has(|path| path.ends_with(".vue")) && paths.clone().any(|path| named(path, "pages.json"));
        is_uni.then_some(Self::UniAppSource)
    }

    /// Recognises output by the scripts that could not be followed and the files beside them.
    fn of_output(project: &Project, not_followed: &[u32]) -> Option<Self> {
        if not_followed.is_empty() {
            return None;
        }
        let text = |module: &u32| &*project.files[project.modules[*module as usize].file as usize].text;
        let has = |word: &str| not_followed.iter().any(|module| text(module).contains(word));
        let at_root = |name: &str| {
            project.files.iter().any(|file| file.path.trim_start_matches(&project.root).trim_matches('/') == name)
        };
        if at_root("taro.js") || has("createPageConfig") || has("@tarojs") {
            Some(Self::TaroOutput)
        } else if at_root("common/vendor.js") || has("createSSRApp") || has("my.createPage") {
            Some(Self::UniAppOutput)
        } else if has("mpx-app-scope") || has("__mpxProxy") {
            Some(Self::MpxOutput)
        } else {
            (has("webpackJsonp") || has("webpackChunk")).then_some(Self::WebpackOutput)
        }
    }

    /// Its description.
    #[must_use]
    pub fn words(self) -> Text {
        match self {
            Self::UniAppSource => Text::new("uni-app 源码", "uni-app's source"),
            Self::TaroSource => Text::new("Taro 源码", "Taro's source"),
            Self::MpxSource => Text::new("mpx 源码", "mpx's source"),
            Self::UniAppOutput => Text::new("uni-app 编译产物", "uni-app's output"),
            Self::TaroOutput => Text::new("Taro 编译产物", "Taro's output"),
            Self::MpxOutput => Text::new("mpx 编译产物", "mpx's output"),
            Self::WebpackOutput => Text::new("webpack 打包产物", "a webpack bundle"),
        }
    }

    fn next_step(self) -> Text {
        match self {
            Self::UniAppSource => Text::new(
                "先编译到支付宝小程序，再检查 dist/build/mp-alipay 或 unpackage/dist/build/mp-alipay",
                "Compile it for Alipay, then check dist/build/mp-alipay or unpackage/dist/build/mp-alipay",
            ),
            Self::TaroSource => Text::new(
                "先执行 taro build --type alipay，再检查 dist",
                "Run taro build --type alipay, then check dist",
            ),
            Self::MpxSource => {
                Text::new("先编译到支付宝小程序，再检查 dist/ali", "Compile it for Alipay, then check dist/ali")
            }
            Self::UniAppOutput | Self::TaroOutput | Self::MpxOutput | Self::WebpackOutput => Text::new(
                "这些页面请人工检查：找出所有调用 my.getAuthCode 和 my.getOpenUserInfo 的地方",
                "Look at these pages yourself: search for the calls of my.getAuthCode and my.getOpenUserInfo",
            ),
        }
    }
}

impl Coverage {
    pub(crate) fn of(project: &Project, analysis: &Analysis) -> Self {
        let path = |module: u32| project.files[project.modules[module as usize].file as usize].path.clone();
        let is_run = |module: &u32| analysis.registering.contains(module);
        let followed = project.pages.values().filter(|module| is_run(module)).count();
        let mut not_followed: Vec<u32> =
            project.pages.values().chain(&project.app).copied().chain(components(project)).collect();
        // A chunk may hold modules without running any.
        let has_code = |module: &u32| {
            let module = &project.modules[*module as usize];
            !module.script.is_empty() || project.libraries.contains(&module.file)
        };
        not_followed.retain(|module| !is_run(module) && has_code(module));
        not_followed.sort_unstable();
        not_followed.dedup();
        let framework = match project.app_json {
            true => Framework::of_output(project, &not_followed),
            false => project.sources,
        };
        Self {
            pages: project.named.len(),
            followed,
            not_followed: not_followed.into_iter().map(path).collect(),
            without_script: project.named.iter().filter(|route| !project.pages.contains_key(*route)).cloned().collect(),
            handlers: analysis.handlers.len(),
            cut: analysis.cut.iter().filter(|module| is_run(module)).count(),
            missing: missing(project),
            gaps: gap::gaps(project, analysis),
            framework,
            app_json: project.app_json,
            out_of_time: analysis.out_of_time.iter().copied().map(path).collect(),
            not_run: analysis.not_run.iter().copied().map(path).collect(),
            not_reported: project.not_reported(),
        }
    }

    /// Whether no page, component or app ran.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.followed == 0 && self.handlers == 0
    }

    /// Why "no findings" would not mean that the app is clean, and what to do; `None` if everything was followed.
    #[must_use]
    pub fn obstacle(&self) -> Option<(Text, Text)> {
        let reason = self.reason()?;
        let next = match self.framework {
            _ if self.is_out_of_time() => {
                Text::new("用 --page-time 与 --time 延长时限", "Give more time by --page-time and --time")
            }
            Some(framework) => framework.next_step(),
            None if !self.app_json => Text::new("请指定 app.json 所在的文件夹", "Give the folder of app.json"),
            None if !self.missing.is_empty() => {
                Text::new("安装缺少的包后再检查", "Install the packages that are missing, then check again")
            }
            None if self.not_followed.is_empty() && !self.gaps.is_empty() => {
                Text::new("请人工检查这些位置", "Look at these places yourself")
            }
            None => Text::new("这些页面请人工检查", "Look at these pages yourself"),
        };
        if !self.is_empty() {
            return Some((reason, next));
        }
        let why = Text::new(format!("没有可分析的代码：{}", reason.zh), format!("nothing was analysed: {}", reason.en));
        Some((why, next))
    }

    fn is_out_of_time(&self) -> bool {
        !self.out_of_time.is_empty() || !self.not_run.is_empty()
    }

    /// A note on the files that are not reported on; `None` if there are none.
    #[must_use]
    pub fn note(&self) -> Option<Text> {
        let NotReported { pages, other_apps, minified } = &self.not_reported;
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        let counted = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        if !pages.is_empty() {
            zh.push(format!("未在 app.json 中列出的页面 {} 个", pages.len()));
            en.push(counted(pages.len(), "page that app.json does not name", "pages that app.json does not name"));
        }
        if !other_apps.is_empty() {
            zh.push(format!("其他应用或平台的文件 {} 个", other_apps.len()));
            en.push(counted(other_apps.len(), "file of another app or platform", "files of other apps or platforms"));
        }
        if !minified.is_empty() {
            zh.push(format!("压缩过的库 {} 个", minified.len()));
            en.push(counted(minified.len(), "minified library", "minified libraries"));
        }
        (!zh.is_empty()).then(|| {
            Text::new(
                format!("只读取、不报告问题：{}", zh.join("，")),
                format!("Read, not reported on: {}", en.join(", ")),
            )
        })
    }

    fn reason(&self) -> Option<Text> {
        if self.is_out_of_time() {
            let (cut, left) = (self.out_of_time.len(), self.not_run.len());
            return Some(Text::new(
                format!("时间用完：{cut} 个脚本未能分析完，{left} 个未分析"),
                format!("the time ran out: {cut} scripts were not followed to the end, {left} were not run"),
            ));
        }
        let by = self.framework.map(Framework::words);
        if self.is_empty() && !self.app_json {
            return Some(match by {
                Some(by) => Text::new(
                    format!("这是{}，没有 app.json", by.zh),
                    format!("this is {}, without an app.json", by.en),
                ),
                None => Text::new("没有 app.json", "there is no app.json"),
            });
        }
        if self.is_empty() && self.pages == 0 {
            return Some(Text::new("app.json 没有列出页面", "app.json lists no pages"));
        }
        if self.is_empty() && self.not_followed.is_empty() {
            return Some(Text::new("app.json 列出的页面都没有代码", "no page of app.json has any code"));
        }
        let by = by.map_or(Text::new("", ""), |by| Text::new(format!("（{}）", by.zh), format!(" ({})", by.en)));
        Some(match self.not_followed.len() {
            0 if self.cut == 0 && self.gaps.is_empty() => return None,
            0 if self.cut == 0 => Text::new(
                format!("有 {} 处代码无法分析", self.gaps.len()),
                match self.gaps.len() {
                    1 => "one place in the code could not be followed".to_owned(),
                    count => format!("{count} places in the code could not be followed"),
                },
            ),
            0 => Text::new(
                format!("有 {} 个脚本太大，未能分析完", self.cut),
                format!("scripts too large to be followed to the end: {}", self.cut),
            ),
            1 => {
                Text::new(format!("有 1 个脚本无法分析{}", by.zh), format!("one script could not be followed{}", by.en))
            }
            count => Text::new(
                format!("有 {count} 个脚本无法分析{}", by.zh),
                format!("{count} scripts could not be followed{}", by.en),
            ),
        })
    }
}

/// The components that Taro adds to every build. They contain no code of the app.
const OF_TARO: &[&str] = &["comp.js", "custom-wrapper.js"];

/// The scripts of the components that pages, and their components, use.
fn components(project: &Project) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut due: Vec<u32> = project.pages.values().copied().collect();
    while let Some(module) = due.pop() {
        let used = project.modules[module as usize].components.values().copied();
        due.extend(used.filter(|component| {
            let of = &project.modules[*component as usize];
            let is_taros = OF_TARO
                .iter()
                .any(|name| join(&project.root, name).as_ref() == Some(&project.files[of.file as usize].path));
            !of.in_package && !is_taros && !project.aside.contains_key(&of.file) && found.insert(*component)
        }));
    }
    found
}

/// What the app's own scripts require and the folder lacks, except compilers' helpers, which are known by name.
fn missing(project: &Project) -> Vec<String> {
    let mut missing = BTreeSet::new();
    for module in project.modules.iter().filter(|module| !module.in_package) {
        for (request, target) in module.script.requests.iter().zip(&module.targets) {
            // A bundler numbers its modules; a number is not a package's name.
            let is_number = request.bytes().all(|byte| byte.is_ascii_digit());
            let is_known = &**request == "tslib" || of_babels_runtime(request).is_some();
            if *target == Target::Missing && !is_known && !is_number && !project.has_data(module.file, request) {
                missing.insert(request.to_string());
            }
        }
    }
    let modules = project.modules.iter().filter(|module| !module.in_package);
    missing.extend(modules.flat_map(|module| &module.script.missing).map(ToString::to_string));
    let absent = project.absent.iter().filter(|(file, _)| !project.aside.contains_key(file));
    missing.extend(absent.map(|(_, name)| name.clone()));
    missing.into_iter().collect()
}
