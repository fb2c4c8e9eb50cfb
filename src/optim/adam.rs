//! `Adam`: steps by running averages of the gradient and of its square. `AdamW` is the same with other defaults.

use super::contract::{Factors, Optimizer, Part, State, Step, Update};
use super::def::{BETAS, DECOUPLED, EPS, MAXIMIZE, WEIGHT_DECAY, flag, float, not_negative, two_betas};
use super::{OptimizerDef, Real, sweep};
use crate::ops::{AttributeError, Attributes, Parameter};

pub(super) const LR: Parameter = float("lr", 1e-3, "The learning rate.");
pub(super) const AMSGRAD: Parameter =
    flag("amsgrad", false, "Whether the largest average of the squares so far is the denominator.");

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "Adam",
    summary: "Steps by running averages of the gradient and of its square.",
    formula: "g = ∇ + weight_decay θ\n\
              m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g²\n\
              m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ)\n\
              θ ← θ - lr m̂ / (√v̂ + eps)",
    parameters: &[LR, BETAS, EPS, WEIGHT_DECAY, AMSGRAD, MAXIMIZE, DECOUPLED],
    torch: "torch.optim.Adam",
    paper: "https://arxiv.org/abs/1412.6980",
    build: |attributes| Ok(Box::new(Adam::new(&DEF, attributes, attributes.bool("decoupled_weight_decay")?)?)),
};

#[derive(Debug)]
pub(super) struct Adam {
    def: &'static OptimizerDef,
    lr: f64,
    betas: [f64; 2],
    eps: f64,
    weight_decay: f64,
    decoupled: bool,
    amsgrad: bool,
    maximize: bool,
}

impl Adam {
    pub(super) fn new(
        def: &'static OptimizerDef,
        attributes: &Attributes,
        decoupled: bool,
    ) -> Result<Self, AttributeError> {
        Ok(Self {
            def,
            lr: not_negative(attributes, "lr")?,
            betas: two_betas(attributes)?,
            eps: not_negative(attributes, "eps")?,
            weight_decay: not_negative(attributes, "weight_decay")?,
            decoupled,
            amsgrad: attributes.bool("amsgrad")?,
            maximize: attributes.bool("maximize")?,
        })
    }
}

impl Optimizer for Adam {
    fn def(&self) -> &'static OptimizerDef {
        self.def
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn states(&self, shape: &[usize]) -> Vec<State> {
        let names = ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"];
        let count = if self.amsgrad { 3 } else { 2 };
        names.iter().take(count).map(|name| State::like(name, shape)).collect()
    }

    fn begin(&mut self, step: Step) -> Factors {
        let [own, beta2] = self.betas;
        let beta1 = step.momentum.unwrap_or(own);
        let (decay, kept) =
            if self.decoupled { (0.0, 1.0 - step.lr * self.weight_decay) } else { (self.weight_decay, 1.0) };
        Factors::new([
            step.scale(self.maximize),
            decay,
            kept,
            beta1,
            1.0 - beta1,
            beta2,
            1.0 - beta2,
            step.lr / (1.0 - step.power(beta1)),
            1.0 / (1.0 - step.power(beta2)).sqrt(),
            self.eps,
        ])
    }

    fn follow_momentum(&mut self) -> bool {
        true
    }
}

impl<T: Real> Update<T> for Adam {
    fn update(&self, factors: &Factors, part: Part<'_, T>) {
        let [scale, decay, kept, keep1, take1, keep2, take2, lr, correction, eps] = factors.read();
        let decays = self.weight_decay != 0.0 && !self.decoupled;
        let averages = |p: &mut T, g: T, m: &mut T, v: &mut T| {
            let g = if decays { g * scale + decay * *p } else { g * scale };
            *p *= kept;
            *m = keep1 * *m + take1 * g;
            *v = keep2 * *v + take2 * g * g;
        };
        let [exp_avg, exp_avg_sq, largest] = part.states;
        if self.amsgrad {
            sweep::with_three(part.param, part.grad, [exp_avg, exp_avg_sq, largest], |p, g, [m, v, largest]| {
                averages(p, g, m, v);
                *largest = largest.maximum(*v);
                *p -= lr * *m / (largest.sqrt() * correction + eps);
            });
        } else {
            sweep::with_two(part.param, part.grad, [exp_avg, exp_avg_sq], |p, g, m, v| {
                averages(p, g, m, v);
                *p -= lr * *m / (v.sqrt() * correction + eps);
            });
        }
    }
}
