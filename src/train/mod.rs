//! A model, an optimizer and data → trained storages, epoch by epoch. No file is written here.

mod checkpoint;
mod plans;
mod step;
mod trainer;

pub use checkpoint::{PROGRESS, Progress, Unfit, read as checkpoint};
pub use plans::{Batched, Classes, plans, wanted};
pub use step::{Kept, Method, States};
pub use trainer::{Culprit, Epoch, Score, Setup, Stop, Trainer};

use crate::exec::Float;
use crate::optim::Stepped;

/// The float types that a model can be trained in.
pub trait Trained: Float + Stepped {}

impl<T: Float + Stepped> Trained for T {}
