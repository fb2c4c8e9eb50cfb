//! Declared layers: the kind with its attributes, initializers of its slots, and ties.

use super::arguments::{bind, missing};
use super::body::Body;
use super::errors::LowerError;
use crate::diag::{nearest, primary};
use crate::ir::{LayerDecl, LayerPlace, Operator, Path, TieDecl, TiePlace};
use crate::ops::{self, Attributes, Def, Init, Op, Value};
use crate::span::Span;
use crate::syntax::ast::{self, Argument, LayerBody, LayerKind};
use std::sync::Arc;

/// Initializers by the names of their slots.
type Inits = Vec<(String, Init)>;

impl Body<'_> {
    pub(super) fn layer(&mut self, layer: &ast::Layer) {
        if self.read_layer(layer).is_none() {
            self.scope.broken.insert(layer.name.text.clone(), layer.name.span);
        }
    }

    fn read_layer(&mut self, layer: &ast::Layer) -> Option<()> {
        if let Some(count) = &layer.count {
            return self.unsupported("arrays of layers", count.span);
        }
        let kind = match &layer.body {
            LayerBody::Chain(kinds) => match kinds.as_slice() {
                [kind] => kind,
                kinds => {
                    return self.unsupported("composite layers", kinds.last().map_or(layer.span, |kind| kind.span));
                }
            },
            LayerBody::Alias(reference) => return self.unsupported("second names of layers", reference.span),
        };
        // The ties are read also when the rest is wrong, so that their mistakes are found in the same run.
        let ties: Vec<Option<(TieDecl, TiePlace)>> = kind.ties.iter().map(|tie| self.tie(tie)).collect();
        let (operator, inits, mut place) = self.kind(kind)?;
        let path = Path::new(layer.name.text.as_str());
        place.name = layer.name.span;
        let mut decl = LayerDecl { path, operator, frozen: layer.frozen, inits, ties: Vec::new() };
        for (tie, tie_place) in ties.into_iter().flatten() {
            decl.ties.push(tie);
            place.ties.push(tie_place);
        }
        self.layer_index.insert(layer.name.text.clone(), self.model.layers.len());
        self.model.layers.push(decl);
        self.places.layers.push(place);
        Some(())
    }

    fn kind(&mut self, kind: &LayerKind) -> Option<(Operator, Inits, LayerPlace)> {
        let [name] = kind.path.as_slice() else { return self.unsupported("imported layers", kind.span) };
        let Some(def) = ops::named(&name.text) else {
            let layers = ops::REGISTRY.iter().filter(|def| def.is_layer()).map(|def| def.name);
            self.diagnostics.push(LowerError::UnknownKind {
                name: name.text.clone(),
                labels: vec![primary(name.span, "no layer has this name")],
                help: nearest(&name.text, layers).map(|near| format!("`{near}` is near to it")),
            });
            return None;
        };
        if !def.is_layer() {
            self.diagnostics.push(LowerError::UnknownKind {
                name: name.text.clone(),
                labels: vec![primary(name.span, "this is a function")],
                help: Some(format!("it has no weights and isn't declared; call it: `y = {}(x)`", def.name)),
            });
            return None;
        }
        let mut place = LayerPlace { kind: kind.span, ..LayerPlace::default() };
        let (inits, arguments) = self.split_inits(def, &kind.arguments, &mut place)?;
        let mut given = self.attributes(def, &arguments, &mut place.attributes)?;
        // An initializer of a slot that an attribute switches on implies the attribute.
        for (slot, _) in &inits {
            if let Some(ty) = def.attribute(slot)
                && ty == ops::Type::Bool
                && let Some(parameter) = def.parameters.iter().find(|parameter| parameter.name == slot)
            {
                given.push((parameter.name, Value::Bool(true)));
            }
        }
        let (op, attributes) = self.build(def, &given, Vec::new(), kind.span, &place.attributes)?;
        self.check_init_slots(def, &op, &inits, &place.inits)?;
        Some((Operator { op, attributes }, inits, place))
    }

    /// Initializers of slots stand among the arguments: those that are no attribute, or give one an initializer.
    fn split_inits<'a>(
        &mut self,
        def: &Def,
        arguments: &'a [Argument],
        place: &mut LayerPlace,
    ) -> Option<(Inits, Vec<&'a Argument>)> {
        let mut inits: Vec<(String, Init)> = Vec::new();
        let mut rest = Vec::new();
        let mut complete = true;
        for argument in arguments {
            let Some(name) = &argument.name else {
                rest.push(argument);
                continue;
            };
            if !is_initializer(&argument.value) || def.attribute(&name.text).is_some_and(|ty| ty != ops::Type::Bool) {
                rest.push(argument);
                continue;
            }
            if inits.iter().any(|(slot, _)| *slot == name.text) {
                self.diagnostics.push(LowerError::ArgumentTwice {
                    name: name.text.clone(),
                    labels: vec![primary(argument.span, format!("`{}` has an initializer already", name.text))],
                });
                complete = false;
            } else if let Some(init) = self.initializer(&argument.value) {
                inits.push((name.text.clone(), init));
                place.inits.push(argument.span);
            } else {
                complete = false;
            }
        }
        complete.then_some((inits, rest))
    }

    fn check_init_slots(
        &mut self,
        def: &Def,
        op: &Arc<dyn Op>,
        inits: &[(String, Init)],
        places: &[Span],
    ) -> Option<()> {
        let slots = op.slots();
        let mut complete = Some(());
        for ((name, init), place) in inits.iter().zip(places) {
            let Some(slot) = slots.iter().find(|slot| slot.name == *name) else {
                let names: Vec<&str> = slots.iter().map(|slot| slot.name.as_ref()).collect();
                let parameters = def.parameters.iter().map(|parameter| parameter.name);
                let near = nearest(name, names.iter().copied().chain(parameters));
                self.diagnostics.push(LowerError::ArgumentUnknown {
                    message: format!("`{}` has no slot `{name}`", def.name),
                    labels: vec![primary(*place, "an initializer belongs to a slot")],
                    help: Some(near.map_or_else(|| slot_list(&names), |near| format!("`{near}` is near to it"))),
                });
                complete = None;
                continue;
            };
            if let Some(axes) = init.wants_axes(slot.shape.rank()) {
                self.diagnostics.push(LowerError::ArgumentValue {
                    message: format!("`{init}` wants {axes}, and `{name}` is {}", slot.shape),
                    labels: vec![primary(*place, "this initializer doesn't fit")],
                    help: None,
                });
                complete = None;
            }
        }
        complete
    }

    /// The attributes that are written, evaluated.
    pub(super) fn attributes(
        &mut self,
        def: &Def,
        arguments: &[&Argument],
        places: &mut smallvec::SmallVec<[(&'static str, Span); 2]>,
    ) -> Option<Vec<(&'static str, Value)>> {
        let bound = bind(def.name, def.parameters, arguments.iter().copied(), 0, &mut self.diagnostics);
        let mut given = Vec::new();
        let mut complete = true;
        for (parameter, argument) in bound? {
            places.push((parameter.name, argument.value.span));
            let value = self.attribute(def.name, parameter, &argument.value);
            let early = value.filter(|value| self.is_known_early(value, argument.value.span).is_some());
            match early {
                Some(value) => given.push((parameter.name, value)),
                None => complete = false,
            }
        }
        complete.then_some(given)
    }

    fn is_known_early(&mut self, value: &Value, span: Span) -> Option<()> {
        match value {
            Value::Int(dim) => self.refuse_input_symbols(dim, "layer", span),
            Value::List(items) => items.iter().try_for_each(|item| self.is_known_early(item, span)),
            _ => Some(()),
        }
    }

    /// The operator with these attributes and the defaults of the others.
    pub(super) fn build(
        &mut self,
        def: &'static Def,
        given: &[(&'static str, Value)],
        operands: Vec<&'static str>,
        span: Span,
        places: &[(&'static str, Span)],
    ) -> Option<(Arc<dyn Op>, Attributes)> {
        let attributes = self.complete(def.name, def.parameters, given, span)?.at_call(operands, None);
        match (def.build)(&attributes) {
            Ok(op) => Some((op, attributes)),
            Err(error) => self.attribute_error(def, error, span, places),
        }
    }

    /// What a call of a layer makes of its operator, if that makes a difference.
    pub(super) fn build_at_call(
        &mut self,
        layer: &Operator,
        given: &[(&'static str, Value)],
        operands: Vec<&'static str>,
        span: Span,
        places: &[(&'static str, Span)],
    ) -> Option<Option<Operator>> {
        let def = layer.op.def();
        let attributes = self.complete(def.name, def.call(), given, span)?.at_call(operands, None);
        match layer.op.at_call(&attributes) {
            Ok(op) => Some(op.map(|op| Operator { op, attributes })),
            Err(error) => self.attribute_error(def, error, span, places),
        }
    }

    fn complete(
        &mut self,
        owner: &str,
        parameters: &'static [ops::Parameter],
        given: &[(&'static str, Value)],
        span: Span,
    ) -> Option<Attributes> {
        let find = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        match Attributes::complete(parameters, find) {
            Ok(attributes) => Some(attributes),
            Err(name) => {
                let doc = parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.doc);
                self.diagnostics.push(missing(owner, name, span, doc));
                None
            }
        }
    }

    fn attribute_error<T>(
        &mut self,
        def: &Def,
        error: ops::AttributeError,
        span: Span,
        places: &[(&'static str, Span)],
    ) -> Option<T> {
        let place = places.iter().find(|(name, _)| *name == error.attribute).map_or(span, |(_, span)| *span);
        self.diagnostics.push(LowerError::ArgumentValue {
            message: error.message,
            labels: vec![primary(place, format!("`{}` of `{}`", error.attribute, def.name))],
            help: error.help,
        });
        None
    }

    fn tie(&mut self, tie: &ast::Tie) -> Option<(TieDecl, TiePlace)> {
        let slot = self.slot_path(&tie.slot)?;
        let target = self.reference(&tie.target.expr)?;
        Some((TieDecl { slot, target }, TiePlace { whole: tie.span, target: tie.target.span }))
    }

    pub(super) fn unsupported<T>(&mut self, what: &'static str, span: Span) -> Option<T> {
        let error = LowerError::Unsupported { what, labels: vec![primary(span, "this")], help: None };
        self.diagnostics.push(error);
        None
    }
}

fn is_initializer(expr: &ast::Expr) -> bool {
    let ast::ExprKind::Call(call) = &expr.kind else { return false };
    let ast::ExprKind::Name(name) = &call.callee.kind else { return false };
    ops::init::INITIALIZERS.iter().any(|def| def.name == name)
}

pub(super) fn slot_list(names: &[&str]) -> String {
    if names.is_empty() { "it has no slots".to_owned() } else { format!("its slots are {}", names.join(", ")) }
}
