//! The way to a finding, step by step in words: only informative steps, and only the name of a package.

use super::{Lines, PathStep};
use crate::{
    flow::facts::{Place, Step, StepKind},
    project::Project,
    rules::Text,
};
use rustc_hash::FxHashMap;
use std::{cell::RefCell, sync::Arc};

/// A script with longer lines on average was written by a tool.
const MAX_LINE_LENGTH: usize = 300;

/// The packages that ways pass through.
pub(super) struct Packages<'p> {
    project: &'p Project,
    /// The scripts that a person reads: those of pages, components and the app.
    own: Vec<u32>,
    names: RefCell<FxHashMap<u32, Option<String>>>,
}

impl<'p> Packages<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        let is_own = |module: &&crate::project::Module| module.route.is_some() || module.template.is_some();
        let app = project.app.and_then(|app| project.modules.get(app as usize)).map(|module| module.file);
        let own = project.modules.iter().filter(is_own).map(|module| module.file).chain(app).collect();
        Self { project, own, names: RefCell::default() }
    }

    /// The package that a file belongs to: by its folder, or the file itself if it is minified and not a page's.
    fn name(&self, file: u32) -> Option<String> {
        self.names.borrow_mut().entry(file).or_insert_with(|| self.named(file)).clone()
    }

    fn named(&self, file: u32) -> Option<String> {
        let source = &self.project.files[file as usize];
        if let Some((_, inner)) = source.path.rsplit_once("node_modules/") {
            let parts = if inner.starts_with('@') { 2 } else { 1 };
            return Some(inner.split('/').take(parts).collect::<Vec<_>>().join("/"));
        }
        let is_script = self.project.template_of(file).is_none();
        let is_minified = is_script && source.text.len() > MAX_LINE_LENGTH * source.text.lines().count().max(1);
        (is_minified && !self.own.contains(&file)).then(|| source.path.clone())
    }
}

/// The informative steps. Everything that happens inside a package is one step with its name.
pub(super) fn steps(way: &[Arc<Step>], packages: &Packages<'_>, lines: &Lines<'_>) -> Vec<PathStep> {
    let mut path: Vec<PathStep> = Vec::new();
    let mut inside: Option<String> = None;
    let mut before: Option<&Step> = None;
    for (place, step) in way.iter().enumerate() {
        let is_end = place == 0 || place + 1 == way.len();
        let package = packages.name(step.place.file);
        let entered = package.is_some() && package != inside;
        inside.clone_from(&package);
        let what = match package.filter(|_| !is_end) {
            Some(_) if !entered => continue,
            Some(package) => Text::new(format!("经过 {package}"), format!("goes through {package}")),
            None if !is_end && says_nothing(step, before, lines) => continue,
            None => words(step, way.get(place + 1).map(|next| &**next)),
        };
        before = Some(step);
        let location = lines.location(step.place);
        if path.last().is_none_or(|last| last.place != location || last.what != what) {
            path.push(PathStep { place: location, what });
        }
    }
    path
}

/// Names given by compilers and module systems, not by authors.
const NO_NAMES: &[&str] = &["", "default", "_default"];

fn is_nameless(step: &Step) -> bool {
    NO_NAMES.contains(&&*step.label)
}

fn says_nothing(step: &Step, before: Option<&Step>, lines: &Lines<'_>) -> bool {
    let line = |place: Place| (place.file, lines.position(place.file, place.range.start).0);
    let is_called_back = |before: &Step| before.place == step.place && before.kind == StepKind::CalledBack;
    match step.kind {
        StepKind::Called if before.is_some_and(is_called_back) => true,
        // A function without a name, called in a line that has already been mentioned.
        StepKind::Called => is_nameless(step) && before.is_some_and(|before| line(before.place) == line(step.place)),
        StepKind::Assigned | StepKind::Field | StepKind::Copied => is_nameless(step),
        _ => false,
    }
}

/// The callback that the platform calls next: the call and the callback become one step.
fn callback<'s>(step: &Step, next: Option<&'s Step>) -> Option<&'s str> {
    let next = next.filter(|next| next.kind == StepKind::Called && next.place == step.place)?;
    (!is_nameless(next)).then_some(&*next.label)
}

/// A step in words.
fn words(step: &Step, next: Option<&Step>) -> Text {
    let name = if step.kind == StepKind::Called && is_nameless(step) { "" } else { &*step.label };
    let text = |zh: String, en: String| Text { zh, en };
    match step.kind {
        StepKind::Source => text(format!("{name} 返回展示信息"), format!("{name} gives display information")),
        StepKind::Assigned => text(format!("赋给 {name}"), format!("assigned to {name}")),
        StepKind::Field => text(format!("写入字段 {name}"), format!("put into field {name}")),
        StepKind::Element => text("放入数组".into(), "put into an array".into()),
        StepKind::Copied => text(format!("随所在对象一起复制：{name}"), format!("copied with its object: {name}")),
        StepKind::Returned => text("由函数返回".into(), "returned".into()),
        StepKind::Promised => text(format!("由 {name} 传出"), format!("handed on by {name}")),
        StepKind::Mixed if name.is_empty() => text("成为另一个值的一部分".into(), "made part of another value".into()),
        StepKind::Mixed => text(format!("拼接成参数 {name}"), format!("made parameter {name}")),
        StepKind::SetData => text(format!("setData 到 {name}"), format!("set as page data {name}")),
        StepKind::Stored => text(format!("存入缓存，key 为 {name}"), format!("stored under {name}")),
        StepKind::Read => text(format!("从缓存读出，key 为 {name}"), format!("read from storage {name}")),
        StepKind::Navigated => text(format!("通过页面参数 {name} 传递"), format!("travels as page parameter {name}")),
        StepKind::Emitted => text(format!("通过事件 {name} 传递"), format!("travels with event {name}")),
        StepKind::Template => text(format!("由模板的 {name} 传递"), format!("handed on by the template's {name}")),
        StepKind::Sink => text(format!("传给 {name}"), format!("given to {name}")),
        StepKind::Entry if name == "module" => text("模块加载".into(), "the module loads".into()),
        StepKind::Entry => text(format!("从 {name} 开始"), format!("starts with {name}")),
        StepKind::Called if name.is_empty() => text("调用函数".into(), "calls a function".into()),
        StepKind::Called => text(format!("调用 {name}"), format!("calls {name}")),
        StepKind::CalledBack if name.is_empty() => match callback(step, next) {
            Some(callback) => text(format!("之后回调 {callback}"), format!("calls back {callback} later")),
            None => text("之后回调".into(), "calls back later".into()),
        },
        StepKind::CalledBack => text(format!("由 {name} 回调"), format!("called back by {name}")),
        StepKind::Refused => text(format!("{name} 被拒绝或失败"), format!("{name} is refused or fails")),
        StepKind::Unallowed => text(format!("未经授权调用 {name}"), format!("{name} is called without the consent")),
        StepKind::Panel => text(format!("{name} 弹出授权弹窗"), format!("{name} shows a consent panel")),
    }
}
