//! The search for known values in the texts of one request.

use super::{
    Encoding, GuardError, Reason, digits,
    escapes::{self, Kinds, Window},
    names,
    needles::{Counts, Needle, Needles, part},
    numbers,
    outgoing::{Context, Piece, Words},
    pattern::{READINGS, Reading, fold},
    utf16,
};
use std::ops::Range;

/// How many encodings inside one another are looked through.
const MAXIMUM_DEPTH: usize = 2;

/// The most bytes of text that one request may have, once there is something to look for. What is larger is refused
/// unsearched: by its size alone, whatever it holds.
pub const MAXIMUM_BYTES: usize = 12 * 1024 * 1024;

/// How far behind a name a value still counts as standing under it, in bytes.
const NAME_REACH: usize = 128;

/// One request's search.
pub(super) struct Search<'needles> {
    needles: &'needles Needles,
    /// How many more bytes there may be.
    remaining: usize,
    /// The encodings around the text that is being searched, outermost first.
    trail: Vec<Encoding>,
    /// Whether the user typed the text that is being searched.
    typed: bool,
    /// Common nicknames that count once a default avatar is found too.
    waiting: Vec<GuardError>,
    /// Whether one was found.
    has_avatar: bool,
    /// Room for what digits stand for, one for each depth.
    decoded: [Vec<u8>; MAXIMUM_DEPTH],
}

/// What is known about a text on the way to it.
#[derive(Clone, Copy, Default)]
struct Layer {
    named: bool,
    words: Words,
    /// Whether it could be UTF-16.
    is_bytes: bool,
    /// Whether it goes on before or behind what is searched.
    is_cut: [bool; 2],
    /// Whether any value counts, wherever and however it stands.
    strict: bool,
    depth: usize,
}

impl Layer {
    /// For something decoded that stands at `at`.
    fn inside(self, at: usize, seen: &Seen) -> Self {
        let named = self.named || seen.under_names.iter().any(|stretch| stretch.contains(&at));
        Self { named, is_cut: [false; 2], depth: self.depth + 1, ..self }
    }
}

/// What a text has that could hide a value.
#[derive(Default)]
struct Seen {
    escape: bool,
    /// Enough digits in a row.
    run: bool,
    zero: bool,
    comma: bool,
    /// What stands behind names of display information, where common values count.
    under_names: Vec<Range<usize>>,
}

impl<'needles> Search<'needles> {
    pub(super) const fn new(needles: &'needles Needles) -> Self {
        Self {
            needles,
            remaining: MAXIMUM_BYTES,
            trail: Vec::new(),
            typed: false,
            waiting: Vec::new(),
            has_avatar: false,
            decoded: [const { Vec::new() }; MAXIMUM_DEPTH],
        }
    }

    /// Searches one text. After a hit, [`refusal`](Self::refusal) says what encodings lead to it.
    pub(super) fn piece(&mut self, piece: &Piece<'_>) -> Option<Reason> {
        self.trail.clear();
        let waited = self.waiting.len();
        let Context { named, words, .. } = piece.context;
        let is_bytes = piece.is_bytes || piece.text.contains(&0);
        let hit = self.layer(piece.text, Layer { named, words, is_bytes, ..Layer::default() });
        for refusal in &mut self.waiting[waited..] {
            piece.place.clone_into(&mut refusal.place);
        }
        hit
    }

    /// Counts a text's size. Says whether it is too much.
    pub(super) fn is_too_much(&mut self, text: &[u8]) -> bool {
        let remaining = self.remaining.checked_sub(text.len());
        self.remaining = remaining.unwrap_or_default();
        remaining.is_none() && self.needles.has_values
    }

    /// Searches one text of which the user typed a part: the nickname may stand in it.
    pub(super) fn typed_piece(&mut self, piece: &Piece<'_>) -> Option<Reason> {
        self.typed = true;
        let hit = self.piece(piece);
        self.typed = false;
        hit
    }

    /// What only counts together. Returns the places of what was typed and would have counted.
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

    /// Whether texts that were joined could hold anything, each by itself or together. A name counts for all of them.
    pub(super) fn could_hold(mut self, joined: &[u8]) -> bool {
        let named = self.needles.has_named && names::mentioned(joined);
        let hit = self.layer(joined, Layer { named, is_bytes: joined.contains(&0), ..Layer::default() });
        hit.is_some() || !self.waiting.is_empty() || self.has_avatar
    }

    /// Whether a text holds any value in any way: no message may have it.
    pub(super) fn shows(mut self, text: &[u8]) -> bool {
        self.layer(text, Layer { named: true, strict: true, ..Layer::default() }).is_some()
    }

    /// The refusal of what was found.
    pub(super) fn refusal(&self, place: &str, reason: Reason) -> GuardError {
        GuardError { place: place.to_owned(), encodings: self.trail.clone(), reason }
    }

