//! What a storage is: its type, its initializer, whether it is trained. All of it belongs to the owner; the same said
//! anywhere else is a mistake.

use super::errors::ResolveError;
use super::groups::Groups;
use super::names::Names;
use crate::diag::{Diagnostics, label, primary};
use crate::ir::{Graph, LayerDecl, LayerPlace, Model, Path, Places, SlotIds, Storage, StorageId, StorageKind, Target};
use crate::ops::{Init, SlotKind, SlotSpec};
use crate::shape::TensorType;
use crate::span::Span;

/// The storage of each owner, by the owner's number.
pub(super) struct StorageOf(Vec<Option<StorageId>>);

impl StorageOf {
    pub(super) fn of(&self, owner: usize) -> Option<StorageId> {
        self.0.get(owner).copied().flatten()
    }
}

/// Makes a storage of every owner: params and buffers in their order, then slots.
pub(super) fn storages(
    model: &Model,
    places: &Places,
    names: &Names,
    groups: &Groups,
    diagnostics: &mut Diagnostics,
    graph: &mut Graph,
) -> StorageOf {
    let mut ids = vec![None; names.total()];
    graph.storages.reserve(names.total());
    let lent = lent_initializers(model, places, names, groups);
    for (index, decl) in model.storages.iter().enumerate() {
        let name = places.storages.get(index).map_or(Span::default(), |place| place.name);
        if groups.tie(index).is_some() {
            tied_storage(model, places, names, groups, index, diagnostics);
            continue;
        }
        let init = match &decl.init {
            Some(init) => init.clone(),
            None => lent_init(decl.path.as_str(), name, lent.get(index), diagnostics),
        };
        let init = fitting(init, &decl.path, &decl.ty, name, diagnostics);
        let param = decl.kind == SlotKind::Param;
        let id = graph.storages.push(Storage {
            path: decl.path.clone(),
            kind: if param { StorageKind::Param } else { StorageKind::Buffer },
            ty: decl.ty.clone(),
            init,
            trainable: param && !decl.frozen,
            members: SlotIds::new(),
            use_count: 0,
            declaration: Some(index),
        });
        graph.names.insert(decl.path.clone(), Target::Storage(id));
        if let Some(entry) = ids.get_mut(index) {
            *entry = Some(id);
        }
    }
    let mut entity = model.storages.len();
    for (index, (layer, place)) in model.layers.iter().zip(&places.layers).enumerate() {
        for spec in names.slots(index) {
            let written = layer.inits.iter().position(|(slot, _)| *slot == spec.name);
            if groups.tie(entity).is_none() {
                let init = written.and_then(|at| layer.inits.get(at)).map_or(&spec.init, |(_, init)| init);
                let trained = spec.kind == SlotKind::Param;
                let id = graph.storages.push(Storage {
                    path: layer.path.join(&spec.name),
                    kind: if trained { StorageKind::Slot } else { StorageKind::Buffer },
                    ty: TensorType::float(spec.shape.clone()),
                    init: init.clone(),
                    trainable: trained && !layer.frozen,
                    members: SlotIds::new(),
                    use_count: 0,
                    declaration: None,
                });
                if let Some(entry) = ids.get_mut(entity) {
                    *entry = Some(id);
                }
            }
            entity += 1;
        }
        tied_properties(model, places, names, groups, (index, layer, place), diagnostics);
    }
    StorageOf(ids)
}

/// A slot that lends its initializer to the param that it is bound to: its path, the place of its layer, and the
/// initializer.
type Lender = (String, Span, Init);

fn lent_initializers(model: &Model, places: &Places, names: &Names, groups: &Groups) -> Vec<Vec<Lender>> {
    let mut lent: Vec<Vec<Lender>> = vec![Vec::new(); model.storages.len()];
    let mut entity = model.storages.len();
    for (index, (layer, place)) in model.layers.iter().zip(&places.layers).enumerate() {
        for spec in names.slots(index) {
            let (owner, view) = groups.find(entity);
            if view.is_whole()
                && let Some(lenders) = lent.get_mut(owner)
            {
                lenders.push((format!("{}.{}", layer.path, spec.name), place.kind, spec.init.clone()));
            }
            entity += 1;
        }
    }
    lent
}

fn lent_init(param: &str, place: Span, lenders: Option<&Vec<Lender>>, diagnostics: &mut Diagnostics) -> Init {
    let lenders = lenders.map_or(&[][..], Vec::as_slice);
    let Some((first, first_place, init)) = lenders.first() else {
        let labels = vec![primary(place, "its first values are unknown")];
        diagnostics.push(ResolveError::MissingInitializer { param: param.to_owned(), labels });
        return Init::ZEROS;
    };
    if let Some((other, other_place, second)) = lenders.iter().find(|(_, _, other)| other != init) {
        let labels = vec![
            primary(place, "it has no initializer of its own"),
            label(*first_place, format!("`{first}` starts as {init}")),
            label(*other_place, format!("`{other}` starts as {second}")),
        ];
        diagnostics.push(ResolveError::InitializerDisagreement { param: param.to_owned(), labels });
    }
    init.clone()
}

