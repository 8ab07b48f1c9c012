//! The analysis: an abstract machine runs every page of the project, first its top level and then each of its handlers, together
//! with the modules they reach, and follows values, calls and callbacks.

mod branches;
mod calls;
mod captured;
mod classes;
mod components;
mod configured;
pub(crate) mod context;
mod events;
mod expressions;
pub(crate) mod facts;
mod gaps;
mod heap;
mod loops;
mod machine;
mod modules;
mod natives;
mod pages;
mod panels;
mod patterns;
mod promises;
mod properties;
mod repeats;
mod shared;
mod spelling;
mod statements;
mod turns;
mod value;
mod views;

use crate::{Limits, coverage::GapKind, project::Project, scripts::ir::Name};
use facts::{FactKey, Facts, Outcome, Place, RawFinding};
use machine::Machine;
pub(crate) use natives::of_babels_runtime;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

/// How many rounds are run. Each passes shared facts on by one page, so information can get from a first page to a fourth.
const MAX_ROUNDS: usize = 4;

/// The scripts are divided into this many parts per thread. The beginning that all runs share is executed once per part.
const PARTS: usize = 4;

/// How many pages are run as samples to find the modules that all pages load.
const SAMPLES: usize = 3;

/// What the runs found.
#[derive(Debug, Default)]
pub(crate) struct Analysis {
    pub(crate) findings: Vec<RawFinding>,
    pub(crate) answer_fields: FxHashMap<Place, Vec<Name>>,
    pub(crate) user_codes: FxHashMap<Place, bool>,
    pub(crate) reads_display: bool,
    /// Calls that need the authorising button and are reached without it. `Some` if the same page handles the answer for a
    /// missing consent; then whether that answer shows the button.
    pub(crate) unallowed: Vec<(RawFinding, Option<bool>)>,
    /// Buttons whose handler does not exist in their page.
    pub(crate) unhandled: Vec<RawFinding>,
    /// For each place of an event that leads to a call which needs the button: the scope of that call.
    pub(crate) led_to: FxHashMap<Place, &'static str>,
    /// The cost of all runs.
    pub(crate) steps: u64,
    /// The modules whose run hit the size limit.
    pub(crate) cut: Vec<u32>,
    /// The modules whose run hit the time limit.
    pub(crate) out_of_time: Vec<u32>,
    /// The modules that were not run, or not run again, because the time was up.
    pub(crate) not_run: Vec<u32>,
    /// The modules that registered a page, a component or the app with known contents.
    pub(crate) registering: FxHashSet<u32>,
    /// The handlers that ran.
    pub(crate) handlers: FxHashSet<Place>,
    /// What was reached and could not be followed, each with the scripts whose runs reached it.
    pub(crate) gaps: BTreeMap<(Place, GapKind, Name), BTreeSet<u32>>,
}

/// Runs all of the project's own scripts.
pub(crate) fn analyse(project: &Project, limits: Limits, progress: &(dyn Fn(usize, usize) + Sync)) -> Analysis {
    let end = limits.whole.and_then(|whole| Instant::now().checked_add(whole));
    let mut not_run = Vec::new();
    let mut due: Vec<u32> = (0..project.modules.len() as u32)
        .filter(|module| {
            let module = &project.modules[*module as usize];
            let is_file = module.packed.is_none() && module.known.is_none();
            is_file && !module.in_package && !module.script.is_empty() && !project.aside.contains_key(&module.file)
        })
        .collect();
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    outcomes.resize_with(project.modules.len(), || None);
    let mut facts = Facts::default();
    let mut steps = 0;
    let common = common_modules(project, limits.page, end);
    let pages: FxHashSet<u32> = project.pages.values().copied().collect();
    for _ in 0..MAX_ROUNDS {
        let done = AtomicUsize::new(0);
        let shared_steps = AtomicU64::new(0);
        let ran: Vec<(u32, Option<Outcome>)> = due
            .par_chunks(due.len().div_ceil(PARTS * rayon::current_num_threads()).max(1))
            .flat_map_iter(|modules| {
                let mut shared = Machine::new(project, &facts);
                if shared.start_clock(limits.page, end) {
                    shared.run_shared();
                }
                let page =
                    if modules.iter().any(|module| pages.contains(module)) { shared.with(&common) } else { None };
                shared_steps.store(page.as_ref().unwrap_or(&shared).shared_steps, Ordering::Relaxed);
                let (done, due, pages) = (&done, &due, &pages);
                modules.iter().map(move |module| {
                    let mut machine = page.as_ref().filter(|_| pages.contains(module)).unwrap_or(&shared).clone();
                    let is_time_left = machine.start_clock(limits.page, end);
                    if is_time_left {
                        machine.run_unit(*module);
                    }
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1, due.len());
                    (*module, is_time_left.then(|| std::mem::take(&mut machine.outcome)))
                })
            })
            .collect();
        steps += shared_steps.into_inner();
        let mut news: FxHashMap<FactKey, Option<u32>> = FxHashMap::default();
        for (module, outcome) in ran {
            let Some(outcome) = outcome else {
                not_run.push(module);
                continue;
            };
            steps += outcome.steps;
            for (key, fact) in &outcome.facts {
                if facts.entry(key.clone()).or_default().join(fact) {
                    let writer = news.entry(key.clone()).or_insert(Some(module));
                    if *writer != Some(module) {
                        *writer = None;
                    }
                }
            }
            outcomes[module as usize] = Some(outcome);
        }
        if news.is_empty() || !not_run.is_empty() {
            break;
        }
        let news = News::of(news);
        due = (0..project.modules.len() as u32)
            .filter(|module| {
                outcomes[*module as usize].as_ref().is_some_and(|outcome| news.concern(*module, outcome, &facts))
            })
            .collect();
    }
    Analysis { not_run, steps, ..gather(outcomes) }
}

