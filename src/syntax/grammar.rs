//! The parser that pest makes of `grammar/wnet.pest`.

#![allow(clippy::empty_docs, clippy::doc_markdown, missing_docs, reason = "the docs are the grammar's")]

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/wnet.pest"]
pub(super) struct Grammar;
