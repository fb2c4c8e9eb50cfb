//! Programs with mistakes: each is reported once, at its place, with its code.

use super::{body, read};
use std::fmt::Write as _;

/// What `text` is found guilty of, as lines `code @ source: message | help`.
fn found(text: &str) -> Vec<String> {
    let (_, found, map) = read(text);
    found
        .iter()
        .map(|one| {
            let help = one.help.as_ref().map_or(String::new(), |help| format!(" | {help}"));
            format!("{} @ {:?}: {}{help}", one.code, map.slice(one.span()), one.message)
        })
        .collect()
}

/// Statements that are wrong, each in its own way.
const STATEMENTS: &[&str] = &[
    "x = a + ",
    "x = f(a, , b)",
    "x = f(a b)",
    "x = [a b]",
    "x = a b",
    "layer a = Linear(3, 4,, x)",
    "layer = Linear(3, 4)",
    "layer a Linear(3)",
    "layer a = ",
    "layer a[ = Linear(3)",
    "layer a[i n] = Linear(3)",
    "layer a = Linear(3, 4) bias",
    "layer a = 3",
    "input x [3]",
    "input x: 3",
    "input x: [3] 4",
    "param p [3]",
    "param p: [3] = ",
    "frozen x = 3",
    "output",
    "output = x",
    "output = ",
    "loss = mse(a, b)",
    "x += 1",
    "x *= a + b",
    "x.y -= 1",
    "x = a @ b + c",
    "x = f(a) @ g(b)[0].T",
    "x = @p",
    "x = a ^ 2",
    "x = f(a)^(b)",
    "x = x + a -> f",
    "x = a -> f + b",
    "x = a -> f + b -> g",
    "x = -x -> f -> g^2",
    "x = a if c else b -> f",
    "x = a -> f if c else b",
    "x = 3 -> f",
    "x = x -> 3",
    "x = -> f",
    "x = a ->",
    "layer m = Linear(3, 4) -> relu + 3",
    "x = a < b < c",
    "x = a == b != c",
    "x = input + 1",
    "x = f(input)",
    "layer input = Linear(3, 4)",
    "param in: [3]",
    "in = 3",
    "x = a if else b",
    "x = a if b",
    "x = a else b",
    "x = 'abc'",
    "x = f('a b', 'c')",
    "x = 'abc",
    "x = f(\"abc)",
    "x = \"a\\qb\\x\"",
    "x = 0x1F",
    "x = 3abc",
    "x = 1__0",
    "x = 007",
    "x = 1_",
    "x = 1e400",
    "x = 99999999999999999999",
    "x = 1e-999",
    "x := 3",
    "x = 3;",
    "a = 1; b = 2",
    "x = a & b",
    "x = !a",
    "x = “abc”",
    "x = a\u{a0}+ b",
    "\u{a0}x = 1",
    "x = a\u{7}",
    "x = $a",
    "x = a \u{200b}",
    "x = a \u{202e}b",
    "x = f(a]",
    "x = f([a)",
    "x = f(a",
    "x = f(a))",
    "x = f(a\noutput x",
    "x = f(a\ny = 3",
    "x = f(a\ny = 3)",
    "x = f((a)\nif c { y = 1 }",
    "x = {1: 2}",
    "x = f({a: 1})",
    "x = a\n(b)",
    "x = a\n[b]",
    "x = a\n- b",
    "x = a\nfoo(b)\ny = 1",
    "lyer a = Linear(3, 4)",
    "x = 1\nlyer a = Linear(3, 4)\ny = 2",
    "return x",
    "let x = 3",
    "if a = b { x = 1 }",
    "if { x = 1 }",
    "if a { x = 1 } elif b { x = 2 }",
    "else { x = 1 }",
    "for i in 0..n\nx = 1",
    "for i 0..n { x = 1 }",
    "for i in 0..n { x = }",
    "if a x = 1",
    "if a { } else x = 1",
    "while a { x = 1 }",
    "for in in 0..n { }",
    "x = y = 3",
    "a.b = 3",
    "a[0] = 3",
    "x: [3]",
    "x = f(a=)",
    "x = f(=a)",
    "x = x[]",
    "x = x[::2]",
    "x = x.3",
    "x = f(a) g(b)",
    "assert",
    "loss",
    "x == 3",
    "x = (a",
    "x = not",
    "x = a.input = 3",
];

/// Files that are wrong.
const FILES: &[&str] = &[
    "model",
    "model {",
    "model M",
    "model M(",
    "model M(a, a b) { }",
    "model M(a = ) { }",
    "model M(3) { }",
    "model M { x = 1",
    "model M { x = 1\nmodel N { }",
    "model M { if c { x = 1 }\nmodel N { y = }",
    "model M(d)\ninput x: [3]\noutput x }",
    "model M { } }",
    "x = 1",
    "layer a = Linear(3, 4)\nlayer b = Linear(3, 4)",
    "foo",
    "use transformer",
    "use \"f\" (A B)",
    "use \"f\"",
    "use \"f\" as",
    "const = 3",
    "const A 3",
    "const A = ",
    "const A = 3 4",
    "const A = [1, 2\nmodel M { }",
    "train { lr 3 }",
    "train { lr = 3\nfoo\nx = 1 }",
    "train a b { }",
    "modl M { input x: [3] output x }",
    "model M() { x = f(x) }\n output x\n}\nmodel N { y = }",
    "model input { }",
    "block Linear { input x: [3] output x ",
    "const A = 3 }",
];

/// What is said of each: read it before accepting a change.
#[test]
fn every_mistake_is_told_in_its_own_words() {
    let mut report = String::new();
    let files = FILES.iter().map(|text| (*text, (*text).to_owned()));
    for (text, file) in STATEMENTS.iter().map(|text| (*text, body(text))).chain(files) {
        let found = found(&file);
        assert!(!found.is_empty(), "{text:?} is taken");
        writeln!(report, "{text:?}").unwrap();
        found.iter().for_each(|line| writeln!(report, "      {line}").unwrap());
    }
    insta::assert_snapshot!(report);
}
