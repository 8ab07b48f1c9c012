//! `auth-code-misspelt`

use super::{Level, Rule, Text, found};
use crate::{
    flow::{
        Analysis,
        facts::{Place, RawFinding},
    },
    project::Project,
    scripts::ir::Range,
};

pub(super) const RULE: Rule = Rule {
    id: "auth-code-misspelt",
    level: Level::Error,
    title: ("authCode 拼写错误", "authCode is misspelt"),
    advice: ("请改为 authCode（--fix 可自动修改）。", "Write authCode (--fix does it)."),
    documentation: DOCUMENTATION,
    check,
    message,
};

/// The spellings of the field that are copied from post to post.
const COPIED: &[&str] = &[".authcode", ".auth_code"];

fn check(project: &Project, analysis: &Analysis) -> Vec<RawFinding> {
    let mut findings = found(analysis, RULE.id);
    // Code that does not parse cannot be followed. Pasted code is often broken and misspelt at once, so its text is searched.
    for fault in &project.faults {
        let text = &project.files[fault.file as usize].text;
        if !text.contains("getAuthCode") {
            continue;
        }
        for written in COPIED {
            for (place, _) in text.match_indices(written) {
                let after = text[place + written.len()..].chars().next();
                if after.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_') {
                    let range = Range { start: place as u32 + 1, end: (place + written.len()) as u32 };
                    findings.push(RawFinding::new(RULE.id, Place { file: fault.file, range }, &written[1..]));
                }
            }
        }
    }
    findings
}

fn message(finding: &RawFinding) -> Text {
    let written = &*finding.subject;
    Text::new(
        format!("my.getAuthCode 的返回结果只有 authCode，没有 {written}，这里取到的始终是 undefined"),
        format!("the result of my.getAuthCode has no {written}, only authCode, so this is always undefined"),
    )
}

const DOCUMENTATION: &str = r"# auth-code-misspelt

The result of `my.getAuthCode` holds `authCode`. Blog posts that people copy read `res.authcode`, which is undefined: the
server is sent nothing, and the login fails in a way that is hard to see.

**What it looks at.** Fields of that result, in a variable of any name, that differ from `authCode` only in case or by an
underscore; in a file that does not parse, every place that reads
`.authcode`. Your own objects may have an `authcode`: the server decides what the fields of a request are called.

## Breaks it

```js
my.getAuthCode({ success: (res) => send({ authcode: res.authcode }) });
```

## Keeps it

```js
my.getAuthCode({ success: (res) => send({ authcode: res.authCode }) });
```
";