/// The initializer, or zeros and a report where the storage hasn't got the axes that it wants.
fn fitting(init: Init, path: &Path, ty: &TensorType, place: Span, diagnostics: &mut Diagnostics) -> Init {
    let Some(axes) = init.wants_axes(ty.shape.rank()) else { return init };
    diagnostics.push(ResolveError::InitializerAxes {
        init: init.to_string(),
        axes,
        path: path.to_string(),
        shape: ty.shape.to_string(),
        labels: vec![primary(place, format!("this is {}", ty.shape))],
    });
    Init::ZEROS
}

/// Reports initializers and `frozen` at slots whose storage belongs to another, and ties of params to buffers.
fn tied_properties(
    model: &Model,
    places: &Places,
    names: &Names,
    groups: &Groups,
    (index, layer, place): (usize, &LayerDecl, &LayerPlace),
    diagnostics: &mut Diagnostics,
) {
    if layer.ties.is_empty() {
        return;
    }
    for spec in names.slots(index) {
        let Some(entity) = names.slot(index, &spec.name) else { continue };
        let Some(tie) = groups.tie(entity).and_then(|tie| place.ties.get(tie)) else { continue };
        let (root, _) = groups.find(entity);
        let Some(owner) = Owner::of(root, model, places, names) else { continue };
        let slot = format!("{}.{}", layer.path, spec.name);
        let outside = groups.tie(entity).and_then(|tie| layer.ties.get(tie)).is_some_and(|tie| tie.outside);
        if let Some(at) = layer.inits.iter().position(|(name, _)| *name == spec.name).filter(|_| !outside) {
            let written = place.inits.get(at).copied().unwrap_or(place.kind);
            diagnostics.push(ResolveError::InitializerNotOwner {
                slot: slot.clone(),
                owner: owner.path.clone(),
                labels: vec![
                    primary(written, "an initializer"),
                    label(tie.whole, "tied here"),
                    label(owner.place, "the owner"),
                ],
            });
        }
        if layer.frozen && spec.kind == SlotKind::Param && !owner.frozen {
            diagnostics.push(frozen_elsewhere(&layer.path, "layer", place.name, tie.whole, &owner));
        }
        if spec.kind != owner.kind {
            diagnostics.push(tie_kind(slot, spec.kind, tie.whole, owner));
        }
    }
}

/// The same of a param or buffer that is tied from outside of its block.
fn tied_storage(
    model: &Model,
    places: &Places,
    names: &Names,
    groups: &Groups,
    index: usize,
    diagnostics: &mut Diagnostics,
) {
    let (Some(decl), Some(place)) = (model.storages.get(index), places.storages.get(index)) else { return };
    let Some(tie) = groups.tie(index).and_then(|tie| place.ties.get(tie)) else { return };
    let (root, _) = groups.find(index);
    let Some(owner) = Owner::of(root, model, places, names) else { return };
    if decl.frozen && decl.kind == SlotKind::Param && !owner.frozen {
        diagnostics.push(frozen_elsewhere(&decl.path, "param", place.name, tie.whole, &owner));
    }
    if decl.kind != owner.kind {
        diagnostics.push(tie_kind(decl.path.to_string(), decl.kind, tie.whole, owner));
    }
}

/// A frozen layer or param (`what`) whose storage belongs to another that is trained.
fn frozen_elsewhere(path: &Path, what: &str, frozen: Span, tie: Span, owner: &Owner) -> ResolveError {
    ResolveError::FrozenNotOwner {
        layer: path.to_string(),
        owner: owner.path.clone(),
        labels: vec![
            primary(tie, "this storage is trained"),
            label(frozen, "frozen here"),
            label(owner.place, "the owner"),
        ],
        help: Some(format!("freeze the owner, `frozen {}`, or don't freeze this {what}", owner.declaration)),
    }
}

/// A param is tied to a buffer, or the other way round.
fn tie_kind(slot: String, wanted: SlotKind, tie: Span, owner: Owner) -> ResolveError {
    ResolveError::TieKind {
        slot,
        wanted: kind_name(wanted),
        owner: owner.path,
        found: kind_name(owner.kind),
        labels: vec![primary(tie, "tied here"), label(owner.place, "the owner")],
    }
}

fn kind_name(kind: SlotKind) -> &'static str {
    match kind {
        SlotKind::Param => "a param",
        SlotKind::Buffer => "a buffer",
    }
}

struct Owner {
    path: String,
    place: Span,
    /// As it is declared: `param table`, `layer enc`.
    declaration: String,
    frozen: bool,
    kind: SlotKind,
}

impl Owner {
    fn of(root: usize, model: &Model, places: &Places, names: &Names) -> Option<Self> {
        if let (Some(decl), Some(place)) = (model.storages.get(root), places.storages.get(root)) {
            let word = if decl.kind == SlotKind::Param { "param" } else { "buffer" };
            return Some(Self {
                path: decl.path.to_string(),
                place: place.name,
                declaration: format!("{word} {}", decl.path),
                frozen: decl.frozen || decl.kind == SlotKind::Buffer,
                kind: decl.kind,
            });
        }
        let (layer, position) = names.owner(root)?;
        let (decl, place) = (model.layers.get(layer)?, places.layers.get(layer)?);
        let spec: &SlotSpec = names.slots(layer).get(position)?;
        Some(Self {
            path: format!("{}.{}", decl.path, spec.name),
            place: place.name,
            declaration: format!("layer {}", decl.path),
            frozen: decl.frozen,
            kind: spec.kind,
        })
    }
}
