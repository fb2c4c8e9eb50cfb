//! Pipelines: stages one after another, each perhaps several times.

use super::body::Lowering;
use super::calls::CallSite;
use super::errors::LowerError;
use super::scope::Item;
use crate::diag::{label, primary};
use crate::ops::Value;
use crate::span::Span;
use crate::syntax::ast::{Expr, Stage, StageKind};

impl Lowering<'_> {
    /// A pipeline, from the value on its left. Stages after a mistake are looked at for their own.
    pub(super) fn stages(&mut self, head: Item, head_span: Span, stages: &[Stage], results: Option<usize>) -> Item {
        let (mut item, mut span) = (head, head_span);
        for (index, stage) in stages.iter().enumerate() {
            let results = results.filter(|_| index + 1 == stages.len());
            let times = match &stage.repeat {
                None => 1,
                Some(count) => match self.count(count) {
                    Some(times) => times,
                    None => {
                        item = Item::Unknown;
                        1
                    }
                },
            };
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
                if self.full {
                    return Item::Unknown;
                }
                if matches!(item, Item::Unknown) {
                    break;
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
            self.refuse_input_symbols(dim, "count", count.span)?;
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
}
