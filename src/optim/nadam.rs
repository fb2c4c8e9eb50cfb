//! `NAdam`: `Adam` with Nesterov's momentum.

use super::contract::{Factors, Optimizer, Part, State, Step, Update};
use super::def::{BETAS, DECOUPLED, EPS, MAXIMIZE, WEIGHT_DECAY, float, not_negative, two_betas};
use super::{OptimizerDef, Real, sweep};

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "NAdam",
    summary: "`Adam` with Nesterov's momentum.",
    formula: "g = ∇ + weight_decay θ\n\
              m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², v̂ = v / (1 - β₂ᵗ)\n\
              μₜ = β₁ (1 - 0.96^(t momentum_decay) / 2)\n\
              θ ← θ - lr (μₜ₊₁ m / (1 - μ₁…μₜ₊₁) + (1 - μₜ) g / (1 - μ₁…μₜ)) / (√v̂ + eps)",
    parameters: &[
        float("lr", 2e-3, "The learning rate."),
        BETAS,
        EPS,
        WEIGHT_DECAY,
        float("momentum_decay", 4e-3, "How fast the momentum rises to the first of `betas`."),
        DECOUPLED,
        MAXIMIZE,
    ],
    torch: "torch.optim.NAdam",
    paper: "https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
    build: |attributes| {
        Ok(Box::new(NAdam {
            lr: not_negative(attributes, "lr")?,
            betas: two_betas(attributes)?,
            eps: not_negative(attributes, "eps")?,
            weight_decay: not_negative(attributes, "weight_decay")?,
            momentum_decay: not_negative(attributes, "momentum_decay")?,
            decoupled: attributes.bool("decoupled_weight_decay")?,
            maximize: attributes.bool("maximize")?,
            mu_product: 1.0,
        }))
    },
};

#[derive(Debug)]
struct NAdam {
    lr: f64,
    betas: [f64; 2],
    eps: f64,
    weight_decay: f64,
    momentum_decay: f64,
    decoupled: bool,
    maximize: bool,
    /// μ₁…μₜ
    mu_product: f64,
}

impl Optimizer for NAdam {
    fn def(&self) -> &'static OptimizerDef {
        &DEF
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn states(&self, shape: &[usize]) -> Vec<State> {
        vec![State::like("exp_avg", shape), State::like("exp_avg_sq", shape)]
    }

    fn begin(&mut self, step: Step) -> Factors {
        let [own, beta2] = self.betas;
        let beta1 = step.momentum.unwrap_or(own);
        let mu_at = |t: f64| beta1 * (1.0 - 0.5 * 0.96f64.powf(t * self.momentum_decay));
        let (mu, next) = (mu_at(step.number as f64), mu_at(step.number as f64 + 1.0));
        self.mu_product *= mu;
        let (decay, kept) =
            if self.decoupled { (0.0, 1.0 - step.lr * self.weight_decay) } else { (self.weight_decay, 1.0) };
        Factors::new([
            step.scale(self.maximize),
            decay,
            kept,
            beta1,
            beta2,
            1.0 / (1.0 - step.power(beta2)),
            self.eps,
            step.lr * (1.0 - mu) / (1.0 - self.mu_product),
            step.lr * next / (1.0 - self.mu_product * next),
        ])
    }

    fn follow_momentum(&mut self) -> bool {
        true
    }

    fn carried(&mut self) -> Option<(&'static str, &mut f64)> {
        Some(("mu_product", &mut self.mu_product))
    }
}

impl<T: Real> Update<T> for NAdam {
    fn update(&self, factors: &Factors, part: Part<'_, T>) {
        let [scale, decay, kept, beta1, beta2, correction, eps, by_gradient, by_average] = factors.read();
        let (take1, take2) = (T::one() - beta1, T::one() - beta2);
        let decays = self.weight_decay != 0.0 && !self.decoupled;
        let [exp_avg, exp_avg_sq, _] = part.states;
        sweep::with_two(part.param, part.grad, [exp_avg, exp_avg_sq], |p, g, m, v| {
            let g = if decays { g * scale + decay * *p } else { g * scale };
            *m = beta1 * *m + take1 * g;
            *v = beta2 * *v + take2 * g * g;
            let denominator = (*v * correction).sqrt() + eps;
            *p = *p * kept - (by_gradient * g + by_average * *m) / denominator;
        });
    }
}
