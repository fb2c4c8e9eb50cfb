//! `multistep`, stairs at parts of the run behind a warm-up, and PyTorch's `MultiStepLR`.

use super::step::GAMMA;
use super::warmup::{WARMUP, Warmup};
use super::{Rates, Schedule};
use crate::ops::{Literal, Parameter, Type, Value};
use crate::optim::ScheduleDef;
use crate::optim::def::{must_be, not_negative};

const HALF: Literal = Literal::Float(0.5);
const MOST: Literal = Literal::Float(0.75);

pub(super) static DEF: ScheduleDef = ScheduleDef {
    name: "multistep",
    summary: "A linear warm-up, then a factor at each of some parts of the run.",
    formula: "lr (s + 1) / (warmup + 1) for s < warmup, \
              then lr gamma^n, n how many of `at` are at most q = (s - warmup) / (total - warmup)",
    parameters: &[
        Parameter::attribute(
            "at",
            Type::List(&Type::Float),
            Literal::List(&[HALF, MOST]),
            "Parts of the run, from 0 to 1.",
        ),
        GAMMA,
        WARMUP,
    ],
    torch: "",
    paper: "",
    build: |attributes| {
        let at: Vec<f64> = attributes.optional_floats("at")?.into_iter().flatten().collect();
        if !at.iter().all(|part| (0.0..=1.0).contains(part)) {
            let found = attributes.get("at").cloned().unwrap_or(Value::None);
            return Err(must_be("at", "numbers between 0 and 1", &found));
        }
        let gamma = not_negative(attributes, "gamma")?;
        Ok(Box::new(MultiStep { at, gamma, warmup: Warmup::new(attributes)? }))
    },
};

pub(super) static TORCH: ScheduleDef = ScheduleDef {
    name: "MultiStepLR",
    summary: "A factor at each of some steps.",
    formula: "lr gamma^n, n how many of the milestones are at most s",
    parameters: &[Parameter::required("milestones", Type::Ints, "Numbers of steps."), GAMMA],
    torch: "torch.optim.lr_scheduler.MultiStepLR",
    paper: "",
    build: |attributes| {
        let milestones = attributes.ints("milestones")?;
        Ok(Box::new(MultiStepLr { milestones, gamma: not_negative(attributes, "gamma")? }))
    },
};

#[derive(Debug)]
struct MultiStep {
    at: Vec<f64>,
    gamma: f64,
    warmup: Warmup,
}

impl Schedule for MultiStep {
    fn def(&self) -> &'static ScheduleDef {
        &DEF
    }

    fn rates(&self, step: u64, total: u64, lr: f64) -> Rates {
        Rates::lr(self.warmup.progress(step, total, lr, |done| {
            let passed = self.at.iter().filter(|part| **part <= done).count();
            lr * self.gamma.powf(passed as f64)
        }))
    }
}

#[derive(Debug)]
struct MultiStepLr {
    milestones: Vec<i64>,
    gamma: f64,
}

impl Schedule for MultiStepLr {
    fn def(&self) -> &'static ScheduleDef {
        &TORCH
    }

    fn rates(&self, step: u64, _total: u64, lr: f64) -> Rates {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let passed = self.milestones.iter().filter(|milestone| **milestone <= step).count();
        Rates::lr(lr * self.gamma.powf(passed as f64))
    }
}
