//! A plan with gradients, an optimizer and data → trained storages.

mod step;

pub use step::{Kept, Method, States};

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
