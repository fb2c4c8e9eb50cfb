//! The statements of a body, one after another, with loops and conditions unrolled.

use super::body::Lowering;
use super::errors::LowerError;
use super::scope::{Declared, Item, Unit};
use crate::diag::{label, primary};
use crate::ir::ValueId;
use crate::ops::Value;
use crate::span::Span;
use crate::syntax::ast::{self, ExprKind, Statement};
use std::collections::HashSet;

impl<'a> Lowering<'a> {
    /// The body of a model.
    pub(super) fn model_body(&mut self, definition: &'a ast::Definition) {
        // Inputs are there before anything is computed, wherever they stand.
        let inputs = self.inputs(&definition.body);
        inputs.into_iter().for_each(|input| self.input(input));
        let dims: Vec<_> = self.model.inputs.iter().flat_map(|input| input.ty.shape.iter().cloned()).collect();
        if self.model.inputs.len() == self.scope.values.len() {
            self.check_symbols(&dims);
        }
        self.statements(&definition.body);
        for (name, value, place) in std::mem::take(&mut self.scope.outputs) {
            self.model.outputs.push((name, value));
            self.places.outputs.push(place);
        }
        if let Some((value, place)) = self.scope.loss.take() {
            self.model.loss = value;
            self.places.loss = Some(place);
        }
    }

    /// Reports a body that gives nothing away.
    pub(super) fn check_results(&mut self, definition: &'a ast::Definition) {
        let broken = definition.body.iter().any(|statement| matches!(statement, Statement::Error(_)));
        if !broken && !gives_results(&definition.body) {
            let labels = vec![primary(definition.name.span, "it computes nothing that can be had")];
            let what = if self.scope.fixed.is_model { "an output nor a loss" } else { "an output" };
            self.report(LowerError::NoOutput { name: definition.name.text.clone(), what, labels });
        }
    }

    pub(super) fn statements(&mut self, body: &'a [Statement]) {
        let alone = self.count_outputs(body) == 1;
        self.run(body, alone);
    }

    /// `alone`: the body has a single output, which needs no name.
    fn run(&mut self, body: &'a [Statement], alone: bool) {
        for statement in body {
            if self.full {
                return;
            }
            match statement {
                Statement::Let(binding) => self.binding(binding),
                Statement::Output(output) => self.output(output, alone),
                Statement::Loss(loss) => self.loss(loss),
                Statement::Assert(assert) => self.assert(assert),
                Statement::For(item) => self.for_loop(item, alone),
                Statement::If(item) => self.condition(item, alone),
                Statement::Input(_)
                | Statement::Storage(_)
                | Statement::Layer(_)
                | Statement::Block(_)
                | Statement::Error(_) => {}
            }
        }
    }

    fn count_outputs(&self, body: &[Statement]) -> usize {
        let count = |statement: &Statement| match statement {
            Statement::Output(output) => output.values.len(),
            Statement::If(item) => match self.quiet_constant(&item.condition) {
                Some(Value::Bool(false)) => self.count_outputs(&item.otherwise),
                _ => self.count_outputs(&item.then),
            },
            _ => 0,
        };
        body.iter().map(count).sum()
    }

    fn condition(&mut self, item: &'a ast::If, alone: bool) {
        let (branch, other) = match self.constant(&item.condition) {
            Some(Value::Bool(true)) => (&item.then, &item.otherwise),
            Some(Value::Bool(false)) => (&item.otherwise, &item.then),
            found => {
                if let Some(found) = found {
                    let message = format!("a condition is a bool, and this is {}", found.describe());
                    let labels = vec![primary(item.condition.span, "here")];
                    self.report(LowerError::Constant { message, labels, help: None });
                }
                self.give_up(&item.then);
                self.give_up(&item.otherwise);
                return;
            }
        };
        let mark = self.scope.fresh.len();
        self.run(branch, alone);
        let mut both = HashSet::new();
        assigned(other, &mut both);
        self.forget(mark, |name| both.contains(name));
    }

    /// What these statements would have bound isn't known; nothing more is said of it.
    fn give_up(&mut self, body: &'a [Statement]) {
        let mut names = HashSet::new();
        assigned(body, &mut names);
        for name in names {
            if !self.scope.fixed.declared.contains_key(name) {
                self.set(name, Item::Unknown);
            }
        }
    }

    /// Forgets the names that were bound since `mark` and weren't before, but those to `keep`.
    fn forget(&mut self, mark: usize, keep: impl Fn(&str) -> bool) {
        for (name, place) in self.scope.fresh.split_off(mark) {
            if keep(&name) {
                self.scope.fresh.push((name, place));
            } else {
                self.scope.values.remove(name.as_str());
                self.scope.inner.insert(name, place);
            }
        }
    }

