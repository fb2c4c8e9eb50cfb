//! Random programs: every form of the language, with blanks, line breaks and comments wherever those may stand.

use super::mutate::Random;

const NAMES: [&str; 9] =
    ["x", "h", "weight", "größe", "block", "model", "y", "a_rather_long_name", "another_name_of_length"];
const COMMENTS: [&str; 6] =
    ["#", "# note", "#tight", "# x = f(1) -> g", "# ünïcode \"", "# a sentence that goes on for a while"];

/// A program that is nearly always one without mistakes, written by someone with no sense of order.
pub(crate) fn program(seed: u64) -> String {
    let mut writer = Generator { random: Random::new(seed), words: Vec::new() };
    for _ in 0..=writer.random.below(3) {
        writer.item();
    }
    join(&writer.words, &mut writer.random)
}

struct Generator {
    random: Random,
    words: Vec<String>,
}

impl Generator {
    fn put(&mut self, words: &str) {
        self.words.extend(words.split(' ').map(str::to_owned));
    }

    fn name(&mut self) {
        let name = self.random.pick(&NAMES);
        self.put(name);
    }

    /// Things with commas between them, and perhaps one at the end.
    fn list(&mut self, open: &str, close: &str, least: usize, thing: impl Fn(&mut Self)) {
        self.put(open);
        let count = least + if self.random.one_in(6) { self.random.below(9) } else { self.random.below(3) };
        for at in 0..count {
            thing(self);
            if at + 1 < count || self.random.one_in(4) {
                self.put(",");
            }
        }
        self.put(close);
    }

    fn item(&mut self) {
        match self.random.below(6) {
            0 => {
                self.put("use \"file.wnet\"");
                if self.random.one_in(2) {
                    self.put("as m");
                } else {
                    self.list("(", ")", 1, |this| {
                        this.name();
                        if this.random.one_in(3) {
                            this.put("as");
                            this.name();
                        }
                    });
                }
            }
            1 => {
                self.put("const");
                self.name();
                self.put("=");
                self.value(2);
            }
            2 => {
                self.put("train {");
                for _ in 0..self.random.below(5) {
                    self.name();
                    self.put("=");
                    self.value(1);
                }
                self.put("}");
            }
            _ => {
                let word = self.random.pick(&["model", "block"]);
                self.put(word);
                self.name();
                if self.random.one_in(2) {
                    self.list("(", ")", 0, |this| {
                        this.name();
                        let ty = this.random.pick(&["", ": int", ": [ float ]"]);
                        if !ty.is_empty() {
                            this.put(ty);
                        }
                        if this.random.one_in(2) {
                            this.put("=");
                            this.value(1);
                        }
                    });
                }
                self.body(2);
            }
        }
    }

    fn body(&mut self, depth: usize) {
        self.put("{");
        for _ in 0..self.random.below(7) {
            self.statement(depth);
        }
        self.put("}");
    }

    fn statement(&mut self, depth: usize) {
        match self.random.below(if depth == 0 { 10 } else { 12 }) {
            0 => {
                self.put("input");
                self.name();
                self.put(":");
                self.shape();
            }
            1 => {
                let word = self.random.pick(&["param", "frozen param", "buffer"]);
                self.put(word);
                self.name();
                self.put(":");
                self.shape();
                if self.random.one_in(2) {
                    self.put("=");
                    self.value(1);
                }
            }
            2..=4 => self.layer(),
            5 => {
                self.put("output");
                self.value(2);
                for _ in 0..self.random.below(3) {
                    self.put(",");
                    self.value(2);
                }
            }
            6 => {
                let word = self.random.pick(&["loss", "assert", "output y ="]);
                self.put(word);
                self.value(3);
            }
            7 => {
                self.put("a , _ =");
                self.value(2);
            }
            10 => {
                self.put("for i in");
                let over = self.random.pick(&["0 .. n", "blocks", "1. .. len ( x ) - 1", "[ a , b ]"]);
                self.put(over);
                self.body(depth - 1);
            }
            11 => {
                self.put("if");
                self.value(1);
                self.body(depth - 1);
                for _ in 0..self.random.below(2) {
                    self.put("else if");
                    self.value(1);
                    self.body(depth - 1);
                }
                if self.random.one_in(2) {
                    self.put("else");
                    self.body(depth - 1);
                }
            }
            _ => {
                self.name();
                self.put("=");
                self.value(3);
            }
        }
    }

    fn shape(&mut self) {
        let shape =
            self.random.pick(&["[ ]", "int [ batch , seq ]", "[ ... , d // 2 , _ ]", "bool [ n , ]", "[ ... ]"]);
        self.put(shape);
    }