/// The modules that every page loads, in load order, judged by a few sample pages from the first to the last. Their top levels
/// then run once for many pages.
fn common_modules(project: &Project, limit: Option<Duration>, end: Option<Instant>) -> Vec<u32> {
    let mut pages: Vec<u32> = project.pages.values().copied().collect();
    pages.sort_unstable();
    pages.dedup();
    if pages.len() <= 2 * SAMPLES {
        return Vec::new();
    }
    let facts = Facts::default();
    let samples: Vec<Vec<u32>> = (0..SAMPLES)
        .into_par_iter()
        .map(|sample| {
            let mut machine = Machine::new(project, &facts);
            if machine.start_clock(limit, end) {
                machine.run_shared();
                machine.run_unit(pages[sample * (pages.len() - 1) / (SAMPLES - 1)]);
            }
            machine.load_order
        })
        .collect();
    let in_all = |module: &u32| samples.iter().all(|sample| sample.contains(module));
    samples[0].iter().copied().filter(in_all).collect()
}

/// The new facts, grouped by how runs read them, each with the module that wrote it if there is only one.
#[derive(Default)]
struct News {
    /// What was left in the objects and variables of each module.
    of_modules: FxHashMap<u32, Vec<(FactKey, Option<u32>)>>,
    keys: FxHashMap<FactKey, Option<u32>>,
}

impl News {
    fn of(news: FxHashMap<FactKey, Option<u32>>) -> Self {
        let mut shared = Self::default();
        for (key, writer) in news {
            let read_as = match key {
                FactKey::Object(module, _) | FactKey::Variable(module, _) | FactKey::Captured { module, .. } => {
                    shared.of_modules.entry(module).or_default().push((key, writer));
                    continue;
                }
                FactKey::Parameter(route, _) => FactKey::Parameter(route, "".into()),
                key => key,
            };
            let known = shared.keys.entry(read_as).or_insert(writer);
            if *known != writer {
                *known = None;
            }
        }
        shared
    }

    /// Whether a run would learn something that it did not write itself. Many runs write the same facts into a module that all load.
    fn concern(&self, unit: u32, outcome: &Outcome, facts: &Facts) -> bool {
        let is_new = |(key, writer): &(FactKey, Option<u32>)| {
            let (own, all) = (outcome.facts.get(key), facts.get(key));
            *writer != Some(unit) && !own.zip(all).is_some_and(|(own, all)| own.holds(all))
        };
        outcome.loaded.iter().filter_map(|module| self.of_modules.get(module)).flatten().any(is_new)
            || outcome.reads.iter().any(|key| self.keys.get(key).is_some_and(|writer| *writer != Some(unit)))
    }
}

fn gather(outcomes: Vec<Option<Outcome>>) -> Analysis {
    let mut analysis = Analysis::default();
    for (module, outcome) in outcomes.into_iter().enumerate() {
        let Some(outcome) = outcome else { continue };
        analysis.findings.extend(outcome.findings);
        for (panel, fields) in outcome.answer_fields {
            analysis.answer_fields.entry(panel).or_default().extend(fields);
        }
        for (panel, second) in outcome.user_codes {
            *analysis.user_codes.entry(panel).or_default() |= second;
        }
        analysis.reads_display |= outcome.reads_display;
        let expected = |finding: &RawFinding| outcome.expected.get(&finding.place).copied();
        analysis.unallowed.extend(outcome.unallowed.into_iter().map(|finding| {
            let expected = expected(&finding);
            (finding, expected)
        }));
        analysis.unhandled.extend(outcome.unhandled);
        analysis.led_to.extend(outcome.led_to);
        analysis.handlers.extend(outcome.handlers);
        for gap in outcome.gaps {
            analysis.gaps.entry(gap).or_default().insert(module as u32);
        }
        if outcome.registers {
            analysis.registering.insert(module as u32);
        }
        if outcome.is_out_of_time {
            analysis.out_of_time.push(module as u32);
        } else if outcome.cut {
            analysis.cut.push(module as u32);
        }
    }
    analysis
}
