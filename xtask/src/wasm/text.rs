//! The module's bytes as text inside JavaScript: one printable character a byte.
//!
//! The most frequent bytes are characters of ASCII, the others letters that UTF-8 writes in two bytes: 7 % more than the
//! module as stored, 3 % after gzip. One short loop decodes it, which is what counts where JavaScript is interpreted.

use std::cmp::Reverse;

/// Printable, but escaped in strings, or with a meaning in templates and in HTML.
const AVOIDED: [char; 6] = ['"', '\'', '`', '\\', '$', '<'];

/// A JavaScript module that holds `module`: a character a byte, and the characters in the order of the bytes.
pub(super) fn script(module: &[u8]) -> String {
    let alphabet = alphabet(module);
    let text: String = module.iter().map(|byte| alphabet[usize::from(*byte)]).collect();
    format!(
        "export const text = '{text}';\nexport const alphabet = '{}';\nexport const size = {};\nexport const checksum = {};\n",
        String::from_iter(alphabet),
        module.len(),
        checksum(module),
    )
}

/// The sum of the sums of the bytes up to each (Fletcher's checksum, whole). JavaScript's numbers hold it exactly for any module
/// of less than 8 MB.
fn checksum(module: &[u8]) -> u64 {
    let (mut sum, mut checksum) = (0, 0);
    for byte in module {
        sum += u64::from(*byte);
        checksum += sum;
    }
    checksum
}

/// The character of each byte.
fn alphabet(module: &[u8]) -> [char; 256] {
    let mut counts = [0; 256];
    for byte in module {
        counts[usize::from(*byte)] += 1;
    }
    let mut bytes: Vec<u8> = (0..=255).collect();
    bytes.sort_by_key(|byte| Reverse(counts[usize::from(*byte)]));
    // In their own order, which is smaller after gzip.
    bytes[one_byte().count()..].sort_unstable();
    let mut alphabet = ['\0'; 256];
    for (byte, character) in bytes.into_iter().zip(one_byte().chain(two_bytes())) {
        alphabet[usize::from(byte)] = character;
    }
    alphabet
}

fn one_byte() -> impl Iterator<Item = char> {
    (' '..='~').filter(|character| !AVOIDED.contains(character))
}

/// Letters of the phonetic and the Armenian alphabet: written from left to right, and the same in every normal form.
fn two_bytes() -> impl Iterator<Item = char> {
    ('\u{250}'..='\u{2af}').chain('\u{531}'..='\u{556}').chain('\u{561}'..='\u{586}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_byte_has_a_character_of_its_own_and_frequent_ones_are_short() {
        let module = [[200; 2].as_slice(), &[7; 3], &[0]].concat();
        let alphabet = alphabet(&module);
        assert_eq!(alphabet.iter().collect::<HashSet<_>>().len(), 256);
        assert_eq!([7, 200, 0].map(|byte| alphabet[byte]), [' ', '!', '#']);
        assert_eq!(alphabet.iter().filter(|character| character.is_ascii()).count(), one_byte().count());
        assert!(alphabet.iter().all(|character| character.len_utf8() <= 2 && !character.is_control()));
    }

    #[test]
    fn the_script_holds_the_module_its_size_and_its_checksum() {
        let script = script(&[9, 9, 5]);
        assert!(script.starts_with("export const text = '  !';\n"), "{script}");
        assert!(script.ends_with("export const size = 3;\nexport const checksum = 50;\n"), "{script}");
    }

    #[test]
    fn two_bytes_that_change_places_change_the_checksum() {
        assert_ne!(checksum(&[1, 2, 3]), checksum(&[1, 3, 2]));
    }
}
