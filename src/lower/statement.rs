//! The statements of a body, one after another.

use super::body::Body;
use super::errors::LowerError;
use super::scope::{Declared, Item};
use crate::diag::{label, primary};
use crate::ir::ValueId;
use crate::span::Span;
use crate::syntax::ast::{self, ExprKind, Statement};

impl Body<'_> {
    pub(super) fn statements(&mut self, body: &[Statement]) {
        // Inputs are there before anything is computed, wherever they stand.
        for statement in body {
            if let Statement::Input(input) = statement {
                self.input(input);
            }
        }
        self.check_symbols();
        let outputs = body.iter().map(|statement| match statement {
            Statement::Output(output) => output.values.len(),
            _ => 0,
        });
        let alone = outputs.sum::<usize>() == 1;
        for statement in body {
            match statement {
                Statement::Let(binding) => self.binding(binding),
                Statement::Output(output) => self.output(output, alone),
                Statement::Loss(loss) => self.loss(loss),
                Statement::Assert(assert) => self.assert(assert),
                Statement::For(item) => _ = self.unsupported::<()>("loops", item.span),
                Statement::If(item) => _ = self.unsupported::<()>("conditions around statements", item.span),
                Statement::Input(_) | Statement::Storage(_) | Statement::Layer(_) | Statement::Error(_) => {}
            }
        }
    }

    fn binding(&mut self, binding: &ast::Binding) {
        let item = self.expr(&binding.value);
        if let [target] = binding.targets.as_slice() {
            if let Item::Results(values) = &item
                && values.is_empty()
            {
                self.bind(target, Item::Unknown);
                return;
            }
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
            let span = binding.targets.iter().fold(binding.span, |span, _| span);
            let names = binding.targets.iter().map(|name| name.span).reduce(Span::to).unwrap_or(span);
            self.diagnostics.push(LowerError::ResultCount {
                message: format!("{wanted} names stand on the left, and the right side has {found} results"),
                labels: vec![
                    primary(names, format!("{wanted} names")),
                    label(binding.value.span, format!("{found} results")),
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
        let fixed = self.scope.declared.get(&target.text).copied();
        if let Some((declared, place)) = fixed {
            self.diagnostics.push(rebound(declared, target, place));
            // Which of the two a later line means can't be told.
            self.scope.values.insert(target.text.clone(), Item::Unknown);
            return;
        }
        if let Some((_, place)) = self.file.consts.get(&target.text) {
            self.diagnostics.push(LowerError::Rebound {
                what: "the const",
                name: target.text.clone(),
                labels: vec![primary(target.span, "bound again here"), label(*place, "declared here")],
                help: Some("give the value another name".to_owned()),
            });
            return;
        }
        if let Item::Value(value) = item {
            self.model.values[value].name = Some(target.text.as_str().into());
        }
        self.scope.values.insert(target.text.clone(), item);
    }

    fn output(&mut self, output: &ast::Output, alone: bool) {
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
                self.diagnostics.push(LowerError::OutputName { labels: vec![primary(expr.span, "one of several")] });
                continue;
            };
            let Some(value) = value else { continue };
            let place = output.name.as_ref().map_or(expr.span, |name| name.span);
            self.add_output(name, value, place);
        }
    }

    fn add_output(&mut self, name: String, value: ValueId, place: Span) {
        let mut known = self.model.outputs.iter().zip(&self.places.outputs);
        if let Some((_, first)) = known.find(|((other, _), _)| *other == name) {
            let labels = vec![primary(place, "again here"), label(*first, "first here")];
            let help = Some("give it a name of its own: `output NAME = …`".to_owned());
            self.diagnostics.push(LowerError::DuplicateOutput { name, labels, help });
            return;
        }
        self.model.outputs.push((name, value));
        self.places.outputs.push(place);
    }

    fn loss(&mut self, loss: &ast::Loss) {
        let item = self.expr(&loss.value);
        if let Some(first) = self.places.loss {
            let labels = vec![primary(loss.span, "a second one"), label(first, "the first")];
            self.diagnostics.push(LowerError::SecondLoss { labels });
            return;
        }
        self.places.loss = Some(loss.value.span);
        self.model.loss = self.operand(&item, loss.value.span);
    }
}

pub(super) fn rebound(declared: Declared, name: &ast::Name, place: Span) -> LowerError {
    LowerError::Rebound {
        what: declared.describe(),
        name: name.text.clone(),
        labels: vec![primary(name.span, "bound again here"), label(place, "declared here")],
        help: Some("give the value another name".to_owned()),
    }
}
