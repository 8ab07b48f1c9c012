//! `authorize-button`

use super::{Level, Rule, Text};
use crate::{
    flow::{
        Analysis,
        context::Press,
        facts::{ButtonFault, Place, RawFinding},
    },
    platform::{self, ButtonScope},
    project::{Project, TemplateFile},
    scripts::ir::Name,
    templates::{
        Attribute, Element, bound,
        button::{AuthorisingButton, Fault, Handler, Scope, looks_like},
    },
};
use std::sync::Arc;

pub(super) const RULE: Rule = Rule {
    id: "authorize-button",
    level: Level::Error,
    title: ("授权按钮缺失或写法有误", "The authorising button is missing or miswritten"),
    advice: (
        "请在授权按钮的 onGetAuthorize 中调用；如需在页面打开时调用，先用 my.getSetting 确认 authSetting 中对应的 scope 为 true。",
        "Call it in the button's onGetAuthorize. When a page opens, call it only if my.getSetting answers true for the scope.",
    ),
    documentation: DOCUMENTATION,
    check,
    message,
};

/// The name suggested for the refusal handler, if the app has none.
const REFUSAL_HANDLER: &str = "onAuthError";

fn check(project: &Project, analysis: &Analysis) -> Vec<RawFinding> {
    let mut findings = analysis.unhandled.clone();
    let calls = analysis.unallowed.iter().filter(|(finding, expected)| !is_question(finding, *expected, project));
    findings.extend(calls.map(|(finding, _)| finding.clone()));
    for template in &project.templates {
        // A component with that name is not the platform's button.
        if !template.declared.contains("button") {
            search(&template.template.elements, &mut |element| {
                findings.extend(misuse(project, analysis, template, element));
            });
        }
    }
    findings
}

fn search(elements: &[Element], see: &mut impl FnMut(&Element)) {
    for element in elements {
        see(element);
        search(&element.children, see);
    }
}

/// Whether a call only checks for the consent, in an app that shows the button if it is missing.
fn is_question(finding: &RawFinding, expected: Option<bool>, project: &Project) -> bool {
    let Some(ButtonFault::Call { scope, .. }) = finding.button.as_deref() else { return false };
    expected.is_some_and(|asks| asks || has_button(project, scope))
}

fn has_button(project: &Project, scope: &str) -> bool {
    let mut found = false;
    for template in &project.templates {
        search(&template.template.elements, &mut |element| {
            let is_of_scope = match Scope::read(element) {
                Scope::Known(known) => known == scope,
                Scope::Open => true,
                Scope::Wrong(_) | Scope::Missing => false,
            };
            let is_right = match AuthorisingButton::read(element) {
                Some(button) => !button.is_broken(),
                None => element
                    .attributes
                    .iter()
                    .filter_map(|attribute| bound(&attribute.name))
                    .any(|bound| platform::button().events.contains(&bound.event)),
            };
            found |= is_of_scope && is_right;
        });
    }
    found
}

/// What is wrong with an element meant as the authorising button.
fn misuse(project: &Project, analysis: &Analysis, template: &TemplateFile, element: &Element) -> Option<RawFinding> {
    let button = AuthorisingButton::read(element).filter(|_| element.tag == "button")?;
    let faults = button.faults();
    let place = Place { file: template.file, range: faults.first()?.0.range };
    let text = &project.files[template.file as usize].text;
    let written = |attribute: &Attribute| text.get(attribute.range.start as usize..attribute.range.end as usize);
    let scope = meant_scope(&button, element, |attribute| {
        analysis.led_to.get(&Place { file: template.file, range: attribute.range }).copied()
    });
    let consent = match (button.consent, button.tap) {
        (Handler::Bound(handler) | Handler::Misspelt(handler) | Handler::OtherScope(handler), _) => written(handler),
        (Handler::Missing, tap) => tap.and_then(written),
    };
    let refusal = match button.refusal {
        Handler::Bound(handler) | Handler::Misspelt(handler) => written(handler),
        _ => None,
    };
    let right = rightly(scope, consent.unwrap_or_default(), refusal.unwrap_or(REFUSAL_HANDLER));
    let faults = faults.into_iter().map(|(_, fault)| fault).collect();
    Some(RawFinding {
        button: Some(Arc::new(ButtonFault::Button { faults, right })),
        ..RawFinding::new(RULE.id, place, "button")
    })
}

