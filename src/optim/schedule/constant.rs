//! `constant`, one learning rate with a warm-up if wanted, and PyTorch's `ConstantLR`.

use super::warmup::{WARMUP, Warmup};
use super::{Rates, Schedule};
use crate::optim::ScheduleDef;
use crate::optim::def::{count, float, int, within};

pub(super) static DEF: ScheduleDef = ScheduleDef {
    name: "constant",
    summary: "One learning rate, to which it may rise in a linear warm-up.",
    formula: "lr (s + 1) / (warmup + 1) for s < warmup, then lr; s counts steps from 0",
    parameters: &[WARMUP],
    torch: "",
    paper: "",
    build: |attributes| Ok(Box::new(Constant(Warmup::new(attributes)?))),
};

pub(super) static TORCH: ScheduleDef = ScheduleDef {
    name: "ConstantLR",
    summary: "A part of the learning rate for some steps, then all of it.",
    formula: "lr factor for s < total_iters, then lr",
    parameters: &[
        float("factor", 1.0 / 3.0, "The part at first."),
        int("total_iters", 5, "The number of steps with it."),
    ],
    torch: "torch.optim.lr_scheduler.ConstantLR",
    paper: "",
    build: |attributes| {
        Ok(Box::new(ConstantLr {
            factor: within(attributes, "factor", 0.0, 1.0, "between 0 and 1")?,
            steps: count(attributes, "total_iters", 0)?,
        }))
    },
};

#[derive(Debug)]
struct Constant(Warmup);

impl Schedule for Constant {
    fn def(&self) -> &'static ScheduleDef {
        &DEF
    }

    fn rates(&self, step: u64, total: u64, lr: f64) -> Rates {
        Rates::lr(self.0.rate(step, total, lr, |_, _| lr))
    }
}

#[derive(Debug)]
struct ConstantLr {
    factor: f64,
    steps: u64,
}

impl Schedule for ConstantLr {
    fn def(&self) -> &'static ScheduleDef {
        &TORCH
    }

    fn rates(&self, step: u64, _total: u64, lr: f64) -> Rates {
        Rates::lr(if step < self.steps { lr * self.factor } else { lr })
    }
}
