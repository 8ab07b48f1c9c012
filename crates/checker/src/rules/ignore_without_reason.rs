//! `ignore-without-reason`

use super::{Level, Rule, Text};
use crate::flow::facts::RawFinding;

pub(super) const RULE: Rule = Rule {
    id: "ignore-without-reason",
    level: Level::Error,
    title: ("忽略规则却没有说明原因", "A rule is silenced without a reason"),
    advice: ("写成 // miniauth-ignore 规则名: 原因", "Write // miniauth-ignore rule-name: reason"),
    documentation: DOCUMENTATION,
    // The comments are read where findings are silenced: see `report`.
    check: |_, _| Vec::new(),
    message,
};

fn message(finding: &RawFinding) -> Text {
    let rule = &*finding.subject;
    if super::rule(rule).is_none() {
        return Text::new(format!("没有名为 {rule} 的规则"), format!("there is no rule {rule}"));
    }
    Text::new(
        format!("忽略 {rule} 需要说明原因，这条注释不起作用"),
        format!("silencing {rule} needs a reason; this comment does nothing"),
    )
}

const DOCUMENTATION: &str = r"# ignore-without-reason

A finding is silenced by a comment on its line or on the line before. The reason is for whoever reads the code next; without
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
