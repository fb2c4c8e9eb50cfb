//! A model, an optimizer and data → trained storages, step by step and epoch by epoch. No file is written here.

mod checkpoint;
mod culprit;
mod plans;
mod score;
mod step;
mod trainer;

pub use checkpoint::{PROGRESS, Position, Progress, Unfit, read as checkpoint};
pub use culprit::Culprit;
pub use plans::{Batched, Compared, plans, wanted};
pub use score::{Metric, Score, Sums};
pub use step::{Kept, Method, States};
pub use trainer::{Epoch, Examples, Setup, Stop, Taken, Trainer};

use crate::exec::Float;
use crate::optim::Stepped;

/// The float types that a model can be trained in.
pub trait Trained: Float + Stepped {}

impl<T: Float + Stepped> Trained for T {}
