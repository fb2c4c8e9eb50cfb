//! `one_cycle`, up to the optimizer's learning rate and far below it over the whole run, and PyTorch's `OneCycleLR`. The
//! momentum goes the other way.

use super::cosine::fall;
use super::{Rates, Schedule};
use crate::ops::{AttributeError, Attributes, Literal, Parameter, Type, Value};
use crate::optim::ScheduleDef;
use crate::optim::def::{count, flag, float, must_be, not_negative, within};

const PCT_START: Parameter = float("pct_start", 0.3, "The part of the run in which the learning rate rises.");
const STRATEGY: Parameter = Parameter::attribute(
    "anneal_strategy",
    Type::Word(&["cos", "linear"]),
    Literal::Str("cos"),
    "Along half a wave or a straight line.",
);
const CYCLE_MOMENTUM: Parameter =
    flag("cycle_momentum", true, "Whether the momentum, or the first of `betas`, falls as the learning rate rises.");
const BASE_MOMENTUM: Parameter = float("base_momentum", 0.85, "The least momentum.");
const MAX_MOMENTUM: Parameter = float("max_momentum", 0.95, "The largest momentum.");
const DIV_FACTOR: Parameter = float("div_factor", 25.0, "The largest learning rate divided by the first.");
const FINAL_DIV_FACTOR: Parameter = float("final_div_factor", 1e4, "The first learning rate divided by the last.");
const THREE_PHASE: Parameter =
    flag("three_phase", false, "Whether it falls to the first learning rate, and only then to the last.");

pub(super) static DEF: ScheduleDef = ScheduleDef {
    name: "one_cycle",
    summary: "Up to the optimizer's learning rate, then far below it, over the whole run.",
    formula: "from lr / div_factor at s = 0 to lr at s = pct_start total - 1, to lr / div_factor / final_div_factor at the last",
    parameters: &[
        PCT_START,
        STRATEGY,
        CYCLE_MOMENTUM,
        BASE_MOMENTUM,
        MAX_MOMENTUM,
        DIV_FACTOR,
        FINAL_DIV_FACTOR,
        THREE_PHASE,
    ],
    torch: "",
    paper: "https://arxiv.org/abs/1708.07120",
    build: |attributes| Ok(Box::new(OneCycle::new(&DEF, attributes, None, None)?)),
};

pub(super) static TORCH: ScheduleDef = ScheduleDef {
    name: "OneCycleLR",
    summary: "Up to a learning rate, then far below it.",
    formula: "from max_lr / div_factor at s = 0 to max_lr at s = pct_start total_steps - 1, \
              to max_lr / div_factor / final_div_factor at the last",
    parameters: &[
        Parameter::required("max_lr", Type::Float, "The largest learning rate, in place of the optimizer's."),
        Parameter::attribute(
            "total_steps",
            Type::Int,
            Literal::None,
            "The number of steps; those of the run if neither this nor the two below are given.",
        ),
        Parameter::attribute("epochs", Type::Int, Literal::None, "The number of epochs, in place of `total_steps`."),
        Parameter::attribute("steps_per_epoch", Type::Int, Literal::None, "The number of steps of each."),
        PCT_START,
        STRATEGY,
        CYCLE_MOMENTUM,
        BASE_MOMENTUM,
        MAX_MOMENTUM,
        DIV_FACTOR,
        FINAL_DIV_FACTOR,
        THREE_PHASE,
    ],
    torch: "torch.optim.lr_scheduler.OneCycleLR",
    paper: "https://arxiv.org/abs/1708.07120",
    build: |attributes| {
        let given = |name| attributes.get(name).is_some_and(|value| *value != Value::None);
        let steps = match (given("total_steps"), given("epochs"), given("steps_per_epoch")) {
            (true, ..) => Some(count(attributes, "total_steps", 1)?),
            (_, false, false) => None,
            (_, true, true) => {
                Some(count(attributes, "epochs", 1)?.saturating_mul(count(attributes, "steps_per_epoch", 1)?))
            }
            (_, true, false) => return Err(must_be("steps_per_epoch", "given with `epochs`", &Value::None)),
            (_, false, true) => return Err(must_be("epochs", "given with `steps_per_epoch`", &Value::None)),
        };
        let max_lr = not_negative(attributes, "max_lr")?;
        Ok(Box::new(OneCycle::new(&TORCH, attributes, Some(max_lr), steps)?))
    },
};

#[derive(Debug)]
struct OneCycle {
    def: &'static ScheduleDef,
    /// The optimizer's if `None`.
    max_lr: Option<f64>,
    /// Those of the run if `None`.
    steps: Option<u64>,
    pct_start: f64,
    straight: bool,
    /// The least and the largest.
    momentum: Option<[f64; 2]>,
    div_factor: f64,
    final_div_factor: f64,
    three_phase: bool,
}

impl OneCycle {
    fn new(
        def: &'static ScheduleDef,
        attributes: &Attributes,
        max_lr: Option<f64>,
        steps: Option<u64>,
    ) -> Result<Self, AttributeError> {
        let momentum = |name| within(attributes, name, 0.0, 1.0 - f64::EPSILON, "at least 0 and below 1");
        let divisor = |name| within(attributes, name, f64::MIN_POSITIVE, f64::MAX, "above 0");
        let range = [momentum("base_momentum")?, momentum("max_momentum")?];
        Ok(Self {
            def,
            max_lr,
            steps,
            pct_start: within(attributes, "pct_start", 0.0, 1.0, "between 0 and 1")?,
            straight: attributes.word("anneal_strategy")? == "linear",
            momentum: attributes.bool("cycle_momentum")?.then_some(range),
            div_factor: divisor("div_factor")?,
            final_div_factor: divisor("final_div_factor")?,
            three_phase: attributes.bool("three_phase")?,
        })
    }

    fn between(&self, from: f64, to: f64, done: f64) -> f64 {
        if self.straight { from + (to - from) * done } else { fall(from, to, done) }
    }
}

impl Schedule for OneCycle {
    fn def(&self) -> &'static ScheduleDef {
        self.def
    }

    fn sets_momentum(&self) -> bool {
        self.momentum.is_some()
    }

    fn rates(&self, step: u64, total: u64, lr: f64) -> Rates {
        let total = self.steps.unwrap_or(total).max(1) as f64;
        let max = self.max_lr.unwrap_or(lr);
        let first = max / self.div_factor;
        let last = first / self.final_div_factor;
        let [low, high] = self.momentum.unwrap_or_default();
        let rise = self.pct_start * total - 1.0;
        // The step that a phase ends with; learning rate and momentum there.
        let phases = if self.three_phase {
            [(rise, max, low), (2.0 * rise, first, high), (total - 1.0, last, high)]
        } else {
            [(rise, max, low), (total - 1.0, last, high), (total - 1.0, last, high)]
        };
        let step = (step as f64).min(total - 1.0);
        let (mut start, mut from) = (0.0, (first, high));
        let mut rates = Rates { lr: last, momentum: self.momentum.map(|_| high) };
        for (index, (end, lr, momentum)) in phases.into_iter().enumerate() {
            if step <= end || index + 1 == phases.len() {
                let length = end - start;
                let done = if length == 0.0 { 1.0 } else { (step - start) / length };
                rates.lr = self.between(from.0, lr, done);
                rates.momentum = self.momentum.map(|_| self.between(from.1, momentum, done));
                break;
            }
            (start, from) = (end, (lr, momentum));
        }
        rates
    }
}
