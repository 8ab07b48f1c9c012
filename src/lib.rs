//! Login and user information for Alipay mini-programs: the WebAssembly module.
