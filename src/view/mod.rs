//! Pictures of a model for people: what is known of it from its types alone.

mod summary;

pub use summary::{Memory, Row, Summary, summary};
