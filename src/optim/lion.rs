//! `Lion`: steps of one size in the direction of the signs of the momentum.

use super::contract::{Factors, Optimizer, Part, State, Step, Update};
use super::def::{MAXIMIZE, betas, float, not_negative, two_betas};
use super::{OptimizerDef, Real, sweep};
use crate::ops::Literal;

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "Lion",
    summary: "Steps of one size in the direction of the signs of the momentum.",
    formula: "θ ← (1 - lr weight_decay) θ - lr sign(β₁ m + (1 - β₁) ∇)\n\
              m ← β₂ m + (1 - β₂) ∇",
    parameters: &[
        float("lr", 1e-4, "The learning rate: three to ten times smaller than for `AdamW`."),
        betas(&[Literal::Float(0.9), Literal::Float(0.99)]),
        float("weight_decay", 0.0, "By how much, times the learning rate, the weights shrink in a step."),
        MAXIMIZE,
    ],
    torch: "",
    paper: "https://arxiv.org/abs/2302.06675",
    build: |attributes| {
        Ok(Box::new(Lion {
            lr: not_negative(attributes, "lr")?,
            betas: two_betas(attributes)?,
            weight_decay: not_negative(attributes, "weight_decay")?,
            maximize: attributes.bool("maximize")?,
        }))
    },
};

#[derive(Debug)]
struct Lion {
    lr: f64,
    betas: [f64; 2],
    weight_decay: f64,
    maximize: bool,
}

impl Optimizer for Lion {
    fn def(&self) -> &'static OptimizerDef {
        &DEF
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn states(&self, shape: &[usize]) -> Vec<State> {
        vec![State::like("exp_avg", shape)]
    }

    fn begin(&mut self, step: Step) -> Factors {
        let [own, beta2] = self.betas;
        let beta1 = step.momentum.unwrap_or(own);
        let kept = 1.0 - step.lr * self.weight_decay;
        Factors::new([step.scale(self.maximize), kept, beta1, 1.0 - beta1, beta2, 1.0 - beta2, step.lr])
    }

    fn follow_momentum(&mut self) -> bool {
        true
    }
}

impl<T: Real> Update<T> for Lion {
    fn update(&self, factors: &Factors, part: Part<'_, T>) {
        let [scale, kept, keep1, take1, keep2, take2, lr] = factors.read();
        let [exp_avg, ..] = part.states;
        sweep::with_one(part.param, part.grad, exp_avg, |p, g, m| {
            let g = g * scale;
            *p = *p * kept - lr * sign(keep1 * *m + take1 * g);
            *m = keep2 * *m + take2 * g;
        });
    }
}

/// NaN for NaN, so that a gradient that isn't a number shows.
fn sign<T: Real>(x: T) -> T {
    if x > T::zero() {
        T::one()
    } else if x < T::zero() {
        -T::one()
    } else {
        x
    }
}
