//! Calls of what was declared: a layer once more, a block by running its body, arrays and composites one part after
//! another.

use super::arguments::bind;
use super::body::Lowering;
use super::calls::CallSite;
use super::declare::input_place;
use super::errors::LowerError;
use super::scope::{Item, Many, Scope, Unit};
use crate::diag::{label, primary};
use crate::ir::{Check, CheckPlace, FramePlace, Leading, Path, ValueId};
use crate::ops::Value;
use crate::span::Span;
use crate::syntax::ast::{self, Argument, ExprKind, Statement};
use std::rc::Rc;

/// An operand of a block with its place.
type Given = Option<(ValueId, Span)>;

impl<'a> Lowering<'a> {
    /// A call of a declared layer.
    pub(super) fn unit_call(&mut self, unit: &Unit, site: CallSite) -> Item {
        if self.full {
            return Item::Unknown;
        }
        match unit {
            Unit::Layer(layer) => self.layer_call(*layer, &site),
            Unit::Block(instance) => {
                let span = site.span;
                self.in_block(span, |lowering| lowering.block_call(*instance, &site)).unwrap_or(Item::Unknown)
            }
            Unit::Many(many) => self.many_call(&many.clone(), site),
            Unit::Function(function) => {
                let function = function.clone();
                self.stage_call(&function, &site)
            }
            Unit::Broken => {
                self.look_at(site.arguments);
                Item::Unknown
            }
        }
    }

    /// Every part of an array or composite on what the one before gives; an array gives its other arguments to each.
    fn many_call(&mut self, many: &Rc<Many>, site: CallSite) -> Item {
        if let Some(scope) = many.scope.and_then(|scope| self.model.scopes.get_mut(scope)) {
            scope.calls += 1;
        }
        let (first, arguments) = match (site.first, site.arguments) {
            (Some(first), arguments) => (first, arguments),
            (None, [Argument { name: None, value, .. }, rest @ ..]) => ((self.expr(value), value.span), rest),
            (None, arguments) => {
                self.look_at(arguments);
                self.report(LowerError::ArgumentMissing {
                    message: format!("`{}` needs what its first part is applied to", many.path),
                    labels: vec![primary(site.span, "this call has no first argument")],
                    help: Some(format!("write `{}(x)`, or `x -> {}`", many.path, many.path)),
                });
                return Item::Unknown;
            }
        };
        let variables = self.scope.loops.len();
        let computed;
        let arguments = if many.is_array && many.parts.len() > 1 {
            computed = self.computed(arguments);
            computed.as_slice()
        } else {
            arguments
        };
        let item = self.parts_call(many, first, &CallSite { arguments, first: None, ..site });
        self.scope.loops.truncate(variables);
        self.gives(many.scope, &item);
        item
    }

    /// Arguments that stand for what these give, so that all elements of an array take the same.
    fn computed(&mut self, arguments: &[Argument]) -> Vec<Argument> {
        let mut variables = Vec::new();
        let mut taken = arguments.to_vec();
        for argument in &mut taken {
            let span = argument.value.span;
            if matches!(argument.value.kind, ExprKind::Name(_)) || self.is_known(&argument.value) {
                continue;
            }
            let item = self.expr(&argument.value);
            // No name of a program has a blank in it.
            let name = format!("argument {}", variables.len());
            argument.value.kind = ExprKind::Name(name.clone());
            variables.push((name, item, span));
        }
        self.scope.loops.extend(variables);
        taken
    }

    fn parts_call(&mut self, many: &Many, first: (Item, Span), site: &CallSite) -> Item {
        let (mut item, mut place) = first;
        for (index, part) in many.parts.iter().enumerate() {
            if let Item::Results(results) = &item
                && index > 0
            {
                let message = format!(
                    "part {} of `{}` has {} results, and the next takes one",
                    index - 1,
                    many.path,
                    results.len()
                );
                self.report(LowerError::ResultCount {
                    message,
                    labels: vec![primary(site.span, "in this call")],
                    help: Some(
                        "call its parts in a loop, and name their results: `for f in … { h, _ = f(h) }`".to_owned(),
                    ),
                });
                return Item::Unknown;
            }
            if matches!(item, Item::Unknown) {
                return Item::Unknown;
            }
            let arguments = if many.is_array || index == 0 { site.arguments } else { &[] };
            let results = if index + 1 == many.parts.len() { site.results } else { None };
            item = self.unit_call(part, CallSite { arguments, first: Some((item, place)), span: site.span, results });
            place = site.span;
        }
        item
    }

    /// Notes what the last call of a scope gives.
    fn gives(&mut self, scope: Option<usize>, item: &Item) {
        let Some(scope) = scope.and_then(|scope| self.model.scopes.get_mut(scope)) else { return };
        scope.results = match item {
            Item::Value(value) => vec![*value],
            Item::Results(values) => values.clone(),
            _ => Vec::new(),
        };
    }

