//! What belongs to the page's one user, not to one client: which taps were used, and which display values are known.

use crate::{guard::EngineGuard, normal_forms::normal_forms};
use miniauth_core::{display::DisplayInfo, tap::TapLedger};
use std::{cell::RefCell, rc::Rc};

thread_local! {
    static PAGE: Rc<Page> = Rc::default();
}

/// What all clients of this module share.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) taps: RefCell<TapLedger>,
    pub(crate) guard: RefCell<EngineGuard>,
}

impl Page {
    pub(crate) fn shared() -> Rc<Self> {
        PAGE.with(Rc::clone)
    }

    /// Has the guard look for these values from now on. Says whether there are any.
    pub(crate) fn remember(&self, info: &DisplayInfo) -> bool {
        if !info.is_empty() {
            self.guard.borrow_mut().remember(info, normal_forms);
        }
        !info.is_empty()
    }
}
