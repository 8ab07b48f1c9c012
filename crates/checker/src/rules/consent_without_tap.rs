//! `consent-without-tap`

use super::{Level, Rule, Text, found};
use crate::flow::facts::RawFinding;

pub(super) const RULE: Rule = Rule {
    id: "consent-without-tap",
    level: Level::Error,
    title: ("未经用户点击就弹出授权弹窗", "A consent panel appears without a tap"),
    advice: (
        "请在用户点击的事件处理函数中发起授权；进入页面时只能用 auth_base 静默授权。",
        "Ask in the handler of the person's own tap; when a page opens, only the silent auth_base is allowed.",
    ),
    documentation: DOCUMENTATION,
    check: |_, analysis| found(analysis, RULE.id),
    message,
};

fn message(finding: &RawFinding) -> Text {
    let entry = finding.way.first().map_or("", |step| &*step.label);
    let api = &*finding.subject;
    if entry == "module" {
        return Text::new(
            format!("模块加载时就会弹出授权弹窗（{api}），没有任何用户点击"),
            format!("{api} shows a consent panel as soon as the module loads, without a tap"),
        );
    }
    Text::new(
        format!("从 {entry} 开始，未经用户点击就会调用 {api} 弹出授权弹窗"),
        format!("{api} shows a consent panel on the way from {entry}, without a tap"),
    )
}

const DOCUMENTATION: &str = r"# consent-without-tap

A consent panel may appear only when the person has just tapped something that needs it.

**The platform's rule.** No panel on the first screen, under penalty. `onLoad` may only authorise silently
(`auth_base`). Closing a panel fires `onShow` again, so `onShow` must not ask either.

**What it looks at.** `my.getAuthCode` with `auth_user` and `my.authorize`, reached from a life cycle function, a module's top
level, an interval, an event that nobody makes by hand (`onAppear`, an image's `onLoad`), or a callback of any of these. A
timeout that a tap starts still belongs to the tap. The finding shows the chain of calls. What the authorising button asks for shows
no panel by itself: see `authorize-button`.

## Breaks it

```js
Page({
  onLoad() {
    my.getAuthCode({ scopes: 'auth_user', success: ({ authCode }) => this.login(authCode) });
  },
});
```

## Keeps it

```js
Page({
  onLoad() {
    my.getAuthCode({ scopes: 'auth_base', success: ({ authCode }) => this.login(authCode) });
  },
  // <button onTap='becomeMember'>
  becomeMember() {
    my.getAuthCode({ scopes: 'auth_user', success: ({ authCode }) => this.login(authCode) });
  },
});
```
";
