//! The module's one export, for `js/src/hosts/unpack.js`.

use crate::decode;
use core::{panic::PanicInfo, slice};

/// Decodes the `packed_size` bytes at `packed` into the `size` bytes at `unpacked`; says whether it could.
///
/// The caller has made memory large enough for both, beyond `__heap_base`, and apart.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
extern "C" fn unpack(packed: *const u8, packed_size: usize, unpacked: *mut u8, size: usize) -> bool {
    // SAFETY: the caller's promise, above. Memory starts as zeros, so that every byte is initialised.
    let (packed, unpacked) =
        unsafe { (slice::from_raw_parts(packed, packed_size), slice::from_raw_parts_mut(unpacked, size)) };
    decode(packed, unpacked).is_some()
}

/// There is nobody to tell: the caller sees a trap.
#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
