//! Ties: the slots that a tie binds, whole layers among them, and what it binds them to.

use super::body::Lowering;
use super::errors::LowerError;
use super::reference::{Place, slot_near};
use super::scope::{Declared, Item, Unit};
use crate::diag::primary;
use crate::ir::{Path, Reference, TieDecl, TiePlace, View};
use crate::span::Span;
use crate::syntax::ast::{self, Expr, ExprKind, Subscript};

/// A tie that waits until all names of its body are known.
pub(super) struct PendingTie<'a> {
    pub(super) unit: Unit,
    pub(super) tie: &'a ast::Tie,
    /// The index of the array's element, with its name.
    pub(super) variable: Option<(String, Item, Span)>,
}

/// What a tie binds.
#[derive(Clone, Debug)]
enum Part {
    /// A slot of a built-in layer, or the beginning of its name.
    Slot(usize, String),
    /// A param or buffer of a block, by its index.
    Storage(usize),
    /// A layer inside a block, array or composite.
    Unit(Unit),
}

impl<'a> Lowering<'a> {
    pub(super) fn tie(&mut self, pending: PendingTie<'a>) {
        let loops = pending.variable.is_some();
        self.scope.loops.extend(pending.variable);
        let target = self.place(&pending.tie.target.expr);
        let mut parts = if matches!(pending.unit, Unit::Broken) {
            Vec::new()
        } else {
            self.parts(&pending.unit, &pending.tie.slot).unwrap_or_default()
        };
        parts.retain(|part| self.is_there(part, pending.tie.span));
        if loops {
            self.scope.loops.pop();
        }
        let Some(target) = target else { return };
        let place = TiePlace { whole: pending.tie.span, target: pending.tie.target.span };
        let root = self.unit_path(&pending.unit);
        for part in parts {
            let outside =
                !matches!(&part, Part::Slot(layer, _) if matches!(pending.unit, Unit::Layer(own) if own == *layer));
            self.bind_part(part, &target, &root, place, outside);
        }
    }

    /// What a path of a slot names inside a layer; several with `[*]`. `None`, and a report, if it names nothing.
    fn parts(&mut self, unit: &Unit, slot: &Expr) -> Option<Vec<Part>> {
        match &slot.kind {
            ExprKind::Name(name) => self.part(&Part::Unit(unit.clone()), name, slot.span).map(|part| vec![part]),
            ExprKind::Field(base, name) => {
                let bases = self.parts(unit, base)?;
                bases.iter().map(|base| self.part(base, &name.text, name.span)).collect()
            }
            ExprKind::Index(base, subscripts) => {
                let mut found = Vec::new();
                for base in self.parts(unit, base)? {
                    let Part::Unit(Unit::Many(many)) = &base else {
                        self.report(LowerError::ReferenceForm {
                            message: "only arrays and composite layers have elements".to_owned(),
                            labels: vec![primary(slot.span, "this has none")],
                            help: None,
                        });
                        return None;
                    };
                    match subscripts.as_slice() {
                        [Subscript::Every(_)] => found.extend(many.parts.iter().cloned().map(Part::Unit)),
                        [Subscript::At(index)] => {
                            let element = self.element(many, index)?;
                            found.push(Part::Unit(element));
                        }
                        _ => {
                            self.report(LowerError::ReferenceForm {
                                message: "the elements of a tie are one, or all".to_owned(),
                                labels: vec![primary(slot.span, "this is neither")],
                                help: Some("write `[0]` for one and `[*]` for all".to_owned()),
                            });
                            return None;
                        }
                    }
                }
                Some(found)
            }
            _ => {
                self.not_a_path(slot);
                None
            }
        }
    }

