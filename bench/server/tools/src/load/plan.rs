//! The requests of a run, their number and connections.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use url::Url;

/// Sends requests to one address, with a bearer, a form or a body from each line of a file.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// The address
    url: Url,
    /// The number of connections; each waits for an answer before it sends the next request
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// A file of bearers, one per line: requests are GET, and use them in turn
    #[arg(long, conflicts_with = "bodies")]
    bearers: Option<PathBuf>,
    /// A file of JSON bodies, one per line: requests are POST, and send each body once
    #[arg(long)]
    bodies: Option<PathBuf>,
    /// A file of forms, one per line: requests are POST, and use them in turn
    #[arg(long, conflicts_with_all = ["bearers", "bodies"])]
    forms: Option<PathBuf>,
    /// The header `authorization` of each form
    #[arg(long, default_value = "")]
    authorization: String,
    /// How long to send requests, in seconds; bodies may run out sooner
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Open the connections, send nothing and wait for so many seconds
    #[arg(long)]
    idle: Option<f64>,
}

/// The requests, ready to send.
pub(crate) struct Plan {
    address: String,
    connections: usize,
    requests: Vec<Vec<u8>>,
    once: bool,
    duration: Duration,
    idle: Option<Duration>,
    next: AtomicUsize,
}

impl Plan {
    /// Reads the lines.
    pub(crate) fn new(arguments: Arguments) -> Result<Self> {
        let Arguments { url, connections, bearers, bodies, forms, authorization, seconds, idle } = arguments;
        let host = url.host_str().context("the address has no host")?;
        let address = format!("{host}:{}", url.port_or_known_default().context("the address has no port")?);
        let as_form = format!("application/x-www-form-urlencoded\r\nauthorization: {authorization}");
        let requests: Vec<Vec<u8>> = match (&bearers, &bodies, &forms) {
            (Some(file), ..) => lines(file)?.iter().map(|bearer| get(&url, &address, Some(bearer))).collect(),
            (_, Some(file), _) => {
                lines(file)?.iter().map(|body| post(&url, &address, "application/json", body)).collect()
            }
            (.., Some(file)) => lines(file)?.iter().map(|form| post(&url, &address, &as_form, form)).collect(),
            (None, None, None) => vec![get(&url, &address, None)],
        };
        ensure!(!requests.is_empty(), "the file has no lines");
        Ok(Self {
            address,
            connections,
            requests,
            once: bodies.is_some(),
            duration: Duration::from_secs_f64(seconds),
            idle: idle.map(Duration::from_secs_f64),
            next: AtomicUsize::new(0),
        })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections
    }

    pub(crate) fn idle(&self) -> Option<Duration> {
        self.idle
    }

    /// Returns the next request, unless time is up or all were sent.
    pub(crate) fn next(&self, elapsed: Duration) -> Option<&[u8]> {
        if elapsed >= self.duration {
            return None;
        }
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        if self.once && index >= self.requests.len() {
            return None;
        }
        Some(&self.requests[index % self.requests.len()])
    }
}

fn lines(file: &PathBuf) -> Result<Vec<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn get(url: &Url, address: &str, bearer: Option<&String>) -> Vec<u8> {
    let authorization = bearer.map(|bearer| format!("authorization: Bearer {bearer}\r\n")).unwrap_or_default();
    format!("GET {} HTTP/1.1\r\nhost: {address}\r\n{authorization}\r\n", url.path()).into_bytes()
}

fn post(url: &Url, address: &str, content_type: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}",
        url.path(),
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(options: &[&str]) -> Result<Plan> {
        let start = ["bench-load", "http://127.0.0.1:8701/auth"];
        Plan::new(Arguments::try_parse_from(start.iter().chain(options))?)
    }

    #[test]
    fn bodies_are_sent_once_and_bearers_over_and_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lines");
        fs::write(&file, "one\ntwo\n").unwrap();
        let file = file.to_str().unwrap();
        let texts = |plan: Plan| -> Vec<String> {
            let next = || plan.next(Duration::ZERO).map(|request| String::from_utf8(request.to_vec()).unwrap());
            (0..3).filter_map(|_| next()).collect()
        };
        let bodies = texts(plan(&["--bodies", file]).unwrap());
        assert_eq!(bodies.len(), 2);
        assert!(
            bodies[1].starts_with("POST /auth HTTP/1.1\r\nhost: 127.0.0.1:8701\r\n")
                && bodies[1].ends_with("\r\n\r\ntwo")
        );
        let bearers = texts(plan(&["--bearers", file]).unwrap());
        assert!(bearers[2].contains("authorization: Bearer one\r\n"), "{bearers:?}");
        let forms = texts(plan(&["--forms", file, "--authorization", "Basic YTpi"]).unwrap());
        assert!(
            forms[2].contains("content-type: application/x-www-form-urlencoded\r\nauthorization: Basic YTpi\r\n")
                && forms[2].ends_with("\r\ncontent-length: 3\r\n\r\none"),
            "{forms:?}"
        );
        assert_eq!(texts(plan(&[]).unwrap()).len(), 3);
    }

    #[test]
    fn nothing_is_asked_once_time_is_up() {
        assert!(plan(&["--seconds", "2"]).unwrap().next(Duration::from_secs(2)).is_none());
    }
}