    /// Searches one text and all that is encoded in it. After a hit, the trail leads to it.
    fn layer(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        let seen = match self.as_it_is(text, layer) {
            Ok(seen) => seen,
            Err(reason) => return Some(reason),
        };
        if layer.depth == MAXIMUM_DEPTH || !self.needles.has_values {
            return None;
        }
        let in_escapes = if seen.escape { self.in_escapes(text, layer, &seen) } else { None };
        in_escapes
            .or_else(|| if seen.run { self.in_digits(text, layer, &seen) } else { None })
            .or_else(|| if seen.comma { self.in_numbers(text, layer, &seen) } else { None })
            .or_else(|| if seen.zero && layer.is_bytes { self.in_utf16(text, layer) } else { None })
    }

    /// Looks once at every byte: for values, and for what could hide one.
    fn as_it_is(&mut self, text: &[u8], layer: Layer) -> Result<Seen, Reason> {
        let needles = self.needles;
        let parts_of = if layer.is_bytes { &needles.parts.of_bytes } else { &needles.parts.of_text };
        let telling = if layer.named { part::START } else { part::START | part::NAME };
        let mut under_names: Vec<Range<usize>> = Vec::new();
        let (mut all, mut run, mut longest) = (0, 0, 0);
        for (at, byte) in text.iter().enumerate() {
            let parts = parts_of[*byte as usize];
            all |= parts;
            // Without branches: what comes next cannot be foretold.
            let is_digit = usize::from(parts & part::DIGIT != 0);
            let goes_on = usize::from(parts & (part::DIGIT | part::LINE_BREAK) != 0);
            run = (run + is_digit) * goes_on;
            longest = longest.max(run);
            if parts & telling != 0 {
                let next = text.get(at + 1).map_or(part::SECOND, |next| parts_of[*next as usize]);
                if parts & part::START != 0 && next & part::SECOND != 0 {
                    let named = layer.named || under_names.last().is_some_and(|stretch| at < stretch.end);
                    self.values_at(text, at, Layer { named, ..layer })?;
                }
                if parts & telling & part::NAME != 0
                    && next & part::NAME_SECOND != 0
                    && let Some(length) = names::display_name_at(text, at)
                {
                    let end = at + length + NAME_REACH;
                    match under_names.last_mut() {
                        Some(last) if at <= last.end => last.end = end,
                        _ => under_names.push(at + length..end),
                    }
                }
            }
        }
        Ok(Seen {
            escape: all & part::ESCAPE != 0,
            run: longest >= needles.shortest_run(layer.named || !under_names.is_empty()),
            zero: all & part::ZERO != 0,
            comma: all & part::COMMA != 0,
            under_names,
        })
    }

    /// Looks for values at one place.
    fn values_at(&mut self, text: &[u8], at: usize, layer: Layer) -> Result<(), Reason> {
        let needles = self.needles;
        let readings = if layer.is_bytes { &READINGS[..] } else { &READINGS[..1] };
        for reading in readings {
            let Some((first, _)) = reading.character(text, at) else { continue };
            let first = fold(first);
            for needle in needles.all.iter().filter(|needle| needle.pattern.characters().first() == Some(&first)) {
                self.value_at(needle, text, at, *reading, layer)?;
            }
        }
        Ok(())
    }

    /// Looks for one value at one place.
    fn value_at(
        &mut self,
        needle: &Needle,
        text: &[u8],
        at: usize,
        reading: Reading,
        layer: Layer,
    ) -> Result<(), Reason> {
        let Some(end) = needle.pattern.end_at(text, at, reading) else { return Ok(()) };
        let is_utf16 = matches!(reading, Reading::Utf16(_));
        if !layer.strict {
            let is_typed = self.typed && needle.reason == Reason::NickName;
            if is_typed || needle.is_word && is_part_of_word(needle, text, at..end, reading, layer) {
                return Ok(());
            }
            match needle.counts {
                Counts::Named { or_with_avatar } if !layer.named => {
                    if or_with_avatar {
                        self.wait(needle, is_utf16);
                    }
                    return Ok(());
                }
                Counts::WithNickName => {
                    self.has_avatar = true;
                    return Ok(());
                }
                _ => {}
            }
        }
        self.trail.extend(is_utf16.then_some(Encoding::Utf16));
        Err(needle.reason)
    }

    /// Keeps a common nickname for the case that the default avatar is found too.
    fn wait(&mut self, needle: &Needle, is_utf16: bool) {
        if self.waiting.iter().all(|refusal| !refusal.place.is_empty()) {
            let mut refusal = self.refusal("", needle.reason);
            refusal.encodings.extend(is_utf16.then_some(Encoding::Utf16));
            self.waiting.push(refusal);
        }
    }

    fn in_escapes(&mut self, text: &[u8], layer: Layer, seen: &Seen) -> Option<Reason> {
        escapes::windows(text, Kinds::ALL, self.needles.reach, &mut |window| {
            // Escapes can stand for any bytes.
            let layer = Layer { is_bytes: true, is_cut: window.is_cut, ..layer.inside(window.first, seen) };
            self.in_window(&window, layer)
        })
    }

