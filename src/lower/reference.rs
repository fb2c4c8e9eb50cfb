//! Paths of params, layers and slots, with the views behind them. They begin in the body where they stand.

use super::body::Lowering;
use super::errors::LowerError;
use super::scope::{Declared, Item, Many, Unit};
use super::views;
use crate::diag::{label, nearest, primary};
use crate::ir::{LayerDecl, Reference, View, ViewStep};
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, Name, Subscript};
use std::rc::Rc;

/// What a path leads to.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A param, buffer or slot.
    Storage(Reference),
    /// A layer.
    Unit(Unit),
}

/// The same on the way: the name of a slot may have dots.
enum Step {
    Place(Place),
    /// The beginning of the name of a slot.
    Slot(usize, String),
}

impl Lowering<'_> {
    /// What stands behind an `@`, or is called. `None`, and a report, if it leads to nothing.
    pub(super) fn place(&mut self, expr: &Expr) -> Option<Place> {
        match self.step(expr)? {
            Step::Place(place) => Some(place),
            Step::Slot(layer, name) => {
                self.no_slot(layer, &name, expr.span);
                None
            }
        }
    }

    fn step(&mut self, expr: &Expr) -> Option<Step> {
        match &expr.kind {
            ExprKind::Name(name) => self.head(name, expr.span),
            ExprKind::Field(base, name) if name.text == "T" => {
                let reference = self.viewable(base)?;
                Some(viewed(reference, ViewStep::Transpose))
            }
            ExprKind::Field(base, name) => match self.step(base)? {
                Step::Place(Place::Unit(unit)) => self.inside(&unit, name),
                Step::Slot(layer, before) => self.slot(layer, format!("{before}.{}", name.text), name.span),
                Step::Place(Place::Storage(reference)) => {
                    let message = format!("`{}{}` has no part `{}`", reference.path, reference.view, name.text);
                    let labels = vec![primary(name.span, "what holds numbers has no parts")];
                    let help = Some("its views are `.T`, slices `[0:n]` and `.reshape(…)`".to_owned());
                    self.report(LowerError::NoPart { message, labels, help });
                    None
                }
            },
            ExprKind::Index(base, subscripts) => match self.step(base)? {
                Step::Place(Place::Unit(Unit::Many(many))) => {
                    self.elements(&many, subscripts, expr.span).map(|unit| Step::Place(Place::Unit(unit)))
                }
                Step::Place(Place::Storage(reference)) => {
                    let ranges = self.ranges(&reference, subscripts, expr.span)?;
                    Some(viewed(reference, ViewStep::Slice(ranges)))
                }
                Step::Place(Place::Unit(Unit::Broken)) => None,
                Step::Place(Place::Unit(unit)) => {
                    let path = self.unit_path(&unit);
                    self.report(LowerError::ReferenceForm {
                        message: format!("`{path}` has no elements"),
                        labels: vec![primary(expr.span, format!("it is {}", self.describe(&unit)))],
                        help: Some("arrays and composite layers have elements".to_owned()),
                    });
                    None
                }
                Step::Slot(layer, name) => {
                    self.no_slot(layer, &name, base.span);
                    None
                }
            },
            ExprKind::Call(call) => {
                let ExprKind::Field(base, method) = &call.callee.kind else {
                    self.not_a_path(expr);
                    return None;
                };
                if method.text != views::RESHAPE {
                    self.not_a_path(expr);
                    return None;
                }
                let reference = self.viewable(base)?;
                let shape = self.new_shape(&reference, &call.arguments, expr.span)?;
                Some(viewed(reference, ViewStep::Reshape(shape)))
            }
            _ => {
                self.not_a_path(expr);
                None
            }
        }
    }

    /// A param, buffer or slot to take a view of.
    fn viewable(&mut self, expr: &Expr) -> Option<Reference> {
        match self.step(expr)? {
            Step::Place(Place::Storage(reference)) => Some(reference),
            Step::Place(Place::Unit(Unit::Broken)) => None,
            Step::Place(Place::Unit(_)) => {
                self.report(LowerError::ReferenceForm {
                    message: "a view is taken of a param, buffer or slot".to_owned(),
                    labels: vec![primary(expr.span, "this is a layer")],
                    help: Some("name one of its slots, for example `.weight`".to_owned()),
                });
                None
            }
            Step::Slot(layer, name) => {
                self.no_slot(layer, &name, expr.span);
                None
            }
        }
    }

    /// The first name of a path.
    fn head(&mut self, name: &str, span: Span) -> Option<Step> {
        match self.scope.bound(name) {
            Some(Item::Unit(Unit::Broken) | Item::Unknown) => return None,
            Some(Item::Unit(unit)) => return Some(Step::Place(Place::Unit(unit.clone()))),
            _ => {}
        }
        if self.scope.is_broken(name) {
            return None;
        }
        match self.scope.fixed.declared.get(name) {
            Some((Declared::Param | Declared::Buffer, _)) => {
                Some(Step::Place(Place::Storage(Reference { path: self.path(name), view: View::default() })))
            }
            Some((Declared::Layer, _)) => match self.scope.fixed.units.get(name)? {
                Unit::Broken => None,
                unit => Some(Step::Place(Place::Unit(unit.clone()))),
            },
            Some((declared @ (Declared::Argument | Declared::Block), place)) => {
                let what = if *declared == Declared::Argument { "this is an argument" } else { "this is a block" };
                let labels = vec![primary(span, what), label(*place, "declared here")];
                self.report(LowerError::ReferenceForm {
                    message: format!("`{name}` holds no weights"),
                    labels,
                    help: Some("a reference leads to a param, buffer, layer or slot".to_owned()),
                });
                None
            }
            None => {
                let near = self.near(name, |lowering| lowering.scope.fixed.declared.keys().cloned().collect());
                let is_value = self.scope.values.contains_key(name) || self.scope.fixed.later.contains_key(name);
                let text = if is_value { "this is a value" } else { "no param, buffer or layer has this name" };
                let help = match near {
                    Some(near) => Some(near),
                    None if is_value => {
                        Some("what is shared has a declaration of its own: `param`, `buffer` or `layer`".to_owned())
                    }
                    None => None,
                };
                self.report(LowerError::UnknownReference {
                    path: name.to_owned(),
                    labels: vec![primary(span, text)],
                    help,
                });
                None
            }
        }
    }

    /// A part of a layer by its name.
    fn inside(&mut self, unit: &Unit, name: &Name) -> Option<Step> {
        match unit {
            Unit::Layer(layer) => self.slot(*layer, name.text.clone(), name.span),
            Unit::Block(instance) => {
                let fixed = self.instances.get(*instance).map(|instance| instance.fixed.clone())?;
                if fixed.broken.contains_key(&name.text) {
                    return None;
                }
                match fixed.units.get(&name.text) {
                    Some(Unit::Broken) => return None,
                    Some(unit) => return Some(Step::Place(Place::Unit(unit.clone()))),
                    None => {}
                }
                let path = fixed.path.join(&name.text);
                if self.storage_index.contains_key(&path) {
                    return Some(Step::Place(Place::Storage(Reference { path, view: View::default() })));
                }
                self.no_part(unit, &name.text, name.span);
                None
            }
            Unit::Broken => None,
            unit => {
                self.no_part(unit, &name.text, name.span);
                None
            }
        }
    }

    /// A slot of a built-in layer, or the beginning of its name.
    fn slot(&mut self, layer: usize, name: String, span: Span) -> Option<Step> {
        let decl = self.model.layers.get(layer)?;
        let slots = decl.operator.op.slots();
        if slots.iter().any(|slot| slot.name == name) {
            let reference = Reference { path: decl.path.join(&name), view: View::default() };
            return Some(Step::Place(Place::Storage(reference)));
        }
        let before = format!("{name}.");
        if slots.iter().any(|slot| slot.name.starts_with(before.as_str())) {
            return Some(Step::Slot(layer, name));
        }
        self.no_slot(layer, &name, span);
        None
    }

    fn no_slot(&mut self, layer: usize, name: &str, span: Span) {
        let Some(decl) = self.model.layers.get(layer) else { return };
        let (path, help) = (decl.path.join(name).to_string(), slot_near(decl, name));
        self.report(LowerError::UnknownReference {
            path,
            labels: vec![primary(span, "the layer has no such slot")],
            help: Some(help),
        });
    }

    /// An element of an array or composite layer, or a range of them.
    pub(super) fn elements(&mut self, many: &Rc<Many>, subscripts: &[Subscript], span: Span) -> Option<Unit> {
        match subscripts {
            [Subscript::At(index)] => self.element(many, index),
            [Subscript::Range(start, end)] => {
                let length = many.parts.len();
                let bound = |lowering: &mut Self, expr: &Option<Expr>, default: usize| match expr {
                    None => Some(default),
                    Some(expr) => lowering.position(expr, length, length),
                };
                let (from, to) = (bound(self, start, 0)?, bound(self, end, length)?);
                let Some(parts) = many.parts.get(from..to) else {
                    self.report(LowerError::Constant {
                        message: format!("the range {from}:{to} runs backwards"),
                        labels: vec![primary(span, "here")],
                        help: None,
                    });
                    return None;
                };
                let part =
                    Many { path: many.path.clone(), is_array: many.is_array, parts: parts.to_vec(), scope: None };
                Some(Unit::Many(Rc::new(part)))
            }
            _ => {
                self.report(LowerError::ReferenceForm {
                    message: "an element is picked with an integer or a range".to_owned(),
                    labels: vec![primary(span, "this is something else")],
                    help: Some("for example `[0]`, `[-1]` or `[0:2]`".to_owned()),
                });
                None
            }
        }
    }

    pub(super) fn element(&mut self, many: &Rc<Many>, index: &Expr) -> Option<Unit> {
        let length = many.parts.len();
        let at = self.position(index, length, length.checked_sub(1).unwrap_or(usize::MAX))?;
        let unit = many.parts.get(at).cloned();
        if unit.is_none() {
            self.report(LowerError::Constant {
                message: format!("`{}` has no elements", many.path),
                labels: vec![primary(index.span, "here")],
                help: None,
            });
        }
        unit.filter(|unit| !matches!(unit, Unit::Broken))
    }

    /// A position among `length` elements, counted from the end if it is negative.
    fn position(&mut self, expr: &Expr, length: usize, last: usize) -> Option<usize> {
        let value = self.constant(expr)?;
        let Some(index) = value.as_int() else {
            self.report(LowerError::Constant {
                message: format!("an element is picked with an integer that is known, and this is {value}"),
                labels: vec![primary(expr.span, "here")],
                help: None,
            });
            return None;
        };
        let wrapped = if index < 0 { index.checked_add(i64::try_from(length).ok()?)? } else { index };
        let at = usize::try_from(wrapped).ok().filter(|at| *at <= last);
        if at.is_none() {
            let elements = if length == 1 { "1 element".to_owned() } else { format!("{length} elements") };
            self.report(LowerError::Constant {
                message: format!("there is no element {index} among {elements}"),
                labels: vec![primary(expr.span, "here")],
                help: Some(format!("elements count from 0, or from the end: 0 to {}", length.saturating_sub(1))),
            });
        }
        at
    }

    pub(super) fn not_a_path(&mut self, expr: &Expr) {
        self.report(LowerError::ReferenceForm {
            message: "a reference is the path of a param, buffer, layer or slot, with views behind it".to_owned(),
            labels: vec![primary(expr.span, "this is something else")],
            help: Some("for example `@table`, `@layer.weight`, `@table.T` or `@table[0:n]`".to_owned()),
        });
    }
}

fn viewed(reference: Reference, step: ViewStep) -> Step {
    let view = reference.view.then(&View(vec![step]));
    Step::Place(Place::Storage(Reference { view, ..reference }))
}

/// The slot of a layer that is nearest to one that it hasn't got, or all that it has.
pub(super) fn slot_near(layer: &LayerDecl, name: &str) -> String {
    let slots = layer.operator.op.slots();
    let known: Vec<&str> = slots.iter().map(|slot| slot.name.as_ref()).collect();
    let kind = layer.operator.op.def().name;
    match (nearest(name, known.iter().copied()), known.as_slice()) {
        (Some(near), _) => format!("`{near}` is near to it"),
        (None, []) => format!("`{kind}` has no slots"),
        (None, known) => format!("this `{kind}` has {}", known.join(", ")),
    }
}

/// The first name of a path.
pub(super) fn root(expr: &Expr) -> &str {
    match &expr.kind {
        ExprKind::Name(name) => name,
        ExprKind::Field(base, _) | ExprKind::Index(base, _) => root(base),
        ExprKind::Call(call) => root(&call.callee),
        _ => "",
    }
}
