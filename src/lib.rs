//! Login and user information for Alipay mini-programs: the WebAssembly module.
//!
//! Only bindings: everything that does not need JavaScript is decided in `miniauth-core`. The platform's `my` is passed in and
//! never looked up on a global. The npm package's driver (`js/`) starts this module and gives its calls their public form.

mod client;
mod consent;
mod decision;
mod environment;
mod error;
mod guard;
mod panic;
mod platform;
mod promise;
mod request;
mod session;
mod values;

pub use client::Client;
pub use panic::on_panic;
pub use promise::Task;

/// rustc's own allocator is made for threads and large heaps, and adds 3 KB to the package.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