    fn for_loop(&mut self, item: &'a ast::For, alone: bool) {
        let name = &item.name;
        let fixed = self.scope.fixed.declared.get(&name.text).copied();
        if let Some((declared, place)) = fixed {
            let error = rebound(declared, name, place);
            self.report(error);
            self.give_up(&item.body);
            return;
        }
        let rounds: Option<Vec<Item>> = match &item.over {
            ast::Over::Range(start, end) => self.range(start, end, item.span),
            ast::Over::Each(list) => self.each(list),
        };
        let Some(rounds) = rounds else {
            self.give_up(&item.body);
            return;
        };
        let before = self.spent();
        let count = rounds.len() as u64;
        for (round, value) in rounds.into_iter().enumerate() {
            if !self.spend(1, item.name.span) {
                return;
            }
            let mark = self.scope.fresh.len();
            self.scope.loops.push((name.text.clone(), value, name.span));
            self.run(&item.body, alone);
            self.scope.loops.pop();
            self.forget(mark, |_| false);
            let costs = self.spent() - before;
            if round == 0 && count > 1 && !self.can_spend(costs.saturating_mul(count - 1), item.name.span) {
                return;
            }
        }
    }

    fn range(&mut self, start: &ast::Expr, end: &ast::Expr, span: Span) -> Option<Vec<Item>> {
        let (from, to) = (self.whole(start), self.whole(end));
        let (from, to) = (from?, to?);
        let count = u64::try_from(to.saturating_sub(from)).unwrap_or(0);
        if !self.can_spend(count, span) {
            return None;
        }
        Some((from..to).map(|value| Item::Const(Value::Int(value.into()))).collect())
    }

    /// An integer that is known.
    fn whole(&mut self, expr: &ast::Expr) -> Option<i64> {
        match self.quiet_constant(expr) {
            Some(value) if value.as_int().is_some_and(|value| value < 0) => value.as_int(),
            _ => self.count(expr).map(|count| i64::try_from(count).unwrap_or(i64::MAX)),
        }
    }

    fn each(&mut self, list: &ast::Expr) -> Option<Vec<Item>> {
        match self.expr(list) {
            Item::List(items) => Some(items),
            Item::Const(Value::List(items)) => Some(items.into_iter().map(Item::Const).collect()),
            Item::Unit(Unit::Many(many)) => Some(many.parts.iter().cloned().map(Item::Unit).collect()),
            Item::Results(values) => Some(values.into_iter().map(Item::Value).collect()),
            Item::Unknown | Item::Unit(Unit::Broken) => None,
            _ => {
                self.report(LowerError::Constant {
                    message: "a loop goes over a range, a list or an array of layers".to_owned(),
                    labels: vec![primary(list.span, "this is something else")],
                    help: Some("for example `for i in 0..n`, `for f in blocks`".to_owned()),
                });
                None
            }
        }
    }

    fn binding(&mut self, binding: &'a ast::Binding) {
        let results = (binding.targets.len() > 1).then_some(binding.targets.len());
        let item = self.expr_with(&binding.value, results);
        if let [target] = binding.targets.as_slice() {
            if let Item::Unit(unit) = &item {
                let path = self.unit_path(unit);
                if !matches!(unit, Unit::Broken) {
                    self.report(LowerError::NotAValue {
                        message: format!("`{path}` is a layer, and no value"),
                        labels: vec![primary(binding.value.span, "a value is wanted here")],
                        help: Some(format!("call it, or give it a second name: `layer {} = @{path}`", target.text)),
                    });
                }
                self.bind(target, Item::Unknown);
                return;
            }
            let item = if matches!(&item, Item::Results(values) if values.is_empty()) { Item::Unknown } else { item };
            self.bind(target, item);
            return;
        }
        let items: Vec<Item> = match item {
            Item::Results(values) => values.into_iter().map(Item::Value).collect(),
            Item::List(items) => items,
            Item::Unknown => vec![Item::Unknown; binding.targets.len()],
            item => vec![item],
        };
        if items.len() != binding.targets.len() {
            let (found, wanted) = (items.len(), binding.targets.len());
            let names = binding.targets.iter().map(|name| name.span).reduce(Span::to).unwrap_or(binding.span);
            let noun = if found == 1 { "result" } else { "results" };
            self.report(LowerError::ResultCount {
                message: format!("{wanted} names stand on the left, and the right side has {found} {noun}"),
                labels: vec![
                    primary(names, format!("{wanted} names")),
                    label(binding.value.span, format!("{found} {noun}")),
                ],
                help: Some("every result needs a name; `_` throws one away".to_owned()),
            });
            for target in &binding.targets {
                self.bind(target, Item::Unknown);
            }
            return;
        }
        for (target, item) in binding.targets.iter().zip(items) {
            self.bind(target, item);
        }
    }

