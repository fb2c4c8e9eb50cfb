//! `linear`, a straight fall over the whole run behind a warm-up, and PyTorch's `LinearLR`.

use super::warmup::{MIN_LR, WARMUP, Warmup};
use super::{Rates, Schedule};
use crate::optim::ScheduleDef;
use crate::optim::def::{count, float, int, not_negative, within};

pub(super) static DEF: ScheduleDef = ScheduleDef {
    name: "linear",
    summary: "A linear warm-up, then a straight fall to the end of the run.",
    formula: "lr (s + 1) / (warmup + 1) for s < warmup, then lr + (min_lr - lr) q, q = (s - warmup) / (total - warmup)",
    parameters: &[WARMUP, MIN_LR],
    torch: "",
    paper: "",
    build: |attributes| {
        Ok(Box::new(Linear { warmup: Warmup::new(attributes)?, min_lr: not_negative(attributes, "min_lr")? }))
    },
};

pub(super) static TORCH: ScheduleDef = ScheduleDef {
    name: "LinearLR",
    summary: "A straight line from one part of the learning rate to another.",
    formula: "lr (start_factor + (end_factor - start_factor) min(s, total_iters) / total_iters)",
    parameters: &[
        float("start_factor", 1.0 / 3.0, "The part at first."),
        float("end_factor", 1.0, "The part at the end."),
        int("total_iters", 5, "The number of steps between."),
    ],
    torch: "torch.optim.lr_scheduler.LinearLR",
    paper: "",
    build: |attributes| {
        Ok(Box::new(LinearLr {
            start: within(attributes, "start_factor", f64::MIN_POSITIVE, 1.0, "above 0 and at most 1")?,
            end: within(attributes, "end_factor", 0.0, 1.0, "between 0 and 1")?,
            steps: count(attributes, "total_iters", 1)?,
        }))
    },
};

#[derive(Debug)]
struct Linear {
    warmup: Warmup,
    min_lr: f64,
}

impl Schedule for Linear {
    fn def(&self) -> &'static ScheduleDef {
        &DEF
    }

    fn rates(&self, step: u64, total: u64, lr: f64) -> Rates {
        Rates::lr(self.warmup.progress(step, total, lr, |done| lr + (self.min_lr - lr) * done))
    }
}

#[derive(Debug)]
struct LinearLr {
    start: f64,
    end: f64,
    steps: u64,
}

impl Schedule for LinearLr {
    fn def(&self) -> &'static ScheduleDef {
        &TORCH
    }

    fn rates(&self, step: u64, _total: u64, lr: f64) -> Rates {
        let done = step.min(self.steps) as f64 / self.steps as f64;
        Rates::lr(lr * (self.start + (self.end - self.start) * done))
    }
}
