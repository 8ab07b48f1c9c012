//! `consent-again-after-refusal`

use super::{Level, Rule, Text, found};
use crate::flow::facts::RawFinding;

pub(super) const RULE: Rule = Rule {
    id: "consent-again-after-refusal",
    level: Level::Error,
    title: ("用户拒绝后再次弹出授权", "A consent panel appears again after a refusal"),
    advice: (
        "用户拒绝后让应用照常可用；只有用户再次主动点击时才能再次询问，并说明原因。",
        "Keep the app usable after a refusal; ask again only when the person starts it anew, and say why.",
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

const DOCUMENTATION: &str = r"# consent-again-after-refusal

A refusal is an answer. Asking again without a new tap makes consent a matter of patience.

**The platform's rule.** No forced and no repeated panels. A refusal must not lock the person out; the app asks again only
when the person starts it, with the reason explained.

**What it looks at.** Panels reached from `fail` or `complete` of a panel, from a rejected promise or a `catch` around one,
directly or after an alert, a toast or a timer; and a panel whose `success` leads to the same panel. The confirming button of
`my.confirm`, when the code asks for it (`if (result.confirm)`), counts as a new act of the person.

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
";
