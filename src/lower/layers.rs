//! Kinds of layers: a built-in one with its attributes and initializers, a block with its arguments, a function in a
//! composite layer. Their ties are left for when all names of the body are known.

use super::arguments::{bind, missing};
use super::body::Lowering;
use super::errors::LowerError;
use super::files::Defined;
use super::foreign;
use super::instance::{Pending, argument_names};
use super::scope::{Function, Unit};
use super::ties::PendingTie;
use crate::diag::{label, nearest, primary};
use crate::ir::{LayerDecl, LayerPlace, Operator, Path};
use crate::ops::{self, Attributes, Def, Init, Op, Value};
use crate::span::Span;
use crate::syntax::ast::{self, Argument, LayerKind};
use std::rc::Rc;
use std::sync::Arc;

/// Initializers by the names of their slots.
type Inits = Vec<(String, Init)>;

/// What the name of a kind means.
enum Kind<'a> {
    Builtin(&'static Def),
    Block(Defined<'a>),
}

impl<'a> Lowering<'a> {
    /// One kind of a layer. `alone`: it is no stage of a composite layer.
    pub(super) fn kind(
        &mut self,
        kind: &'a LayerKind,
        path: Path,
        layer: &'a ast::Layer,
        alone: bool,
        pending: &mut Pending<'a>,
    ) -> Unit {
        let unit = match self.kind_named(kind, alone) {
            Some(Kind::Builtin(def)) if def.is_layer() => self.builtin(def, kind, path, layer.name.span),
            Some(Kind::Builtin(def)) => self.function_stage(def, kind),
            Some(Kind::Block(defined)) => self.block(defined, kind, &path, layer.name.span),
            None => None,
        };
        let unit = unit.unwrap_or(Unit::Broken);
        // The ties are looked at also when the rest is wrong, so that their mistakes are found in the same run.
        for tie in &kind.ties {
            pending.ties.push(PendingTie { unit: unit.clone(), tie, variable: self.scope.loops.last().cloned() });
        }
        unit
    }

    fn kind_named(&mut self, kind: &'a LayerKind, alone: bool) -> Option<Kind<'a>> {
        let (file, name) = match kind.path.as_slice() {
            [name] => (None, name),
            [module, name] => match self.file().modules.get(&module.text) {
                Some((file, _)) => (Some((*file)?), name),
                None => {
                    let modules: Vec<String> = self.file().modules.keys().cloned().collect();
                    let near = nearest(&module.text, modules.iter().map(String::as_str));
                    self.report(LowerError::UnknownKind {
                        name: format!("{}.{}", module.text, name.text),
                        labels: vec![primary(module.span, "no imported file has this name")],
                        help: Some(foreign::without_module(&module.text, &name.text).unwrap_or_else(|| {
                            near.map_or_else(
                                || format!("import it: `use \"….wnet\" as {}`", module.text),
                                |near| format!("`{near}` is near to it"),
                            )
                        })),
                    });
                    return None;
                }
            },
            _ => return None,
        };
        let scope = match file {
            Some(file) => self.files.file(file)?,
            None => self.file(),
        };
        let builtin = ops::named(&name.text).filter(|_| file.is_none());
        // A block of the body that couldn't be read; that was reported.
        if file.is_none() && (self.scope.is_broken(&name.text) || matches!(self.nested(&name.text), Some(None))) {
            return None;
        }
        let defined = match file {
            Some(_) => scope.definitions.get(&name.text).copied(),
            None => self.defined(&name.text),
        };
        if let Some(defined) = defined
            && !(defined.is_model && builtin.is_some())
        {
            if defined.is_model {
                self.report(LowerError::UnknownKind {
                    name: name.text.clone(),
                    labels: vec![
                        primary(name.span, "this is a model"),
                        label(defined.definition.name.span, "declared here"),
                    ],
                    help: Some(format!("what is used as a layer is a block: `block {}`", defined.definition.name.text)),
                });
                return None;
            }
            return Some(Kind::Block(defined));
        }
        if matches!(scope.consts.get(&name.text), Some((None, _))) {
            return None;
        }
        match builtin {
            Some(def) if !def.is_layer() && alone => {
                self.report(LowerError::UnknownKind {
                    name: name.text.clone(),
                    labels: vec![primary(name.span, "this is a function")],
                    help: Some(format!("it has no weights and isn't declared; call it: `y = {}(x)`", def.name)),
                });
                None
            }
            Some(def) => Some(Kind::Builtin(def)),
            None => {
                let blocks =
                    scope.definitions.iter().filter(|(_, defined)| !defined.is_model).map(|(name, _)| name.as_str());
                let layers = ops::REGISTRY.iter().filter(|def| file.is_none() && def.is_layer()).map(|def| def.name);
                let nested = if file.is_none() { self.nested_names() } else { Vec::new() };
                let mut known: Vec<&str> = blocks.chain(layers).chain(nested).collect();
                known.sort_unstable();
                let near = foreign::rewritten(&name.text)
                    .or_else(|| nearest(&name.text, known).map(|near| format!("`{near}` is near to it")));
                self.report(LowerError::UnknownKind {
                    name: name.text.clone(),
                    labels: vec![primary(name.span, "no layer has this name")],
                    help: near,
                });
                None
            }
        }
    }

    fn builtin(&mut self, def: &'static Def, kind: &'a LayerKind, path: Path, name: Span) -> Option<Unit> {
        if !self.spend(1, kind.span) {
            return None;
        }
        let mut place = LayerPlace { name, kind: kind.span, ..LayerPlace::default() };
        let (inits, arguments) = self.split_inits(def, &kind.arguments, &mut place)?;
        let mut given = self.attributes(def, &arguments, 0, &mut place.attributes)?;
        // An initializer of a slot that an attribute switches on implies the attribute.
        for (slot, _) in &inits {
            if let Some(ty) = def.attribute(slot)
                && ty == ops::Type::Bool
                && let Some(parameter) = def.parameters.iter().find(|parameter| parameter.name == slot)
            {
                given.push((parameter.name, Value::Bool(true)));
            }
        }
        let (op, attributes) = self.build(def, &given, (Vec::new(), None), kind.span, &place.attributes)?;
        self.check_init_slots(def, &op, &inits, &place.inits)?;
        let operator = Operator { op, attributes: attributes.into() };
        self.names_path(&path);
        self.layer_index.insert(path.clone(), self.model.layers.len());
        let scope = self.scope.fixed.scope;
        self.model.layers.push(LayerDecl { path, operator, frozen: self.frozen, inits, ties: Vec::new(), scope });
        self.places.layers.push(place);
        Some(Unit::Layer(self.model.layers.len() - 1))
    }

    fn block(&mut self, defined: Defined<'a>, kind: &'a LayerKind, path: &Path, name: Span) -> Option<Unit> {
        let names = argument_names(&defined.definition.arguments);
        let mut found = Vec::new();
        let bound = bind(&defined.definition.name.text, names.as_slice(), &kind.arguments, 0, &mut found);
        self.report_all(found);
        let mut given = Vec::new();
        for (index, argument) in bound? {
            let value = self.constant(&argument.value);
            if let Some(value) = &value
                && self.is_known_early(value, argument.value.span).is_none()
            {
                return None;
            }
            given.extend(names.get(index).map(|name| (name.text.clone(), value)));
        }
        Some(self.instantiate(defined, &given, path, [name, kind.span])).filter(|unit| !matches!(unit, Unit::Broken))
    }

    /// A function between layers: only what stands beside its first operand can be written.
    fn function_stage(&mut self, def: &'static Def, kind: &'a LayerKind) -> Option<Unit> {
        let arguments: Vec<&Argument> = kind.arguments.iter().collect();
        let mut places = smallvec::SmallVec::new();
        let given = self.attributes(def, &arguments, 1, &mut places)?;
        if let Some(tie) = kind.ties.first() {
            self.report(LowerError::ReferenceForm {
                message: format!("`{}` is a function and has no slots", def.name),
                labels: vec![primary(tie.span, "this tie binds nothing")],
                help: Some("ties stand behind the layer that has the slot".to_owned()),
            });
        }
        Some(Unit::Function(Rc::new(Function { def, given, places: places.into_vec() })))
    }

    /// Initializers of slots stand among the arguments: those that are no attribute, or give one an initializer.
    fn split_inits<'e>(
        &mut self,
        def: &Def,
        arguments: &'e [Argument],
        place: &mut LayerPlace,
    ) -> Option<(Inits, Vec<&'e Argument>)> {
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
                self.report(LowerError::ArgumentTwice {
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
        if inits.is_empty() {
            return Some(());
        }
        let slots = op.slots();
        let mut complete = Some(());
        for ((name, init), place) in inits.iter().zip(places) {
            let Some(slot) = slots.iter().find(|slot| slot.name == *name) else {
                let names: Vec<&str> = slots.iter().map(|slot| slot.name.as_ref()).collect();
                let parameters = def.parameters.iter().map(|parameter| parameter.name);
                let near = nearest(name, names.iter().copied().chain(parameters));
                self.report(LowerError::ArgumentUnknown {
                    message: format!("`{}` has no slot `{name}`", def.name),
                    labels: vec![primary(*place, "an initializer belongs to a slot")],
                    help: Some(near.map_or_else(|| slot_list(&names), |near| format!("`{near}` is near to it"))),
                });
                complete = None;
                continue;
            };
            if let Some(axes) = init.wants_axes(slot.shape.rank()) {
                self.report(LowerError::ArgumentValue {
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
        taken: usize,
        places: &mut smallvec::SmallVec<[(&'static str, Span); 2]>,
    ) -> Option<Vec<(&'static str, Value)>> {
        let mut found = Vec::new();
        let bound = bind(def.name, def.parameters, arguments.iter().copied(), taken, &mut found);
        self.report_all(found);
        let bound = bound?;
        let mut given = Vec::with_capacity(bound.len());
        let mut complete = true;
        for (index, argument) in bound {
            let Some(parameter) = def.parameters.get(index) else { continue };
            if !parameter.is_attribute() {
                self.report(LowerError::NotAValue {
                    message: format!("`{}` of `{}` is a tensor, and none can stand here", parameter.name, def.name),
                    labels: vec![primary(argument.span, "a layer is declared before anything is computed")],
                    help: Some("call the function where the value is known".to_owned()),
                });
                complete = false;
                continue;
            }
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
        (operands, results): (Vec<&'static str>, Option<usize>),
        span: Span,
        places: &[(&'static str, Span)],
    ) -> Option<(Arc<dyn Op>, Attributes)> {
        let attributes = self.complete(def.name, def.parameters, given, span)?.at_call(operands, results);
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
            Ok(op) => Some(op.map(|op| Operator { op, attributes: attributes.into() })),
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
                self.report(missing(owner, name, span, doc));
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
        self.report(LowerError::ArgumentValue {
            message: error.message,
            labels: vec![primary(place, format!("`{}` of `{}`", error.attribute, def.name))],
            help: error.help,
        });
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
