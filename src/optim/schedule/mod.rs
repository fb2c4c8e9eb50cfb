//! Schedules of the learning rate: PyTorch's, with its names and arguments, and short forms that stretch over the whole
//! run. They step once a batch.

use super::ScheduleDef;
use super::contract::Optimizer;
use super::def::{SetupError, SetupErrorKind};
use std::fmt;

/// A schedule with its arguments.
pub trait Schedule: fmt::Debug + Send + Sync {
    fn def(&self) -> &'static ScheduleDef;

    /// The rates of a step, of which the first is 0, in a run of `total` steps, from the optimizer's own learning rate.
    fn rates(&self, step: u64, total: u64, lr: f64) -> Rates;

    /// It sets the momentum too.
    fn sets_momentum(&self) -> bool {
        false
    }

    /// Told once an epoch: the loss on the data for validation, or that of training where there is none, and the
    /// optimizer's own learning rate.
    fn observe(&mut self, _loss: f64, _lr: f64) {}

    /// What it remembers of the losses that it was told, by PyTorch's names, for checkpoints to keep.
    fn carried(&mut self) -> Vec<(&'static str, &mut f64)> {
        Vec::new()
    }
}

/// What a schedule says of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    pub lr: f64,
    /// `None` leaves it to the optimizer.
    pub momentum: Option<f64>,
}

impl Rates {
    pub(super) const fn lr(lr: f64) -> Self {
        Self { lr, momentum: None }
    }
}

/// Declares the modules and the registry entries. Each file has a `DEF`, and those named after a `+`.
macro_rules! schedules {
    ($($module:ident $(+ $more:ident)*)*) => {
        $(mod $module;)*

        /// Every schedule, in the order of the list.
        pub static SCHEDULES: &[&ScheduleDef] = &[$(&$module::DEF, $(&$module::$more,)*)*];
    };
}

schedules! {
    constant + TORCH
    linear + TORCH
    cosine + TORCH + RESTARTS
    polynomial + TORCH
    exponential + TORCH
    step + TORCH
    multistep + TORCH
    one_cycle + TORCH
    plateau + TORCH
}

mod warmup;

/// Makes the optimizer follow what the schedule sets beside the learning rate. To be called before its states are made.
pub fn drive(schedule: &dyn Schedule, optimizer: &mut dyn Optimizer) -> Result<(), SetupError> {
    if !schedule.sets_momentum() || optimizer.follow_momentum() {
        return Ok(());
    }
    Err(SetupError {
        kind: SetupErrorKind::ArgumentValue(None),
        message: format!("`{}` sets the momentum, and `{}` has none", schedule.def().name, optimizer.def().name),
        help: Some("`cycle_momentum=false` leaves the momentum alone".to_owned()),
    })
}
