//! Places that were reached and could not be followed, and how the report names them.

use crate::{flow::Analysis, project::Project, report::Lines, rules::Text};
use serde::Serialize;

/// A place that was reached and could not be followed.
#[derive(Debug, Clone, Serialize)]
pub struct Gap {
    /// What could not be followed there.
    pub kind: GapKind,
    /// The name of the package, function or call behind it; may be empty.
    pub what: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The pages, components and app scripts whose runs reached it.
    pub reached_from: Vec<String>,
}

/// What cannot be followed at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// A module whose name is only known at run time.
    ComputedModule,
    /// A call of `my` whose name is only known at run time.
    ComputedCall,
    /// Code in a text (`eval`, `new Function`, a timer's text), and `with`.
    CodeInText,
    /// A part of a page or component, such as a mixin, comes from a missing package.
    MissingPart,
    /// A library's function in uni-app's vendor file, whose code does not run, receives display information or `my`, or may show a panel.
    LibraryCall,
    /// A function that shows a consent panel is passed to missing code, and nothing else calls it.
    HandedOver,
    /// A function that shows a consent panel may be called here, but the analysis had reached a limit.
    Limit,
}

impl Gap {
    /// The place, and what could not be followed.
    #[must_use]
    pub fn words(&self) -> Text {
        let Self { kind, what, file, line, reached_from } = self;
        let (zh, en) = match kind {
            GapKind::ComputedModule if what.is_empty() => {
                ("模块名称在运行时才确定".to_owned(), "the name of the module only exists at run time".to_owned())
            }
            GapKind::ComputedModule => (
                format!("找不到按计算名称加载的模块 {what}"),
                format!("there is no module of the computed name {what}"),
            ),
            GapKind::ComputedCall => (
                format!("调用 {what} 的哪个方法在运行时才确定"),
                format!("which function of {what} is called is only known at run time"),
            ),
            GapKind::CodeInText => (format!("执行字符串中的代码（{what}）"), format!("code in a text is run ({what})")),
            GapKind::MissingPart => (
                format!("页面或组件的一部分来自缺少的 {what}"),
                format!("a part of the page comes from {what}, which is missing"),
            ),
            GapKind::LibraryCall => (
                format!("传给库函数 {what}，其代码未分析"),
                format!("the code of the library's function {what} is not followed"),
            ),
            GapKind::HandedOver => (
                format!("调用 {what} 的函数传给了未知代码，何时执行不得而知"),
                format!("code that is not there receives a function that calls {what}"),
            ),
            GapKind::Limit => (
                format!("此处可能调用的函数会调用 {what}，因超出分析上限而未执行"),
                format!("a function that calls {what} may be called, but a limit of the analysis was reached"),
            ),
        };
        let others: Vec<&str> = reached_from.iter().filter(|unit| *unit != file).map(String::as_str).collect();
        let (mut from_zh, mut from_en) = (String::new(), String::new());
        if let Some(first) = others.first() {
            let more = others.len() - 1;
            (from_zh, from_en) = match more {
                0 => (format!("（由 {first} 执行到）"), format!(" (reached from {first})")),
                _ => (
                    format!("（由 {first} 等 {} 个脚本执行到）", others.len()),
                    format!(" (reached from {first} and {more} more)"),
                ),
            };
        }
        Text::new(format!("{file}:{line} {zh}{from_zh}"), format!("{file}:{line} {en}{from_en}"))
    }
}

/// The gaps that the runs have noted.
pub(super) fn gaps(project: &Project, analysis: &Analysis) -> Vec<Gap> {
    let lines = Lines::new(project);
    let file_of = |module: &u32| project.files[project.modules[*module as usize].file as usize].path.clone();
    let told = analysis.gaps.iter().map(|((place, kind, what), units)| Gap {
        kind: *kind,
        what: what.to_string(),
        file: project.files[place.file as usize].path.clone(),
        line: lines.position(place.file, place.range.start).0,
        reached_from: units.iter().map(file_of).collect(),
    });
    told.collect()
}
