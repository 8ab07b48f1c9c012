//! The search for known values in the texts of one request.

use super::{
    Encoding, GuardError, Reason, digits,
    escapes::{self, Kinds, Window},
    names,
    needles::{Counts, Needle, Needles, part},
    outgoing::Piece,
    utf16,
};

/// How many encodings inside one another are looked through.
const MAXIMUM_DEPTH: usize = 2;

/// The most bytes of decoded text that one request may cost. Base64 costs about four times its length, so a picture of
/// 5 MB in base64 passes; what costs more is refused rather than half searched.
const MAXIMUM_DECODED_BYTES: usize = 32 * 1024 * 1024;

/// One request's search, with its bound on work.
pub(super) struct Search<'needles> {
    needles: &'needles Needles,
    /// How many more bytes may be decoded.
    remaining: usize,
    /// The encodings around the text that is being searched, outermost first.
    trail: Vec<Encoding>,
    /// Whether the user typed the text that is being searched.
    typed: bool,
    /// Common nicknames that count once the user's default avatar is found too.
    waiting: Vec<(usize, GuardError)>,
    /// Users whose default avatar was found.
    avatars: Vec<usize>,
    /// Room for what digits stand for, one for each depth.
    decoded: [Vec<u8>; MAXIMUM_DEPTH],
}

/// What is known about a text on the way to it.
#[derive(Clone, Copy)]
struct Layer {
    named: bool,
    /// Whether it could be UTF-16.
    is_bytes: bool,
    depth: usize,
}

/// What a text has that could hide a value.
struct Seen {
    escape: bool,
    /// Enough digits in a row.
    run: bool,
    zero: bool,
    /// A name of display information, under which common values count.
    name: bool,
}

impl<'needles> Search<'needles> {
    pub(super) const fn new(needles: &'needles Needles) -> Self {
        Self {
            needles,
            remaining: MAXIMUM_DECODED_BYTES,
            trail: Vec::new(),
            typed: false,
            waiting: Vec::new(),
            avatars: Vec::new(),
            decoded: [const { Vec::new() }; MAXIMUM_DEPTH],
        }
    }

    /// Searches one text.
    pub(super) fn piece(&mut self, piece: &Piece<'_>) -> Result<(), GuardError> {
        self.trail.clear();
        let waited = self.waiting.len();
        let layer = Layer { named: piece.named, is_bytes: piece.is_bytes || piece.text.contains(&0), depth: 0 };
        let hit = self.layer(piece.text, layer);
        for (_, refusal) in &mut self.waiting[waited..] {
            piece.place.clone_into(&mut refusal.place);
        }
        hit.map_or(Ok(()), |reason| Err(self.refusal(piece.place, reason)))
    }

    /// Searches one text of which the user typed a part: the nickname may stand in it.
    pub(super) fn typed_piece(&mut self, piece: &Piece<'_>) -> Result<(), GuardError> {
        self.typed = true;
        let outcome = self.piece(piece);
        self.typed = false;
        outcome
    }

