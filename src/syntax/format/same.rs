//! Whether two texts say the same: the same words, the same comments at the same places, the same tree.

use super::gap::Gap;
use super::tokens;
use crate::diag::Diagnostics;
use crate::span::SourceMap;
use crate::stack::with_room;
use crate::syntax::ast::File;
use crate::syntax::parse;
use crate::syntax::token::{Kind, Tokens};
use std::hash::{DefaultHasher, Hasher};
use std::io;

/// Compares a file's tree and tokens with another text.
pub(super) fn is_same(tree: &File, before: &Tokens, text: &str) -> bool {
    let mut map = SourceMap::new();
    map.add("", text);
    let Some(file) = map.files().first() else { return false };
    let Some(after) = tokens(file) else { return false };
    if words(before).ne(words(&after)) || comments(before) != comments(&after) {
        return false;
    }
    let mut found = Diagnostics::new();
    let again = parse(file, &mut found);
    !found.has_errors() && with_room(|| digest(tree) == digest(&again))
}

/// The tokens' texts, without the commas in front of closers.
fn words<'a>(tokens: &Tokens<'a>) -> impl Iterator<Item = &'a str> {
    let closed = |index: usize| matches!(tokens.kind(index), Kind::Close(_));
    let counts = move |&index: &usize| tokens.kind(index) != Kind::Comma || !closed(index + 1);
    (0..tokens.len()).filter(counts).map(|index| tokens.word(index))
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

/// A number that is another if the tree is, as good as always.
fn digest(tree: &File) -> Option<u64> {
    let mut digest = Digest(DefaultHasher::new());
    serde_json::to_writer(&mut digest, tree).ok()?;
    Some(digest.0.finish())
}

struct Digest(DefaultHasher);

impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
