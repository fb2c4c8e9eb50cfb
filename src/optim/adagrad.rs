//! `Adagrad`: gradients divided by the root of the sum of all their squares so far.

use super::contract::{Factors, Optimizer, Part, State, Step, Update};
use super::def::{MAXIMIZE, WEIGHT_DECAY, float, not_negative};
use super::{OptimizerDef, Real, sweep};

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "Adagrad",
    summary: "Divides gradients by the root of the sum of all their squares so far.",
    formula: "g = ∇ + weight_decay θ\n\
              s ← s + g²\n\
              θ ← θ - lr / (1 + (t - 1) lr_decay) · g / (√s + eps)",
    parameters: &[
        float("lr", 1e-2, "The learning rate."),
        float("lr_decay", 0.0, "How fast the learning rate falls."),
        WEIGHT_DECAY,
        float("initial_accumulator_value", 0.0, "What the sums start at."),
        float("eps", 1e-10, "What is added to the denominator."),
        MAXIMIZE,
    ],
    torch: "torch.optim.Adagrad",
    paper: "https://jmlr.org/papers/v12/duchi11a.html",
    build: |attributes| {
        Ok(Box::new(Adagrad {
            lr: not_negative(attributes, "lr")?,
            lr_decay: not_negative(attributes, "lr_decay")?,
            weight_decay: not_negative(attributes, "weight_decay")?,
            start: not_negative(attributes, "initial_accumulator_value")?,
            eps: not_negative(attributes, "eps")?,
            maximize: attributes.bool("maximize")?,
        }))
    },
};

#[derive(Debug)]
struct Adagrad {
    lr: f64,
    lr_decay: f64,
    weight_decay: f64,
    start: f64,
    eps: f64,
    maximize: bool,
}

impl Optimizer for Adagrad {
    fn def(&self) -> &'static OptimizerDef {
        &DEF
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn states(&self, shape: &[usize]) -> Vec<State> {
        vec![State { start: self.start, ..State::like("sum", shape) }]
    }

    fn begin(&mut self, step: Step) -> Factors {
        let lr = step.lr / (1.0 + step.number.saturating_sub(1) as f64 * self.lr_decay);
        Factors::new([step.scale(self.maximize), self.weight_decay, lr, self.eps])
    }
}

impl<T: Real> Update<T> for Adagrad {
    fn update(&self, factors: &Factors, part: Part<'_, T>) {
        let [scale, decay, lr, eps] = factors.read();
        let decays = self.weight_decay != 0.0;
        let [sum, ..] = part.states;
        sweep::with_one(part.param, part.grad, sum, |p, g, s| {
            let g = if decays { g * scale + decay * *p } else { g * scale };
            *s += g * g;
            *p -= lr * g / (s.sqrt() + eps);
        });
    }
}
