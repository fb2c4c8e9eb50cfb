//! Random numbers, and what becomes of a text when its words are mixed up.

/// The same numbers for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// The words, numbers, strings, comments, signs and blanks of a text. Signs are cut into characters.
pub(crate) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' => rest[1..].find('"').map_or(rest.len(), |at| at + 2),
            c if word(c) => rest.find(|c: char| !word(c)).unwrap_or(rest.len()),
            c if c.is_whitespace() => rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()),
            '-' if rest.starts_with("->") => 2,
            c => c.len_utf8(),
        };
        let (piece, behind) = rest.split_at(length);
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

/// A text with a few of its pieces lost, doubled, moved or replaced, and blanks and comments put between others.
pub(crate) fn mutant(text: &str, seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut pieces = pieces(text);
    for _ in 0..=random.below(4) {
        if pieces.is_empty() {
            break;
        }
        let at = random.below(pieces.len());
        let other = pieces[random.below(pieces.len())];
        match random.below(8) {
            0 => drop(pieces.remove(at)),
            1 => pieces.insert(at, other),
            2 => pieces[at] = other,
            3 => pieces.insert(at, ","),
            4 => pieces.insert(at, random.pick(&["\n", "\n\n", "\r\n", " ", "\t"])),
            5 => pieces.insert(at, "\n# own line\n"),
            _ => pieces.insert(at, " # behind\n"),
        }
    }
    pieces.concat()
}