    fn part(&mut self, of: &Part, name: &str, span: Span) -> Option<Part> {
        match of {
            Part::Unit(Unit::Layer(layer)) => Some(Part::Slot(*layer, name.to_owned())),
            Part::Slot(layer, before) => Some(Part::Slot(*layer, format!("{before}.{name}"))),
            Part::Unit(unit @ Unit::Block(instance)) => {
                let fixed = self.instances.get(*instance).map(|instance| instance.fixed.clone())?;
                if let Some(unit) = fixed.units.get(name) {
                    return Some(Part::Unit(unit.clone()));
                }
                if let Some(index) = self.storage_index.get(fixed.path.join(name).as_str()) {
                    return Some(Part::Storage(*index));
                }
                if !fixed.broken.contains_key(name) {
                    self.no_part(unit, name, span);
                }
                None
            }
            Part::Unit(Unit::Broken) => None,
            Part::Unit(unit) => {
                self.no_part(unit, name, span);
                None
            }
            Part::Storage(index) => {
                let path = self.model.storages.get(*index).map(|storage| storage.path.to_string()).unwrap_or_default();
                self.report(LowerError::NoPart {
                    message: format!("`{path}` has no part `{name}`"),
                    labels: vec![primary(span, "a param has no parts")],
                    help: None,
                });
                None
            }
        }
    }

    /// Whether a layer has the slot that a tie names; a report if not.
    fn is_there(&mut self, part: &Part, tie: Span) -> bool {
        let Part::Slot(layer, slot) = part else { return true };
        let Some(decl) = self.model.layers.get(*layer) else { return false };
        if decl.operator.op.slots().iter().any(|known| known.name == *slot) {
            return true;
        }
        let (layer, help) = (decl.path.to_string(), slot_near(decl, slot));
        let labels = vec![primary(tie, "this tie binds nothing")];
        self.report(LowerError::NoSlot { layer, slot: slot.clone(), labels, help: Some(help) });
        false
    }

    /// Reports a name that nothing in a block, array or composite layer has.
    pub(super) fn no_part(&mut self, unit: &Unit, name: &str, span: Span) {
        let (path, known, help) = match unit {
            Unit::Block(instance) => {
                let Some(fixed) = self.instances.get(*instance).map(|instance| instance.fixed.clone()) else { return };
                let is_part = |(name, (declared, _)): &(&String, &(Declared, Span))| {
                    *declared != Declared::Block && !fixed.arguments.contains_key(*name)
                };
                let mut known: Vec<String> =
                    fixed.declared.iter().filter(is_part).map(|(name, _)| name.clone()).collect();
                known.sort_unstable();
                (fixed.path.to_string(), known, None)
            }
            Unit::Many(many) => {
                let all = if many.is_array { "; `[*]` stands for all in a tie" } else { "" };
                let help = format!(
                    "its elements have numbers: `{}[0]` to `{}[{}]`{all}",
                    many.path,
                    many.path,
                    many.parts.len().saturating_sub(1)
                );
                (many.path.to_string(), Vec::new(), Some(help))
            }
            Unit::Function(function) => {
                (function.def.name.to_owned(), Vec::new(), Some("a function has no slots".to_owned()))
            }
            Unit::Layer(_) | Unit::Broken => return,
        };
        let near = self.near(name, |_| known.clone());
        let list = || (!known.is_empty()).then(|| format!("it has {}", known.join(", ")));
        self.report(LowerError::NoPart {
            message: format!("`{path}` has no part `{name}`"),
            labels: vec![primary(span, "nothing in it has this name")],
            help: help.or(near).or_else(list),
        });
    }

