//! Generates the tables in the documents.

use miniauth_platform::{
    Status, behaviours,
    behaviours::Part,
    calls,
    calls::{Call, GuardCoverage},
    components,
    components::{Rule, Tag},
    config, gateway,
    gateway::Product,
    lifecycle,
};
use std::collections::BTreeMap;

/// Returns the table with that name, in Markdown.
pub(crate) fn table(name: &str) -> Option<String> {
    Some(match name {
        "profiles" => profiles(|_| true),
        "simulator-profiles" => profiles(|part| part == Part::Simulator),
        "sandbox-profiles" => profiles(|part| part == Part::Sandbox),
        "simulator-tags" => simulated_tags(),
        "simulator-calls" => simulated_calls(),
        "simulator-config" => simulated_config(),
        "simulator-life" => simulated_life(),
        "simulator-coverage" => simulated_coverage(),
        "call-errors" => call_errors(),
        "guarded-calls" => guarded_calls(),
        "products" => products(&["product", "number", "needed for"], |product| &product.needed_for),
        "products-zh" => products(&["产品", "编号", "用于"], |product| &product.needed_for_zh),
        "refusals" => refusals(),
        "assumed" => assumed(),
        _ => return None,
    })
}

fn made(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        assert_eq!(row.len(), head.len(), "{row:?}");
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn codes<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(code).collect::<Vec<_>>().join(", ")
}

fn profiles(acts_in: impl Fn(Part) -> bool) -> String {
    let profiles = behaviours().profiles.iter().filter(|(_, question)| acts_in(question.acts_in));
    made(
        &["profile", "values, the first is the default", "what it settles"],
        profiles.map(|(name, question)| {
            vec![code(name), codes(question.values.iter().map(String::as_str)), question.what.clone()]
        }),
    )
}

fn rule(name: &str, rule: &Rule) -> String {
    match rule {
        Rule::Named(_) => code(name),
        Rule::OneOf(values) => format!("{} ({})", code(name), values.join(", ")),
    }
}

fn tag_row(name: &str, tag: &Tag) -> Vec<String> {
    let attributes: Vec<_> = tag.attributes.iter().map(|(name, known)| rule(name, known)).collect();
    let events = tag.events.values().filter(|event| event.simulated).map(|event| format!("`on{}`", event.attribute));
    vec![name.to_owned(), attributes.join(", "), events.collect::<Vec<_>>().join(", ")]
}

fn simulated_tags() -> String {
    let tags = components().tags.iter().filter(|(_, tag)| tag.simulated);
    let every = tag_row("every tag but `block`", &components().common);
    made(&["tag", "attributes", "events"], [every].into_iter().chain(tags.map(|(name, tag)| tag_row(&code(name), tag))))
}

fn simulated_calls() -> String {
    let both = |call: &Call| call.generations.len() == 2;
    let row = |what: &str, wanted: &dyn Fn(&Call) -> bool| {
        let names = calls().all().filter(|(_, call)| call.simulated && wanted(call)).map(|(name, _)| name);
        vec![what.to_owned(), codes(names)]
    };
    made(&["generation", "calls"], [row("`legacy` and `current`", &both), row("`current` alone", &|call| !both(call))])
}

fn simulated_config() -> String {
    made(
        &["part", "keys that act", "keys of the platform's that do not"],
        config().iter().map(|(name, part)| {
            let keys = |keys: &[String]| codes(keys.iter().map(String::as_str));
            vec![code(name), keys(&part.simulated), keys(&part.beyond)]
        }),
    )
}

fn simulated_life() -> String {
    let mut rows = Vec::new();
    for (name, registration) in lifecycle() {
        let hooks = [("hooks", &registration.hooks), ("`events`", &registration.events)];
        let parts = [("keys", &registration.keys), ("methods", &registration.methods)];
        let hooks = hooks.map(|(kind, of)| (kind, of.iter().map(|(name, hook)| (name, hook.simulated)).collect()));
        let parts = parts.map(|(kind, of)| (kind, of.iter().map(|(name, part)| (name, part.simulated)).collect()));
        for (kind, names) in hooks.into_iter().chain(parts) {
            let names: Vec<(&String, bool)> = names;
            let with =
                |simulated| codes(names.iter().filter(|(_, is)| *is == simulated).map(|(name, _)| name.as_str()));
            if names.iter().any(|(_, simulated)| *simulated) {
                rows.push(vec![format!("`{name}`, {kind}"), with(true), with(false)]);
            }
        }
    }
    made(&["what", "acts", "of the platform's, does not"], rows)
}

