//! Encodes the module's bytes as a JavaScript string in printable ASCII.
//!
//! The most frequent bytes take one character, the others two: 6 % larger than the stored module, 2 % after gzip. One short loop decodes
//! it, which matters where JavaScript is interpreted.

use std::cmp::Reverse;

/// Printable characters that are not used: escaped in strings, or special in templates and HTML.
const AVOIDED: [char; 6] = ['"', '\'', '`', '\\', '$', '<'];

/// The first character of a pair.
const FIRST: [char; 2] = [' ', '!'];

/// The alphabet's entry for a byte of two characters. Read in another encoding than UTF-8, it becomes several characters or a different
/// one.
const TWO: char = '\u{250}';

/// Generates a JavaScript module with `module` as text, and the alphabet: the character of each byte.
pub(super) fn script(module: &[u8]) -> String {
    let alphabet = alphabet(module);
    let characters = characters(&alphabet);
    let text: String = module.iter().map(|byte| characters[usize::from(*byte)].as_str()).collect();
    format!(
        "export const text = '{text}';\nexport const alphabet = '{}';\nexport const size = {};\nexport const checksum = {};\n",
        String::from_iter(alphabet),
        module.len(),
        checksum(module),
    )
}

/// Returns the sum of the running sums of the bytes (Fletcher's checksum, not reduced). JavaScript's numbers hold it exactly for modules below
/// 8 MB.
fn checksum(module: &[u8]) -> u64 {
    let (mut sum, mut checksum) = (0, 0);
    for byte in module {
        sum += u64::from(*byte);
        checksum += sum;
    }
    checksum
}

/// Assigns single characters to bytes. A byte that is such a character stands for itself, so strings in the module look like those in the
/// JavaScript around it, which is smaller after gzip.
fn alphabet(module: &[u8]) -> [char; 256] {
    let mut counts = [0; 256];
    for byte in module {
        counts[usize::from(*byte)] += 1;
    }
    let mut frequent: Vec<u8> = (0..=255).collect();
    frequent.sort_by_key(|byte| Reverse(counts[usize::from(*byte)]));
    frequent.truncate(printable().count());
    frequent.sort_unstable();
    let is_itself = |byte: &u8| printable().any(|character| character == char::from(*byte));
    let mut others = printable().filter(|character| !frequent.iter().any(|byte| char::from(*byte) == *character));
    let mut alphabet = [TWO; 256];
    for byte in &frequent {
        let character = if is_itself(byte) { Some(char::from(*byte)) } else { others.next() };
        alphabet[usize::from(*byte)] = character.unwrap_or(TWO);
    }
    alphabet
}

/// Returns the characters of each byte. Pairs are assigned in the order of the bytes.
fn characters(alphabet: &[char; 256]) -> [String; 256] {
    let one: Vec<char> = alphabet.iter().copied().filter(|character| *character != TWO).collect();
    let mut two = FIRST.iter().flat_map(|first| one.iter().map(move |second| String::from_iter([first, second])));
    alphabet.map(|character| if character == TWO { two.next().unwrap_or_default() } else { character.to_string() })
}

fn printable() -> impl Iterator<Item = char> {
    (' '..='~').filter(|character| !AVOIDED.contains(character) && !FIRST.contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_byte_has_characters_of_its_own_and_frequent_ones_are_short() {
        let module = [[200; 2].as_slice(), &[7; 3], &[b'z', 0]].concat();
        let alphabet = alphabet(&module);
        let characters = characters(&alphabet);
        assert_eq!(characters.iter().collect::<HashSet<_>>().len(), 256);
        assert_eq!([7, 200, 0].map(|byte| characters[byte].len()), [1; 3]);
        assert_eq!(characters[usize::from(b'z')], "z");
        assert_eq!(characters.iter().filter(|text| text.len() == 1).count(), printable().count());
        assert!(characters.iter().all(|text| text.len() <= 2 && !text.contains(AVOIDED) && text.is_ascii()));
    }

    #[test]
    fn the_script_holds_the_module_its_size_and_its_checksum() {
        let script = script(b"aab");
        assert!(script.starts_with("export const text = 'aab';\n"), "{script}");
        assert!(script.ends_with("export const size = 3;\nexport const checksum = 583;\n"), "{script}");
    }

    #[test]
    fn two_bytes_that_change_places_change_the_checksum() {
        assert_ne!(checksum(&[1, 2, 3]), checksum(&[1, 3, 2]));
    }
}
