//! The checker on cases, shapes, projects and formats. One program, because linking each takes seconds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod baseline;
mod bundled;
mod cases;
mod configuration;
mod coverage;
mod disk;
mod formats;
mod fuzzed;
mod growth;
mod hostile;
mod limits;
mod people;
mod projects;
mod secrets;
mod shapes;
mod support;
