//! `consent-again-after-refusal`

use super::{Level, Rule, Text, found};
use crate::flow::facts::RawFinding;

pub(super) const RULE: Rule = Rule {
    id: "consent-again-after-refusal",
    level: Level::Error,
    title: ("用户拒绝授权后再次弹窗", "A consent panel appears again after a refusal"),
    advice: (
        "平台禁止强制授权和反复弹窗，用户不同意也应能继续使用。本工具的标准：用户拒绝后，只有再次主动点击才可重新请求授权，并须说明原因。",
        "The platform forbids forced or repeated panels, and locking out users who refuse. This project's own rule: ask again only after \
         a new tap, and say why.",
    ),
    documentation: DOCUMENTATION,
    check: |_, analysis| found(analysis, RULE.id),
    message,
};

fn message(finding: &RawFinding) -> Text {
    let api = &*finding.subject;
    Text::new(
        format!("用户拒绝或授权失败后，未经用户再次点击，{api} 又会弹出授权弹窗"),
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
