//! `RAdam`: `Adam` that divides by the averages of the squares only once they can be trusted.

use super::contract::{Factors, Optimizer, Part, State, Step, Update};
use super::def::{BETAS, DECOUPLED, EPS, MAXIMIZE, WEIGHT_DECAY, float, not_negative, two_betas};
use super::{OptimizerDef, Real, sweep};

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "RAdam",
    summary: "`Adam` that divides by the averages of the squares only once they can be trusted.",
    formula: "g = ∇ + weight_decay θ\n\
              m ← β₁ m + (1 - β₁) g, v ← β₂ v + (1 - β₂) g², m̂ = m / (1 - β₁ᵗ)\n\
              ρ∞ = 2 / (1 - β₂) - 1, ρ = ρ∞ - 2 t β₂ᵗ / (1 - β₂ᵗ)\n\
              if ρ > 5: θ ← θ - lr m̂ r √(1 - β₂ᵗ) / (√v + eps), r² = (ρ - 4) (ρ - 2) ρ∞ / ((ρ∞ - 4) (ρ∞ - 2) ρ)\n\
              else: θ ← θ - lr m̂",
    parameters: &[float("lr", 1e-3, "The learning rate."), BETAS, EPS, WEIGHT_DECAY, DECOUPLED, MAXIMIZE],
    torch: "torch.optim.RAdam",
    paper: "https://arxiv.org/abs/1908.03265",
    build: |attributes| {
        Ok(Box::new(RAdam {
            lr: not_negative(attributes, "lr")?,
            betas: two_betas(attributes)?,
            eps: not_negative(attributes, "eps")?,
            weight_decay: not_negative(attributes, "weight_decay")?,
            decoupled: attributes.bool("decoupled_weight_decay")?,
            maximize: attributes.bool("maximize")?,
        }))
    },
};

#[derive(Debug)]
struct RAdam {
    lr: f64,
    betas: [f64; 2],
    eps: f64,
    weight_decay: f64,
    decoupled: bool,
    maximize: bool,
}

impl Optimizer for RAdam {
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
        let limit = 2.0 / (1.0 - beta2) - 1.0;
        let (power, bias) = (step.power(beta2), 1.0 - step.power(beta2));
        let length = limit - 2.0 * step.number as f64 * power / bias;
        let lr = step.lr / (1.0 - step.power(beta1));
        let (lr, trusted) = if length > 5.0 {
            let rectified = (length - 4.0) * (length - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * length);
            (lr * rectified.sqrt() * bias.sqrt(), 1.0)
        } else {
            (lr, 0.0)
        };
        let (decay, kept) =
            if self.decoupled { (0.0, 1.0 - step.lr * self.weight_decay) } else { (self.weight_decay, 1.0) };
        Factors::new([step.scale(self.maximize), decay, kept, beta1, beta2, lr, self.eps, trusted])
    }

    fn follow_momentum(&mut self) -> bool {
        true
    }
}

impl<T: Real> Update<T> for RAdam {
    fn update(&self, factors: &Factors, part: Part<'_, T>) {
        let [scale, decay, kept, beta1, beta2, lr, eps, trusted] = factors.read();
        let (take1, take2) = (T::one() - beta1, T::one() - beta2);
        let decays = self.weight_decay != 0.0 && !self.decoupled;
        let averages = |p: &mut T, g: T, m: &mut T, v: &mut T| {
            let g = if decays { g * scale + decay * *p } else { g * scale };
            *p *= kept;
            *m = beta1 * *m + take1 * g;
            *v = beta2 * *v + take2 * g * g;
        };
        let [exp_avg, exp_avg_sq, _] = part.states;
        let states = [exp_avg, exp_avg_sq];
        if trusted == T::zero() {
            sweep::with_two(part.param, part.grad, states, |p, g, m, v| {
                averages(p, g, m, v);
                *p -= lr * *m;
            });
        } else {
            sweep::with_two(part.param, part.grad, states, |p, g, m, v| {
                averages(p, g, m, v);
                *p -= lr * *m / (v.sqrt() + eps);
            });
        }
    }
}
