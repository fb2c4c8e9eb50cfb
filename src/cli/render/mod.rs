//! Diagnostics → text: for people, for editors and `grep`, and for scripts. Sorted diagnostics and the source map go
//! in, text goes to a writer; nothing here opens a file or decides where the text ends up.

pub mod human;
pub mod json;
pub mod places;
pub mod short;

mod excerpt;
mod snippet;
mod window;

#[cfg(test)]
mod tests;
