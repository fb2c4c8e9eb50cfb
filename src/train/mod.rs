//! A model, an optimizer and data → trained storages, epoch by epoch. No file is written here.

mod checkpoint;
mod plans;
mod step;
mod trainer;

pub use checkpoint::{PROGRESS, Progress, Unfit, read as checkpoint};
pub use plans::{Batched, Classes, Purpose, plans, wanted};
pub use step::{Kept, Method, States};
pub use trainer::{Culprit, Epoch, Score, Setup, Stop, Trainer};

use crate::exec::Float;
use crate::optim::{Factors, Optimizer, Part, Update};

/// The float types that a model can be trained in.
pub trait Trained: Float {
    fn update(optimizer: &dyn Optimizer, factors: &Factors, part: Part<'_, Self>);
}

impl Trained for f32 {
    fn update(optimizer: &dyn Optimizer, factors: &Factors, part: Part<'_, Self>) {
        Update::<Self>::update(optimizer, factors, part);
    }
}

impl Trained for f64 {
    fn update(optimizer: &dyn Optimizer, factors: &Factors, part: Part<'_, Self>) {
        Update::<Self>::update(optimizer, factors, part);
    }
}
