//! `SGD`: stochastic gradient descent, with momentum if wanted.

use super::contract::{Factors, Optimizer, Part, State, Step, Update};
use super::def::{MAXIMIZE, WEIGHT_DECAY, flag, float, must_be, not_negative};
use super::{OptimizerDef, Real, sweep};
use crate::ops::Value;

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "SGD",
    summary: "Stochastic gradient descent, with momentum if wanted.",
    formula: "g = ∇ + weight_decay θ\n\
              b ← momentum b + (1 - dampening) g; b ← g at the first step\n\
              θ ← θ - lr b; with nesterov θ ← θ - lr (g + momentum b)",
    parameters: &[
        float("lr", 1e-3, "The learning rate."),
        float("momentum", 0.0, "How much of the last step's direction is kept."),
        float("dampening", 0.0, "How much of the gradient is kept out of the momentum."),
        WEIGHT_DECAY,
        flag("nesterov", false, "Whether the gradient is taken ahead of the momentum."),
        MAXIMIZE,
    ],
    torch: "torch.optim.SGD",
    paper: "",
    build: |attributes| {
        let sgd = Sgd {
            lr: not_negative(attributes, "lr")?,
            momentum: not_negative(attributes, "momentum")?,
            dampening: attributes.float("dampening")?,
            weight_decay: not_negative(attributes, "weight_decay")?,
            nesterov: attributes.bool("nesterov")?,
            maximize: attributes.bool("maximize")?,
            scheduled: false,
        };
        if sgd.nesterov && (sgd.momentum == 0.0 || sgd.dampening != 0.0) {
            let words = "`false` without momentum or with dampening";
            return Err(must_be("nesterov", words, &Value::Bool(true)));
        }
        Ok(Box::new(sgd))
    },
};

#[derive(Debug)]
struct Sgd {
    lr: f64,
    momentum: f64,
    dampening: f64,
    weight_decay: f64,
    nesterov: bool,
    maximize: bool,
    /// The momentum comes from the schedule.
    scheduled: bool,
}

impl Sgd {
    fn has_momentum(&self) -> bool {
        self.momentum != 0.0 || self.scheduled
    }
}

impl Optimizer for Sgd {
    fn def(&self) -> &'static OptimizerDef {
        &DEF
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn states(&self, shape: &[usize]) -> Vec<State> {
        if self.has_momentum() { vec![State::like("momentum_buffer", shape)] } else { Vec::new() }
    }

    fn begin(&mut self, step: Step) -> Factors {
        let momentum = step.momentum.unwrap_or(self.momentum);
        // The first gradient is the momentum as it is, not dampened.
        let (keep, take) = if step.number <= 1 { (0.0, 1.0) } else { (momentum, 1.0 - self.dampening) };
        Factors::new([step.scale(self.maximize), self.weight_decay, step.lr, momentum, keep, take])
    }

    fn follow_momentum(&mut self) -> bool {
        self.scheduled = true;
        true
    }
}

impl<T: Real> Update<T> for Sgd {
    fn update(&self, factors: &Factors, part: Part<'_, T>) {
        let [scale, decay, lr, momentum, keep, take] = factors.read();
        let decays = self.weight_decay != 0.0;
        let gradient = |p: T, g: T| if decays { g * scale + decay * p } else { g * scale };
        if !self.has_momentum() {
            return sweep::with_none(part.param, part.grad, |p, g| *p -= lr * gradient(*p, g));
        }
        let [buffer, ..] = part.states;
        if self.nesterov {
            sweep::with_one(part.param, part.grad, buffer, |p, g, b| {
                let g = gradient(*p, g);
                *b = keep * *b + take * g;
                *p -= lr * (g + momentum * *b);
            });
        } else {
            sweep::with_one(part.param, part.grad, buffer, |p, g, b| {
                *b = keep * *b + take * gradient(*p, g);
                *p -= lr * *b;
            });
        }
    }
}
