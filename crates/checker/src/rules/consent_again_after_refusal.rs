//! `consent-again-after-refusal`

use super::{Level, Rule, Text, found};
use crate::flow::facts::RawFinding;

pub(super) const RULE: Rule = Rule {
    id: "consent-again-after-refusal",
    level: Level::Error,
    title: ("用户拒绝后再次弹出授权", "A consent panel appears again after a refusal"),
    advice: (
        "平台禁止强制、重复弹出授权，用户不同意时也要能继续使用。本工具的尺度：拒绝后只有用户再次主动点击才能再问，并说明原因。",
        "The platform forbids forced or repeated panels, and locking out users who refuse. This project's own measure: ask again only \
         when the person starts anew, and say why.",
    ),
    documentation: DOCUMENTATION,
    check: |_, analysis| found(analysis, RULE.id),
    message,
};

fn message(finding: &RawFinding) -> Text {
    let api = &*finding.subject;
    Text::new(
        format!("拒绝或失败之后会再次弹出授权 {api}，没有新的用户点击"),
        format!("{api} shows the panel again after a refusal or failure, without a new tap"),
    )
}

const DOCUMENTATION: &str = r#"# consent-again-after-refusal

A refusal is an answer. Asking again without a new tap makes consent a matter of patience.

**The platform's rule.** Its compliance requirements forbid forced or repeated panels, and locking out users who do not agree:
there must be something to use without consent.

**This project's own rule.** The platform does not say what "repeated" is. Here it is a panel after a refusal or failure without a
new act of the person: an app asks again only when the person starts it, with the reason explained.

**What it looks at.** Panels reached from `fail` or `complete` of a panel, from `onError` of the authorising button, from a
rejected promise or a `catch` around a panel, directly or after an alert, a toast or a timer; and a panel whose `success` leads
to the same panel. The confirming button of `my.confirm`, when the code asks for it (`if (result.confirm)`), counts as a new
act. `my.getOpenUserInfo` and `my.getPhoneNumber` show no panel and may be tried again.

## Breaks it

```js
login() {
  my.getAuthCode({ scopes: 'auth_user', success: this.send, fail: () => this.login() });
}
```

## Keeps it

```js
login() {
  my.getAuthCode({ scopes: 'auth_user', success: this.send, fail: () => this.setData({ hint: true }) });
}
```
"#;
