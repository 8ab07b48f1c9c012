//! The search for known values in the texts of one request.

use super::{
    Encoding, Reason, Refusal, digits,
    escapes::{self, Kinds, Window},
    names,
    needles::{Counts, Needles},
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
    waiting: Vec<(usize, Refusal)>,
    /// Users whose default avatar was found.
    avatars: Vec<usize>,
}

/// What is known about a text on the way to it.
#[derive(Clone, Copy)]
struct Layer {
    named: bool,
    /// Whether it could be UTF-16.
    is_bytes: bool,
    depth: usize,
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
        }
    }

    /// Searches one text.
    pub(super) fn piece(&mut self, piece: &Piece<'_>) -> Result<(), Refusal> {
        self.trail.clear();
        let waited = self.waiting.len();
        let layer =
            Layer { named: piece.named, is_bytes: piece.is_bytes || memchr::memchr(0, piece.text).is_some(), depth: 0 };
        let hit = self.layer(piece.text, layer);
        for (_, refusal) in &mut self.waiting[waited..] {
            piece.place.clone_into(&mut refusal.place);
        }
        hit.map_or(Ok(()), |reason| Err(self.refusal(piece.place, reason)))
    }

    /// Searches one text of which the user typed a part: the nickname may stand in it.
    pub(super) fn typed_piece(&mut self, piece: &Piece<'_>) -> Result<(), Refusal> {
        self.typed = true;
        let outcome = self.piece(piece);
        self.typed = false;
        outcome
    }

    /// What only counts together.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        let Self { waiting, avatars, .. } = self;
        let together = waiting.into_iter().find(|(user, _)| avatars.contains(user));
        together.map_or(Ok(()), |(_, refusal)| Err(refusal))
    }

    /// Whether texts that were joined could hold anything, each by itself or together.
    pub(super) fn could_hold(mut self, joined: &[u8], named: bool) -> bool {
        let is_bytes = memchr::memchr(0, joined).is_some();
        let hit = self.layer(joined, Layer { named, is_bytes, depth: 0 });
        hit.is_some() || !self.waiting.is_empty() || !self.avatars.is_empty()
    }

    fn refusal(&self, place: &str, reason: Reason) -> Refusal {
        Refusal { place: place.to_owned(), encodings: self.trail.clone(), reason }
    }

    /// Searches one text and all that is encoded in it. After a hit, the trail leads to it.
    fn layer(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        if text.len() < self.needles.shortest {
            return None;
        }
        if let Some(reason) = self.as_it_is(text, layer).or_else(|| self.after_names(text, layer)) {
            return Some(reason);
        }
        if layer.depth == MAXIMUM_DEPTH || !self.needles.has_values() {
            return None;
        }
        self.in_escapes(text, layer).or_else(|| self.in_digits(text, layer)).or_else(|| self.in_utf16(text, layer))
    }

    fn as_it_is(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        let needles = self.needles;
        for needle in &needles.all {
            let waits = match needle.counts {
                Counts::Named { or_with_avatar } if !layer.named => {
                    if !or_with_avatar {
                        continue;
                    }
                    true
                }
                _ => false,
            };
            let exempt = self.typed && needle.reason == Reason::NickName;
            if exempt {
                continue;
            }
            let plain = needle.is_in(text);
            let wide = !plain && layer.is_bytes && needle.is_in_utf16(text);
            if !plain && !wide {
                continue;
            }
            if needle.counts == Counts::WithNickName {
                self.avatars.push(needle.user);
                continue;
            }
            if wide {
                self.trail.push(Encoding::Utf16);
            }
            if !waits {
                return Some(needle.reason);
            }
            let refusal = self.refusal("", needle.reason);
            self.waiting.push((needle.user, refusal));
            if wide {
                self.trail.pop();
            }
        }
        None
    }

    /// Common nicknames count where a name stands before them in the text.
    fn after_names(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        if layer.named || !self.needles.has_named() {
            return None;
        }
        names::after_mentions(text, |stretch| {
            self.spend(stretch.len()).or_else(|| self.layer(stretch, Layer { named: true, ..layer }))
        })
    }

    fn in_escapes(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        let needles = self.needles;
        needles.kinds.iter().find_map(|kinds| {
            escapes::windows(text, *kinds, needles.reach, |window| {
                // Where no `+` stands, the same set without it has been tried.
                if kinds.has(Kinds::PLUS) && !window.used.has(Kinds::PLUS) {
                    return None;
                }
                self.in_window(&window, layer)
            })
        })
    }

    fn in_window(&mut self, window: &Window<'_>, layer: Layer) -> Option<Reason> {
        let length = self.trail.len();
        let encodings: Vec<Encoding> = window.used.each().map(|(_, encoding)| encoding).collect();
        let reason = self.inside(&window.decoded, &encodings, layer)?;
        if encodings.len() > 1 && reason != Reason::TooMuchToSearch {
            self.name_the_kind(window, layer, length);
        }
        Some(reason)
    }

    /// Of several kinds that stand near one another, one may be what hides the value.
    fn name_the_kind(&mut self, window: &Window<'_>, layer: Layer, length: usize) {
        let trail = self.trail.split_off(length);
        // There is a hit: the bound has done its duty.
        self.remaining = usize::MAX;
        let found = window.used.each().find_map(|(kinds, encoding)| {
            escapes::windows(window.source, kinds, window.source.len(), |window| {
                self.inside(&window.decoded, &[encoding], layer)
            })
        });
        if found.is_none() {
            self.trail.extend(trail);
        }
    }

    fn in_digits(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        let layer = Layer { is_bytes: true, ..layer };
        let shortest = self.needles.shortest_run(layer.named);
        let shortest_hexadecimal = shortest * 3 / 2;
        digits::runs(text, shortest, |run| {
            let in_base64 = (0..4).find_map(|skip| {
                let decoded = digits::base64(run.get(skip..)?);
                self.inside(&decoded, &[Encoding::Base64], layer)
            });
            in_base64.or_else(|| {
                digits::hexadecimal(run, shortest_hexadecimal, |decoded| {
                    self.inside(decoded, &[Encoding::Hexadecimal], layer)
                })
            })
        })
    }

    fn in_utf16(&mut self, text: &[u8], layer: Layer) -> Option<Reason> {
        if !layer.is_bytes {
            return None;
        }
        utf16::readings(text, |decoded| self.inside(decoded, &[Encoding::Utf16], Layer { is_bytes: false, ..layer }))
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
