//! `insecure-url`

use super::{Level, Rule, Text};
use crate::{
    flow::{
        Analysis,
        facts::{Place, RawFinding},
    },
    project::Project,
    scripts::ir::Range,
    templates::{Element, Part},
};

pub(super) const RULE: Rule = Rule {
    id: "insecure-url",
    level: Level::Error,
    title: ("未加密的地址", "An address without encryption"),
    advice: ("使用 https:// 或 wss://，并把域名加入白名单。", "Use https:// or wss://, and whitelist the domain."),
    documentation: DOCUMENTATION,
    check,
    message,
};

/// Names of XML vocabularies look like addresses but nobody goes there.
const VOCABULARIES: &[&str] = &["http://www.w3.org/", "http://schemas.", "http://xmlns.", "http://purl.org/"];

fn is_insecure(text: &str) -> bool {
    let Some(host) = text.strip_prefix("http://").or_else(|| text.strip_prefix("ws://")) else { return false };
    host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
        && !text.contains(char::is_whitespace)
        && !VOCABULARIES.iter().any(|vocabulary| text.starts_with(vocabulary))
}

fn check(project: &Project, _: &Analysis) -> Vec<RawFinding> {
    let mut findings = Vec::new();
    for module in project.modules.iter().filter(|module| !module.in_package) {
        for (text, range) in &module.script.strings {
            if is_insecure(text) {
                findings.push(finding(module.file, *range, text));
            }
        }
    }
    for template in &project.templates {
        search(template.file, &template.template.elements, &mut findings);
    }
    findings
}

fn search(file: u32, elements: &[Element], findings: &mut Vec<RawFinding>) {
    for element in elements {
        for attribute in &element.attributes {
            let host_follows = attribute.parts.len() > 1;
            if let Some(Part::Text(text)) = attribute.parts.first()
                && (is_insecure(text) || host_follows && matches!(text.as_str(), "http://" | "ws://"))
                && !attribute.name.starts_with("xmlns")
            {
                findings.push(finding(file, attribute.range, text));
            }
        }
        search(file, &element.children, findings);
    }
}

fn finding(file: u32, range: Range, text: &str) -> RawFinding {
    let host: String = text.chars().take(80).collect();
    RawFinding::new(RULE.id, Place { file, range }, host)
}

fn message(finding: &RawFinding) -> Text {
    let address = &*finding.subject;
    Text::new(
        format!("{address} 没有加密，平台会拒绝"),
        format!("{address} is not encrypted, and the platform refuses it"),
    )
}

const DOCUMENTATION: &str = r"# insecure-url

The platform's calls go over HTTPS only; an `http://` address works on a developer's machine and nowhere else. Test addresses
do not belong in a package.

**What it looks at.** Strings in the app's own scripts, and attributes in templates, that begin with `http://` or `ws://` and
a host. Names of XML vocabularies are left alone, and so is text that merely mentions an address.

## Breaks it

```js
my.request({ url: 'http://shop.example/auth' });
```

## Keeps it

```js
my.request({ url: 'https://shop.example/auth' });
```
";
