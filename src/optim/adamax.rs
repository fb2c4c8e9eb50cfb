//! `Adamax`: `Adam` with a decaying maximum of the gradients in place of the average of their squares.

use super::contract::{Factors, Optimizer, Part, State, Step, Update};
use super::def::{BETAS, EPS, MAXIMIZE, WEIGHT_DECAY, float, not_negative, two_betas};
use super::{OptimizerDef, Real, sweep};

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "Adamax",
    summary: "`Adam` with a decaying maximum of the gradients in place of the average of their squares.",
    formula: "g = ∇ + weight_decay θ\n\
              m ← β₁ m + (1 - β₁) g, u ← max(β₂ u, |g| + eps)\n\
              θ ← θ - lr / (1 - β₁ᵗ) · m / u",
    parameters: &[float("lr", 2e-3, "The learning rate."), BETAS, EPS, WEIGHT_DECAY, MAXIMIZE],
    torch: "torch.optim.Adamax",
    paper: "https://arxiv.org/abs/1412.6980",
    build: |attributes| {
        Ok(Box::new(Adamax {
            lr: not_negative(attributes, "lr")?,
            betas: two_betas(attributes)?,
            eps: not_negative(attributes, "eps")?,
            weight_decay: not_negative(attributes, "weight_decay")?,
            maximize: attributes.bool("maximize")?,
        }))
    },
};

#[derive(Debug)]
struct Adamax {
    lr: f64,
    betas: [f64; 2],
    eps: f64,
    weight_decay: f64,
    maximize: bool,
}

impl Optimizer for Adamax {
    fn def(&self) -> &'static OptimizerDef {
        &DEF
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn states(&self, shape: &[usize]) -> Vec<State> {
        vec![State::like("exp_avg", shape), State::like("exp_inf", shape)]
    }

    fn begin(&mut self, step: Step) -> Factors {
        let [own, beta2] = self.betas;
        let beta1 = step.momentum.unwrap_or(own);
        let lr = step.lr / (1.0 - step.power(beta1));
        Factors::new([step.scale(self.maximize), self.weight_decay, beta1, 1.0 - beta1, beta2, lr, self.eps])
    }

    fn follow_momentum(&mut self) -> bool {
        true
    }
}

impl<T: Real> Update<T> for Adamax {
    fn update(&self, factors: &Factors, part: Part<'_, T>) {
        let [scale, decay, keep, take, keep_largest, lr, eps] = factors.read();
        let decays = self.weight_decay != 0.0;
        let [exp_avg, exp_inf, _] = part.states;
        sweep::with_two(part.param, part.grad, [exp_avg, exp_inf], |p, g, m, u| {
            let g = if decays { g * scale + decay * *p } else { g * scale };
            *m = keep * *m + take * g;
            *u = (keep_largest * *u).maximum(g.abs() + eps);
            *p -= lr * *m / *u;
        });
    }
}
