//! What stands between two tokens and is no token: comments and blank lines.

use crate::syntax::token::Tokens;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment<'a> {
    /// From the `#` on, without blanks at the end.
    pub(super) text: &'a str,
    /// Whether nothing stands in front of it on its line.
    pub(super) own_line: bool,
    /// Whether a blank line stands in front of it.
    pub(super) blank_before: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap<'a> {
    pub(super) comments: Vec<Comment<'a>>,
    /// Whether a blank line stands behind all comments.
    pub(super) blank_after: bool,
}

impl<'a> Gap<'a> {
    /// What stands in front of a token, back to the token before. The index may be one past the last token.
    pub(super) fn before(tokens: &Tokens<'a>, index: usize) -> Self {
        let start = index.checked_sub(1).map_or(0, |before| tokens.get(before).end as usize);
        let mut rest = tokens.text.get(start..tokens.get(index).start as usize).unwrap_or("");
        let mut comments = Vec::new();
        while let Some((blanks, behind)) = rest.split_once('#') {
            let length = behind.find('\n').unwrap_or(behind.len());
            let (text, after) = rest.split_at(blanks.len() + 1 + length);
            let text = text.get(blanks.len()..).unwrap_or("").trim_end_matches([' ', '\t', '\r']);
            // Behind another comment there was a line break already.
            let own_line = index == 0 || !comments.is_empty() || blanks.contains('\n');
            comments.push(Comment { text, own_line, blank_before: has_blank_line(blanks) });
            rest = after;
        }
        Self { comments, blank_after: has_blank_line(rest) }
    }

    /// The comment behind the token before, on its line.
    pub(super) fn trailing(&self) -> Option<&'a str> {
        self.comments.first().filter(|comment| !comment.own_line).map(|comment| comment.text)
    }

    /// The comments on lines of their own.
    pub(super) fn own_line(&self) -> &[Comment<'a>] {
        self.comments.get(usize::from(self.trailing().is_some())..).unwrap_or(&[])
    }
}

fn has_blank_line(blanks: &str) -> bool {
    blanks.bytes().filter(|&byte| byte == b'\n').count() > 1
}
