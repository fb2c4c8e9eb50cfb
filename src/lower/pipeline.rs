//! Pipelines: stages one after another, each perhaps several times.

use super::body::Lowering;
use super::calls::CallSite;
use super::errors::LowerError;
use super::scope::{Item, Unit};
use crate::diag::{label, primary};
use crate::ops::Value;
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, Stage, StageKind};

impl Lowering<'_> {
    /// A pipeline, from the value on its left.
    pub(super) fn stages(&mut self, head: Item, head_span: Span, stages: &[Stage], results: Option<usize>) -> Item {
        let (mut item, mut span) = (head, head_span);
        for (index, stage) in stages.iter().enumerate() {
            let results = results.filter(|_| index + 1 == stages.len());
            let times = match &stage.repeat {
                None => 1,
                Some(count) => match self.count(count) {
                    Some(times) => times,
                    None => return Item::Unknown,
                },
            };
            if times > 1 && !self.can_repeat(times, stage) {
                return Item::Unknown;
            }
            let before = self.spent();
            for round in 0..times {
                if let Item::Results(values) = &item {
                    let message = format!("this has {} results, and the next stage takes one", values.len());
                    let labels = vec![primary(span, "all of its results stand here")];
                    let help = Some("pick one, `f(x)[0]`, or name them: `a, b = f(x)`".to_owned());
                    self.report(LowerError::ResultCount { message, labels, help });
                    return Item::Unknown;
                }
                item = match &stage.kind {
                    StageKind::Call { callee, arguments } => {
                        self.call(callee, CallSite { arguments, first: Some((item, span)), span: stage.span, results })
                    }
                    StageKind::Group(inner) => self.stages(item, span, inner, results),
                };
                span = stage.span;
                if matches!(item, Item::Unknown) || self.full {
                    return Item::Unknown;
                }
                let round_costs = self.spent() - before;
                if round == 0 {
                    if round_costs == 0 {
                        // Nothing was computed, so nothing more would be.
                        break;
                    }
                    if times > 1 && !self.can_spend(round_costs.saturating_mul(times - 1), stage.span) {
                        return Item::Unknown;
                    }
                }
            }
            span = head_span.to(stage.span);
        }
        item
    }

    /// How many elements, rounds or repeats there are.
    pub(super) fn count(&mut self, count: &Expr) -> Option<u64> {
        let value = self.constant(count)?;
        if let Value::Int(dim) = &value {
            if let Some(times) = dim.as_const().and_then(|times| u64::try_from(times).ok()) {
                return Some(times);
            }
            if let Some(symbol) = dim.symbols().first() {
                let place = self.places.symbols.get(symbol.id as usize).copied().unwrap_or(count.span);
                self.report(LowerError::UnsetArgument {
                    name: symbol.name.to_string(),
                    labels: vec![primary(count.span, "the count"), label(place, "without a value")],
                    help: Some(format!("set it with `--set {0}=…`, or give it a default: `{0} = 3`", symbol.name)),
                });
                return None;
            }
        }
        self.report(LowerError::Constant {
            message: format!("a count is an integer of at least 0, and this is {value}"),
            labels: vec![primary(count.span, "here")],
            help: None,
        });
        None
    }

    /// The fewest calls that one round of a stage makes, without making any.
    fn least(&self, stage: &Stage) -> u64 {
        let once = match &stage.kind {
            StageKind::Call { .. } => 1,
            StageKind::Group(inner) => inner.iter().fold(0u64, |sum, stage| sum.saturating_add(self.least(stage))),
        };
        let times = match &stage.repeat {
            None => 1,
            Some(count) => {
                let value = self.quiet_constant(count).and_then(|value| value.as_int());
                value.and_then(|value| u64::try_from(value).ok()).unwrap_or(1)
            }
        };
        once.saturating_mul(times)
    }

    /// Whether a repeated stage keeps to the limit, as far as can be told before it is unrolled.
    fn can_repeat(&mut self, times: u64, stage: &Stage) -> bool {
        let is_identity = |unit: &Unit| matches!(unit, Unit::Many(many) if many.parts.is_empty());
        if let StageKind::Call { callee, .. } = &stage.kind
            && let ExprKind::Name(name) = &callee.kind
            && self.scope.unit(name).is_some_and(|unit| is_identity(&unit))
        {
            return true;
        }
        let least = self.least(stage);
        if least <= self.limit.max(1) || times <= 1 {
            return true;
        }
        self.can_spend(least, stage.span)
    }
}
