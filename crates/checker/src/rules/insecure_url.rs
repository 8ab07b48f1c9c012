//! `insecure-url`

use super::{Level, Rule, Text};
use crate::{
    flow::{
        Analysis,
        facts::{Place, RawFinding},
    },
    platform,
    project::Project,
    scripts::ir::Range,
    templates::{Element, Part},
};

pub(super) const RULE: Rule = Rule {
    id: "insecure-url",
    level: Level::Error,
    title: ("使用了未加密的地址", "An address without encryption"),
    advice: ("请使用 https:// 或 wss://，并将域名加入白名单。", "Use https:// or wss://, and whitelist the domain."),
    documentation: DOCUMENTATION,
    check,
    message,
};

/// Names of XML vocabularies look like addresses, but nothing requests them.
const VOCABULARIES: &[&str] = &["http://www.w3.org/", "http://schemas.", "http://xmlns.", "http://purl.org/"];

fn is_insecure(text: &str) -> bool {
    let Some(host) = text.strip_prefix("http://").or_else(|| text.strip_prefix("ws://")) else { return false };
    host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
        && !text.contains(char::is_whitespace)
        && !VOCABULARIES.iter().any(|vocabulary| text.starts_with(vocabulary))
}

/// The calls whose documents say that they refuse an image's `http://`, and the option with its address: the pages of
/// `my.request`, `my.downloadFile` and `my.setNavigationBar`. Elsewhere an image may come by HTTP: the page of `my.previewImage`
/// and that of a page's `optionMenu` say so, that of `image` does not forbid it.
const REFUSING: &[(&str, &str)] = &[("request", "url"), ("downloadFile", "url"), ("setNavigationBar", "image")];

/// The option of a call whose image address must use HTTPS.
pub(crate) fn refused_option(api: &str) -> Option<&'static str> {
    REFUSING.iter().find(|(call, _)| *call == api).map(|(_, option)| *option)
}

/// An image's unencrypted address, passed to a call that refuses it.
pub(crate) fn refused_image(text: &str, place: Place) -> Option<RawFinding> {
    (is_insecure(text) && is_image(text)).then(|| finding(place.file, place.range, text))
}

fn is_image(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    ["png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "ico"]
        .iter()
        .any(|ending| path.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.')))
}

fn check(project: &Project, analysis: &Analysis) -> Vec<RawFinding> {
    let mut findings = super::found(analysis, RULE.id);
    for module in project.modules.iter().filter(|module| !module.in_package) {
        for (text, range) in &module.script.strings {
            if is_insecure(text) && !is_image(text) {
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
                && is_refused(element, &attribute.name, text)
            {
                findings.push(finding(file, attribute.range, text));
            }
        }
        search(file, &element.children, findings);
    }
}

/// Among the platform's own elements, the documents forbid `http://` only in the address of a web-view. As in
/// scripts, the rule does not judge what a component or an event does with an address.
fn is_refused(element: &Element, attribute: &str, text: &str) -> bool {
    if element.tag == "web-view" && attribute == "src" {
        return true;
    }
    let is_own = platform::tag(&element.tag).is_none() || attribute.starts_with("data-");
    is_own && !attribute.starts_with("xmlns") && !is_image(text)
}

/// The finding names the host.
fn finding(file: u32, range: Range, text: &str) -> RawFinding {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let host: String = rest.chars().take_while(|letter| !matches!(letter, '/' | '?' | '#')).take(80).collect();
    RawFinding::new(RULE.id, Place { file, range }, format!("{scheme}://{host}"))
}

fn message(finding: &RawFinding) -> Text {
    let address = &*finding.subject;
    Text::new(
        format!("{address} 未加密，平台会拒绝"),
        format!("{address} is not encrypted, and the platform refuses it"),
    )
}

const DOCUMENTATION: &str = r"# insecure-url

The platform's calls go over HTTPS only; an `http://` address works on a developer's machine and nowhere else. Test addresses
do not belong in a package.

**The platform's rule.** Requests are made by HTTPS or WSS (小程序必须使用 HTTPS/WSS 发起网络请求); `my.downloadFile` does not
take HTTP; a web-view opens addresses that begin with `https`; the picture of `my.setNavigationBar` has to come by HTTPS. Of the
element `image` and of `my.previewImage` no page says so: a picture's address is found only where a call refuses it.

**What it looks at.** Strings in the app's own scripts that begin with `http://` or `ws://` and a host, the address of a
web-view, and what templates hand to components and events; not addresses of pictures, unless they reach `my.request`,
`my.downloadFile` or `my.setNavigationBar`. Names of XML vocabularies are left alone, and so is text that merely mentions an address.
There is one finding for each host, with all its places.

## Breaks it

```js
my.request({ url: 'http://shop.example/auth' });
```

## Keeps it

```js
my.request({ url: 'https://shop.example/auth' });
```
";
