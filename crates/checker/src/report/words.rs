//! What each step is called.

use crate::{
    flow::trail::{Step, StepKind},
    rules::Text,
};

/// A step in words.
pub(super) fn words(step: &Step) -> Text {
    let name = &*step.label;
    let text = |zh: String, en: String| Text { zh, en };
    match step.kind {
        StepKind::Source => text(format!("{name} 得到展示信息"), format!("{name} gives display information")),
        StepKind::Assigned => text(format!("赋给 {name}"), format!("assigned to {name}")),
        StepKind::Field => text(format!("放进字段 {name}"), format!("put into field {name}")),
        StepKind::Element => text("放进数组".into(), "put into an array".into()),
        StepKind::Copied => text(format!("随对象复制：{name}"), format!("copied with its object: {name}")),
        StepKind::Returned => text("由函数返回".into(), "returned".into()),
        StepKind::Promised => text(format!("经 {name} 得到"), format!("handed on by {name}")),
        StepKind::Mixed if name.is_empty() => text("成为另一个值的一部分".into(), "made part of another value".into()),
        StepKind::Mixed => text(format!("拼成参数 {name}"), format!("made parameter {name}")),
        StepKind::SetData => text(format!("setData 到 {name}"), format!("set as page data {name}")),
        StepKind::Stored => text(format!("以 {name} 存入缓存"), format!("stored under {name}")),
        StepKind::Read => text(format!("从缓存 {name} 读出"), format!("read from storage {name}")),
        StepKind::Navigated => text(format!("随页面参数 {name} 传递"), format!("travels as page parameter {name}")),
        StepKind::Emitted => text(format!("经事件 {name} 传递"), format!("travels with event {name}")),
        StepKind::Template => text(format!("经模板的 {name}"), format!("handed on by the template's {name}")),
        StepKind::Sink => text(format!("交给 {name}"), format!("given to {name}")),
        StepKind::Entry if name == "module" => text("模块加载".into(), "the module loads".into()),
        StepKind::Entry => text(format!("从 {name} 开始"), format!("starts with {name}")),
        StepKind::Called if name.is_empty() => text("调用函数".into(), "calls a function".into()),
        StepKind::Called => text(format!("调用 {name}"), format!("calls {name}")),
        StepKind::CalledBack if name.is_empty() => text("之后回调".into(), "calls back later".into()),
        StepKind::CalledBack => text(format!("由 {name} 回调"), format!("called back by {name}")),
        StepKind::Refused => text(format!("{name} 被拒绝或失败"), format!("{name} is refused or fails")),
        StepKind::Unallowed => text(format!("{name} 没有得到授权"), format!("{name} is called without the consent")),
        StepKind::Panel => text(format!("{name} 弹出授权"), format!("{name} shows a consent panel")),
    }
}
