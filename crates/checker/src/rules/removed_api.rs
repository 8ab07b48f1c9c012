//! `removed-api`

use super::{Level, Rule, Text};
use crate::{
    flow::{Analysis, facts::RawFinding},
    platform,
    project::Project,
};

pub(super) const RULE: Rule = Rule {
    id: "removed-api",
    level: Level::Warning,
    title: ("调用了已停止维护的 API", "A call that the platform no longer maintains"),
    advice: (
        "请改用替代的 API；需要兼容低版本基础库时，先用 my.canIUse 判断。",
        "Use what replaces it; to support old base libraries, check my.canIUse first.",
    ),
    documentation: DOCUMENTATION,
    check,
    message,
};

/// A file that checks `my.canIUse` for the replacement has dealt with it.
fn check(project: &Project, analysis: &Analysis) -> Vec<RawFinding> {
    let mut findings = super::found(analysis, RULE.id);
    findings.retain(|finding| {
        let text = &project.files[finding.place.file as usize].text;
        let new = platform::replacement(&finding.subject).unwrap_or_default();
        !text.contains(&format!("canIUse('{new}')")) && !text.contains(&format!("canIUse(\"{new}\")"))
    });
    findings
}

fn message(finding: &RawFinding) -> Text {
    let old = &*finding.subject;
    let new = platform::replacement(old).unwrap_or_default();
    Text::new(
        format!("my.{old} 已停止维护，请改用 my.{new}"),
        format!("my.{old} is no longer maintained: my.{new} replaces it"),
    )
}

const DOCUMENTATION: &str = r"# removed-api

`my.httpRequest` and `my.getAuthUserInfo` have left the documents and the typings; newer clients may drop them any day.

**What it looks at.** Calls of `my.httpRequest` (now `my.request`), `my.getAuthUserInfo` and `my.getUserInfo` (now
`my.getOpenUserInfo`, which needs the authorising button: see `authorize-button`), also under another name. A file that checks
`my.canIUse` for the replacement is left alone.

## Breaks it

```js
my.httpRequest({ url });
```

## Keeps it

```js
my.request({ url });
const request = my.canIUse('request') ? my.request : my.httpRequest;
```
";