    fn bind_part(&mut self, part: Part, target: &Place, root: &Path, place: TiePlace, outside: bool) {
        match (part, target) {
            (Part::Slot(layer, slot), Place::Storage(reference)) => {
                self.tie_slot(layer, slot, reference.clone(), place, outside);
            }
            (Part::Storage(index), Place::Storage(reference)) => self.tie_storage(index, reference.clone(), place),
            (Part::Unit(part), Place::Unit(target)) => {
                let part_root = self.unit_path(&part);
                self.tie_units(&part, target, &part_root, place);
            }
            (part @ (Part::Slot(..) | Part::Storage(_)), Place::Unit(target)) => {
                let path = self.unit_path(target).to_string();
                let slot = Reference { path: self.part_path(&part), view: View::default() };
                let help = Some(self.instead_of_slot(&slot, &written(&slot.path, root), target));
                self.report(LowerError::WholeForSlot {
                    path,
                    labels: vec![primary(place.target, "this is a whole layer")],
                    help,
                });
            }
            (Part::Unit(part), Place::Storage(reference)) => {
                let path = self.unit_path(&part);
                let help = Some(self.instead_of_whole(&part, &written(&path, root), reference));
                self.report(LowerError::SlotForWhole {
                    path: path.to_string(),
                    target: format!("{}{}", reference.path, reference.view),
                    labels: vec![primary(place.whole, "a whole layer is tied to a whole layer of its kind")],
                    help,
                });
            }
        }
    }

    fn tie_slot(&mut self, layer: usize, slot: String, target: Reference, place: TiePlace, outside: bool) {
        if let (Some(decl), Some(places)) = (self.model.layers.get_mut(layer), self.places.layers.get_mut(layer)) {
            decl.ties.push(TieDecl { slot, target, outside });
            places.ties.push(place);
        }
    }

    fn tie_storage(&mut self, index: usize, target: Reference, place: TiePlace) {
        if let (Some(decl), Some(places)) = (self.model.storages.get_mut(index), self.places.storages.get_mut(index)) {
            let slot = decl.path.as_str().rsplit('.').next().unwrap_or_default().to_owned();
            decl.ties.push(TieDecl { slot, target, outside: true });
            places.ties.push(place);
        }
    }

    /// Ties every slot of one layer to the slot of the same name of another, at any depth. What is tied to a part of
    /// `root` already is left alone: that part is tied.
    fn tie_units(&mut self, part: &Unit, target: &Unit, root: &Path, place: TiePlace) {
        let fits = match (part, target) {
            (Unit::Broken, _) | (_, Unit::Broken) => return,
            (Unit::Layer(a), Unit::Layer(b)) => self.tie_layers(*a, *b, root, place),
            (Unit::Block(a), Unit::Block(b)) => self.tie_blocks(*a, *b, root, place),
            (Unit::Many(a), Unit::Many(b)) if a.parts.len() == b.parts.len() => {
                let (a, b) = (a.clone(), b.clone());
                a.parts.iter().zip(&b.parts).for_each(|(a, b)| self.tie_units(a, b, root, place));
                true
            }
            (Unit::Function(a), Unit::Function(b)) => std::ptr::eq(a.def, b.def),
            _ => false,
        };
        if !fits {
            let (a, b) = (self.describe(part), self.describe(target));
            self.report(LowerError::DifferentLayers {
                message: format!("`{}` is {a}, and `{}` is {b}", self.unit_path(part), self.unit_path(target)),
                labels: vec![primary(place.whole, "tied as wholes here")],
                help: Some(
                    "whole layers are tied to layers of the same kind, slot by slot; else tie single slots".to_owned(),
                ),
            });
        }
    }

    fn tie_layers(&mut self, a: usize, b: usize, root: &Path, place: TiePlace) -> bool {
        let (Some(left), Some(right)) = (self.model.layers.get(a), self.model.layers.get(b)) else { return true };
        if left.operator.op.def() != right.operator.op.def() {
            return false;
        }
        let right_path = right.path.clone();
        let has: Vec<String> = right.operator.op.slots().into_iter().map(|slot| slot.name.into_owned()).collect();
        let prefix = left.path.to_string();
        let settled: Vec<String> = settled(&left.ties, root);
        for slot in left.operator.op.slots() {
            let name = slot.name.into_owned();
            if settled.contains(&name) {
                continue;
            }
            if !has.contains(&name) {
                let message = format!("`{prefix}` has a slot `{name}`, and `{right_path}` has none");
                self.report(LowerError::DifferentLayers {
                    message,
                    labels: vec![primary(place.whole, "tied as wholes here")],
                    help: Some("give both the same attributes, or tie single slots".to_owned()),
                });
                return true;
            }
            let target = Reference { path: right_path.join(&name), view: View::default() };
            if target.path.as_str() != format!("{prefix}.{name}") {
                self.tie_slot(a, name, target, place, true);
            }
        }
        true
    }

