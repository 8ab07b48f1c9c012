//! What is counted, and how Prometheus reads it. No label has a value that a client can make up.

use miniauth_core::error_code::ErrorCode;
use parking_lot::Mutex;
use std::{collections::BTreeMap, fmt::Write as _};

/// The counters of one server. Each is a name and its labels, as Prometheus writes them.
#[derive(Default)]
pub(crate) struct Metrics(Mutex<BTreeMap<(Name, String), u64>>);

/// The names of all counters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Requests,
    Logins,
    DisplayOnly,
    GatewayCalls,
}

impl Name {
    const ALL: [Self; 4] = [Self::Requests, Self::Logins, Self::DisplayOnly, Self::GatewayCalls];

    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Requests => ("miniauth_requests_total", "Requests, by method, route and status."),
            Self::Logins => ("miniauth_logins_total", "Posts of auth codes, by outcome: ok or the error's code."),
            Self::DisplayOnly => {
                ("miniauth_display_only_refused_total", "Requests refused for display information in them.")
            }
            Self::GatewayCalls => ("miniauth_gateway_calls_total", "Calls of the open platform, by call and outcome."),
        }
    }
}

impl Metrics {
    /// A request was answered. The route is one of the router's own, never the path that was asked for.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, refused: Option<ErrorCode>) {
        self.count(Name::Requests, format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"));
        if refused == Some(ErrorCode::DisplayOnlyForwarded) {
            self.count(Name::DisplayOnly, String::new());
        }
    }

    /// An auth code was posted; `None` when that went well.
    pub(crate) fn login(&self, failed: Option<ErrorCode>) {
        self.count(Name::Logins, format!("{{outcome=\"{}\"}}", failed.map_or("ok", ErrorCode::as_str)));
    }

    /// The platform was called; `None` when that went well.
    pub(crate) fn gateway_call(&self, call: &'static str, failed: Option<ErrorCode>) {
        let outcome = failed.map_or("ok", ErrorCode::as_str);
        self.count(Name::GatewayCalls, format!("{{call=\"{call}\",outcome=\"{outcome}\"}}"));
    }

    fn count(&self, name: Name, labels: String) {
        *self.0.lock().entry((name, labels)).or_default() += 1;
    }

    /// The text format of Prometheus, version 0.0.4.
    pub(crate) fn text(&self) -> String {
        let counters = self.0.lock();
        let mut text = String::new();
        for name in Name::ALL {
            let (metric, help) = name.text();
            writeln!(text, "# HELP {metric} {help}\n# TYPE {metric} counter").expect("a String takes all");
            for ((_, labels), count) in
                counters.range((name, String::new())..).take_while(|((other, _), _)| *other == name)
            {
                writeln!(text, "{metric}{labels} {count}").expect("a String takes all");
            }
        }
        text
    }
}
