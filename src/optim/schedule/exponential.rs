//! `exponential`, a fall by one factor a step over the whole run behind a warm-up, and PyTorch's `ExponentialLR`.

use super::warmup::{WARMUP, Warmup};
use super::{Rates, Schedule};
use crate::ops::{Parameter, Type};
use crate::optim::ScheduleDef;
use crate::optim::def::{float, not_negative, within};

pub(super) static DEF: ScheduleDef = ScheduleDef {
    name: "exponential",
    summary: "A linear warm-up, then a fall by one factor a step to a part of the learning rate at the end of the run.",
    formula: "lr (s + 1) / (warmup + 1) for s < warmup, then lr end^q, q = (s - warmup) / (total - warmup)",
    parameters: &[float("end", 0.01, "The part of the learning rate that is left at the end."), WARMUP],
    torch: "",
    paper: "",
    build: |attributes| {
        let end = within(attributes, "end", f64::MIN_POSITIVE, f64::MAX, "above 0")?;
        Ok(Box::new(Exponential { end, warmup: Warmup::new(attributes)? }))
    },
};

pub(super) static TORCH: ScheduleDef = ScheduleDef {
    name: "ExponentialLR",
    summary: "A fall by one factor a step.",
    formula: "lr gamma^s",
    parameters: &[Parameter::required("gamma", Type::Float, "The factor of a step.")],
    torch: "torch.optim.lr_scheduler.ExponentialLR",
    paper: "",
    build: |attributes| Ok(Box::new(ExponentialLr { gamma: not_negative(attributes, "gamma")? })),
};

#[derive(Debug)]
struct Exponential {
    end: f64,
    warmup: Warmup,
}

impl Schedule for Exponential {
    fn def(&self) -> &'static ScheduleDef {
        &DEF
    }

    fn rates(&self, step: u64, total: u64, lr: f64) -> Rates {
        Rates::lr(self.warmup.progress(step, total, lr, |done| lr * self.end.powf(done)))
    }
}

#[derive(Debug)]
struct ExponentialLr {
    gamma: f64,
}

impl Schedule for ExponentialLr {
    fn def(&self) -> &'static ScheduleDef {
        &TORCH
    }

    fn rates(&self, step: u64, _total: u64, lr: f64) -> Rates {
        Rates::lr(lr * self.gamma.powf(step as f64))
    }
}
