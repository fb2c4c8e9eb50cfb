//! Calls of built-in layers and functions.

use super::arguments::{bind, missing};
use super::body::Lowering;
use super::constant::FUNCTIONS;
use super::errors::LowerError;
use super::reference::Place;
use super::scope::{Declared, Function, Item};
use crate::diag::{label, primary};
use crate::ir::{Call, CallPlace, Callee, Operator, ValueId, ValueIds, ValueOf};
use crate::ops::{self, Def, Parameter, ParameterKind, Value};
use crate::span::Span;
use crate::syntax::ast::{self, Argument, Expr, ExprKind};
use smallvec::SmallVec;

type Attributes = SmallVec<[(&'static str, Span); 2]>;

/// What stands around a call.
#[derive(Clone)]
pub(super) struct CallSite<'e> {
    pub(super) arguments: &'e [Argument],
    /// What stands on the left of `->`, with its place.
    pub(super) first: Option<(Item, Span)>,
    pub(super) span: Span,
    /// How many names the results get, if several stand on the left of `=`.
    pub(super) results: Option<usize>,
}

impl Lowering<'_> {
    pub(super) fn call(&mut self, callee: &Expr, site: CallSite) -> Item {
        match &callee.kind {
            ExprKind::Name(name) => self.named_call(name, callee, site),
            ExprKind::Field(base, name) if self.is_module(base) => {
                self.layer_in_expression(&format!("{}.{}", super::reference::root(base), name.text), callee.span, &site)
            }
            ExprKind::Field(base, name) => {
                if self.leads_to_layers(base)
                    && let Some(place) = self.quiet_place(callee)
                {
                    return match place {
                        Place::Unit(unit) => self.unit_call(&unit, site),
                        Place::Storage(_) => {
                            self.not_callable("a slot can't be called".to_owned(), callee.span, None);
                            Item::Unknown
                        }
                    };
                }
                if self.is_foreign(base, name) {
                    self.look_at(site.arguments);
                    return Item::Unknown;
                }
                // `v.f(a)` is `f(v, a)`.
                let first = Some((self.expr(base), base.span));
                self.function_named(&name.text, name.span, &CallSite { first, ..site })
            }
            ExprKind::Index(..) if self.leads_to_layers(callee) => match self.place(callee) {
                Some(Place::Unit(unit)) => self.unit_call(&unit, site),
                Some(Place::Storage(_)) => {
                    self.not_callable("a slot can't be called".to_owned(), callee.span, None);
                    Item::Unknown
                }
                None => Item::Unknown,
            },
            _ => {
                self.not_callable("only layers and functions can be called".to_owned(), callee.span, None);
                Item::Unknown
            }
        }
    }

    /// Whether an expression is a path that begins with a layer.
    pub(super) fn leads_to_layers(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => self.scope.unit(name).is_some(),
            ExprKind::Field(base, _) | ExprKind::Index(base, _) => self.leads_to_layers(base),
            _ => false,
        }
    }

    /// A place, if there is one.
    fn quiet_place(&mut self, expr: &Expr) -> Option<Place> {
        let ExprKind::Field(base, name) = &expr.kind else { return None };
        // A method of a slot, `embed.weight.reshape(…)`, is a function of its value.
        if let Some(Place::Storage(_)) = self.peek(base)
            && ops::named(&name.text).is_some()
        {
            return None;
        }
        self.place(expr)
    }

    fn peek(&mut self, expr: &Expr) -> Option<Place> {
        let reported = self.diagnostics.len();
        let place = self.place(expr);
        self.diagnostics.truncate(reported);
        place
    }

    fn is_module(&self, base: &Expr) -> bool {
        let ExprKind::Name(name) = &base.kind else { return false };
        self.file().modules.contains_key(name) && self.known(name).is_none() && self.scope.unit(name).is_none()
    }

    fn named_call(&mut self, name: &str, callee: &Expr, site: CallSite) -> Item {
        if let Some(unit) = self.scope.unit(name) {
            return self.unit_call(&unit, site);
        }
        if self.scope.is_broken(name) {
            self.look_at(site.arguments);
            return Item::Unknown;
        }
        if let Some((Declared::Block, _)) = self.scope.fixed.declared.get(name) {
            return self.layer_in_expression(name, callee.span, &site);
        }
        if let Some((declared, place)) = self.scope.fixed.declared.get(name) {
            let (what, place) = (declared.describe(), *place);
            let message = format!("{what} `{name}` can't be called");
            self.not_callable(message, callee.span, Some((place, "declared here")));
            return Item::Unknown;
        }
        let builtin = ops::named(name);
        if self.scope.values.contains_key(name) && builtin.is_none() {
            self.not_callable(format!("the value `{name}` can't be called"), callee.span, None);
            return Item::Unknown;
        }
        if FUNCTIONS.contains(&name) && site.first.is_none() {
            let call = ast::Call { callee: callee.clone(), arguments: site.arguments.to_vec() };
            let whole = Expr { kind: ExprKind::Call(Box::new(call)), span: site.span };
            // Of tensors, and of sizes that aren't known, it is computed when the network runs.
            let known = self.is_known(&whole);
            if builtin.is_none() || (known && self.quiet_constant(&whole).is_some()) {
                return self.constant(&whole).map_or(Item::Unknown, Item::Const);
            }
        }
        self.function_named(name, callee.span, &site)
    }

    fn function_named(&mut self, name: &str, name_span: Span, site: &CallSite) -> Item {
        if self.defined(name).is_some() {
            return self.layer_in_expression(name, name_span, site);
        }
        match ops::named(name) {
            Some(def) if def.is_layer() => self.layer_in_expression(name, name_span, site),
            Some(def) => self.function_call(def, site),
            None => {
                self.unknown_name("the layer or function", name, name_span);
                self.look_at(site.arguments);
                Item::Unknown
            }
        }
    }

    fn layer_in_expression(&mut self, name: &str, name_span: Span, site: &CallSite) -> Item {
        self.report(LowerError::LayerInExpression {
            name: name.to_owned(),
            labels: vec![primary(name_span, "a layer has weights, and is declared before it is called")],
            help: Some(format!("write `layer NAME = {name}(…)`, and `NAME` here")),
        });
        self.look_at(site.arguments);
        Item::Unknown
    }

    /// Reads arguments of a call that can't be made, for the mistakes in them.
    pub(super) fn look_at(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            if !matches!(argument.value.kind, ExprKind::Name(_)) {
                self.expr(&argument.value);
            }
        }
    }

    /// A call of a built-in layer.
    pub(super) fn layer_call(&mut self, index: usize, site: &CallSite) -> Item {
        let Some(layer) = self.model.layers.get(index) else { return Item::Unknown };
        let (path, operator) = (layer.path.clone(), layer.operator.clone());
        let parameters = operator.op.def().call();
        let Some(mut gathered) = self.gather(path.as_str(), parameters, site) else { return Item::Unknown };
        let plain = parameters.iter().all(|parameter| matches!(parameter.kind, ParameterKind::Operand));
        let at_call = if plain {
            None
        } else {
            let operands = std::mem::take(&mut gathered.operand_names).into_vec();
            match self.build_at_call(&operator, &gathered.given, operands, site.span, &gathered.attribute_places) {
                Some(at_call) => at_call,
                None => return Item::Unknown,
            }
        };
        let results = at_call.as_ref().unwrap_or(&operator).op.n_results();
        self.emit(Callee::Layer(path, at_call), results, gathered, site.span)
    }

    fn function_call(&mut self, def: &'static Def, site: &CallSite) -> Item {
        let Some(gathered) = self.gather(def.name, def.parameters, site) else { return Item::Unknown };
        self.apply(def, gathered, site.results, site.span)
    }

    /// A call of a function that stands in a composite layer.
    pub(super) fn stage_call(&mut self, function: &Function, site: &CallSite) -> Item {
        let def = function.def;
        let Some(mut gathered) = self.gather_given(def.name, def.parameters, site, &function.given) else {
            return Item::Unknown;
        };
        gathered.attribute_places.extend(function.places.iter().copied());
        self.apply(def, gathered, site.results, site.span)
    }

    /// Applies a function or symbol to what was gathered for it.
    pub(super) fn apply(
        &mut self,
        def: &'static Def,
        mut gathered: Gathered,
        results: Option<usize>,
        span: Span,
    ) -> Item {
        let operands = std::mem::take(&mut gathered.operand_names).into_vec();
        let built = self.build(def, &gathered.given, (operands, results), span, &gathered.attribute_places);
        let Some((op, attributes)) = built else { return Item::Unknown };
        let results = op.n_results();
        self.emit(Callee::Operator(Operator { op, attributes: attributes.into() }), results, gathered, span)
    }

    fn emit(&mut self, callee: Callee, results: usize, gathered: Gathered, span: Span) -> Item {
        if !self.spend(1, span) {
            return Item::Unknown;
        }
        let call = self.model.calls.len();
        let results: ValueIds = (0..results).map(|index| self.value(ValueOf::Result(call, index), span)).collect();
        let item = match results.as_slice() {
            [value] => Item::Value(*value),
            values => Item::Results(values.to_vec()),
        };
        self.model.calls.push(Call { callee, operands: gathered.operands, results });
        self.places.calls.push(CallPlace {
            whole: span,
            operands: gathered.operand_places,
            attributes: gathered.attribute_places,
            frame: self.scope.frame,
        });
        item
    }

    /// The operands and attributes of a call.
    fn gather(&mut self, owner: &str, parameters: &'static [Parameter], site: &CallSite) -> Option<Gathered> {
        self.gather_given(owner, parameters, site, &[])
    }

    /// The same, where some attributes are given already.
    fn gather_given(
        &mut self,
        owner: &str,
        parameters: &'static [Parameter],
        site: &CallSite,
        given: &[(&'static str, Value)],
    ) -> Option<Gathered> {
        let taken = usize::from(site.first.is_some());
        if taken > parameters.len() {
            let message = format!("`{owner}` takes no arguments");
            let labels = vec![primary(site.span, "something stands on the left of `->`")];
            self.report(LowerError::ArgumentUnknown { message, labels, help: None });
            return None;
        }
        let mut found = Vec::new();
        let bound = bind(owner, parameters, site.arguments, taken, &mut found);
        self.report_all(found);
        let bound = bound?;
        let mut gathered = Gathered { given: given.to_vec(), ..Gathered::default() };
        let mut complete = true;
        let mut first = site.first.clone();
        for (index, parameter) in parameters.iter().enumerate() {
            let mut found = bound.iter().filter(|(other, _)| *other == index).map(|(_, argument)| *argument);
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
                    self.report(missing(owner, parameter.name, site.span, Some(parameter.doc)));
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
                (ParameterKind::Operands, Item::Results(values)) => {
                    for value in values {
                        complete &= gathered.push(parameter.name, Some(value), place);
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

    fn not_callable(&mut self, message: String, span: Span, declared: Option<(Span, &str)>) {
        let mut labels = vec![primary(span, "this is called")];
        labels.extend(declared.map(|(place, text)| label(place, text)));
        self.report(LowerError::NotCallable { message, labels, help: None });
    }
}

/// What stands in the parentheses of a call.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) operands: ValueIds,
    pub(super) operand_names: SmallVec<[&'static str; 4]>,
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
