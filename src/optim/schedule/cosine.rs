//! `cosine`, half a wave over the whole run behind a warm-up, and PyTorch's `CosineAnnealingLR` and
//! `CosineAnnealingWarmRestarts`.

use super::warmup::{MIN_LR, WARMUP, Warmup};
use super::{Rates, Schedule};
use crate::ops::{Parameter, Type};
use crate::optim::ScheduleDef;
use crate::optim::def::{count, float, int, not_negative};
use std::f64::consts::PI;

const ETA_MIN: Parameter = float("eta_min", 0.0, "The learning rate at the lowest point.");

pub(super) static DEF: ScheduleDef = ScheduleDef {
    name: "cosine",
    summary: "A linear warm-up, then a fall to the end of the run along half a wave.",
    formula: "lr (s + 1) / (warmup + 1) for s < warmup, \
              then min_lr + (lr - min_lr) (1 + cos(π q)) / 2, q = (s - warmup) / (total - warmup)",
    parameters: &[WARMUP, MIN_LR],
    torch: "",
    paper: "https://arxiv.org/abs/1608.03983",
    build: |attributes| {
        Ok(Box::new(Cosine { warmup: Warmup::new(attributes)?, min_lr: not_negative(attributes, "min_lr")? }))
    },
};

pub(super) static TORCH: ScheduleDef = ScheduleDef {
    name: "CosineAnnealingLR",
    summary: "A wave that falls for some steps and rises for as many.",
    formula: "eta_min + (lr - eta_min) (1 + cos(π s / T_max)) / 2",
    parameters: &[Parameter::required("T_max", Type::Int, "The number of steps from top to bottom."), ETA_MIN],
    torch: "torch.optim.lr_scheduler.CosineAnnealingLR",
    paper: "https://arxiv.org/abs/1608.03983",
    build: |attributes| {
        Ok(Box::new(Wave { steps: count(attributes, "T_max", 1)?, low: not_negative(attributes, "eta_min")? }))
    },
};

pub(super) static RESTARTS: ScheduleDef = ScheduleDef {
    name: "CosineAnnealingWarmRestarts",
    summary: "Falls along half a wave, again and again from the top.",
    formula: "eta_min + (lr - eta_min) (1 + cos(π c / T)) / 2 at step c of a fall of T steps: T_0, then T_mult times as many",
    parameters: &[
        Parameter::required("T_0", Type::Int, "The number of steps of the first fall."),
        int("T_mult", 1, "How many times as long as the one before the next fall is."),
        ETA_MIN,
    ],
    torch: "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts",
    paper: "https://arxiv.org/abs/1608.03983",
    build: |attributes| {
        Ok(Box::new(Restarts {
            first: count(attributes, "T_0", 1)?,
            growth: count(attributes, "T_mult", 1)?,
            low: not_negative(attributes, "eta_min")?,
        }))
    },
};

/// From `high` at 0 along a wave to `low` at 1.
pub(super) fn fall(high: f64, low: f64, done: f64) -> f64 {
    low + (high - low) * (1.0 + (PI * done).cos()) / 2.0
}

#[derive(Debug)]
struct Cosine {
    warmup: Warmup,
    min_lr: f64,
}

impl Schedule for Cosine {
    fn def(&self) -> &'static ScheduleDef {
        &DEF
    }

    fn rates(&self, step: u64, total: u64, lr: f64) -> Rates {
        Rates::lr(self.warmup.progress(step, total, lr, |done| fall(lr, self.min_lr, done)))
    }
}

#[derive(Debug)]
struct Wave {
    steps: u64,
    low: f64,
}

impl Schedule for Wave {
    fn def(&self) -> &'static ScheduleDef {
        &TORCH
    }

    fn rates(&self, step: u64, _total: u64, lr: f64) -> Rates {
        Rates::lr(fall(lr, self.low, step as f64 / self.steps as f64))
    }
}

#[derive(Debug)]
struct Restarts {
    first: u64,
    growth: u64,
    low: f64,
}

impl Schedule for Restarts {
    fn def(&self) -> &'static ScheduleDef {
        &RESTARTS
    }

    fn rates(&self, step: u64, _total: u64, lr: f64) -> Rates {
        let (mut at, mut length) = (step, self.first);
        if self.growth == 1 {
            at %= length;
        }
        while at >= length {
            at -= length;
            length = length.saturating_mul(self.growth);
        }
        Rates::lr(fall(lr, self.low, at as f64 / length as f64))
    }
}
