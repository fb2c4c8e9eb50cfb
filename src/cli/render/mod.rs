//! Diagnostics → text: for people, for editors and `grep`, and for scripts. Sorted diagnostics and the source map go
//! in, text goes to a writer; nothing here opens a file or decides where the text ends up.

pub mod github;
pub mod human;
pub mod json;
pub mod json_lines;
pub mod places;
pub mod sarif;
pub mod short;

mod excerpt;
mod snippet;
mod window;

#[cfg(test)]
mod tests;
