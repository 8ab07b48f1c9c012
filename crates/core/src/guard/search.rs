//! The search for known values in the texts of one request.

use super::{
    Encoding, GuardError, Reason,
    encoding::{DECODERS, Decoded, Outcome},
    names,
    needles::{Counts, Needle, Needles, sign},
    outgoing::{Context, Piece, Words},
    pattern::{fold, utf8, utf8_before},
    utf16,
};
use crate::display::REDACTION;
use std::ops::Range;

/// How many nested encodings are decoded.
const MAXIMUM_DEPTH: usize = 2;

/// The most bytes of text in a request, once there is something to search for. A larger request is refused for its size
/// alone, without a search.
pub const MAXIMUM_BYTES: usize = 12 * 1024 * 1024;

/// How far after a name a value still counts as its value, in bytes.
const NAME_REACH: usize = 128;

/// The evidence needed to rule out that a value is there by chance, in half bits. The more bytes are searched, the more is needed: about
/// one in a million random bodies (such as pictures and encrypted data) matches by chance, however large it is, up to
/// 10 MB.
mod evidence {
    /// The evidence needed in one byte of data; each doubling of the data needs [`DOUBLING`] more.
    pub(super) const LEAST: u32 = 40;
    pub(super) const DOUBLING: u32 = 2;
    /// A byte of the value: a letter in either case is two of 256.
    pub(super) const BYTE: u32 = 14;
    /// Subtracted for a replaced symbol, because the replacement can be so many things.
    pub(super) const GAP: u32 = 8;
    /// A character of text around it: in random bytes, something other than text comes first in five of six cases.
    pub(super) const SIGN: u32 = 5;
    /// An end of the text, on either side; for decoded text, only in a text of fewer than [`SHORT`] bytes.
    pub(super) const END: u32 = 12;
    pub(super) const SHORT: usize = 256;
    /// How many characters are examined on either side.
    pub(super) const REACH: usize = 24;
}

/// How much of the text around a value is seen, in bytes of UTF-16: two characters on either side.
const SURROUNDINGS: usize = 4;

/// One request's search.
pub(super) struct Search<'needles> {
    needles: &'needles Needles,
    /// How many more bytes the request may have.
    remaining: usize,
    /// The evidence that a value needs, in half bits.
    required: u32,
    /// The encodings around the text being searched, from the outermost.
    trail: Vec<Encoding>,
    /// Whether the user typed the text being searched, so that the nickname may be in it, and whether it was.
    pub(super) is_typed: bool,
    pub(super) was_typed: bool,
    /// Common nicknames that count once a default avatar is found too.
    waiting: Vec<GuardError>,
    /// Whether a default avatar was found.
    has_avatar: bool,
}

/// What is known about a text from its path and its encodings.
#[derive(Clone, Copy, Default)]
struct Layer {
    named: bool,
    words: Words,
    /// Whether it could be UTF-16.
    is_bytes: bool,
    /// Whether the text continues before or after the part being searched.
    is_cut: [bool; 2],
    /// The evidence of its two ends, in half bits.
    ends: [u32; 2],
    /// Whether every value counts, wherever and in whatever form.
    strict: bool,
    depth: usize,
}

/// The features of a text that could hide a value.
struct Seen {
    signs: u8,
    /// The most consecutive digits.
    run: usize,
    /// The ranges after names of display information, where common values count.
    under_names: Vec<Range<usize>>,
}

impl<'needles> Search<'needles> {
    pub(super) const fn new(needles: &'needles Needles) -> Self {
        Self {
            needles,
            remaining: MAXIMUM_BYTES,
            required: 0,
            trail: Vec::new(),
            is_typed: false,
            was_typed: false,
            waiting: Vec::new(),
            has_avatar: false,
        }
    }

    /// Searches one text. After a match, [`refusal`](Self::refusal) says which encodings lead to it.
    pub(super) fn piece(&mut self, piece: &Piece<'_>) -> Outcome {
        let remaining = self.remaining.checked_sub(piece.text.len());
        if remaining.is_none() && self.needles.has_values {
            return Err(Reason::TooMuchToSearch);
        }
        self.remaining = remaining.unwrap_or_default();
        self.required = evidence::LEAST + evidence::DOUBLING * (MAXIMUM_BYTES - self.remaining).max(1).ilog2();
        self.trail.clear();
        let waited = self.waiting.len();
        let Context { named, words, .. } = piece.context;
        let is_bytes = piece.is_bytes || piece.text.contains(&0);
        let outcome =
            self.layer(piece.text, Layer { named, words, is_bytes, ends: [evidence::END; 2], ..Layer::default() });
        for refusal in &mut self.waiting[waited..] {
            piece.place.clone_into(&mut refusal.place);
        }
        outcome
    }

