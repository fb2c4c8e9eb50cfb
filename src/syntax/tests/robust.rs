//! Depth, size and noise: nothing makes the reader overflow, panic or point outside of the file.

use super::super::brackets::MAX_DEPTH;
use super::super::piece::MAX_LINKS;
use super::{body, read};
use crate::span::Span;
use std::fmt::Write as _;

fn codes(text: &str) -> Vec<String> {
    read(text).1.into_iter().map(|found| found.code).collect()
}

#[test]
fn brackets_nest_to_the_limit() {
    for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("x[", "]"), ("(a + [", "])")] {
        let per_turn = open.matches(['(', '[']).count();
        for depth in [MAX_DEPTH - 2, MAX_DEPTH, MAX_DEPTH + 2] {
            // One bracket is the body's.
            let turns = depth / per_turn - 1;
            let text = body(&format!("x = {}1{}", open.repeat(turns), close.repeat(turns)));
            let fits = turns * per_turn < MAX_DEPTH;
            assert_eq!(codes(&text), if fits { vec![] } else { vec!["nesting-limit".to_owned()] }, "{open} {depth}");
        }
    }
    for depth in [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1] {
        let text = format!("model M {{ {}{} }}", "if a { ".repeat(depth - 1), "} ".repeat(depth - 1));
        assert_eq!(codes(&text).len(), usize::from(depth > MAX_DEPTH), "{depth}");
        let chain = body(&format!("if a {{ }} {}", "else if b { }\n".repeat(depth - 1)));
        assert_eq!(codes(&chain).len(), usize::from(depth > MAX_DEPTH), "{depth}");
    }
}

#[test]
fn absurd_depths_are_one_error() {
    for count in [100_000, 1_000_000] {
        for open in ["(", "[", "{", "if a {", "f(", "model M {"] {
            let text = body(&format!("x = {}", open.repeat(count / open.len())));
            assert_eq!(codes(&text), ["nesting-limit"], "{open}");
        }
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}")] {
            let text = body(&format!("x = {}{}", open.repeat(count), close.repeat(count)));
            assert_eq!(codes(&text), ["nesting-limit"], "{open}");
        }
        for link in ["- ", "not ", "a.", "a ** ", "a + ", "a if b else ", "a -> f -> ", "f(1)(2).b("] {
            let text = body(&format!("x = {}a", link.repeat(count / link.len())));
            assert!(codes(&text).len() <= 1, "{link}");
        }
        let text = body(&format!("x = a{}", "(1)".repeat(count / 3)));
        assert_eq!(codes(&text), ["nesting-limit"]);
        let text = body(&format!("if a {{ }} {}", "else if b { }\n".repeat(count / 14)));
        assert_eq!(codes(&text), ["nesting-limit"]);
        let text = body(&"if a { } else ".repeat(count / 14));
        assert!(!codes(&text).is_empty());
        let text = body(&format!("x = {}", "if a ".repeat(count / 5)));
        assert!(!codes(&text).is_empty());
        assert!(!codes(&")".repeat(count / 10)).is_empty());
    }
}

#[test]
fn chains_have_a_limit() {
    for links in [MAX_LINKS, MAX_LINKS + 1] {
        let found = codes(&body(&format!("x = a{}", " + a".repeat(links))));
        assert_eq!(found.len(), usize::from(links > MAX_LINKS));
        let found = codes(&body(&format!("x = {}a", "- ".repeat(links))));
        assert_eq!(found.len(), usize::from(links > MAX_LINKS));
        let found = codes(&body(&format!("x = {}a", "a ** ".repeat(links))));
        assert_eq!(found.len(), usize::from(links > MAX_LINKS));
        let found = codes(&body(&format!("x = {}a", "a if b else ".repeat(links / 2))));
        assert_eq!(found, [""; 0]);
    }
    // Long, but not deep.
    let list = format!("x = [{}]\ny = x{}", "a + 1, ".repeat(50_000), " -> f.g(1)".repeat(50_000));
    assert_eq!(codes(&body(&list)), [""; 0]);
}

/// Text of any kind, whole or broken, is read to its end; `benches/front_end.rs` measures that its time grows with the text.
#[test]
fn every_line_of_large_files_is_read() {
    for (part, findings) in [
        ("x = f((a + b) -> g(1), k=[c, d[0:1, ...]]) if e else h\n", 0),
        ("layer a = Linear(3, 4) weight=@p.T b[*].c=@q -> relu\n", 0),
        ("for a in b {\n }\n", 0),
        ("x = a if b\n", 1),
        ("x = a -> f + b -> g\n", 1),
        ("foo(b)\n", 1),
    ] {
        assert_eq!(codes(&body(&part.repeat(10_000))).len(), 10_000 * findings, "{part:?}");
    }
    // What can't be told apart is one finding, or a few.
    for part in ["a, a,\n", "a[0].b\n", "x = f(a\n", "x = (\n", "x = 'a' + \"b\n", "if a\n", "} ) ]\n"] {
        assert!(!codes(&body(&part.repeat(10_000))).is_empty(), "{part:?}");
    }
}

#[test]
fn large_files_parse() {
    let mut text = "model M {\n".to_owned();
    for index in 0..20_000 {
        writeln!(text, "  layer l{index} = Linear(8, 8)\n  h = relu(l{index}(h))").unwrap();
    }
    text.push('}');
    assert_eq!(codes(&text), [""; 0]);
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound
    }
}

const SCRAPS: [&str; 48] = [
    "(", ")", "[", "]", "{", "}", "\"", "'", "#", "\n", "\r", ",", ".", "..", "...", ":", ":=", "=", "==", "@", "^",
    "->", "-", "*", "**", "+=", "<", "if ", "else ", "for ", " in ", "layer ", "input ", "output ", "loss ", "model ",
    "block ", "train ", "use ", "const ", "frozen ", "not ", "é", "\u{202e}", "\0", "1e999", "0x", "_",
];

#[test]
fn noise_is_survived() {
    let rich = super::valid::RICH;
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..20_000 {
        let mut text: Vec<char> = rich.chars().collect();
        // Most mutants are pieces of the program, for the sake of time.
        let start = random.below(text.len() - 300);
        if round % 50 > 0 {
            text = text[start..start + 300].to_vec();
        }
        for _ in 0..=random.below(4) {
            let at = random.below(text.len());
            match random.below(3) {
                0 => drop(text.splice(at..at, SCRAPS[random.below(SCRAPS.len())].chars())),
                1 => drop(text.drain(at..(at + 1 + random.below(8)).min(text.len()))),
                _ => text[at] = char::from_u32(u32::try_from(random.below(0x180)).unwrap()).unwrap(),
            }
        }
        let text: String = text.into_iter().collect();
        let (_, found, map) = read(&text);
        let file = map.files()[1].span();
        for one in &found {
            assert!(!one.code.is_empty() && !one.message.chars().any(char::is_control), "{one:?}");
            assert!(one.help.iter().all(|help| !help.chars().any(char::is_control)), "{one:?}");
            for Span { start, end } in one.labels.iter().map(|label| label.span) {
                assert!(file.start <= start && start <= end && end <= file.end, "{one:?} in {text:?}");
                assert!(text.is_char_boundary((start - file.start) as usize), "{one:?} in {text:?}");
                assert!(text.is_char_boundary((end - file.start) as usize), "{one:?} in {text:?}");
            }
        }
    }
}

#[test]
fn every_prefix_is_survived() {
    let rich = super::valid::RICH;
    for (end, _) in rich.char_indices() {
        let _ = read(&rich[..end]);
    }
}
