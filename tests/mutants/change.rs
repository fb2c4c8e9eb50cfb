//! A text with a few bytes, words or lines lost, doubled, moved or put in.

use wnet::tensor::random::Stream;

const TOKENS: [&str; 88] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "#",
    "\n",
    "\r\n",
    ",",
    ".",
    "..",
    "...",
    ":",
    "=",
    "==",
    "!=",
    "@",
    "^",
    "->",
    "-",
    "+",
    "*",
    "**",
    "/",
    "//",
    "%",
    "+=",
    "<",
    "<=",
    "if ",
    "else ",
    "for ",
    " in ",
    "layer ",
    "input ",
    "param ",
    "buffer ",
    "output ",
    "loss ",
    "model ",
    "block ",
    "train ",
    "use ",
    "const ",
    "frozen ",
    "not ",
    "assert ",
    "shared",
    "uses",
    "Linear",
    "Embedding",
    "relu",
    "reshape",
    "x",
    "batch",
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "1e999",
    "0.5",
    "true",
    "none",
    "é",
    "\u{202e}",
    "\t",
    "_",
    "\u{1f642}",
    "e\u{301}",
    "−",
    "→",
    "×",
    "а",
    "\u{200b}",
    "\u{a0}",
    "“",
    "~",
    "std/residual.wnet",
    "weight=@",
    "MultiheadAttention",
    "[*]",
    ".T",
    ".reshape(",
    "(x, dim=1)",
    "LSTM",
];

/// Some changes of bytes and tokens. The text stays UTF-8, as it is once a file was read.
pub(crate) fn change(text: &str, random: &mut Stream) -> String {
    let mut text = text.to_owned();
    for _ in 0..=random.below(3) {
        let place =
            |random: &mut Stream, text: &str| text.floor_char_boundary(random.below(text.len() as u64 + 1) as usize);
        let at = place(random, &text);
        let token = TOKENS[random.below(TOKENS.len() as u64) as usize];
        match random.below(8) {
            0 => text.insert_str(at, token),
            1 => text.truncate(at.max(1)),
            2 => {
                let to = text.ceil_char_boundary((at + 1 + random.below(12) as usize).min(text.len()));
                text.replace_range(at..to, "");
            }
            3 => {
                // Words change places.
                let words: Vec<&str> = text.split_inclusive(' ').collect();
                let (a, b) = (random.below(words.len() as u64), random.below(words.len() as u64));
                let mut words = words;
                words.swap(a as usize, b as usize);
                text = words.concat();
            }
            4 => {
                // A line is there twice.
                let lines: Vec<&str> = text.split_inclusive('\n').collect();
                let from = lines[random.below(lines.len() as u64) as usize].to_owned();
                text.insert_str(at, &from);
            }
            5 => {
                // A number, or the start of a name, becomes another.
                let mut bytes = text.into_bytes();
                let at = at.min(bytes.len() - 1);
                if bytes[at].is_ascii_alphanumeric() {
                    bytes[at] = b"0123456789abcxyzABC_"[random.below(20) as usize];
                }
                text = String::from_utf8(bytes).unwrap();
            }
            6 => {
                // A byte of any value, read as far as it is text.
                let mut bytes = text.into_bytes();
                let at = at.min(bytes.len() - 1);
                bytes[at] = 1 + random.below(255) as u8;
                text = String::from_utf8_lossy(&bytes).into_owned();
            }
            _ => {
                let to = text.ceil_char_boundary((at + 1).min(text.len()));
                text.replace_range(at..to, token);
            }
        }
        if text.is_empty() {
            text.push(' ');
        }
    }
    text
}
