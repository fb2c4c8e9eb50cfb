//! `polynomial`, a fall by a power over the whole run behind a warm-up, and PyTorch's `PolynomialLR`.

use super::warmup::{MIN_LR, WARMUP, Warmup};
use super::{Rates, Schedule};
use crate::ops::Parameter;
use crate::optim::ScheduleDef;
use crate::optim::def::{count, float, int, not_negative};

const POWER: Parameter = float("power", 1.0, "The power; 1 is a straight line.");

pub(super) static DEF: ScheduleDef = ScheduleDef {
    name: "polynomial",
    summary: "A linear warm-up, then a fall to the end of the run by a power.",
    formula: "lr (s + 1) / (warmup + 1) for s < warmup, \
              then min_lr + (lr - min_lr) (1 - q)^power, q = (s - warmup) / (total - warmup)",
    parameters: &[POWER, WARMUP, MIN_LR],
    torch: "",
    paper: "",
    build: |attributes| {
        Ok(Box::new(Polynomial {
            power: not_negative(attributes, "power")?,
            warmup: Warmup::new(attributes)?,
            min_lr: not_negative(attributes, "min_lr")?,
        }))
    },
};

pub(super) static TORCH: ScheduleDef = ScheduleDef {
    name: "PolynomialLR",
    summary: "A fall to 0 by a power.",
    formula: "lr (1 - min(s, total_iters) / total_iters)^power",
    parameters: &[int("total_iters", 5, "The number of steps of the fall."), POWER],
    torch: "torch.optim.lr_scheduler.PolynomialLR",
    paper: "",
    build: |attributes| {
        Ok(Box::new(PolynomialLr {
            steps: count(attributes, "total_iters", 1)?,
            power: not_negative(attributes, "power")?,
        }))
    },
};

#[derive(Debug)]
struct Polynomial {
    power: f64,
    warmup: Warmup,
    min_lr: f64,
}

impl Schedule for Polynomial {
    fn def(&self) -> &'static ScheduleDef {
        &DEF
    }

    fn rates(&self, step: u64, total: u64, lr: f64) -> Rates {
        let fall = |done: f64| self.min_lr + (lr - self.min_lr) * (1.0 - done).powf(self.power);
        Rates::lr(self.warmup.progress(step, total, lr, fall))
    }
}

#[derive(Debug)]
struct PolynomialLr {
    steps: u64,
    power: f64,
}

impl Schedule for PolynomialLr {
    fn def(&self) -> &'static ScheduleDef {
        &TORCH
    }

    fn rates(&self, step: u64, _total: u64, lr: f64) -> Rates {
        let done = step.min(self.steps) as f64 / self.steps as f64;
        Rates::lr(lr * (1.0 - done).powf(self.power))
    }
}