    /// Checks the values that count only together. Returns the typed fields with a value that would have counted.
    pub(super) fn finish(self, typed: &[String]) -> Result<Vec<String>, GuardError> {
        let mut used = Vec::new();
        for refusal in self.waiting.into_iter().filter(|_| self.has_avatar) {
            if !typed.contains(&refusal.place) {
                return Err(refusal);
            }
            used.push(refusal.place);
        }
        Ok(used)
    }

    /// Returns whether joined texts could contain anything, each by itself or together. A name counts for all of them.
    pub(super) fn could_hold(mut self, joined: &[u8]) -> bool {
        let named = self.needles.has_name_in(joined);
        let layer = Layer { named, is_bytes: joined.contains(&0), ..Layer::default() };
        self.layer(joined, layer).is_err() || !self.waiting.is_empty() || self.has_avatar
    }

    /// Returns whether a text contains any value in any form, so that no message may show it.
    pub(super) fn shows(mut self, text: &[u8]) -> bool {
        self.layer(text, Layer { named: true, strict: true, ..Layer::default() }).is_err()
    }

    /// Returns the error for a match.
    pub(super) fn refusal(&self, place: &str, reason: Reason) -> GuardError {
        GuardError { place: place.to_owned(), encodings: self.trail.clone(), reason }
    }

    /// Searches one text and everything encoded in it. After a match, the trail leads to it.
    fn layer(&mut self, text: &[u8], layer: Layer) -> Outcome {
        let seen = self.as_it_is(text, layer)?;
        if layer.depth == MAXIMUM_DEPTH || !self.needles.has_values {
            return Ok(());
        }
        let limits = self.needles.limits(layer.named || !seen.under_names.is_empty(), layer.is_cut);
        // In a short text, decoded text ends where the text does.
        let ends = if text.len() < evidence::SHORT { layer.ends } else { [0; 2] };
        let run = if seen.run < limits.shortest_run() { sign::DIGIT } else { 0 };
        for (_, decode) in DECODERS.iter().filter(|(sign, _)| seen.signs & !run & sign != 0) {
            decode(text, limits, &mut |decoded| self.decoded(&decoded, Layer { ends, ..layer }, &seen))?;
        }
        Ok(())
    }

    /// Searches a decoded text.
    fn decoded(&mut self, decoded: &Decoded<'_>, layer: Layer, seen: &Seen) -> Outcome {
        let Decoded { at, bytes, encodings, is_cut } = *decoded;
        let named = layer.named || seen.under_names.iter().any(|stretch| stretch.contains(&at));
        // Digits, numbers and escapes can encode any bytes.
        let is_bytes = encodings[0] != Encoding::Utf16;
        let length = self.trail.len();
        self.trail.extend(encodings);
        self.layer(bytes, Layer { named, is_bytes, is_cut, depth: layer.depth + 1, ..layer })?;
        self.trail.truncate(length);
        Ok(())
    }

    /// Examines every byte once: for values, and for what could hide one.
    fn as_it_is(&mut self, text: &[u8], layer: Layer) -> Result<Seen, Reason> {
        let needles = self.needles;
        if !needles.has_values {
            let object = REDACTION.as_bytes();
            return match text.iter().enumerate().any(|(at, byte)| *byte == object[0] && text[at..].starts_with(object))
            {
                true => Err(Reason::DisplayObject),
                false => Ok(Seen { signs: 0, run: 0, under_names: Vec::new() }),
            };
        }
        let required = if layer.is_bytes { u8::MAX } else { !(sign::UTF16 | sign::ZERO) };
        let mut under_names: Vec<Range<usize>> = Vec::new();
        let (mut signs, mut run, mut longest) = (0, 0, 0);
        for (at, byte) in text.iter().enumerate() {
            let here = required & needles.signs(*byte, text.get(at + 1).copied().unwrap_or_default());
            signs |= here;
            // Without branches, because they would be mispredicted.
            let is_digit = usize::from(here & sign::DIGIT != 0);
            let goes_on = usize::from(here & (sign::DIGIT | sign::LINE_BREAK) != 0);
            run = (run + is_digit) * goes_on;
            longest = longest.max(run);
            if here & (sign::VALUE | sign::UTF16 | sign::NAME) == 0 {
                continue;
            }
            let named = layer.named || under_names.last().is_some_and(|stretch| at < stretch.end);
            if here & sign::VALUE != 0 {
                self.values_at(text, at, Layer { named, ..layer })?;
            }
            if here & sign::UTF16 != 0 {
                self.utf16_at(text, at, Layer { named, ..layer })?;
            }
            if here & sign::NAME != 0
                && !layer.named
                && let Some(length) = names::display_name_at(text, at)
            {
                let end = at + length + NAME_REACH;
                match under_names.last_mut() {
                    Some(last) if at <= last.end => last.end = end,
                    _ => under_names.push(at + length..end),
                }
            }
        }
        Ok(Seen { signs, run: longest, under_names })
    }

