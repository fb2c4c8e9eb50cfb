//! The pages of the error index, compiled in: `docs/errors/CODE.md` for each code.

use crate::diag;
use include_dir::{Dir, include_dir};

static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/docs/errors");

/// The page of a code, in Markdown.
#[must_use]
pub fn page(code: &str) -> Option<&'static str> {
    PAGES.get_file(format!("{code}.md"))?.contents_utf8()
}

/// Every code, in alphabetical order.
#[must_use]
pub fn codes() -> Vec<&'static str> {
    let mut codes: Vec<&str> = PAGES.files().filter_map(|file| file.path().file_stem()?.to_str()).collect();
    codes.sort_unstable();
    codes
}

/// What a code stands for: the first sentence of its page.
#[must_use]
pub fn summary(code: &str) -> &'static str {
    page(code).and_then(|page| page.lines().skip(1).find(|line| !line.is_empty())).unwrap_or("")
}

/// The code nearest to one that isn't there.
#[must_use]
pub fn nearest(code: &str) -> Option<&'static str> {
    diag::nearest(code, codes())
}
