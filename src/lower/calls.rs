//! Calls of layers and functions, and pipelines of them.

use super::arguments::{bind, missing};
use super::body::{Body, MAX_CALLS};
use super::constant::FUNCTIONS;
use super::errors::LowerError;
use super::scope::{Declared, Item};
use crate::diag::{label, primary};
use crate::ir::{Call, CallPlace, Callee, Operator, ValueId, ValueOf};
use crate::ops::{self, Def, Parameter, ParameterKind, Value};
use crate::span::Span;
use crate::syntax::ast::{Argument, Expr, ExprKind, Stage, StageKind};
use smallvec::SmallVec;

type Attributes = SmallVec<[(&'static str, Span); 2]>;

impl Body<'_> {
    /// A call. `first` is what stands on the left of `->`.
    pub(super) fn call(
        &mut self,
        callee: &Expr,
        arguments: &[Argument],
        first: Option<(Item, Span)>,
        span: Span,
    ) -> Item {
        match &callee.kind {
            ExprKind::Name(name) => self.named_call(name, callee, arguments, first, span),
            ExprKind::Field(base, name) => match self.method_owner(base) {
                Some(item) => self.function_named(&name.text, name.span, arguments, Some((item, base.span)), span),
                None => Item::Unknown,
            },
            ExprKind::Index(..) => {
                self.unsupported::<()>("arrays of layers", callee.span);
                Item::Unknown
            }
            _ => {
                self.not_callable("only layers and functions can be called".to_owned(), callee.span, None);
                Item::Unknown
            }
        }
    }

    fn named_call(
        &mut self,
        name: &str,
        callee: &Expr,
        arguments: &[Argument],
        first: Option<(Item, Span)>,
        span: Span,
    ) -> Item {
        if self.scope.broken.contains_key(name) {
            self.look_at(arguments);
            return Item::Unknown;
        }
        match self.scope.declared.get(name) {
            Some((Declared::Layer, _)) => return self.layer_call(name, arguments, first, span),
            Some((declared, place)) => {
                let (what, place) = (declared.describe(), *place);
                let message = format!("{what} `{name}` can't be called");
                self.not_callable(message, callee.span, Some((place, "declared here")));
                return Item::Unknown;
            }
            None => {}
        }
        if self.scope.values.contains_key(name) && ops::named(name).is_none() {
            self.not_callable(format!("the value `{name}` can't be called"), callee.span, None);
            return Item::Unknown;
        }
        if FUNCTIONS.contains(&name) && first.is_none() && ops::named(name).is_none() {
            let whole = crate::syntax::ast::Call { callee: callee.clone(), arguments: arguments.to_vec() };
            let whole = Expr { kind: ExprKind::Call(Box::new(whole)), span };
            return self.constant(&whole).map_or(Item::Unknown, Item::Const);
        }
        self.function_named(name, callee.span, arguments, first, span)
    }

    /// `v.f(a)` is `f(v, a)`.
    fn method_owner(&mut self, base: &Expr) -> Option<Item> {
        match self.expr(base) {
            Item::Unknown => None,
            item => Some(item),
        }
    }

    fn function_named(
        &mut self,
        name: &str,
        name_span: Span,
        arguments: &[Argument],
        first: Option<(Item, Span)>,
        span: Span,
    ) -> Item {
        match ops::named(name) {
            Some(def) if def.is_layer() => {
                self.diagnostics.push(LowerError::LayerInExpression {
                    name: name.to_owned(),
                    labels: vec![primary(name_span, "a layer has weights, and is declared before it is called")],
                    help: Some(format!("write `layer NAME = {name}(…)`, and `NAME` here")),
                });
                self.look_at(arguments);
                Item::Unknown
            }
            Some(def) => self.function_call(def, arguments, first, span),
            None => {
                self.unknown_name("the layer or function", name, name_span);
                self.look_at(arguments);
                Item::Unknown
            }
        }
    }

    /// Reads arguments of a call that can't be made, for the mistakes in them.
    fn look_at(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            if !matches!(argument.value.kind, ExprKind::Name(_)) {
                self.expr(&argument.value);
            }
        }
    }

    fn layer_call(&mut self, name: &str, arguments: &[Argument], first: Option<(Item, Span)>, span: Span) -> Item {
        let Some(&index) = self.layer_index.get(name) else { return Item::Unknown };
        let Some(layer) = self.model.layers.get(index) else { return Item::Unknown };
        let (path, operator) = (layer.path.clone(), layer.operator.clone());
        let parameters = operator.op.def().call();
        let Some(mut gathered) = self.gather(name, parameters, arguments, first, span) else { return Item::Unknown };
        let plain = parameters.iter().all(|parameter| matches!(parameter.kind, ParameterKind::Operand));
        let at_call = if plain {
            None
        } else {
            let operands = std::mem::take(&mut gathered.operand_names);
            match self.build_at_call(&operator, &gathered.given, operands, span, &gathered.attribute_places) {
                Some(at_call) => at_call,
                None => return Item::Unknown,
            }
        };
        let results = at_call.as_ref().unwrap_or(&operator).op.n_results();
        self.emit(Callee::Layer(path, at_call), results, gathered, span)
    }

    fn function_call(
        &mut self,
        def: &'static Def,
        arguments: &[Argument],
        first: Option<(Item, Span)>,
        span: Span,
    ) -> Item {
        let Some(gathered) = self.gather(def.name, def.parameters, arguments, first, span) else {
            return Item::Unknown;
        };
        self.apply(def, gathered, span)
    }

    /// Applies a function or symbol to what was gathered for it.
    pub(super) fn apply(&mut self, def: &'static Def, mut gathered: Gathered, span: Span) -> Item {
        let operands = std::mem::take(&mut gathered.operand_names);
        let built = self.build(def, &gathered.given, operands, span, &gathered.attribute_places);
        let Some((op, attributes)) = built else { return Item::Unknown };
        let results = op.n_results();
        self.emit(Callee::Operator(Operator { op, attributes }), results, gathered, span)
    }

    fn emit(&mut self, callee: Callee, results: usize, gathered: Gathered, span: Span) -> Item {
        let call = self.model.calls.len();
        if call >= MAX_CALLS {
            if !std::mem::replace(&mut self.full, true) {
                self.diagnostics.push(LowerError::TooManyCalls {
                    model: self.model.name.clone(),
                    limit: MAX_CALLS,
                    labels: vec![primary(span, "here the limit is passed")],
                });
            }
            return Item::Unknown;
        }
        let results: Vec<ValueId> = (0..results).map(|index| self.value(ValueOf::Result(call, index), span)).collect();
        let item = match results.as_slice() {
            [value] => Item::Value(*value),
            values => Item::Results(values.to_vec()),
        };
        self.model.calls.push(Call { callee, operands: gathered.operands, results });
        let place = CallPlace { whole: span, operands: gathered.operand_places, attributes: gathered.attribute_places };
        self.places.calls.push(place);
        item
    }

    /// The operands and attributes of a call.
    fn gather(
        &mut self,
        owner: &str,
        parameters: &'static [Parameter],
        arguments: &[Argument],
        first: Option<(Item, Span)>,
        span: Span,
    ) -> Option<Gathered> {
        let taken = usize::from(first.is_some());
        if taken > parameters.len() {
            let message = format!("`{owner}` takes no arguments");
            let labels = vec![primary(span, "something stands on the left of `->`")];
            self.diagnostics.push(LowerError::ArgumentUnknown { message, labels, help: None });
            return None;
        }
        let bound = bind(owner, parameters, arguments, taken, &mut self.diagnostics)?;
        let mut gathered = Gathered::default();
        let mut complete = true;
        let mut first = first;
        for (index, parameter) in parameters.iter().enumerate() {
            let mut found =
                bound.iter().filter(|(other, _)| other.name == parameter.name).map(|(_, argument)| *argument);
            let argument = found.next();
            if let ParameterKind::Attribute { .. } = parameter.kind {
                if let Some(argument) = argument {
                    gathered.attribute_places.push((parameter.name, argument.value.span));
                    match self.attribute(owner, parameter, &argument.value) {
                        Some(value) => gathered.given.push((parameter.name, value)),
                        None => complete = false,
                    }
                }
                continue;
            }
            let item = match argument {
                _ if index < taken => first.take(),
                Some(argument) => Some((self.expr(&argument.value), argument.value.span)),
                None => None,
            };
            let Some((item, place)) = item else {
                if !matches!(parameter.kind, ParameterKind::OptionalOperand) {
                    self.diagnostics.push(missing(owner, parameter.name, span, Some(parameter.doc)));
                    complete = false;
                }
                continue;
            };
            match (parameter.kind, item) {
                (ParameterKind::OptionalOperand, Item::Const(Value::None)) => {}
                (ParameterKind::Operands, Item::List(items)) => {
                    for item in items {
                        complete &= gathered.push(parameter.name, self.operand(&item, place), place);
                    }
                }
                (_, item) => complete &= gathered.push(parameter.name, self.operand(&item, place), place),
            }
            for argument in found {
                let (item, place) = (self.expr(&argument.value), argument.value.span);
                complete &= gathered.push(parameter.name, self.operand(&item, place), place);
            }
        }
        complete.then_some(gathered)
    }

    /// A pipeline, from the value on its left.
    pub(super) fn stages(&mut self, head: Item, head_span: Span, stages: &[Stage]) -> Item {
        let (mut item, mut span) = (head, head_span);
        for stage in stages {
            let times = match &stage.repeat {
                None => 1,
                Some(count) => match self.repeat_count(count) {
                    Some(times) => times,
                    None => return Item::Unknown,
                },
            };
            for _ in 0..times {
                item = match &stage.kind {
                    StageKind::Call { callee, arguments } => {
                        self.call(callee, arguments, Some((item, span)), stage.span)
                    }
                    StageKind::Group(inner) => self.stages(item, span, inner),
                };
                span = stage.span;
                if matches!(item, Item::Unknown) || self.full {
                    return Item::Unknown;
                }
            }
            span = head_span.to(stage.span);
        }
        item
    }

    fn repeat_count(&mut self, count: &Expr) -> Option<u64> {
        let value = self.constant(count)?;
        if let Value::Int(dim) = &value {
            if let Some(times) = dim.as_const().and_then(|times| u64::try_from(times).ok()) {
                return Some(times);
            }
            if let Some(symbol) = dim.symbols().first() {
                let place = self.places.symbols.get(symbol.id as usize).copied().unwrap_or(count.span);
                self.diagnostics.push(LowerError::UnsetArgument {
                    name: symbol.name.to_string(),
                    labels: vec![primary(count.span, "the count"), label(place, "without a value")],
                    help: Some(format!("set it with `--set {0}=…`, or give it a default: `{0} = 3`", symbol.name)),
                });
                return None;
            }
        }
        self.diagnostics.push(LowerError::Constant {
            message: format!("a count is an integer of at least 0, and this is {value}"),
            labels: vec![primary(count.span, "here")],
            help: None,
        });
        None
    }

    fn not_callable(&mut self, message: String, span: Span, declared: Option<(Span, &str)>) {
        let mut labels = vec![primary(span, "this is called")];
        labels.extend(declared.map(|(place, text)| label(place, text)));
        self.diagnostics.push(LowerError::NotCallable { message, labels, help: None });
    }
}

/// What stands in the parentheses of a call.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) operands: Vec<ValueId>,
    pub(super) operand_names: Vec<&'static str>,
    pub(super) operand_places: SmallVec<[Span; 2]>,
    pub(super) given: Vec<(&'static str, Value)>,
    pub(super) attribute_places: Attributes,
}

impl Gathered {
    /// False if there is no operand to add.
    pub(super) fn push(&mut self, name: &'static str, operand: Option<ValueId>, place: Span) -> bool {
        let Some(operand) = operand else { return false };
        self.operands.push(operand);
        self.operand_names.push(name);
        self.operand_places.push(place);
        true
    }
}
