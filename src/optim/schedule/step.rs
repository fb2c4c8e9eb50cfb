//! `step`, a stair with a warm-up if wanted, and PyTorch's `StepLR`.

use super::warmup::{WARMUP, Warmup};
use super::{Rates, Schedule};
use crate::ops::{Parameter, Type};
use crate::optim::ScheduleDef;
use crate::optim::def::{count, float, not_negative};

pub(super) const GAMMA: Parameter = float("gamma", 0.1, "The factor of each stair.");

pub(super) static DEF: ScheduleDef = ScheduleDef {
    name: "step",
    summary: "A linear warm-up, then a factor every so many steps.",
    formula: "lr (s + 1) / (warmup + 1) for s < warmup, then lr gamma^((s - warmup) // size)",
    parameters: &[Parameter::required("size", Type::Int, "The number of steps of a stair."), GAMMA, WARMUP],
    torch: "",
    paper: "",
    build: |attributes| {
        let (size, gamma) = (count(attributes, "size", 1)?, not_negative(attributes, "gamma")?);
        Ok(Box::new(Stairs { def: &DEF, size, gamma, warmup: Some(Warmup::new(attributes)?) }))
    },
};

pub(super) static TORCH: ScheduleDef = ScheduleDef {
    name: "StepLR",
    summary: "A factor every so many steps.",
    formula: "lr gamma^(s // step_size)",
    parameters: &[Parameter::required("step_size", Type::Int, "The number of steps of a stair."), GAMMA],
    torch: "torch.optim.lr_scheduler.StepLR",
    paper: "",
    build: |attributes| {
        let (size, gamma) = (count(attributes, "step_size", 1)?, not_negative(attributes, "gamma")?);
        Ok(Box::new(Stairs { def: &TORCH, size, gamma, warmup: None }))
    },
};

#[derive(Debug)]
struct Stairs {
    def: &'static ScheduleDef,
    size: u64,
    gamma: f64,
    warmup: Option<Warmup>,
}

impl Schedule for Stairs {
    fn def(&self) -> &'static ScheduleDef {
        self.def
    }

    fn rates(&self, step: u64, total: u64, lr: f64) -> Rates {
        let stairs = |step: u64| lr * self.gamma.powf((step / self.size) as f64);
        Rates::lr(match self.warmup {
            Some(warmup) => warmup.rate(step, total, lr, |step, _| stairs(step)),
            None => stairs(step),
        })
    }
}
