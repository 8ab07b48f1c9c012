//! `auth-code-misspelt`

use super::{Level, Rule, Text, found};
use crate::flow::facts::RawFinding;

pub(super) const RULE: Rule = Rule {
    id: "auth-code-misspelt",
    level: Level::Error,
    title: ("authCode 拼写错误", "authCode is misspelt"),
    advice: ("改为 authCode（--fix 可以自动修改）。", "Write authCode (--fix does it)."),
    documentation: DOCUMENTATION,
    check: |_, analysis| found(analysis, RULE.id),
    message,
};

fn message(finding: &RawFinding) -> Text {
    let written = &*finding.subject;
    Text::new(
        format!("my.getAuthCode 的结果里没有 {written}，只有 authCode：这里永远是 undefined"),
        format!("the result of my.getAuthCode has no {written}, only authCode: this is always undefined"),
    )
}

const DOCUMENTATION: &str = r"# auth-code-misspelt

The result of `my.getAuthCode` holds `authCode`. Blog posts that people copy read `res.authcode`, which is undefined: the
server is sent nothing, and the login fails in a way that is hard to see.

**What it looks at.** Fields of that result, under whatever variable, that differ from `authCode` only in case or by an
underscore. An object of one's own may have an `authcode`: the name of a request's field is the server's affair.

## Breaks it

```js
my.getAuthCode({ success: (res) => send({ authcode: res.authcode }) });
```

## Keeps it

```js
my.getAuthCode({ success: (res) => send({ authcode: res.authCode }) });
```
";
