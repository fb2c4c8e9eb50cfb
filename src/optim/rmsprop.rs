//! `RMSprop`: gradients divided by the root of a running average of their squares.

use super::contract::{Factors, Optimizer, Part, State, Step, Update};
use super::def::{EPS, MAXIMIZE, WEIGHT_DECAY, flag, float, not_negative};
use super::{OptimizerDef, Real, sweep};

pub(super) static DEF: OptimizerDef = OptimizerDef {
    name: "RMSprop",
    summary: "Divides gradients by the root of a running average of their squares.",
    formula: "g = ∇ + weight_decay θ\n\
              v ← alpha v + (1 - alpha) g²\n\
              b ← momentum b + g / (√v + eps); centered v - a² in place of v, a ← alpha a + (1 - alpha) g\n\
              θ ← θ - lr b",
    parameters: &[
        float("lr", 1e-2, "The learning rate."),
        float("alpha", 0.99, "How much of the running average stays in a step."),
        EPS,
        WEIGHT_DECAY,
        float("momentum", 0.0, "How much of the last step's direction is kept."),
        flag("centered", false, "Whether the variance of the gradient is the denominator."),
        MAXIMIZE,
    ],
    torch: "torch.optim.RMSprop",
    paper: "https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf",
    build: |attributes| {
        Ok(Box::new(RmsProp {
            lr: not_negative(attributes, "lr")?,
            alpha: not_negative(attributes, "alpha")?,
            eps: not_negative(attributes, "eps")?,
            weight_decay: not_negative(attributes, "weight_decay")?,
            momentum: not_negative(attributes, "momentum")?,
            centered: attributes.bool("centered")?,
            maximize: attributes.bool("maximize")?,
            scheduled: false,
        }))
    },
};

#[derive(Debug)]
struct RmsProp {
    lr: f64,
    alpha: f64,
    eps: f64,
    weight_decay: f64,
    momentum: f64,
    centered: bool,
    maximize: bool,
    /// The momentum comes from the schedule.
    scheduled: bool,
}

impl RmsProp {
    fn has_momentum(&self) -> bool {
        self.momentum > 0.0 || self.scheduled
    }
}

impl Optimizer for RmsProp {
    fn def(&self) -> &'static OptimizerDef {
        &DEF
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn states(&self, shape: &[usize]) -> Vec<State> {
        let names =
            [Some("square_avg"), self.has_momentum().then_some("momentum_buffer"), self.centered.then_some("grad_avg")];
        names.into_iter().flatten().map(|name| State::like(name, shape)).collect()
    }

    fn begin(&mut self, step: Step) -> Factors {
        let momentum = step.momentum.unwrap_or(self.momentum);
        let (scale, alpha) = (step.scale(self.maximize), self.alpha);
        Factors::new([scale, self.weight_decay, alpha, 1.0 - alpha, self.eps, momentum, step.lr])
    }

    fn follow_momentum(&mut self) -> bool {
        self.scheduled = true;
        true
    }
}

impl<T: Real> Update<T> for RmsProp {
    fn update(&self, factors: &Factors, part: Part<'_, T>) {
        let [scale, decay, keep, take, eps, momentum, lr] = factors.read();
        let decays = self.weight_decay != 0.0;
        let square = |p: T, g: T, v: &mut T| {
            let g = if decays { g * scale + decay * p } else { g * scale };
            *v = keep * *v + take * g * g;
            g
        };
        let variance = |g: T, v: T, a: &mut T| {
            *a = keep * *a + take * g;
            v - *a * *a
        };
        let (param, grad) = (part.param, part.grad);
        let [square_avg, second, third] = part.states;
        match (self.has_momentum(), self.centered) {
            (false, false) => sweep::with_one(param, grad, square_avg, |p, g, v| {
                let g = square(*p, g, v);
                *p -= lr * g / (v.sqrt() + eps);
            }),
            (false, true) => sweep::with_two(param, grad, [square_avg, second], |p, g, v, a| {
                let g = square(*p, g, v);
                *p -= lr * g / (variance(g, *v, a).sqrt() + eps);
            }),
            (true, false) => sweep::with_two(param, grad, [square_avg, second], |p, g, v, b| {
                let g = square(*p, g, v);
                *b = momentum * *b + g / (v.sqrt() + eps);
                *p -= lr * *b;
            }),
            (true, true) => sweep::with_three(param, grad, [square_avg, second, third], |p, g, [v, b, a]| {
                let g = square(*p, g, v);
                *b = momentum * *b + g / (variance(g, *v, a).sqrt() + eps);
                *p -= lr * *b;
            }),
        }
    }
}