/// The scope that the author must have meant.
fn meant_scope(
    button: &AuthorisingButton<'_>,
    element: &Element,
    leads_to: impl Fn(&Attribute) -> Option<&'static str>,
) -> &'static str {
    let scopes = &platform::button().scopes;
    let is_meant = |written: &str, scope: &ButtonScope| {
        let (written, name) = (written.to_ascii_lowercase(), scope.name.to_ascii_lowercase());
        // Returns `phone` for `phoneNumber`, `user` for `userInfo`.
        let first_word: String = scope.name.chars().take_while(char::is_ascii_lowercase).collect();
        looks_like(&written, &name, 3) || written.contains(&first_word)
    };
    let by_text = match button.scope {
        Scope::Known(scope) => return scope,
        Scope::Wrong(text) => scopes.iter().find(|scope| is_meant(text, scope)),
        Scope::Missing | Scope::Open => None,
    };
    let binds = |scope: &&ButtonScope| {
        element
            .attributes
            .iter()
            .any(|attribute| bound(&attribute.name).is_some_and(|bound| bound.event.eq_ignore_ascii_case(scope.event)))
    };
    let found = by_text.or_else(|| scopes.iter().find(binds)).map(|scope| scope.name);
    found.or_else(|| element.attributes.iter().find_map(leads_to)).unwrap_or_else(platform::display_scope)
}

/// The button as it should be written.
fn rightly(scope: &str, handler: &str, refusal: &str) -> String {
    let button = platform::button();
    let call = button.scopes.iter().find(|known| known.name == scope).map_or("", |known| known.call);
    let handler = if handler.is_empty() { call } else { handler };
    format!(
        r#"<button open-type="{}" scope="{scope}" onGetAuthorize="{handler}" onError="{refusal}">"#,
        button.open_type
    )
}

fn message(finding: &RawFinding) -> Text {
    match finding.button.as_deref() {
        Some(ButtonFault::Call { api, scope, press, handler }) => {
            let entry = finding.way.first().map_or("", |step| &*step.label);
            about_call(api, scope, *press, entry, &rightly(scope, handler, REFUSAL_HANDLER))
        }
        Some(ButtonFault::Button { faults, right }) => about_button(faults, right),
        Some(ButtonFault::NoHandler) | None => {
            let name = &*finding.subject;
            Text::new(
                format!("授权按钮绑定了函数 {name}，但页面中没有定义，事件不会得到处理"),
                format!("the page has no function {name}, so this event of the authorising button is not handled"),
            )
        }
    }
}

fn about_call(api: &Name, scope: &str, press: Press, entry: &str, right: &str) -> Text {
    let code = platform::missing_consent();
    let (zh, en) = match press {
        Press::Unanswered(_) => (
            format!("授权按钮的 {entry} 触发时用户还没有作出选择，此时调用 {api} 会得到 {code}"),
            format!(
                "{entry} of the authorising button fires before the person has answered, so {api} is answered with {code}"
            ),
        ),
        Press::Refused(_) => (
            format!("用户没有同意授权（{entry}），此时调用 {api} 会得到 {code}"),
            format!("the person has not agreed ({entry}), so {api} is answered with {code}"),
        ),
        Press::Agreed(_) => (
            format!("触发 {api} 的授权按钮不是 scope=\"{scope}\"，用户同意的是另一项授权，调用会得到 {code}"),
            format!(
                "the button that leads to {api} does not have scope=\"{scope}\": the person agreed to something else, so the answer is {code}"
            ),
        ),
        Press::None => {
            let entry = if entry == "module" { ("模块加载", "the module's loading") } else { (entry, entry) };
            (
                format!(
                    "从{}调用到 {api}，既没有经过 scope=\"{scope}\" 的授权按钮，也没有先用 my.getSetting 确认已授权；{api} 本身不会弹窗，用户此前没有授权就会得到 {code}",
                    spaced(entry.0)
                ),
                format!(
                    "{api} is reached from {} without the authorising button of scope=\"{scope}\" and without my.getSetting; it shows no panel by itself, so without an earlier consent it is answered with {code}",
                    entry.1
                ),
            )
        }
    };
    Text::new(format!("{zh}。正确写法：{right}"), format!("{en}. Write {right}"))
}

/// Puts spaces around a name between Chinese characters.
fn spaced(name: &str) -> String {
    if name.is_ascii() { format!(" {name} ") } else { name.to_owned() }
}