    fn tie_blocks(&mut self, a: usize, b: usize, root: &Path, place: TiePlace) -> bool {
        let (Some(left), Some(right)) = (self.instances.get(a), self.instances.get(b)) else { return true };
        if !std::ptr::eq(left.definition, right.definition) {
            return false;
        }
        let (left, right) = (left.fixed.clone(), right.fixed.clone());
        if a == b {
            return true;
        }
        let mut names: Vec<&String> = left.declared.keys().collect();
        names.sort_unstable();
        for name in names {
            if let (Some(index), Some(_)) = (
                self.storage_index.get(left.path.join(name).as_str()).copied(),
                self.storage_index.get(right.path.join(name).as_str()),
            ) {
                let target = Reference { path: right.path.join(name), view: View::default() };
                if self.model.storages.get(index).is_some_and(|storage| settled(&storage.ties, root).is_empty()) {
                    self.tie_storage(index, target, place);
                }
                continue;
            }
            let (Some(part), false) = (left.units.get(name), left.aliases.contains(name)) else { continue };
            match right.units.get(name) {
                Some(target) => self.tie_units(part, target, root, place),
                None => self.no_part(&Unit::Block(b), name, place.target),
            }
        }
        true
    }

    fn part_path(&self, part: &Part) -> Path {
        match part {
            Part::Slot(layer, slot) => self.unit_path(&Unit::Layer(*layer)).join(slot),
            Part::Storage(index) => {
                self.model.storages.get(*index).map_or_else(|| Path::new(""), |storage| storage.path.clone())
            }
            Part::Unit(unit) => self.unit_path(unit),
        }
    }

    /// The path by which a layer goes.
    pub(super) fn unit_path(&self, unit: &Unit) -> Path {
        match unit {
            Unit::Layer(layer) => self.model.layers.get(*layer).map(|layer| layer.path.clone()),
            Unit::Block(instance) => self.instances.get(*instance).map(|instance| instance.fixed.path.clone()),
            Unit::Many(many) => Some(many.path.clone()),
            Unit::Function(function) => Some(Path::new(function.def.name)),
            Unit::Broken => None,
        }
        .unwrap_or_else(|| Path::new(""))
    }

    /// As in a sentence: `a Linear`.
    pub(super) fn describe(&self, unit: &Unit) -> String {
        match unit {
            Unit::Layer(layer) => {
                let name = self.model.layers.get(*layer).map_or("layer", |layer| layer.operator.op.def().name);
                format!("a `{name}`")
            }
            Unit::Block(instance) => {
                let name =
                    self.instances.get(*instance).map_or("block", |instance| instance.definition.name.text.as_str());
                format!("a `{name}`")
            }
            Unit::Many(many) if many.is_array => format!("an array of {}", many.parts.len()),
            Unit::Many(many) => format!("a composite of {}", many.parts.len()),
            Unit::Function(function) => format!("the function `{}`", function.def.name),
            Unit::Broken => "unknown".to_owned(),
        }
    }
}

/// The slots among those tied that are tied to a part of `root`.
fn settled(ties: &[TieDecl], root: &Path) -> Vec<String> {
    ties.iter().filter(|tie| is_inside(&tie.target.path, root)).map(|tie| tie.slot.clone()).collect()
}

/// The name of a part in a tie of the layer `root`.
fn written(part: &Path, root: &Path) -> String {
    part.as_str().strip_prefix(root.as_str()).map_or("", |rest| rest.trim_start_matches('.')).to_owned()
}

/// Whether a path lies in a block.
pub(super) fn is_inside(path: &Path, block: &Path) -> bool {
    path.as_str().strip_prefix(block.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']))
}