    /// Where escapes of several kinds stand near one another, one kind may be within the other, so that each is also
    /// undone by itself; it is also what names the right one.
    fn in_window(&mut self, window: &Window<'_>, layer: Layer) -> Option<Reason> {
        let encodings: Vec<Encoding> = window.used.each().map(|(_, encoding)| encoding).collect();
        if encodings.len() > 1 {
            let hit = window.used.each().find_map(|(kinds, encoding)| {
                escapes::windows(window.source, kinds, window.source.len(), &mut |window| {
                    self.decoded(&window.decoded, &[encoding], layer)
                })
            });
            if hit.is_some() {
                return hit;
            }
        }
        self.decoded(&window.decoded, &encodings, layer)
    }

    fn in_digits(&mut self, text: &[u8], layer: Layer, seen: &Seen) -> Option<Reason> {
        let shortest = self.needles.shortest_run(layer.named || !seen.under_names.is_empty());
        let mut decoded = std::mem::take(&mut self.decoded[layer.depth]);
        let hit = digits::runs(text, shortest, |start, run| {
            let layer = Layer { is_bytes: true, ..layer.inside(start, seen) };
            self.in_run(run, &mut decoded, layer)
        });
        self.decoded[layer.depth] = decoded;
        hit
    }

    fn in_run(&mut self, run: &[u8], decoded: &mut Vec<u8>, layer: Layer) -> Option<Reason> {
        let shortest = self.needles.shortest_run(layer.named);
        // Hexadecimal takes two digits to a byte.
        let shortest_hexadecimal = 2 * self.needles.shortest(layer.named);
        // In base64, three characters of ASCII in a row need a letter, and so does almost everything else: this is an id.
        let is_id = run.iter().all(u8::is_ascii_digit);
        let alignments = if is_id { 0 } else { 4.min((run.len() + 1).saturating_sub(shortest)) };
        let in_base64 = (0..alignments).find_map(|skip| {
            digits::base64(&run[skip..], decoded);
            self.in_digits_decoded(decoded, Encoding::Base64, layer)
        });
        in_base64.or_else(|| {
            digits::hexadecimal_runs(run, shortest_hexadecimal).find_map(|digits| {
                (0..2).find_map(|skip| {
                    digits::hexadecimal(&digits[skip..], decoded);
                    self.in_digits_decoded(decoded, Encoding::Hexadecimal, layer)
                })
            })
        })
    }

    fn in_digits_decoded(&mut self, decoded: &[u8], encoding: Encoding, layer: Layer) -> Option<Reason> {
        if self.needles.could_be_in(decoded) { self.decoded(decoded, &[encoding], layer) } else { None }
    }

    fn in_numbers(&mut self, text: &[u8], layer: Layer, seen: &Seen) -> Option<Reason> {
        numbers::lists(text, |start, decoded| {
            self.decoded(decoded, &[Encoding::Numbers], Layer { is_bytes: true, ..layer.inside(start, seen) })
        })
    }

    fn in_utf16(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        let shortest = self.needles.shortest_run(layer.named);
        utf16::readings(text, shortest, |decoded| {
            self.decoded(decoded, &[Encoding::Utf16], Layer { is_bytes: false, ..layer.inside(0, &Seen::default()) })
        })
    }

    /// Searches what was decoded.
    fn decoded(&mut self, decoded: &[u8], encodings: &[Encoding], layer: Layer) -> Option<Reason> {
        let length = self.trail.len();
        self.trail.extend(encodings);
        let hit = self.layer(decoded, layer);
        if hit.is_none() {
            self.trail.truncate(length);
        }
        hit
    }
}

/// Whether what stands at `here` is a part of a word, or one of the app's own words: letters of ASCII in a name, a path or
/// an identifier, in lower case as these are.
fn is_part_of_word(needle: &Needle, text: &[u8], here: Range<usize>, reading: Reading, layer: Layer) -> bool {
    let pattern = needle.pattern.characters();
    let is_letter = |character: Option<&char>| character.is_some_and(char::is_ascii_alphanumeric);
    let at = |at: Option<usize>| Some(reading.character(text, at?)?.0);
    let width = reading.width();
    let before = |count: usize| at(here.start.checked_sub(count * width));
    let after = |count: usize| at(Some(here.end + (count - 1) * width));
    // What is cut off could be a letter.
    let is_cut = [here.start == 0 && layer.is_cut[0], here.end == text.len() && layer.is_cut[1]];
    if is_letter(pattern.first()) && (is_cut[0] || is_letter(before(1).as_ref()))
        || is_letter(pattern.last()) && (is_cut[1] || is_letter(after(1).as_ref()))
    {
        return true;
    }
    let joins = |next: Option<char>, beyond: Option<char>| match next {
        Some('/') => true,
        Some('.' | '_' | '-') => is_letter(beyond.as_ref()),
        _ => false,
    };
    let is_lower_case = || !text[here.clone()].iter().any(u8::is_ascii_uppercase);
    let is_code = || layer.words == Words::Capitalised || joins(before(1), before(2)) || joins(after(1), after(2));
    pattern.iter().all(char::is_ascii_lowercase) && (layer.words == Words::None || is_lower_case() && is_code())
}