fn about_button(faults: &[Fault], right: &str) -> Text {
    let texts: Vec<(String, String)> = faults.iter().map(about_fault).collect();
    let zh: Vec<&str> = texts.iter().map(|(zh, _)| zh.as_str()).collect();
    let en: Vec<&str> = texts.iter().map(|(_, en)| en.as_str()).collect();
    Text::new(
        format!("授权按钮有误：{}。正确写法：{right}", zh.join("；")),
        format!("the authorising button {}. Write {right}", en.join("; it ")),
    )
}

fn about_fault(fault: &Fault) -> (String, String) {
    let button = platform::button();
    let (open_type, unknown) = (button.open_type, button.unknown_scope);
    let scopes: Vec<&str> = button.scopes.iter().map(|scope| scope.name).collect();
    match fault {
        Fault::OpenType(text) => (
            format!("open-type=\"{text}\" 拼写有误，应为 {open_type}"),
            format!("has open-type=\"{text}\", which should be {open_type}"),
        ),
        Fault::NoScope => (
            format!("没有设置 scope，点击后平台会报“{unknown}”"),
            format!("has no scope, so a press fails with \"{unknown}\""),
        ),
        Fault::WrongScope(text) => (
            format!("scope=\"{text}\" 不在平台文档列出的取值（{}）之内", scopes.join("、")),
            format!("has scope=\"{text}\", but the platform lists only {}", scopes.join(" and ")),
        ),
        Fault::Misspelt(written, right) => (
            format!("{written} 拼写有误，处理函数不会执行，应为 {right}"),
            format!("binds {written}, which the platform does not know: write {right}"),
        ),
        Fault::EventOfOtherScope(written) => (
            format!("绑定的 {written} 属于另一个 scope，不会触发"),
            format!("binds {written}, which belongs to another scope and never fires"),
        ),
        Fault::OnlyTap(written) => (
            format!("只绑定了 {written}，它在用户作出选择之前触发，页面无法得知用户是否同意"),
            format!(
                "binds only {written}, which fires before the person has answered, so the page never learns of the consent"
            ),
        ),
        Fault::NoConsentHandler => (
            "没有绑定 onGetAuthorize，用户同意后页面无从得知".into(),
            "has no onGetAuthorize, so the page never learns of the consent".into(),
        ),
        Fault::NoRefusalHandler => (
            "没有绑定 onError，用户拒绝或授权失败时页面无从得知".into(),
            "has no onError, so the page never learns of a refusal or failure".into(),
        ),
    }
}

const DOCUMENTATION: &str = r#"# authorize-button

`my.getOpenUserInfo` and `my.getPhoneNumber` show no panel. They work once the user has agreed through
`<button open-type="getAuthorize" scope="userInfo">` or `scope="phoneNumber"`; for everybody else the answer is 40003
(无效的授权关系), which for a phone number shows only after the server has decrypted it.

**The platform's rule.** Put the call into `onGetAuthorize`, which fires when the user has agreed, and handle `onError`, which
fires when they refuse or something else fails. `my.getSetting` answers without a panel whether they agreed earlier:
`authSetting.userInfo` and `authSetting.phoneNumber` are then true. They may be missing for a user who was never asked (assumed: the
typings have them optional). In the platform's runtime `onTap` of the button fires before the answer, and a press without `scope`
fails with 请输入合法的scope.

**What it looks at.** Calls of these two that are reached neither through a button of their scope nor under a condition that shows
that the user has agreed: what `my.getSetting` or `my.openSetting` answered, a flag that was set where the consent held, display
information itself, also through storage, other pages and `a:if`. A call whose answer decides whether the button is shown, or whose
answer is compared with 40003 in an app that has the button, is a question and no mistake. And authorising buttons without
`scope` or with one that the platform does not list, without `onGetAuthorize` or `onError`, with these misspelt, or naming a
function that the page does not have.

## Breaks it

```js
// <button onTap="show">
Page({
  show() {
    my.getOpenUserInfo({ success: (res) => this.setData({ name: JSON.parse(res.response).response.nickName }) });
  },
});
```

## Keeps it

```js
// <button open-type="getAuthorize" scope="userInfo" onGetAuthorize="show" onError="refused">
Page({
  onLoad() {
    my.getSetting({ success: ({ authSetting }) => authSetting.userInfo && this.show() });
  },
  show() {
    my.getOpenUserInfo({ success: (res) => this.setData({ name: JSON.parse(res.response).response.nickName }) });
  },
  refused() {
    this.setData({ hint: true });
  },
});
```
"#;