    /// Runs the body of a block on operands.
    fn block_call(&mut self, instance: usize, site: &CallSite) -> Item {
        let Some((definition, fixed)) =
            self.instances.get(instance).map(|instance| (instance.definition, instance.fixed.clone()))
        else {
            return Item::Unknown;
        };
        if !self.spend(1, site.span) {
            return Item::Unknown;
        }
        if let Some(scope) = fixed.scope.and_then(|scope| self.model.scopes.get_mut(scope)) {
            scope.calls += 1;
        }
        let (path, scope_index) = (fixed.path.clone(), fixed.scope);
        let frame = self.places.frames.len() + 1;
        self.places.frames.push(FramePlace { path: path.clone(), call: site.span, parent: self.scope.frame });
        // Which inputs there are may hang on the block's arguments.
        let scope = Scope::new(fixed, frame);
        let outer = std::mem::replace(&mut self.scope, scope);
        let inputs = self.inputs(&definition.body);
        let scope = std::mem::replace(&mut self.scope, outer);
        let Some(given) = self.operands_of(&path, &inputs, site) else { return Item::Unknown };
        let text = format!("in this call of `{path}`");
        let first_call = self.model.calls.len();
        let first_check = self.model.checks.len();
        let (item, _) = self.within(scope, site.span, text, |inner| {
            inner.block_inputs(&inputs, &given);
            inner.statements(&definition.body);
            inner.block_results()
        });
        let calls = first_call..self.model.calls.len();
        for (check, place) in self.model.checks.iter_mut().zip(&self.places.checks).skip(first_check) {
            if place.frame == frame {
                check.calls = calls.clone();
            }
        }
        self.gives(scope_index, &item);
        item
    }

    /// The inputs of a body, with those of the branches that are taken.
    pub(super) fn inputs(&mut self, body: &'a [Statement]) -> Vec<&'a ast::Input> {
        let mut found = Vec::new();
        for statement in body {
            match statement {
                Statement::Input(input) => found.push(input),
                Statement::If(item) => match self.quiet_constant(&item.condition) {
                    Some(Value::Bool(true)) => found.extend(self.inputs(&item.then)),
                    Some(Value::Bool(false)) => found.extend(self.inputs(&item.otherwise)),
                    _ => {}
                },
                _ => {}
            }
        }
        found
    }

    /// The operands of a call of a block, in the order of its inputs; an operand that was reported is `None`.
    fn operands_of(&mut self, path: &Path, inputs: &[&ast::Input], site: &CallSite) -> Option<Vec<Given>> {
        let names: Vec<&ast::Name> = inputs.iter().map(|input| &input.name).collect();
        let taken = usize::from(site.first.is_some());
        if taken > names.len() {
            self.report(LowerError::ArgumentUnknown {
                message: format!("`{path}` takes no arguments"),
                labels: vec![primary(site.span, "something stands on the left of `->`")],
                help: None,
            });
            return None;
        }
        let mut found = Vec::new();
        let bound = bind(path.as_str(), names.as_slice(), site.arguments, taken, &mut found);
        self.report_all(found);
        let bound = bound?;
        let mut given = Vec::new();
        let mut complete = true;
        for (index, name) in names.iter().enumerate() {
            let item = if index < taken {
                site.first.clone()
            } else {
                let argument = bound.iter().find(|(other, _)| *other == index).map(|(_, argument)| *argument);
                argument.map(|argument| (self.expr(&argument.value), argument.value.span))
            };
            let Some((item, place)) = item else {
                self.report(LowerError::ArgumentMissing {
                    message: format!("`{path}` needs `{}`", name.text),
                    labels: vec![
                        primary(site.span, format!("`{}` is missing", name.text)),
                        label(name.span, "an input of the block"),
                    ],
                    help: None,
                });
                complete = false;
                continue;
            };
            given.push(self.operand(&item, place).map(|value| (value, place)));
        }
        complete.then_some(given)
    }

    /// Binds the inputs of a block to operands, and notes what it wants of them.
    fn block_inputs(&mut self, inputs: &[&ast::Input], given: &[Given]) {
        self.symbols(inputs);
        let mut leading = Leading::Any;
        let mut dims = Vec::new();
        for (input, given) in inputs.iter().zip(given) {
            let name = &input.name;
            if let Some((declared, first)) = self.scope.fixed.declared.get(&name.text) {
                let error = super::statement::rebound(*declared, name, *first);
                self.report(error);
                continue;
            }
            let (element, shape) = (self.element_type(&input.ty), self.shape(&input.ty, None));
            let (Some((value, operand)), Some(element), Some(shape)) = (*given, element, shape) else {
                self.scope.values.insert(name.text.as_str().into(), Item::Unknown);
                continue;
            };
            dims.extend(shape.iter().cloned());
            let check = Check {
                value,
                input: name.text.clone(),
                element,
                leading: input.ty.leading.map(|_| leading),
                dims: shape.clone(),
                calls: 0..0,
            };
            if input.ty.leading.is_some() && leading == Leading::Any {
                leading = Leading::As(value, shape.rank());
            }
            self.model.checks.push(check);
            let frame = self.scope.frame;
            self.places.checks.push(CheckPlace { input: input_place(input), operand, frame });
            self.scope.values.insert(name.text.as_str().into(), Item::Value(value));
        }
        if given.iter().all(Option::is_some) {
            self.check_symbols(&dims);
        }
    }

    fn block_results(&mut self) -> Item {
        let values: Vec<ValueId> = self.scope.outputs.iter().map(|(_, value, _)| *value).collect();
        match values.as_slice() {
            // That it has none was reported, or follows from what was.
            [] => Item::Unknown,
            [value] => Item::Value(*value),
            _ => Item::Results(values),
        }
    }
}
