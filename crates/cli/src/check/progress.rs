//! A progress bar on a terminal, for trees that are large enough to wait for.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use miniauth_checker::{Progress, Stage};
use std::{io::IsTerminal, sync::Arc};

/// Fewer steps than this are over before anyone looks.
const WORTH_SHOWING: usize = 500;

/// What to tell of progress, and the bar to clear at the end.
pub(super) fn bar() -> (Progress, ProgressBar) {
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len}") {
        bar.set_style(style);
    }
    let shown = bar.clone();
    let tell: Progress = Arc::new(move |stage, done, all| {
        if all < WORTH_SHOWING {
            return;
        }
        let message = match stage {
            Stage::Reading => "reading  ",
            Stage::Analysing => "analysing",
        };
        shown.set_message(message);
        shown.set_length(all as u64);
        shown.set_position(done as u64);
    });
    (tell, bar)
}
