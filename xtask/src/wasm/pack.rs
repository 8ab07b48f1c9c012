//! The module's bytes as text inside JavaScript.
//!
//! As base64 alone they would be a third larger in the app's package, and gzip cannot undo that on the way to the phone. They
//! are compressed with LZMA first; a second module, so small that base64 is good enough for it, unpacks them.
//!
//! The three ways for a module of 128 KB (`bench/client/packing.mjs` measures them again), after gzip and in processor time
//! from text to compiled module in a fresh Node, the best of 15 on a busy machine: base64 alone 75.2 KB and 7 ms, which is
//! over the budget; deflate with the inflater of fflate 61.8 KB and 22 ms; LZMA 52.4 KB and 16 ms.

use std::io::Write as _;

use anyhow::{Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lzma_rust2::{LzmaOptions, LzmaWriter};
use miniauth_unpack::{LITERAL_CONTEXT_BITS, decode};

/// The types of [`script`]'s exports.
pub(super) const DECLARATIONS: &str = "\
/** The WebAssembly module, compressed, in base64. */
export const packed: string;

/** Its size in bytes when it is unpacked. */
export const size: number;

/** The WebAssembly module that unpacks it, in base64. */
export const unpacker: string;
";

/// A JavaScript module that holds `module` and what unpacks it.
pub(super) fn script(module: &[u8], unpacker: &[u8]) -> Result<String> {
    let packed = compress(module)?;
    Ok(format!(
        "export const packed = '{}';\nexport const size = {};\nexport const unpacker = '{}';\n",
        STANDARD.encode(packed),
        module.len(),
        STANDARD.encode(unpacker),
    ))
}

/// A raw LZMA stream, proved to come back.
fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut options = LzmaOptions::with_preset(9);
    (options.lc, options.lp, options.pb) = (LITERAL_CONTEXT_BITS, 0, 0);
    options.nice_len = 273;
    options.dict_size = u32::try_from(bytes.len())?.next_power_of_two().max(1 << 12);
    let mut writer = LzmaWriter::new_no_header(Vec::new(), &options, false)?;
    writer.write_all(bytes)?;
    let packed = writer.finish()?;
    let mut unpacked = vec![0; bytes.len()];
    ensure!(decode(&packed, &mut unpacked).is_some() && unpacked == bytes, "the packed module does not come back");
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_holds_both_modules() {
        let script = script(&[7; 5000], b"unpacker").unwrap();
        assert!(script.starts_with("export const packed = 'A"), "{script}");
        assert!(script.contains("export const size = 5000;"), "{script}");
        assert!(script.contains(&STANDARD.encode("unpacker")), "{script}");
        assert!(script.len() < 300, "{script}");
    }
}