    /// What only counts together. Returns the places of what was typed and would have counted.
    pub(super) fn finish(self, typed: &[String]) -> Result<Vec<String>, GuardError> {
        let mut used = Vec::new();
        for (_, refusal) in self.waiting.into_iter().filter(|(user, _)| self.avatars.contains(user)) {
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
        let hit = self.layer(joined, Layer { named, is_bytes: joined.contains(&0), depth: 0 });
        hit.is_some() || !self.waiting.is_empty() || !self.avatars.is_empty()
    }

    fn refusal(&self, place: &str, reason: Reason) -> GuardError {
        GuardError { place: place.to_owned(), encodings: self.trail.clone(), reason }
    }

    /// Searches one text and all that is encoded in it. After a hit, the trail leads to it.
    fn layer(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        let seen = match self.as_it_is(text, layer) {
            Ok(seen) => seen,
            Err(reason) => return Some(reason),
        };
        if seen.name
            && let hit @ Some(_) = self.after_names(text, layer)
        {
            return hit;
        }
        if layer.depth == MAXIMUM_DEPTH || !self.needles.has_values {
            return None;
        }
        let in_escapes = if seen.escape { self.in_escapes(text, layer) } else { None };
        let in_digits = || if seen.run { self.in_digits(text, layer) } else { None };
        let hit = in_escapes.or_else(in_digits);
        hit.or_else(|| if seen.zero && layer.is_bytes { self.in_utf16(text, layer) } else { None })
    }

    /// Looks once at every byte: for values, and for what could hide one.
    fn as_it_is(&mut self, text: &[u8], layer: Layer) -> Result<Seen, Reason> {
        let needles = self.needles;
        let parts_of = if layer.is_bytes { &needles.parts.of_bytes } else { &needles.parts.of_text };
        let telling = if layer.named { part::START } else { part::START | part::NAME };
        let (mut all, mut run, mut longest, mut name) = (0, 0, 0, false);
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
                    self.values_at(text, at, layer)?;
                }
                if parts & telling & part::NAME != 0 && next & part::NAME_SECOND != 0 && !name {
                    name = names::mention_at(text, at).is_some();
                }
            }
        }
        let run = longest >= needles.shortest_run(layer.named);
        Ok(Seen { escape: all & part::ESCAPE != 0, run, zero: all & part::ZERO != 0, name })
    }

    /// Looks for values at one place.
    fn values_at(&mut self, text: &[u8], at: usize, layer: Layer) -> Result<(), Reason> {
        let needles = self.needles;
        let here = |needle: &&Needle| (layer.is_bytes || !needle.is_utf16) && needle.is_at(text, at);
        for needle in needles.all.iter().filter(here) {
            if self.typed && needle.reason == Reason::NickName {
                continue;
            }
            match needle.counts {
                Counts::Named { or_with_avatar: false } if !layer.named => {}
                Counts::Named { or_with_avatar: true } if !layer.named => self.wait(needle),
                Counts::WithNickName => {
                    if !self.avatars.contains(&needle.user) {
                        self.avatars.push(needle.user);
                    }
                }
                _ => {
                    self.trail.extend(needle.is_utf16.then_some(Encoding::Utf16));
                    return Err(needle.reason);
                }
            }
        }
        Ok(())
    }

    /// Keeps a common nickname for the case that the default avatar is found too.
    fn wait(&mut self, needle: &Needle) {
        let is_kept = |(user, refusal): &(usize, GuardError)| *user == needle.user && refusal.place.is_empty();
        if !self.waiting.iter().any(is_kept) {
            let mut refusal = self.refusal("", needle.reason);
            refusal.encodings.extend(needle.is_utf16.then_some(Encoding::Utf16));
            self.waiting.push((needle.user, refusal));
        }
    }

    /// Common nicknames count where a name stands before them in the text.
    fn after_names(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        names::after_mentions(text, |stretch| {
            self.spend(stretch.len()).or_else(|| self.layer(stretch, Layer { named: true, ..layer }))
        })
    }

    fn in_escapes(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        // Escapes can stand for any bytes.
        let layer = Layer { is_bytes: true, ..layer };
        let needles = self.needles;
        let with_plus = needles.has_spaces.then_some(Kinds::ALL.with(Kinds::PLUS));
        [Kinds::ALL].into_iter().chain(with_plus).find_map(|kinds| {
            escapes::windows(text, kinds, needles.reach, &mut |window| {
                // Where no `+` stands, the same set without it has been tried.
                let is_new = !kinds.has(Kinds::PLUS) || window.used.has(Kinds::PLUS);
                is_new.then(|| self.in_window(&window, layer)).flatten()
            })
        })
    }

    /// Where escapes of several kinds stand near one another, one kind may be within the other, so that each is also
    /// undone by itself; it is also what names the right one.
    fn in_window(&mut self, window: &Window<'_>, layer: Layer) -> Option<Reason> {
        let encodings: Vec<Encoding> = window.used.each().map(|(_, encoding)| encoding).collect();
        if encodings.len() > 1 {
            let hit = window.used.each().find_map(|(kinds, encoding)| {
                escapes::windows(window.source, kinds, window.source.len(), &mut |window| {
                    self.inside(&window.decoded, &[encoding], layer)
                })
            });
            if hit.is_some() {
                return hit;
            }
        }
        self.inside(&window.decoded, &encodings, layer)
    }

    fn in_digits(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        let layer = Layer { is_bytes: true, ..layer };
        let shortest = self.needles.shortest_run(layer.named);
        // Hexadecimal takes two digits to a byte.
        let shortest_hexadecimal = shortest * 3 / 4 * 2;
        let mut decoded = std::mem::take(&mut self.decoded[layer.depth]);
        let hit = digits::runs(text, shortest, |run| {
            let is_id = !self.needles.can_be_decimal && run.iter().all(u8::is_ascii_digit);
            let alignments = if is_id { 0 } else { 4.min(run.len() + 1 - shortest) };
            let in_base64 = (0..alignments).find_map(|skip| {
                digits::base64(&run[skip..], &mut decoded);
                self.in_digits_decoded(&decoded, Encoding::Base64, layer)
            });
            in_base64.or_else(|| {
                digits::hexadecimal_runs(run, shortest_hexadecimal).find_map(|digits| {
                    (0..2).find_map(|skip| {
                        digits::hexadecimal(&digits[skip..], &mut decoded);
                        self.in_digits_decoded(&decoded, Encoding::Hexadecimal, layer)
                    })
                })
            })
        });
        self.decoded[layer.depth] = decoded;
        hit
    }

    fn in_digits_decoded(&mut self, decoded: &[u8], encoding: Encoding, layer: Layer) -> Option<Reason> {
        if self.needles.could_be_in(decoded) {
            return self.inside(decoded, &[encoding], layer);
        }
        self.spend(decoded.len())
    }

    fn in_utf16(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        let shortest = self.needles.shortest_run(layer.named);
        utf16::readings(text, shortest, |decoded| {
            self.inside(decoded, &[Encoding::Utf16], Layer { is_bytes: false, ..layer })
        })
    }

    /// Searches what was decoded.
    fn inside(&mut self, decoded: &[u8], encodings: &[Encoding], layer: Layer) -> Option<Reason> {
        let length = self.trail.len();
        self.trail.extend(encodings);
        let hit = self.spend(decoded.len()).or_else(|| self.layer(decoded, Layer { depth: layer.depth + 1, ..layer }));
        if hit.is_none() {
            self.trail.truncate(length);
        }
        hit
    }

    fn spend(&mut self, bytes: usize) -> Option<Reason> {
        match self.remaining.checked_sub(bytes) {
            Some(remaining) => {
                self.remaining = remaining;
                None
            }
            None => Some(Reason::TooMuchToSearch),
        }
    }
}
