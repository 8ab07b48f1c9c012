//! The allocator: rustc's own is made for many threads and large heaps, and weighs 3 KB more in the package.

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();