/// Counts how much of the platform the simulator has.
fn simulated_coverage() -> String {
    let count = |what: &str, here: usize, all: usize| vec![what.to_owned(), all.to_string(), here.to_string()];
    let of = |what: &str, parts: Vec<bool>| count(what, parts.iter().filter(|is| **is).count(), parts.len());
    let tags = components().tags.values();
    let drawn = || components().tags.values().filter(|tag| tag.simulated);
    let attributes = |tag: &Tag| tag.attributes.len();
    let lacking = |tag: &Tag| tag.beyond.keys().filter(|name| !tag.attributes.contains_key(*name)).count();
    let named: usize = drawn().map(attributes).sum();
    let calls_here = |documented: bool| {
        let own = calls().all().filter(|(name, _)| !name.contains('.') || name.starts_with("ap."));
        let own = own
            .filter(|(_, call)| !documented || call.fact.source.iter().any(|source| source.starts_with("OD mini/api")));
        own.map(|(_, call)| call.simulated).collect::<Vec<_>>()
    };
    let beyond = |names: &[String]| names.iter().filter(|name| calls().find(name).is_none()).map(|_| false).collect();
    let keys = config().values().flat_map(|part| {
        part.simulated.iter().map(|_| true).chain(part.beyond.iter().map(|_| false)).collect::<Vec<_>>()
    });
    let life = lifecycle().values().flat_map(|of| {
        let hooks = of.hooks.values().chain(of.events.values()).map(|hook| hook.simulated);
        hooks.chain(of.keys.values().chain(of.methods.values()).map(|part| part.simulated)).collect::<Vec<_>>()
    });
    let rows = [
        of("tags", tags.clone().map(|tag| tag.simulated).collect()),
        count("attributes of these tags", named, named + drawn().map(lacking).sum::<usize>()),
        of("events of these tags", drawn().flat_map(|tag| tag.events.values()).map(|event| event.simulated).collect()),
        of("calls of `my` that the documents describe", [calls_here(true), beyond(&calls().beyond.with_page)].concat()),
        of(
            "calls of `my` that the documents or the typings name",
            [calls_here(false), beyond(&calls().beyond.names)].concat(),
        ),
        of("keys of configuration", keys.collect()),
        of("hooks, keys and methods of app, pages, components and mixins", life.collect()),
    ];
    made(&["what", "the platform has", "act here"], rows)
}

fn call_errors() -> String {
    let mut rows = Vec::new();
    for name in ["getAuthCode", "getOpenUserInfo", "request"] {
        for (number, error) in calls().errors_of(name) {
            let ours = error.code.as_deref().map(code).unwrap_or_default();
            rows.push(vec![format!("`my.{name}`"), number.to_string(), error.means.clone(), ours]);
        }
    }
    made(&["call", "error", "means", "code here"], rows)
}

fn guarded_calls() -> String {
    let mut rows: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, call) in calls().all() {
        let row = match call.outgoing.as_ref().map(|outgoing| &outgoing.guard) {
            None => continue,
            Some(GuardCoverage::Covers(_)) => "covered".to_owned(),
            Some(GuardCoverage::CannotBecause(reason)) => format!("not covered: {reason}"),
        };
        rows.entry(row).or_default().push(name);
    }
    made(&["by `guard()`", "calls"], rows.into_iter().map(|(row, names)| vec![row, codes(names)]))
}

fn products(head: &[&str], needed_for: impl Fn(&Product) -> &str) -> String {
    let products = gateway().products.iter();
    made(head, products.map(|(name, of)| vec![name.clone(), of.id.clone(), needed_for(of).to_owned()]))
}

fn refusals() -> String {
    made(
        &["sub_code", "code", "the platform says", "it means"],
        gateway().refusals.iter().map(|(sub_code, refusal)| {
            let meaning = gateway().meaning(&refusal.code, Some(sub_code)).map(|meaning| meaning.en.clone());
            vec![code(sub_code), refusal.code.clone(), refusal.sub_msg.clone(), meaning.unwrap_or_default()]
        }),
    )
}

fn assumed() -> String {
    let rows = behaviours().rows.iter().filter(|row| row.fact.status == Status::Assumed);
    made(&["assumed", "what"], rows.map(|row| vec![code(&row.id), row.what.clone()]))
}
