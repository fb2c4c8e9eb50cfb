//! The optimizers and the schedules of their learning rates: one file each, and the lists below are the registries. Names,
//! arguments, defaults and results are PyTorch's. State belongs to a storage, however many slots use it.

pub mod clip;
mod contract;
mod def;
mod schedule;
mod sweep;
#[cfg(test)]
mod tests;

pub use contract::{Factors, MAX_STATES, Optimizer, Part, State, Step, Stepped, Update};
pub use def::{Argument, Def, SetupError, SetupErrorKind};
pub use schedule::{Rates, SCHEDULES, Schedule, drive};

use crate::tensor::Real;

pub type OptimizerDef = Def<dyn Optimizer>;
pub type ScheduleDef = Def<dyn Schedule>;

/// Declares the modules and the registry entries.
macro_rules! optimizers {
    ($($module:ident)*) => {
        $(mod $module;)*

        /// Every optimizer, in the order of the list.
        pub static OPTIMIZERS: &[&OptimizerDef] = &[$(&$module::DEF,)*];
    };
}

optimizers! {
    sgd
    adam
    adamw
    rmsprop
    adagrad
    adamax
    nadam
    radam
    lion
    adafactor
}

/// The optimizer of this name with these arguments, such as `AdamW` and `lr=3e-4`.
pub fn optimizer(name: &str, arguments: &[Argument]) -> Result<Box<dyn Optimizer>, SetupError> {
    def::build(OPTIMIZERS, "optimizer", name, arguments)
}

/// The schedule of this name with these arguments, such as `cosine` and `warmup=100`.
pub fn schedule(name: &str, arguments: &[Argument]) -> Result<Box<dyn Schedule>, SetupError> {
    def::build(SCHEDULES, "schedule", name, arguments)
}
