//! Login and user information for Alipay mini-programs: the WebAssembly module.
//!
//! Bindings and nothing else: what can be decided without JavaScript is decided in `miniauth-core`. The platform's `my`
//! is passed in and never looked up on a global. The npm package's driver (`js/`) starts this module and gives its calls
//! their public form.

#[cfg(target_arch = "wasm32")]
mod allocator;
mod answer;
mod client;
mod decision;
mod display;
mod environment;
mod error;
mod guard;
mod normal_forms;
mod operations;
mod page;
mod panic;
mod platform;
mod promise;
mod read;
mod snapshot;
mod storage;
mod write;

pub use client::Client;
pub use display::JsDisplayInfo;
pub use panic::on_panic;
pub use promise::Task;
