//! `consent-unneeded`

use super::{Level, Rule, Text};
use crate::{
    flow::{
        Analysis,
        facts::{Place, RawFinding},
    },
    project::Project,
};

pub(super) const RULE: Rule = Rule {
    id: "consent-unneeded",
    level: Level::Warning,
    title: ("无需使用 auth_user", "auth_user is not needed"),
    advice: (
        "只需获取用户 ID 或登录态时，请使用 scopes: 'auth_base'，它不会弹窗。",
        "For a user id or a session, use scopes: 'auth_base', which shows no panel.",
    ),
    documentation: DOCUMENTATION,
    check,
    message,
};

/// Fields of a server's answer that an `auth_base` code also provides.
const IDENTITY: &[&str] = &[
    "userid",
    "user_id",
    "uid",
    "openid",
    "open_id",
    "token",
    "session",
    "sessionid",
    "session_id",
    "sessionkey",
    "accesstoken",
    "access_token",
    "ticket",
];

/// Fields that only wrap others or say how the call went.
const WRAPPING: &[&str] = &["data", "result", "code", "msg", "message", "success", "status", "errcode", "headers"];

fn check(_: &Project, analysis: &Analysis) -> Vec<RawFinding> {
    let mut panels: Vec<(&Place, &bool)> = analysis.user_codes.iter().collect();
    panels.sort_unstable();
    let unneeded = panels.into_iter().filter_map(|(panel, second)| {
        let subject = if *second {
            "button"
        } else if !analysis.reads_display && only_identity(analysis.answer_fields.get(panel)?) {
            "id"
        } else {
            return None;
        };
        Some(RawFinding::new(RULE.id, *panel, subject))
    });
    unneeded.collect()
}

fn only_identity(fields: &[crate::scripts::ir::Name]) -> bool {
    let lower: Vec<String> = fields.iter().map(|field| field.to_ascii_lowercase()).collect();
    let identity = |field: &String| IDENTITY.contains(&field.as_str());
    lower.iter().any(identity) && lower.iter().all(|field| identity(field) || WRAPPING.contains(&field.as_str()))
}

fn message(finding: &RawFinding) -> Text {
    if &*finding.subject == "id" {
        return Text::new(
            "这里的授权码只用于换取用户 ID 或登录态，不必用会弹窗的 auth_user",
            "the code is used only for a user id or a session, so the panel of auth_user is not needed",
        );
    }
    Text::new(
        "授权按钮本身已经弹窗，用户点一次会看到两个弹窗；获取授权码用 auth_base 即可",
        "the authorising button shows its own window, so one press shows two; for the code, auth_base is enough",
    )
}

const DOCUMENTATION: &str = r#"# consent-unneeded

Ask for the least that does the work. `auth_base` is silent and buys the user id; `auth_user` shows a panel.

**The platform's rule.** Ask only for what is needed. An app that wants the user id and the nickname shows two windows, one for
`getAuthCode` and one for the nickname; the official cure is `auth_base` for the code.

**What it looks at.** `getAuthCode` with `auth_user` whose code goes to a server, where of the server's answer only ids,
tokens and status fields are read, in an app that never calls `getAuthUserInfo`; and such a call in a handler of the
authorising button of `scope="userInfo"`, which has had its own window. When the answer is used in any other way, nothing is
said: the server may well read member information.

## Breaks it

```js
my.getAuthCode({
  scopes: 'auth_user',
  success: ({ authCode }) => my.request({ url, data: { authCode }, success: (res) => (app.userId = res.data.userId) }),
});
```

## Keeps it

```js
my.getAuthCode({
  scopes: 'auth_base',
  success: ({ authCode }) => my.request({ url, data: { authCode }, success: (res) => (app.userId = res.data.userId) }),
});
```
"#;
