//! `unreadable-file`

use super::{Level, Rule, Text};
use crate::{
    flow::{
        Analysis,
        facts::{Place, RawFinding},
    },
    project::Project,
};

pub(super) const RULE: Rule = Rule {
    id: "unreadable-file",
    level: Level::Error,
    title: ("文件无法解析", "A file cannot be parsed"),
    advice: ("修正语法；其余文件照常检查。", "Correct the syntax; the other files are checked all the same."),
    documentation: DOCUMENTATION,
    check,
    message,
};

fn check(project: &Project, _: &Analysis) -> Vec<RawFinding> {
    let findings = project.faults.iter().map(|fault| {
        let place = Place { file: fault.file, range: fault.fault.range };
        RawFinding::new(RULE.id, place, fault.fault.message.as_str())
    });
    findings.collect()
}

fn message(finding: &RawFinding) -> Text {
    let reason = &*finding.subject;
    Text::new(format!("无法解析：{reason}"), format!("cannot be parsed: {reason}"))
}

const DOCUMENTATION: &str = r"# unreadable-file

A script, template or `app.json` that does not parse is not checked, or only in part; what else there is, is. So it is with a
file that may not be read, or that is larger than 16 MiB.

## Breaks it

```js
Page({ onLoad() { );
```

## Keeps it

```js
Page({ onLoad() {} });
```
";