    /// Looks for values at one position, in UTF-16 of either byte order.
    fn utf16_at(&mut self, text: &[u8], at: usize, layer: Layer) -> Outcome {
        let end = text.len().min(at + 2 * self.needles.longest);
        for order in utf16::ORDERS {
            let mut around = utf16::text(&text[at - (at & !1).min(SURROUNDINGS)..at], order);
            let at_value = around.len();
            around.push_str(&utf16::text(&text[at..end], order));
            self.trail.push(Encoding::Utf16);
            self.values_at(around.as_bytes(), at_value, layer)?;
            self.trail.pop();
        }
        Ok(())
    }

    /// Looks for values at one position.
    fn values_at(&mut self, text: &[u8], at: usize, layer: Layer) -> Outcome {
        let needles = self.needles;
        let first = utf8(text, at).map(|(first, _)| fold(first));
        for needle in needles.all.iter().filter(|needle| needle.pattern.characters().first() == first.as_ref()) {
            if let Some(end) = needle.pattern.end_at(text, at) {
                self.value(needle, text, at..end, layer)?;
            }
        }
        Ok(())
    }

    /// Decides whether a matched value counts.
    fn value(&mut self, needle: &Needle, text: &[u8], here: Range<usize>, layer: Layer) -> Outcome {
        if layer.strict {
            // One ASCII character occurs by chance in half of what digits decode to.
            let is_chance = needle.pattern.shortest() < 2 && !self.trail.is_empty();
            return if is_chance { Ok(()) } else { Err(needle.reason) };
        }
        let pattern = &needle.pattern;
        let gaps = (pattern.characters().len() - pattern.length()) as u32;
        let told = (evidence::BYTE * pattern.shortest() as u32).saturating_sub(evidence::GAP * gaps);
        let beside = |side| self.beside(text, &here, side, layer);
        let is_chance = told + beside(0) + beside(1) < self.required;
        if is_chance || needle.is_word && is_part_of_word(needle, text, here, layer) {
            return Ok(());
        }
        match needle.counts {
            Counts::Named { or_with_avatar } if !layer.named => {
                // Kept in case the default avatar is found too.
                if or_with_avatar && self.waiting.iter().all(|refusal| !refusal.place.is_empty()) {
                    self.waiting.push(self.refusal("", needle.reason));
                }
            }
            Counts::WithNickName => self.has_avatar = true,
            _ if self.is_typed && needle.reason == Reason::NickName => self.was_typed = true,
            _ => return Err(needle.reason),
        }
        Ok(())
    }

    /// Returns the evidence of the text before (0) or after (1) a position, in half bits. Base64 digits are no
    /// evidence, and in UTF-16 only ASCII is, because random bytes are characters there.
    fn beside(&self, text: &[u8], here: &Range<usize>, side: usize, layer: Layer) -> u32 {
        let is_utf16 = self.trail.last() == Some(&Encoding::Utf16);
        let mut at = [here.start, here.end][side];
        let mut told = 0;
        for _ in 0..evidence::REACH {
            if at == [0, text.len()][side] {
                return told + layer.ends[side];
            }
            let next = if side == 0 { utf8_before(text, at) } else { utf8(text, at) };
            let Some((character, length)) = next else { break };
            match character {
                '\t' | '\n' | '\r' | '+' | '-' | '/'..='9' | '=' | 'A'..='Z' | '_' | 'a'..='z' => {}
                ' '..='~' => told += evidence::SIGN,
                '\u{800}'.. if !is_utf16 => told += evidence::SIGN,
                _ => break,
            }
            at = if side == 0 { at - length } else { at + length };
        }
        told
    }
}

/// Returns whether the match is part of a word, or one of the app's own words: lower-case ASCII letters in a name, a
/// path or an identifier.
fn is_part_of_word(needle: &Needle, text: &[u8], here: Range<usize>, layer: Layer) -> bool {
    let pattern = needle.pattern.characters();
    let is_letter = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let before = |count: usize| text.get(here.start.wrapping_sub(count)).copied();
    let after = |count: usize| text.get(here.end + count - 1).copied();
    let ends_in_letter = |end: Option<&char>| end.is_some_and(char::is_ascii_alphanumeric);
    // A cut-off character could be a letter.
    let is_cut = [here.start == 0 && layer.is_cut[0], here.end == text.len() && layer.is_cut[1]];
    if ends_in_letter(pattern.first()) && (is_cut[0] || is_letter(before(1)))
        || ends_in_letter(pattern.last()) && (is_cut[1] || is_letter(after(1)))
    {
        return true;
    }
    let joins = |next: Option<u8>, beyond: Option<u8>| match next {
        Some(b'/') => true,
        Some(b'.' | b'_' | b'-') => is_letter(beyond),
        _ => false,
    };
    let is_lower_case = || !text[here.clone()].iter().any(u8::is_ascii_uppercase);
    let is_code = || layer.words == Words::Capitalised || joins(before(1), before(2)) || joins(after(1), after(2));
    pattern.iter().all(char::is_ascii_lowercase) && (layer.words == Words::None || is_lower_case() && is_code())
}
