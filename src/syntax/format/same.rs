//! Whether two texts say the same: the same words, cut into the same statements, and the same comments between them. A
//! statement's words alone decide how it is read, so its tree is the same then.

use super::gap::Gap;
use super::tokens;
use crate::diag::Diagnostics;
use crate::span::{SourceFile, SourceMap, Span};
use crate::syntax::ast::{File, Item, Statement};
use crate::syntax::parse;
use crate::syntax::token::{Kind, Tokens};

/// Compares a file's tree and tokens with another text.
pub(super) fn is_same(file: &SourceFile, tree: &File, before: &Tokens, text: &str) -> bool {
    let mut map = SourceMap::new();
    map.add("", text);
    let Some(twin) = map.files().first() else { return false };
    let Some(after) = tokens(twin) else { return false };
    if words(before).ne(words(&after)) || comments(before) != comments(&after) {
        return false;
    }
    let mut found = Diagnostics::new();
    let again = parse(twin, &mut found);
    !found.has_errors() && Cuts::of(file, tree, before) == Cuts::of(twin, &again, &after)
}

/// The tokens' texts, without the commas in front of closers.
fn words<'a>(tokens: &Tokens<'a>) -> impl Iterator<Item = &'a str> {
    (0..tokens.len()).filter(|&index| counts(tokens, index)).map(|index| tokens.word(index))
}

/// Whether a token is no comma in front of a closer.
fn counts(tokens: &Tokens, index: usize) -> bool {
    tokens.kind(index) != Kind::Comma || !matches!(tokens.kind(index + 1), Kind::Close(_))
}

/// The comments, each with the number of tokens in front of it. Commas aren't counted, because comments move behind
/// them.
fn comments<'a>(tokens: &Tokens<'a>) -> Vec<(usize, &'a str)> {
    let mut comments = Vec::new();
    let mut count = 0;
    for index in 0..=tokens.len() {
        comments.extend(Gap::before(tokens, index).comments.iter().map(|comment| (count, comment.text)));
        count += usize::from(tokens.kind(index) != Kind::Comma);
    }
    comments
}

/// Where items and statements begin and end, in words.
struct Cuts<'t, 'a> {
    tokens: &'t Tokens<'a>,
    base: u32,
    /// For every token, and for the end: how many words stand in front of it.
    before: Vec<usize>,
    list: Vec<(usize, usize)>,
}

impl Cuts<'_, '_> {
    fn of(file: &SourceFile, tree: &File, tokens: &Tokens) -> Vec<(usize, usize)> {
        let mut count = 0;
        let mut before = vec![0];
        for index in 0..tokens.len() {
            count += usize::from(counts(tokens, index));
            before.push(count);
        }
        let mut cuts = Cuts { tokens, base: file.span().start, before, list: Vec::new() };
        tree.items.iter().for_each(|item| cuts.item(item));
        cuts.list
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Use(item) => self.add(item.span),
            Item::Const(item) => self.add(item.span),
            Item::Block(item) | Item::Model(item) => {
                self.add(item.span);
                self.body(&item.body);
            }
            Item::Train(item) => {
                self.add(item.span);
                item.fields.iter().for_each(|field| self.add(field.span));
            }
            Item::Error(item) => self.add(item.span),
        }
    }

    fn body(&mut self, body: &[Statement]) {
        for statement in body {
            match statement {
                Statement::Input(statement) => self.add(statement.span),
                Statement::Storage(statement) => self.add(statement.span),
                Statement::Layer(statement) => self.add(statement.span),
                Statement::Let(statement) => self.add(statement.span),
                Statement::Output(statement) => self.add(statement.span),
                Statement::Loss(statement) => self.add(statement.span),
                Statement::Assert(statement) => self.add(statement.span),
                Statement::Block(statement) => {
                    self.add(statement.span);
                    self.body(&statement.body);
                }
                Statement::For(statement) => {
                    self.add(statement.span);
                    self.body(&statement.body);
                }
                Statement::If(statement) => {
                    self.add(statement.span);
                    self.body(&statement.then);
                    self.body(&statement.otherwise);
                }
                Statement::Error(statement) => self.add(statement.span),
            }
        }
    }

    fn add(&mut self, span: Span) {
        self.list.push((self.words_before(span.start), self.words_before(span.end)));
    }

    fn words_before(&self, at: u32) -> usize {
        let at = at.saturating_sub(self.base);
        let index = self.tokens.list.partition_point(|token| token.start < at);
        self.before.get(index).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_same(before: &str, after: &str) -> bool {
        let mut map = SourceMap::new();
        map.add("a", "something in front").unwrap();
        map.add("b", before).unwrap();
        let file = &map.files()[1];
        let tree = parse(file, &mut Diagnostics::new());
        super::is_same(file, &tree, &tokens(file).unwrap(), after)
    }

    #[test]
    fn only_blanks_and_closing_commas_may_change() {
        let text = "block A {\n x = f(a, b) # one\n # two\n if c { y = -x }\n output x, y\n}";
        assert!(is_same(text, text));
        assert!(is_same(text, "block A{x=f(a,b,)# one\n# two\nif c{y=- x}output x,y}"));
        for (from, to) in [
            ("# one", "# One"),
            ("# two", ""),
            ("b) # one", "b # one\n)"),
            ("a, b", "b, a"),
            ("-x", "x"),
            ("x, y", "x y"),
            ("x = f(a, b)", "x = (f(a, b))"),
            ("x, y\n}", "x, y\n"),
        ] {
            assert!(!is_same(text, &text.replace(from, to)), "{to}");
        }
    }

    #[test]
    fn a_comment_may_move_behind_a_comma() {
        assert!(is_same("const A = [1 # one\n, 2]", "const A = [1, # one\n2]"));
        assert!(!is_same("const A = [1 # one\n, 2]", "const A = [1, 2 # one\n]"));
    }
}
