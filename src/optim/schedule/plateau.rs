//! `plateau` and PyTorch's `ReduceLROnPlateau`: a smaller learning rate once the loss has stopped falling.

use super::{Rates, Schedule};
use crate::ops::{AttributeError, Attributes, Literal, Parameter, Type};
use crate::optim::ScheduleDef;
use crate::optim::def::{count, float, int, not_negative, within};

pub(super) static DEF: ScheduleDef = ScheduleDef {
    name: "plateau",
    summary: "A smaller learning rate once the loss has stopped falling.",
    formula: "once an epoch, of the loss on the data for validation, or of training where there is none: \
              after more than `patience` epochs without a new best, lr ← max(lr factor, min_lr)",
    parameters: &[
        Parameter::attribute(
            "mode",
            Type::Word(&["min", "max"]),
            Literal::Str("min"),
            "Whether small or large values are good.",
        ),
        float("factor", 0.1, "What the learning rate is multiplied by."),
        int("patience", 10, "How many epochs without a new best are let pass."),
        float("threshold", 1e-4, "By how much a new best must be better."),
        Parameter::attribute(
            "threshold_mode",
            Type::Word(&["rel", "abs"]),
            Literal::Str("rel"),
            "Whether the threshold is a part of the best or a difference.",
        ),
        int("cooldown", 0, "How many epochs after a reduction don't count."),
        float("min_lr", 0.0, "The least learning rate."),
        float("eps", 1e-8, "Reductions by less aren't made."),
    ],
    torch: "",
    paper: "",
    build: |attributes| Ok(Box::new(Plateau { def: &DEF, ..Plateau::new(attributes)? })),
};

pub(super) static TORCH: ScheduleDef = ScheduleDef {
    name: "ReduceLROnPlateau",
    torch: "torch.optim.lr_scheduler.ReduceLROnPlateau",
    build: |attributes| Ok(Box::new(Plateau { def: &TORCH, ..Plateau::new(attributes)? })),
    ..DEF
};

#[derive(Debug)]
struct Plateau {
    def: &'static ScheduleDef,
    larger: bool,
    factor: f64,
    patience: f64,
    threshold: f64,
    relative: bool,
    cooldown: f64,
    min_lr: f64,
    eps: f64,
    /// Infinite until an epoch has been.
    best: f64,
    bad_epochs: f64,
    cooling: f64,
    /// Infinite until it is reduced.
    lr: f64,
}

impl Plateau {
    fn new(attributes: &Attributes) -> Result<Self, AttributeError> {
        let larger = attributes.word("mode")? == "max";
        Ok(Self {
            def: &DEF,
            larger,
            factor: within(attributes, "factor", 0.0, 1.0 - f64::EPSILON, "at least 0 and below 1")?,
            patience: count(attributes, "patience", 0)? as f64,
            threshold: not_negative(attributes, "threshold")?,
            relative: attributes.word("threshold_mode")? == "rel",
            cooldown: count(attributes, "cooldown", 0)? as f64,
            min_lr: not_negative(attributes, "min_lr")?,
            eps: not_negative(attributes, "eps")?,
            best: if larger { f64::NEG_INFINITY } else { f64::INFINITY },
            bad_epochs: 0.0,
            cooling: 0.0,
            lr: f64::INFINITY,
        })
    }

    fn is_better(&self, value: f64) -> bool {
        let sign = if self.larger { 1.0 } else { -1.0 };
        let wanted =
            if self.relative { self.best * (1.0 + sign * self.threshold) } else { self.best + sign * self.threshold };
        if self.larger { value > wanted } else { value < wanted }
    }
}

impl Schedule for Plateau {
    fn def(&self) -> &'static ScheduleDef {
        self.def
    }

    fn rates(&self, _step: u64, _total: u64, lr: f64) -> Rates {
        Rates::lr(lr.min(self.lr))
    }

    fn observe(&mut self, loss: f64, lr: f64) {
        if self.is_better(loss) {
            self.best = loss;
            self.bad_epochs = 0.0;
        } else {
            self.bad_epochs += 1.0;
        }
        if self.cooling > 0.0 {
            self.cooling -= 1.0;
            self.bad_epochs = 0.0;
        }
        if self.bad_epochs > self.patience {
            let old = lr.min(self.lr);
            let new = (old * self.factor).max(self.min_lr);
            if old - new > self.eps {
                self.lr = new;
            }
            self.cooling = self.cooldown;
            self.bad_epochs = 0.0;
        }
    }

    fn carried(&mut self) -> Vec<(&'static str, &mut f64)> {
        vec![
            ("best", &mut self.best),
            ("num_bad_epochs", &mut self.bad_epochs),
            ("cooldown_counter", &mut self.cooling),
            ("last_lr", &mut self.lr),
        ]
    }
}