    fn bind(&mut self, target: &ast::Name, item: Item) {
        if target.text == "_" {
            return;
        }
        let fixed = self.scope.fixed.declared.get(&target.text).copied();
        if let Some((declared, place)) = fixed {
            let error = rebound(declared, target, place);
            self.report(error);
            // Which of the two a later line means can't be told.
            self.set(&target.text, Item::Unknown);
            return;
        }
        let variable = self.scope.loops.iter().find(|(name, _, _)| *name == target.text).map(|(_, _, place)| *place);
        let fixed = match variable {
            Some(place) => Some(("the loop variable", place)),
            None => self.file().consts.get(&target.text).map(|(_, place)| ("the const", *place)),
        };
        if let Some((what, place)) = fixed {
            self.report(LowerError::Rebound {
                what,
                name: target.text.clone(),
                labels: vec![primary(target.span, "bound again here"), label(place, "declared here")],
                help: Some("give the value another name".to_owned()),
            });
            return;
        }
        let name = self.scope.value_name(&target.text);
        if let Item::Value(value) = item {
            self.model.values[value].name = Some(name.clone());
        }
        if self.scope.values.insert(name, item).is_none() {
            self.scope.fresh.push((target.text.clone(), target.span));
        }
    }

    fn set(&mut self, name: &str, item: Item) {
        if self.scope.values.insert(name.into(), item).is_none() {
            self.scope.fresh.push((name.to_owned(), Span::default()));
        }
    }

    fn output(&mut self, output: &'a ast::Output, alone: bool) {
        for expr in &output.values {
            let name = match (&output.name, &expr.kind) {
                (Some(name), _) => Some(name.text.clone()),
                (None, ExprKind::Name(name)) => Some(name.clone()),
                (None, _) if alone => Some("output".to_owned()),
                (None, _) => None,
            };
            let item = self.expr(expr);
            let value = self.operand(&item, expr.span);
            let Some(name) = name else {
                self.report(LowerError::OutputName { labels: vec![primary(expr.span, "one of several")] });
                continue;
            };
            let Some(value) = value else { continue };
            let place = output.name.as_ref().map_or(expr.span, |name| name.span);
            self.add_output(name, value, place);
        }
    }

    fn add_output(&mut self, name: String, value: ValueId, place: Span) {
        if let Some(first) = self.scope.given.get(&name) {
            let labels = vec![primary(place, "again here"), label(*first, "first here")];
            let help = Some("give it a name of its own: `output NAME = …`".to_owned());
            self.report(LowerError::DuplicateOutput { name, labels, help });
            return;
        }
        self.scope.given.insert(name.clone(), place);
        self.scope.outputs.push((name, value, place));
    }

    fn loss(&mut self, loss: &'a ast::Loss) {
        if !self.scope.fixed.is_model {
            let labels = vec![primary(loss.span, "this is in a block")];
            self.report(LowerError::LossInBlock { labels });
            return;
        }
        let item = self.expr(&loss.value);
        if let Some((_, first)) = self.scope.loss {
            let labels = vec![primary(loss.span, "a second one"), label(first, "the first")];
            self.report(LowerError::SecondLoss { labels });
            return;
        }
        let value = self.operand(&item, loss.value.span);
        self.scope.loss = Some((value, loss.value.span));
    }
}

/// The names that statements bind, in whatever branch.
fn assigned<'s>(body: &'s [Statement], names: &mut HashSet<&'s str>) {
    for statement in body {
        match statement {
            Statement::Let(binding) => names.extend(binding.targets.iter().map(|target| target.text.as_str())),
            Statement::For(item) => assigned(&item.body, names),
            Statement::If(item) => {
                assigned(&item.then, names);
                assigned(&item.otherwise, names);
            }
            _ => {}
        }
    }
}

fn gives_results(body: &[Statement]) -> bool {
    body.iter().any(|statement| match statement {
        Statement::Output(_) | Statement::Loss(_) => true,
        Statement::If(item) => gives_results(&item.then) || gives_results(&item.otherwise),
        Statement::For(item) => gives_results(&item.body),
        _ => false,
    })
}

pub(super) fn rebound(declared: Declared, name: &ast::Name, place: Span) -> LowerError {
    LowerError::Rebound {
        what: declared.describe(),
        name: name.text.clone(),
        labels: vec![primary(name.span, "bound again here"), label(place, "declared here")],
        help: Some("give the value another name".to_owned()),
    }
}
