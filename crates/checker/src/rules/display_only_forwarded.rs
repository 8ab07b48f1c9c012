//! `display-only-forwarded`

use super::{Level, Rule, Text, found};
use crate::flow::facts::RawFinding;

pub(super) const RULE: Rule = Rule {
    id: "display-only-forwarded",
    level: Level::Error,
    title: ("仅供展示的用户信息传出了页面", "Display-only information leaves the page"),
    advice: (
        "前端获取的昵称和头像仅供展示；需要保存时，应由服务端用 auth_code 向支付宝查询。",
        "Nickname and avatar are for display only. What you store, the server reads itself with the auth code.",
    ),
    documentation: DOCUMENTATION,
    check: |_, analysis| found(analysis, RULE.id),
    message,
};

fn message(finding: &RawFinding) -> Text {
    let source = finding.way.first().map_or("", |step| &*step.label);
    let sink = &*finding.subject;
    Text::new(
        format!("{source} 获取的展示信息传到了 {sink}"),
        format!("display information from {source} reaches {sink}"),
    )
}

const DOCUMENTATION: &str = r"# display-only-forwarded

What the page learns about a person is for display. A server that takes it from the page trusts what anyone can forge, and
keeps what the person gave to a page.

**The platform's rule.** What the page gets (`getAuthUserInfo`, `getOpenUserInfo`) is for display. What is stored comes from
the server's own call with the token. Do not pass page-side user information to the server.

**What it looks at.** Information from `my.getAuthUserInfo`, `my.getOpenUserInfo`, `detail.userInfo` of
`onGetUserInfo` however it is spelt, and miniauth's `renderTo`, followed to `my.request`, `my.httpRequest`, uploads, sockets, cloud functions and
cloud databases, storage and files, analytics, another mini-program's parameters, messages to a web-view and its address. It is followed through variables,
fields, arrays, calls, callbacks, promises, other files, `setData`, `globalData`, storage, addresses, event channels,
templates and events. Every step is shown.

## Breaks it

```js
my.getOpenUserInfo({
  success: (res) => {
    const { nickName } = JSON.parse(res.response).response;
    my.request({ url: 'https://shop.example/user', method: 'POST', data: { nickName } });
  },
});
```

## Keeps it

```js
my.getOpenUserInfo({
  success: (res) => {
    const { nickName } = JSON.parse(res.response).response;
    this.setData({ nickName });
  },
});
```
";