    fn layer(&mut self) {
        let word = self.random.pick(&["layer", "layer", "frozen layer"]);
        self.put(word);
        self.name();
        let count = self.random.pick(&["=", "=", "=", "[ n ] =", "[ i in n + 1 ] ="]);
        self.put(count);
        if self.random.one_in(8) {
            return self.put("@ other");
        }
        for at in 0..=if self.random.one_in(3) { self.random.below(4) } else { 0 } {
            if at > 0 {
                self.put("->");
            }
            let kind = self.random.pick(&["Linear", "m . Block", "Embedding", "relu"]);
            self.put(kind);
            if self.random.below(4) > 0 {
                self.arguments(1);
            }
            for _ in 0..self.random.below(3) {
                let slot =
                    self.random.pick(&["weight", "bias", "blocks [ * ] . rel", "attn . q . weight", "b [ i ] . w"]);
                self.put(slot);
                self.put("= @");
                self.name();
                let view = self.random.pick(&[
                    "",
                    ". T",
                    "[ 0 : n ]",
                    "[ : , k : m ]",
                    ". reshape ( o , i )",
                    "[ n - 1 - i ] . w . T",
                ]);
                if !view.is_empty() {
                    self.put(view);
                }
            }
        }
    }

    fn arguments(&mut self, depth: usize) {
        self.list("(", ")", 0, |this| {
            let key = this.random.pick(&["", "", "dim =", "input =", "not =", "bias ="]);
            if !key.is_empty() {
                this.put(key);
            }
            this.value(depth);
        });
    }

    fn value(&mut self, depth: usize) {
        if depth == 0 {
            return self.leaf();
        }
        match self.random.below(9) {
            0 => {
                let head = self.random.pick(&["x", "h", "f ( x )", "( a + b )", "[ a , b ]", "y [ 0 ]"]);
                self.put(head);
                for _ in 0..=self.random.below(6) {
                    self.put("->");
                    self.stage(depth - 1);
                }
            }
            1 => {
                self.operation(depth);
                self.put("if");
                self.operation(depth - 1);
                self.put("else");
                self.operation(depth - 1);
            }
            2..=5 => self.operation(depth),
            _ => self.operand(depth),
        }
    }

    fn stage(&mut self, depth: usize) {
        if depth > 0 && self.random.one_in(4) {
            self.put("(");
            self.stage(depth - 1);
            self.put("->");
            self.stage(depth - 1);
            self.put(")");
        } else {
            self.name();
            if self.random.one_in(2) {
                self.arguments(depth);
            }
        }
        if self.random.one_in(4) {
            let repeat = self.random.pick(&["^ 3", "^ n", "^ ( n + 1 )"]);
            self.put(repeat);
        }
    }

    fn operation(&mut self, depth: usize) {
        for at in 0..=self.random.below(4) {
            if at > 0 {
                let sign = self.random.pick(&["+", "-", "*", "/", "//", "%", "**", "and", "or", "- -", "and not"]);
                self.put(sign);
            } else {
                let sign = self.random.pick(&["", "", "-", "- -", "not"]);
                if !sign.is_empty() {
                    self.put(sign);
                }
            }
            self.operand(depth);
        }
        if self.random.one_in(5) {
            let sign = self.random.pick(&["==", "!=", "<", "<=", ">", ">="]);
            self.put(sign);
            self.operand(depth);
        }
    }

    fn operand(&mut self, depth: usize) {
        match self.random.below(6) {
            0 if depth > 0 => {
                self.put("(");
                self.value(depth - 1);
                self.put(")");
            }
            1 if depth > 0 => self.list("[", "]", 0, |this| this.value(depth - 1)),
            2 if depth > 0 => {
                self.name();
                self.arguments(depth - 1);
            }
            3 if depth > 0 => {
                self.name();
                self.list("[", "]", 1, |this| {
                    let part = this.random.pick(&["...", ":", "1 :", ": - k", "a + 1 : b", "- 1", "i"]);
                    this.put(part);
                });
            }
            4 => {
                let call = self.random.pick(&["x . T", "v . f ( a ) . w", "f ( x ) [ 0 ]", "5 . T", "m . mean ( )"]);
                self.put(call);
            }
            _ => self.leaf(),
        }
    }

    fn leaf(&mut self) {
        let leaf = self.random.pick(&[
            "1",
            "2.5",
            "3e-4",
            "5.",
            ".5",
            "1_000",
            "true",
            "none",
            "\"text\"",
            "\"#\\\"\"",
            "x",
            "n",
        ]);
        self.put(leaf);
    }
}

/// Words with blanks, line breaks and comments between them where those may stand.
fn join(words: &[String], random: &mut Random) -> String {
    // Some programs have many comments, most have few.
    let wild = [4, 20, 60][random.below(3)];
    let mut text = String::new();
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |at| words[at].as_str());
        let opens = |word: &str| matches!(word, "(" | "[");
        let closes = |word: &str| matches!(word, ")" | "]");
        let free = depth > 0 || !(opens(word) || word == "-" || before == ",");
        let glued = opens(before) || closes(word) || word == "," || before == "," || opens(word) || before == "=";
        if free && random.one_in(wild) {
            let blanks = random.pick(&["\n", "\n\n", " \n \n \n", "  "]);
            text.push_str(blanks);
            for _ in 0..random.below(3) {
                text.push_str(random.pick(&["", "  ", "\t"]));
                text.push_str(random.pick(&COMMENTS));
                text.push_str(random.pick(&["\n", " \n", "\n\n\n", "\r\n"]));
            }
        } else if free && random.one_in(8) {
            text.push('\n');
        } else if !glued || random.one_in(2) {
            text.push(' ');
        }
        if opens(word) {
            depth += 1;
        } else if closes(word) {
            depth = depth.saturating_sub(1);
        }
        text.push_str(word);
    }
    text
}
