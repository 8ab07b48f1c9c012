//! `unreadable-file` and `ignore-without-reason`: files that could not be checked, and silencing comments without a reason.

use super::{Level, Rule, Text};
use crate::{
    flow::{
        Analysis,
        facts::{Place, RawFinding},
    },
    project::Project,
};

pub(super) const UNREADABLE: Rule = Rule {
    id: "unreadable-file",
    level: Level::Error,
    title: ("文件无法解析", "A file cannot be parsed"),
    advice: ("请修正语法错误；其他文件照常检查。", "Correct the syntax; the other files are checked all the same."),
    documentation: UNREADABLE_DOCUMENTATION,
    check,
    message: unreadable_message,
};

fn check(project: &Project, _: &Analysis) -> Vec<RawFinding> {
    let findings = project.faults.iter().map(|fault| {
        let place = Place { file: fault.file, range: fault.fault.range };
        RawFinding::new(UNREADABLE.id, place, fault.fault.message.as_str())
    });
    findings.collect()
}

fn unreadable_message(finding: &RawFinding) -> Text {
    let reason = &*finding.subject;
    Text::new(format!("无法解析：{reason}"), format!("cannot be parsed: {reason}"))
}

const UNREADABLE_DOCUMENTATION: &str = r"# unreadable-file

A script, template or `app.json` that does not parse is not checked, or only in part; all other files are. The same holds for a
file that cannot be read, or that is larger than 16 MiB.

## Breaks it

```js
Page({ onLoad() { );
```

## Keeps it

```js
Page({ onLoad() {} });
```
";

pub(super) const IGNORED: Rule = Rule {
    id: "ignore-without-reason",
    level: Level::Error,
    title: ("忽略规则时没有说明原因", "A rule is silenced without a reason"),
    advice: ("请写成 // miniauth-ignore 规则名: 原因", "Write // miniauth-ignore rule-name: reason"),
    documentation: IGNORED_DOCUMENTATION,
    // `report` reads the comments, where it silences findings.
    check: |_, _| Vec::new(),
    message: ignored_message,
};

fn ignored_message(finding: &RawFinding) -> Text {
    let rule = &*finding.subject;
    if super::rule(rule).is_none() {
        return Text::new(format!("没有名为 {rule} 的规则"), format!("there is no rule {rule}"));
    }
    Text::new(
        format!("忽略 {rule} 须说明原因，否则注释不生效"),
        format!("silencing {rule} needs a reason; this comment does nothing"),
    )
}

const IGNORED_DOCUMENTATION: &str = r"# ignore-without-reason

A finding is silenced by a comment on its line or on the line before. The reason is for the next reader of the code; without
one, the comment does nothing and is a finding itself. Silenced findings are counted in the summary.

## Breaks it

```js
// miniauth-ignore consent-without-tap
```

## Keeps it

```js
// miniauth-ignore consent-without-tap: a kiosk, where the attendant has tapped at the counter
```

In a template: `<!-- miniauth-ignore display-only-forwarded: reason -->`.
";
